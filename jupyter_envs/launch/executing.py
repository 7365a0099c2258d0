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
from collections.abc import Iterator, Mapping
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
    """None if nothing on the stack has a notebook. `manager`: that of the kernel, for programs that start it in another
    thread than their own."""
    holders = list(_objects(sys._getframe(1)))
    for number, holder in enumerate(holders):
        if found := _executing(holder, holders[number:]):
            return found
    own = threading.get_ident()
    for thread, frame in sys._current_frames().items():
        holders = list(_objects(frame)) if thread != own else []
        for number, holder in enumerate(holders):
            if _own(holder).get("km") is manager and (found := _executing(holder, holders[number:])):
                return found
    return None


def _objects(frame: FrameType | None) -> Iterator[object]:
    """Whose methods are running, the innermost first."""
    while frame is not None:
        holder = frame.f_locals.get("self")
        if holder is not None:
            yield holder
        frame = frame.f_back


def _executing(holder: object, outer: list[object]) -> Executing | None:
    notebook = _own(holder).get("nb")
    if not isinstance(notebook, Mapping) or not isinstance(notebook.get("cells"), list):
        return None
    try:
        metadata = json.loads(json.dumps(notebook.get("metadata") or {}, default=_day))
    except (TypeError, ValueError, RecursionError):
        return None
    return Executing(metadata, _told(holder, metadata) or _path_of(outer)) if isinstance(metadata, dict) else None


def _day(value: object) -> str:
    """Programs that read YAML put days into metadata."""
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError


def _own(holder: object) -> dict[str, Any]:
    """Its own attributes. Those that are computed are not asked for: they might do something."""
    found = getattr(holder, "__dict__", None)
    return found if isinstance(found, dict) else {}


def _told(holder: object, metadata: Mapping[str, Any]) -> Path | None:
    """The file as nbconvert names it for its templates, or papermill in the notebook."""
    traits = _own(holder).get("_trait_values", {})
    about = (traits.get("resources") or {}).get("metadata") or {}
    if about.get("name"):
        return _file(os.path.join(about.get("path") or "", f"{about['name']}.ipynb"))  # noqa: PTH118  # "" is no folder
    papermill = metadata.get("papermill")
    return _file(papermill.get("input_path")) if isinstance(papermill, dict) else None


def _path_of(holders: list[object]) -> Path | None:
    for holder in holders:
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
