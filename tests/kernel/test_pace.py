"""The words beside a moving line."""

from __future__ import annotations

from jupyter_envs.kernel.pace import Pace


def test_how_much_and_how_long() -> None:
    now = [100.0]
    pace = Pace(lambda: now[0])
    assert pace.words("download", 0, 12_000_000) == "0 B of 12 MB"
    now[0] += 1
    assert pace.words("download", 1_000_000, 12_000_000) == "1.0 MB of 12 MB"
    now[0] += 2
    assert pace.words("download", 3_000_000, 12_000_000) == "3.0 MB of 12 MB, 9 s left"
    now[0] += 297
    assert pace.words("download", 6_000_000, 12_000_000) == "6.0 MB of 12 MB, 5 min left"
    assert pace.words("download", 12_000_000, 12_000_000) == "12 MB of 12 MB"


def test_another_phase_begins_anew() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    pace.words("resolve", 0, 0)
    now[0] = 50
    assert pace.words("download", 500_000, 1_000_000) == "500 kB of 1.0 MB"


def test_nothing_to_fetch_is_not_told() -> None:
    assert Pace().words("download", 0, 0) == ""
