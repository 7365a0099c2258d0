"""Our command line as a child process that tells what it does in JSON lines."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import threading
from typing import IO, Any, Callable, Dict, Mapping, Sequence

from .words import placed

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
    """`environ` without what is meant for the notebook's own processes; `folders` leave its PATH."""
    env = {k: v for k, v in environ.items() if k not in DROPPED and not k.startswith("PYTHON")}
    env["PATH"] = without(env.get("PATH", os.defpath), folders)
    env["NO_COLOR"] = "1"
    return env


def without(path: str, folders: Sequence[str]) -> str:
    """A search path without those folders."""
    return os.pathsep.join(entry for entry in path.split(os.pathsep) if entry not in folders)


def run(
    argv: Sequence[str],
    block: Json | None,
    on_event: Callable[[Json], None],
    env: Mapping[str, str],
) -> Json:
    """Runs `argv` with the block on stdin and returns the journal's last event: done, failed or cancelled.

    KeyboardInterrupt stops the whole process group and is answered by `cancelled`; nothing else is raised for
    what the child does."""
    with tempfile.TemporaryFile() as errors:
        process = None
        try:
            process = start(argv, env, errors)
            feed(process, block)
            last = follow(process, on_event)
        except KeyboardInterrupt:
            last = stop(process) if process else {"event": "cancelled"}
        except OSError as error:
            return failed("cli-missing", "jupyter-envs could not be started.", str(error))
        if last is None:
            errors.seek(0)
            return failed("cli-died", "jupyter-envs ended without a word.", tail(errors.read()))
        return last


def start(argv: Sequence[str], env: Mapping[str, str], errors: IO[bytes]) -> subprocess.Popen[bytes]:
    # A session of its own: an interrupt of the kernel reaches it through `stop`, which waits for it.
    return subprocess.Popen(
        list(argv), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=dict(env),
        start_new_session=os.name == "posix",
    )  # fmt: skip


def feed(process: subprocess.Popen[bytes], block: Json | None) -> None:
    assert process.stdin
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(json.dumps(block).encode("utf-8"))
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()


def follow(process: subprocess.Popen[bytes], on_event: Callable[[Json], None]) -> Json | None:
    """The last event, or None where the child ended without one."""
    assert process.stdout
    last = None
    for line in process.stdout:
        event = parse(line)
        if event.get("event") in LAST:
            last = event
        elif event:
            on_event(event)
    process.wait()
    process.stdout.close()
    return last


def stop(process: subprocess.Popen[bytes]) -> Json:
    """SIGINT, then SIGKILL. A change that was finished before the signal came is finished: nothing half-way exists."""
    assert process.stdout
    killer = threading.Timer(SECONDS_TO_STOP, signal_group, (process, KILL))
    killer.daemon = True
    killer.start()
    rest = b""
    try:
        signal_group(process, signal.SIGINT)
        rest = process.stdout.read()
    except KeyboardInterrupt:
        pass
    finally:
        killer.cancel()
        signal_group(process, KILL)
        process.wait()
    events = [parse(line) for line in rest.splitlines()]
    return next((e for e in reversed(events) if e.get("event") == "done"), {"event": "cancelled"})


def signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(OSError):
        if os.name == "posix":
            os.killpg(process.pid, number)
        elif process.poll() is None:
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
    return raw.decode("utf-8", "replace").strip()[-limit:]


def command(cli: Sequence[str], verb: str, arguments: Sequence[str], notebook: str | None) -> list[str]:
    """`cli VERB --block - --journal - …`. As with pip, paths start where this process stands, not at the notebook."""
    with contextlib.suppress(OSError):  # the folder may be gone
        arguments = [placed(word, os.getcwd()) for word in arguments]
    where = ["--notebook", notebook] if notebook else []
    return [*cli, verb, "--block", "-", "--journal", "-", *where, *arguments]
