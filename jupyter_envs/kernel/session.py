"""One running kernel: its context, its view, its front ends, and the changes that come from each side."""

from __future__ import annotations

import contextlib
import json
import os
from typing import IO, TYPE_CHECKING, Any, Callable, Dict, Sequence

from . import pending, stub_folder
from .comm import Comms
from .context import Context
from .orders import name_of
from .prewarm import Warm, soon
from .screen import KEEPS, Screen, complain, tell
from .view import View
from .writing import Busy

if TYPE_CHECKING:
    from .asking import Ask
    from .orders import Order

Json = Dict[str, Any]
AFTER_ORDER = 0.3
"""Seconds; the other cells of a "Run All" go first."""


class Session:
    """`screen` makes the screen for one order: asked names, known versions, quiet. `ask` asks the user a question, and
    raises if nobody can answer. `standin`: this process is a stand-in and sees no environment."""

    def __init__(self, known: Context, screen: Callable[..., Screen], ask: Ask, *, standin: bool = False) -> None:
        self.context = known
        self.view = View(None if standin else known.environment)
        self.started = self.view.environment
        self.screen = screen
        self._ask = ask
        self.standin = standin
        self.comms = Comms(self)
        self.warm = Warm()
        self.unrecorded: Json | None = None
        self.kept = True
        """Whether the unrecorded change waits in a file."""
        self.stubs: str | None = None
        self.alive: IO[str] | None = None
        """Held while this process lives."""
        self._at_work = False
        """A change that comes meanwhile, from another child, waits."""

    # -- changes that start here -------------------------------------------------------------------------------

    def carry_out(self, order: Order) -> bool:
        """An install, remove, upgrade, build …: runs the command line, asks if necessary, shows progress and result.
        Returns whether it was done."""
        if not self.context.cli:
            complain({"sentence": "This kernel was started without jupyter-envs.", "hint": "Choose the kernel "
                      "“Python (notebook environment)” for this notebook."})  # fmt: skip
            return False
        self.collect()
        self._at_work = True
        try:
            return self._carry_out(order)
        finally:
            self._at_work = False

    def _carry_out(self, order: Order) -> bool:
        from . import asking  # like `child` below: most kernels start without carrying anything out

        self.context.refresh()
        before = self.context.block
        screen = self.screen(order.asked, self._packages(), order.quiet)
        last = self._run(order, screen)
        self.expect_order(AFTER_ORDER)  # one seldom comes alone
        if last["event"] == "done":
            result = last["result"]
            screen.result(result, order.does)
            self.adopt(before, result, order.asked, screen)
            return True
        if last["event"] == "cancelled":
            screen.finish("Stopped. The environment has not changed.")
            return False
        screen.finish("The environment has not changed.")
        error = last.get("error") or {}
        notebook = self.context.notebook
        hint = asking.hint(error, order.verb, order.names, notebook)
        complain(error, hint, order.verbose, asking.ways(error, notebook))
        return False

    def _run(self, order: Order, screen: Screen) -> Json:
        from . import asking, child

        arguments = list(order.arguments)
        while True:
            words = child.command(order.verb, arguments, self.context.notebook)
            last = child.run(
                self.context.cli, words, self.context.block, self._told(screen), self.child_environment(), self.warm
            )
            try:
                more = asking.more_arguments(last.get("error") or {}, arguments, self.ask)
            except KeyboardInterrupt:
                return {"event": "cancelled"}
            if more is None:
                return last
            arguments = more + arguments

    def _told(self, screen: Screen) -> Callable[[Json], None]:
        def told(event: Json) -> None:
            screen.event(event)
            self.comms.send(dict(event, type="progress"))

        return told

    def ask(self, text: str) -> str:
        """The context file has the question meanwhile: a page that is reloaded cannot show it again, and says so."""
        with contextlib.suppress(OSError):
            self.context.adopt(asking=text)
        try:
            return self._ask(text)
        finally:
            with contextlib.suppress(OSError):
                self.context.adopt(asking=None)

    def expect_order(self, seconds: float) -> None:
        """An order is likely: when the kernel has been idle for this long, the command line is started and waits for
        it."""
        soon(lambda: self.warm.prepare(self.context.cli, self.child_environment()), seconds)

    def child_environment(self) -> dict[str, str]:
        """The variables for our own command line: as if this notebook's environment were not on PATH."""
        from . import child

        folders = [folder for folder in (self.stubs, (self.view.environment or {}).get("bin")) if folder]
        return child.environment(os.environ, folders)

    def _packages(self) -> dict[str, str]:
        return dict((self.context.environment or {}).get("packages") or {})

    # -- taking over what has changed, wherever it was done ------------------------------------------------------

    def adopt(self, before: Json | None, result: Json, asked: Sequence[str], screen: Screen) -> None:
        """A new block, made from the block `before`, and its environment, for view, context file and front ends."""
        block = result.get("block")
        environment = result.get("environment") or self.context.environment
        self.context.adopt(block=block, environment=environment, base=block is None)
        self.see(environment, asked, screen)
        if block == before:
            self.comms.send(self.state())
            if self.unrecorded and not self.kept:
                self._leave_for_later(self.unrecorded, screen)
            return
        message = {
            "type": "block", "before": before, "block": block, "changed": result.get("changed") or {},
            "environment": environment, "restart": self.view.restart,
        }  # fmt: skip
        if not self.comms.send(message):
            self._leave_for_later(message, screen)

    def see(self, environment: Json | None, asked: Sequence[str], screen: Screen) -> None:
        restart = self._move(environment, asked)
        if restart:
            tell(KEEPS.format(restart))

    def _move(self, environment: Json | None, asked: Sequence[str]) -> str | None:
        """This process, and then the others that it has started or will start. The context file says what came of it: a
        server answers for a kernel that is busy."""
        restart = self.view.move(environment, asked, [name_of(text) for text in self.declared()])
        stub_folder.point_processes_to_current(self.context, self.view.environment, self.view.seen)
        self.context.adopt(seen=self.view.environment if restart else None, restart=restart)
        return restart

    def _leave_for_later(self, message: Json, screen: Screen) -> None:
        """No front end is connected: the block waits, and one line says how to record it in the notebook."""
        notebook = self.context.notebook
        if not notebook:
            if not self.unrecorded:
                tell("Nothing records this: the kernel does not know its notebook. It lasts until the kernel ends.")
            self.unrecorded = message
            return
        first = (self.unrecorded or message)["before"]
        self.unrecorded = dict(message, before=first)
        try:
            before = message["before"] if self.kept else first
            replaced = pending.leave_pending(self.context.home, notebook, before, message["block"])
        except Busy as busy:
            self.kept = False
            complain({"sentence": f"The notebook file does not record this yet. {busy}", "hint": "Run: %env-build"})
            return
        self.kept = True
        if replaced is not None and not self.context.recorded:
            had = f": it had added {', '.join(replaced)}" if replaced else ""
            tell(f"This replaces a change that was waiting to be recorded{had}.")
        if not self.context.recorded:
            tell(f"The notebook file does not record this yet. {pending.how_to_record(notebook)}")

    def hand_over(self) -> None:
        """A front end has connected: it is told what has waited for it, and the file is deleted."""
        if self.unrecorded and self.comms.send(dict(self.unrecorded, restart=self.view.restart)):
            block, self.unrecorded, self.kept = self.unrecorded["block"], None, True
            pending.drop_pending(pending.pending_file(self.context.home, self.context.notebook or ""), block)

    def changed_in_panel(self, message: Json) -> None:
        """`environment` over the comm: the server has built it, and the document contains it already. Its block is in
        the context file since then, or a later one: this kernel may have been busy for a while."""
        environment = message.get("environment")
        if isinstance(environment, dict):
            self.context.refresh()
            self.context.adopt(environment=environment, base=self.context.block is None)
            changed = message.get("changed")
            self._move(environment, sorted(changed) if isinstance(changed, dict) else ())
        self.comms.send(self.state())

    def collect(self) -> None:
        """What `!pip` and other children did while a cell ran; they leave it in a file beside the context."""
        if self._at_work:
            return
        self._at_work = True
        try:
            for line in stub_folder.take(self.context):
                change = change_in(line)
                if change:
                    self.adopt(change["before"], change["result"], change["asked"], Screen(quiet=change["quiet"]))
        finally:
            self._at_work = False

    # -- looking -------------------------------------------------------------------------------------------------

    def state(self) -> Json:
        return {
            "type": "state", "block": self.context.block, "environment": self.view.environment, "standin": self.standin,
            "restart": self.view.restart,
        }  # fmt: skip

    def declared(self) -> list[str]:
        """Requirements as the block lists them."""
        return [str(item) for item in (self.context.block or {}).get("dependencies") or []]


def change_in(line: str) -> Json | None:
    """What a child left there; None for an incomplete line."""
    try:
        change = json.loads(line)
    except (ValueError, RecursionError):
        return None
    whole = isinstance(change, dict) and {"before", "result", "asked", "quiet"} <= {*change}
    return change if whole and isinstance(change["result"], dict) else None
