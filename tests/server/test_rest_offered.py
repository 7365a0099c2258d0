"""Lists of other tools in a notebook without an environment, and beside it: offered, and taken by a job after a yes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.dialects.notebooks import SCRIPT, content

from .rest import check, wire

FILE = ("requirements.txt", "demo<2\n")


async def offered(ask, path: str = "a.ipynb") -> list[dict[str, Any]]:
    answer = await ask("GET", f"notebooks/{path}")
    check(answer.json, "Notebook")
    found: list[dict[str, Any]] = answer.json.get("offered", [])
    return found


def test_how_it_is_sent() -> None:
    assert wire("notebook-offered")["offered"][0]["sentence"] == "juv: 3 packages, locked"


async def test_what_is_in_a_notebook_and_beside_it_is_offered(ask, jp_root_dir):
    place = jp_root_dir / "a.ipynb"
    place.write_text(json.dumps(content("1")))
    assert await offered(ask) == []
    (jp_root_dir / FILE[0]).write_text(FILE[1])
    assert [row["sentence"] for row in await offered(ask)] == ["requirements.txt: 1 package"]
    place.write_text(json.dumps(content(SCRIPT, "!pip install six")))
    rows = await offered(ask)
    assert [(row["name"], row["where"], row["packages"], row["locked"]) for row in rows] == [
        ("juv", "cell 1", 2, False),
        ("cells", "its cells", 1, False),
        (FILE[0], FILE[0], 1, False),
    ]
    assert await offered(ask) == rows
    place.write_text(json.dumps(content(SCRIPT, jupyter_envs=wire("block"))))
    assert await offered(ask) == []


async def test_what_is_too_large_or_broken_is_not_offered(ask, jp_root_dir):
    (jp_root_dir / "a.ipynb").write_text(json.dumps(content("# /// script\n# dependencies = 7\n# ///")))
    (jp_root_dir / FILE[0]).write_text("demo\n" + "#" * (1 << 20))
    (jp_root_dir / "pylock.toml").write_text("[[")
    assert await offered(ask) == []


async def test_where_contents_are_no_files_only_the_notebook_counts(ask, envs, jp_root_dir, monkeypatch):
    (jp_root_dir / "a.ipynb").write_text(json.dumps(content(SCRIPT)))
    (jp_root_dir / FILE[0]).write_text(FILE[1])
    monkeypatch.setattr(envs.notebooks, "_root", None)
    assert [row["name"] for row in await offered(ask)] == ["juv"]


@pytest.mark.parametrize("source", ["juv", FILE[0]])
async def test_a_list_is_taken_after_a_yes(ask, finished, jp_root_dir, index, source):
    (jp_root_dir / "a.ipynb").write_text(json.dumps(content(SCRIPT)))
    (jp_root_dir / FILE[0]).write_text(FILE[1])
    body = {"action": "import", "notebook": "a.ipynb", "block": None, "args": {"source": source}}
    asked = await finished(body)
    assert (asked["state"], asked["error"]["code"]) == ("failed", "consent-needed")
    body["args"]["accept"] = asked["error"]["data"]["digest"]
    done = await finished(body)
    assert done["state"] == "done", done["error"]
    assert done["result"]["block"]["dependencies"] == (["demo<2", "shout"] if source == "juv" else ["demo<2"])


@pytest.mark.parametrize(
    ("action", "args", "reason"),
    [
        ("import", {}, "bad-request"),
        ("install", {"packages": ["demo"], "source": "juv"}, "bad-request"),
        ("import", {"source": "juv", "packages": ["evil"]}, "bad-request"),
        ("import", {"source": "juv", "python": "3.8"}, "bad-request"),
        ("import", {"source": "../secret.txt"}, "no-such-path"),
        ("import", {"source": "/etc/passwd"}, "no-such-path"),
        ("import", {"source": "absent.txt"}, "no-such-path"),
    ],
)
async def test_nothing_else_can_be_named(ask, jp_root_dir, action, args, reason):
    (jp_root_dir / "a.ipynb").write_text(json.dumps(content(SCRIPT)))
    (jp_root_dir.parent / "secret.txt").write_text("demo")
    answer = await ask("POST", "jobs", {"action": action, "notebook": "a.ipynb", "args": args})
    assert answer.json["reason"] == reason


async def test_without_a_notebook_nothing_is_imported(ask):
    answer = await ask("POST", "jobs", {"action": "import", "args": {"source": "juv"}})
    assert answer.json["reason"] == "bad-request"
