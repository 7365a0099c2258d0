"""What is told of a download while it comes."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from jupyter_envs.engines.uv import download_progress
from jupyter_envs.engines.uv.download_progress import UNPACKED, Counting, size_of
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.model.progress import Report

from . import local_index
from .local_index import LocalIndex
from .typed import typed
from .wheels import wheel

MB = 1 << 20


@dataclass
class Heard(Report):
    lines: list[tuple[int, int, str, tuple[int, int]]] = field(default_factory=list)

    def progress(self, done: int, total: int, text: str = "", fetched: tuple[int, int] = (0, 0)) -> None:
        self.lines.append((done, total, text, fetched))


def test_bytes_move_while_one_big_wheel_comes(
    environments: Environments, index: LocalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = environments.install(None, typed("demo")).block
    monkeypatch.setattr(local_index, "PIECE", 32 << 10)
    monkeypatch.setattr(download_progress, "INTERVAL", 0.1)
    monkeypatch.setattr(download_progress, "COST", 0.0)  # however slow this machine is
    index.add(wheel("big", "1.0", files={f"big/{number}.bin": os.urandom(MB) for number in range(4)}))
    index.faults["/files/big"] = "drip"
    heard = Heard()
    environments.install(before, typed("big"), report=heard)
    begin = next(i for i, line in enumerate(heard.lines) if line[2].startswith("Downloading big"))
    end = next(i for i, line in enumerate(heard.lines) if line[2].startswith("Downloaded big"))
    meanwhile = [line[3][0] for line in heard.lines[begin : end + 1]]
    assert len(set(meanwhile)) >= 4, heard.lines
    assert meanwhile == sorted(meanwhile)
    here, total = heard.lines[-1][3]
    assert here == total and all(line[3][0] <= total for line in heard.lines)


def test_what_lies_unpacked_counts_and_never_as_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download_progress, "INTERVAL", 0.01)
    (tmp_path / ".tmp-of-another").mkdir()
    (tmp_path / ".tmp-of-another" / "x").write_bytes(bytes(MB))
    heard = Heard()
    counted = Counting(heard, {"big": MB, "small": 1000}, tmp_path)
    coming = tmp_path / ".tmpAbc" / "big"
    coming.mkdir(parents=True)
    with counted.watched():
        (coming / "data").write_bytes(bytes(500_000))
        waited(lambda: heard.lines and heard.lines[-1][3] == (int(500_000 / UNPACKED), MB + 1000))
        (coming / "data").write_bytes(bytes(9 * MB))
        waited(lambda: heard.lines[-1][3][0] > MB // 2)
        assert heard.lines[-1][3][0] < MB
        counted.line(" Downloaded big")
        assert heard.lines[-1][0] == 1 and heard.lines[-1][3][0] >= MB
    counted.line("Prepared 2 packages in 3s")
    assert heard.lines[-1][:2] == (2, 2) and heard.lines[-1][3] == (MB + 1000, MB + 1000)


def waited(look) -> None:  # type: ignore[no-untyped-def]
    from time import monotonic, sleep

    end = monotonic() + 20
    while not look():
        assert monotonic() < end
        sleep(0.01)


def test_what_goes_away_meanwhile_does_not_count(tmp_path: Path) -> None:
    assert size_of(str(tmp_path / "gone")) == 0
    (tmp_path / "file").write_bytes(b"123")
    assert size_of(str(tmp_path / "file")) == 3
