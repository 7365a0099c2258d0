"""Adds our part to the shell of a kernel that is about to start."""

from __future__ import annotations

import atexit
import builtins
import logging
import os
import sys
from typing import Any, Callable

from . import completion, magics, missing, stub_folder, sweep, transformers
from .context import Context
from .dash_m._jupyter_envs_follow import POINTER, Follower
from .screen import Display, Screen, tell_error
from .session import Session

log = logging.getLogger("jupyter_envs")


def load(shell: Any, context_path: str) -> Session:
    """`shell` is the kernel's InteractiveShell. Tolerates a missing context: then the magics say so."""
    # Not `builtins.input` itself: ipykernel puts its own there while a cell runs.
    session = Session(Context.load(context_path), screen_for(shell), lambda text: builtins.input(text))
    session.stubs = stub_folder.install(session.context)
    if session.context.path:
        session.alive = sweep.hold(session.context.beside(sweep.ALIVE))
    magics.register(shell, session)
    transformers.register(shell)
    completion.register(shell, session)
    missing.register(shell, session)
    session.comms.register(shell.kernel.comm_manager)
    sys.meta_path.insert(0, follower(session))
    shell.events.register("pre_run_cell", quietly(session.collect))
    shell.events.register("pre_run_cell", quietly(session.context.used))
    shell.events.register("post_run_cell", quietly(session.collect))
    shell.events.register("post_run_cell", remarking(session))
    if session.context.note:
        say_once(shell, session.context.note)
    atexit.register(stub_folder.remove, session.context)
    return session


def follower(session: Session) -> Follower:
    context = session.context
    return Follower(
        os.path.join(context.beside(stub_folder.SUFFIX), POINTER),
        context.beside(stub_folder.CHANGES),
        quietly(session.collect),
    )


def screen_for(shell: Any) -> Callable[..., Screen]:
    from IPython.display import display, update_display

    number = iter(range(1, sys.maxsize))

    def screen(*args: Any, **kwargs: Any) -> Screen:
        name = f"jupyter-envs-{shell.kernel.session.session[:8]}-{next(number)}"

        def publish(text: str, update: bool) -> None:
            show: Callable[..., Any] = update_display if update else display
            show({"text/plain": text}, raw=True, display_id=name)

        return Display(publish, *args, **kwargs)

    return screen


def quietly(callback: Callable[[], None]) -> Callable[..., None]:
    """A failure in one of our event handlers never breaks a user's cell."""

    def event(*_: Any) -> None:
        try:
            callback()
        except Exception:
            log.exception("A change that was made outside the kernel could not be applied.")

    return event


def remarking(session: Session) -> Callable[..., None]:
    def event(result: Any) -> None:
        cell = str(getattr(getattr(result, "info", None), "raw_cell", ""))
        if not ("pip" in cell and "install" in cell) and "uv add" not in cell and "uv remove" not in cell:
            return
        from .remarks import remarks

        own = [environment for environment in (session.view.environment, session.context.environment) if environment]
        for text in remarks(cell, own):
            tell_error(text)

    def safely(*args: Any) -> None:
        quietly(lambda: event(*args))()

    return safely


def say_once(shell: Any, text: str) -> None:
    def say(*_: Any) -> None:
        shell.events.unregister("pre_run_cell", say)
        tell_error(text)

    shell.events.register("pre_run_cell", say)
