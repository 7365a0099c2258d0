"""The standing exam in the panel: of each line of `habits/lines.py` what a person would type into its field, through the
address that the panel uses, and one server for all."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_envs.environments.jobs import Jobs
from jupyter_envs.errors.table import ACTIONS
from jupyter_envs.server.job_board import JobBoard
from jupyter_envs.settings import Settings

from ..habits.files import add_packages, write_files
from ..habits.lines import GROUPS, Line
from .rest import until

TYPED = re.compile(r"[!%]?(?:pip3? |env-)install ([^\n|&$\\{]*)|!(uv (?:\S+ )*(?:add|install) [^\n|&$\\{]*)")
AT_ONCE = 3


class OnceJobs(Jobs):
    """A command that was carried out before does the same again: most lines of the table are different words for one."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._first: dict[tuple[str, ...], Path] = {}
        self._said: dict[tuple[str, ...], bytes] = {}

    def _spawn(self, folder: Path, arguments: list[str], accept: str | None) -> subprocess.Popen[bytes]:
        words = tuple(arguments)
        first = self._first.setdefault(words, folder)
        if first != folder and words not in self._said and self.get(first.name).state != "running":
            self._said[words] = (first / "journal.jsonl").read_bytes()  # old jobs are cleared away
        if words not in self._said:
            return super()._spawn(folder, arguments, accept)
        (folder / "journal.jsonl").write_bytes(self._said[words])
        child = self._children[folder.name] = subprocess.Popen([sys.executable, "-SEc", ""])
        (folder / "process.json").write_text(json.dumps({"pid": child.pid, "started": None}))
        return child


@pytest.fixture
def board(envs) -> Iterator[JobBoard]:
    envs.jobs.stop()
    envs.jobs = JobBoard(OnceJobs(envs.core), envs.announcer, envs._job_is_activity, envs._job_ended)
    yield envs.jobs


def lines() -> Iterator[tuple[str, Line]]:
    """With what is typed into the field."""
    for group in ("everyday", "versions", "options", "files", "elsewhere"):
        for line in GROUPS[group]:
            found = TYPED.fullmatch(line.typed)
            if found:
                yield found[1] or found[2], line


async def test_the_panel_does_what_the_table_says(index, ask, board, jp_root_dir):
    add_packages(index)
    write_files(jp_root_dir / "work", index)
    gate = asyncio.Semaphore(AT_ONCE)

    async def outcome(typed: str) -> tuple[list[str], str]:
        """What is recorded, and the code of the refusal."""
        body = {"action": "install", "notebook": "work/a.ipynb", "block": None, "args": {"typed": typed}}
        started = await ask("POST", "jobs", body)
        if started.status != 201:
            return [], started.json["reason"]
        await until(lambda: board.get(started.json["id"]).state != "running", 120)
        job = (await ask("GET", f"jobs/{started.json['id']}")).json
        block = (job["result"] or {}).get("block") or {}
        return sorted(block.get("dependencies") or ()), (job["error"] or {}).get("code", "")

    async def wrong(typed: str, line: Line) -> str:
        async with gate:
            recorded, code = await outcome(typed)
        wanted = line.recorded if line.panel is None else line.panel
        right = recorded == sorted(filter(None, wanted.split("  "))) and bool(code) == (not recorded)
        return "" if right and (not code or code in ACTIONS) else f"{typed!r}: recorded {recorded} {code}"

    exam = list(lines())
    assert len(exam) > 150
    found = [text for text in await asyncio.gather(*(wrong(*each) for each in exam)) if text]
    assert not found, "\n".join(found)
