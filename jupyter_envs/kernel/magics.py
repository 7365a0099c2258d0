"""The magics: `%env-install` and its family, and `%pip`, `%uv`, `%conda`, which mean the same here."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from typing import Any, Callable, Mapping

from IPython.core.magic import no_var_expand

from . import orders
from .amounts import count
from .dotenv import dotenv_beside
from .foreign import visible
from .orders import Order, Refused
from .screen import complain, tell, tell_error
from .session import Session
from .shell_lines import join_limits, needs_shell, quote_limits
from .stub_folder import CONDA

PROGRAMS = ("pip", "uv", "conda", "mamba", "micromamba")


class EnvMagics:
    """Each method is one magic; its docstring is the help that `?` shows.

    Our own magics take the text of the cell literally. `%pip` and the like expand variables, as they do in every other
    kernel; the result is read by the same rules as what is typed."""

    def __init__(self, session: Session, shell: Any) -> None:
        self._session = session
        self._shell = shell

    def names(self) -> dict[str, Callable[[str], None]]:
        ours = {
            "env-install": self.install, "env-remove": self.remove, "env-upgrade": self.upgrade,
            "env-status": self.status, "env-build": self.build, "env-undo": self.undo, "env-export": self.export,
        }  # fmt: skip
        return dict(ours, **{program: self.program(program) for program in PROGRAMS})

    @no_var_expand
    def install(self, line: str) -> None:
        """Install packages for this notebook, and record them in it.

        %env-install pandas "numpy>=2"    the newest versions that fit
        %env-install -U pandas            also upgrade it if it is there already
        %env-install --pre pandas         also allow pre-releases
        %env-install -r requirements.txt  what a file lists
        %env-install -e ../my-package     a folder on this machine, in editable mode
        %env-install --allow-build docopt docopt   a package without a wheel: its code runs while it is built
        """
        self._order(line, lambda typed: words().order("install", typed))

    @no_var_expand
    def remove(self, line: str) -> None:
        """Remove packages from this notebook.

        %env-remove pandas
        """
        self._order(line, lambda typed: words().order("remove", typed))

    @no_var_expand
    def upgrade(self, line: str) -> None:
        """Upgrade packages to the newest versions that fit.

        %env-upgrade          everything
        %env-upgrade pandas   pandas, and what it needs for that
        """
        self._order(line, lambda typed: words().order("upgrade", typed))

    @no_var_expand
    def build(self, line: str) -> None:
        """Build this notebook's environment from its lock.

        %env-build
        """
        self._order(line, lambda typed: words().order("build", typed))

    @no_var_expand
    def undo(self, line: str) -> None:
        """Undo the last change of this notebook's environment.

        %env-undo
        """
        self._order(line, lambda typed: words().order("undo", typed))

    @no_var_expand
    def status(self, line: str) -> None:
        """Show what this notebook asks for, what it has, and which Python this kernel runs in.

        %env-status
        """
        from . import distributions  # most kernels start without listing anything

        session = self._session
        session.collect()
        session.context.refresh()
        environment = session.view.environment or {}
        packages = environment.get("packages") or {}
        newest = (session.context.environment or {}).get("packages") or packages
        tell("Python {} · {}".format(environment.get("version", "?"), count(len(packages), "package")))
        block = session.context.block or {}
        overridden = {orders.name_of(text) for text in block.get("overrides") or ()}
        with distributions.borrowed_packaging():
            for text in session.declared():
                name = orders.name_of(text)
                version = versions_of(name, packages, newest)
                if name in overridden and name in newest and not distributions.fits(text, newest[name]):
                    version += ", overridden"
                if not distributions.applies(text):
                    version = "not for this Python or system"
                tell(f"  {text}  {version}")
        for text in block.get("overrides") or ():
            tell(f"  {text} overrides what packages require.")
        for name in block.get("no-deps") or ():
            tell(f"  {name} is installed without what it needs.")
        if not session.declared():
            tell("  This notebook asks for no packages yet: %env-install pandas")
        if session.context.block is None:
            from . import offered

            for text in offered.lines(session.context.cli, session.context.notebook, session.child_environment()):
                tell(text)
        if session.view.restart:
            tell(session.view.restart)
        beside = dotenv_beside(session.context.notebook)
        if beside:
            tell(beside)

    @no_var_expand
    def export(self, line: str) -> None:
        """Print this notebook's environment for people who use other tools.

        %env-export                               requirements.txt of the lock, with hashes, for pip and uv
        %env-export --format pylock.toml          another format, and what it cannot say
        %env-export --format pylock.toml -o FILE  write a file
        """
        from . import listing  # most kernels start without listing anything

        session = self._session
        session.collect()
        session.context.refresh()
        if line.strip():
            from .exporting import export

            self._shell.user_ns["_exit_code"] = 0 if export(session, split(line)) else 1
            return
        for text in listing.requirements(session.context.block, session.view.environment):
            tell(text)

    def program(self, program: str) -> Callable[[str], None]:
        def magic(line: str) -> None:
            if needs_shell(line) or "$" in re.sub("'[^']*'", "", line):
                self._shell.system(f"{program} {quote_limits(line)}")
            else:
                self._program(program, line)

        magic.__doc__ = f"{program} in this notebook's environment: install, uninstall, list, show, freeze, check, …"
        return magic

    def _program(self, program: str, line: str) -> None:
        """The line names this notebook's environment, or a program that our stub starts goes to another one."""
        from . import elsewhere  # here, since a kernel's start has no use for it

        session = self._session
        own = [environment for environment in (session.view.environment, session.context.environment) if environment]

        def understand(typed: list[str]) -> Order | None:
            typed, place = elsewhere.sort_out(program, typed, own, os.environ)
            if place and program in CONDA and not shutil.which(program):
                raise elsewhere.no_conda(program, place)
            order: Order | None = None if place else words().parse(program, typed)
            return None if order is not None and order.asks_indexes else order

        self._order(join_limits(line), understand, lambda: self._shell.system(f"{program} {line}"))

    def _order(
        self, line: str, understand: Callable[[list[str]], Order | None], otherwise: Callable[[], None] | None = None
    ) -> None:
        """Carries out what is understood, which `_exit_code` then says, as after `!`."""
        try:
            order = understand(split(line))
        except Refused as refused:
            complain({"sentence": refused.sentence, "hint": refused.hint})
            self._shell.user_ns["_exit_code"] = 2
            return
        if order is not None:
            self._shell.user_ns["_exit_code"] = 0 if self._carry_out(order) else 1
        elif otherwise:
            otherwise()

    def _carry_out(self, order: Order) -> bool:
        if order.verb in orders.HELP:
            tell(orders.HELP[order.verb])
        elif order.verb in orders.LOOKING:
            return self._look(order)
        else:
            return self._session.carry_out(order)
        return True

    def _look(self, order: Order) -> bool:
        from . import listing

        self._session.collect()
        view = self._session.view
        answer = listing.answer(order, view.environment, self._session.context.block, view.restart)
        for text in answer.lines:
            tell(text)
        for text in answer.complaints:
            tell_error(visible(text))
        return answer.code == 0


def versions_of(name: str, here: Mapping[str, str], newest: Mapping[str, str]) -> str:
    """What can be imported now, and what a restart brings."""
    now, later = here.get(name), newest.get(name)
    if now == later:
        return now or "not installed"
    if later is None:
        return f"{now}, until a restart"
    return f"{now} ({later} after a restart)" if now else f"{later} after a restart"


def words() -> Any:
    """The module that reads words; most kernels start without reading any."""
    from . import pip_words

    return pip_words


def split(line: str) -> list[str]:
    """Words as in a shell. Raises Refused for an open quote."""
    # A backslash is a folder's separator on Windows, where shlex would swallow it.
    text = line.replace("\\", "\\\\") if os.name == "nt" else line
    try:
        return shlex.split(text, comments=True)
    except ValueError as error:
        raise Refused(f"This line cannot be read: {str(error).lower()}.") from None


def register(shell: Any, session: Session) -> None:
    for name, magic in EnvMagics(session, shell).names().items():
        shell.register_magic_function(magic, "line", name)
