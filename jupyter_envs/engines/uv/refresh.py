"""Asks the indexes again, in the background, about answers that came from the cache, so that the next answer is newer.

uv cannot be told to ask again and also to keep the answer for long. So it works in a second cache without those
answers, beside its own and otherwise identical, and the new answers are moved over if everything went well. If it is
killed at any moment, nothing has changed."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import msgspec

from ...machine.indexes import Indexes
from ...machine.interpreters import choose
from ...model.lock import Lock
from ...model.progress import SILENT
from ...model.spec import Spec
from ...settings import Settings
from ...system import process
from ...system.leases import exclusive
from ...system.scripts import MAIN
from ..protocols import ResolveRequest
from .cache import folder_of
from .index_age import NOTABLE, Asked
from .project import Compilation
from .resolver import UvResolver, of_indexes
from .tool import Engine

PAGES = "simple-"
"""The beginning of the name of the folder in which uv keeps the answers of indexes."""


def begin(settings: Settings, indexes: Indexes, spec: Spec, lock: Lock, environ: Mapping[str, str]) -> bool:
    """Starts this for a lock that was just made, unless the answers of the indexes are recent enough, and says whether
    it did. Nothing waits for it."""
    age = Asked(settings, indexes).age(of_indexes(lock.packages))
    offline = settings.offline or "UV_OFFLINE" in indexes.env
    # The name of a package that comes from no index is no index's business.
    elsewhere = any(package.directory or package.vcs for package in lock.packages)
    if settings.refresh == "never" or offline or elsewhere or age is None or age < NOTABLE:
        return False
    words = [sys.executable, str(MAIN), "refresh", lock.minor, msgspec.json.encode(spec).decode()]
    process.detached(words, environ)
    return True


def refresh(engine: Engine, spec: Spec, minor: str) -> None:
    """One at a time; a second one ends at once. Raises EnvsError if the indexes do not answer."""
    cache = engine.settings.cache
    guard = cache / "refresh.lock"
    with contextlib.suppress(OSError):
        guard.touch()
    with exclusive(guard) as alone:
        if not alone and alone.exact:
            return
        aside = cache / ("uv-refresh" if alone else f"uv-refresh-{os.getpid()}")
        try:
            _without_pages(folder_of(engine.settings), aside)
            started = time.time()
            request = ResolveRequest(spec, choose(f"=={minor}.*", engine.settings))
            with replace(engine, other_cache=aside) as elsewhere:
                resolver = UvResolver(elsewhere)
                resolver.compile(Compilation("lock", request, {}, spec.requirements), SILENT)
            if not elsewhere.asked_again:
                names = _hand_over(aside, folder_of(engine.settings))
                resolver.asked.remember(names, started, renewed=True)
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def _without_pages(cache: Path, aside: Path) -> None:
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    for bucket in cache.iterdir():
        if bucket.is_dir() and not bucket.name.startswith(PAGES):
            (aside / bucket.name).symlink_to(bucket.resolve(), target_is_directory=True)


def _hand_over(aside: Path, cache: Path) -> set[str]:
    """Names of the packages whose pages were moved."""
    names = set()
    for page in aside.glob(f"{PAGES}*/**/*"):
        if page.is_file():
            place = cache / page.relative_to(aside)
            place.parent.mkdir(parents=True, exist_ok=True)
            page.replace(place)
            names.add(page.stem)
    return names
