"""The kernel that answers while an environment is not ready: it explains, builds on request, and runs no cell."""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":
    # This folder has names like `lock`, and nothing in the notebook's folder is ours to run: neither is on the path.
    here = os.path.dirname(os.path.realpath(__file__))  # noqa: PTH120  # pathlib is not imported yet
    package = os.path.dirname(here)  # noqa: PTH120
    sys.path[:] = [e for e in sys.path if e and os.path.realpath(e) not in (here, os.path.realpath(os.curdir))]
    sys.path.append(os.path.dirname(package))  # noqa: PTH120

from itertools import count
from pathlib import Path
from typing import Any

import comm
import msgspec
from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel
from msgspec.structs import replace

from jupyter_envs import __version__
from jupyter_envs.environments.base import find_base
from jupyter_envs.environments.here import Here
from jupyter_envs.environments.sight import status_of
from jupyter_envs.errors import EnvsError
from jupyter_envs.kernel import orders, pip_words, sweep
from jupyter_envs.kernel.context import Context
from jupyter_envs.kernel.explaining import READY, STOPPED, explanation
from jupyter_envs.kernel.foreign import visible
from jupyter_envs.kernel.magics import split
from jupyter_envs.kernel.screen import Display, complain, tell
from jupyter_envs.kernel.session import Session
from jupyter_envs.launch.cell_orders import checked, order_in, typed_order
from jupyter_envs.launch.decision import KernelStart, decide
from jupyter_envs.launch.launch import CONTEXT, TROUBLE, sentence_of
from jupyter_envs.model.block import parse_block
from jupyter_envs.settings import Settings

ENAME = "EnvironmentNotReady"
PYTHON: dict[str, Any] = {
    "name": "python", "mimetype": "text/x-python", "file_extension": ".py", "pygments_lexer": "ipython3",
}  # fmt: skip

NO_DEBUGGER: dict[str, Any] = {
    "isStarted": False, "hashMethod": "Murmur2", "hashSeed": 0, "tmpFilePrefix": "", "tmpFileSuffix": ".py",
    "breakpoints": [], "stoppedThreads": [], "richRendering": False, "exceptionPaths": [], "copyToGlobals": False,
}  # fmt: skip


class StandIn(Kernel):
    implementation = "jupyter-envs"
    implementation_version = __version__
    banner = "jupyter-envs: this notebook's environment is not ready yet"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        context = Context.load(os.environ.get(CONTEXT))
        if not context.status and os.environ.get(TROUBLE):
            context = Context(context.path, {"status": troubled(os.environ[TROUBLE])})
        # The notebook's own: front ends write what they hear into the document, which would make it dirty.
        self.language_info = dict(context.language_info or PYTHON)
        self.waiting = Session(context, self._screen, self.raw_input, standin=True)
        if context.path:
            self.waiting.alive = sweep.hold(context.beside(sweep.ALIVE))
        self._numbers = count(1)
        manager = comm.get_comm_manager()
        self.waiting.comms.register(manager)
        for name in ("comm_open", "comm_msg", "comm_close"):
            self.shell_handlers[name] = getattr(manager, name)

    async def do_execute(
        self,
        code: str,
        silent: bool,
        store_history: bool = True,
        user_expressions: dict[str, str] | None = None,
        allow_stdin: bool = False,
        **_: Any,
    ) -> dict[str, Any]:
        self._allow_stdin = allow_stdin  # raw_input looks there
        parent = self.get_parent()  # type: ignore[no-untyped-call]
        for stream in (sys.stdout, sys.stderr):
            stream.set_parent(parent)  # type: ignore[union-attr]  # ipykernel has put its own there
        if not code.strip():
            return self._fine()
        try:
            return self._answer(code, silent)
        except Exception as error:  # without a reply, the cell would count as running for ever
            self.log.exception("The stand-in could not answer")
            return self._say_error(
                sentence_of(error), [f"{ENAME}: {sentence_of(error)}", "No cell has been run."], silent
            )

    def _answer(self, code: str, silent: bool) -> dict[str, Any]:
        self.waiting.context.used()
        verb, line = order_in(code)
        if verb == "status" and not silent:
            for text in explanation(self._status(), self.waiting.context.notebook):
                tell(text)
            return self._fine()
        if verb and not silent:
            try:
                return self._carry_out(verb, line)
            except KeyboardInterrupt:  # without a reply, the cell would count as running for ever
                complain({"sentence": STOPPED})
                return self._error(STOPPED, [])
        return self._not_ready(silent)

    def _carry_out(self, verb: str, line: str) -> dict[str, Any]:
        try:
            typed = checked(typed_order(line) if verb == "pip" else pip_words.order(verb, split(line)))
        except orders.Refused as refused:
            complain({"sentence": refused.sentence, "hint": refused.hint})
            return self._error(refused.sentence, [refused.sentence])
        # A block that we cannot read would be overwritten by one that starts from nothing.
        if typed.verb in orders.LOOKING or self._status().get("state") == "invalid":
            return self._not_ready(False)
        stale = typed.verb == "build" and self._status().get("state") == "changed"
        if (not stale or self.waiting.carry_out(orders.Order("lock"))) and self.waiting.carry_out(
            typed.without_consent()
        ):
            tell(READY)
            return self._fine()
        return self._error("The environment has not changed.", [])

    def _not_ready(self, silent: bool) -> dict[str, Any]:
        status = self._status()
        lines = explanation(status, self.waiting.context.notebook)
        return self._say_error(str(status.get("sentence") or lines[0]), [f"{ENAME}: {lines[0]}", *lines[1:]], silent)

    def _say_error(self, value: str, lines: list[str], silent: bool) -> dict[str, Any]:
        reply = self._error(value, lines)
        if not silent:
            content = {name: reply[name] for name in ("ename", "evalue", "traceback")}
            self._publish("error", content)
        return reply

    def _error(self, value: str, lines: list[str]) -> dict[str, Any]:
        return {"status": "error", "execution_count": self.execution_count, "ename": ENAME, "evalue": visible(value),
                "traceback": list(map(visible, lines))}  # fmt: skip

    def _fine(self) -> dict[str, Any]:
        return {
            "status": "ok",
            "execution_count": self.execution_count,
            "payload": [],
            "user_expressions": {},
        }

    def _status(self) -> dict[str, Any]:
        """The present status: somebody may have built the environment in a terminal."""
        context = self.waiting.context
        context.refresh()
        told = context.status
        if told.get("state") == "invalid" or not context.home:
            return told
        try:
            settings = Settings.load()
            if told.get("state") in ("failed", "looking") and context.block is None and not context.base:
                told = self._look_again(settings)
            return told if told.get("state") == "invalid" else self._now(told, Here(settings))
        except (EnvsError, OSError, RuntimeError):
            return told

    def _look_again(self, settings: Settings) -> dict[str, Any]:
        """The start could not find out which block the notebook has."""
        context = self.waiting.context
        notebook = Path(context.notebook) if context.notebook else None
        launch = decide(KernelStart(Path(context.path or "").stem, notebook), settings)
        if launch.lease:
            launch.lease.close()
        status = launch.status.to_dict() if launch.status else {}
        context.adopt(block=launch.block, base=launch.base, status=status)
        return status

    def _now(self, told: dict[str, Any], here: Here) -> dict[str, Any]:
        block, sentence = self.waiting.context.block, str(told.get("sentence") or "")
        status = status_of(parse_block(block) if block is not None else None, here)
        base = status.state == "no-block"
        environment = find_base(here) if base else status.environment
        died = (told.get("error") or {}).get("code") == "kernel-died"
        if died and environment and (base or environment.id == (told.get("environment") or {}).get("id")):
            return told
        if base:
            return replace(status, state="ready", sentence=sentence).to_dict() if environment else told
        if told.get("damaged") and status.state == "not-built":
            status = replace(status, sentence=sentence)
        return status.to_dict()

    def _screen(self, *args: Any, **kwargs: Any) -> Display:
        name = f"jupyter-envs-standin-{next(self._numbers)}"

        def publish(text: str, update: bool) -> None:
            content = {"data": {"text/plain": text}, "metadata": {}, "transient": {"display_id": name}}
            self._publish("update_display_data" if update else "display_data", content)

        return Display(publish, *args, **kwargs)

    def _publish(self, kind: str, content: dict[str, Any]) -> None:
        self.send_response(self.iopub_socket, kind, content)  # type: ignore[no-untyped-call]

    async def do_debug_request(self, msg: dict[str, Any]) -> dict[str, Any]:
        """Front ends ask every kernel of a kernelspec that names a debugger; here there is nothing to stop in."""
        body = NO_DEBUGGER if msg.get("command") == "debugInfo" else {}
        return {"type": "response", "command": msg.get("command"), "success": bool(body), "body": body}

    async def do_is_complete(self, code: str) -> dict[str, Any]:
        return {"status": "complete"}


def troubled(told: str) -> dict[str, Any]:
    """The status of a kernel that knows only why it cannot start."""
    error = msgspec.json.decode(told, type=dict[str, str])
    return {"state": "invalid", "sentence": error["sentence"], "error": error}


class StandInApp(IPKernelApp):
    def init_path(self) -> None:
        """Nothing of the user's runs here: the notebook's folder stays off sys.path."""


if __name__ == "__main__":
    StandInApp.launch_instance(kernel_class=StandIn)
