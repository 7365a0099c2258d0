"""A failed import that has a reason of ours, and what to do: a kernel that runs without what its notebook brings, or
without what was installed since, an environment without pip, or a package that has another name than its module."""

from __future__ import annotations

from importlib.machinery import PathFinder
from typing import Any

from .screen import tell_error
from .session import Session
from .staying import has

NO_PIP = (
    "A notebook's environment has no pip that could be imported: it never changes, and each install makes a new one.\n"
    "hint: in a cell of its own:  %pip install PACKAGE   (in code: subprocess.run([sys.executable, '-m', 'pip', …]))"
)


def register(shell: Any, session: Session) -> None:
    def explain(result: Any) -> None:
        error = getattr(result, "error_in_exec", None)
        if not isinstance(error, ModuleNotFoundError):
            return
        if (error.name or "").partition(".")[0] == "pip":
            tell_error(NO_PIP)
        elif lacks(session):
            tell_error(sentence(session, error.name))
        elif session.view.restart and has((session.context.environment or {}).get("site") or (), error.name or ""):
            tell_error(f"{error.name} is installed, but not in what this kernel uses: {session.view.restart}.")
        elif said := origin(error.name or ""):
            tell_error(said)

    shell.events.register("post_run_cell", explain)


def origin(module: str) -> str:
    """Which package brings it, and the line that installs that; "" if nobody knows, or if it is there and only a part
    of it is missing."""
    from .module_names import Table, package_of  # here: most kernels never miss anything

    top = module.partition(".")[0]
    found = package_of(module, Table.load())
    if found is None or not top or PathFinder.find_spec(top) is not None:
        return ""
    head, package = found
    what = f"{head} comes from the package {package}." if package != head else f"{head} is not in this environment."
    return f"{what}\nhint: to install it, in a cell of its own:  %env-install {package}"


def lacks(session: Session) -> bool:
    """Whether this is still so: the environment may have been built since."""
    return session.context.without and session.view.environment == session.started


def sentence(session: Session, module: str | None) -> str:
    names = [str(name) for name in (session.context.block or {}).get("dependencies") or []]
    brought = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
    what = f"{module or 'It'} is not in the base environment, in which this notebook runs for now."
    why = f"\nThe notebook brings an environment of its own ({brought})." if brought else ""
    return f"{what}{why}\nhint: to build it, in a cell of its own:  %env-build"
