"""Nothing runs from what other users could write to: each level of a store that others can reach is checked, by owner
and mode."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator

from ..errors import StoreError
from ..kernel.foreign import quoted
from ..system.disk import OTHERS
from .shelf import Pointer, Shelf
from .wheel.wheels import POINTER, Wheel

REACHED = 0o011
"""Permission bits of a store's folder that let others reach what is in it."""


def exposed(shelf: Shelf) -> bool:
    """Whether anybody but the user can reach what is in the store, whatever the permissions of its files."""
    try:
        status = shelf.root.parent.stat()
    except OSError:
        return True
    return bool(status.st_mode & REACHED) or (sys.platform != "win32" and status.st_uid != os.getuid())


def refuse_writable(shelf: Shelf, paths: Iterable[str]) -> None:
    """Raises StoreError `store-unsafe` for the first folder that somebody other than root and the user could write to,
    or owns. Missing folders are not reported here."""
    if sys.platform == "win32":
        return
    trusted = (os.getuid(), 0)
    for path in paths:
        try:
            status = os.stat(path)  # noqa: PTH116  # hundreds of them
        except OSError:
            continue
        if status.st_uid not in trusted or status.st_mode & OTHERS:
            store = shelf.root.parent
            raise StoreError(
                "store-unsafe",
                f"{os.path.normpath(path)} belongs to another user, or other users can write to it.",
                hint=f"If other users had access to this store, create it again; if not, its owner has to "
                f"run: chmod -R go-w {quoted(str(store))}",
            )


def of_environment(shelf: Shelf, environment_id: str, pointer: Pointer) -> Iterator[str]:
    """The folders above an environment, from the store on."""
    folder = f"{shelf.root}/e/{environment_id}"
    yield from (str(shelf.root.parent), str(shelf.root), f"{shelf.root}/e", folder)
    yield from (f"{folder}/{POINTER}", f"{folder}/{pointer.dir}.json", f"{folder}/{pointer.dir}")


def of_places(shelf: Shelf, places: Iterable[str]) -> Iterator[str]:
    """The folders above wheels, from the store on; `places` as `<key>/<8>`."""
    yield from (str(shelf.root.parent), str(shelf.root), f"{shelf.root}/w")
    for place in places:
        yield from (f"{shelf.root}/w/{place.split('/')[0]}", f"{shelf.root}/w/{place}", f"{shelf.root}/w/{place}/l")


def of_wheel(shelf: Shelf, wheel: Wheel) -> Iterator[str]:
    """The same for one wheel, and its own folders."""
    yield from of_places(shelf, [wheel.place])
    yield from (f"{wheel.library}/{name}" for name in wheel.facts.folders)
