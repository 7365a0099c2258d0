"""Takes a staging environment apart: each package goes into its own folder, by the list of files that the engine gives.
What an engine must not list is refused here."""

from __future__ import annotations

import contextlib
import os
import posixpath
import re
import stat
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from pathlib import Path

from ...engines.installed import COMMANDS, Installed, InstalledFile
from ...errors import InstallError
from ...model.environment import python_of
from .files import write_list
from .inspect import refuse_deep
from .scripts import entry_points, neutral, refuse_shadow

OURS = (".w", "lib64", "pyvenv.cfg")
"""Names at the top of an environment, in lower case."""
STEERS = re.compile(r"(?:(?:bin|scripts)/)?(?:[^/]*\._pth|pyvenv\.cfg)", re.IGNORECASE)
"""Files beside Python that decide where it looks for its modules:
https://docs.python.org/3/library/sys_path_init.html."""

DETOUR = re.compile(r"(?:^|/)\.{0,2}(?:/|$)" + (r"|[\\:]" if sys.platform == "win32" else ""))
"""A path that does not lead straight down from where it starts: with an empty part, `.` or `..`."""


@dataclass(frozen=True)
class Staging:
    """An environment that is taken apart; `site` is its site-packages. `left`: what is in it too, and stays. `python`:
    the package that brings the environment's Python, "" where none does."""

    prefix: Path
    site: Path
    distributions: tuple[Installed, ...]
    left: tuple[Installed, ...] = ()
    python: str = ""

    @property
    def site_path(self) -> str:
        """Relative to the prefix."""
        return self.site.relative_to(self.prefix).as_posix()

    @property
    def clashing(self) -> frozenset[str]:
        """Names of the distributions that share a file with another one, perhaps on a disk that is not
        case-sensitive."""
        owners = Counter(path for each in self.distributions for path in {row.path.casefold() for row in each.files})
        return frozenset(
            each.name for each in self.distributions if any(owners[row.path.casefold()] > 1 for row in each.files)
        )

    def verified(self) -> Staging:
        """Itself. Raises InstallError unless every file that the engine names is there, of the right size, and no
        link."""
        base = str(self.prefix)
        for distribution in self.distributions:
            self._refuse_detours(distribution)
            for row in distribution.files:
                refuse_deep(row.path, row.path.count("/"))
                try:
                    status = os.lstat(os.path.join(base, row.path))  # noqa: PTH118  # 15,000 of them
                except (OSError, ValueError):  # as for a name with a null byte
                    raise _incomplete(distribution, row, "is missing") from None
                if not stat.S_ISREG(status.st_mode) or self._ours(distribution.name, row.path):
                    raise InstallError(
                        "wheel-escape", f"{distribution.label}: a wheel must not contain {row.path[:200]}."
                    )
                if row.size is not None and row.hash and status.st_size != row.size:
                    raise _incomplete(distribution, row, "has the wrong size")
        self._bounded()
        return self

    def _refuse_detours(self, distribution: Installed) -> None:
        """Raises InstallError for a file whose path leads out of the environment, by its words or through a link."""
        paths = [row.path for row in distribution.files] + [name for name in [distribution.info] if name]
        folders = {posixpath.dirname(path) for path in paths}
        waiting = [*folders]
        while waiting:
            above = posixpath.dirname(waiting.pop())
            if above not in folders:
                folders.add(above)
                waiting.append(above)
        odd = [path for path in paths if DETOUR.search(path)]
        odd += [place for place in folders if os.path.islink(f"{self.prefix}/{place}")]  # noqa: PTH114
        odd += [distribution.info] if "/" in distribution.info else []
        if odd:
            raise InstallError(
                "wheel-escape", f"{distribution.label} names a file outside the environment: {odd[0][:200]}."
            )

    def _bounded(self) -> None:
        """Raises InstallError for folders in folders without end, also where no list has them; the folders of
        packages are looked through when they move."""
        inside = self.site_path + "/"
        listed = {_top(row.path, inside) for each in (*self.distributions, *self.left) for row in each.files}
        waiting = [(name, 1) for name in os.listdir(self.site) if name not in listed]  # noqa: PTH208
        while waiting:
            place, depth = waiting.pop()
            refuse_deep(place, depth)
            folder = os.path.join(self.site, place)  # noqa: PTH118
            if os.path.isdir(folder) and not os.path.islink(folder):  # noqa: PTH112, PTH114
                waiting += [
                    (f"{place}/{entry.name}", depth + 1)
                    for entry in os.scandir(folder)
                    if entry.is_dir(follow_symlinks=False)
                ]

    def _ours(self, name: str, path: str) -> bool:
        """Whether an environment has something of its own there: a link into the store, or to its site-packages; or
        would be another by it. Beside site-packages lies what its own Python starts with: that is of one package.
        Site-packages in another spelling is the same folder on some disks: what is there would be missed."""
        if path.startswith(f"{self.site_path}/"):
            return False
        first = path.partition("/")[0].casefold()
        respelled = path.casefold().startswith(f"{self.site_path}/".casefold())
        library = posixpath.dirname(self.site_path).casefold()
        zipped = f"{library.replace('.', '')}.zip"
        starts = self.python not in ("", name) and path.casefold().startswith((f"{library}/", zipped))
        return first in OURS or respelled or starts or STEERS.fullmatch(path) is not None


def _incomplete(distribution: Installed, row: InstalledFile, why: str) -> InstallError:
    return InstallError(
        "incomplete", f"{distribution.label}: {row.path[:200]} {why}.",
        hint="Try again; if it happens again, tell the owner of the index.",
    )  # fmt: skip


def split(staging: Staging, folders: Mapping[str, Path]) -> None:
    """Moves each distribution into its folder, name -> folder: `l` gets what is in site-packages, `p` the rest. What no
    list names is left behind, wherever it lies: whoever put it there, it was not whose folder that is."""
    inside = staging.site_path + "/"
    there = (*staging.distributions, *staging.left)
    tops = {each.name: {_top(row.path, inside) for row in each.files} for each in there}
    owners = Counter(top for names in tops.values() for top in {name.casefold() for name in names})
    for each in staging.distributions:
        alone = frozenset(top for top in tops[each.name] if top and owners[top.casefold()] == 1)
        _move(staging, each, folders[each.name], alone)


def split_one(staging: Staging, distribution: Installed, folder: Path) -> None:
    split(replace(staging, distributions=(distribution,), left=()), {distribution.name: folder})


def _top(path: str, inside: str) -> str:
    return path[len(inside) :].split("/", 1)[0] if path.startswith(inside) else ""


def _move(staging: Staging, distribution: Installed, folder: Path, alone: frozenset[str]) -> None:
    """`alone`: what is nobody else's at the top of site-packages; it moves in one step, however large it is."""
    library, data, inside = folder / "l", folder / "p", staging.site_path + "/"
    library.mkdir(parents=True)
    folder.chmod(0o755)  # whatever the umask, here and in inspect.py
    folder.parent.chmod(stat.S_IMODE(folder.parent.parent.stat().st_mode))
    rows = {row.path: row for row in distribution.files}  # RECORD may name one twice
    for path in rows:
        refuse_shadow(distribution.name, path, python=distribution.name == staging.python)
    commands = [row for row in rows.values() if row.path.startswith(COMMANDS)]
    for row in rows.values():
        if row.path.startswith(inside):
            name = row.path[len(inside) :]
            if name.split("/", 1)[0] not in alone:
                _rename(staging.site / name, library / name)
        elif not row.path.startswith(COMMANDS):
            _rename(staging.prefix / row.path, data / row.path)
    for top in alone:
        (staging.site / top).rename(library / top)
    _leave_behind(library, rows.keys(), inside, alone)
    changed = _commands(staging, distribution, folder, commands)
    if changed or not distribution.info:
        left = (InstalledFile(path) if path in changed else row for path, row in rows.items())
        write_list(folder, distribution, left, staging.site_path)


def _leave_behind(library: Path, listed: Set[str], inside: str, tops: Iterable[str]) -> None:
    """Deletes what lies in those folders and is not listed. Raises InstallError for folders in folders without end."""
    folders = [(f"{library}/{top}", inside + top) for top in tops if (library / top).is_dir()]
    for place, path in folders:  # which grows meanwhile
        refuse_deep(path, path.count("/") - inside.count("/") + 1)
        for entry in os.scandir(place):
            if entry.is_dir(follow_symlinks=False):
                folders.append((entry.path, f"{path}/{entry.name}"))
            elif f"{path}/{entry.name}" not in listed:
                os.unlink(entry.path)  # noqa: PTH108  # as below: a path each for 15,000 of them takes long
    for place, _ in reversed(folders):
        with contextlib.suppress(OSError):  # it holds something
            os.rmdir(place)  # noqa: PTH106


def _commands(staging: Staging, distribution: Installed, folder: Path, rows: list[InstalledFile]) -> set[str]:
    """Writes the wheel's commands without the path of the staging environment; returns those whose content changed."""
    python = python_of(staging.prefix)
    made = dict(entry_points(folder / "l" / distribution.info)) if distribution.info else {}
    changed = set()
    for row in rows:
        name = row.path.partition("/")[2]
        source, target = staging.prefix / row.path, folder / "p" / row.path
        before = source.read_bytes()
        content = made.get(name) or neutral(before, python)
        if content == before:
            _rename(source, target)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        target.chmod(0o755)
        changed.add(row.path)
    return changed


def _rename(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    source.rename(target)
