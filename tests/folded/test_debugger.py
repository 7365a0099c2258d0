"""A real kernel, debugged as a front end does it, stops in a module of the environment."""

from __future__ import annotations

import os
import queue
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient

from jupyter_envs.environments.use_cases import Environments

from ..kernel.client import Kernel
from ..local_index import LocalIndex
from ..typed import typed
from ..wheels import wheel
from .sides import Side, ours

PATIENCE = 30.0


class Debugger:
    """The debug requests of Jupyter's protocol, on the control channel."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self.client = client
        self._number = 0

    def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        self._number += 1
        content = {"type": "request", "seq": self._number, "command": command, "arguments": arguments}
        message = self.client.session.msg("debug_request", content)
        self.client.control_channel.send(message)
        while True:
            reply = self.client.get_control_msg(timeout=PATIENCE)
            if reply["parent_header"]["msg_id"] == message["header"]["msg_id"]:
                answer: dict[str, Any] = reply["content"]
                assert answer["success"], answer
                return answer.get("body") or {}

    def event(self, name: str) -> dict[str, Any]:
        """Waits for one of debugpy's events."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                message = self.client.get_iopub_msg(timeout=1)
            except queue.Empty:
                continue
            if message["msg_type"] == "debug_event" and message["content"]["event"] == name:
                body: dict[str, Any] = message["content"].get("body") or {}
                return body
        raise AssertionError(f"no event {name}")


@contextmanager
def kernel(side: Side, cwd: Path) -> Iterator[Kernel]:
    started = Kernel([str(side.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"], cwd, dict(os.environ))
    try:
        yield started
    finally:
        started.stop()


def frames(side: Side, cwd: Path) -> list[tuple[str, str, int]]:
    """Name, file and line of each frame, innermost first, when `deep.square` stops in its second line."""
    with kernel(side, cwd) as running:
        file = running.run("import deep; print(deep.__file__)").stdout.strip()
        assert file == str(side.site / "deep" / "__init__.py")
        debugger = Debugger(running.client)
        debugger.ask("initialize", clientID="test", adapterID="", pathFormat="path", linesStartAt1=True)
        debugger.ask("attach")
        (point,) = debugger.ask("setBreakpoints", source={"path": file}, breakpoints=[{"line": 2}])["breakpoints"]
        assert point["verified"]
        debugger.ask("configurationDone")
        request = running.send("print(deep.square(7))")
        thread = debugger.event("stopped")["threadId"]
        stack = debugger.ask("stackTrace", threadId=thread)["stackFrames"]
        debugger.ask("continue", threadId=thread)
        assert running.collect(request).stdout == "49\n"
        return [
            (frame["name"], frame["source"]["path"].replace(str(side.prefix), "PREFIX"), frame["line"])
            for frame in stack
        ]


@pytest.mark.timeout(180)
def test_a_breakpoint_in_a_package_stops_a_kernel(
    environments: Environments, index: LocalIndex, tmp_path: Path
) -> None:
    index.add(wheel("deep", files={"deep/__init__.py": "def square(x):\n    return x * x\n"}))
    change = environments.install(None, typed("deep"))
    assert change.environment
    stack = frames(ours(change.environment), tmp_path)
    name, path, line = stack[0]
    assert (name, path.startswith("PREFIX/lib/"), path.endswith("/deep/__init__.py"), line) == ("square", True, True, 2)
    assert stack[1][0] == "<module>"
