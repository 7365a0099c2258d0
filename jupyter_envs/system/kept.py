"""Reads again what we keep in our own home: by its type, and only from a regular file that belongs to the user.
Anything may have happened to the file in the meantime."""

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
    """The file does not contain what we have written; the text says why."""


def stated(path: Path, kind: type[T]) -> T:
    """The content. Raises FileNotFoundError, and Damaged for everything else. Use it for what only the user can make
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
    """The content, or None if the file is missing or damaged. Use it for what we make again in that case."""
    with contextlib.suppress(FileNotFoundError, Damaged):
        return stated(path, kind)
    return None


def keep(path: Path, value: Any) -> None:
    """For what is made again if it is missing: a home that cannot be written to makes us slower, but not wrong."""
    with contextlib.suppress(OSError, StoreError):
        atomically(path, msgspec.json.encode(value))


def change(path: Path, kind: type[T], changed: Callable[[T | None], Any]) -> None:
    """The same for a file that other processes add to as well: `changed` turns the present content into the next."""
    with contextlib.suppress(OSError, StoreError):
        make_private(path.parent)
        with one_at_a_time(path):
            atomically(path, msgspec.json.encode(changed(recalled(path, kind))))
