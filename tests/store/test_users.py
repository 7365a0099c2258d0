"""As an ordinary user, whom modes stop, and as root, whom they do not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_envs.settings import Settings
from jupyter_envs.store import Store

from .nobody import WHAT, build, uv_install
from .scene import problems, works
from .workers import ROOT

NOBODY = 65534


@pytest.fixture
def anywhere() -> Iterator[Path]:
    """A folder that everybody may enter; pytest's own are for one user."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def as_nobody(folder: Path, words: list[str]) -> subprocess.CompletedProcess[str]:
    clean = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(os.path.isdir, sys.path)]),
    }
    become = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    return subprocess.run([*become, *words], cwd=folder, env=clean, capture_output=True, text=True, check=False)


def python_for_nobody(folder: Path) -> str:
    minor = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    if shutil.which("setpriv"):
        for path in (sys.executable, f"/usr/bin/{minor}", f"/usr/local/bin/{minor}"):
            if (
                as_nobody(
                    folder, [path, "-c", "import tests.store.nobody, tests.fakes; tests.fakes.HERE.path.stat()"]
                ).returncode
                == 0
            ):
                return path
    pytest.skip("no Python that another user can run")


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("what", WHAT)
def test_as_an_ordinary_user(anywhere: Path, what: str) -> None:
    python = python_for_nobody(anywhere)
    own = anywhere / "own"
    own.mkdir()
    os.chown(own, NOBODY, NOBODY)
    theirs = anywhere / "theirs" / "v1"
    theirs.mkdir(parents=True)
    os.chown(theirs.parent, 1, 1)
    done = as_nobody(own, [python, "-m", "tests.store.nobody", what, str(own)])
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.usefixtures("root")
def test_what_root_installs_through_a_link_is_noticed_in_every_environment(settings: Settings, tmp_path: Path) -> None:
    one, two, other = build(settings, "apple", "pear"), build(settings, "apple"), build(settings, "fig")
    uv_install(tmp_path, one.python, "apple")  # it may even fail, half-way
    store = Store(settings)
    assert "x = 1" not in text_of(two.site[0] / "apple" / "part.py"), "modes do not stop root"
    assert [store.health(each.id) for each in (one, two, other)] == ["env-drift", "env-drift", None]
    again = build(settings, "apple", "pear"), build(settings, "apple")
    assert [store.health(each.id) for each in again] == [None, None]
    assert [works(each) for each in (*again, other)] == ["", "", ""] and problems(settings) == []


def text_of(path: Path) -> str:
    return path.read_text() if path.exists() else ""


@pytest.mark.usefixtures("root")
def test_what_root_writes_beside_a_module_is_noticed(settings: Settings) -> None:
    made = build(settings, "apple")
    (made.site[0] / "apple" / "sitecustomize.py").write_text("x = 1\n")
    assert Store(settings).health(made.id) == "env-drift"
    assert works(build(settings, "apple")) == "" and problems(settings) == []
