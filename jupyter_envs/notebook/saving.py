"""Changes or makes a notebook's file: starts again from what is there, for as long as somebody else saves in
between."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

from ..errors import EnvsError, NotebookError
from ..settings import Settings
from ..system.files import atomically
from ..system.strict_json import decoded
from . import in_place, trust
from .leftovers import Names, alone, key_of, restless
from .replacing import make, put, sync_folder
from .seeing import Seen, identity, is_still, look
from .text import SETTLING, Content, parse

Edit = Callable[[bytes, Content], bytes]
"""From the present bytes, and their content, to the new bytes. Raises NotebookError if the change does not fit them."""
ROUNDS = 20
"""How often in a row somebody else may save between our look and our write."""


def apply_edit(names: Names, data: bytes, content: Content, change: Edit) -> tuple[bytes, Content]:
    """What is in the file now. `data`, `content`: what was last known to be in it. Raises NotebookError, StoreError,
    OSError."""
    for _ in range(ROUNDS):
        seen, content = _whole(names.place, data, content)
        data = seen.data
        wanted = change(data, content)
        if wanted == data:
            return data, content
        said = parse(wanted)
        if _written(names, seen, wanted):
            with contextlib.suppress(OSError, EnvsError):  # a home that cannot be used holds no copy
                in_place.copy_of(names.key).unlink()
            return wanted, said
    raise restless(names.place)


def save(path: Path, data: bytes, *, over: bool = True) -> None:
    """A file for everybody who may read what is made in this folder; its owner, mode and names stay if it existed.
    `over`: if False, raises FileExistsError if it existed. Raises NotebookError, StoreError, OSError."""
    with alone(path) as names:
        for _ in range(ROUNDS):
            try:
                seen = look(path)
            except FileNotFoundError:
                if _made(names, data):
                    return
                continue
            if not over:
                raise FileExistsError(str(path))
            if seen.data == data or put(names, seen, data):
                return
    raise restless(path)


def keep(name: str, data: bytes) -> Path:
    """Saves it in our home, or else in the folder for temporary files. Raises OSError."""
    import tempfile

    file = f"{Path(name).stem[:80]}-outputs-{time.strftime('%Y%m%d-%H%M%S')}-{os.urandom(2).hex()}.ipynb"
    try:
        path = Settings.load().home / "kept" / file
        atomically(path, data)
    except (OSError, EnvsError):
        path = Path(tempfile.mkdtemp(prefix="jupyter-envs-kept-"), file)
        atomically(path, data)
    return path


def in_place_copy(place: Path) -> Path | None:
    """The content of the notebook before a write into it that was interrupted."""
    with contextlib.suppress(OSError, EnvsError):
        copy = in_place.copy_of(key_of(Settings.load().home / "writing", str(place)))
        return copy if copy.exists() else None
    return None


def _whole(place: Path, data: bytes, content: Content) -> tuple[Seen, Content]:
    until = time.monotonic() + SETTLING
    while True:
        seen = look(place)
        if seen.data == data:
            return seen, content
        try:
            return seen, parse(seen.data)
        except NotebookError:
            if time.monotonic() > until:
                raise
        time.sleep(0.05)


def _written(names: Names, seen: Seen, data: bytes) -> bool:
    """Whether it is there, and nobody has saved over it at the same moment. A notebook that was trusted stays
    trusted."""
    was_trusted = trust.trusted(decoded(seen.data))
    made = put(names, seen, data)
    if made is None:
        return False
    if was_trusted:
        trust.sign(decoded(data))
    return is_still(names.place, identity(made), held=seen.held)


def _made(names: Names, data: bytes) -> bool:
    """Whether there was no such file before."""
    new = names.new()
    try:
        make(new, data, mode=0o666)
        if names.place.exists():
            return False
        try:
            os.link(new, names.place)
        except FileExistsError:
            return False
        except OSError:  # no second names here
            new.replace(names.place)
        sync_folder(names.place.parent)
        return True
    finally:
        new.unlink(missing_ok=True)
