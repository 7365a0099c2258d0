"""From arguments to a verb, and from any error to an exit code: 0 success, 1 an error, 2 usage, 3 consent needed, 130
stopped."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module

from ..errors import Cancelled, EnvsError, UsageError
from ..system.os_errors import explain_os_error, out_of_resources
from .console import Console
from .streams import open_closed

WAIT = "--wait"

VERBS = {
    "status": "what a notebook asks for, and whether it can run here",
    "install": "add packages to a notebook's environment",
    "import": "take over the packages that a file of another tool lists",
    "export": "write the environment as a file of another tool",
    "infer": "work out what a notebook needs that declares nothing",
    "remove": "remove packages from a notebook's environment",
    "upgrade": "upgrade some or all packages to newer versions",
    "undo": "undo the last change",
    "lock": "update the lock to match what the notebook asks for",
    "build": "build the environment that a notebook brings",
    "run": "execute a notebook in its environment and save the outputs",
    "shell": "open a shell in a notebook's environment, or run a command there",
    "activate": "print the commands that activate a notebook's environment in a shell",
    "python": "list the Pythons on this machine, or change a notebook's Python",
    "consent": "list or revoke what you have approved",
    "list": "list the environments on this machine",
    "gc": "remove what has not been used for some time",
    "verify": "compare the files of environments with what was installed",
    "doctor": "check the set-up, and explain what is wrong with it",
    "kernelspec": "add, list or remove kernels for one notebook",
    "completion": "print a script that completes these commands in a shell",
}
HIDDEN = {
    "lookup": "say what the indexes have: for `pip list --outdated` and `pip index versions`",
    "finish": "finish in the background what a build has left to do",
    "elsewhere": "call uv for another environment than a notebook's",
    "refresh": "ask the indexes again about what was answered from the cache",
}
ALIASES = {"uninstall": ("remove", "--skip-missing")}
"""As in pip."""


def main(argv: Sequence[str] | None = None) -> int:
    words = list(sys.argv[1:] if argv is None else argv)
    settle_in()
    try:
        return _guarded(words)
    except KeyboardInterrupt:  # while it waits for words, or a second one
        return Cancelled.exit_code
    finally:
        if argv is None:
            gc.freeze()  # the process ends: to look through all that was imported for garbage takes 10 ms
            # A thread may still wait for the disk: from now on a stop ends us at once, without a traceback.
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)


def _guarded(words: list[str]) -> int:
    if words == [WAIT]:
        from .wait import wait

        words = wait()
    console = Console.for_words(words)
    try:
        return _run(words, console)
    except KeyboardInterrupt:
        return console.failed(Cancelled())
    except BrokenPipeError:
        return console.lost()
    except EnvsError as error:
        return console.failed(error)
    except OSError as error:
        return console.failed(explain_os_error(error))
    except Exception as error:  # a journal must end with its last line, whatever happens
        scarce = out_of_resources(error)
        return console.failed(explain_os_error(scarce) if scarce else _unexpected(error))


def settle_in() -> None:
    """Corrects odd surroundings that the process which started us may have left."""
    open_closed()
    # A stop from outside ends like Ctrl-C does: tools are stopped, nothing is published, exit 130.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, signal.SIGTERM))
        if signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # otherwise each tool that fails seems to have ended well
        os.umask(os.umask(0o077) & 0o077)  # what we make is ours to read and write


def _run(words: list[str], console: Console) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        for line in overview().splitlines():
            console.say(line)
        return 0 if words else 2
    if words[0] in ("-V", "--version"):
        from .. import __version__

        console.say(f"jupyter-envs {__version__}")
        return 0
    words = [*ALIASES.get(words[0], words[:1]), *words[1:]]
    verb = words[0]
    known = VERBS | HIDDEN
    if verb not in known:
        raise _unknown_verb(verb)
    gc.disable()  # imports leave no garbage, and looking for it is 5 % of a short command
    try:
        module, arguments = (
            import_module(f".{verb}", __package__),
            import_module(".arguments", __package__),
        )
    finally:
        gc.enable()
    parser = arguments.parser_for(verb, known[verb])
    module.arguments(parser)
    if any(word in ("-h", "--help") for word in words[1 : words.index("--") if "--" in words else None]):
        for line in parser.format_help().rstrip().splitlines():
            console.say(line)
        return 0
    args = parser.parse(words[1:])
    console.say_as_asked(quiet=bool(args.quiet), verbose=bool(args.verbose))
    code: int = module.run(args, console)
    return code


def overview() -> str:
    width = max(map(len, VERBS))
    verbs = "\n".join(f"  {verb:<{width}}  {what}" for verb, what in VERBS.items())
    return f"usage: jupyter envs VERB …\n\n{verbs}\n\n`jupyter envs VERB --help` explains a verb."


def _unknown_verb(verb: str) -> UsageError:
    from difflib import get_close_matches

    close = get_close_matches(verb, VERBS, n=1)
    hint = f"Did you mean {close[0]}?" if close else "`jupyter envs --help` lists the verbs."
    return UsageError("unknown-verb", f"There is no verb {verb[:40]!r}.", hint=hint)


def _unexpected(error: Exception) -> EnvsError:
    import traceback

    what = " ".join(str(error).split())
    return EnvsError(
        "internal", f"An internal error occurred: {type(error).__name__}: {what}",
        hint="Please report this, with the details.", details="".join(traceback.format_exception(error)),
    )  # fmt: skip
