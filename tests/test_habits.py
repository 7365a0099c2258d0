"""The standing exam: each line of `habits/lines.py` in a real kernel, and in a terminal where it means something."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from jupyter_envs.cli.main import main
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.kernel.context import Context
from jupyter_envs.notebook import NotebookFile

from .habits.files import add_packages, write_files
from .habits.lines import GROUPS, Line
from .kernel.client import Comm, Output
from .kernel.real import ProvisionedKernel, write_notebook
from .local_index import LocalIndex

UNLOADED = (
    "import sys\nfor name in ('demo', 'demo_dep', 'shout', 'bundle', 'pip'): sys.modules.pop(name, None)\ndel name"
)


class Cells:
    """One kernel for many lines, each of which begins with a notebook that asks for nothing."""

    def __init__(self, folder: Path) -> None:
        self._kernel = ProvisionedKernel(write_notebook(folder / "a.ipynb"), folder)
        self._base = self._kernel.context["environment"]
        self._front_end = Comm(self._kernel)
        self._front_end.next("state")

    def try_line(self, line: Line) -> str:
        """What is wrong with what it did; "" if nothing is."""
        self._forget()
        output = self._kernel.run(line.typed, answer="n")
        self._kernel.run("")  # what children of the cell did is collected between two cells
        recorded = sorted((self._kernel.context["block"] or {}).get("dependencies") or ())
        said = shown(output)
        if recorded != recorded_by(line):
            return f"recorded {recorded}; said {said!r}"
        if line.says not in said:
            return f"did not say {line.says!r}; said {said!r}"
        if line.hides and line.hides in said:
            return f"said {line.hides!r}; said {said!r}"
        return ""

    def _forget(self) -> None:
        """As a server does, and a page tells a kernel, when its notebook is back to what it was."""
        self._kernel.run(UNLOADED)
        Context.load(str(self._kernel.context_file)).adopt(block=None, environment=self._base, base=True)
        self._front_end.send({"type": "environment", "environment": self._base, "block": None, "changed": {}})
        self._front_end.next("state")

    def stop(self) -> None:
        self._kernel.stop()


def shown(output: Output) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", output.text + output.traceback)


@pytest.fixture
def folder(tmp_path: Path, index: LocalIndex, environments: Environments, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A notebook's folder, with requirements files of all kinds; and a package with extras in the index. Lines run in
    bash, as where most people write them: of `&>`, sh makes a command in the background."""
    monkeypatch.setenv("SHELL", shutil.which("bash") or "sh")
    add_packages(index)
    environments.build(None)
    write_files(tmp_path / "nb", index)
    return tmp_path / "nb"


@pytest.mark.parametrize("group", GROUPS)
def test_each_line_of_a_cell_does_what_the_table_says(group: str, folder: Path) -> None:
    cells = Cells(folder)
    try:
        wrong = {line.typed: found for line in GROUPS[group] if (found := cells.try_line(line))}
    finally:
        cells.stop()
    assert not wrong, "\n".join(f"{typed!r}: {found}" for typed, found in wrong.items())


LOOKS = {"--help", "--dry-run"}
"""Options with which nothing has to be recorded."""
TYPED = re.compile(r"[!%]pip3? install ([^\n|&;>$\\]*)")


def words_of(line: Line) -> list[str] | None:
    """The words after `pip install` where that is all there is, and a terminal's shell leaves them as they are; --python
    has a meaning of its own there."""
    found = TYPED.fullmatch(line.typed)
    words = shlex.split(found[1], comments=True) if found and "{" not in found[1] else None
    return None if words and "--python" in words else words


class Terminal:
    """`jupyter envs install` in a notebook's folder, for a new notebook each time."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._notebook = folder / "b.ipynb"
        self._capsys = capsys

    def try_line(self, line: Line, words: list[str]) -> str:
        """What is wrong with what it did; "" if nothing is."""
        write_notebook(self._notebook)
        code = main(["install", str(self._notebook), *words])
        said = self._capsys.readouterr()
        recorded = list(getattr(NotebookFile.read(self._notebook).block, "dependencies", ()))
        as_written = recorded_by(line) == sorted(recorded) and (code == 0) == bool(recorded or LOOKS & {*words})
        return "" if as_written and "Traceback" not in said.err else f"{code}, recorded {recorded}; said {said}"


def recorded_by(line: Line) -> list[str]:
    return sorted(line.recorded.split("  ")) if line.recorded else []


@pytest.mark.parametrize("group", ["everyday", "versions", "options", "files", "elsewhere"])
def test_a_terminal_takes_the_same_words(
    group: str, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    terminal = Terminal(folder, capsys)
    words = {line: typed for line in GROUPS[group] if (typed := words_of(line)) is not None}
    wrong = {line.typed: found for line, typed in words.items() if (found := terminal.try_line(line, typed))}
    assert words and not wrong, "\n".join(f"{typed!r}: {found}" for typed, found in wrong.items())


def test_the_table_is_long_enough_and_says_nothing_twice() -> None:
    typed = [line.typed for lines in GROUPS.values() for line in lines]
    assert len(typed) >= 250 and len({*typed}) == len(typed)
