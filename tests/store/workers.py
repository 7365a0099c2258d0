"""Starting workers, letting them go at the same moment, and killing them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil

from jupyter_envs.model.closure import Closure

ROOT = Path(__file__).parent.parent.parent


class Worker:
    """One process; see worker.py. Use it in a `with`: it is gone afterwards."""

    def __init__(self, what: str, env: Mapping[str, str] | None = None, **job: Any) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.store.worker", what, json.dumps(job)],
            cwd=ROOT, env={**os.environ, **(env or {})}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, start_new_session=True,
        )  # fmt: skip

    def ready(self) -> Worker:
        assert self.process.stdout and self.process.stdout.readline() == "ready\n"
        return self

    def go(self) -> Worker:
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self

    def result(self, timeout: float = 120) -> dict[str, Any]:
        out, _ = self.process.communicate(timeout=timeout)
        found: dict[str, Any] = json.loads(out.splitlines()[-1])
        return found

    def kill(self, *, family: bool) -> None:
        """It alone; or all that it has started too, in the same moment."""
        with contextlib.suppress(psutil.NoSuchProcess):
            children = psutil.Process(self.process.pid).children(recursive=True) if family else []
            for pid in (self.process.pid, *(child.pid for child in children)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()


@contextmanager
def together(workers: Sequence[Worker]) -> Iterator[list[Worker]]:
    """All are started; they begin to work at the same moment."""
    with ExitStack() as stack:
        for worker in workers:
            stack.enter_context(worker)
        for worker in workers:
            worker.ready()
        yield [worker.go() for worker in workers]


def rows(value: Closure) -> list[dict[str, Any]]:
    """As worker.build takes them."""
    return [
        {
            "name": row.name,
            "version": row.version,
            "kind": row.kind,
            "sha256": row.sha256,
            "filename": row.filename,
            "size": row.size,
        }
        for row in value.rows
    ]
