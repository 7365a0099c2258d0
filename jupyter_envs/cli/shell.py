"""`shell NOTEBOOK [-- COMMAND …]`: a shell, or one command, in the notebook's environment, which stays until it
ends."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..environments.use_cases import Environments
from ..errors import UsageError
from ..launch.launch import inside
from ..system.folders import user_folder
from ..system.leases import beat
from .activation import NAMES, Active, fish, posix, powershell
from .arguments import Parser, settings_of, takes_consent
from .changing import ask_and_retry, options_of
from .console import Console
from .run import build_for_run
from .target import no_more, python_notebook

if TYPE_CHECKING:
    import socket

    from ..store import Environment
    from ..system.leases import Lease

SIGNALLED = 128


def arguments(parser: Parser) -> None:
    parser.usage = f"{parser.prog} NOTEBOOK [options] [-- COMMAND …]"
    parser.takes_command = True
    parser.set_defaults(command=[])
    parser.add_argument("words", nargs="*", metavar="NOTEBOOK")
    takes_consent(parser)
    parser.add_argument("--locked", action="store_true", help="use the lock unchanged, or fail")
    parser.add_argument("--python", metavar="VERSION", help="the Python for a notebook without a lock: 3.12, or a path")


def run(args: argparse.Namespace, console: Console) -> int:
    environment, lease, name = open_shell("shell", args, console)
    settings = settings_of(args)
    console.rest()
    with lease:
        beat()
        if args.command:
            return foreground(args.command, inside(environment.to_dict(), os.environ, settings))
        if os.environ.get("VIRTUAL_ENV") == str(environment.prefix):
            raise UsageError(
                "already-active",
                f"This shell is already running in the environment of {name}.",
                hint="`exit` leaves it.",
            )
        active = Active(str(environment.prefix), str(environment.bin), Path(name).stem)
        outside = inside(None, os.environ, settings)
        with interactive(active, outside, inside(environment.to_dict(), os.environ, settings)) as (argv, environ):
            return foreground(argv, environ)


def open_shell(verb: str, args: argparse.Namespace, console: Console) -> tuple[Environment, Lease, str]:
    """The environment of the notebook that the arguments name, built after consent; its lease; the notebook's file
    name."""
    if not args.words:
        raise UsageError("no-notebook", "Which notebook?", hint=f"jupyter envs {verb} a.ipynb")
    no_more(args.words[1:])
    file = python_notebook(args.words[0])
    environments = Environments(settings_of(args))
    options = replace(options_of(args, None), notebook=file.path.absolute())
    _, environment, lease = ask_and_retry(
        console, options, lambda chosen: build_for_run(environments, file, chosen, args, console)
    )
    return environment, lease, file.path.name


@contextmanager
def interactive(
    active: Active, outside: Mapping[str, str], within: Mapping[str, str]
) -> Iterator[tuple[list[str], dict[str, str]]]:
    """The user's own shell, which activates the environment after its start-up files, since those may put other
    programs first on PATH. `outside` and `within`: variables without and with the environment."""
    program = _shell(outside)
    kind = Path(program).stem.lower().lstrip("-")
    with tempfile.TemporaryDirectory(prefix="jupyter-envs-") as folder:
        start = Path(folder)
        if kind == "bash":
            _write(start / "bashrc", f"[ -r ~/.bashrc ] && . ~/.bashrc\n{posix(active)}")
            yield [program, "--rcfile", str(start / "bashrc"), "-i"], dict(outside)
        elif kind == "zsh":
            yield [program, "-i"], _zsh(start, active, outside)
        elif kind == "fish":
            yield [program, "-C", fish(active)], dict(outside)
        elif NAMES.get(kind) == "powershell":
            yield [program, "-NoLogo", "-NoExit", "-Command", powershell(active)], dict(outside)
        elif NAMES.get(kind) == "bash":
            _write(start / "shrc", f"{_source(outside.get('ENV'))}\n{posix(active)}")
            yield [program, "-i"], {**outside, "ENV": str(start / "shrc")}
        else:
            prompt = {"PROMPT": f"({active.prompt}) $P$G"} if kind == "cmd" else {}
            yield [program], {**within, **prompt, "VIRTUAL_ENV_PROMPT": active.prompt}


def _shell(environ: Mapping[str, str]) -> str:
    default = environ.get("COMSPEC", "cmd.exe") if sys.platform == "win32" else "/bin/sh"
    return environ.get("SHELL") or default


def _zsh(folder: Path, active: Active, outside: Mapping[str, str]) -> dict[str, str]:
    """zsh has no option for another start-up file, only for another folder with these files."""
    from shlex import quote

    own = quote(outside.get("ZDOTDIR") or str(user_folder(outside)))
    ours = quote(str(folder))
    back = "unset ZDOTDIR" if "ZDOTDIR" not in outside else f"ZDOTDIR={own}"
    _write(folder / ".zshenv", f"ZDOTDIR={own}\n[ -r {own}/.zshenv ] && . {own}/.zshenv\nZDOTDIR={ours}\n")
    _write(folder / ".zshrc", f"{back}\n[ -r {own}/.zshrc ] && . {own}/.zshrc\n{posix(active)}")
    return {**outside, "ZDOTDIR": str(folder)}


def _source(path: str | None) -> str:
    from shlex import quote

    return f"[ -r {quote(path)} ] && . {quote(path)}" if path else ""


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", errors="surrogateescape")


def foreground(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Runs it in the foreground, with our terminal; returns its exit code, or 128 + the number of the signal that ended
    it."""
    program = shutil.which(argv[0], path=environ.get("PATH"))
    if program is None:
        raise UsageError("no-command", f"There is no command {argv[0][:60]!r} in this environment or on the PATH.")
    started: list[subprocess.Popen[bytes]] = []
    early: list[int] = []

    def pass_on(number: int, _: object) -> None:
        if started:
            started[0].send_signal(number)
        else:
            early.append(number)  # it may be up already, before we have been told so

    # The terminal sends Ctrl-C to the command too, and what it does with that is its own affair.
    handlers = {signal.SIGINT: lambda *_: None, signal.SIGTERM: pass_on}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        with waking() as wake:
            started.append(subprocess.Popen([program, *argv[1:]], env=dict(environ)))
            for number in early:
                started[0].send_signal(number)
            code = ended(started[0], wake)
    except OSError as error:
        raise UsageError("no-command", f"{argv[0][:60]} cannot be started: {error.strerror or error}.") from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return code if code >= 0 else SIGNALLED - code


@contextmanager
def waking() -> Iterator[tuple[socket.socket, socket.socket]]:
    """A pair of sockets: what is written into the second can be read from the first, and each signal writes into it. A
    signal that comes just before a process waits in the system interrupts nothing, and its handler would only be called
    after that wait; so we wait in a way that a signal ends at any moment."""
    from socket import socketpair  # here: `activate`, which needs none of this, is typed into prompts

    near, far = socketpair()
    with near, far:
        far.setblocking(False)
        before = signal.set_wakeup_fd(far.fileno(), warn_on_full_buffer=False)
        try:
            yield near, far
        finally:
            signal.set_wakeup_fd(before)


def ended(process: subprocess.Popen[bytes], wake: tuple[socket.socket, socket.socket]) -> int:
    """Its exit code. Handlers of signals are called immediately in the meantime."""
    near, far = wake

    def wait() -> None:
        process.wait()
        with contextlib.suppress(OSError):  # so full that it can be read anyway
            far.send(b"\0")

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    while waiting.is_alive() and process.returncode is None:
        near.recv(4096)
    return process.wait()
