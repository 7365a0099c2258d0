"""The block in an .ipynb file: read, or written atomically; no other byte changes.

Public: `NotebookFile`, `block_of`, `parse`, `raw_block_of`."""

from .file import NotebookFile
from .text import block_of, parse, raw_block_of

__all__ = ["NotebookFile", "block_of", "parse", "raw_block_of"]
