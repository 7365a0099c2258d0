"""Lease files and leases for tests."""

from __future__ import annotations

import os
import time
from pathlib import Path

from jupyter_envs.system.leases import Lease, hold


def used_a_day_ago(folder: Path) -> Path:
    path = folder / "lease"
    path.touch(mode=0o600)
    os.utime(path, (time.time() - 86400,) * 2)
    return path


def taken(path: Path) -> Lease:
    lease = hold(path)
    assert lease
    return lease
