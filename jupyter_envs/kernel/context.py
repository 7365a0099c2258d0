"""The context file: what the server and this kernel agree on, `<home>/kernels/<kernel id>.json`. The provisioner writes
it before each launch, the server when the document's block changes, the kernel (and `!pip` in a child of it) after each
change of its own; a restart takes what it says."""

from __future__ import annotations

import contextlib
import json
import os
import time
from typing import Any, Callable, Dict, Mapping

from . import leases
from .reading import read
from .writing import WRITE_TIMEOUT, one_at_a_time, replace

Json = Dict[str, Any]
KINDS: Mapping[str, type] = {
    "version": int,
    "kernel": str,
    "notebook": str,
    "cli": list,
    "block": dict,
    "environment": dict,
    "seen": dict,
    "restart": str,
    "asking": str,
    "base": bool,
    "status": dict,
    "standin": bool,
    "language_info": dict,
    "note": str,
    "launches": int,
    "without": bool,
    "recorded": bool,
}
"""Every key of the file, and the type of its value, if it is not null. `environment`: of the block. `seen`: what the
kernel sees if that is another one, and `restart` why it stays there. `asking`: a question that waits for an answer."""


class Context:
    """`path` is None for a kernel that was started without jupyter-envs: then nothing is known and nothing is
    stored."""

    def __init__(self, path: str | None, values: Json | None = None) -> None:
        self.path = path
        self._values = values or {}
        self._touched = 0.0

    @classmethod
    def load(cls, path: str | None) -> Context:
        """Never raises: with a missing or damaged file, the kernel knows nothing."""
        return cls(path or None, read_context(path) if path else {})

    @property
    def cli(self) -> list[str]:
        return [str(word) for word in self._values.get("cli") or []]

    @property
    def notebook(self) -> str | None:
        """Absolute path of the notebook file, None for consoles."""
        return self._values.get("notebook")

    @property
    def block(self) -> Json | None:
        return self._values.get("block")

    @property
    def base(self) -> bool:
        """Whether it is known that the notebook has no block."""
        return bool(self._values.get("base"))

    @property
    def without(self) -> bool:
        """Whether it was started in the base environment, although the notebook brings its own."""
        return bool(self._values.get("without"))

    @property
    def recorded(self) -> bool:
        """Whether the program that runs the notebook records changes when it saves it."""
        return bool(self._values.get("recorded"))

    @property
    def environment(self) -> Json | None:
        return self._values.get("environment")

    @property
    def restart(self) -> str:
        """What a restart of the kernel would do; "" if it sees `environment`."""
        return str(self._values.get("restart") or "")

    @property
    def status(self) -> Json:
        return self._values.get("status") or {}

    @property
    def language_info(self) -> Json | None:
        return self._values.get("language_info")

    @property
    def note(self) -> str:
        """One line for the user, left by the start of this kernel."""
        return str(self._values.get("note") or "")

    @property
    def home(self) -> str:
        """JUPYTER_ENVS_HOME: the context is in `<home>/kernels/`."""
        return os.path.dirname(os.path.dirname(os.path.abspath(self.path))) if self.path else ""

    def beside(self, suffix: str) -> str:
        """`<home>/kernels/<kernel id><suffix>`."""
        return os.path.splitext(self.path or "")[0] + suffix

    def refresh(self) -> None:
        """The server may have written a newer block."""
        if self.path:
            self._values = self._now(self.path)

    def _now(self, path: str) -> Json:
        """The program that runs orders does not change."""
        cli = {"cli": self._values["cli"]} if "cli" in self._values else {}
        return {**(read_context(path) or self._values), **cli}

    def used(self) -> None:
        """Once an hour, so that cleaning sees that this kernel is in use."""
        if self.path and time.time() - self._touched > 3600:
            self._touched = time.time()
            with contextlib.suppress(OSError):
                os.utime(self.path)

    def adopt(self, **values: Any) -> None:
        """Keeps the other keys of the file, which belong to the server."""
        self._values = update(self.path, self._now, **values) if self.path else {**self._values, **values}


def read_context(path: str) -> Json:
    """The content of a context file, as far as it is valid. Never raises."""
    value = read(path)
    return {key: item for key, item in value.items() if item is None or isinstance(item, KINDS.get(key, object))}


def update(
    path: str, read_now: Callable[[str], Json] = read_context, *, for_certain: bool = False, **values: Any
) -> Json:
    """What the file says now with these values, which it says from now on, too. Raises as `write` does, and what
    `read_now` raises."""
    return write(path, lambda: {**read_now(path), **values}, for_certain=for_certain)


def write(path: str, say: Callable[[], Json], patience: float = WRITE_TIMEOUT, *, for_certain: bool = False) -> Json:
    """Writes what `say` returns, which may look at the file first: whoever else changes it comes before or after. All
    writers of a context file come here. Raises OSError (`for_certain`: Busy, too), and what `say` raises."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    with one_at_a_time(path, patience, for_certain=for_certain):
        said = say()
        # In ASCII: a path that is not UTF-8 is read again as it was.
        replace(path, json.dumps(said).encode("ascii"))
    return said


def take_lease(path: str) -> None:
    """For a kernel, before anything else: the lease of the environment that its context names, for as long as it
    lives."""
    number = os.environ.pop(leases.LEASE_VARIABLE, "")
    lease = (read_context(path).get("environment") or {}).get("lease")
    if isinstance(lease, str) and lease:
        with contextlib.suppress(OSError, ValueError):
            leases.keep(lease, number)
