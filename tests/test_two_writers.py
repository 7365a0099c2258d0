"""Somebody else saves a notebook while we write its block: at each single moment, in each way in which programs save.
What they saved stays, and so does our change wherever we say that it is done."""

from __future__ import annotations

import json
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from jupyter_server.services.contents.fileio import atomic_writing

from jupyter_envs.errors import NotebookError
from jupyter_envs.model.block import Block
from jupyter_envs.notebook import NotebookFile, replacing, seeing
from jupyter_envs.notebook.settled import SETTLING, read_settled

from .moments import moments

BLOCK = Block(version=1, dependencies=("pandas>=2",))
MANY = 1000
Act = Callable[[], object]


def content(*cells: str) -> bytes:
    made = [{"cell_type": "markdown", "metadata": {}, "source": cell, "id": f"c{i}"} for i, cell in enumerate(cells)]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1).encode()


def cells(path: Path) -> list[str]:
    return [cell["source"] for cell in json.loads(path.read_bytes())["cells"]]


def another_file(path: Path, data: bytes) -> None:
    """As vim, git and many others do."""
    beside = path.with_name("being-saved")
    beside.write_bytes(data)
    beside.replace(path)


def into_it(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def as_jupyter(path: Path, data: bytes) -> None:
    with atomic_writing(str(path), text=False) as file:
        file.write(data)


SAVERS = [another_file, into_it, as_jupyter]
Saver = Callable[[Path, bytes], None]


def waits_for_us(thread: threading.Thread) -> bool:
    """Until we close a file that it wants to write."""
    try:
        return Path(f"/proc/self/task/{thread.native_id}/wchan").read_text() == "__break_lease"
    except OSError:
        return False


class Others:
    """Programs beside us. One that has to wait until we have closed a file does not hold us up."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []
        self.in_turn = True
        """The last of them has begun when all others had ended."""

    def do(self, act: Act) -> Act:
        def begun() -> None:
            self.in_turn = all(map(self._ended, self._threads))
            thread = threading.Thread(target=act)
            thread.start()
            self._ended(thread)
            self._threads.append(thread)

        return begun

    def _ended(self, thread: threading.Thread) -> bool:
        """Once it has, or waits for us."""
        while thread.is_alive() and not waits_for_us(thread):
            thread.join(0.001)
        return not thread.is_alive()

    def end(self) -> None:
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive()


@pytest.fixture
def others() -> Iterator[Others]:
    found = Others()
    yield found
    found.end()


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    """On no disk where there is one: this saves thousands of times."""
    shm = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shm if os.access(shm, os.W_OK) else tmp_path) as folder:
        yield Path(folder, "a.ipynb")


def attempt(path: Path, acts: dict[int, Act]) -> tuple[str, list[str]]:
    """ "done" or the code of our error, and the calls that were made."""
    notebook = NotebookFile.read(path)
    said = "done"
    with moments(path.parent, acts) as passed:
        try:
            notebook.write_block(BLOCK)
        except NotebookError as error:
            said = error.code
    return said, passed.calls


def at_each_moment(path: Path, others: Others, save: Saver, *, links: int = 1) -> Iterator[tuple[int, str, list[str]]]:
    """A save at the Nth moment, for every N there is."""
    for number in range(1, MANY):
        fresh(path, links)
        said, calls = attempt(path, {number: others.do(lambda: save(path, content("old", "new")))})
        others.end()
        yield number, said, calls
        if len(calls) < number:
            return


def fresh(path: Path, links: int = 1) -> None:
    for file in path.parent.iterdir():
        file.unlink()
    path.write_bytes(content("old"))
    for number in range(1, links):
        os.link(path, path.with_name(f"b{number}.ipynb"))


def strays(path: Path) -> list[str]:
    return [file.name for file in path.parent.iterdir() if file.name.startswith(".")]


@pytest.fixture(params=[True, False], ids=["leases", "no-leases"])
def leases(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the system can say who has a file open; it can on Linux, for one's own files."""
    if not request.param:
        for module in (seeing, replacing):
            monkeypatch.setattr(module, "unwritten", lambda _: None)
    return bool(request.param)


@pytest.mark.parametrize("save", SAVERS)
@pytest.mark.usefixtures("leases")
def test_a_save_at_any_moment_stays_and_so_does_the_block(path: Path, others: Others, save: Saver) -> None:
    total = 0
    for number, said, calls in at_each_moment(path, others, save):
        total = len(calls)
        assert said == "done"
        assert number > total or cells(path) == ["old", "new"], (number, calls)
        if number != total:  # the last of them closes the file that was looked at last
            assert NotebookFile.read(path).block == BLOCK, (number, calls)
        assert strays(path) == []
    assert total > 20


@pytest.mark.parametrize("save", SAVERS)
def test_where_names_cannot_change_places_one_moment_is_left(
    path: Path, others: Others, save: Saver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replacing, "swap", lambda *_: False)
    lost = []
    for number, said, calls in at_each_moment(path, others, save):
        assert said == "done" and strays(path) == []
        if number <= len(calls) and cells(path) != ["old", "new"]:
            lost.append(calls[number - 1])
        elif number != len(calls):
            assert NotebookFile.read(path).block == BLOCK, (number, calls)
    assert lost == (["close", "replace"] if save is another_file else [])


@pytest.mark.parametrize("save", SAVERS)
def test_a_file_with_several_names_keeps_them_and_one_moment_is_left(path: Path, others: Others, save: Saver) -> None:
    """It can only be written in place: who writes it in the same microseconds may not be seen."""
    lost = []
    for number, said, calls in at_each_moment(path, others, save, links=2):
        assert strays(path) == []
        if said != "done":
            assert said == "changed-on-disk"
            lost.append(calls[number - 1])
            continue
        if number <= len(calls) and cells(path) != ["old", "new"]:
            lost.append(calls[number - 1])
        elif number != len(calls):
            assert NotebookFile.read(path).block == BLOCK, (number, calls)
        if save is not another_file:
            assert path.samefile(path.with_name("b1.ipynb"))
    assert lost == ([] if save is another_file else ["write"])


@pytest.mark.parametrize("save", SAVERS)
@pytest.mark.usefixtures("leases")
def test_of_two_saves_the_last_stays(path: Path, others: Others, save: Saver, every: Callable[[int], range]) -> None:
    fresh(path)
    total = len(attempt(path, {})[1])
    for first in range(1, total):
        for more in every(total - first):
            fresh(path)
            acts = {
                first: others.do(lambda: save(path, content("old", "1"))),
                first + more: others.do(lambda: another_file(path, content("old", "2"))),
            }
            said, calls = attempt(path, acts)
            others.end()
            assert said == "done"
            if first + more <= len(calls):
                assert cells(path)[-1] in (["2"] if others.in_turn else ["1", "2"]), (first, more, calls)
            assert strays(path) == []


@pytest.fixture
def every(request: pytest.FixtureRequest) -> Callable[[int], range]:
    """With `--all` each number, otherwise the first two."""
    return lambda top: range(1, top if request.config.getoption("--all") else 3)


def test_of_two_commands_that_have_no_lock_in_common_one_is_refused(path: Path, others: Others, tmp_path: Path) -> None:
    """As of two users, each with a home of his own: what says that it is done is there."""
    theirs = Block(version=1, dependencies=("numpy",))
    answers: list[str] = []

    def other(notebook: NotebookFile) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("JUPYTER_ENVS_HOME", str(tmp_path / "other"))
            try:
                notebook.write_block(theirs)
                answers.append("done")
            except NotebookError as error:
                answers.append(error.code)

    for number in range(1, MANY):
        fresh(path)
        notebook = NotebookFile.read(path)
        said, calls = attempt(path, {number: others.do(lambda notebook=notebook: other(notebook))})
        others.end()
        if len(calls) < number:
            break
        assert sorted([said, answers[-1]]) == ["changed-on-disk", "done"], (number, calls)
        assert NotebookFile.read(path).block == (BLOCK if said == "done" else theirs), (number, calls)
        assert strays(path) == []
    assert "done" in answers and "changed-on-disk" in answers


class Slow:
    """It cuts the file off at once, and has all written only after `go_on`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened, self.go_on = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._save)

    def begin(self) -> None:
        self._thread.start()
        while not (self._opened.wait(0.001) or waits_for_us(self._thread)):
            pass

    def _save(self) -> None:
        with self._path.open("wb", buffering=0) as file:
            data = content("old", "new")
            file.write(data[:40])
            self._opened.set()
            assert self.go_on.wait(30)
            file.write(data[40:])

    def end(self) -> None:
        self.go_on.set()
        if self._thread.ident:
            self._thread.join(30)


@pytest.mark.usefixtures("leases")
@pytest.mark.parametrize("later", [2, 9])
def test_a_program_that_writes_into_it_for_a_while_is_waited_for(path: Path, later: int) -> None:
    """It begins at each moment, and has ended some moments later."""
    fresh(path)
    total = len(attempt(path, {})[1])
    for number in range(1, total):
        fresh(path)
        slow = Slow(path)
        said, calls = attempt(path, {number: slow.begin, number + later: slow.go_on.set})
        slow.end()
        assert said == "done"
        if number + later < len(calls):
            assert cells(path) == ["old", "new"] and NotebookFile.read(path).block == BLOCK, (number, calls)
        assert strays(path) == []


def test_a_notebook_that_is_being_written_is_read_once_it_is_whole(path: Path) -> None:
    fresh(path)
    slow = Slow(path)
    slow.begin()
    timer = threading.Timer(0.05, slow.go_on.set)
    timer.start()
    assert len(NotebookFile.read(path).content["cells"]) == 2
    timer.join()
    slow.end()


@pytest.mark.parametrize("whole", [True, False])
def test_a_program_that_never_ends_writing_is_an_error(
    path: Path, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    """It changes the file each time that we look."""
    monkeypatch.setattr(seeing, "OTHER_WRITER_TIMEOUT", 0.05)
    fresh(path)
    notebook = NotebookFile.read(path)
    with path.open("r+b", buffering=0) as file:
        acts: dict[int, Act] = dict.fromkeys(range(1, MANY), lambda: file.write(b" "))
        file.seek(0, os.SEEK_END if whole else os.SEEK_SET)
        with (
            moments(path.parent, acts),
            pytest.raises(NotebookError, match="Another program has been writing") as caught,
        ):
            notebook.write_block(BLOCK)
    assert caught.value.code == "notebook-busy"
    assert strays(path) == []


@pytest.mark.parametrize("links", [1, 2])
def test_a_program_that_only_holds_it_open_is_not_waited_for_long(
    path: Path, monkeypatch: pytest.MonkeyPatch, links: int
) -> None:
    """What it writes after that is still in the notebook's file, not in one that is gone."""
    monkeypatch.setattr(seeing, "SETTLING", 0.05)
    fresh(path, links)
    with path.open("r+b") as file:
        NotebookFile.read(path).write_block(BLOCK)
        assert NotebookFile.read(path).block == BLOCK and cells(path) == ["old"]
        file.write(content("new"))
        file.truncate()
    assert cells(path) == ["new"] and strays(path) == []


@pytest.mark.parametrize("save", SAVERS)
def test_a_save_while_another_program_only_holds_it_open_stays(
    path: Path, others: Others, save: Saver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then it is written in place, where one moment is left."""
    monkeypatch.setattr(seeing, "SETTLING", 0.0)
    lost = []
    for number in range(1, MANY):
        fresh(path)
        with path.open("r+b"):
            said, calls = attempt(path, {number: others.do(lambda: save(path, content("old", "new")))})
            others.end()
        assert strays(path) == []
        if len(calls) < number:
            break
        if said != "done" or cells(path) != ["old", "new"]:
            lost.append(calls[number - 1])
    assert lost == ([] if save is another_file else ["write"])


@pytest.mark.parametrize("read", [NotebookFile.read, read_settled])
def test_a_broken_notebook_that_is_held_open_is_told_of_at_once(path: Path, read: Callable[[Path], object]) -> None:
    path.write_bytes(content("old")[:40])
    os.utime(path, (1, 1))
    with path.open("r+b"):
        began = time.monotonic()
        with pytest.raises(NotebookError) as caught:
            read(path)
    assert caught.value.code == "not-json"
    assert time.monotonic() - began < SETTLING / 2


def test_a_broken_notebook_that_was_just_written_is_waited_for_once(path: Path) -> None:
    path.write_bytes(content("old")[:40])
    with path.open("r+b"):
        began = time.monotonic()
        with pytest.raises(NotebookError) as caught:
            read_settled(path)
    assert caught.value.code == "not-json"
    assert time.monotonic() - began < SETTLING + 0.5
