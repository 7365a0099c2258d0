"""Jupyter's signatures: a notebook that its user trusted stays trusted after we change its block."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..system.folders import jupyter_data_dir


def folder() -> Path:
    """Where Jupyter keeps them."""
    return jupyter_data_dir(os.environ)


@contextmanager
def _notary() -> Iterator[Any]:
    """Jupyter's notary, or None if nothing was ever signed: we never create a database of signatures."""
    database, secret = folder() / "nbsignatures.db", folder() / "notebook_secret"
    if not database.is_file() or not secret.is_file():
        yield None
        return
    from nbformat.sign import NotebookNotary  # slow to import, and only needed where there are signatures

    notary = NotebookNotary(  # type: ignore[no-untyped-call]  # nbformat has no types
        data_dir=str(folder()), db_file=str(database), secret_file=str(secret)
    )
    try:
        yield notary
    finally:
        notary.close()  # type: ignore[no-untyped-call]


def trusted(text: str) -> bool:
    with _notary() as notary:
        return notary is not None and bool(notary.check_signature(_as_jupyter_reads_it(text)))


def sign(text: str) -> None:
    with _notary() as notary:
        if notary is not None:
            notary.sign(_as_jupyter_reads_it(text))


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
