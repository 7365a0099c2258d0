"""Where there is no flock, who touched the file within some minutes has it."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_envs.kernel import leases
from jupyter_envs.system.leases import STALE, beat, exclusive, hold, is_held, last_use, works

from .leasing import taken, used_a_day_ago


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return used_a_day_ago(tmp_path)


@pytest.fixture(params=[errno.ENOSYS, errno.EBADF, errno.ENOLCK, errno.EOPNOTSUPP])
def no_flock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform != "win32":

        def refuse(*_: object) -> None:
            raise OSError(request.param, os.strerror(request.param))

        monkeypatch.setattr(leases.fcntl, "flock", refuse)


@pytest.mark.usefixtures("no_flock")
def test_without_flock_a_touch_counts_for_some_minutes(path: Path, tmp_path: Path) -> None:
    assert not works(tmp_path)
    assert not is_held(path)
    with taken(path) as lease:
        assert not lease.exact and lease.pass_fds() == ()
        assert is_held(path)
        os.utime(path, (time.time() - STALE - 1,) * 2)
        assert not is_held(path)
        lease.touch()
        assert is_held(path)


@pytest.mark.usefixtures("no_flock")
def test_without_flock_a_start_in_between_is_seen(path: Path) -> None:
    """gc: claim, un-publish, ask again."""
    with exclusive(path) as claim:
        assert claim and claim.still()
        taken(path).close()
        assert not claim.still()


@pytest.mark.parametrize(("exact", "pause"), [(True, leases.SLOW_BEAT), (False, leases.BEAT)])
def test_a_process_that_lives_touches_its_leases(
    path: Path, request: pytest.FixtureRequest, exact: bool, pause: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not exact or sys.platform == "win32":
        monkeypatch.setattr(leases, "lock", lambda *_, **__: None if not exact else True)
    pauses: list[float] = []

    def wait(seconds: float) -> bool:
        pauses.append(seconds)
        os.utime(path, (0, 0)) if len(pauses) == 1 else None
        return len(pauses) > 1

    with taken(path):
        beat(wait).join()
        assert pauses == [pause, pause] and (last_use(path) or 0) > 0


def test_a_store_that_cannot_be_written_to_can_be_used(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, "read-only")

    monkeypatch.setattr(leases.os, "utime", refuse)
    refusing: Callable[..., None] = refuse
    monkeypatch.setattr(leases.os, "supports_fd", {refusing})
    assert hold(path)
