"""Our command line as a child process that reports in JSON lines what it does."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
from typing import Any, Callable, Dict, Mapping, Sequence

from .orders import resolve_path
from .prewarm import Started, Warm
from .trees import ProcessTree, end_tree

Json = Dict[str, Any]
LAST = ("done", "failed", "cancelled")
SECONDS_TO_STOP = 10
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
# A colour code in the journal would break it; a PYTHON* of the notebook's is not meant for the server's Python; a
# consent is the user's, and which notebook is told by argument.
DROPPED = {
    "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "__PYVENV_LAUNCHER__",
    "JUPYTER_ENVS_CONTEXT", "JUPYTER_ENVS_KERNEL", "JUPYTER_ENVS_NOTEBOOK", "JUPYTER_ENVS_CONSENT",
}  # fmt: skip


def environment(environ: Mapping[str, str], folders: Sequence[str] = ()) -> dict[str, str]:
    """`environ` without the variables for the notebook's own processes; its PATH without `folders`."""
    env = {k: v for k, v in environ.items() if k not in DROPPED and not k.startswith("PYTHON")}
    env["PATH"] = without(env.get("PATH", os.defpath), folders)
    env["NO_COLOR"] = "1"
    return env


def without(path: str, folders: Sequence[str]) -> str:
    """A search path without those folders."""
    return os.pathsep.join(entry for entry in path.split(os.pathsep) if entry not in folders)


def run(
    cli: Sequence[str],
    words: Sequence[str],
    block: Json | None,
    on_event: Callable[[Json], None],
    env: Mapping[str, str],
    warm: Warm | None = None,
) -> Json:
    """Runs `cli words` with the block on stdin and returns the journal's last event: done, failed or cancelled.

    KeyboardInterrupt stops the whole process group and returns `cancelled`; nothing else that the child does raises.
    `warm`: may have a process that is waiting for this."""
    started = None
    try:
        started = warm.take(cli, env) if warm else None
        last = told(started, words, block, on_event) if started else None
        if started and last is None and started.unused:
            started.drop()
            started = None
        if started is None:
            started = Started([*cli, *words], env)
            last = told(started, words, block, on_event)
    except KeyboardInterrupt:
        last = stop(started.process) if started else {"event": "cancelled"}
    except OSError as error:
        return failed("cli-missing", "jupyter-envs could not be started.", str(error), "Restart the kernel.")
    with started.errors if started else contextlib.nullcontext() as errors:
        if last is None and errors:
            errors.seek(0)
            return failed(
                "cli-died", "jupyter-envs exited without reporting a result.", tail(errors.read()), "Run it again."
            )
    return last or {"event": "cancelled"}


def told(started: Started, words: Sequence[str], block: Json | None, on_event: Callable[[Json], None]) -> Json | None:
    """The last event, or None if the child ended without one."""
    started.feed(words, block)
    assert started.process.stdout
    last = None
    for line in started.process.stdout:
        started.spoke = True
        event = parse(line)
        if event.get("event") in LAST:
            last = event
            break
        if event:
            on_event(event)
    started.process.stdout.close()
    # After its last word its exit need not be waited for, only taken note of.
    threading.Thread(target=started.process.wait, daemon=True).start()
    return last


def stop(process: subprocess.Popen[bytes]) -> Json:
    """SIGINT, then SIGKILL. A change that was finished before the signal came stays finished: there is nothing
    half-way."""
    assert process.stdout
    tree = ProcessTree.of(process)

    def end() -> None:
        tree.end()
        signal_group(process, KILL)

    killer = threading.Timer(SECONDS_TO_STOP, end)
    killer.daemon = True
    rest = b""
    try:
        tree.look()
        signal_group(process, signal.SIGINT)
        killer.start()
        rest = process.stdout.read()
    except KeyboardInterrupt:
        tree.end()
    finally:
        with contextlib.ExitStack() as last:
            last.callback(process.wait)
            last.callback(signal_group, process, KILL)
            killer.cancel()
            if killer.is_alive():  # once somebody has waited, the number may be another's
                killer.join()
    events = [parse(line) for line in rest.splitlines()]
    return next((e for e in reversed(events) if e.get("event") == "done"), {"event": "cancelled"})


def signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    """On Windows, which has no groups, everything that it has started is ended."""
    with contextlib.suppress(OSError):
        if os.name == "posix":
            os.killpg(process.pid, number)
        else:
            end_tree(process.pid)
            process.terminate()


def parse(line: bytes) -> Json:
    try:
        event = json.loads(line.decode("utf-8"))
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}


def failed(code: str, sentence: str, details: str = "", hint: str = "") -> Json:
    error = {"code": code, "sentence": sentence, "hint": hint, "details": details, "data": {}}
    return {"event": "failed", "error": error}


def tail(raw: bytes, limit: int = 2000) -> str:
    text = raw.decode("utf-8", "replace").strip()[-limit:]
    return "".join(c if c.isprintable() or c in "\n\t" else " " for c in text)


def command(verb: str, arguments: Sequence[str], notebook: str | None) -> list[str]:
    """`VERB --block - --journal - …`. As with pip, paths start where this process stands, not at the notebook."""
    with contextlib.suppress(OSError):  # the folder may be gone
        arguments = [resolve_path(word, os.getcwd()) for word in arguments]
    where = ["--notebook", notebook] if notebook else []
    return [verb, "--block", "-", "--journal", "-", *where, *arguments]
