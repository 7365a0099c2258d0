"""A real kernel and what a front end sees of it."""

from __future__ import annotations

import contextlib
import queue
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

from jupyter_envs.wire.comm import FromKernel, ToKernel


@dataclass
class Output:
    """What one cell left: streams, the last state of each display, the error's name, whether it went well."""

    stdout: str = ""
    stderr: str = ""
    displays: dict[str, str] = field(default_factory=dict)
    result: str = ""
    ename: str = ""
    traceback: str = ""
    prompts: list[str] = field(default_factory=list)
    reply: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """All of it, as it stands under the cell in the end."""
        return "\n".join([self.stdout, *self.displays.values(), self.result, self.stderr])

    def take(self, message: dict[str, Any]) -> bool:
        """Whether the cell has come to its end."""
        content, kind = message["content"], message["msg_type"]
        if kind == "stream":
            setattr(self, content["name"], getattr(self, content["name"]) + content["text"])
        elif kind in ("display_data", "update_display_data"):
            self.displays[content["transient"].get("display_id", "")] = content["data"]["text/plain"]
        elif kind == "execute_result":
            self.result = content["data"]["text/plain"]
        elif kind == "error":
            self.ename, self.traceback = content["ename"], "\n".join(content["traceback"])
        return bool(kind == "status" and content["execution_state"] == "idle")


class Kernel:
    def __init__(self, argv: list[str], cwd: Path, env: dict[str, str]) -> None:
        self.manager = KernelManager()
        self.manager._kernel_spec = KernelSpec(argv=argv, language="python", display_name="test")
        self._env = env
        self.manager.start_kernel(cwd=str(cwd), env=env)
        self.client = self._connect()

    def _connect(self) -> BlockingKernelClient:
        client = self.manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        return client

    def restart(self) -> None:
        self.client.stop_channels()
        self.manager.restart_kernel(now=True)
        self.client = self._connect()

    def stop(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()

    def send(self, code: str, *, stdin: bool = False) -> str:
        return self.client.execute(code, allow_stdin=stdin)

    def run(self, code: str, *, answer: str | None = None, timeout: float = 60) -> Output:
        return self.collect(self.send(code, stdin=answer is not None), answer=answer, timeout=timeout)

    def collect(self, request: str, *, answer: str | None = None, timeout: float = 60) -> Output:
        output, until = Output(), time.monotonic() + timeout
        done = False
        while not done or not output.reply:
            assert time.monotonic() < until, f"no end after {timeout} s: {output}"
            for message in self._messages(request):
                done = output.take(message) or done
            if answer is not None:
                self._answer(output, answer)
            with contextlib.suppress(queue.Empty):
                reply = self.client.get_shell_msg(timeout=0.01)
                if reply["parent_header"].get("msg_id") == request:
                    output.reply = reply["content"]
        return output

    def _messages(self, request: str) -> list[dict[str, Any]]:
        found = []
        with contextlib.suppress(queue.Empty):
            while True:
                message = self.client.get_iopub_msg(timeout=0.05)
                if message["parent_header"].get("msg_id") == request:
                    found.append(message)
        return found

    def _answer(self, output: Output, answer: str) -> None:
        with contextlib.suppress(queue.Empty):
            message = self.client.get_stdin_msg(timeout=0.01)
            output.prompts.append(message["content"]["prompt"])
            self.client.input(answer)

    def complete(self, code: str) -> list[str]:
        request = self.client.complete(code)
        while True:
            reply = self.client.get_shell_msg(timeout=30)
            if reply["parent_header"].get("msg_id") == request:
                matches: list[str] = reply["content"]["matches"]
                return matches


class Comm:
    """The front end's half of the comm `jupyter_envs`. What goes over it is of its type."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._id = "front-end"
        self._send("comm_open", {"target_name": "jupyter_envs", "data": {"hello": 1}})

    def send(self, data: dict[str, Any]) -> None:
        msgspec.convert(data, ToKernel)
        self._send("comm_msg", {"data": data})

    def _send(self, kind: str, content: dict[str, Any]) -> None:
        client = self._kernel.client
        client.shell_channel.send(client.session.msg(kind, {"comm_id": self._id, **content}))

    def next(self, kind: str, timeout: float = 30) -> dict[str, Any]:
        """The next message of that type."""
        while True:
            message = self._kernel.client.get_iopub_msg(timeout=timeout)
            data: dict[str, Any] = message["content"].get("data") or {}
            if message["msg_type"] == "comm_msg":
                msgspec.convert(data, FromKernel)
                if data.get("type") == kind:
                    return data
