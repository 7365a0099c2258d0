"""A real Jupyter Server with the extension, on a home of its own."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pytest_jupyter.jupyter_server import *  # noqa: F403  # fixtures; there is no other way in below the top folder
from tornado.httpclient import HTTPClientError, HTTPResponse

from jupyter_envs.wire.events import EVENTS
from jupyter_envs.wire.journal import Line

from .rest import API, check, check_answer, until


@pytest.fixture
def envs_home(tmp_path, monkeypatch, known_interpreters) -> Path:
    home = tmp_path / "envs-home"
    (home / "cache").mkdir(parents=True, mode=0o700)
    home.chmod(0o700)
    (home / "cache" / "interpreters.json").write_bytes(known_interpreters)
    monkeypatch.setenv("JUPYTER_ENVS_HOME", str(home))
    monkeypatch.setenv("JUPYTER_ENVS_STORE", str(home / "store"))
    return home


@pytest.fixture
def jp_server_config(envs_home) -> dict[str, Any]:
    return {
        "ServerApp": {
            # The terminals extension warns about itself without allow_unauthenticated_access; ours must not.
            "jpserver_extensions": {"jupyter_envs": True, "jupyter_server_terminals": False},
            "allow_unauthenticated_access": False,
        },
        "JupyterEnvs": {"build_base": False},
    }


@pytest.fixture
def envs(jp_serverapp):
    """The extension inside the running server."""
    return jp_serverapp.extension_manager.extension_points["jupyter_envs"].app


class Answer:
    def __init__(self, response: HTTPResponse) -> None:
        self.status = response.code
        self.headers = response.headers
        is_json = response.headers.get("Content-Type", "").startswith("application/json")
        self.json: Any = json.loads(response.body) if response.body and is_json else None


@pytest.fixture
def ask(jp_fetch) -> Callable[..., Awaitable[Answer]]:
    """`await ask("GET", "jobs")`; a refusal is an answer too, and each is held against its type. `body` is sent as JSON,
    bytes as they are."""

    async def asked(verb: str, path: str, body: object = None, **more: Any) -> Answer:
        if body is not None:
            more["body"] = body if isinstance(body, bytes) else json.dumps(body)
            more["headers"] = {"Content-Type": "application/json"} | more.get("headers", {})
        try:
            response = await jp_fetch(API, *path.split("/"), method=verb, allow_nonstandard_methods=True, **more)
        except HTTPClientError as error:
            assert error.response is not None
            response = error.response
        answer = Answer(response)
        if verb not in ("HEAD", "OPTIONS"):
            check_answer(verb, path, answer.status, answer.json)
        return answer

    return asked


@pytest.fixture
def events(jp_serverapp) -> list[dict[str, Any]]:
    """What the server announces, as listeners get it."""
    heard: list[dict[str, Any]] = []

    async def listen(logger: object, schema_id: str, data: dict[str, Any]) -> None:
        heard.append(data)

    jp_serverapp.event_logger.add_listener(schema_id=EVENTS, listener=listen)
    return heard


@pytest.fixture
def finished(ask, envs, events) -> Callable[..., Awaitable[dict[str, Any]]]:
    """Starts a job and gives it when it has ended; its journal is made of lines that are of their type."""

    async def run(body: dict[str, Any]) -> dict[str, Any]:
        check(body, "NewJob")
        started = await ask("POST", "jobs", body)
        assert started.status == 201, started.json
        job_id = started.json["id"]
        ends = [{"what": "job", "id": job_id, "state": state} for state in ("done", "failed", "cancelled")]
        await until(lambda: any(end in events for end in ends), 120)
        job: dict[str, Any] = (await ask("GET", f"jobs/{job_id}")).json
        check(job, "AnyJob")
        for line in (envs.core.home / "jobs" / job_id / "journal.jsonl").read_bytes().splitlines():
            msgspec.json.decode(line, type=Line)
        return job

    return run


@pytest.fixture
def new_session(jp_fetch) -> Callable[..., Awaitable[dict[str, Any]]]:
    """Starts a real kernel the way JupyterLab does, and gives the session's model."""

    async def start(path: str, kernel: str = "python3") -> dict[str, Any]:
        folder, _, name = path.rpartition("/")
        made_up = f"{folder}/3e0e4e6c-0b43-4f2a-9d9b-2a1c6c7f8a01".lstrip("/")
        body = {"path": made_up, "name": name, "type": "notebook", "kernel": {"name": kernel}}
        response = await jp_fetch("api", "sessions", method="POST", body=json.dumps(body))
        model: dict[str, Any] = json.loads(response.body)
        return model

    return start


@pytest.fixture
def write_context(envs) -> Callable[[str, dict[str, Any]], Path]:
    """What the provisioner or the kernel writes."""

    def write(kernel_id: str, context: dict[str, Any]) -> Path:
        file: Path = envs.core.home / "kernels" / f"{kernel_id}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"version": 1, "kernel": kernel_id, "cli": ["x"], **context}))
        return file

    return write
