"""Inspects an unpacked wheel once, and records what environments need to know about it."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ...errors import InstallError
from ...kernel.writing import put
from ...machine.interpreters import Interpreter
from ...model.closure import Chosen
from ...model.environment import site_path
from ...system.disk import OTHERS, sign
from ...system.files import sha256_of
from . import own_path, shared_libraries
from .wheels import LINKING, UNPACKED, Facts, Wheel, identity_of, list_of, place_of, tag_of

if TYPE_CHECKING:
    from ...engines.installed import Installed

CACHE = "__pycache__"
CODE = (".py", ".pyc", ".so", ".pyd", ".dylib", ".pth", ".start")
"""File name endings of what Python runs."""
Signs = dict[str, dict[str, tuple[int, int]]]
"""Folder of a wheel -> name -> mtime in ns and size."""
DEEPEST = 100
"""How deep folders may be nested."""
NATIVE = (".so", ".dylib", ".pyd")
HARMLESS = {"matplotlib"}
"""Packages that only look whether they run from their own repository."""


def facts_of(folder: Path, row: Chosen, installed: Installed, interpreter: Interpreter, python: Path) -> Facts:
    """Also makes the wheel's folders ready: each that holds modules gets its `__pycache__` now, so that a kernel that
    compiles them before we have done it changes no folder that is watched, and the others lose their write bits; and
    writes down the signs of its code, as it was unpacked, until they are sealed. `python`: what compiles it. Raises
    InstallError `wheel-escape` for a link, `wheel-too-deep`."""
    library = folder / "l"
    survey = _Survey(library)
    survey.walk("")
    data = [(path, os.lstat(path)) for path in (folder / "p", *(folder / "p").rglob("*")) if path.exists()]
    for path, status in data:
        keep_from_others(path, status)
        if stat.S_ISREG(status.st_mode):
            below = path.parent.relative_to(folder).as_posix()
            survey.code.setdefault(below, {})[path.name] = status.st_mtime_ns, status.st_size
    put(folder / UNPACKED, msgspec.json.encode(survey.code), 0o644)
    size = survey.size + sum(status.st_size for _, status in data)
    programs = [path.relative_to(folder / "p").as_posix() for path, status in data if native(path.name, status.st_mode)]
    why = (
        _finds_its_place(row, interpreter)
        or _looks_outside(library, survey.natives, folder / "p", programs)
        or _looks_for_neighbours(row.name, library, survey.modules)
    )
    mark = _stat(folder / place_of(installed.mark, site_path(interpreter.version))) if installed.mark else None
    return Facts(
        dir=folder.name,
        identity=identity_of(row, interpreter),
        name=row.name,
        version=row.version,
        info=installed.info,
        tag=tag_of(interpreter),
        python=str(python),
        size=size,
        folders=survey.signs(),
        why_real=why,
        cached=mark.st_ino if mark and mark.st_nlink > 1 else 0,
        listed=sha256_of(list_of(folder, installed.info)),
        linking=LINKING,
    )


def inspect_again(wheel: Wheel) -> Wheel:
    """One that an older version unpacked, with what is known of it by the rules of today."""
    facts = wheel.facts
    modules = sorted(path.relative_to(wheel.library).as_posix() for path in wheel.library.rglob("*.py"))
    why = facts.why_real or _looks_for_neighbours(facts.name, wheel.library, modules)
    return msgspec.structs.replace(wheel, facts=msgspec.structs.replace(facts, why_real=why, linking=LINKING))


def _finds_its_place(row: Chosen, interpreter: Interpreter) -> str:
    return "its Python looks for its folders beside its own file" if row.name == interpreter.package else ""


def _looks_outside(library: Path, natives: Sequence[str], data: Path, programs: Sequence[str]) -> str:
    why = shared_libraries.leaves(library, natives) or shared_libraries.leaves(data, programs)
    return f"{why} looks for libraries outside its own wheel" if why else ""


def _looks_for_neighbours(name: str, library: Path, modules: Sequence[str]) -> str:
    why = None if name in HARMLESS else own_path.leaves(library, modules)
    return f"{why} looks for files outside its own wheel, from the place to which links lead" if why else ""


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except OSError:
        return None


def refuse_deep(place: str, depth: int) -> None:
    """Raises InstallError where a folder lies deeper than any package needs: paths, and whoever walks there, have an
    end."""
    if depth > DEEPEST:
        raise InstallError("wheel-too-deep", f"A package has folders nested more than {DEEPEST} deep: {place[:60]}….")


def native(name: str, mode: int) -> bool:
    """Whether a file may hold machine code: a library by its name, or a program."""
    return (
        name.endswith(NATIVE)
        or ".so." in name
        or ("." not in name and stat.S_ISREG(mode) and bool(mode & stat.S_IXUSR))
    )


def keep_from_others(path: str | Path, status: os.stat_result) -> None:
    """Whatever the umask was when it was written."""
    if status.st_mode & OTHERS and not stat.S_ISLNK(status.st_mode):
        os.chmod(path, stat.S_IMODE(status.st_mode) & ~OTHERS)  # noqa: PTH101


class _Survey:
    """`size` in bytes on the disk, `natives` and `modules` paths below the library, `code` the signs of its code."""

    def __init__(self, library: Path) -> None:
        self._library = str(library)
        self.size = 0
        self.natives: list[str] = []
        self.code: Signs = {}
        self.modules: list[str] = []
        self._watched = ["."]
        """Folders that environments link to, and all folders that contain code."""

    def signs(self) -> dict[str, tuple[int, int]]:
        found = {name: sign(os.path.join(self._library, name)) for name in self._watched}  # noqa: PTH118
        return {name: (known[0], known[1]) for name, known in found.items() if known}

    def walk(self, place: str) -> None:
        refuse_deep(place, place.count("/"))
        folder = os.path.join(self._library, place)  # noqa: PTH118
        modules = native_code = False
        for entry in list(os.scandir(folder)):
            path = f"{place}/{entry.name}" if place else entry.name
            if entry.is_dir(follow_symlinks=False):
                self.walk(path)
                continue
            status = entry.stat(follow_symlinks=False)
            if not stat.S_ISREG(status.st_mode):
                raise InstallError("wheel-escape", f"A wheel contains a link or a device: {path[:200]}.")
            keep_from_others(entry.path, status)
            self.size += getattr(status, "st_blocks", -(-status.st_size // 512)) * 512
            if entry.name.endswith(".py"):
                modules = True
                self.modules.append(path)
            if entry.name.endswith(CODE):
                below = f"l/{place}" if place else "l"
                self.code.setdefault(below, {})[entry.name] = status.st_mtime_ns, status.st_size
            if native(entry.name, status.st_mode):
                native_code = True
                self.natives.append(path)
        top = place and "/" not in place and not place.endswith((".dist-info", CACHE))
        if top or (place and not place.endswith(CACHE) and (modules or native_code)):
            self._watched.append(place)
        if modules and not place.endswith(CACHE):
            cache = os.path.join(folder, CACHE)  # noqa: PTH118
            os.makedirs(cache, exist_ok=True)  # noqa: PTH103
            os.chmod(cache, 0o755)  # noqa: PTH101
        os.chmod(folder, 0o755 if place.endswith(CACHE) else 0o555)  # noqa: PTH101
