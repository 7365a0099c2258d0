"""Notebooks that nobody here wrote: fetched from the documentation inside source distributions, given what they
import, and run again from the one file in an empty home."""

from __future__ import annotations

import html
import io
import json
import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import urlopen

import pytest

from jupyter_envs.machine.indexes import load
from jupyter_envs.settings import Settings

pytestmark = [pytest.mark.network, pytest.mark.timeout(600)]

NOTEBOOKS = {
    "emcee-moves": ("emcee", "3.1.6", "docs/tutorials/moves.ipynb", "emcee matplotlib numpy"),
    "emcee-quickstart": ("emcee", "3.1.6", "docs/tutorials/quickstart.ipynb", "emcee matplotlib numpy"),
    "corner-custom": ("corner", "2.2.3", "docs/pages/custom.ipynb", "corner numpy"),
    "corner-sigmas": ("corner", "2.2.3", "docs/pages/sigmas.ipynb", "corner numpy"),
    "lmfit-uncertainty": (
        "lmfit",
        "1.3.4",
        "examples/discuss_model_eval_uncertainty.ipynb",
        "lmfit matplotlib numpy uncertainties",
    ),
}


def sdist(name: str, version: str) -> tarfile.TarFile:
    """The source distribution, from the index that the user has configured."""
    index = next(i for i in load(Settings.load()).indexes if i.url.startswith("http"))
    page = f"{index.url}/{name}/"
    with urlopen(page) as answer:
        links = re.findall(rf'href="([^"]+/{name}-{re.escape(version)}\.tar\.gz)[^"]*"', answer.read().decode())
    with urlopen(urljoin(page, html.unescape(links[0]))) as answer:
        return tarfile.open(fileobj=io.BytesIO(answer.read()))


def envs(*words: str | Path, home: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "JUPYTER_ENVS_HOME": str(home)}
    return subprocess.run([sys.executable, "-m", "jupyter_envs", *words], env=env, capture_output=True, text=True)


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The author's home and the reader's; shared by all notebooks, so that each package is fetched once for each."""
    folder = tmp_path_factory.mktemp("homes")
    return folder / "author", folder / "reader"


@pytest.mark.parametrize("case", NOTEBOOKS)
def test_a_notebook_from_the_wild_runs_again_from_its_one_file(
    case: str, tmp_path: Path, homes: tuple[Path, Path]
) -> None:
    project, version, path, packages = NOTEBOOKS[case]
    with sdist(project, version) as archive:
        beside = f"{project}-{version}/{path.rpartition('/')[0]}/"
        archive.extractall(tmp_path, [m for m in archive.getmembers() if m.name.startswith(beside)], filter="data")
    notebook = tmp_path / f"{project}-{version}" / path
    author, reader = homes
    installed = envs("install", notebook, *packages.split(), home=author)
    assert installed.returncode == 0, installed.stderr
    block = json.loads(notebook.read_text())["metadata"]["jupyter_envs"]
    assert {p["name"] for p in block["lock"]["packages"]} >= set(packages.split())

    output = notebook.with_name("output.ipynb")
    run = envs("run", notebook, "--accept", "--output", output, home=reader)
    assert run.returncode == 0, run.stderr
    cells = [
        c for c in json.loads(output.read_text())["cells"] if c["cell_type"] == "code" and "".join(c["source"]).strip()
    ]
    assert all(cell["execution_count"] for cell in cells)
