"""Whatever a file of another tool holds: it is read, or refused in a sentence that names it, and soon. For each format
in PATTERNS, also for those that come later."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_envs.dialects.found import Found
from jupyter_envs.dialects.table import dialect_of
from jupyter_envs.errors import EnvsError, InputError

from .samples import NAMES, text_of

SECONDS, MEMORY = 2.0, 200 << 20
"""Of the processor, for one file; what a reader may need in all."""
BIG = 6 << 20
DEEP = 100_000
by_format = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """A reader that waits for something ends here."""

    def stop(*_: object) -> None:
        raise TimeoutError("a reader waits")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def read(file: Path) -> Found | EnvsError:
    """What becomes of it, which is never another exception, and is there in time."""
    began, before = time.process_time(), _peak()
    try:
        result: Found | EnvsError = dialect_of(file).read(file, ())
    except InputError as error:
        assert error.sentence and file.name in error.sentence + (error.details or ""), error.sentence
        result = error
    assert time.process_time() - began < SECONDS
    assert _peak() - before < MEMORY
    return result


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def written(folder: Path, name: str, change: Callable[[bytes], bytes] = bytes) -> Path:
    file = folder / name
    file.write_bytes(change(text_of(name).encode()))
    return file


@by_format
def test_a_truncated_file(tmp_path: Path, name: str) -> None:
    size = len(text_of(name))
    for part in range(20):
        read(written(tmp_path, name, lambda data, end=size * part // 20: data[:end]))  # type: ignore[misc]


CONTENTS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "a null byte": lambda data: data[: len(data) // 2] + b"\0" + data[len(data) // 2 :],
    "only null bytes": lambda data: bytes(4096),
    "no UTF-8": lambda data: data + b"# caf\xe9 \xff\xfe\n",
    "half of a character": lambda data: data + b"\xf0\x9f",
    "UTF-16": lambda data: data.decode().encode("utf-16"),
    "UTF-16 that ends early": lambda data: data.decode().encode("utf-16")[:-1],
    "6 MB of the same": lambda data: data * (BIG // len(data) + 1),
    "6 MB in one line": lambda data: b"x" * BIG,
    "2 MB of comments": lambda data: b"# x\n" * (2 << 18) + data,
    "deep lists": lambda data: b"a = " + b"[" * DEEP,
    "deep lists in a list": lambda data: b"[" * DEEP + b"]" * DEEP,
    "deep tables": lambda data: b"a = " + b"{a = " * DEEP,
    "deep objects": lambda data: b'{"a": ' * DEEP,
    "deep YAML": lambda data: b"- " * DEEP,
    "deep YAML by indent": lambda data: b"".join(b" " * n + b"a:\n" for n in range(3000)),
    "a list that holds itself": lambda data: b"dependencies: &a [*a]\n",
    "aliases of aliases": lambda data: (
        b"a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        + b"".join(b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 12))
        + b"dependencies: *a11\n"
    ),
    "deep brackets": lambda data: b"x" + b"(" * DEEP,
    "a key of many parts": lambda data: b".".join([b"a"] * DEEP) + b" = 1\n",
    "a version of thousands of digits": lambda data: data.replace(b"1.1", b"1." + b"1" * 50_000),
    "a number of thousands of digits": lambda data: b"a = " + b"1" * 50_000 + b"\n",
    "a list instead of a table": lambda data: b"[]\n",
    "a number": lambda data: b"7\n",
    "a word": lambda data: b"null\n",
    "control characters": lambda data: data + b"\x1b[2J\x07\x85\n",
}


@by_format
@pytest.mark.parametrize("content", CONTENTS)
def test_odd_content(tmp_path: Path, name: str, content: str) -> None:
    read(written(tmp_path, name, CONTENTS[content]))


@by_format
def test_conflict_markers_are_refused(tmp_path: Path, name: str) -> None:
    """Both sides, or one of them, would be another environment than anybody wanted."""

    def conflict(data: bytes) -> bytes:
        lines = data.splitlines(keepends=True)
        at = len(lines) // 2
        sides = (b"<<<<<<< HEAD\n", lines[at], b"=======\n", lines[at].replace(b"1", b"2"), b">>>>>>> theirs\n")
        return b"".join((*lines[:at], *sides, *lines[at + 1 :]))

    assert isinstance(read(written(tmp_path, name, conflict)), InputError)


@by_format
@pytest.mark.parametrize("kind", ["folder", "pipe", "link to itself", "link to nothing", "device"])
def test_what_is_no_regular_file(tmp_path: Path, name: str, kind: str) -> None:
    file = tmp_path / name
    if kind == "folder":
        file.mkdir()
    elif kind == "pipe":
        os.mkfifo(file)
    elif kind == "device":
        file.symlink_to("/dev/zero")
    else:
        file.symlink_to(file if kind == "link to itself" else tmp_path / "nothing")
    assert isinstance(read(file), InputError)
