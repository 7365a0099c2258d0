"""What must be true of the cells before they can be executed. Reading and writing the block does not need it."""

from __future__ import annotations

from typing import Any, NoReturn

from ..errors import NotebookError
from .merging import is_unsettled


def check_cells(content: dict[str, Any]) -> None:
    """Raises NotebookError `not-notebook` that says where, and `merge-conflict` for cells of which two versions are
    there."""
    if type(content.get("nbformat_minor", 0)) is not int:
        _refuse("nbformat_minor", "must be a number")
    for number, cell in enumerate(content["cells"]):
        _check(cell, f"cells[{number}]")


def _check(cell: object, where: str) -> None:
    if not isinstance(cell, dict):
        _refuse(where, "must be an object")
    if cell.get("cell_type") not in ("code", "markdown", "raw"):
        _refuse(f"{where}.cell_type", "must be code, markdown or raw")
    source: Any = cell.get("source")
    if not (isinstance(source, str) or _texts(source)):
        _refuse(f"{where}.source", "must be text")
    if cell["cell_type"] == "code" and not _utf8("".join(source)):
        _refuse(f"{where}.source", "contains half a character (a lone surrogate)")
    if is_unsettled(cell["cell_type"], "".join(source)):
        raise NotebookError(
            "merge-conflict", f"An unfinished merge: {where} contains conflict markers.",
            hint="Keep one of the two versions, remove the markers, then try again.",
        )  # fmt: skip
    metadata = cell.get("metadata")
    if not isinstance(metadata, dict):
        _refuse(f"{where}.metadata", "must be an object")
    if not _texts(metadata.get("tags", [])):
        _refuse(f"{where}.metadata.tags", "must be a list of strings")
    attachments = cell.get("attachments", {})
    if not isinstance(attachments, dict) or not all(isinstance(value, dict) for value in attachments.values()):
        _refuse(f"{where}.attachments", "must be objects")


def _utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _refuse(where: str, what: str) -> NoReturn:
    raise NotebookError(
        "not-notebook", f"This is not a notebook that can run: {where}: {what}.",
        hint="Open it in Jupyter and save it, or restore it from a copy.",
    )  # fmt: skip
