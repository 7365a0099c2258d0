"""The JSON Schema of the block, generated from the types: `python -m jupyter_envs.model.schema` writes it."""

from __future__ import annotations

import json
from inspect import cleandoc
from pathlib import Path
from typing import Any

import msgspec

from .block import Block

FILE = Path(__file__).with_name("block.schema.json")


def schema() -> dict[str, Any]:
    (found,), components = msgspec.json.schema_components([Block], ref_template="#/$defs/{name}")
    value = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The environment of a notebook: metadata.jupyter_envs, version 1",
        **found,
        "$defs": components,
    }
    result: dict[str, Any] = json.loads(json.dumps(value), object_hook=same)
    return result


def same(value: dict[str, Any]) -> dict[str, Any]:
    """Versions of msgspec differ in how they indent a docstring, and in whether null comes first."""
    if isinstance(value.get("description"), str):
        value["description"] = cleandoc(value["description"])
    if isinstance(value.get("anyOf"), list):
        value["anyOf"].sort(key=lambda one: one.get("type") == "null")
    return value


if __name__ == "__main__":
    FILE.write_text(json.dumps(schema(), indent=1) + "\n")
