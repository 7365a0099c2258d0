"""An approved closure -> an environment: wheels that are missing are unpacked, then all are linked."""

from __future__ import annotations

import stat
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ..consent.gate import Approved, Review
from ..errors import Cancelled, InstallError, StoreError
from ..model.closure import Chosen
from ..model.environment import InstalledFile, site_packages
from ..model.interpreter import signature
from ..model.progress import Report
from ..system.disk import boot, freeze, make_durable, new_name, prepare, publish, sync
from ..system.removal import delete
from ..system.scripts import STUBS
from .seal import of_wheels
from .shelf import Base, Pointer, Shelf
from .tree import Tree, follows, signs
from .trust import exposed, of_wheel, refuse_writable
from .venv import bare
from .verify import wheel_damage
from .wheel.files import files_of, site_of
from .wheel.inspect import inspect_again
from .wheel.startup import at_start
from .wheel.unpack import Unpacking
from .wheel.wheels import HOPS, LINKING, POINTER, RULES, Wheel, identity_of, sized

if TYPE_CHECKING:
    from ..engines.protocols import Installer

ATTEMPTS = 3
STUB_PATH_FILE = "jupyter_envs.pth"
"""Puts our stub of pip last on the path, so that `python -m pip` records what it installs, unless a real pip is
locked. In children of a kernel it also starts what keeps them in the environment that the notebook has now."""
FOLLOW = (
    'import os; os.environ.get("JUPYTER_ENVS_KERNEL") and os.path.exists({file}) '
    'and __import__("_jupyter_envs_follow").attach_child()'
)


@dataclass
class Build:
    """`shelf` is written to; wheels are searched in `others` too. `mode`: links, hardlink or copy; `put_aside` takes a
    wheel out of use."""

    approved: Approved
    shelf: Shelf
    others: Sequence[Shelf]
    installer: Installer
    mode: str
    put_aside: Callable[[Wheel], object]
    report: Report

    def run(self) -> Review | None:
        """Publishes the environment, or says what has to be reviewed before. Raises what the installer raises,
        InstallError, StoreError, OSError, Cancelled; then nothing has been published, and everything that
        was unpacked is complete."""
        with self.shelf.using():
            for _ in range(ATTEMPTS):
                wheels = self.wheels()
                if wheels is None:
                    self._fetch()
                    wheels = self.wheels()
                if wheels is not None:
                    early = at_start(wheels)
                    review = self.approved.open_review(early)
                    if review is None:
                        self._link(wheels, early)
                    return review
        raise StoreError("store-unsafe", f"{self.shelf.root} was changed while an environment was being built in it.")

    @property
    def _shared_rows(self) -> list[Chosen]:
        return [row for row in self.approved.closure.rows if not row.editable]

    def wheels(self) -> list[Wheel] | None:
        """Everything that can be shared, by name; None if one is missing."""
        found = [self.wheel(row) for row in self._shared_rows]
        return sorted((w for w in found if w), key=lambda wheel: wheel.name) if all(found) else None

    def wheel(self, row: Chosen) -> Wheel | None:
        """The unpacked wheel. One of our own that has changed is put aside, and will be unpacked again."""
        for shelf in (*self.others, self.shelf):
            found = shelf.wheels.find(row, self.approved.closure.interpreter)
            if found and exposed(shelf):
                refuse_writable(shelf, of_wheel(shelf, found))
            own = shelf is self.shelf
            if found and found.drifted and own and not any(wheel_damage(found)):
                found = shelf.wheels.accept_changes(found)
            if found and not found.drifted:
                return self._known_today(found, own)
            if found and own:
                self.put_aside(found)
        return None

    def _known_today(self, wheel: Wheel, own: bool) -> Wheel:
        if wheel.facts.linking >= LINKING:
            return wheel
        again = inspect_again(wheel)
        return self.shelf.wheels.restate(again) if own else again

    def _fetch(self) -> None:
        missing = [row for row in self._shared_rows if self.wheel(row) is None]
        keys = sorted(identity_of(row, self.approved.closure.interpreter)[:16] for row in missing)
        with ExitStack() as stack:
            for key in keys:
                stack.enter_context(self.shelf.alone(key))
            missing = [row for row in missing if self.wheel(row) is None]
            if missing:
                self._unpacking().wheels(missing)

    def _unpacking(self) -> Unpacking:
        row = self.approved.closure.python_row
        brought = self.wheel(row) if row else None
        python_wheel = brought.folder if brought else None
        return Unpacking(self.approved.closure, self.shelf.root, self.installer, self.report, python_wheel)

    def _link(self, wheels: list[Wheel], early: dict[str, tuple[str, ...]]) -> None:
        closure = self.approved.closure
        folder = self.shelf.environments / closure.id
        prefix = folder / f"b-{new_name()}"
        folder.mkdir(mode=stat.S_IMODE(folder.parent.stat().st_mode), exist_ok=True)
        try:
            site = bare(prefix, closure.interpreter)
            follow = FOLLOW.format(file=ascii(str(STUBS / "_jupyter_envs_follow.py")))
            (site / STUB_PATH_FILE).write_text(f"{STUBS}\n{follow}\n")
            for file in (site / STUB_PATH_FILE, prefix / "pyvenv.cfg"):
                if file.exists():
                    file.chmod(0o444)
            tree = Tree(prefix, self._with_own(wheels, prefix), self._mode(prefix))
            tree.grow(site)
            self._check(tree, site)
            for path, loser, winner in tree.overruled[:5]:
                self.report.note(f"{loser} and {winner} both contain {path}; the one from {winner} is used.")
            tree.freeze()
            (folder / "lease").touch(mode=0o644)
            self._publish(prefix, tree, wheels, early)
        except BaseException:
            delete(prefix)
            (folder / f"{prefix.name}.json").unlink(missing_ok=True)
            raise

    def _with_own(self, wheels: list[Wheel], prefix: Path) -> list[Wheel]:
        """Adds packages that no other environment may share; these are in the environment itself."""
        rows = [row for row in self.approved.closure.rows if row.editable]
        own = [self._unpacking().own(row, prefix / HOPS / str(number)) for number, row in enumerate(rows, len(wheels))]
        for wheel in own:
            freeze(wheel.folder, shared=True)
        return wheels + own

    def _mode(self, prefix: Path) -> str:
        return "hardlink" if self.mode == "links" and not follows(prefix) else self.mode

    def _check(self, tree: Tree, site: Path) -> None:
        """Checks that every link leads somewhere, and that each package is there."""
        missing = [wheel.name for wheel in tree.wheels if not self._is_there(wheel, tree.prefix, site)]
        if missing:
            raise InstallError(
                "incomplete", f"The new environment does not match the lock. Missing: {', '.join(missing)}."
            )

    def _is_there(self, wheel: Wheel, prefix: Path, site: Path) -> bool:
        if wheel.facts.info:
            return (site / wheel.facts.info / "RECORD").is_file()
        first = min((row.path for row in files_of(wheel)), default="")
        inside = first.removeprefix(f"{site_of(wheel)}/")
        return bool(first) and (site / inside if inside != first else prefix / first).is_file()

    def _publish(self, prefix: Path, tree: Tree, wheels: list[Wheel], early: dict[str, tuple[str, ...]]) -> None:
        closure, folder = self.approved.closure, prefix.parent
        python = closure.interpreter
        pointer = Pointer(
            dir=prefix.name,
            id=closure.id,
            python=Base(str(python.at(prefix)), python.version, list(signature(python.at(prefix)) or ())),
            packages=closure.versions,
            consent=self.approved.digest,
            created=time.time(),
            wheels=tuple(wheel.place for wheel in wheels),
            own=tree.own,
            shared=sized(wheels),
            mode=tree.mode,
            prefix=str(prefix),
            boot=boot(),
            startup=early,
            rules=RULES,
            files={row.name: InstalledFile(row.sha256, row.origin, row.runs_code) for row in closure.rows},
            linking=LINKING,
            stubs=str(STUBS),
        )
        own = (prefix / "pyvenv.cfg", site_packages(prefix, python.version) / STUB_PATH_FILE)
        watched = signs([*tree.made, *tree.written, *map(str, own)], prefix) | (
            of_wheels(tree.wheels) if tree.hops else {}
        )
        self.shelf.watch(pointer, watched, durable=False)
        prepared = prepare(folder / POINTER, msgspec.to_builtins(pointer))
        try:
            if not pointer.boot:
                sync(folder)
            if self.report.cancelled:
                raise Cancelled()
            publish(prepared, folder / POINTER)
        except BaseException:
            prepared.unlink(missing_ok=True)
            raise
        if pointer.boot:
            make_durable(folder / POINTER)
