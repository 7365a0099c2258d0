"""What the server tests share besides fixtures: payloads, the description of the API, and waiting."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

import jupyter_envs.server
from jupyter_envs.server.handlers import ROUTES

API = "jupyter-envs/api/v1"
WIRE = Path(__file__).parents[1] / "wire"
VERBS = ("get", "head", "post", "put", "patch", "delete")
KERNEL = "1f0e5c52-4b0f-4f0c-9d0f-6a5d0f3c2b1a"
EXAMPLES = {
    "path": "work/a.ipynb",
    "kernel_id": KERNEL,
    "job_id": "20261121T090000-k3jq7x2m",
    "environment_id": "aaaabbbbccccddddeeeeffff22",
    "digest": "sha256:" + "d" * 64,
    "name": "analysis",
}


def wire(name: str) -> Any:
    return json.loads((WIRE / f"{name}.json").read_text(encoding="utf-8"))


@cache
def description() -> dict[str, Any]:
    text = Path(jupyter_envs.server.__file__).with_name("rest-api.yml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def check(value: object, schema: str) -> None:
    """Raises jsonschema.ValidationError where `value` is not what rest-api.yml calls `schema`."""
    document = {"$ref": f"#/components/schemas/{schema}", "components": description()["components"]}
    Draft202012Validator(document).validate(value)


def templates() -> Iterator[tuple[str, str, frozenset[str]]]:
    """Path template, an example of it, and the verbs, for each route that the extension adds."""
    for pattern, handler in ROUTES:
        template, names = pattern, re.findall(r"\(\?P<(\w+)>", pattern)
        for name in names:
            template = _replace_group(template, name)
        example = template.format(**{name: EXAMPLES[name] for name in names})
        verbs = frozenset(verb for verb in VERBS if verb in vars(handler))
        yield f"/{template}", example, verbs


def _replace_group(pattern: str, name: str) -> str:
    """`a/(?P<x>\\w(?:-\\w)*)` -> `a/{x}`"""
    start = pattern.index(f"(?P<{name}>")
    depth = 0
    for end in range(start, len(pattern)):
        depth += {"(": 1, ")": -1}.get(pattern[end], 0)
        if depth == 0:
            return f"{pattern[:start]}{{{name}}}{pattern[end + 1 :]}"
    raise AssertionError(pattern)


async def until(condition: Callable[[], object], seconds: float = 30) -> None:
    """Waits for what another task or process does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        await asyncio.sleep(0.02)
