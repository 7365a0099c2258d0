"""A process with all that it has started. A process group would do where there are any, and as long as nobody in it
begins one of his own; Windows has none."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any, Iterable

if TYPE_CHECKING:
    import subprocess

    import psutil

_as_far_as_it_goes = contextlib.suppress(Exception)
"""A process may have ended by itself or be somebody else's; without a free descriptor, or where /proc cannot be read,
nobody is seen at all. Whoever ends others has their group still to kill then, and an error of his own to raise."""


class Tree:
    """Nothing here raises; without psutil, which every kernel and every server has, nothing happens."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._known: frozenset[psutil.Process] = frozenset()
        """Replaced, never changed: the thread that ends them may be another than the one that looks."""

    @classmethod
    def of(cls, process: subprocess.Popen[Any]) -> Tree:
        """Of one that somebody has waited for, nothing: its number may be another's."""
        return cls(process.pid if process.returncode is None else -1)

    def look(self) -> None:
        """Who is there now: once one has ended, nobody can say any more what he has started."""
        with _as_far_as_it_goes:
            self._known = self._known | {process for process in self._here() if process.pid != os.getpid()}

    def end(self) -> None:
        """Not asked: ended; those too whose parent has ended since they were seen. They stand still first, so that none
        starts another while we look for them."""
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

        # Whoever is known is told by when he began from another that has his number now; a bare number says nothing.
        known = self._known
        roots = {process for process in known if process.is_running()} if known else {psutil.Process(self._pid)}
        return _by_looking_at_each(roots) if os.name == "nt" else _by_looking_at_all(roots)


def end_tree(pid: int) -> None:
    Tree(pid).end()


def _by_looking_at_all(roots: Iterable[psutil.Process]) -> set[psutil.Process]:
    """Where who has lost his parent is given another, so that a parent's number is that of one who lives."""
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
    """On Windows, where it costs a list of all to ask one who his parent is, and who has lost his goes on naming the
    number, which may be another's by now: psutil asks the list once, and compares when they began."""
    found: set[psutil.Process] = set()
    for root in roots:
        if root not in found:
            with _as_far_as_it_goes:
                found |= {root, *root.children(recursive=True)}
    return found
