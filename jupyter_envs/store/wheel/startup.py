"""Which code in the wheels of a closure would run before any cell: whenever Python starts, or whenever a kernel starts.
Decided by their files only, each time an environment is made, so that answers of older rules do not count."""

from __future__ import annotations

import filecmp
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import islice
from pathlib import Path

from packaging.utils import canonicalize_name

from .asked import ASKED, CONFIGURATION, HOOKS, NOT_ASKED, OWNERS, PROGRAMS
from .inspect import CACHE
from .wheels import Wheel

LINES = (".pth", ".start")
"""Files that Python reads line by line: https://docs.python.org/3/library/site.html,
https://peps.python.org/pep-0829."""
IDLE = re.compile(rb"(?:#[\t -~]*|[\t ]*)")
"""A line that every Python ignores, with whatever encoding it reads it, and whatever it takes as the end of a line."""
LONGEST_FILE = 1 << 16
"""How many bytes of such a file are read."""
MODULES = (".py", ".pyc", ".so", ".pyd", ".pkg", ".dll", ".dylib")
_NEEDS = re.compile(rb"^Requires-Dist:[ \t]*([A-Za-z0-9._-]+)(.*)$", re.MULTILINE)
EXTENDS = rb"extend_path|declare_namespace"
"""In the `__init__.py` of an old namespace."""
FEW = 5
"""How many files of one package are named."""


def at_start(wheels: Sequence[Wheel]) -> dict[str, tuple[str, ...]]:
    """Package -> its files that run code before any cell does; for packages that have such."""
    found = {wheel.name: [*of_wheel(wheel.library, wheel.data)] for wheel in wheels}
    tops = _tops(wheels)
    started = _started(wheels, [name for name, files in found.items() if files], tops)
    missing = started - {wheel.name for wheel in wheels}
    asked = ASKED | {name.replace("-", "_") for name in missing}
    for stem, bringers in tops.items():
        for wheel, path in bringers:
            if not _rightful(wheel.name, stem, started):
                others = [
                    each
                    for other, each in bringers
                    if other is not wheel and other.name in started and stem not in NOT_ASKED
                ]
                found[wheel.name] += _named(wheel, [path] if stem in asked else _over(others, path))
    return {name: tuple(sorted({*files})) for name, files in found.items() if files}


def of_wheel(library: Path, data: Path) -> tuple[str, ...]:
    """The same for what a wheel does by itself, whatever is installed next to it."""
    top = [entry.name for entry in os.scandir(library) if _speaks(entry)]
    return tuple(sorted([*top, *_configuration(data), *_programs(data)]))


def _speaks(entry: os.DirEntry[str]) -> bool:
    name = entry.name.casefold()
    if name.endswith(LINES) and entry.is_file(follow_symlinks=False):
        return entry.stat(follow_symlinks=False).st_size > LONGEST_FILE or not _idle(Path(entry.path).read_bytes())
    return _stem(name) in HOOKS and not name.endswith((".dist-info", ".data"))


def _idle(content: bytes) -> bool:
    return all(IDLE.fullmatch(line) for line in re.split(rb"[\r\n]", content))


def _configuration(data: Path) -> Iterator[str]:
    folders = [data]
    for wanted in CONFIGURATION:
        folders = [Path(each.path) for folder in folders for each in _entries(folder) if each.name.casefold() == wanted]
    for folder in folders:
        yield from islice((file.relative_to(data).as_posix() for file in _files(folder)), FEW)


def _programs(data: Path) -> Iterator[str]:
    for folder in _entries(data):
        if folder.name.casefold() in ("bin", "scripts"):
            for each in _entries(Path(folder.path)):
                if _stem(each.name) in PROGRAMS:
                    yield f"{folder.name}/{each.name}"


# -- modules in the place of others -------------------------------------------------------------------------------


def _tops(wheels: Iterable[Wheel]) -> dict[str, list[tuple[Wheel, Path]]]:
    """Name of a module in small letters -> who brings something of it, and what."""
    tops: dict[str, list[tuple[Wheel, Path]]] = {}
    for wheel in wheels:
        for stem, paths in _modules(wheel.library).items():
            tops.setdefault(stem, []).extend((wheel, path) for path in paths)
    return tops


def _started(
    wheels: Sequence[Wheel], speaking: Iterable[str], tops: Mapping[str, list[tuple[Wheel, Path]]]
) -> set[str]:
    """Names of ipykernel, of the packages that a start loads if they are installed, and of everything that those
    need."""
    tried = [wheel.name for stem in ASKED for wheel, _ in tops.get(stem, ()) if _rightful(wheel.name, stem)]
    by_name, waiting, found = {wheel.name: wheel for wheel in wheels}, ["ipykernel", *speaking, *tried], set[str]()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _needs(by_name[name]) if name in by_name else ()
    return found


def _needs(wheel: Wheel) -> Iterator[str]:
    """What it may need on any machine, without its extras."""
    if not wheel.facts.info:
        return
    try:
        head = (wheel.library / wheel.facts.info / "METADATA").read_bytes().partition(b"\n\n")[0]
    except FileNotFoundError:
        return
    for name, rest in _NEEDS.findall(head):
        if b"extra" not in rest:
            yield canonicalize_name(name.decode())


def _rightful(package: str, stem: str, started: Set[str] = frozenset()) -> bool:
    """Whether this package may bring it. Having the name of somebody else's module does not count."""
    if stem in ASKED:
        return package in OWNERS.get(stem, ())
    return package in started and stem.isidentifier() and package == canonicalize_name(stem)


def _over(owned: Iterable[Path], path: Path) -> Iterator[Path]:
    """The parts of `path`, a module or package, that would replace something in `owned`, or become part of it."""
    waiting = [(own, path) for own in owned]
    while waiting:
        own, path = waiting.pop()
        if own.is_dir() and path.is_dir() and _shared(own):
            theirs = _modules(own)
            waiting += [
                (each, mine)
                for stem, found in _modules(path).items()
                for mine in found
                for each in theirs.get(stem, ())
            ]
        elif own.is_dir() or own.name != path.name or not filecmp.cmp(own, path, shallow=False):
            yield path


def _shared(package: Path) -> bool:
    """Whether it is a namespace, into which other packages may put their own modules; `name.libs` is not one."""
    made = _modules(package).get("__init__", ()) if package.name.isidentifier() else [package]
    return all(each.suffix == ".py" and re.search(EXTENDS, each.read_bytes()) for each in made)


def _modules(folder: Path) -> dict[str, list[Path]]:
    """By the name that they are imported by, in lower case; and folders with other names, which contain libraries."""
    found: dict[str, list[Path]] = {}
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            if entry.name != CACHE and not entry.name.endswith(".dist-info"):
                found.setdefault(entry.name.casefold(), []).append(Path(entry.path))
        elif entry.name.casefold().endswith(MODULES):
            found.setdefault(_stem(entry.name), []).append(Path(entry.path))
    return found


def _stem(name: str) -> str:
    return name.partition(".")[0].casefold()


# -- names of files -----------------------------------------------------------------------------------------------


def _named(wheel: Wheel, paths: Iterable[Path]) -> list[str]:
    """A few of the files there, relative to site-packages."""
    files = (file for path in paths for file in ([*islice(_files(path), FEW)] or [path]))
    return [file.relative_to(wheel.library).as_posix() for file in islice(files, FEW)]


def _files(folder: Path) -> Iterator[Path]:
    waiting = [folder]
    while waiting:
        entries = sorted(_entries(waiting.pop()), key=lambda each: each.name)
        yield from (Path(each.path) for each in entries if not each.is_dir(follow_symlinks=False))
        waiting += [
            Path(each.path) for each in reversed(entries) if each.is_dir(follow_symlinks=False) and each.name != CACHE
        ]


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        return list(os.scandir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
