"""rest-api.yml is true: the same addresses and verbs as the server has, and schemas that the answers keep."""

from __future__ import annotations

from jsonschema import Draft202012Validator

from .rest import API, description, templates


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


async def test_answers_of_an_empty_home(ask):
    for name in ("jobs", "interpreters", "environments", "consents", "kernelspecs"):
        answer = await ask("GET", name)
        assert answer.status == 200
        assert list(answer.json) == [name]
    assert API in description()["servers"][0]["url"]
