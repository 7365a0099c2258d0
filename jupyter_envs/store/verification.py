"""Are environments what was installed? Every file is compared. An environment that differs is taken out of use, and
built again when it is needed next."""

from __future__ import annotations

import filecmp
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..model.progress import SILENT, Report
from . import Store
from .shelf import Pointer, Shelf
from .verify import find_wheel, foreign, wheel_damage
from .wheel.files import files_of, site_of
from .wheel.wheels import Wheel

GONE = "One of its packages was found to be changed earlier, and is no longer used."


@dataclass(frozen=True)
class Verified:
    """`damage`: a sentence for each file that differs; `withdrawn`: it is no longer published, and will be rebuilt."""

    id: str
    damage: tuple[str, ...]
    withdrawn: bool

    def to_dict(self) -> dict[str, Any]:
        return {"id": self.id, "damage": list(self.damage), "withdrawn": self.withdrawn}


def verify(store: Store, wanted: Sequence[str] | None = None, report: Report = SILENT) -> list[Verified]:
    """Environments by id, or all. An environment with a damaged wheel is taken out of use even if it was not asked
    for."""
    check = _Check(store)
    all_of_them = _published(store)
    asked = [pair for pair in all_of_them if wanted is None or pair[1].id in wanted]
    found = []
    for number, (shelf, pointer) in enumerate(asked):
        report.progress(number, len(asked), f"Comparing the files of {pointer.id[:8]}")
        found.append((shelf, pointer, tuple(check.damage(shelf, pointer))))
    spoiled = check.withdraw_wheels()
    for shelf, pointer in all_of_them:
        if shelf is store.own and spoiled.intersection(pointer.wheels):
            shelf.unpublish(pointer.id, pointer.dir)
    for shelf, pointer, damage in found:
        if damage and shelf is store.own:
            shelf.unpublish(pointer.id, pointer.dir)
    return [Verified(pointer.id, damage, bool(damage) and shelf is store.own) for shelf, pointer, damage in found]


def _published(store: Store) -> list[tuple[Shelf, Pointer]]:
    pairs = ((shelf, shelf.pointer(environment_id)) for shelf in store.shelves for environment_id in shelf.ids())
    return [(shelf, pointer) for shelf, pointer in pairs if pointer]


def _same(here: Path, there: Path) -> bool:
    try:
        return here.samefile(there) or filecmp.cmp(here, there, shallow=False)
    except OSError:
        return False


class _Check:
    """Each wheel is compared once, however many environments it is in."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, tuple[str, ...]] = {}
        self._wheels: dict[str, Wheel] = {}

    def damage(self, shelf: Shelf, pointer: Pointer) -> Iterable[str]:
        yield from foreign(shelf, pointer)
        for place in pointer.wheels:
            yield from self._of_wheel(place)
        yield from self._own_files(shelf, pointer)

    def _own_files(self, shelf: Shelf, pointer: Pointer) -> Iterable[str]:
        """Files that are copies of a wheel's files, and can change without it: those of packages that are not
        linked."""
        environment = shelf.environment(pointer.id, pointer)
        wheels = [wheel for place in pointer.wheels if (wheel := self._wheels.get(place)) and not self._known[place]]
        solid = [wheel for wheel in wheels if pointer.mode != "links" or wheel.facts.why_real]
        # Where two bring the same file, the later one's is there.
        files = {row.path: wheel for wheel in solid for row in files_of(wheel) if row.hash}
        for path, wheel in files.items():
            inside = path.removeprefix(f"{site_of(wheel)}/")
            there = wheel.library if inside != path else wheel.data
            if not _same((environment.site[0] if inside != path else environment.prefix) / inside, there / inside):
                yield f"{wheel.name}: {inside} differs from what was installed."

    def _of_wheel(self, place: str) -> tuple[str, ...]:
        if place not in self._known:
            wheel = find_wheel(self._store.shelves, place)
            self._known[place] = tuple(wheel_damage(wheel)) if wheel else (GONE,)
            if wheel:
                self._wheels[place] = wheel
        return self._known[place]

    def withdraw_wheels(self) -> frozenset[str]:
        """The places of those that are damaged; the user's own are no longer taken for new environments, and neither is
        uv's copy, which may be the very same files."""
        spoiled = frozenset(place for place, damage in self._known.items() if damage)
        own = self._store.own
        for place in spoiled & self._wheels.keys():
            wheel = self._wheels[place]
            if own.root in wheel.folder.parents:
                self._store.put_aside(wheel)
        return spoiled
