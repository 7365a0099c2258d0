"""Starts each notebook's kernel in the notebook's own environment: `pre_launch` says which, `launch_kernel` hands the
lease on it to the process.

`pre_launch` never raises (jupyter_client would leave a kernel half registered, and a restart would hang in front ends)
and waits two seconds at most; whatever is the matter is said by the stand-in."""

from __future__ import annotations

import asyncio
import os
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from ..errors import EnvsError, StoreError
from ..settings import Settings
from ..system.leases import Lease
from .decision import KernelStart, decide, launch_standin
from .executing import Executing, find_executing
from .launch import (
    AFTER,
    NOTEBOOK_VARIABLE,
    RECORDED,
    WITHOUT,
    How,
    Launch,
    Spawn,
    keep,
    remember,
    sentence_of,
    without_home,
)
from .opened import read_opened
from .voila import shown_by_voila

SESSION_VARIABLE = "JPY_SESSION_NAME"
START_TIMEOUT = 2.0
"""Seconds."""
HOME_TIMEOUT = 1.0
"""Seconds that a check of the home may take: it takes less than a millisecond if its disk answers."""
NO_NOTEBOOK = (
    "jupyter-envs does not know which notebook this is, so it runs in the base environment, without the notebook's "
    "packages. Set JUPYTER_ENVS_NOTEBOOK to its path, or use: jupyter envs run NOTEBOOK"
)


class NotebookEnvProvisioner(LocalProvisioner):
    _launched = False
    _lease: Lease | None = None
    _kept: tuple[Launch, Settings] | None = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        more = list(kwargs.get("extra_arguments") or [])
        given: Mapping[str, str] = kwargs.get("env") or {}
        kwargs = await super().pre_launch(**kwargs)
        connection_file = os.path.realpath(self.parent.connection_file)  # type: ignore[union-attr]
        self._kept = None
        try:
            settings = await _settings()
            launch = await self._launch(given, kwargs.get("cwd"), settings)
            how = launch.how(connection_file, kwargs["env"], settings)
        except Exception as error:
            self._tell("jupyter-envs could not start kernel %s", error)
            launch = Launch(str(self.kernel_id))
            how = without_home(error, connection_file, kwargs["env"])
        else:
            self._kept = (launch, settings)
        self._lease = launch.lease
        self._launched = True
        return kwargs | asked_of_jupyter(how, more)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """No moment without a lease: the process has it from its first instruction on, then we give up ours."""
        info = await self._leased(cmd, kwargs)
        if self._kept:
            threading.Thread(target=remember, args=self._kept, daemon=True).start()
        return info

    async def _leased(self, cmd: list[str], kwargs: dict[str, Any]) -> KernelConnectionInfo:
        if self._lease is None:
            return await super().launch_kernel(cmd, **kwargs)
        with self._lease as lease:
            self._lease = None
            more = lease.pass_fds()
            return await super().launch_kernel(cmd, **kwargs | ({"pass_fds": more} if more else {}))

    async def _launch(self, given: Mapping[str, str], cwd: str | None, settings: Settings) -> Launch:
        notebook, named = which_notebook(given, cwd, self._root())
        told = named and given.get(NOTEBOOK_VARIABLE) not in (None, os.environ.get(NOTEBOOK_VARIABLE))
        session = session_of(given) if self._root() is not None else None
        if notebook is None and self._root() is not None:
            notebook = shown_by_voila(self._server(), given, str(self._root()))
        executing = None
        if session and notebook is None and not self._launched:
            executing = await self._opened(Path(str(self._root()), session))
        elif not (session or told):
            executing = find_executing(self.parent)
        unknown = not (notebook or executing or session)
        after = given.get(AFTER, "")
        start = KernelStart(
            str(self.kernel_id),
            notebook,
            named=named,
            by_variable=named and not told,
            executing=executing,
            again=self._launched,
            note=NO_NOTEBOOK if unknown else "",
            without=bool(given.get(WITHOUT)),
            after=after if re.fullmatch(r"[\w-]+", after) else "",
        )
        try:
            launch = await asyncio.wait_for(asyncio.to_thread(decide, start, settings), START_TIMEOUT)
        except asyncio.TimeoutError:  # not the builtin one before Python 3.11
            launch = launch_standin(start, settings)
        except Exception as error:
            self._tell("jupyter-envs could not decide how to start kernel %s", error)
            launch = launch_standin(start, settings, error)
        if given.get(RECORDED):
            launch = replace(launch, notebook=Path(given[RECORDED]), recorded=True)
        try:
            await asyncio.to_thread(keep, launch, settings)
        except (EnvsError, OSError) as error:
            self._tell("jupyter-envs could not write its file for kernel %s", error)
        return launch

    async def _opened(self, path: Path) -> Executing | None:
        """Of a session that is not named like an .ipynb file: a text notebook, a console."""
        try:
            return await read_opened(self.parent, path)
        except Exception as error:
            self._tell("jupyter-envs could not read the text notebook of kernel %s", error)
            return None

    def _tell(self, what: str, error: Exception) -> None:
        """In the server's log: with a traceback only what nobody has foreseen."""
        known = isinstance(error, (EnvsError, OSError))
        self.log.warning(f"{what}: %s", self.kernel_id, sentence_of(error), exc_info=None if known else error)

    def _root(self) -> str | None:
        """The server's root folder; None for nbclient and others that have no server."""
        return getattr(getattr(self.parent, "parent", None), "root_dir", None)

    def _server(self) -> object:
        return getattr(getattr(self.parent, "parent", None), "parent", None)


def asked_of_jupyter(how: How, more: Sequence[str]) -> dict[str, Any]:
    """What `launch_kernel` is given for this kind of start; `more`: words of the front end's for the kernel."""
    match how:
        case Spawn(argv, environ):
            return {"cmd": [*argv, *more], "env": dict(environ)}


async def _settings() -> Settings:
    try:
        return await asyncio.wait_for(asyncio.to_thread(Settings.load), HOME_TIMEOUT)
    except asyncio.TimeoutError:  # not the builtin one before Python 3.11
        raise StoreError(
            "home-unusable", "The disk that holds the folder of jupyter-envs does not answer.",
            hint="Restart the kernel in a moment; or set JUPYTER_ENVS_HOME to a folder on another disk.",
        ) from None  # fmt: skip


def which_notebook(given: Mapping[str, str], cwd: str | None, root: str | None) -> tuple[Path | None, bool]:
    """The notebook that a kernel is started for, by the variables that it was `given`, None for consoles; and whether
    somebody named it, so that it has to be there.

    JUPYTER_ENVS_NOTEBOOK is set by callers."""
    name = session_of(given)
    if name:
        path = Path(root or cwd or os.curdir, name)
        return (path.absolute() if path.suffix == ".ipynb" else None), False
    named = given.get(NOTEBOOK_VARIABLE) or os.environ.get(NOTEBOOK_VARIABLE)
    if not named:
        return None, False
    # Who sets the variable is in another folder than the kernel, which starts in the notebook's.
    places = [Path(folder, named).absolute() for folder in (cwd or os.curdir, os.curdir)]
    return next((place for place in places if place.exists()), places[0]), True


def session_of(given: Mapping[str, str]) -> str:
    """What a session manager has called it: absolute, or relative to the server's root. What this process itself has
    inherited names the notebook that has started it; our server removes that."""
    name = given.get(SESSION_VARIABLE, "")
    return "" if name == os.environ.get(SESSION_VARIABLE) else name
