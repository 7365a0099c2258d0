"""The only room that starts tools: argv lists, a scrubbed environment, a process group of their own, cancel."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .errors import Cancelled, InstallError

KEPT = ("HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "APPDATA",
        "LOCALAPPDATA", "USERPROFILE", "PATHEXT", "COMSPEC", "SSH_AUTH_SOCK", "XDG_CACHE_HOME")  # fmt: skip
MAX_OUTPUT = 8 << 20
GRACE = 1.5
"""Seconds between asking a process group to end and ending it."""
_PDEATHSIG = 1


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def scrubbed(extra: Mapping[str, str]) -> dict[str, str]:
    """What a tool may know of our environment: no PYTHON*, no UV_*, no PIP_*, no secrets; pyenv's shims, which
    answer for a Python that is not there, are off the PATH."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    kept["PATH"] = os.pathsep.join(f for f in folders if f and Path(f).is_absolute() and Path(f).name != "shims")
    return kept | dict(extra)


def run(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    cwd: Path | None = None,
    stdin: str | None = None,
    timeout: float | None = None,
    on_stderr_line: Callable[[str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Done:
    """Runs to the end. Raises Cancelled, and InstallError `engine-missing` or `tool-timeout` (timeout in seconds).
    Without `cwd` it runs in an empty folder of its own."""
    folder = None if cwd else tempfile.mkdtemp(prefix="jupyter-envs-")
    try:
        return _run([str(word) for word in argv], env, str(cwd or folder), stdin, timeout, on_stderr_line, cancelled)
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def _run(
    argv: list[str],
    env: Mapping[str, str],
    cwd: str,
    stdin: str | None,
    timeout: float | None,
    on_line: Callable[[str], None] | None,
    cancelled: Callable[[], bool] | None,
) -> Done:
    try:
        process = subprocess.Popen(
            argv,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )
    except OSError as error:
        raise InstallError("engine-missing", f"{Path(argv[0]).name} cannot be started: {error.strerror}.") from None
    out, err = _Reader(process.stdout, None), _Reader(process.stderr, on_line)
    try:
        if stdin is not None and process.stdin:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(stdin)
                process.stdin.close()
        _wait(process, timeout, cancelled)
    except BaseException:
        end(process)
        raise
    finally:
        out.join(5)
        err.join(5)
    return Done(process.returncode, out.text, err.text)


def _wait(process: subprocess.Popen[str], timeout: float | None, cancelled: Callable[[], bool] | None) -> None:
    deadline = time.monotonic() + timeout if timeout else None
    pause = 0.002
    while True:
        try:
            process.wait(pause)
            return
        except subprocess.TimeoutExpired:
            pause = min(pause * 2, 0.1)
        if cancelled and cancelled():
            raise Cancelled()
        if deadline and time.monotonic() > deadline:
            raise InstallError("tool-timeout", f"{Path(str(process.args[0])).name} did not end in {timeout:.0f} s.")  # type: ignore[index]  # args is our list


def end(process: subprocess.Popen[str]) -> None:
    """The whole group: asked first, then ended."""
    _signal(process, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(GRACE)
    _signal(process, getattr(signal, "SIGKILL", signal.SIGTERM))
    process.wait()


def _signal(process: subprocess.Popen[str], number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.terminate()
        else:
            os.killpg(process.pid, number)


if sys.platform == "linux":
    # Found before the fork: between fork and exec only async-signal-safe work is allowed, and this is one system call.
    _prctl = ctypes.CDLL(None).prctl
    _SIGKILL = int(signal.SIGKILL)

    def _die_with_parent() -> None:
        """The tool ends when the thread that started it does; that thread waits for it, so they end together."""
        _prctl(_PDEATHSIG, _SIGKILL)


class _Reader(threading.Thread):
    """Reads a pipe to its end, so that the tool never blocks; keeps the last MAX_OUTPUT characters."""

    def __init__(self, pipe: IO[str] | None, on_line: Callable[[str], None] | None) -> None:
        super().__init__(daemon=True)
        self._pipe = pipe
        self._on_line = on_line
        self._lines: list[str] = []
        self._size = 0
        self.start()

    def run(self) -> None:
        for line in self._pipe or ():
            self._size += len(line)
            if self._size < MAX_OUTPUT:
                self._lines.append(line)
            if self._on_line:
                self._on_line(line.rstrip("\n"))
        if self._pipe:
            self._pipe.close()

    @property
    def text(self) -> str:
        return "".join(self._lines)
