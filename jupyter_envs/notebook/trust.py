"""Jupyter's signatures: a notebook that its user trusted stays trusted after we change its block."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ..system.folders import jupyter_data_dir

FILES = ("nbsignatures.db", "notebook_secret")


def folder() -> Path:
    """Where Jupyter keeps them."""
    return jupyter_data_dir(os.environ)


def trusted(text: str) -> bool:
    """Not where Jupyter itself cannot read the notebook, or its database: then it trusts nothing."""
    if _signs():
        with suppress(*_unreadable()), _notary() as notary:
            return bool(notary.check_signature(_as_jupyter_reads_it(text)))
    return False


def sign(text: str) -> None:
    """Where Jupyter's database cannot be written, the notebook has to be trusted again."""
    if _signs():
        with suppress(*_unreadable()), _notary() as notary:
            notary.sign(_as_jupyter_reads_it(text))


def _signs() -> bool:
    """Whether anything was ever signed: we never create a database of signatures."""
    return all((folder() / name).is_file() for name in FILES)


def _unreadable() -> tuple[type[Exception], ...]:
    """What nbformat raises for what is not as it expects: its own error, and those of keys and types that it has not
    checked; and what a database raises that is locked, damaged or write-protected."""
    import sqlite3

    from nbformat import ValidationError

    return ValidationError, LookupError, TypeError, AttributeError, ValueError, RecursionError, OSError, sqlite3.Error


@contextmanager
def _notary() -> Iterator[Any]:
    from nbformat.sign import NotebookNotary  # slow to import, and only needed where there are signatures

    database, secret = (str(folder() / name) for name in FILES)
    notary = NotebookNotary(  # type: ignore[no-untyped-call]  # nbformat has no types
        data_dir=str(folder()), db_file=database, secret_file=secret
    )
    try:
        yield notary
    finally:
        notary.close()  # type: ignore[no-untyped-call]


def _as_jupyter_reads_it(text: str) -> Any:
    """The signature is not for the bytes but for what nbformat reads from them."""
    import logging
    import warnings

    import nbformat

    logger = logging.getLogger("traitlets")
    before = logger.disabled
    logger.disabled = True  # its complaints about details of the format are not about what we do
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    finally:
        logger.disabled = before
