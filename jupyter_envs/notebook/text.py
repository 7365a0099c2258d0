"""From bytes to a notebook; every refusal says where the problem is."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ..errors import NotebookError
from ..model.block import KEY, WHERE, Block, deeper_than, parse_block
from ..system import strict_json

MAX_BYTES = 200 * 1024 * 1024
SETTLING = 1.0
"""Seconds to wait for a save that may be under way; if nothing changes for so long, nobody is writing."""
MAX_BLOCK = 4 * 1024 * 1024
MAX_DEPTH = 100
"""Of the metadata; outputs may nest as deep as Python's parser goes."""
FORMAT = 4
MARKS = "nbdime-conflicts"
"""Of the metadata: what nbdime could not merge."""
RESTORE = "Fix it there, or restore the notebook from a copy; Jupyter keeps one in .ipynb_checkpoints."
NUMBERS = "Write another number there, or restore the notebook from a copy."
EMPTY = "Restore it from a copy (Jupyter keeps one in .ipynb_checkpoints), or delete it and make a new notebook."

Content = dict[str, Any]


def parse(data: bytes) -> Content:
    """Raises NotebookError: too-big, not-utf8, merge-conflict, not-json, json-dup-key, too-deep, nbformat,
    not-notebook."""
    if len(data) > MAX_BYTES:
        raise NotebookError("too-big", f"The notebook is larger than {MAX_BYTES >> 20} MiB.")
    return check_notebook(_loads(strict_json.decoded(data, NotebookError)))


def _loads(text: str) -> object:
    if not text.strip():
        raise NotebookError("not-json", "The file is empty, so it is not a notebook.", hint=EMPTY)
    try:
        return strict_json.loads(text, NotebookError, hint=RESTORE, constants=True)
    except NotebookError as error:
        if error.code != "not-json":
            raise
        conflict = re.search(r"^<<<<<<< .*$", text, re.MULTILINE)
        if conflict is None:
            from .plain_text import known_stranger  # few files are none

            raise known_stranger(text) or error from None
        line, _ = strict_json.place(text, conflict.start())
        raise NotebookError(
            "merge-conflict", f"An unfinished merge: conflict markers begin on line {line}.",
            hint="Resolve the conflict (nbdime helps), then try again.", data={"line": line},
        ) from None  # fmt: skip


def check_notebook(value: object) -> Content:
    """A notebook of format 4, as far as we rely on it. Raises NotebookError nbformat, not-notebook or too-deep."""
    if not isinstance(value, dict):
        raise NotebookError("not-notebook", "This JSON is not a notebook: it is not an object.")
    number = value.get("nbformat")
    if type(number) is not int:
        raise NotebookError("not-notebook", "This JSON is not a notebook: nbformat must be a whole number.")
    if number < FORMAT:
        raise NotebookError(
            "nbformat", f"This notebook has the old format {number}.",
            hint="Convert it: jupyter nbconvert --to notebook --inplace NOTEBOOK", data={"nbformat": number},
        )  # fmt: skip
    if number > FORMAT:
        raise NotebookError(
            "nbformat", f"This notebook has format {number}, which is newer than this version of jupyter-envs knows.",
            hint="Upgrade jupyter-envs.", data={"nbformat": number},
        )  # fmt: skip
    if not isinstance(value.get("cells"), list):
        raise NotebookError("not-notebook", "This is not a notebook: cells is not a list.")
    metadata = value.get("metadata", {})
    if not isinstance(metadata, dict):
        raise NotebookError("not-notebook", "This is not a notebook: metadata is not an object.")
    if deeper_than(metadata, MAX_DEPTH):
        raise NotebookError("too-deep", f"metadata: nested deeper than {MAX_DEPTH} levels.")
    return value


def raw_block_of(notebook: Mapping[str, Any]) -> Any:
    """The block as JSON, or None. Raises NotebookError `too-big`; `not-json` for NaN in it, which other parts of a
    notebook may hold; InputError `merge-conflict` if nbdime could not merge it."""
    metadata = notebook.get("metadata") or {}
    if MARKS in metadata:
        from .merging import check_merged  # few notebooks have them

        check_merged(metadata, metadata[MARKS])
    if KEY not in metadata:
        return None
    try:
        text = json.dumps(metadata[KEY], allow_nan=False)
    except ValueError:
        raise NotebookError("not-json", f"{WHERE}: NaN and Infinity are not JSON.", hint=NUMBERS) from None
    if len(text) > MAX_BLOCK:
        raise NotebookError("too-big", f"{WHERE}: larger than {MAX_BLOCK >> 20} MiB.")
    return metadata[KEY]


def block_of(notebook: Mapping[str, Any]) -> Block | None:
    """The block of a parsed notebook, or None. Raises InputError that says where, and what `raw_block_of` raises."""
    raw = raw_block_of(notebook)
    return parse_block(raw) if KEY in (notebook.get("metadata") or {}) else None
