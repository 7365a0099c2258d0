"""Every action that the server knows, posted as a job and done by the real command line."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from ..local_index import LocalIndex
from ..wheels import wheel
from .rest import description

MINOR = f"{sys.version_info.major}.{sys.version_info.minor}"
KNOWN = set(description()["components"]["schemas"]["Action"]["enum"]) - {"import"}
"""test_rest_offered.py has the other one, which needs a notebook."""

Do = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def do(finished) -> Do:
    """`await do("install", packages=["demo"])`: the result of a job that did what it should."""

    async def run(action: str, block: dict[str, Any] | None = None, **args: Any) -> dict[str, Any]:
        job = await finished({"action": action, "block": block, "args": args})
        assert job["state"] == "done", job["error"]
        assert job["action"] == action
        result: dict[str, Any] = job["result"]
        return result

    return run


async def lock(do: Do, index: LocalIndex) -> None:
    block = (await do("install", packages=["demo"]))["block"]
    del block["lock"]
    result = await do("lock", block)
    assert {"demo", "demo-dep"} <= {package["name"] for package in result["block"]["lock"]["packages"]}


async def install(do: Do, index: LocalIndex) -> None:
    result = await do("install", packages=["demo"])
    assert result["block"]["dependencies"] == ["demo"]
    assert result["environment"]["packages"]["demo"] == "2.0"


async def remove(do: Do, index: LocalIndex) -> None:
    block = (await do("install", packages=["demo", "shout"]))["block"]
    assert (await do("remove", block, packages=["demo"]))["block"]["dependencies"] == ["shout"]


async def upgrade(do: Do, index: LocalIndex) -> None:
    block = (await do("install", packages=["demo"]))["block"]
    index.add(wheel("demo", "3.0"))
    assert (await do("upgrade", block))["changed"]["demo"] == ["2.0", "3.0"]


async def undo(do: Do, index: LocalIndex) -> None:
    first = (await do("install", packages=["shout"]))["block"]
    second = (await do("install", first, packages=["demo"]))["block"]
    assert (await do("undo", second))["block"]["dependencies"] == ["shout"]


async def python(do: Do, index: LocalIndex) -> None:
    result = await do("python", python=MINOR)
    assert result["block"]["requires-python"] == f"=={MINOR}.*"
    assert result["environment"]["version"].startswith(f"{MINOR}.")


async def build(do: Do, index: LocalIndex) -> None:
    """Without a block: the base environment, as the button of the page for it asks."""
    result = await do("build")
    assert (result["block"], result["satisfied"]) == (None, False)
    assert "ipykernel" in result["environment"]["packages"]
    assert (await do("build"))["satisfied"]


async def gc(do: Do, index: LocalIndex) -> None:
    await do("install", packages=["demo"])
    would = await do("gc", dry_run=True, days=0)
    assert would["dry_run"]
    went = await do("gc", days=0)
    assert went["environments"] == would["environments"]


async def verify(do: Do, index: LocalIndex) -> None:
    environment = (await do("install", packages=["demo"]))["environment"]["id"]
    for result in (await do("verify"), await do("verify", environment=environment)):
        assert (result["damaged"], [one["id"] for one in result["environments"]]) == (0, [environment])


ACTIONS = {act.__name__: act for act in (lock, install, remove, upgrade, undo, python, build, gc, verify)}


@pytest.mark.parametrize("action", sorted(KNOWN))
async def test_an_action_does_what_it_is_for(action: str, do: Do, index: LocalIndex, envs: object) -> None:
    await ACTIONS[action](do, index)
