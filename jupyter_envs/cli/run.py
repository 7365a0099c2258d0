"""`run NOTEBOOK`: builds what is missing, executes without a front end, saves the outputs."""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..environments.use_cases import Environments
from ..errors import Cancelled, EnvsError, InputError, NotebookError, UsageError
from ..kernel.foreign import quoted
from ..kernel.pending import leave_pending, what_waits
from ..launch.headless import build_and_hold, private_notebook, stamp_outputs, take_change
from ..model.block import KEY, Block
from ..model.kernelspec import KERNELSPEC
from ..model.lock_rules import check_supported
from ..model.options import Options
from ..notebook import NotebookFile
from ..notebook.cells import check_cells
from ..notebook.saving import keep, save
from ..notebook.trust import trusted
from .arguments import Parser, seconds, settings_of, takes_consent
from .changing import ask_and_retry, options_of, unstoppable
from .console import Console
from .output import writable
from .target import no_more, python_notebook

if TYPE_CHECKING:
    from ..settings import Settings
    from ..store import Environment
    from ..system.leases import Lease

NO_BLOCK = (
    "This notebook has no environment of its own: jupyter envs install {notebook} PACKAGE. If it had one, a program "
    "has left it out (jupytext does, unless its notebook_metadata_filter names jupyter_envs): restore it from a copy."
)


def arguments(parser: Parser) -> None:
    parser.usage = f"{parser.prog} NOTEBOOK [--output OUT] [options]"
    parser.add_argument("words", nargs="*", metavar="NOTEBOOK")
    takes_consent(parser)
    parser.add_argument("-o", "--output", metavar="OUT", help="save the result here (default: in the notebook itself)")
    parser.add_argument("--locked", action="store_true", help="use the lock unchanged, or fail")
    parser.add_argument("--timeout", type=seconds, metavar="SECONDS", help="time limit for each cell")
    parser.add_argument(
        "--allow-system-commands", action="store_true",
        help="also run lines like !apt-get and !sudo of a notebook that Jupyter does not trust as yours",
    )  # fmt: skip
    parser.add_argument("--python", metavar="VERSION", help="the Python for a notebook without a lock: 3.12, or a path")


def run(args: argparse.Namespace, console: Console) -> int:
    if not args.words:
        raise UsageError("no-notebook", "Which notebook?", hint="jupyter envs run a.ipynb --output out.ipynb")
    no_more(args.words[1:])
    file = python_notebook(args.words[0])
    check_cells(file.content)
    if not args.allow_system_commands:
        refuse_system_commands(file, args.words[0])
    output = _output(args.output, file)
    environments = Environments(settings_of(args))
    try:
        block, environment, lease = ask_and_retry(
            console,
            replace(options_of(args, None), notebook=file.path.absolute()),
            lambda options: build_for_run(environments, file, options, args, console),
        )
        started = time.perf_counter()
        with lease:
            notebook, error = _execute(file, block, environment, args, console, elsewhere=output is not None)
    except (KeyboardInterrupt, Cancelled):
        raise Cancelled(sentence="Stopped; nothing was saved.") from None
    from .execute import notebook_bytes

    with unstoppable():
        place = _save(file, output, notebook_bytes(notebook))
        if error:
            if block is None and error.data.get("ename") == "ModuleNotFoundError":
                error.hint = NO_BLOCK.format(notebook=quoted(args.words[0]))
            raise error
        seconds = round(time.perf_counter() - started, 3)
        result = {"output": str(place), "environment": environment.to_dict(), "seconds": seconds}
        return console.done(result, [f"{file.path.name} ran; saved as {place}.  {seconds:.1f} s"], kept=True)


def refuse_system_commands(file: NotebookFile, word: str) -> None:
    """Raises InputError `system-commands` for lines that would change this machine, unless Jupyter trusts the notebook
    as its user's own."""
    if not re.search(rb"!|%|system|popen|subprocess|getoutput|magic", file.data):
        return
    from ..dialects.system_commands import system_commands  # few notebooks have such lines

    lines = [f"{line.where}: {line.sign}{line.text}"[:200] for line in system_commands(file.content)]
    if not lines or trusted(file.data.decode("utf-8", "replace")):
        return
    more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
    raise InputError(
        "system-commands", f"This notebook would change this machine: {lines[0]}{more}. Nothing was run.",
        hint=f"If you want that: jupyter envs run {quoted(word)} --allow-system-commands", details="\n".join(lines),
    )  # fmt: skip


def _output(word: str | None, file: NotebookFile) -> Path | None:
    """Where to save, without links; None for the notebook itself. Raises UsageError before anything has run."""
    path, there = writable(word or file.path)
    return None if there and path.samefile(file.path) else path


def build_for_run(
    environments: Environments, file: NotebookFile, options: Options, args: argparse.Namespace, console: Console
) -> tuple[Block | None, Environment, Lease]:
    block = file.block
    asks = block is not None and block.asks
    if block is not None:
        check_supported(block.spec, block.lock)
    if block is not None and asks and (not block.locked or environments.status(block).state == "changed"):
        if args.locked:
            raise InputError(
                "lock-outdated", "The lock does not match what the notebook asks for.",
                hint=f"Run: jupyter envs lock {quoted(args.words[0])}",
            )  # fmt: skip
        block = environments.lock(block, options=options, report=console.report).block
    needed = block if asks else None
    return block, *build_and_hold(
        environments, lambda: environments.build(needed, options=options, report=console.report)
    )


def _execute(
    file: NotebookFile, block: Block | None, environment: Environment, args: argparse.Namespace, console: Console,
    *, elsewhere: bool,
) -> tuple[Any, EnvsError | None]:  # fmt: skip
    """`elsewhere`: the result is saved in another file."""
    from .execute import execute, read  # half of Jupyter, and only needed here

    notebook = read(json.dumps(file.content))
    if block is not None:
        notebook.metadata[KEY] = block.to_dict()
        if file.kernelspec_name != KERNELSPEC["name"]:
            notebook.metadata["kernelspec"] = dict(KERNELSPEC)
    settings, path = settings_of(args), file.path.absolute()
    earlier = what_waits(str(settings.home), str(path))
    try:
        with told_notebook(file, block, notebook.metadata) as told:
            error = execute(notebook, told=told, path=path, timeout=args.timeout, report=console.report)
    except BaseException:
        if earlier:
            take_change(settings, path, block, earlier)  # nothing is saved, and what waited goes on waiting
        raise
    changed = take_change(settings, path, block, earlier)
    made = stamp_outputs(changed or block, environment)
    if made is not None:
        notebook.metadata[KEY] = made.to_dict()
    if changed is not None and elsewhere:
        console.report.note(leave_change(settings, file, changed, another=bool(earlier)))
    return notebook, error


@contextmanager
def told_notebook(file: NotebookFile, block: Block | None, metadata: Mapping[str, Any]) -> Iterator[Path]:
    """A file with this block."""
    if block == file.block:
        yield file.path
        return
    with private_notebook(metadata, file.path.name) as told:
        yield told


def leave_change(settings: Settings, file: NotebookFile, changed: Block, *, another: bool) -> str:
    """Only the output has it: the notebook itself can have it, too, unless `another` change is waiting for it."""
    said = f"Cells have installed packages, and {file.path.name} itself does not record it."
    record = f"jupyter envs lock {quoted(str(file.path))} --pending"
    if another:
        return f"{said} Another change is waiting for it, from before this run. To record that one: {record}"
    before = file.block.to_dict() if file.block else None
    leave_pending(str(settings.home), str(file.path.absolute()), before, changed.to_dict(), keep=True)
    return f"{said} To record it: {record}"


def _save(file: NotebookFile, output: Path | None, data: bytes) -> Path:
    """The outputs took time to make: if they cannot be saved as intended, they are kept elsewhere. Raises NotebookError
    that says where."""
    place = output or file.path
    try:
        if output is None:
            file.replace(data)
        else:
            save(output, data)
    except OSError as error:
        raise _kept(
            place, data, NotebookError("not-writable", f"{place} cannot be written: {error.strerror or error}.")
        ) from None
    except EnvsError as error:
        raise _kept(place, data, error) from None
    return place


def _kept(place: Path, data: bytes, error: EnvsError) -> EnvsError:
    try:
        kept = (_beside(place, data) if error.code == "changed-on-disk" else None) or keep(place.name, data)
    except OSError as second:
        hint = "Make room there, or choose another file with --output, and run it again."
        return NotebookError(
            error.code, f"{error.sentence} The outputs are lost: {second.strerror or second}.", hint=hint
        )
    return NotebookError(error.code, error.sentence, hint=f"The outputs are in {kept}", data={"outputs": str(kept)})


def _beside(place: Path, data: bytes) -> Path | None:
    """A new file next to the notebook, if possible."""
    for number in range(1, 100):
        path = place.with_name(f"{place.stem}-outputs{f'-{number}' if number > 1 else ''}.ipynb")
        try:
            save(path, data, over=False)
        except FileExistsError:
            continue
        except (OSError, EnvsError):
            return None
        return path
    return None
