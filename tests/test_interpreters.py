"""Which Pythons are found, which are left out, and which one a notebook gets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from msgspec.structs import replace

from jupyter_envs.engines.uv import pythons
from jupyter_envs.errors import PythonError
from jupyter_envs.machine import interpreters
from jupyter_envs.machine.interpreters import Interpreter, choose, discover, discovery, is_version
from jupyter_envs.machine.interpreters.candidates import candidates
from jupyter_envs.settings import Settings
from jupyter_envs.system import process

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the fakes are shell scripts")


@pytest.fixture
def pyenv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The `versions` folder of a pyenv of our own."""
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    return tmp_path / "pyenv" / "versions"


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def python(prefix: Path, version: str, *, implementation: str = "cpython", abiflags: str = "") -> Path:
    """A program that says it is this Python, and notes each time it is asked."""
    path = prefix / "bin" / "python3"
    answer = json.dumps([implementation, version, "x86_64", abiflags, str(path)])
    return script(path, f"echo asked >> {prefix}/asked; echo '{answer}'")


def found(settings: Settings, root: Path) -> list[str]:
    return [i.version for i in discover(settings) if root in i.path.parents]


def test_the_python_that_runs_us_is_found_by_the_path_of_its_base(settings: Settings) -> None:
    current = next(i for i in discover(settings) if i.source == "current")
    asked = [str(current.path), "-c", "import sys; print(sys.version.split()[0], sys.prefix == sys.base_prefix)"]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [current.version, "True"]
    assert choose(None, settings) == current


def test_names_of_one_file_are_one_python_in_one_folder_and_two_in_two(settings: Settings, pyenv: Path) -> None:
    one = python(pyenv / "one", "3.12.1")
    os.link(one, one.with_name("python3.12"))
    (pyenv / "two" / "bin").mkdir(parents=True)
    os.link(one, pyenv / "two" / "bin" / "python3")
    here = [path for path, _ in candidates(settings) if pyenv in path.parents]
    assert [path.parent.parent.name for path in here] == ["one", "two"]


def test_newest_first_and_only_supported_cpythons(settings: Settings, pyenv: Path) -> None:
    for version in ("2.7.18", "3.6.15", "3.7.16", "3.8.18", "3.10.2", "3.9.1"):
        python(pyenv / version, version)
    python(pyenv / "pypy", "3.10.14", implementation="pypy")
    assert found(settings, pyenv) == ["3.10.2", "3.9.1", "3.8.18"]


@pytest.mark.parametrize(
    "text", ["exit 1", "echo nonsense", "echo '[1]'", 'echo \'["cpython","x","","",""]\'', "kill -9 $$"]
)
def test_broken_ones_are_left_out(settings: Settings, pyenv: Path, text: str) -> None:
    script(pyenv / "broken" / "bin" / "python", text)
    python(pyenv / "good", "3.12.9")
    assert found(settings, pyenv) == ["3.12.9"]


def test_thirty_with_some_that_hang_are_asked_side_by_side(
    settings: Settings, pyenv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "PROBE_TIMEOUT", 1.0)
    for n in range(30):
        python(pyenv / f"v{n}", f"3.12.{n}")
    for n in range(6):
        script(pyenv / f"hangs{n}" / "bin" / "python", "sleep 60")
    started = time.monotonic()
    assert len(found(settings, pyenv)) == 30
    assert time.monotonic() - started < 30


def test_an_answer_is_remembered_until_the_file_changes_or_goes(settings: Settings, pyenv: Path) -> None:
    path = python(pyenv / "a", "3.12.1")
    asked = pyenv / "a" / "asked"
    assert found(settings, pyenv) == ["3.12.1"] == found(settings, pyenv)
    assert asked.read_text().count("asked") == 1
    before = interpreters.signature(path)
    python(pyenv / "a", "3.12.22")
    assert interpreters.signature(path) != before
    assert found(settings, pyenv) == ["3.12.22"]
    path.unlink()
    assert found(settings, pyenv) == [] and interpreters.signature(path) is None


def test_a_broken_one_is_not_asked_every_time(settings: Settings, pyenv: Path) -> None:
    script(pyenv / "b" / "bin" / "python", f"echo asked >> {pyenv}/asked; exit 1")
    found(settings, pyenv)
    found(settings, pyenv)
    assert (pyenv / "asked").read_text().count("asked") == 1


@pytest.mark.parametrize("damage", [b"", b"[]", b'{"/x": 1}', b'{"/x": {"found": null}}'])
def test_a_damaged_cache_is_made_anew(settings: Settings, pyenv: Path, damage: bytes) -> None:
    python(pyenv / "a", "3.12.1")
    (settings.cache / "interpreters.json").write_bytes(damage)
    assert found(settings, pyenv) == ["3.12.1"]


def test_a_script_that_starts_another_is_known_by_the_real_one(settings: Settings, pyenv: Path, tmp_path: Path) -> None:
    real = python(tmp_path / "real", "3.12.5")
    script(pyenv / "wrapped" / "bin" / "python", f'exec {real} "$@"')
    assert [i.version for i in discover(settings) if i.path == real] == ["3.12.5"]
    assert found(settings, pyenv) == []


def test_of_a_virtual_environment_the_base_is_given(settings: Settings, pyenv: Path, tmp_path: Path) -> None:
    base = python(tmp_path / "base", "3.12.7")
    (pyenv / "venv").mkdir(parents=True)
    (pyenv / "venv" / "pyvenv.cfg").write_text(f"home = {base.parent}\n")
    script(pyenv / "venv" / "bin" / "python", "exit 1")
    assert base in [i.path for i in discover(settings)]
    assert found(settings, pyenv) == []


def test_shims_first_on_path_do_not_confuse_us(
    settings: Settings, pyenv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shims = pyenv.parent / "shims"
    for name in ("python", "python3", "python3.12"):
        script(shims / name, f"echo 'pyenv: {name}: command not found' >&2; echo asked >> {shims}/asked; exit 127")
    elsewhere = pyenv.parent / "bin"
    elsewhere.mkdir(parents=True)
    (elsewhere / "python3").symlink_to(shims / "python3")
    monkeypatch.setenv("PATH", os.pathsep.join([str(shims), str(elsewhere), os.environ["PATH"]]))
    path = python(pyenv / "3.12.3", "3.12.3")
    assert path in [i.path for i in discover(settings)]
    assert choose("==3.12.3", settings).path == path
    assert not (shims / "asked").exists()
    assert str(shims) not in process.scrubbed({})["PATH"]


def test_files_near_the_notebook_are_no_pythons(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a `python` there, found by a relative PATH, nor a .python-version counts."""
    notebooks = tmp_path / "notebooks"
    script(notebooks / "python3", f"touch {notebooks}/ran; exit 1")
    script(notebooks / "bin" / "python3", f"touch {notebooks}/ran; exit 1")
    (notebooks / ".python-version").write_text("3.8\n")
    monkeypatch.chdir(notebooks)
    default = choose(None, settings)
    monkeypatch.setenv("PATH", os.pathsep.join([".", "", "bin", os.environ["PATH"]]))
    discover(settings)
    assert not (notebooks / "ran").exists()
    assert choose(None, settings) == default


def test_other_kernels_tell_where_pythons_are(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = python(tmp_path / "odd", "3.12.8")
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    for name, argv in {"good": [str(path), "-m", "ipykernel"], "relative": ["python"], "empty": []}.items():
        spec = tmp_path / "data" / "kernels" / name / "kernel.json"
        spec.parent.mkdir(parents=True)
        spec.write_text(json.dumps({"argv": argv}))
    assert [i.source for i in discover(settings) if i.path == path] == ["kernel"]


def test_what_fits_is_chosen(settings: Settings, pyenv: Path) -> None:
    for version in ("3.9.1", "3.9.7", "3.99.0", "3.100.0rc1"):
        python(pyenv / version, version)
    python(pyenv / "threads", "3.98.0", abiflags="t")
    assert choose(">=3.98", settings).version == "3.99.0", "neither a preview nor a free-threaded one by itself"
    assert choose("==3.9.1", settings).version == "3.9.1"
    assert choose("<3.10", settings, prefer_minor="3.9").version == max(
        (i.version for i in discover(settings) if i.minor == "3.9"), key=lambda v: int(v.split(".")[2])
    )
    assert choose(None, settings, prefer_minor="3.99").version == "3.99.0"
    mine = choose(None, settings)
    assert choose(f">={mine.minor}", settings) == mine, "the default one where it fits"
    assert choose(None, settings, prefer_minor="3.0") == mine


def test_the_one_that_runs_us_is_chosen_without_a_look_at_others(settings: Settings, pyenv: Path) -> None:
    python(pyenv / "newer", "3.99.0")
    mine = choose(None, settings)
    assert choose(f"=={mine.minor}.*", settings) == mine == choose(None, settings, prefer_minor=mine.minor)
    assert not (pyenv / "newer" / "asked").exists()
    assert mine in discover(settings), "and it is as in the list of all"
    assert choose("==3.99.*", settings).minor == "3.99"


def test_the_settings_name_the_default(settings: Settings, pyenv: Path, tmp_path: Path) -> None:
    python(pyenv / "a", "3.97.1")
    assert choose(None, replace(settings, python="3.97")).version == "3.97.1"
    assert choose(None, replace(settings, python="3.97.1")).version == "3.97.1"
    outside = python(tmp_path / "outside", "3.96.0")
    assert choose(None, replace(settings, python=str(outside))).path == outside
    assert choose("==3.97.*", replace(settings, python=str(outside))).version == "3.97.1"


def test_where_none_fits_the_error_names_what_is_there(settings: Settings, pyenv: Path) -> None:
    python(pyenv / "a", "3.12.1")
    with pytest.raises(PythonError, match=r"This notebook needs Python >=3\.99\. Installed here: .*3\.12\.1") as caught:
        choose(">=3.99", settings)
    assert caught.value.code == "no-python" and "3.12.1" in caught.value.data["found"] and caught.value.hint
    with pytest.raises(PythonError, match=r"This notebook needs Python 3\.99\. Installed here: "):
        choose("==3.99.*", settings)
    with pytest.raises(PythonError, match=r"The settings ask for Python 3\.95\. Installed here: "):
        choose(None, replace(settings, python="3.95"))


def test_the_minor_is_the_first_two_numbers() -> None:
    assert Interpreter(Path("/p"), "cpython", "3.13.0", "arm64", "uv").minor == "3.13"


def test_more_digits_than_python_makes_a_number_of_are_no_version() -> None:
    assert not is_version(f"3.{'9' * 5000}")


def test_one_odd_python_in_a_list_does_not_cost_the_others(settings: Settings) -> None:
    """The list may be of the user's own, and uv passes on what it says."""

    def listed(**more: str) -> dict[str, str]:
        row = {"implementation": "cpython", "variant": "default", "key": "k", "version": "3.99.1"}
        return row | {"url": "https://example.org/python.tar.gz"} | more

    said = json.dumps([listed(version="9" * 5000), listed(url="https://["), listed()])
    engine = SimpleNamespace(
        settings=settings,
        indexes=SimpleNamespace(env={}),
        simple=lambda *_, **__: SimpleNamespace(stdout=said),
        found=lambda: Path(sys.executable),
    )
    (found,) = pythons.ask_for_downloads(cast("Any", engine))
    assert (found.version, found.source) == ("3.99.1", "example.org")
