"""Two command lines install into one notebook at once, and an editor saves it meanwhile. What says that it is done is
in the notebook; so is what the editor saved."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import jupyter_envs
from jupyter_envs.notebook import NotebookFile

from .local_index import LocalIndex
from .test_two_writers import SAVERS, Saver, cells, content

ENTRY = Path(jupyter_envs.__file__).with_name("__main__.py")
PACKAGES = ("demo", "shout")
SEED = 8


class Editor(threading.Thread):
    """Saves its document once, after some seconds. It knows of no environment: those that it finds, it saves over."""

    def __init__(self, path: Path, save: Saver, after: float) -> None:
        super().__init__()
        self._path, self._save, self._after = path, save, threading.Event()
        self._seconds = after
        self.saved_over: tuple[str, ...] = ()

    def run(self) -> None:
        self._after.wait(self._seconds)
        block = NotebookFile.read(self._path).block
        self.saved_over = block.dependencies if block else ()
        self._save(self._path, content("old", "new"))


def names_of(notebook: Path, round: int) -> tuple[Path, Path]:
    """What each of the two calls it."""
    other = notebook.with_name("other.ipynb")
    if round % 3 == 1:
        other.symlink_to(notebook.name)
    elif round % 3 == 2:
        os.link(notebook, other)
    else:
        other = notebook
    return notebook, other


def installing(path: Path, package: str) -> subprocess.Popen[str]:
    words = [sys.executable, str(ENTRY), "install", str(path), package, "--no-build-env", "--json"]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def at_once(names: tuple[Path, Path], editor: Editor) -> list[str]:
    """ "done", or the code of the error, of each."""
    with ExitStack() as stack:
        running = [stack.enter_context(installing(*pair)) for pair in zip(names, PACKAGES, strict=True)]
        editor.start()
        answers = [json.loads(process.communicate(timeout=120)[0]) for process in running]
        editor.join()
    return [answer["error"]["code"] if "error" in answer else "done" for answer in answers]


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "work"
    folder.mkdir()
    yield folder / "a.ipynb"


@pytest.mark.timeout(3600)
def test_nothing_is_lost_of_what_is_done(notebook: Path, index: LocalIndex, request: pytest.FixtureRequest) -> None:
    seen: Counter[str] = Counter()
    seconds, draw = 1.0, random.Random(SEED)
    for number in range(100 if request.config.getoption("--all") else 3):
        for file in notebook.parent.iterdir():
            file.unlink()
        notebook.write_bytes(content("old"))
        began = time.monotonic()
        save = (
            SAVERS[number % len(SAVERS)] if number % 3 != 2 else SAVERS[1 + number % 2]
        )  # who replaces it breaks the link
        after = draw.uniform(0.2, 1.0) * seconds if number else 0.0
        editor = Editor(notebook, save, after)
        said = at_once(names_of(notebook, number), editor)
        seconds = time.monotonic() - began
        where = f"round {number}: {said}"
        assert set(said) <= {"done", "changed-on-disk", "notebook-busy"}, where
        assert cells(notebook) == ["old", "new"], where
        block = NotebookFile.read(notebook).block
        wanted = {package for package, code in zip(PACKAGES, said, strict=True) if code == "done"} - {
            *editor.saved_over
        }
        assert wanted <= set(block.dependencies if block else ()), where
        seen["saved over" if editor.saved_over else " and ".join(sorted(said))] += 1
        assert [file.name for file in notebook.parent.iterdir() if file.name.startswith(".")] == [], where
    print(dict(seen))
    assert sum(seen.values()) > seen["saved over"]
