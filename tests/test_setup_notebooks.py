"""`./setup-notebooks`, as far as it goes without installing anything."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from setup_notebooks import marks, mirrors, places, steps, venv

ROOT = Path(__file__).resolve().parent.parent
OLD = sorted(Path("~/.pyenv/versions").expanduser().glob("3.[6-9].*/bin/python3"))


def test_help_comes_from_any_folder(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "setup-notebooks", "--help"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "--no-launch" in done.stdout


def test_all_without_test_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "setup-notebooks", "--all"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "--all goes with --test" in done.stderr


@pytest.mark.skipif(not OLD, reason="no Python older than 3.10 here")
def test_an_old_python_without_a_newer_one_says_so(tmp_path: Path) -> None:
    """One sentence and a hint, and nothing is made."""
    done = subprocess.run(
        [OLD[0], ROOT / "setup-notebooks", "--help"],
        env={"PATH": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "needs 3.10 or newer" in done.stderr
    assert "hint: Install one" in done.stderr


def test_the_index_that_pip_knows_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "pip.conf"
    config.write_text("[global]\nindex-url = https://mirror.example/simple\nfind-links = /a /b\n", encoding="utf-8")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(config))
    for name in ("UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_FIND_LINKS", "PIP_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "executable", python_with_pip())
    found = mirrors.indexes()
    assert found["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert found["UV_FIND_LINKS"] == "/a,/b"
    monkeypatch.setenv("UV_INDEX_URL", "https://other.example/simple")
    assert "UV_DEFAULT_INDEX" not in mirrors.indexes()


def python_with_pip() -> str:
    for python in (sys.executable, sys._base_executable, shutil.which("python3")):  # type: ignore[attr-defined]
        if (
            python
            and subprocess.run([python, "-I", "-m", "pip", "--version"], capture_output=True, check=False).returncode
            == 0
        ):
            return str(python)
    pytest.skip("no Python with pip here")


def test_the_registry_that_npm_knows_is_used(tmp_path: Path) -> None:
    assert mirrors.npm_registry({"HOME": str(tmp_path)}) is None
    (tmp_path / ".npmrc").write_text("fund=false\nregistry = https://npm.example/\n", encoding="utf-8")
    assert mirrors.npm_registry({"HOME": str(tmp_path)}) == "https://npm.example/"
    assert (
        mirrors.npm_registry({"HOME": str(tmp_path), "npm_config_registry": "https://x.example"}) == "https://x.example"
    )


def test_only_a_change_of_sources_changes_the_fingerprint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "ROOT", tmp_path)
    (tmp_path / "a" / "__pycache__").mkdir(parents=True)
    (tmp_path / "a" / "x.py").write_text("1", encoding="utf-8")
    before = marks.fingerprint("a")
    (tmp_path / "a" / "__pycache__" / "x.pyc").write_text("1", encoding="utf-8")
    assert marks.fingerprint("a") == before
    (tmp_path / "a" / "x.py").write_text("2", encoding="utf-8")
    assert marks.fingerprint("a") != before


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """.venv's place, in a folder of the test's own."""
    made = tmp_path / ".venv"
    for module in (places, steps, venv):
        monkeypatch.setattr(module, "VENV", made)
    for module in (places, venv):
        monkeypatch.setattr(module, "PYTHON", made / "bin" / "python")
    for module in (marks, venv):
        monkeypatch.setattr(module, "MARK", made / "setup-notebooks.json")
    return made


def test_a_broken_venv_of_somebody_else_is_left_alone(elsewhere: Path) -> None:
    elsewhere.mkdir()
    (elsewhere / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(steps.Failed, match="not made by this script"):
        venv.make()
    assert (elsewhere / "mine.txt").exists()


def test_a_pip_that_is_not_the_listed_one_is_refused(
    elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere.mkdir()
    page = tmp_path / "simple" / "pip" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text(f'<a href="pip-26.0-py3-none-any.whl#sha256={"0" * 64}">pip</a>', encoding="utf-8")
    (page.parent / "pip-26.0-py3-none-any.whl").write_bytes(b"something else")
    real = venv.urlopen

    def local(request: object, timeout: int) -> object:
        address = getattr(request, "full_url", request)
        return real(address + "index.html" if str(address).endswith("/") else address, timeout=timeout)

    monkeypatch.setattr(venv, "urlopen", local)
    monkeypatch.setenv("PIP_INDEX_URL", (tmp_path / "simple").as_uri())
    with pytest.raises(steps.Failed, match="not the one that it lists"):
        venv._fetch_pip()
    assert not list(elsewhere.iterdir())
