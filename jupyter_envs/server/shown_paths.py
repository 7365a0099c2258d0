"""Whether what somebody typed, and the lists that it names, stay in the folder that the server shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote

from ..dialects.conda_folders import built_by_conda
from ..dialects.file_options import NESTED, file_of
from ..dialects.pip_arguments import LONGEST, parse
from ..dialects.pip_lines import lines_of, options_of, requirement_and_options, text_of
from ..dialects.sources import is_address, is_path, parted, path_in
from ..errors import InputError
from ..kernel.typed_paths import PATHS
from ..model.requirement import split_address

T = TypeVar("T")
LISTS = ("--requirement", "--constraint", "--overrides")
LINKS = "--find-links"
"""Only compared with the places of the configuration."""
CELL = "Install it with %env-install in a cell."


def check_paths(said: Iterable[str], folder: Path | None, shown: Callable[[Path], bool]) -> None:
    """Of words and options, each path before anything there is read. Raises InputError."""
    base, files = folder or Path("/"), []
    for each in said:
        try:
            for path in _paths(each, base):
                _check_shown(repr(each[:200]), path, folder, shown)
                if each.partition("=")[0] in LISTS:
                    files.append(path)
        except OSError as error:
            raise InputError("no-such-path", f"{each[:200]!r} cannot be read: {error.strerror}.") from None
    seen: set[Path] = set()
    while files:
        file = files.pop()
        if file.resolve() not in seen:
            seen.add(file.resolve())
            for value, path, is_list in _in_list(file, base):
                _check_shown(f"{value[:200]!r} in {file.name}", path, folder, shown)
                if is_list:
                    files.append(path)


def _paths(said: str, base: Path) -> Iterator[Path]:
    """What a word or an option names on this machine. Raises InputError."""
    option, _, value = said.partition("=") if said.startswith("-") else ("", "", said)
    if option in LISTS:
        yield _understood(value, lambda: file_of(value, base))
    elif option in ("", "--editable", "--override"):
        yield from _of_word(value, base, editable=option == "--editable")
    elif option in PATHS and option != LINKS:
        yield base / (_understood(value, lambda: path_in(value)) if value.startswith("file:") else value)


def _of_word(word: str, base: Path, *, editable: bool) -> Iterator[Path]:
    yield from _places(word, base, editable=editable)
    found = parse([], editable=[word], base=base) if editable else parse([word], base=base)
    yield from (item.source.path for item in found if item.source and item.source.path)


def _in_list(file: Path, base: Path) -> Iterator[tuple[str, Path, bool]]:
    """What is written, the path, and whether it is another list. What else is wrong with a line, the job says with file
    and line: it reads the file as well."""
    for line in _lines(file):
        try:
            if line.startswith("-"):
                for option, value in options_of(line):
                    if option in NESTED:
                        yield value, file_of(value, file.parent), True
                    elif option == "--editable":
                        yield from ((value, path, False) for path in _of_word(value, base, editable=True))
                continue
            text, options = requirement_and_options(line)
            if (options or not built_by_conda(text)) and any(_places(text, base, editable=False)):
                yield from ((text, path, False) for path in _of_word(text, base, editable=False))
        except (InputError, OSError, ValueError):
            continue


def _lines(file: Path) -> list[str]:
    try:
        return [line for _, line in lines_of(text_of(file))]
    except InputError:
        return []


def _places(word: str, base: Path, *, editable: bool) -> Iterator[Path]:
    """The path that a word names, as it stands and without the extras and the condition at its end, and the folder
    below that an address names; nothing for a name or an address of the network."""
    if len(word) > LONGEST:
        return
    found = split_address(word) if "@" in word else None
    address = found[1] if found and found[1] else word
    file = address.startswith("file:")
    if not (file or is_path(address) or (editable and not is_address(address))):
        return
    yield from _of_address(address)
    if address == word:
        yield from _of_address(parted(word, base, local=not file)[0])


def _of_address(address: str) -> Iterator[Path]:
    if not address.startswith("file:"):
        yield Path(address)
        return
    place, _, fragment = address.partition("#")
    path = Path(_understood(address, lambda: path_in(place)))
    yield path
    for part in fragment.split("&"):
        if part.startswith("subdirectory="):
            folder = Path(unquote(part.partition("=")[2]))
            yield folder if folder.parts[:1] and folder.parts[0].startswith("~") else path / folder


def _understood(word: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except ValueError:
        raise InputError("req-syntax", f"{word[:200]!r} is not an address.") from None


def _check_shown(what: str, path: Path, folder: Path | None, shown: Callable[[Path], bool]) -> None:
    if folder is None:
        raise InputError("req-option-or-path", f"{what} is a path, and this notebook is in no folder.", hint=CELL)
    try:
        there = shown(folder / path.expanduser())
    except (OSError, RuntimeError, ValueError):  # ~nobody, a loop of links, no name of a file
        there = False
    if not there:
        raise InputError("req-option-or-path", f"{what} is not in a folder that this server shows.", hint=CELL)
