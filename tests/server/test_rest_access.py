"""Nobody comes in without a token, against the authorizer or across sites: asked of every verb there is."""

from __future__ import annotations

import pytest
from jupyter_server.auth import Authorizer
from jupyter_server.utils import url_path_join

from .rest import API, templates

EVERY = [(verb.upper(), example) for _, example, verbs in templates() for verb in sorted(verbs)]


@pytest.mark.parametrize(("verb", "path"), EVERY)
async def test_without_a_token_every_verb_is_refused(ask, verb, path):
    answer = await ask(verb, path, headers={"Authorization": ""})
    assert answer.status == 403
    assert answer.json["reason"] == "forbidden"


@pytest.mark.parametrize(("verb", "path"), EVERY)
async def test_with_a_token_nothing_is_forbidden(ask, verb, path):
    answer = await ask(verb, path)
    assert answer.status != 403


class ReadOnly(Authorizer):
    """Others of a shared server may look at environments, not change them."""

    def is_authorized(self, handler, user, action, resource):
        return (action, resource) == ("read", "jupyter_envs")


class TestReadOnlyUser:
    @pytest.fixture
    def jp_server_config(self, jp_server_config):
        jp_server_config["ServerApp"]["authorizer_class"] = ReadOnly
        return jp_server_config

    @pytest.mark.parametrize(("verb", "path"), EVERY)
    async def test_may_look_and_not_change(self, ask, verb, path):
        answer = await ask(verb, path)
        assert (answer.status == 403) == (verb != "GET")


async def test_a_cookie_alone_does_not_write(jp_serverapp, http_server_client, jp_base_url):
    """A browser sends the login cookie with any site's form; only our own pages know the XSRF token too."""
    cookies = await _login(jp_serverapp, http_server_client, jp_base_url)
    headers = {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "Content-Type": "application/json",
    }
    url = url_path_join(jp_base_url, API, "jobs")

    async def post(**more):
        response = await http_server_client.fetch(
            url, method="POST", body='{"action": "run"}', headers=headers | more, raise_error=False
        )
        return response.code

    assert await post() == 403
    assert await post(**{"X-XSRFToken": cookies["_xsrf"]}) == 400, "let in, to hear that there is no such action"


async def _login(app, client, base_url):
    url = url_path_join(base_url, "login") + f"?token={app.identity_provider.token}"
    response = await client.fetch(url, follow_redirects=False, raise_error=False)
    pairs = [cookie.split(";")[0].split("=", 1) for cookie in response.headers.get_list("Set-Cookie")]
    return {"_xsrf": "1" * 32} | dict(pairs)


async def test_a_form_is_no_json(ask):
    answer = await ask("POST", "jobs", b"action=build", headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status == 415
    assert answer.json["error"]["hint"]


async def test_half_a_json_is_refused(ask):
    answer = await ask("POST", "jobs", b'{"action": "bui')
    assert (answer.status, answer.json["reason"]) == (400, "bad-json")


async def test_an_unknown_key_is_refused_by_name(ask):
    answer = await ask("POST", "jobs", {"action": "build", "command": "rm"})
    assert answer.status == 400
    assert "command" in answer.json["message"]


async def test_a_body_beyond_any_notebook_is_refused(ask):
    answer = await ask("POST", "jobs", b'{"action": "build", "notebook": "' + b"a" * (5 * 1024 * 1024) + b'"}')
    assert (answer.status, answer.json["reason"]) == (413, "too-large")


@pytest.mark.parametrize("path", ["jobs/..", "jobs/a%2Fb", "environments/abc", "consents/sha256:12", "kernels/..%2Fx"])
async def test_an_id_that_is_none_is_an_unknown_address(ask, path):
    assert (await ask("DELETE", path)).status == 404
