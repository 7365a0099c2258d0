"""`./setup-notebooks`, as far as it goes without installing anything."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from setup_notebooks import locks, marks, mirrors, places, steps, venv

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


@pytest.mark.parametrize("option", ["--all", "--newest"])
def test_what_only_tests_know_is_refused_without_them(option: str) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "setup-notebooks", option], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert f"{option} needs --test" in done.stderr


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
    found = mirrors.for_uv().env
    assert found["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert found["UV_FIND_LINKS"] == "/a,/b"
    monkeypatch.setenv("UV_INDEX_URL", "https://other.example/simple")
    assert "UV_DEFAULT_INDEX" not in mirrors.for_uv().env
    assert not mirrors.for_uv().options
    monkeypatch.setenv("PIP_NO_INDEX", "true")
    assert mirrors.for_uv().options == ["--no-index"]


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


@pytest.fixture
def listed(elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The wheel of pip in an index, which lists the locked version without a hash, and a newer one."""
    elsewhere.mkdir()
    version, _ = locks.pinned("pip")
    page = tmp_path / "simple" / "pip" / "index.html"
    page.parent.mkdir(parents=True)
    wheels = [f"pip-{number}-py3-none-any.whl" for number in (version, f"{version}.1")]
    page.write_text("".join(f'<a href="../pip/{name}">{name}</a>' for name in wheels), encoding="utf-8")
    real = venv.urlopen

    def local(request: object, timeout: int) -> object:
        address = getattr(request, "full_url", request)
        return real(address + "index.html" if str(address).endswith("/") else address, timeout=timeout)

    monkeypatch.setattr(venv, "urlopen", local)
    monkeypatch.setenv("PIP_INDEX_URL", (tmp_path / "simple").as_uri())
    return page.with_name(wheels[0])


def test_pip_comes_with_python_where_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs from within its wheel, as ensurepip would install setuptools, too."""
    if importlib.util.find_spec("ensurepip") is None:
        pytest.skip("this Python comes without pip")
    monkeypatch.setattr(venv, "_has_pip", lambda: False)
    [place] = venv._pip()
    done = subprocess.run([sys.executable, "-I", place, "--version"], capture_output=True, text=True, check=True)
    assert place in done.stdout


def test_the_locked_pip_comes_from_the_index_that_pip_knows(listed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed.write_bytes(b"pip")
    version, _ = locks.pinned("pip")
    monkeypatch.setattr(locks, "pinned", lambda name: (version, {hashlib.sha256(b"pip").hexdigest()}))
    assert venv._fetch_pip().read_bytes() == b"pip"


def test_a_pip_that_is_not_the_locked_one_is_refused(listed: Path, elsewhere: Path) -> None:
    listed.write_bytes(b"something else")
    with pytest.raises(steps.Failed, match="not the locked one"):
        venv._fetch_pip()
    assert not list(elsewhere.iterdir())


def test_an_index_without_the_locked_pip_is_named(listed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "pinned", lambda name: ("0.1", {"0" * 64}))
    with pytest.raises(steps.Failed, match="pip could not be downloaded") as raised:
        venv._fetch_pip()
    assert "does not list pip-0.1" in raised.value.details


def test_no_build_changes_the_lock_of_the_npm_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The build hook runs `jlpm install`; package.json asks for less here than yarn.lock has."""
    for name in ("package.json", "yarn.lock", ".yarnrc.yml"):
        shutil.copy(ROOT / "labextension" / name, tmp_path)
    package = tmp_path / "package.json"
    lines = package.read_text(encoding="utf-8").splitlines()
    package.write_text("\n".join(line for line in lines if '"rimraf"' not in line), encoding="utf-8")
    before = (tmp_path / "yarn.lock").read_bytes()
    monkeypatch.delenv("CI", raising=False)  # in CI, Yarn refuses by itself
    monkeypatch.setenv("YARN_NPM_REGISTRY_SERVER", "http://127.0.0.1:9")  # nothing is to be fetched
    jlpm = Path(sys.executable).with_name("jlpm")
    done = subprocess.run([jlpm, "install"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode
    assert "YN0028" in done.stdout  # the lockfile would have been modified
    assert (tmp_path / "yarn.lock").read_bytes() == before
