"""Where a verb reads and writes the block: a notebook file, or stdin and the journal."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ..errors import InputError, NotebookError, UsageError
from ..model.block import Block, parse_block
from ..model.kernelspec import in_python
from ..notebook import NotebookFile
from ..notebook.text import MAX_BLOCK
from ..system import strict_json
from ..system.folders import current_folder

if TYPE_CHECKING:
    from collections.abc import Sequence


class FilePlace(msgspec.Struct):
    file: NotebookFile
    block: Block | None

    @property
    def base_dir(self) -> Path:
        """Relative paths start from the folder where they were typed."""
        return current_folder()

    @property
    def name(self) -> str:
        return self.file.path.name

    @property
    def path(self) -> Path | None:
        """Absolute."""
        return self.file.path.absolute()

    @property
    def notes(self) -> tuple[str, ...]:
        """What is said when the notebook gets its first environment."""
        from ..notebook.plain_text import left_out_by_jupytext  # not for those that only look

        note = left_out_by_jupytext(self.file.metadata) if self.block is None else ""
        return (note,) if note else ()

    def write(self, block: Block | None) -> None:
        """Raises NotebookError `changed-on-disk` if somebody else changed the block in the meantime."""
        if block is None or block == self.block:
            return
        self.file.write_block(block)
        self.block = block


class PipePlace(msgspec.Struct):
    block: Block | None
    notebook: Path | None
    typed_in: Path | None = None
    """The folder that a kernel is in; without it (from the panel), the notebook's folder counts."""
    notes: tuple[str, ...] = ()

    @property
    def base_dir(self) -> Path:
        if self.typed_in:
            return self.typed_in
        return self.notebook.parent if self.notebook else current_folder()

    @property
    def name(self) -> str:
        return self.notebook.name if self.notebook else "this notebook"

    @property
    def path(self) -> Path | None:
        return self.notebook

    def write(self, block: Block | None) -> None:
        """The result contains it; the front end writes the file."""


Place = FilePlace | PipePlace


def place_of(args: argparse.Namespace) -> tuple[Place, list[str]]:
    """The place, and the arguments after the notebook. Raises UsageError, NotebookError, InputError."""
    words: list[str] = args.words
    if args.block:
        notebook, typed_in = (Path(word).absolute() if word else None for word in (args.notebook, args.base_dir))
        return PipePlace(block_from_stdin(), notebook, typed_in), words
    if args.notebook or args.journal or args.base_dir:
        raise UsageError("usage", "--notebook, --base-dir and --journal need `--block -`.")
    if not words:
        raise UsageError("no-notebook", "Which notebook?", hint="Name its file: jupyter envs status a.ipynb")
    file = python_notebook(words[0])
    return FilePlace(file, file.block), words[1:]


def no_more(words: Sequence[str]) -> None:
    """Raises UsageError for arguments that a verb does not accept."""
    if words:
        raise UsageError("usage", f"Unexpected argument: {words[0][:60]!r}. This verb takes only the notebook.")


def python_notebook(path: str) -> NotebookFile:
    """Raises NotebookError; `not-python` for a notebook in another language."""
    if not path.endswith(".ipynb") and not Path(path).exists():
        raise UsageError(
            "no-notebook", f"{path!r} is not a notebook.", hint="The notebook comes first: jupyter envs VERB a.ipynb …"
        )
    file = NotebookFile.read(path)
    if not in_python(file.metadata):
        raise NotebookError("not-python", f"{file.path.name} is a notebook in {file.language}, not in Python.")
    return file


def block_from_stdin() -> Block | None:
    """A block, or None for `null`. Raises InputError."""
    data = sys.stdin.buffer.read(MAX_BLOCK + 1)
    if len(data) > MAX_BLOCK:
        raise InputError("too-big", f"The block is larger than {MAX_BLOCK >> 20} MiB.")
    value = strict_json.loads(strict_json.decoded(data), what="The input on stdin")
    return None if value is None else parse_block(value)
