"""IPython's syntax (`!ls`, `%time`, `name?`) as the Python that IPython makes of it."""

from __future__ import annotations

import warnings

from IPython.core.inputtransformer2 import TransformerManager

LONGEST = 100_000
"""Characters of a cell: IPython reads all of it again for each of its magics."""
MAGICS = 200


def as_python(text: str) -> str:
    """The text itself where IPython gives up."""
    if len(text) > LONGEST or sum(line.lstrip()[:1] in ("%", "!", "?") for line in text.splitlines()) > MAGICS:
        return _without_magics(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about ends of lines that only Unicode has
            return str(TransformerManager().transform_cell(text))  # type: ignore[no-untyped-call]  # IPython has no types
    except (SyntaxError, ValueError, RuntimeError, MemoryError):  # RecursionError is a RuntimeError
        return text


def _without_magics(text: str) -> str:
    return "\n".join("pass" if line[:1] in ("%", "!", "?") else line for line in text.splitlines())
