"""`status NOTEBOOK`: what it asks for, and whether it can run here. No process, no network."""

from __future__ import annotations

import argparse

from msgspec.structs import replace

from ..environments.here import Here
from ..environments.sight import status_of
from ..environments.status import Status
from ..errors import InputError, NotebookError
from ..kernel.dotenv import dotenv_beside
from .arguments import Parser, settings_of, takes_notebook
from .console import Console
from .render import status_lines
from .target import FilePlace, no_more, place_of


def arguments(parser: Parser) -> None:
    takes_notebook(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    try:
        place, words = place_of(args)
    except NotebookError:
        raise
    except InputError as error:
        merging = error.code == "merge-conflict"
        if not (console.json or merging):
            raise
        sentence = (
            error.sentence if merging else "The environment in this notebook cannot be read, so it was not changed."
        )
        console.done(Status("invalid", sentence, error=error).to_dict(), [sentence, f"hint: {error.hint}"])
        return error.exit_code
    no_more(words)
    status = status_of(place.block, Here(settings_of(args)))
    beside = dotenv_beside(place.path)
    status = replace(status, notes=(*status.notes, beside)) if beside else status
    value, lines = status.to_dict(), status_lines(status, place.name)
    if place.block is None and isinstance(place, FilePlace):
        from .offering import offer  # readers of formats: most notebooks have an environment

        rows, line = offer(place)
        value, lines = {**value, **({"offered": rows} if rows else {})}, [*lines, *([line] if line else [])]
    return console.done(value, lines)
