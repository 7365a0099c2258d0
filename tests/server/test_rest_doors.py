"""Every way into the running server, found by looking at it and not at our list of routes."""

from __future__ import annotations

import importlib
import json
import re
import warnings

import pytest
from jupyter_server.utils import url_path_join
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from .rest import API, EXAMPLES, VERBS, _replace_group
from .test_rest_access import _login

CHANGING = ("POST", "PUT", "PATCH", "DELETE")


def doors(app):
    """(handler, address) of each rule of the running server whose handler is ours."""
    rules = list(app.web_app.wildcard_router.rules) + list(app.web_app.default_router.rules)
    while rules:
        rule = rules.pop()
        rules += getattr(rule.target, "rules", [])
        handler = rule.target
        if isinstance(handler, type) and handler.__module__.startswith("jupyter_envs"):
            pattern = rule.matcher.regex.pattern.removesuffix("$").replace("\\-", "-")
            for name in re.findall(r"\(\?P<(\w+)>", pattern):
                pattern = _replace_group(pattern, name)
            yield handler, re.sub(r"\(\?:/\.\*\)\?", "/nowhere", pattern).format(**EXAMPLES)


@pytest.fixture
def everything(jp_serverapp):
    found = list(doors(jp_serverapp))
    assert len(found) >= 14, "the search finds ours"
    assert all(API in address for _, address in found), found
    return found


async def asked(client, verb, url, **headers):
    body = b"{}" if verb in ("POST", "PUT", "PATCH") else None
    sent = {"Content-Type": "application/json"} | headers
    return await client.fetch(
        url,
        method=verb,
        body=body,
        headers=sent,
        raise_error=False,
        allow_nonstandard_methods=True,
        follow_redirects=False,
    )


async def test_none_answers_without_a_token(everything, http_server_client):
    for _, url in everything:
        for verb in VERBS:
            answer = await asked(http_server_client, verb.upper(), url)
            assert answer.code in (403, 405), (verb, url, answer.code)
            assert verb == "head" or set(json.loads(answer.body)) == {"message", "reason", "error"}
        assert (await asked(http_server_client, "OPTIONS", url)).body in (b"", None)


async def test_none_answers_a_wrong_token(everything, http_server_client):
    for _, url in everything:
        for verb in ("GET", "POST", "DELETE"):
            answer = await asked(http_server_client, verb, url, Authorization="token wrong")
            assert answer.code in (403, 405), (verb, url)


async def test_none_changes_anything_for_a_cookie_without_the_token_against_forgery(
    everything, jp_serverapp, http_server_client, jp_base_url
):
    cookies = await _login(jp_serverapp, http_server_client, jp_base_url)
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    for _, url in everything:
        for verb in CHANGING:
            answer = await asked(http_server_client, verb, url, Cookie=cookie)
            assert answer.code in (403, 405), (verb, url, answer.code)
            foreign = await asked(
                http_server_client,
                verb,
                url,
                Cookie=cookie,
                Origin="http://evil.example",
                Referer="http://evil.example/x",
            )
            assert foreign.code in (403, 404, 405), (verb, url, foreign.code)


async def test_every_verb_is_decorated(everything):
    """Not only refused in this configuration: each method asks for itself who is there and whether he may."""
    for handler, url in everything:
        for verb in VERBS:
            method = vars(handler).get(verb)
            if method is not None:
                assert hasattr(method, "__wrapped__"), (verb, url)
                assert not getattr(method, "__allow_unauthenticated", False), (verb, url)
                source = importlib.import_module(handler.__module__)
                assert "authorized" in vars(source) and handler.auth_resource == "jupyter_envs"


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
async def test_only_json_changes_anything(ask, everything, kind):
    for verb, path in (("POST", "jobs"), ("POST", "consents"), ("POST", "kernelspecs")):
        answer = await ask(verb, path, b"{}", headers={"Content-Type": kind})
        assert answer.status in (400, 415), (path, kind)
        assert answer.status == 415 or "multipart" in kind


async def test_a_body_of_twenty_megabytes_is_refused(ask):
    answer = await ask("POST", "jobs", b'{"action": "' + b"x" * (20 << 20) + b'"}')
    assert (answer.status, answer.json["reason"]) == (413, "too-large")


class TestEvents:
    """Jupyter's own websocket, on which ours are told."""

    def url(self, jp_http_port, jp_base_url):
        return f"ws://127.0.0.1:{jp_http_port}" + url_path_join(jp_base_url, "api/events/subscribe")

    async def test_are_not_told_without_a_token(self, jp_serverapp, http_server_client, jp_base_url):
        """Jupyter sends whoever opens it to the login page instead of opening it."""
        upgrade = {
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "x" * 22 + "==",
        }
        answer = await asked(http_server_client, "GET", url_path_join(jp_base_url, "api/events/subscribe"), **upgrade)
        assert answer.code in (302, 401, 403)
        assert answer.code != 302 or "/login?" in answer.headers["Location"]

    async def test_are_not_told_to_another_site(self, jp_serverapp, http_server_client, jp_http_port, jp_base_url):
        cookies = await _login(jp_serverapp, http_server_client, jp_base_url)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        mine = await websocket_connect(HTTPRequest(self.url(jp_http_port, jp_base_url), headers=headers))
        mine.close()
        headers["Origin"] = "http://evil.example"
        with pytest.raises(HTTPClientError) as caught:
            await websocket_connect(HTTPRequest(self.url(jp_http_port, jp_base_url), headers=headers))
        assert caught.value.code == 403


def test_the_extension_starts_without_a_warning(jp_configurable_serverapp, jp_server_config):
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        app = jp_configurable_serverapp()
        assert app.allow_unauthenticated_access is False
        app.web_app  # noqa: B018  # its rules were checked when they were added
    about = [
        str(item.message)
        for item in heard
        if "jupyter_envs" in str(item.message) or "jupyter-envs" in str(item.message)
    ]
    assert about == []
