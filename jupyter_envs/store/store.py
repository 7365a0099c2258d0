"""Where environments are kept: in the user's own store, and in read-only stores that are searched before it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import StoreError
from ..model.closure import Chosen, Closure
from ..model.environment import Environment
from ..model.progress import SILENT, Report
from ..settings import Settings
from ..system.disk import as_they_were, disk_error
from ..system.files import make_private
from ..system.leases import Lease, exclusive, hold
from .damage import is_outdated, is_whole
from .shelf import Pointer, Shelf
from .trust import exposed, of_environment, of_places, refuse_writable
from .wheel.wheels import Wheel

if TYPE_CHECKING:
    from ..consent.gate import Approved, Review
    from ..engines.choice import Engines
    from ..engines.protocols import Installer


ENGINE_TIMEOUT = 1.0
"""Seconds that the start of a kernel may wait for an engine, if something was changed."""


class Store:
    def __init__(self, settings: Settings, engines: Engines | None = None) -> None:
        self.settings = settings
        self._engines = engines
        self.own = Shelf(settings.store / "v1")
        self.shared = tuple(Shelf(path / "v1") for path in settings.shared_stores)

    @property
    def shelves(self) -> tuple[Shelf, ...]:
        return (*self.shared, self.own)

    # -- looking ---------------------------------------------------------------------------------------------

    def find(self, environment_id: str, *, again: bool = False) -> Environment | None:
        """The published environment; None if there is none, if its Python has changed or is gone, or a folder of its
        wheels is. `again`: only whether it is still published."""
        shelf, pointer = self._published(environment_id)
        if shelf is None or pointer is None or not pointer.python.unchanged:
            return None
        environment = shelf.environment(environment_id, pointer)
        return environment if again or is_whole(environment.prefix, pointer) else None

    def publishes(self, environment_id: str) -> bool:
        """Whether it was built, whatever has happened to it since."""
        return self._built(environment_id) is not None

    def startup(self, environment: Environment) -> Mapping[str, Sequence[str]] | None:
        """Package -> its files that run code before any cell does. None if nobody can tell any more, since files of the
        environment are gone."""
        if environment.startup is not None:
            return environment.startup
        from .early import of_environment  # here: one that an older version published

        return of_environment(environment, self.shelves, self.settings.cache)

    def at_start(self, closure: Closure) -> Mapping[str, Sequence[str]] | None:
        """The same for a closure, built or not; None where not all of it is unpacked yet."""
        found = self.find(closure.id)
        if found:
            return self.startup(found)
        from .early import of_wheels  # here: it looks at every wheel

        return of_wheels(closure, self._linkable())

    def health(self, environment_id: str, *, thorough: bool = False) -> str | None:
        """Why an environment cannot be started from, as an error code: `env-missing`, `env-stale-python`, or
        `env-drift` where files in it have changed; it is then no longer published. None: it is as it was made, as far
        as its folders tell, which takes one or two milliseconds; `thorough`: and its files."""
        shelf, pointer = self._published(environment_id)
        if shelf is None or pointer is None:
            return "env-missing"
        environment = shelf.environment(environment_id, pointer)
        if not pointer.python.unchanged or not environment.python.exists():
            return "env-stale-python"
        self._refuse_writable(shelf, pointer)
        watched, prefix = shelf.watched(pointer), str(environment.prefix)
        well = watched is not None and as_they_were(prefix, watched)
        if well and not thorough:
            return None
        if not is_whole(environment.prefix, pointer):
            return "env-drift"
        from .verify import is_edited, tolerate_or_withdraw  # here: a kernel's start looks at folders alone

        if well and not is_edited(pointer, self.shelves):
            return None
        own = shelf is self.own
        if tolerate_or_withdraw(shelf, pointer, self.shelves, self.put_aside if own else None):
            return None
        if not own:
            self._distrust(pointer.id, pointer.dir)
        return "env-drift"

    def missing(self, closure: Closure) -> tuple[Chosen, ...]:
        """What would have to be unpacked, or built, for this environment: where it is nothing, that takes milliseconds,
        no process and no network."""
        shelves, python = self._linkable(), closure.interpreter
        return tuple(
            row
            for row in closure.rows
            if row.editable
            or not any((found := shelf.wheels.find(row, python)) and not found.drifted for shelf in shelves)
        )

    def has(self, closure: Closure, row: Chosen) -> bool:
        """Whether its file is unpacked here, so that nobody has to be asked for it."""
        found = (shelf.wheels.find(row, closure.interpreter) for shelf in self._linkable())
        return any(wheel and not wheel.drifted for wheel in found)

    def list(self, *, usable: bool = True) -> list[Environment]:
        """Every published environment that can be started from. Not `usable`: also those that are made again first."""
        look = self.find if usable else self._built
        ids = dict.fromkeys(environment_id for shelf in self.shelves for environment_id in shelf.ids())
        return [environment for environment_id in ids if (environment := look(environment_id))]

    def _built(self, environment_id: str) -> Environment | None:
        """Whatever has happened to it since."""
        shelf, pointer = self._published(environment_id, outdated=True)
        return shelf.environment(environment_id, pointer) if shelf and pointer else None

    def hold(self, environment_id: str) -> tuple[Environment, Lease] | None:
        """The environment, which stays until the lease is closed; None if it is gone."""
        environment = self.find(environment_id)
        if environment is None:
            return None
        taken = hold(environment.lease)
        again = self.find(environment_id, again=True)
        if again and (taken or not self._is_own(again)):
            return again, taken or Lease.none()
        if taken:
            taken.close()
        return None

    # -- making and removing ---------------------------------------------------------------------------------

    def ensure(self, approved: Approved, installer: Installer, report: Report = SILENT) -> Environment | Review:
        """The environment of an approved closure, built if it does not exist. Or what has to be reviewed before it can
        be published, or used where it exists, which only the unpacked wheels show. Raises InstallError, IndexError_,
        StoreError or Cancelled; then nothing has been published."""
        closure = approved.closure
        found = self.take(approved)
        if found:
            return found
        from . import finishing  # here, like `build`: most commands only look, and it costs them 10 ms
        from .build import Build

        try:
            self.own.ready()
            with self.own.alone(closure.id):
                found = self.take(approved)
                if found is None:
                    others = tuple(shelf for shelf in self.shared if shelf.keeps_wheels)
                    mode = self.settings.link_mode
                    review = Build(approved, self.own, others, installer, mode, self.put_aside, report).run()
                    if review:
                        return review
                    found = self.find(closure.id)
        except OSError as error:
            raise disk_error(error, self.own.root) from None
        if found is None:
            raise StoreError("store-unsafe", f"{self.own.root} was changed while an environment was being built in it.")
        if isinstance(found, Environment):
            finishing.begin(self.settings, self.own, found, report, self._engines)
        return found

    def take(self, approved: Approved) -> Environment | Review | None:
        """The environment if it exists, in whichever store, or what has to be reviewed before anything runs from it."""
        found = self.find(approved.closure.id)
        seen = self.startup(found) if found else None
        if found and seen is None and not self._is_own(found):
            self._distrust(found.id, found.prefix.name)  # ours will stand in for it
        return None if seen is None else approved.open_review(seen) or found

    def put_aside(self, wheel: Wheel) -> None:
        """No new environment takes this wheel of our own store; nor what an engine unpacked, which may be the same
        files: were it left because the engine is at work, the same damage would come back."""
        from . import finishing

        self.own.wheels.quarantine(wheel)
        finishing.forget([wheel], self.settings, self._engines, ENGINE_TIMEOUT)

    def remove(self, environment_id: str) -> bool:
        """Unpublishes, moves to the trash, deletes. Raises StoreError, `in-use` while something runs from it."""
        if self.own.pointer(environment_id) is None:
            return False
        from ..system.removal import delete

        try:
            self.own.ready()
            folder = self.own.environments / environment_id
            with self.own.alone(environment_id), exclusive(folder / "lease") as alone:
                gone = self.own.withdraw(environment_id, alone) if alone else None
                if gone is None:
                    raise StoreError(
                        "in-use", "A process is running in this environment.", hint="Stop it, then try again."
                    )
        except OSError as error:
            raise disk_error(error, self.own.root) from None
        delete(gone)
        return True

    def _published(self, environment_id: str, *, outdated: bool = False) -> tuple[Shelf | None, Pointer | None]:
        """`outdated`: also one that has to be linked again."""
        for shelf in self.shelves:
            pointer = shelf.pointer(environment_id)
            if pointer and is_outdated(pointer) and not outdated:
                continue
            if pointer and (shelf is self.own or not self._distrusted(pointer.id, pointer.dir).exists()):
                if exposed(shelf):
                    refuse_writable(shelf, of_environment(shelf, environment_id, pointer))
                return shelf, pointer
        return None, None

    def _refuse_writable(self, shelf: Shelf, pointer: Pointer) -> None:
        """Raises StoreError `store-unsafe` where others could exchange one of its wheels, which may lie in another
        store. What they do inside of a wheel, its folders tell."""
        for each in self.shelves:
            if (each is shelf or each.keeps_wheels) and exposed(each):
                refuse_writable(each, of_places(each, pointer.wheels))

    def _distrusted(self, environment_id: str, build: str) -> Path:
        return self.own.root / "distrusted" / f"{environment_id}-{build}"

    def _distrust(self, environment_id: str, build: str) -> None:
        """An environment in a store that we may not change: from now on it is ignored."""
        with contextlib.suppress(OSError, StoreError):
            make_private(self.own.root / "distrusted")
            self._distrusted(environment_id, build).touch()

    def _linkable(self) -> tuple[Shelf, ...]:
        return (*(shelf for shelf in self.shared if shelf.keeps_wheels), self.own)

    def _is_own(self, environment: Environment) -> bool:
        return self.own.root in environment.prefix.parents
