"""Files of ours are written in one way and locked in one way. A notebook is the user's: notebook/ has its own."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import jupyter_envs
from jupyter_envs.kernel.writing import beside, put
from jupyter_envs.system.files import LEFT, atomically

ROOT = Path(jupyter_envs.__file__).parent
SOURCES = [
    path for path in sorted(ROOT.rglob("*.py")) if path.relative_to(ROOT).parts[0] not in ("labextension", "notebook")
]
WRITERS = {"os.fsync", "tempfile.mkstemp", "tempfile.NamedTemporaryFile"}
"""What somebody needs who writes an atomic writer."""


def named(path: Path) -> Iterator[str]:
    """The attributes of modules, and the modules, that a file names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def where(*names: str) -> set[str]:
    return {path.relative_to(ROOT).as_posix() for path in SOURCES if not {*names}.isdisjoint(named(path))}


def test_one_module_writes_atomically_and_one_locks() -> None:
    assert where(*WRITERS) == {"kernel/writing.py"}
    assert where("fcntl", "msvcrt", "fcntl.flock") == {"kernel/leases.py"}


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
def test_a_file_has_the_mode_that_was_asked_for(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        put(tmp_path / "a", b"x", 0o644)
        atomically(tmp_path / "b", b"x")
        ready = Path(beside(tmp_path / "c", b"x", 0o600))
    finally:
        os.umask(before)
    modes = [path.stat().st_mode & 0o777 for path in (tmp_path / "a", tmp_path / "b", ready)]
    assert modes == [0o644, 0o600, 0o600] and LEFT.fullmatch(ready.name)


def test_what_cannot_be_written_leaves_nothing_and_says_which_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "a").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space") as caught:
        atomically(tmp_path / "a", b"new")
    assert caught.value.filename == str(tmp_path / "a")
    assert [path.name for path in tmp_path.iterdir()] == ["a"] and (tmp_path / "a").read_bytes() == b"old"


def test_a_folder_in_the_place_of_a_file_is_not_deleted(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    with pytest.raises(OSError):
        atomically(tmp_path / "a", b"new")
    assert [*tmp_path.rglob("*")] == [tmp_path / "a", tmp_path / "a" / "b"]
