"""What the server tests share besides fixtures: payloads, the description of the API, and waiting."""

from __future__ import annotations

import asyncio
import importlib
import json
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import yaml
from jsonschema import Draft202012Validator

import jupyter_envs.server
import jupyter_envs.wire as wire_room
from jupyter_envs.server.handlers import ROUTES
from jupyter_envs.wire.jobs import KINDS, Job
from jupyter_envs.wire.values import Message

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


def check(value: Any, name: str) -> None:
    """Raises ValidationError, jsonschema's or msgspec's, where `value` is not what rest-api.yml calls `name`, or not just
    what the type of that name holds."""
    document = {"$ref": f"#/components/schemas/{name}", "components": description()["components"]}
    Draft202012Validator(document).validate(value)
    if name == "Jobs":
        for job in value["jobs"]:
            check(job, "AnyJob")
    msgspec.convert(value, KINDS.get(value["action"], Job) if name == "AnyJob" else messages()[name])


@cache
def messages() -> dict[str, type[Message]]:
    """By name, each type in wire/."""
    modules = [
        importlib.import_module(f"{wire_room.__name__}.{m.name}") for m in pkgutil.iter_modules(wire_room.__path__)
    ]
    found = [value for module in modules for value in vars(module).values()]
    return {kind.__name__: kind for kind in found if isinstance(kind, type) and issubclass(kind, Message)}


def check_answer(verb: str, path: str, status: int, value: Any) -> None:
    """The same for what the server answered to a request."""
    operation: dict[str, Any] = {}
    for pattern, _ in ROUTES:
        if re.fullmatch(pattern, quote(path.partition("?")[0])):
            operation = description()["paths"][template_of(pattern)].get(verb.lower(), {})
    response = operation.get("responses", {}).get(str(status)) or {"$ref": "#/components/responses/Error"}
    if "$ref" in response:
        response = description()["components"]["responses"][response["$ref"].rpartition("/")[2]]
    if "content" in response:
        schema = response["content"]["application/json"]["schema"]
        check(value, schema["$ref"].rpartition("/")[2])
    else:
        assert value is None


def templates() -> Iterator[tuple[str, str, frozenset[str]]]:
    """Path template, an example of it, and the verbs, for each route that the extension adds."""
    for pattern, handler in ROUTES:
        template = template_of(pattern)
        example = template[1:].format(**EXAMPLES)
        verbs = frozenset(verb for verb in VERBS if verb in vars(handler))
        yield template, example, verbs


def template_of(pattern: str) -> str:
    for name in re.findall(r"\(\?P<(\w+)>", pattern):
        pattern = _replace_group(pattern, name)
    return f"/{pattern}"


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
