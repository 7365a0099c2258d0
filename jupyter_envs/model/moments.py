"""Moments as the files say them: UTC, to the second, `2026-11-21T09:00:00Z`."""

from __future__ import annotations

import time
from datetime import datetime, timezone


def write_moment(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def write_seconds(seconds: float) -> str:
    """`seconds`: POSIX."""
    return write_moment(datetime.fromtimestamp(seconds, timezone.utc))


def now() -> str:
    return write_seconds(time.time())
