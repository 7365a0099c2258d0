"""Starts tools, all in one way: argv lists, a scrubbed environment, a process group of their own, cancel."""

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
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ..errors import Cancelled, InstallError
from ..kernel.trees import ProcessTree, end_tree
from .search_path import search_path

KEPT = (
    "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TEMP", "TMP", "XDG_CACHE_HOME",
    "SSH_AUTH_SOCK", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA",
    "USERPROFILE", "PATHEXT", "COMSPEC",
)  # fmt: skip
MAX_OUTPUT = 8 << 20
"""Characters kept of each stream: the last ones, in which tools say what went wrong."""
GRACE = 0.5
"""Seconds between asking a process group to end and killing it; fewer than a job itself has (jobs.STOP_STEPS)."""
_PIECE = 1 << 16
_PDEATHSIG = 1


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def scrubbed(extra: Mapping[str, str]) -> dict[str, str]:
    """What a tool may know of our environment: no PYTHON*, no UV_*, no PIP_*, no secrets. The PATH is without shims,
    which answer for a Python that is not installed, and without relative folders, which may hold a stranger's files."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    kept["PATH"] = os.pathsep.join(str(folder) for folder in search_path())
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
    """Runs a tool to its end. Whatever ends the wait (an error in `on_stderr_line` too) also ends the tool and its
    children. Raises Cancelled, and InstallError `engine-missing` or `tool-timeout` (timeout in seconds). Without `cwd`
    it runs in an empty folder of its own."""
    if cancelled and cancelled():
        raise Cancelled()
    folder = None if cwd else tempfile.mkdtemp(prefix="jupyter-envs-")
    words = [str(word) for word in argv]
    try:
        with _prepared(stdin) as source:
            process = _start(words, env, str(cwd or folder), source)
        return _followed(process, on_stderr_line, _Deadline(words[0], timeout, cancelled))
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _prepared(text: str | None) -> Iterator[int | IO[bytes]]:
    """A file and not a pipe, which would block us while the tool does not read."""
    if text is None:
        yield subprocess.DEVNULL
        return
    with tempfile.TemporaryFile() as file:
        file.write(text.encode())
        file.seek(0)
        yield file


def _start(argv: list[str], env: Mapping[str, str], cwd: str, stdin: int | IO[bytes]) -> subprocess.Popen[str]:
    platform: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        platform = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    elif sys.platform == "linux":
        platform["preexec_fn"] = _die_with_parent
    try:
        return subprocess.Popen(
            argv,
            env=dict(env),
            cwd=cwd,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            **platform,
        )
    except (OSError, ValueError) as error:  # ValueError: no process can be given a NUL or half a character
        name = Path(argv[0]).name
        why = getattr(error, "strerror", None) or error
        raise InstallError("engine-missing", f"{name} cannot be started: {why}.", details=str(error)) from None


@dataclass
class _Deadline:
    name: str
    timeout: float | None
    cancelled: Callable[[], bool] | None

    def __post_init__(self) -> None:
        self._end = None if self.timeout is None else time.monotonic() + self.timeout

    def check(self) -> None:
        if self.cancelled and self.cancelled():
            raise Cancelled()
        if self._end is not None and time.monotonic() > self._end:
            raise InstallError("tool-timeout", f"{Path(self.name).name} did not finish within {self.timeout:.0f} s.")


def _followed(process: subprocess.Popen[str], on_line: Callable[[str], None] | None, deadline: _Deadline) -> Done:
    out, err = _Reader(process.stdout, None), _Reader(process.stderr, on_line)
    try:
        while True:
            err.join(0.1)  # its end is the tool's, and is seen at once; waiting for the process would mean to poll
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.0 if err.is_alive() else 0.05)
                break
            deadline.check()
            _raise_from(err)
    except BaseException:
        end(process)
        raise
    finally:
        out.join(1)
        err.join(1)
        if out.is_alive() or err.is_alive():
            # A child of the tool outlived it and holds the pipe; its group is still there, so this is no other's.
            _signal(process, _KILL)
            out.join(1)
            err.join(1)
    _raise_from(err)
    return Done(process.returncode, out.text, err.text)


def _raise_from(reader: _Reader) -> None:
    if reader.error:
        raise reader.error


def detached(argv: Sequence[str | Path], extra: Mapping[str, str]) -> None:
    """Starts a process that continues after we have ended, and that writes to nobody. Never raises: nothing may depend
    on it."""
    platform: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        platform = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS}
    nothing = subprocess.DEVNULL
    with contextlib.suppress(OSError):
        process = subprocess.Popen(
            [str(word) for word in argv], env=scrubbed(extra), cwd=Path(sys.prefix).anchor,
            stdin=nothing, stdout=nothing, stderr=nothing, **platform,
        )  # fmt: skip
        # Whoever lives longer than it takes its exit code, so that no dead process stays listed; who does not has no
        # reason to complain that it still runs.
        process.returncode = 0
        if sys.platform != "win32":
            threading.Thread(target=os.waitpid, args=(process.pid, 0), daemon=True).start()


def end(process: subprocess.Popen[str]) -> None:
    """Ends the whole process group, and what has left it: it is asked to end first, then killed. On Windows it is
    killed at once."""
    tree = ProcessTree.of(process)
    with contextlib.ExitStack() as last:  # from below, each whatever becomes of the one before
        last.callback(process.wait)
        last.callback(_signal, process, _KILL)
        last.callback(tree.end)
        tree.look()
        if sys.platform != "win32":
            _signal(process, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(GRACE)


def _signal(process: subprocess.Popen[str], number: int) -> None:
    """To its group; on Windows, which has no groups, everything that it has started is ended."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            end_tree(process.pid)
            process.kill()
        else:
            os.killpg(process.pid, number)


_KILL = int(getattr(signal, "SIGKILL", signal.SIGTERM))

if sys.platform == "linux":
    # A preexec_fn is dangerous in a process with threads, because another thread may hold a lock (of the importer, of
    # malloc) at the fork. So everything is found before it, and what runs after it is one system call.
    _prctl = ctypes.CDLL(None).prctl
    _prctl.argtypes = (ctypes.c_int, ctypes.c_ulong)

    def _die_with_parent() -> None:
        """The kernel ends the tool when the *thread* that started it ends; that thread waits in `run` until the tool
        has ended, so this happens only when our process is killed."""
        _prctl(_PDEATHSIG, _KILL)


class _Reader(threading.Thread):
    """Reads a pipe to its end, so that the tool never blocks; keeps the last MAX_OUTPUT characters."""

    def __init__(self, pipe: IO[str] | None, on_line: Callable[[str], None] | None) -> None:
        super().__init__(daemon=True)
        self.error: BaseException | None = None
        self._pipe = pipe
        self._on_line = on_line
        self._pieces: deque[str] = deque()
        self._size = 0
        self.start()

    def run(self) -> None:
        assert self._pipe
        with self._pipe:
            while piece := self._pipe.readline(_PIECE):
                self._keep(piece)
                if self._on_line and not self.error:
                    try:
                        self._on_line(piece.rstrip("\n"))
                    except BaseException as error:
                        self.error = error

    def _keep(self, piece: str) -> None:
        self._pieces.append(piece)
        self._size += len(piece)
        while self._size > MAX_OUTPUT and len(self._pieces) > 1:
            self._size -= len(self._pieces.popleft())

    @property
    def text(self) -> str:
        return "".join(tuple(self._pieces))
