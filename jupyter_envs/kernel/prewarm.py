"""Our command line, started before it is needed: it has loaded itself and waits for one command on its stdin.

It is what a start at the time of the command would be: used only for the same program, environment and folder. It ends
with this process, whose end of the pipe then closes, and by itself when nobody needs it for some minutes."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
import threading
from typing import IO, Any, Callable, Mapping, Sequence

WAIT = "--wait"
UNUSED = 75
"""The exit code of a process that received no command, and has done nothing."""


class Started:
    """A command line that is running, and the file for its stderr. `waiting`: it has not received its command yet;
    `spoke`: it has written something."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str], *, waiting: bool = False) -> None:
        self.like = alike(argv, env)
        self.waiting = waiting
        self.spoke = False
        self.errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # its reader closes it
        try:
            # A session of its own: an interrupt of the kernel reaches it through `stop`, which waits for it.
            self.process: subprocess.Popen[bytes] = subprocess.Popen(
                list(argv), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, env=dict(env),
                start_new_session=os.name == "posix",
            )  # fmt: skip
        except BaseException:
            self.errors.close()
            raise

    def feed(self, words: Sequence[str], block: Any) -> None:
        """Writes its whole input; then its stdin ends."""
        head = json.dumps(list(words)).encode("utf-8") + b"\n" if self.waiting else b""
        assert self.process.stdin
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(head + json.dumps(block).encode("utf-8"))
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()

    @property
    def unused(self) -> bool:
        """Whether it ended before it read anything, or was killed before its first output. It must have ended."""
        code = self.process.wait() if self.waiting else 0
        return code == UNUSED or (code < 0 and not self.spoke)

    def drop(self) -> None:
        """It ends as soon as it sees that no command comes."""
        for pipe in (self.process.stdin, self.process.stdout, self.errors):
            with contextlib.suppress(OSError):
                if pipe:
                    pipe.close()
        threading.Thread(target=self.process.wait, daemon=True).start()


class Warm:
    """At most one waiting process."""

    def __init__(self) -> None:
        self._started: Started | None = None

    def prepare(self, cli: Sequence[str], env: Mapping[str, str]) -> None:
        """Never raises: without it, everything only takes longer."""
        argv = [*cli, WAIT]
        if self._started and (self._started.process.poll() is not None or self._started.like != alike(argv, env)):
            self._give_up()
        if self._started is None and cli:
            with contextlib.suppress(OSError):
                self._started = Started(argv, env, waiting=True)

    def take(self, cli: Sequence[str], env: Mapping[str, str]) -> Started | None:
        """The waiting process, if it is the right one."""
        started = self._started
        if started is None:
            return None
        if started.process.poll() is not None or started.like != alike([*cli, WAIT], env):
            self._give_up()
            return None
        self._started = None
        return started

    def _give_up(self) -> None:
        if self._started:
            self._started.drop()
        self._started = None


def alike(argv: Sequence[str], env: Mapping[str, str]) -> tuple[list[str], dict[str, str], str]:
    """What two starts must have in common to do the same."""
    try:
        folder = os.getcwd()
    except OSError:
        folder = ""  # it is gone
    return list(argv), dict(env), folder


def soon(act: Callable[[], None], seconds: float) -> None:
    """Once this kernel has nothing else to do. Does nothing outside a kernel."""
    import asyncio  # here, since other processes than kernels use this module too

    with contextlib.suppress(RuntimeError):
        asyncio.get_running_loop().call_later(seconds, act)
