"""The ways out: each works, costs no code of a package, and reads well at every door."""

from __future__ import annotations

import io
import shlex
from pathlib import Path

import pytest

from jupyter_envs.cli.console import Console
from jupyter_envs.cli.main import main
from jupyter_envs.engines.uv.remarks import remarks_in
from jupyter_envs.environments.diagnosis.values import ANY
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.errors import EnvsError
from jupyter_envs.kernel import asking as words
from jupyter_envs.model.block import Block
from jupyter_envs.model.options import Options

from ..local_index import LocalIndex
from ..typed import typed
from ..wheels import sdist, wheel
from .conftest import LOCK_ONLY, refusal


def versions(block: Block) -> dict[str, str]:
    return {row.name: row.version for row in block.lock.packages} if block.lock else {}


@pytest.mark.parametrize("line", ["numpy<1.20 pandas>=2.2", "boto3 urllib3>=2", "tensorflow==2.10", "panads requests"])
def test_each_way_out_that_is_offered_works(line: str, asking: Environments) -> None:
    ways = refusal(asking, *shlex.split(line)).data["ways"]
    assert ways
    for way in ways:
        block: Block | None = None
        for step in way["steps"]:
            if step["action"] == "python":
                block = asking.python(block, step["python"], options=LOCK_ONLY).block
            else:
                allowed = Options(build=False, allow_build=frozenset(step["allow_build"]))
                block = asking.install(block, typed(*step["packages"]), options=allowed).block
        assert block and block.locked, way
        assert ANY not in str(way)


def test_a_way_out_keeps_what_the_notebook_has(asking: Environments) -> None:
    """A limit that the notebook records is left by a way out, too, and nothing else of it is lost."""
    block = asking.install(None, typed("numpy<2", "six"), options=LOCK_ONLY).block
    with pytest.raises(EnvsError) as caught:
        asking.install(block, typed("numpy>=3"), options=LOCK_ONLY)
    for way in caught.value.data["ways"]:
        again = asking.install(block, typed(*way["steps"][-1]["packages"]), options=LOCK_ONLY).block
        assert "six" in again.spec.names


def test_a_conflict_is_found_before_anybody_is_asked_to_build_and_without_running_code(
    asking: Environments, shop: LocalIndex, tmp_path: Path
) -> None:
    marker = tmp_path / "ran"
    shop.add(sdist("noisy", "1.0", static=False, requires=["six"], setup=f"open({str(marker)!r}, 'a').write('x')"))
    shop.add(wheel("wants-new-noise", "1.0", requires=["noisy>=2"]), wheel("noisy", "2.0"))
    error = refusal(asking, "noisy<2", "wants-new-noise")
    assert (error.code, error.data["cause"]) == ("conflict", "conflict")
    assert error.sentence == "wants-new-noise needs noisy>=2, and you ask for noisy<2."
    assert [way["words"] for way in error.data["ways"]][:1] == ["Take noisy 2.0"]
    assert not marker.exists()


def test_what_only_has_a_source_is_still_a_question(asking: Environments) -> None:
    error = refusal(asking, "docopt")
    assert (error.code, error.exit_code, error.data) == ("needs-build", 3, {"packages": ["docopt"]})


def test_a_yes_to_a_build_is_not_doubted(asking: Environments) -> None:
    allowed = Options(build=False, allow_build=frozenset({"sklearn"}))
    assert versions(asking.install(None, typed("sklearn"), options=allowed).block)["sklearn"] == "0.0.post12"


def test_a_new_version_without_a_wheel_for_this_python_gives_way_to_one_that_has_it(asking: Environments) -> None:
    """uv alone takes the newer one, since newer Pythons have a wheel of it."""
    assert versions(asking.install(None, typed("moved-on"), options=LOCK_ONLY).block)["moved-on"] == "1.0"


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("attrs==21.1.0", "attrs 21.1.0 is yanked (withdrawn by its authors): Missing dependency metadata."),
        ("half-gone==2.0", "half-gone 2.0 is yanked (withdrawn by its authors)."),
        ("six[fast]", "six 1.17.0 has no extra called fast, so nothing was installed for it."),
        ("soon", "soon 2.0rc1 is a pre-release: no final version fits."),
        ("boto3", ""),
    ],
)
def test_what_is_odd_about_a_version_is_a_note(line: str, note: str, asking: Environments) -> None:
    assert asking.install(None, typed(line), options=LOCK_ONLY).notes == ((note,) if note else ())


def test_a_reason_of_several_lines_is_one_line() -> None:
    said = 'warning: `x==1.0` is yanked (reason: "one\ntwo \x1b[31mthree")\nwarning: something else\nResolved 1 package'
    assert remarks_in(said) == ("x 1.0 is yanked (withdrawn by its authors): one two three.",)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("six===1.*", "Write six==1.*"),
        ("six===1.* requests", "Write six==1.*"),
    ],
)
def test_a_line_that_uv_cannot_read_is_named(line: str, says: str, asking: Environments) -> None:
    error = refusal(asking, *line.split())
    assert (error.code, error.hint) == ("req-syntax", says)


@pytest.mark.parametrize("word", ["x @ https://127.0.0.1:99999/x-1.0-py3-none-any.whl", "git+https://127.0.0.1:99999/x.git",
                                  "https://127.0.0.1:x/x-1.0-py3-none-any.whl"])  # fmt: skip
def test_an_address_with_an_impossible_port_is_refused_at_once(word: str) -> None:
    with pytest.raises(EnvsError) as caught:
        typed(word)
    assert caught.value.code == "req-syntax"


def test_a_terminal_shows_each_way_with_its_command(
    asking: Environments, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = tmp_path / "my notes.ipynb"
    notebook.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    monkeypatch.chdir(tmp_path)
    assert main(["install", notebook.name, "numpy==1.19.5"]) == 1
    lines = capsys.readouterr().err.splitlines()
    hints = [line for line in lines if line.startswith("hint: ")]
    assert hints[0].startswith("hint: Use Python 3.") and "jupyter envs python 'my notes.ipynb' 3." in hints[0]
    assert hints[0].endswith(" && jupyter envs install 'my notes.ipynb' numpy==1.19.5")
    assert hints[1] == "hint: Take numpy 1.26.4: jupyter envs install 'my notes.ipynb' numpy==1.26.4"
    assert hints[-1].endswith("jupyter envs install 'my notes.ipynb' --allow-build numpy numpy==1.19.5")


def test_a_cell_shows_each_way_as_a_magic_or_what_to_type_in_a_terminal(asking: Environments) -> None:
    error = refusal(asking, "numpy==1.19.5").to_dict()
    python, version, build = words.ways(error, "/home/me/a b.ipynb")
    assert "in a terminal, jupyter envs python '/home/me/a b.ipynb' 3." in python
    assert version == "Take numpy 1.26.4: %env-install numpy==1.26.4"
    assert build.endswith(": %env-install --allow-build numpy numpy==1.19.5")


def test_an_error_without_ways_keeps_its_hint() -> None:
    console = Console(stderr=io.StringIO())
    console.failed(EnvsError("conflict", "No.", hint="Do this."))
    assert console.stderr.getvalue() == "error[conflict]: No.\nhint: Do this.\n"  # type: ignore[attr-defined]  # StringIO
