"""Wheels that are not in the store yet -> their own folders. The installer fills a staging environment in one call,
which is then split by the engine's lists of files."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import structs

from ...engines.installed import Installed
from ...errors import Cancelled, InstallError
from ...model.closure import Chosen, Closure
from ...model.progress import Report
from ...system.disk import new_name, publish, sync
from ...system.removal import delete
from ..venv import bare
from .bytecode import compile_first
from .inspect import facts_of
from .split import Staging, split, split_one
from .wheels import Wheel, Wheels, identity_of

if TYPE_CHECKING:
    from ...engines.protocols import Installer


@dataclass
class Unpacking:
    """Raises what the installer raises, and InstallError `incomplete`, `wheel-escape` or `wheel-shadow`; then no wheel
    has been published and nothing is left. `root`: of the store, `<store>/v1`; `python_wheel`: the folder of the wheel
    that brings the closure's Python, if it is unpacked already."""

    closure: Closure
    root: Path
    installer: Installer
    report: Report
    python_wheel: Path | None = None
    _trash: list[Path] = field(default_factory=list)

    def wheels(self, rows: Sequence[Chosen]) -> None:
        """Puts the wheels of `rows` into the store."""
        made: dict[str, tuple[Chosen, Installed]] = {}
        try:
            for staging in self._stagings(rows):
                made |= self._split(staging, {row.name: row for row in rows})
            self._publish(made)
        except BaseException:
            self._trash += [self._folder(place) for place in made]
            raise
        finally:
            self._clean()

    def own(self, row: Chosen, folder: Path) -> Wheel:
        """A package that no other environment may share (an editable one), unpacked at `folder`."""
        try:
            staging = self._staged([row]).verified()
            split_one(staging, staging.distributions[0], folder)
            facts = facts_of(folder, row, staging.distributions[0], self.closure.interpreter, self._python({}))
            return Wheel(facts.identity[:16], folder, facts)
        finally:
            self._clean()

    def _stagings(self, rows: Sequence[Chosen]) -> Iterable[Staging]:
        """One for each index, so that the installer never starts the Python of an environment that holds wheels
        already."""
        for index in sorted({row.index or "" for row in rows}):
            yield from self._of_one_index([row for row in rows if (row.index or "") == index])

    def _of_one_index(self, rows: Sequence[Chosen]) -> Iterable[Staging]:
        """One for all; those of which a file is another's too, each in one of its own, since what lies there together
        may be of either."""
        together = self._staged(rows)
        self.report.phase("verify", "Unpacking")
        # What the installer wrote reaches the disk while it is split, so that the sync before publishing is short.
        threading.Thread(target=_sync_ahead, args=(self.root,), daemon=True).start()
        clashing = together.clashing
        for row in rows:
            if row.name in clashing:
                yield self._staged([row]).verified()
        left = tuple(each for each in together.distributions if each.name in clashing)
        rest = tuple(each for each in together.distributions if each.name not in clashing)
        yield replace(together, distributions=rest, left=left).verified()

    def _staged(self, rows: Sequence[Chosen]) -> Staging:
        prefix = self.root / "s" / new_name()
        prefix.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._trash.append(prefix)
        site = bare(prefix, self.closure.interpreter)
        self.installer.install(structs.replace(self.closure, rows=tuple(rows)), prefix, self.report)
        found = self.installer.distributions(prefix, self.closure.interpreter)
        wanted, there = Counter(row.name for row in rows), Counter(each.name for each in found)
        differ = (wanted - there) + (there - wanted)
        if differ:
            raise InstallError(
                "incomplete", f"The installed packages do not match the lock: {', '.join(sorted(differ))}."
            )
        return Staging(prefix, site, found, python=self.closure.interpreter.package)

    def _split(self, staging: Staging, rows: dict[str, Chosen]) -> dict[str, tuple[Chosen, Installed]]:
        """`<key>/<8>` -> what is there now."""
        places = {
            f"{identity_of(rows[each.name], self.closure.interpreter)[:16]}/{new_name()}": (rows[each.name], each)
            for each in staging.distributions
        }
        folders = [self._folder(place) for place in places]
        self._trash += folders  # until all of it is there
        split(staging, {each.name: self._folder(place) for place, (_, each) in places.items()})
        self._trash = [path for path in self._trash if path not in folders]
        return places

    def _publish(self, made: dict[str, tuple[Chosen, Installed]]) -> None:
        interpreter = self.closure.interpreter
        wheels = Wheels(self.root)
        python = self._python(made)
        compile_first([self._folder(place) for place in made], python)
        offers = []
        for place, (row, distribution) in made.items():
            facts = facts_of(self._folder(place), row, distribution, interpreter, python)
            offers.append((place, *wheels.offer(place.split("/")[0], facts)))
            self._trash.append(offers[-1][1])
        if self.report.cancelled:
            raise Cancelled()
        sync(self.root)
        for place, prepared, pointer in offers:
            publish(prepared, pointer)
            del made[place]  # published: whatever happens to the others, somebody may be linking to it now

    def _python(self, made: Mapping[str, tuple[Chosen, Installed]]) -> Path:
        """What compiles the wheels: Python itself, never that of an environment. Raises InstallError."""
        interpreter = self.closure.interpreter
        if not interpreter.package:
            return interpreter.path
        brought = (self._folder(place) for place, (row, _) in made.items() if row.name == interpreter.package)
        folder = next(brought, self.python_wheel)
        if folder is None or not (folder / "p" / interpreter.path).is_file():
            raise InstallError("incomplete", f"{interpreter.package} does not contain {interpreter.path}.")
        return folder / "p" / interpreter.path

    def _folder(self, place: str) -> Path:
        return self.root / "w" / place

    def _clean(self) -> None:
        while self._trash:
            delete(self._trash.pop())


def _sync_ahead(root: Path) -> None:
    with contextlib.suppress(OSError):
        sync(root)
