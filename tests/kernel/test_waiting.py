"""Who installs in a child of a kernel while another does waits, and says so."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import pytest

from jupyter_envs.kernel import pip_stub

from ..leasing import taken

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no flock")


@pytest.mark.parametrize("silent", [0.05, 60.0])
def test_a_long_wait_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], silent: float
) -> None:
    monkeypatch.setattr(pip_stub, "SILENT", silent)
    done = threading.Event()
    (tmp_path / "k.lock").touch(mode=0o600)

    def install() -> None:
        with pip_stub.alone(str(tmp_path / "k.json")):
            done.set()

    waiting = threading.Thread(target=install)
    with taken(tmp_path / "k.lock"):
        waiting.start()
        time.sleep(0.4)
        assert not done.is_set()
    waiting.join(20)
    assert done.is_set()
    assert capsys.readouterr().err == (f"{pip_stub.WAITING}\n" if silent < 1 else "")


def test_who_need_not_wait_says_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pip_stub.alone(str(tmp_path / "k.json")):
        assert capsys.readouterr().err == ""
