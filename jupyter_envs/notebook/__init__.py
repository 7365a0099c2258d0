"""The block in an .ipynb file: read, written atomically, every other byte left alone.

Public: `NotebookFile`, `block_of`, `parse`, `raw_block_of`."""

from .file import NotebookFile
from .text import block_of, parse, raw_block_of

__all__ = ["NotebookFile", "block_of", "parse", "raw_block_of"]
