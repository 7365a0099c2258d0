"""rest-api.yml is true: the same addresses and verbs as the server has, and schemas that the answers keep."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
import yaml
from jsonschema import Draft202012Validator

from jupyter_envs.environments.status import State
from jupyter_envs.server.events import SCHEMA_FILE, SCHEMA_ID

from .rest import API, WIRE, check, description, templates, wire

SCHEMAS = {
    "status": "Status", "job": "Job", "kernel": "Kernel", "notebook": "Notebook", "error": "Refusal",
    "post-job": "NewJob", "put-kernel": "NewBlock",
}  # fmt: skip


def test_it_describes_every_route_and_no_other():
    described = {path: {verb for verb in item if verb != "parameters"} for path, item in description()["paths"].items()}
    assert described == {template: set(verbs) for template, _, verbs in templates()}


def test_the_server_has_just_these_routes(jp_serverapp):
    rules = [rule.matcher.regex.pattern for router in jp_serverapp.web_app.wildcard_router.rules for rule in [router]
             if hasattr(rule.matcher, "regex")]  # fmt: skip
    nested = [
        inner.matcher.regex.pattern
        for rule in jp_serverapp.web_app.default_router.rules
        for inner in getattr(rule.target, "rules", [])
        if hasattr(inner.matcher, "regex")
    ]
    ours = {pattern for pattern in [*rules, *nested] if "/jupyter-envs/" in pattern.replace("\\", "")}
    assert len(ours) == len(list(templates())) + 1, "and one for addresses that there are not"


def test_its_schemas_are_schemas():
    for schema in description()["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", sorted(file.stem for file in WIRE.glob("*.json")))
def test_the_example_payloads_keep_it(name):
    """The front end's tests read the same files."""
    kind = max((key for key in SCHEMAS if name.startswith(key)), key=len, default=None)
    if kind:
        check(wire(name), SCHEMAS[kind])
    elif name in ("interpreters", "environments"):
        schema = "Interpreter" if name == "interpreters" else "StoredEnvironment"
        for item in wire(name)[name]:
            check(item, schema)


def test_the_states_of_a_notebook_are_the_same_for_server_and_page():
    """`looking` stands in context files alone."""
    page = (Path(__file__).parents[2] / "labextension" / "src" / "api" / "wire.ts").read_text(encoding="utf-8")
    union = re.search(r"export type StatusState =([^;]*);", page)
    assert union is not None
    states = {*get_args(State)} - {"looking"}
    assert {*re.findall(r"'([\w-]+)'", union[1])} == states
    assert {*description()["components"]["schemas"]["Status"]["properties"]["state"]["enum"]} == states


def test_the_example_event_keeps_its_schema():
    schema = yaml.safe_load(SCHEMA_FILE.read_text(encoding="utf-8"))
    data = {key: value for key, value in wire("event").items() if key != "schema_id"}
    Draft202012Validator({key: schema[key] for key in schema if key != "$id"}).validate(data)
    assert wire("event")["schema_id"] == schema["$id"] == SCHEMA_ID


async def test_answers_of_an_empty_home(ask):
    for name, schema in (("jobs", "Job"), ("interpreters", "Interpreter"), ("environments", "StoredEnvironment"),
                         ("consents", "Consent"), ("kernelspecs", "Kernelspec")):  # fmt: skip
        answer = await ask("GET", name)
        assert answer.status == 200
        assert list(answer.json) == [name]
        for item in answer.json[name]:
            check(item, schema)
    assert API in description()["servers"][0]["url"]
