"""Is an environment what its wheels said? Answered from RECORD files, never by starting its Python."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from ..errors import InstallError
from ..write import atomically
from .disk import sign
from .record import read
from .shelf import Pointer, Shelf
from .survey import CACHE
from .wheels import Wheel

CODE = (".py", ".so", ".pyd", ".dylib", ".pth")
SITE = "Lib/site-packages" if sys.platform == "win32" else "lib/python/site-packages"
"""Where RECORD's paths start; only how deep it is matters."""


def published(shelves: Iterable[Shelf], place: str) -> Wheel | None:
    """The wheel at `<key>/<8>`; None where it was put aside, or taken away."""
    found = (shelf.wheels.at(place.split("/")[0]) for shelf in shelves)
    return next((wheel for wheel in found if wheel and wheel.place == place), None)


def wheel_damage(wheel: Wheel) -> Iterator[str]:
    """Recorded files that are missing or differ, and code that no RECORD knows."""
    known = set()
    try:
        rows = list(read(wheel.library / wheel.facts.info, SITE))
    except InstallError as error:
        yield error.sentence
        return
    for row in rows:
        inside = row.path.removeprefix(f"{SITE}/")
        path = wheel.library / inside if inside != row.path else wheel.elsewhere / row.path
        known.add(str(path))
        if path.parent.name == CACHE:
            continue  # numpy 1.26 brings bytecode; ours has taken its place
        if not (_as_recorded(path, row.hash) if row.hash else path.exists()):
            yield f"{wheel.name}: {inside} is not as it was installed."
    for place, folders, names in os.walk(wheel.library):
        folders[:] = [name for name in folders if name != CACHE]
        for name in names:
            found = os.path.join(place, name)  # noqa: PTH118
            if name.endswith(CODE) and found not in known:
                yield f"{wheel.name}: {os.path.relpath(found, wheel.library)} was put there by somebody else."


def foreign(shelf: Shelf, pointer: Pointer) -> Iterator[str]:
    """Changes in the folders that are this environment's alone."""
    prefix = shelf.environments / pointer.id / pointer.dir
    linked = prefix / "lib"
    for path, known in shelf.watched(pointer).items():
        here = prefix / path
        if sign(here) != known and (not here.is_symlink() or not here.exists()):
            yield f"{os.path.relpath(here, linked) if linked in here.parents else path} has changed."


def settled(
    shelf: Shelf, pointer: Pointer, shelves: Sequence[Shelf], put_aside: Callable[[Wheel], object] | None
) -> bool:
    """What to do about an environment of which a folder has changed. Data that a package wrote beside its own code does
    no harm, and the new state is remembered; anything else takes the environment, and the wheels it is in, out of use.
    `put_aside` does that to a wheel; None: nothing here is ours to change."""
    spoiled = list(foreign(shelf, pointer))
    for place in pointer.wheels:
        wheel = published(shelves, place)
        if wheel is None:
            spoiled.append(place)
        elif wheel.drifted and any(wheel_damage(wheel)):
            spoiled.append(wheel.name)
            if shelf.root in wheel.folder.parents and put_aside:
                with contextlib.suppress(OSError):
                    put_aside(wheel)
    prefix = shelf.environments / pointer.id / pointer.dir
    with contextlib.suppress(OSError):  # then it is found, and said, once more the next time
        if spoiled and put_aside:
            shelf.unpublish(pointer.id, pointer.dir)
        elif put_aside:
            signs = {path: sign(prefix / path) for path in shelf.watched(pointer)}
            atomically(prefix.parent / f"{pointer.dir}.json", msgspec.json.encode(signs), mode=0o644)
    return not spoiled


def _as_recorded(path: Path, recorded: str) -> bool:
    """`recorded` as in RECORD: algorithm=urlsafe-base64-without-padding."""
    algorithm, _, expected = recorded.partition("=")
    try:
        hashed = hashlib.new(algorithm)
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                hashed.update(chunk)
    except (OSError, ValueError):
        return False
    return base64.urlsafe_b64encode(hashed.digest()).rstrip(b"=").decode() == expected
