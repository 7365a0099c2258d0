"""A file `.env` beside a notebook: offered, never read unasked."""

from __future__ import annotations

import os


def dotenv_beside(notebook: str | os.PathLike[str] | None) -> str:
    """A sentence if there is a `.env` beside the notebook, which other programs read unasked; "" if not."""
    if not notebook or not os.path.isfile(os.path.join(os.path.dirname(os.fspath(notebook)), ".env")):
        return ""
    return (
        "There is a file .env beside the notebook, and it is not read. To read it, in a cell: "
        "%pip install python-dotenv, then %load_ext dotenv and %dotenv"
    )
