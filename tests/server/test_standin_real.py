"""The whole way with the real provisioner, stand-in and launcher: a first start, before the base environment is
there."""

from __future__ import annotations

import json

import pytest

from jupyter_envs.machine import kernelspecs

from . import environments
from .rest import check, until


@pytest.fixture
def registered(jp_data_dir):
    folder = jp_data_dir / "kernels" / kernelspecs.NAME
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(kernelspecs.general()))


async def evaluated(jp_serverapp, kernel_id, code):
    """The text of the result, or the error's name."""
    client = jp_serverapp.kernel_manager.get_kernel(kernel_id).client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=60)
        client.execute(code)
        while True:
            message = await client.get_iopub_msg(timeout=60)
            if message["msg_type"] == "execute_result":
                return message["content"]["data"]["text/plain"]
            if message["msg_type"] == "error":
                return message["content"]["ename"]
    finally:
        client.stop_channels()


async def test_a_notebook_opened_before_the_base_environment_is_built(
    registered, envs, ask, new_session, jp_create_notebook, jp_fetch, jp_serverapp, events
):
    jp_create_notebook("work/a.ipynb")
    session = await new_session("work/a.ipynb", kernelspecs.NAME)
    first = session["kernel"]["id"]
    await until(lambda: first in envs.standins.waiting)
    told = (await ask("GET", f"kernels/{first}")).json
    check(told, "Kernel")
    assert (told["standin"], told["base"], told["environment"]) == (True, True, None)
    assert told["notebook"] == "work/a.ipynb"
    assert not (await evaluated(jp_serverapp, first, "1 + 1")).isdigit()

    prefix = environments.base(envs.core)
    await until(lambda: {"what": "kernel", "id": first, "state": "switched"} in events)
    now = json.loads((await jp_fetch("api", "sessions", session["id"])).body)
    second = now["kernel"]["id"]
    told = (await ask("GET", f"kernels/{second}")).json
    check(told, "Kernel")
    assert (told["standin"], told["base"]) == (False, True)
    assert told["environment"]["prefix"] == str(prefix)
    assert await evaluated(jp_serverapp, second, "import sys; sys.prefix") == repr(str(prefix))
