"""The name that a project on this machine gives itself, read from its files: nothing is run for it."""

from __future__ import annotations

import io
import re
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from email.parser import HeaderParser
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from ..errors import InputError
from ..kernel.typed_paths import ARCHIVES

if TYPE_CHECKING:
    import ast

MAX_BYTES = 1 << 18
MAX_UNPACKED = 1 << 26
"""Bytes of a compressed archive that are looked at."""
MAX_MEMBERS = 20_000
"""Of an archive: whoever has more has the files in question among the first, or is guessed."""
FILES = ("PKG-INFO", "pyproject.toml", "setup.cfg", "setup.py")
NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")
SPACES = re.compile(r"[^\S\n]{2,}")
PROJECT = ("pyproject.toml", "setup.py")
"""What a build tool needs."""


def name_in_folder(folder: Path) -> str | None:
    """None where only code knows it. Raises FileNotFoundError if this is no project."""
    texts = {name: text for name in FILES if (text := _content(folder / name)) is not None}
    if not texts.keys() & {*PROJECT}:
        raise FileNotFoundError(folder)
    return _name(texts)


def name_in_archive(file: Path) -> str | None:
    """Of source in a tar or zip file, from the files directly in its one folder. None where only code knows it, or the
    file cannot be read."""
    texts: dict[str, str] = {}
    try:
        for name, content in _zipped(file) if zipfile.is_zipfile(file) else _tarred(file):
            texts.setdefault(name, content.decode("utf-8", "replace"))
            if name == FILES[0]:
                break
    except (
        OSError,
        EOFError,
        ValueError,
        tarfile.TarError,
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        ImportError,
    ):
        return None
    return _name(texts)


def guess(filename: str) -> str:
    """What a file, a folder or a repository may be about: `thing-1.0.tar.gz` -> thing."""
    for ending in (*ARCHIVES, ".git"):
        filename = filename.removesuffix(ending)
    found = NAME.search(re.sub(r"-\d.*$", "", filename))
    return found[0] if found else "package"


def _content(file: Path) -> str | None:
    try:
        if not file.is_file():
            return None
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES).decode("utf-8-sig", "replace")
    except OSError:
        return None


def _wanted(path: str) -> str | None:
    folder, _, name = path.removeprefix("./").rpartition("/")
    return name if name in FILES and "/" not in folder else None


def _zipped(file: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist()[:MAX_MEMBERS]:
            if name := _wanted(member.filename):
                with archive.open(member) as opened:
                    yield name, opened.read(MAX_BYTES)


def _tarred(file: Path) -> Iterator[tuple[str, bytes]]:
    with _decompressed(file) as content, tarfile.open(fileobj=_Bounded(content), mode="r|") as archive:
        for _, member in zip(range(MAX_MEMBERS), archive, strict=False):
            name = _wanted(member.name) if member.isfile() else None
            opened = archive.extractfile(member) if name else None
            if name and opened:
                yield name, opened.read(MAX_BYTES)


def _decompressed(file: Path) -> IO[bytes]:
    import bz2
    import gzip
    import lzma

    with file.open("rb") as opened:
        start = opened.read(6)
    for magic, module in ((b"\x1f\x8b", gzip), (b"BZh", bz2), (b"\xfd7zXZ\x00", lzma)):
        if start.startswith(magic):
            return cast("IO[bytes]", module.open(file))
    return file.open("rb")


class _Bounded(io.RawIOBase):
    """The beginning of a file, however much of it a compressed one would become. Raises OSError after that."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._left = MAX_UNPACKED

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(min(size, self._left) if size >= 0 else self._left)
        self._left -= len(data)
        if not self._left:
            raise OSError("too much")
        return data


def _name(texts: Mapping[str, str]) -> str | None:
    """As a build tool decides: pyproject.toml if it says it, then the older files. An unpacked sdist has it ready."""
    for file, read in zip(FILES, (_of_metadata, _of_pyproject, _of_setup_cfg, _of_setup_py), strict=True):
        content = texts.get(file)
        name = read(content) if content else None
        if name and NAME.fullmatch(name):
            return name
    return None


def _of_metadata(text: str) -> str | None:
    return HeaderParser().parsestr(text).get("Name")


def _of_pyproject(text: str) -> str | None:
    from .toml_file import loads

    try:
        tables = loads(text, "pyproject.toml")
    except InputError:
        return None  # uv says what is the matter with it
    for table in (tables.get("project"), _inner(_inner(tables, "tool"), "poetry")):
        name = _inner(table, "name")
        if isinstance(name, str):
            return name
    return None


def _inner(table: object, key: str) -> object:
    return table.get(key) if isinstance(table, dict) else None


def _of_setup_cfg(text: str) -> str | None:
    import configparser

    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(SPACES.sub(" ", text))  # the parser tries each of a line's spaces with all behind it
    except configparser.Error:
        return None
    return parser.get("metadata", "name", fallback=None)


def _of_setup_py(text: str) -> str | None:
    """The name that `setup(…)` is given as a text, or as a variable that is assigned one text, once."""
    import ast

    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    nodes = [*ast.walk(tree)]
    calls = [node for node in nodes if isinstance(node, ast.Call) and _called(node.func) == "setup"]
    given = [word.value for call in calls for word in call.keywords if word.arg == "name"]
    if len(given) == 1 and isinstance(given[0], ast.Name):
        variable = given[0].id
        stored = [node for node in nodes if isinstance(node, ast.Name) and node.id == variable]
        once = sum(not isinstance(node.ctx, ast.Load) for node in stored) == 1
        given = [line.value for line in tree.body if once and isinstance(line, ast.Assign) and _to(line) == variable]
    value = given[0] if len(given) == 1 else None
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def _called(function: ast.expr) -> str:
    """`setup` of `setup(…)` and of `setuptools.setup(…)`."""
    return str(getattr(function, "id", "") or getattr(function, "attr", ""))


def _to(line: ast.Assign) -> str:
    """The variable that a plain assignment is to."""
    return str(getattr(line.targets[0], "id", "")) if len(line.targets) == 1 else ""
