"""Modules that lie beside the notebook, or in a folder above it: they come from no index, and what they import is
needed, too. Files are read by name, within bounds, and never outside of the notebook's project."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..dialects.text_file import text_of
from ..errors import InputError
from .imports import Import, Seen, of_cells

ABOVE = 5
"""Folders above the notebook's that are looked into."""
MOST_FILES = 200
LARGEST = 1 << 20
ROOTS = (".git", ".hg", "pyproject.toml", "setup.py", "setup.cfg")
NAMED = re.compile(r"""^\s*name\s*=\s*["']?([A-Za-z0-9][\w.-]*)""", re.M)


@dataclass(frozen=True)
class Local:
    """`path` of the module or package, relative to the notebook's folder, for people. `project`: the name of the
    project that it is of, where it is another folder's and has to be installed."""

    path: str
    file: Path
    project: str | None = None


class Around:
    """The folders that modules may be in: the notebook's own, those that its cells name, and those above."""

    def __init__(
        self, folder: Path | None, named: Iterable[str] = (), known: Callable[[str], bool] = lambda top: False
    ) -> None:
        """`known`: whether a package brings this name: it comes before a mere folder, as in Python."""
        self.known = known
        self.own = folder
        self.top = _top(folder) if folder else None
        above = list(_up(folder, self.top)) if folder and self.top else []
        inside = [folder / word for word in named if word and "\0" not in word] if folder else []
        self.path = [*([folder] if folder else []), *(path for path in inside if self._within(path))]
        self.above = [path for each in above for path in (each, each / "src")]

    def find(self, top: str) -> Local | None:
        for number, folder in enumerate((*self.path, *self.above)):
            file = self._file(folder, top, bare=folder == self.own)
            if file:
                assert self.own
                project = _project(folder) if number >= len(self.path) else None
                return Local(_shown(file, self.own), file, project)
        return None

    def _file(self, folder: Path, top: str, *, bare: bool) -> Path | None:
        """`bare`: a folder of modules without `__init__.py` counts, too."""
        found = (folder / f"{top}.py", folder / top / "__init__.py")
        file = next((path for path in found if self._within(path) and path.is_file()), None)
        if file is None and bare and any((folder / top).glob("*.py")) and self._within(folder / top):
            return None if self.known(top) else folder / top
        return file

    def _within(self, path: Path) -> bool:
        try:
            return self.top is not None and path.resolve().is_relative_to(self.top)
        except (OSError, RuntimeError, ValueError):
            return False

    def follow(self, imports: Iterable[Import]) -> tuple[dict[str, Local], list[Import]]:
        """The local ones of what is imported, and what they import themselves."""
        found: dict[str, Local] = {}
        more, looked, read = list[Import](), set[str](), set[Path]()
        files, todo = list[Path](), [each.module for each in imports]
        while todo or files:
            if todo:
                module = todo.pop()
                top = module.partition(".")[0]
                if top not in looked:
                    looked.add(top)
                    if local := self.find(top):
                        found[top] = local
                if top in found and not found[top].project:
                    files += _files(found[top].file, module)
                continue
            file = files.pop()
            if file in read or len(read) >= MOST_FILES or not self._within(file):
                continue
            read.add(file)
            seen = _seen(file, _shown(file, self.own or file.parent))
            more += seen.imports
            todo += [each.module for each in seen.imports]
            files += [path for level, words in seen.relative for path in _siblings(file, level, words)]
        return found, more


def _files(start: Path, module: str) -> Iterator[Path]:
    """Of `pkg.sub.name`: the package's own file, and those on the way."""
    folder = start.parent if start.name == "__init__.py" else start
    if start.is_file():
        yield start
        if start.name != "__init__.py":
            return
    for part in module.split(".")[1:]:
        if (folder / f"{part}.py").is_file():
            yield folder / f"{part}.py"
            return
        folder = folder / part
        if not (folder / "__init__.py").is_file():
            return
        yield folder / "__init__.py"


def _siblings(file: Path, level: int, words: Sequence[str]) -> Iterator[Path]:
    """Of `from ..a import b`: those of a, a/__init__, a/b that there are."""
    folder = file.parents[min(level, len(file.parents)) - 1]
    for number in range(1, len(words) + 1):
        place = folder.joinpath(*words[:number])
        yield from (path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file())


def _seen(file: Path, where: str) -> Seen:
    try:
        return of_cells([(where, text_of(file, LARGEST))])
    except InputError:
        return Seen()


def _top(folder: Path) -> Path:
    """The project's folder: nothing above it is looked at. Without one, the notebook's own folder."""
    folder = folder.resolve()
    for path in _up(folder, None):
        if any((path / name).exists() for name in ROOTS[:2]):
            return path
    near = [path for path in (folder, *_up(folder, None)) if any((path / name).exists() for name in ROOTS)]
    return near[-1] if near else folder


def _up(folder: Path, top: Path | None) -> Iterator[Path]:
    """Those above, up to `top`; never the user's own folder, or one that holds it."""
    home = Path.home()
    for number, path in enumerate(folder.resolve().parents):
        if number >= ABOVE or home.is_relative_to(path) or path.parent == path:
            return
        if top is not None and not path.is_relative_to(top):
            return
        yield path


def _project(folder: Path) -> str | None:
    """The name of the project of this folder, as it says itself."""
    place = folder.parent if folder.name == "src" else folder
    for name in ("pyproject.toml", "setup.cfg", "setup.py"):
        try:
            found = NAMED.search(text_of(place / name, LARGEST)) if (place / name).is_file() else None
        except InputError:
            continue
        if found:
            return found[1]
    return None


def _shown(path: Path, folder: Path) -> str:
    place = path.parent if path.name == "__init__.py" else path
    try:
        return place.relative_to(folder).as_posix()
    except ValueError:
        up = next((n for n, each in enumerate(folder.parents, 1) if place.is_relative_to(each)), 0)
        return "../" * up + place.relative_to(folder.parents[up - 1]).as_posix() if up else place.name
