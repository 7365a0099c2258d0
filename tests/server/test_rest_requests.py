"""rest-api.yml describes what the server reads and answers: its schemas are those of the server's own types. The front end's
tests hold all that the page sends against it."""

from __future__ import annotations

import inspect
import re
from typing import Any

import msgspec
import pytest

from jupyter_envs.server.handlers import ROUTES
from jupyter_envs.wire.jobs import NewJob

from .rest import VERBS, description, messages, template_of

NAMES = sorted(messages().keys() & description()["components"]["schemas"].keys())
WORDS = {"title", "description", "default"}
NARROWER = {"pattern", "minLength"}
"""What the description may say besides: the server looks further than its types do."""


@pytest.mark.parametrize(("pattern", "handler"), ROUTES)
def test_a_handler_reads_the_body_that_is_described(pattern, handler):
    operations = description()["paths"][template_of(pattern)]
    for verb in VERBS:
        source = inspect.getsource(inspect.unwrap(vars(handler)[verb])) if verb in vars(handler) else ""
        body = operations.get(verb, {}).get("requestBody")
        said = [name(body["content"]["application/json"]["schema"])] if body else []
        assert re.findall(r"self\.read\((?:\w+\.)?(\w+)\)", source) == said


def test_every_body_that_is_described_is_of_a_type_in_wire():
    bodies = [
        op["requestBody"] for item in description()["paths"].values() for op in item.values() if "requestBody" in op
    ]
    assert {name(body["content"]["application/json"]["schema"]) for body in bodies} <= set(NAMES)
    assert len(bodies) >= 5


def name(schema: dict[str, str]) -> str:
    return schema["$ref"].rpartition("/")[2]


@pytest.mark.parametrize("kind", NAMES)
def test_a_message_is_described_as_msgspec_reads_it(kind):
    said = plain(description()["components"]["schemas"][kind], description())
    if kind == "Jobs":  # msgspec cannot tell jobs apart
        said["properties"]["jobs"] = {"type": "array"}
    schema = msgspec.json.schema(messages()[kind])
    assert differences(said, plain(schema, schema), kind) == []


def test_a_difference_is_seen():
    schema = msgspec.json.schema(NewJob)
    read = plain(schema, schema)
    for key, value in (("enum", ["lock", "base"]), ("type", "array")):
        said = {**read, "properties": {**read["properties"], "action": {key: value}}}
        assert differences(said, read, "body") != []
    assert differences({**read, "additionalProperties": True}, read, "body") != []
    assert differences({**read, "properties": {**read["properties"], "more": {}}}, read, "body") != []
    fewer = {name: schema for name, schema in read["properties"].items() if name != "kernel"}
    assert differences({**read, "properties": fewer}, read, "body") != []


def plain(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """Without references and words; whatever may be one of several, in one way; patterns as ECMA 262 has them."""
    if "$ref" in schema:
        found: Any = document
        for key in schema["$ref"].removeprefix("#/").split("/"):
            found = found[key]
        return plain(found, document)
    kept = {key: value for key, value in schema.items() if key not in WORDS | {"$defs"}}
    if isinstance(kinds := kept.get("type"), list):
        others = [{**kept, "type": kind} for kind in kinds if kind != "null"]
        return plain({"anyOf": [*others, {"type": "null"}]}, document)
    if "anyOf" in kept:
        kept["anyOf"] = sorted((plain(one, document) for one in kept["anyOf"]), key=lambda one: str(one["type"]))
    if kept.get("items") is False:
        del kept["items"]
    if "prefixItems" in kept:
        kept["prefixItems"] = [plain(one, document) for one in kept["prefixItems"]]
    if isinstance(kept.get("additionalProperties"), dict):
        kept["additionalProperties"] = plain(kept["additionalProperties"], document)
    if "items" in kept:
        kept["items"] = plain(kept["items"], document)
    if "properties" in kept:
        kept["properties"] = {name: plain(one, document) for name, one in kept["properties"].items()}
    if "enum" in kept:
        kept["enum"] = sorted(kept["enum"])
    if "pattern" in kept:
        kept["pattern"] = kept["pattern"].replace("\\A", "^").replace("\\Z", "$")
    return {key: value for key, value in kept.items() if value not in ([], {})}


def differences(said: dict[str, Any], read: dict[str, Any], where: str) -> list[str]:
    free = {"required"} if read == {"type": "object"} else set()  # a block, which has a schema of its own
    found = [f"{where}: {key}" for key in said if key not in read and key not in NARROWER | free]
    for key, value in read.items():
        if key == "properties" and said.get(key, {}).keys() == value.keys():
            for name in value:
                found += differences(said[key][name], value[name], f"{where}.{name}")
        elif key == "items" and key in said:
            found += differences(said[key], value, f"{where}[]")
        elif key == "anyOf" and len(said.get(key, ())) == len(value):
            for one, other in zip(said[key], value, strict=True):
                found += differences(one, other, where)
        elif said.get(key) != value:
            found.append(f"{where}: {key}")
    return found
