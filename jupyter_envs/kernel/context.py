"""The context file: what the server and this kernel agree on. The provisioner writes it before each launch, the server
when the document's block changes, the kernel after each change of its own; a restart takes what it says."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from typing import Any, Dict

Json = Dict[str, Any]


class Context:
    """`path` is None for a kernel that was started without jupyter-envs: then nothing is known and nothing is kept."""

    def __init__(self, path: str | None, values: Json | None = None) -> None:
        self.path = path
        self._values = values or {}
        self._touched = 0.0

    @classmethod
    def load(cls, path: str | None) -> Context:
        """Never raises: a missing or damaged file is a kernel that knows nothing."""
        return cls(path or None, read(path) if path else {})

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
        """Whether it was started in the base environment, although the notebook brings one of its own."""
        return bool(self._values.get("without"))

    @property
    def environment(self) -> Json | None:
        return self._values.get("environment")

    @property
    def status(self) -> Json:
        return self._values.get("status") or {}

    @property
    def language_info(self) -> Json | None:
        return self._values.get("language_info")

    @property
    def note(self) -> str:
        """One line for the user that the start of this kernel left behind."""
        return str(self._values.get("note") or "")

    @property
    def home(self) -> str:
        """JUPYTER_ENVS_HOME: the context lies in `<home>/kernels/`."""
        return os.path.dirname(os.path.dirname(os.path.abspath(self.path))) if self.path else ""

    def beside(self, suffix: str) -> str:
        """`<home>/kernels/<kernel id><suffix>`."""
        return os.path.splitext(self.path or "")[0] + suffix

    def refresh(self) -> None:
        """The server may have written a newer block."""
        if self.path:
            self._values = read(self.path) or self._values

    def used(self) -> None:
        """Once an hour: whoever clears up sees that this kernel is not forgotten."""
        if self.path and time.time() - self._touched > 3600:
            self._touched = time.time()
            os.utime(self.path)

    def adopt(self, **values: Any) -> None:
        """Keeps the other keys of the file, which are the server's."""
        self.refresh()
        self._values.update(values)
        if self.path:
            write(self.path, self._values)


def read(path: str) -> Json:
    try:
        with open(path, "rb") as file:
            value = json.loads(file.read().decode("utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def write(path: str, value: Json) -> None:
    """Atomically, for the user alone (0600)."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(json.dumps(value).encode("utf-8"))
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def pending_file(home: str, notebook: str) -> str:
    """Where a new block waits until somebody records it in the notebook."""
    return os.path.join(home, "pending", hashlib.sha256(notebook.encode("utf-8", "surrogatepass")).hexdigest()[:32] + ".json")


def leave_pending(home: str, notebook: str, before: Json | None, block: Json | None) -> None:
    """Several changes in a row stay based on what the notebook file says."""
    path = pending_file(home, notebook)
    waiting = read(path)
    if waiting.get("block") is not None and waiting.get("block") == before:
        before = waiting.get("before")
    write(path, {"notebook": notebook, "before": before, "block": block})
