"""Somebody else acts at the Nth thing that is asked of the system about a folder."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from jupyter_envs.notebook import replacing

CALLS = (
    "open",
    "stat",
    "lstat",
    "read",
    "write",
    "fsync",
    "ftruncate",
    "rename",
    "replace",
    "link",
    "unlink",
    "close",
    "scandir",
)


class Moments:
    """`acts`: what happens before the call number N (from 1 on) that names something below `root`. `calls`: those so
    far."""

    def __init__(self, root: Path, acts: Mapping[int, Callable[[], object]]) -> None:
        self.root = str(root)
        self.acts = acts
        self.calls: list[str] = []
        self._thread = threading.get_ident()
        self._acting = False

    def pass_by(self, name: str, place: object) -> None:
        if self._acting or threading.get_ident() != self._thread or not self._here(place):
            return
        self.calls.append(name)
        act = self.acts.get(len(self.calls))
        if act:
            self._acting = True
            try:
                act()
            finally:
                self._acting = False

    def _here(self, place: object) -> bool:
        if isinstance(place, int):
            try:
                place = os.readlink(f"/proc/self/fd/{place}")  # noqa: PTH115
            except OSError:
                return False
        return isinstance(place, (str, os.PathLike)) and os.fspath(place).startswith(self.root)

    def call(self, real: Callable[..., Any], name: str) -> Callable[..., Any]:
        def called(place: Any, *words: Any, **more: Any) -> Any:
            self.pass_by(name, place)
            return real(place, *words, **more)

        return called


@contextmanager
def moments(root: Path, acts: Mapping[int, Callable[[], object]]) -> Iterator[Moments]:
    counted = Moments(root, acts)
    with pytest.MonkeyPatch.context() as patch:
        for name in CALLS:
            patch.setattr(os, name, counted.call(getattr(os, name), name))
        patch.setattr(replacing, "swap", counted.call(replacing.swap, "swap"))
        yield counted
