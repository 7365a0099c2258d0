"""rest-api.yml takes what the server takes: its bodies are those of the server's own types. The front end's tests hold
all that the page sends against it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from jupyter_envs.wire.consents import NewConsent
from jupyter_envs.wire.jobs import NewJob
from jupyter_envs.wire.kernelspecs import NewKernelspec
from jupyter_envs.wire.notebooks import NewBlock, Nothing

from .rest import description

BODIES = {
    ("/jobs", "post"): NewJob,
    ("/kernels/{kernel_id}", "put"): NewBlock,
    ("/kernels/{kernel_id}/without", "post"): Nothing,
    ("/consents", "post"): NewConsent,
    ("/kernelspecs", "post"): NewKernelspec,
}
WORDS = {"title", "description", "default"}
NARROWER = {"pattern", "minLength"}
"""What the description may say besides: the server looks further than its types do."""


def test_every_body_has_its_type():
    described = {
        (path, verb)
        for path, item in description()["paths"].items()
        for verb, it in item.items()
        if "requestBody" in it
    }
    assert described == set(BODIES)


@pytest.mark.parametrize(("path", "verb"), BODIES)
def test_a_body_is_described_as_the_server_reads_it(path, verb):
    body = description()["paths"][path][verb]["requestBody"]["content"]["application/json"]["schema"]
    said = plain(body, description())
    schema = msgspec.json.schema(BODIES[path, verb])
    assert differences(said, plain(schema, schema), "body") == []


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
