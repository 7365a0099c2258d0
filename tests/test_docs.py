"""What the pages promise is there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from jupyter_envs.cli.main import VERBS
from setup_notebooks.command import parser

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))
by_name = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@by_name
def test_every_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (page.parent / link).is_file()]
    assert not missing


@by_name
def test_every_verb_that_is_shown_exists(page: Path) -> None:
    shown = re.findall(r"^(?:.*`)?jupyter envs ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(shown) <= set(VERBS)


@by_name
def test_every_option_of_setup_notebooks_that_is_shown_exists(page: Path) -> None:
    known = set(parser()._option_string_actions)
    for options in re.findall(r"\./setup-notebooks((?: --[a-z-]+)*)", page.read_text(encoding="utf-8")):
        assert set(options.split()) <= known


@pytest.mark.parametrize("name", ["cli", "pip", "dialects"])
def test_a_page_that_is_generated_says_what_is_so(name: str) -> None:
    script = ROOT / "docs" / f"{name}_reference.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_example_notebooks_are_valid_and_bring_nothing(path: Path) -> None:
    """They are for trying it out: no block, no outputs, our kernel."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "jupyter-envs"
    assert "jupyter_envs" not in notebook.metadata
    assert not any(cell.get("outputs") for cell in notebook.cells)
