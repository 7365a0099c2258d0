"""The files of an environment, as links to the wheels that bring them.

    <prefix>/.w/<n>                        the n-th wheel: ../../../../w/<key>/<8>
    <prefix>/lib/…/site-packages/numpy     ../../../.w/<n>/l/numpy

Because of `.w` every link is short: on ext4, one of 60 bytes or more takes a block of its own. A folder that several
wheels share is a real folder with links one level deeper; so is every `*.dist-info`, which tools expect to be a folder.

If two wheels bring the same file, the one whose name comes later in the alphabet wins, in whatever order they were
unpacked, and an editable project wins over all others; if the files differ, a note says so. What belongs to the
environment itself, its Python and its `pyvenv.cfg`, cannot come from a wheel.

Bytecode is linked in every mode, even before it exists: whoever compiles a wheel later does it for all environments."""

from __future__ import annotations

import contextlib
import filecmp
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import InstallError
from ..model.environment import python_of
from ..system.disk import sign
from .wheel.inspect import CACHE
from .wheel.scripts import PLACEHOLDER, written_for
from .wheel.wheels import HOPS, Wheel

BLOCK = 4096
"""Bytes of disk that a small file takes."""


@dataclass(frozen=True)
class WheelEntry:
    """A file or folder of the wheel with this number; `real`: its folders are made and never linked."""

    number: int
    path: str
    folder: bool
    real: bool


@dataclass
class Tree:
    """`mode`: links, hardlink or copy. Afterwards: `made` and `linked` folders, `written` files; `overruled`: (path,
    loser, winner) where two wheels bring the same file; `own`: bytes that the environment takes beside its wheels."""

    prefix: Path
    wheels: Sequence[Wheel]
    mode: str
    made: list[str] = field(default_factory=list)
    linked: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    overruled: list[tuple[str, str, str]] = field(default_factory=list)
    own: int = 0

    def __post_init__(self) -> None:
        self._prefix = str(self.prefix)
        self._folders = [str(wheel.folder) for wheel in self.wheels]
        self._taken = {self._prefix, os.path.join(self._prefix, "bin")}  # noqa: PTH118
        """Paths that exist already: python, pyvenv.cfg."""
        self.hops = False
        """Whether there are links to the wheels' folders."""

    def grow(self, site: Path) -> None:
        """Raises OSError."""
        self._hops()
        self._fold(str(site), self._roots([wheel.library for wheel in self.wheels]))
        self._fold(self._prefix, self._roots([wheel.data for wheel in self.wheels]))
        bones = (python_of(self.prefix).parent, *(place for place in site.parents if self.prefix in place.parents))
        self.made += [str(place) for place in bones if str(place) not in self.made]

    def freeze(self) -> None:
        """Removes the write bits from what belongs to this environment only; what was linked has lost them in its
        wheel."""
        for path in self.made:
            self.own += _blocks(path)
            os.chmod(path, 0o555)  # noqa: PTH101

    def _roots(self, folders: Sequence[Path]) -> list[WheelEntry]:
        real = [self.mode != "links" or bool(wheel.facts.why_real) for wheel in self.wheels]
        return [WheelEntry(n, str(path), True, real[n]) for n, path in enumerate(folders) if path.is_dir()]

    def _hops(self) -> None:
        hops = self.prefix / HOPS
        hops.mkdir(exist_ok=True)
        self.made.append(str(hops))
        self.hops = self.mode == "links" or follows(hops)
        if not self.hops:
            return
        ways: dict[Path, str] = {}
        for number, wheel in enumerate(self.wheels):
            there, root = f"{hops}/{number}", wheel.folder.parent.parent
            if not os.path.exists(there):  # noqa: PTH110  # one of the environment's own is there
                way = ways.get(root) or ways.setdefault(root, os.path.relpath(root, hops))
                os.symlink(f"{way}/{wheel.place}", there)  # noqa: PTH211

    def _fold(self, place: str, sources: Sequence[WheelEntry]) -> None:
        """Puts what the folders `sources` hold into the folder `place`; later ones win."""
        found: dict[str, list[WheelEntry]] = {}
        for source in sources:
            for entry in os.scandir(source.path):
                folder = entry.is_dir(follow_symlinks=False)
                found.setdefault(entry.name, []).append(WheelEntry(source.number, entry.path, folder, source.real))
        self.made.append(place)
        caches = found.pop(CACHE, ())
        for name, candidates in found.items():
            target = f"{place}/{name}"
            self._overrule(target, candidates)
            if candidates[-1].folder:
                self._folder(target, name, [each for each in candidates if each.folder])
            else:
                self._file(candidates[-1], place, target)
        if caches:
            modules = {name[:-3]: candidates[-1].number for name, candidates in found.items() if name.endswith(".py")}
            self._bytecode(f"{place}/{CACHE}", modules, {source.number: source.path for source in caches})

    def _bytecode(self, target: str, modules: Mapping[str, int], caches: Mapping[int, str]) -> None:
        """`modules`: name -> the wheel whose module it is; `caches`: wheel -> its `__pycache__`. Never the bytecode of
        a module that another wheel's stands in for: Python would run it without a look at the source."""
        owners = set(modules.values())
        if self.hops and len(owners) == 1 and owners <= caches.keys():
            number = owners.pop()
            self._link(WheelEntry(number, caches[number], True, False), target)
            return
        os.mkdir(target)  # noqa: PTH102
        self.made.append(target)
        wanted = {
            f"{target}/{entry.name}": WheelEntry(number, entry.path, False, not self.hops)
            for number, path in caches.items()
            for entry in os.scandir(path)
            if entry.name.endswith(".pyc") and modules.get(entry.name.partition(".")[0], number) == number
        }
        if self.hops:
            for name, number in modules.items():
                path = f"{name}.{self.wheels[number].facts.tag}.pyc"
                if number in caches:
                    wanted[f"{target}/{path}"] = WheelEntry(number, f"{caches[number]}/{path}", False, False)
        for path, source in wanted.items():
            self._file(source, target, path)

    def _folder(self, target: str, name: str, folders: Sequence[WheelEntry]) -> None:
        alone = folders[0] if len(folders) == 1 and not folders[0].real else None
        if alone and not name.endswith(".dist-info") and not os.path.isdir(target):  # noqa: PTH112
            self._link(alone, target)
            self.linked.append(target)
            return
        if os.path.islink(target):  # noqa: PTH114
            raise InstallError(
                "wheel-escape", f"A wheel contains files for {name}, which belongs to the environment itself."
            )
        os.makedirs(target, exist_ok=True)  # noqa: PTH103
        self._fold(target, folders)

    def _overrule(self, target: str, candidates: Sequence[WheelEntry]) -> None:
        winner = candidates[-1]
        for loser in candidates[:-1]:
            if loser.folder and winner.folder:
                continue
            if loser.folder or winner.folder or not filecmp.cmp(loser.path, winner.path, shallow=False):
                names = self.wheels[loser.number].name, self.wheels[winner.number].name
                self.overruled.append((target[len(self._prefix) + 1 :], *names))

    def _file(self, source: WheelEntry, place: str, target: str) -> None:
        if place in self._taken and (os.path.lexists(target) or self._script(source, place, target)):
            return
        if source.real:
            self.own += _solid(source.path, target, copy=self.mode == "copy")
        else:
            self._link(source, target)

    def _script(self, source: WheelEntry, place: str, target: str) -> bool:
        if place == self._prefix:
            return False
        with open(source.path, "rb") as file:  # noqa: PTH123
            if file.read(len(PLACEHOLDER)) != PLACEHOLDER:
                return False
            content = written_for(self.prefix, PLACEHOLDER + file.read())
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o555)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        self.written.append(target)
        self.own += -(-len(content) // BLOCK) * BLOCK
        return True

    def _link(self, source: WheelEntry, target: str) -> None:
        inside = source.path[len(self._folders[source.number]) + 1 :]
        depth = target.count("/", len(self._prefix) + 1)
        os.symlink("../" * depth + f"{HOPS}/{source.number}/{inside}", target)  # noqa: PTH211


def _solid(source: str, target: str, *, copy: bool) -> int:
    """A second name of the file, or a copy: asked for, or where the file system has no second names or too many of
    them. Returns the bytes that it takes."""
    if not copy:
        with contextlib.suppress(OSError):
            os.link(source, target)
            return 0
    shutil.copy2(source, target)
    os.chmod(target, os.lstat(target).st_mode & 0o555)  # noqa: PTH101
    return _blocks(target)


def _blocks(path: str) -> int:
    status = os.lstat(path)
    return int(getattr(status, "st_blocks", -(-status.st_size // 512))) * 512


def signs(paths: Sequence[str], prefix: Path) -> dict[str, list[int]]:
    """Path relative to `prefix` -> sign, of those that are there."""
    base = len(str(prefix)) + 1
    return {path[base:]: known for path in paths if (known := sign(path))}


def follows(folder: Path) -> bool:
    """Whether symbolic links can be made here."""
    probe = folder / ".probe"
    try:
        probe.symlink_to("nowhere")
    except (OSError, NotImplementedError):
        return False
    probe.unlink()
    return True
