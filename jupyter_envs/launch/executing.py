"""The notebook that is executed by the program that starts a kernel: nbconvert, `jupyter execute`, papermill, MyST-NB,
Jupyter Book, nbmake, `pytest --nbval`.

None of them tells the kernel which notebook it is for; nbclient passes the folder at most. But the object that executes
it (nbclient's NotebookClient, nbval's file) has the notebook, and one of its methods is starting the kernel at this
moment: it is on the stack."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import FrameType, MemberDescriptorType
from typing import Any

PATHS = ("path", "filename", "fspath")
"""What programs call the path of the notebook that they execute: nbval, MyST-NB and nbmake."""


@dataclass(frozen=True)
class Executing:
    """`metadata` as the program has it; `path` absolute, None if it is not known, or no file."""

    metadata: dict[str, Any]
    path: Path | None


def find_executing(manager: object) -> Executing | None:
    """None if nothing on the stack has a notebook, or if it executes that with another kernel: what it starts besides
    is for no notebook that anybody knows. `manager`: that of the kernel, by which programs are found that start it in
    another thread than their own."""
    own = threading.get_ident()
    stacks = {thread: list(_outwards(frame)) for thread, frame in sys._current_frames().items() if thread != own}
    for number, holder in _holders(here := list(_outwards(sys._getframe(1)))):
        if (metadata := _metadata(holder)) is not None:
            if _own(holder).get("km") not in (None, manager):
                return None
            return Executing(metadata, _told(holder) or _path_of(holder, here[number:], stacks.values()))
    for stack in stacks.values():
        for number, holder in _holders(stack):
            if _own(holder).get("km") is manager and (metadata := _metadata(holder)) is not None:
                return Executing(metadata, _told(holder) or _path_of(holder, stack[number:], ()))
    return None


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    """The innermost first."""
    while frame is not None:
        yield frame
        frame = frame.f_back


def _holders(frames: list[FrameType]) -> Iterator[tuple[int, object]]:
    """Whose methods are running, each with its place in the stack."""
    for number, frame in enumerate(frames):
        holder = frame.f_locals.get("self")
        if holder is not None:
            yield number, holder


def _metadata(holder: object) -> dict[str, Any] | None:
    notebook = _own(holder).get("nb")
    if not isinstance(notebook, Mapping) or not isinstance(notebook.get("cells"), list):
        return None
    try:
        metadata = json.loads(json.dumps(notebook.get("metadata") or {}, default=_day))
    except (TypeError, ValueError, RecursionError):
        return None
    return metadata if isinstance(metadata, dict) else None


def _day(value: object) -> str:
    """Programs that read YAML put days into metadata."""
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError


def _own(holder: object) -> dict[str, Any]:
    """Its own attributes. Those that are computed are not asked for: they might do something."""
    found = getattr(holder, "__dict__", None)
    return found if isinstance(found, dict) else {}


def _told(holder: object) -> Path | None:
    """The file as nbconvert names it for its templates. What the notebook itself says of its file is not asked: it may
    be a stranger's."""
    traits = _own(holder).get("_trait_values", {})
    about = (traits.get("resources") or {}).get("metadata") or {}
    name = about.get("name")
    return _file(os.path.join(about.get("path") or "", f"{name}.ipynb")) if name else None  # noqa: PTH118  # "" is no folder


def _path_of(holder: object, frames: list[FrameType], others: Iterable[list[FrameType]]) -> Path | None:
    """As a program names it that has called `holder`, in this thread or in one that waits for it, up to one that has
    another notebook. `frames`: those of this thread, from the holder's on."""
    notebook = _own(holder)["nb"]
    for stack in (frames, *(other[n:] for other in others for n, one in _holders(other) if one is holder)):
        for frame in stack:
            one = frame.f_locals.get("self")
            if _own(one).get("nb", notebook) is not notebook and _metadata(one) is not None:
                break
            if path := _of_papermill(frame) or _named_by(one):
                return path
    return None


def _of_papermill(frame: FrameType) -> Path | None:
    """Unless it has gone to another folder, from which a relative path would lead elsewhere."""
    if (frame.f_globals.get("__name__"), frame.f_code.co_name) != ("papermill.execute", "execute_notebook"):
        return None
    named, folder = frame.f_locals.get("input_path"), frame.f_locals.get("cwd")
    usable = isinstance(named, (str, os.PathLike)) and (folder is None or Path(named).is_absolute())
    return _file(named) if usable else None


def _named_by(holder: object) -> Path | None:
    for name in PATHS:
        slot = isinstance(getattr(type(holder), name, None), MemberDescriptorType)
        if path := _file(getattr(holder, name, None) if slot else _own(holder).get(name)):
            return path
    return None


def _file(named: object) -> Path | None:
    if not isinstance(named, (str, os.PathLike)) or not str(named).endswith(".ipynb"):
        return None
    path = Path(os.path.abspath(named))  # noqa: PTH100  # `..` is resolved without following links
    return path if path.is_file() else None
