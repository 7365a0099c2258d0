"""A process with all that it has started. A process group would do where there are any, and as long as nobody in it
begins one of his own; Windows has none."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Iterator

if TYPE_CHECKING:
    import subprocess

    import psutil


class Tree:
    """Nothing here raises; without psutil, which every kernel and every server has, nothing happens."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._known: set[psutil.Process] = set()

    @classmethod
    def of(cls, process: subprocess.Popen[Any]) -> Tree:
        """Of one that somebody has waited for, nothing: its number may be another's."""
        return cls(process.pid if process.returncode is None else -1)

    def stand_still(self) -> None:
        """So that none starts another while we look for them. Who is asked to end now is so once they `go_on`."""
        with contextlib.suppress(ImportError):
            new = self._grown()
            while new:
                for process in new:
                    with _there():
                        process.suspend()
                self._known |= new
                new = self._grown()

    def go_on(self) -> None:
        for process in self._known:
            with _there():
                process.resume()

    def end(self) -> None:
        """Not asked: ended; those too whose parent has ended since they were seen."""
        for process in self._known:
            with _there():
                process.suspend()
        self.stand_still()
        for process in self._known:
            with _there():
                process.kill()

    def _grown(self) -> set[psutil.Process]:
        """Those that were not seen before."""
        here = list(_everybody())
        pids = {process.pid for process in self._known if process.is_running()} or {self._pid}
        found: set[psutil.Process] = set()
        while True:
            # On Windows those of a process that is gone still name it as their parent.
            more = {process for process, parent in here if parent in pids or process.pid in pids} - found
            if not more:
                return found - self._known
            found |= more
            pids |= {process.pid for process in more}


def end_tree(pid: int) -> None:
    Tree(pid).end()


def _everybody() -> Iterator[tuple[psutil.Process, int]]:
    """With the number of the parent."""
    import psutil

    for process in psutil.process_iter():
        with _there():
            yield process, process.ppid()


@contextlib.contextmanager
def _there() -> Iterator[None]:
    """It may have ended by itself, or belong to somebody else."""
    import psutil

    with contextlib.suppress(psutil.Error):
        yield
