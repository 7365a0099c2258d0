"""A process with everything that it has started. A process group would be enough if the system has groups, and if no
process in it starts a new one; Windows has none."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any, Iterable

if TYPE_CHECKING:
    import subprocess

    import psutil

_as_far_as_it_goes = contextlib.suppress(Exception)
"""A process may have ended by itself, or belong to somebody else. Without a free descriptor, or if /proc cannot be
read, no process is seen at all. The caller can then still kill the process group, and may have its own error to
raise."""


class ProcessTree:
    """Nothing here raises. Without psutil, which every kernel and every server has, nothing happens."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._known: frozenset[psutil.Process] = frozenset()
        """Replaced, never changed: the thread that ends them may be another than the one that looks."""

    @classmethod
    def of(cls, process: subprocess.Popen[Any]) -> ProcessTree:
        """Nothing for a process that somebody has waited for: its number may belong to another process."""
        return cls(process.pid if process.returncode is None else -1)

    def look(self) -> None:
        """Lists its processes now: once one has ended, it is no longer known what it has started."""
        with _as_far_as_it_goes:
            self._known = self._known | {process for process in self._here() if process.pid != os.getpid()}

    def end(self) -> None:
        """Kills them without asking, and also those whose parent has ended since they were listed. They are stopped
        first, so that none starts another one while we list them."""
        still: frozenset[psutil.Process] = frozenset()
        self.look()
        while self._known - still:
            for process in self._known - still:
                with _as_far_as_it_goes:
                    process.suspend()
                still |= {process}
            self.look()
        for process in still:
            with _as_far_as_it_goes:
                process.kill()

    def _here(self) -> set[psutil.Process]:
        import psutil

        # A number may belong to another process by now: the start time tells the two apart.
        known = self._known
        roots = {process for process in known if process.is_running()} if known else {psutil.Process(self._pid)}
        return _by_looking_at_each(roots) if os.name == "nt" else _by_looking_at_all(roots)


def end_tree(pid: int) -> None:
    ProcessTree(pid).end()


def _by_looking_at_all(roots: Iterable[psutil.Process]) -> set[psutil.Process]:
    """On systems where a process that has lost its parent gets another one, so that a parent's number is that of a
    living process."""
    import psutil

    here = []
    for process in psutil.process_iter():
        with _as_far_as_it_goes:
            here.append((process, process.ppid()))
    found, more = set(roots), set(roots)
    while more:
        pids = {process.pid for process in more}
        more = {process for process, parent in here if parent in pids} - found
        found |= more
    return found


def _by_looking_at_each(roots: Iterable[psutil.Process]) -> set[psutil.Process]:
    """On Windows, where asking one process for its parent costs a list of all, and where a process that has lost its
    parent keeps that number, which may belong to another process by now: psutil reads the list once, and compares the
    start times."""
    found: set[psutil.Process] = set()
    for root in roots:
        if root not in found:
            with _as_far_as_it_goes:
                found |= {root, *root.children(recursive=True)}
    return found
