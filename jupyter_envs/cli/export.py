"""`export NOTEBOOK --format FORMAT`: the environment as a file of another tool; without a format, says which there
are."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..dialects.found import Written
from ..dialects.table import WRITERS, writer_of
from ..environments.exporting import export
from ..environments.here import Here
from ..errors import UsageError
from ..kernel.foreign import quoted
from .arguments import Parser, settings_of, takes_notebook
from .console import Console
from .output import save, writable
from .render import table
from .target import no_more, place_of


def arguments(parser: Parser) -> None:
    takes_notebook(parser)
    parser.add_argument(
        "--format",
        metavar="FORMAT",
        help="what to write; without it, the name of FILE decides, or the formats are listed",
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="write this file (default: -, which is stdout)")
    parser.add_argument("--force", action="store_true", help="replace FILE if it is there already")


def run(args: argparse.Namespace, console: Console) -> int:
    place, words = place_of(args)
    no_more(words)
    to_file = args.output not in (None, "-")
    form = args.format or (_form_of(args.output) if to_file else "")
    if not form:
        return say_formats(place.name, console)
    output = _output(place.base_dir / args.output, force=args.force) if to_file else None
    written = export(place.block, form, Here(settings_of(args)))
    for note in written.notes:
        console.report.note(f"{form}: {note}")
    if output is None:
        return _print(written, form, console)
    save(output, written.text)
    result = {"format": form, "output": str(output), "notes": [*written.notes]}
    return console.done(result, [f"Wrote {output.name}."], kept=True)


def say_formats(name: str, console: Console) -> int:
    rows = [(form, _about(writer_of(form).__doc__ or "")) for form in WRITERS]
    use = f"To write one: jupyter envs export {quoted(name)} --format {rows[0][0]}"
    return console.done({"formats": [*WRITERS]}, [*table(rows), use])


def _form_of(output: str) -> str:
    """By the usual name of its files. Raises UsageError."""
    name = Path(output).name
    form = next((form for form in WRITERS if name == writer_of(form).FILE), None)
    if form is None:
        raise UsageError(
            "usage", f"The name {name} does not say in which format it is to be written.",
            hint=f"Name one: --format {', '.join(WRITERS)}",
        )  # fmt: skip
    return form


def _output(path: Path, *, force: bool) -> Path:
    """Raises UsageError."""
    output, there = writable(path)
    if there and not force:
        raise UsageError(
            "file-exists", f"{path} is there already, and was not changed.",
            hint="Name another file, or replace this one with --force.",
        )  # fmt: skip
    return output


def _print(written: Written, form: str, console: Console) -> int:
    console.quiet = False  # the text is what was asked for
    result = {"format": form, "text": written.text, "notes": [*written.notes]}
    return console.done(result, [], written.text.removesuffix("\n"))


def _about(docstring: str) -> str:
    """Its first sentence, without the name of the format in front of a colon."""
    first = " ".join(docstring.split()).partition(". ")[0].rstrip(".")
    return first.partition(": ")[2] or first
