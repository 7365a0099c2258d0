"""What we keep in our own home, as it is read again: by its type, from an ordinary file of the user's own. Anything may
have happened to it meanwhile."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from ..errors import StoreError
from ..kernel.reading import own
from ..kernel.writing import one_at_a_time
from .files import atomically, make_private

T = TypeVar("T")


class Damaged(Exception):
    """It says nothing that we have written; why, in words."""


def stated(path: Path, kind: type[T]) -> T:
    """What it says. Raises FileNotFoundError, and Damaged for everything else: for what only the user can make
    again."""
    try:
        return msgspec.json.decode(own(path), type=kind)
    except (FileNotFoundError, NotADirectoryError):
        raise FileNotFoundError(str(path)) from None
    except OSError as error:
        raise Damaged(error.strerror or str(error)) from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Damaged(str(error)) from None


def recalled(path: Path, kind: type[T]) -> T | None:
    """What it says; None where it is not there or damaged: for what is made again then."""
    with contextlib.suppress(FileNotFoundError, Damaged):
        return stated(path, kind)
    return None


def keep(path: Path, value: Any) -> None:
    """For what is made again where it is missing: a home that cannot be written to makes us slower, not wrong."""
    with contextlib.suppress(OSError, StoreError):
        atomically(path, msgspec.json.encode(value))


def change(path: Path, kind: type[T], changed: Callable[[T | None], Any]) -> None:
    """The same for a file that others add to as well: `changed` makes of what it says now what it says afterwards."""
    with contextlib.suppress(OSError, StoreError):
        make_private(path.parent)
        with one_at_a_time(path):
            atomically(path, msgspec.json.encode(changed(recalled(path, kind))))
