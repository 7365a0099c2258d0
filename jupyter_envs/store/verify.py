"""Is an environment what its wheels contained? Decided by the lists of their files, never by starting its Python."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from ..errors import InstallError
from ..system.disk import sign
from ..system.files import sha256_of
from .seal import renew, seal_of
from .shelf import Pointer, Shelf
from .wheel.bytecode import differing
from .wheel.files import files_of, site_of
from .wheel.inspect import CACHE, CODE
from .wheel.wheels import HOPS, Wheel, list_of


def find_wheel(shelves: Iterable[Shelf], place: str) -> Wheel | None:
    """The wheel at `<key>/<8>`; None if it was put aside or deleted."""
    found = (shelf.wheels.at(place.split("/")[0]) for shelf in shelves)
    return next((wheel for wheel in found if wheel and wheel.place == place), None)


def wheel_damage(wheel: Wheel) -> Iterator[str]:
    """Recorded files that are missing or differ, code that is in no list, and bytecode that does not match its
    source."""
    recorded, site = {}, site_of(wheel)
    try:
        rows = files_of(wheel)
    except InstallError as error:
        yield error.sentence
        return
    if wheel.facts.listed and sha256_of(list_of(wheel.folder, wheel.facts.info)) != wheel.facts.listed:
        yield f"{wheel.name}: the list of its files has changed."
    for row in rows:
        inside = row.path.removeprefix(f"{site}/")
        path = wheel.library / inside if inside != row.path else wheel.data / row.path
        recorded[str(path)] = row.hash
        if path.parent.name == CACHE:
            continue  # numpy 1.26 brings bytecode; ours has taken its place, or Python's
        if not (_as_recorded(path, row.hash) if row.hash else path.exists()):
            yield f"{wheel.name}: {inside} differs from what was installed."
    for top in (wheel.library, wheel.data):
        for unlisted in _unlisted(top, recorded):
            yield f"{wheel.name}: {unlisted} is not a file of the package."
    for path in _changed_bytecode(wheel, recorded):
        here = wheel.library if wheel.library in path.parents else wheel.data
        yield f"{wheel.name}: {path.relative_to(here)} does not match its source."


def _unlisted(top: Path, recorded: Mapping[str, str]) -> Iterator[str]:
    """Links, and code that no list knows, relative to `top`; but for bytecode, which Python may write anywhere."""
    for place, folders, names in os.walk(top):
        links = [name for name in (*folders, *names) if os.path.islink(os.path.join(place, name))]  # noqa: PTH114, PTH118
        folders[:] = [name for name in folders if name != CACHE]
        for name in {*links, *(name for name in names if name.endswith(CODE))}:
            found = os.path.join(place, name)  # noqa: PTH118
            if found not in recorded or name in links:
                yield os.path.relpath(found, top)


def _changed_bytecode(wheel: Wheel, recorded: Mapping[str, str]) -> list[Path]:
    """What we compiled must be unchanged; what Python or somebody else compiled is compiled again and compared."""
    made = seal_of(wheel).bytecode
    changed, unknown = [], []
    for path in (path for top in (wheel.library, wheel.data) for path in top.glob(f"**/{CACHE}/*.pyc")):
        known = made.get(path.relative_to(wheel.folder).as_posix())
        if known or path.is_symlink():
            changed += [path] if path.is_symlink() or sha256_of(path) != known else []
        elif not _as_recorded(path, recorded.get(str(path), "")):
            unknown.append(path)
    return changed + differing(unknown, Path(wheel.facts.python))


def foreign(shelf: Shelf, pointer: Pointer) -> Iterator[str]:
    """Changes in what belongs to this environment only."""
    prefix = shelf.environments / pointer.id / pointer.dir
    linked = prefix / "lib"
    of_wheels = tuple(f"{HOPS}/{number}/" for number in range(len(pointer.wheels)))
    watched = shelf.watched(pointer)
    if watched is None:
        yield "The list of its folders is missing."
    for path, known in (watched or {}).items():
        here = prefix / path
        if path.startswith(of_wheels) or sign(here) == known or (here.is_symlink() and here.exists()):
            continue
        if here.name != CACHE or _foreign_bytecode(here, pointer):
            yield f"{os.path.relpath(here, linked) if linked in here.parents else path} has changed."


def _foreign_bytecode(cache: Path, pointer: Pointer) -> bool:
    """Whether it contains something that is neither a link to a wheel's bytecode nor what Python compiled from the
    source."""
    try:
        entries = sorted(cache.iterdir())
    except OSError:
        return True
    links = [path for path in entries if path.is_symlink()]
    if any(not _leads_to_a_wheel(path) for path in links):
        return True
    return bool(differing([path for path in entries if path not in links], Path(pointer.python.path)))


def _leads_to_a_wheel(link: Path) -> bool:
    to = os.readlink(link)  # noqa: PTH115
    return to.startswith("../") and f"../{HOPS}/" in to and to.endswith(f"/{CACHE}/{link.name}")


def tolerate_or_withdraw(
    shelf: Shelf, pointer: Pointer, shelves: Sequence[Shelf], put_aside: Callable[[Wheel], object] | None
) -> bool:
    """What to do about an environment of which a folder or a file has changed. Data that a package wrote beside its own
    code does no harm, and the new state is remembered; anything else takes the environment, and the wheels it is in,
    out of use. `put_aside` does that to a wheel; None: nothing here is ours to change."""
    spoiled = list(foreign(shelf, pointer))
    for place in pointer.wheels:
        wheel = find_wheel(shelves, place)
        if wheel is None:
            spoiled.append(place)
        elif wheel.drifted or seal_of(wheel).edited(wheel.folder):
            ours = put_aside if shelf.root in wheel.folder.parents else None
            if any(wheel_damage(wheel)):
                spoiled.append(wheel.name)
            with contextlib.suppress(OSError):
                if ours and wheel.name in spoiled:
                    ours(wheel)
                elif ours:
                    renew(wheel)
    prefix = shelf.environments / pointer.id / pointer.dir
    with contextlib.suppress(OSError):  # then it is found, and said, once more the next time
        if spoiled and put_aside:
            shelf.unpublish(pointer.id, pointer.dir)
        elif put_aside:
            shelf.watch(pointer, {path: sign(prefix / path) for path in shelf.watched(pointer) or ()})
    return not spoiled


def is_edited(pointer: Pointer, shelves: Sequence[Shelf]) -> bool:
    """Whether a file of a wheel was edited in place, which folders do not show: checking each takes some
    milliseconds."""
    wheels = (find_wheel(shelves, place) for place in pointer.wheels)
    return any(wheel is None or seal_of(wheel).edited(wheel.folder) for wheel in wheels)


def _as_recorded(path: Path, recorded: str) -> bool:
    """`recorded` as in RECORD: algorithm=urlsafe-base64-without-padding. False for an algorithm that is not known here,
    or that has digests of any length."""
    algorithm, _, expected = recorded.partition("=")
    try:
        hashed = hashlib.new(algorithm)
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                hashed.update(chunk)
        digest = hashed.digest()
    except (OSError, ValueError, TypeError):
        return False
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == expected
