"""How far uv is with its downloads.

Its output says when big downloads begin and end. Between these, what it has so far is in its cache, unpacked, and we
look there from time to time."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from ...model.progress import Report

INTERVAL = 0.5
"""Seconds between two looks at the cache."""
COST = 20
"""A look at many files may take a twentieth of the time."""
UNPACKED = 2.5
"""Bytes on disk for each downloaded byte, in a typical wheel; so the reported progress of a running download is about
right."""
MOST = 0.97
"""Never report more than this share of an unfinished download as done."""
LINE = re.compile(r"\s*(Downloading|Downloaded|Building|Built|Prepared|Installed)\s+(.*)")


class Counting:
    """`sizes` in bytes, by name; `cache` is uv's."""

    def __init__(self, report: Report, sizes: Mapping[str, int], cache: Path) -> None:
        self._report = report
        self._left = dict(sizes)
        self._packages = len(sizes)
        self._total = sum(sizes.values())
        self._cache = cache
        self._old = set(self._unpacking())
        self._told = (0, 0)
        self._text = ""
        self._lock = threading.Lock()
        self._ended = threading.Event()

    def line(self, text: str) -> None:
        """A line that uv has printed."""
        match = LINE.match(text)
        if not match:
            return
        with self._lock:
            if match[1] in ("Downloaded", "Built"):
                self._left.pop(match[2].split("==")[0].split()[0], None)
            if match[1] in ("Prepared", "Installed"):
                self._left.clear()
            self._text = f"{match[1]} {match[2]}".strip()
        self._tell(0, always=True)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Looks at unfinished downloads as long as uv runs."""
        self._ended.clear()
        watcher = threading.Thread(target=self._watch, name="downloads", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            self._ended.set()
            watcher.join()

    def _watch(self) -> None:
        pause = INTERVAL
        while not self._ended.wait(pause):
            started = time.monotonic()
            unpacked = sum(map(size_of, set(self._unpacking()) - self._old))
            pause = max(INTERVAL, COST * (time.monotonic() - started))
            with suppress(OSError):  # nobody listens any more: whoever runs the tool will see
                self._tell(int(unpacked / UNPACKED))

    def _tell(self, on_its_way: int, *, always: bool = False) -> None:
        """Never less than before: shortly before uv says that a download has ended, its files have left the place where
        we look."""
        with self._lock:
            left = sum(self._left.values())
            fetched = max(self._told[1], self._total - left + min(on_its_way, int(MOST * left)))
            told = (self._packages - len(self._left), fetched)
            if always or told != self._told:
                self._told = told
                self._report.progress(told[0], self._packages, self._text, (fetched, self._total))

    def _unpacking(self) -> list[str]:
        with suppress(OSError), os.scandir(self._cache) as found:
            return [entry.path for entry in found if entry.name.startswith(".tmp")]
        return []


def size_of(folder: str) -> int:
    """Bytes of all files below it, or of the file itself; what disappears in the meantime does not count."""
    total = 0
    todo = [folder]
    while todo:
        path = todo.pop()
        try:
            with os.scandir(path) as found:
                for entry in found:
                    if entry.is_dir(follow_symlinks=False):
                        todo.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_size
        except NotADirectoryError:
            with suppress(OSError):
                total += os.stat(path).st_size  # noqa: PTH116
        except OSError:
            continue
    return total
