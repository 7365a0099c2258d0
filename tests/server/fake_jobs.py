"""Jobs whose process says what the test wrote down for it, and waits where the test wants it to wait."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jupyter_envs.environments.jobs import Jobs
from jupyter_envs.settings import Settings

PROGRAM = """
import json, os, signal, sys, time
def stop(*_):
    print('{"event":"cancelled"}', flush=True)
    os._exit(130)
signal.signal(signal.SIGTERM, stop)
folder = sys.argv[1]
for line in open(os.path.join(folder, "lines.jsonl")):
    wait = json.loads(line).get("wait")
    if wait is None:
        print(line, end="", flush=True)
    while wait and not os.path.exists(os.path.join(folder, wait)):
        time.sleep(0.01)
"""


class ScriptedJobs(Jobs):
    """`arguments` of each started job are kept; `go("x")` ends a line `{"wait": "x"}`."""

    def __init__(self, settings: Settings, folder: Path, lines: Iterable[dict[str, Any]]) -> None:
        super().__init__(settings)
        self.asked: list[list[str]] = []
        self.consents: list[str | None] = []
        self._script = folder
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (folder / "lines.jsonl").write_text(text)

    def go(self, name: str) -> None:
        (self._script / name).touch()

    def end(self) -> None:
        for child in self._children.values():
            child.kill()
            child.wait()

    def _spawn(self, folder: Path, arguments: list[str], accept: str | None) -> subprocess.Popen[bytes]:
        self.asked.append(arguments)
        self.consents.append(accept)
        with (folder / "journal.jsonl").open("xb") as stdout:
            child = self._children[folder.name] = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, str(self._script)], stdout=stdout, start_new_session=True
            )
        (folder / "process.json").write_text(json.dumps({"pid": child.pid, "started": None}))
        return child
