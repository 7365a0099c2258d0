"""What Jupyter knows about us, and what we have made so far."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ... import __version__
from ...machine import interpreters, kernelspecs
from ...model.kernelspec import NAME
from ...store import finishing
from ...store.inventory import entries
from ...system.folders import jupyter_config_path, jupyter_path
from ..base import find_base
from ..here import Here
from .finding import Finding

EXTENSION = "jupyter_envs"
PANEL = "jupyter-envs"
UNUSABLE = {
    "outdated": "An older version of jupyter_envs made {} of them, or one that was elsewhere",
    "stale-python": "The Python of {} of them has been changed or removed since",
    "damaged": "Packages of {} of them are missing",
}
REINSTALL = "Run: pip install --force-reinstall --no-deps jupyter-envs"


def environments(here: Here) -> Iterator[Finding]:
    found = list(entries(here.store, here.settings.home))
    yield Finding("fine", "environments", f"{len(found)}, {sum(entry.running for entry in found)} of them in use.")
    for state, sentence in UNUSABLE.items():
        ids = [entry.id[:8] for entry in found if entry.state == state]
        if ids:
            yield Finding(
                "note", "environments", f"{sentence.format(len(ids))}: {', '.join(ids[:5])}.",
                "They are built again when they are needed. To make room now: jupyter envs gc",
            )  # fmt: skip
    default = interpreters.choose(None, here.settings)
    if find_base(here) is None:
        sentence = f"The base environment, for notebooks without packages, is not built (Python {default.version})."
        yield Finding(
            "note", "environments", sentence, "Start Jupyter once with a network connection: it is built then."
        )


def packages(here: Here) -> Iterator[Finding]:
    """What could not be finished, because of a full disk or because the machine was switched off."""
    shelf = here.store.own
    left = list(finishing.unfinished(shelf, here.settings.compile))
    if left and not finishing.at_work(shelf):
        told = (
            "can still be written to"
            if here.settings.compile == "never"
            else "have no bytecode yet: their first import takes longer"
        )
        names = ", ".join(sorted({wheel.name for wheel in left})[:5])
        yield Finding("note", "packages", f"{len(left)} in the store {told} ({names}).", "Run: jupyter envs gc")


def consents(here: Here) -> Iterator[Finding]:
    """Raises StoreError if the list cannot be read, or if others could write to it."""
    yield Finding("fine", "consents", f"{len(here.consents.all())} approved.")


def kernel() -> Iterator[Finding]:
    places = [Path(folder, NAME) for folder in jupyter_path("kernels")]
    found = next((place for place in places if (place / "kernel.json").is_file()), None)
    again = "Start Jupyter Server once: that fixes it."
    if found is None:
        yield Finding("wrong", "kernel", f"The kernel {NAME} is not registered.", again)
        return
    spec = _json(found / "kernel.json")
    python = next(iter(spec.get("argv") or []), "")
    if spec in (kernelspecs.general(), kernelspecs.packaged()):
        yield Finding("fine", "kernel", f"{found}.")
    elif not Path(str(python)).is_file():
        yield Finding(
            "wrong", "kernel", f"The program that {found} starts does not exist: {python or 'none is named'}.", again
        )
    else:
        sentence = f"{found} belongs to another installation of jupyter-envs: {python}."
        yield Finding(
            "note",
            "kernel",
            sentence,
            "This works for both installations. To change it, remove that folder, then start Jupyter Server.",
        )


def server() -> Iterator[Finding]:
    try:
        import jupyter_server
    except ImportError:
        yield Finding("wrong", "server", "This Python has no Jupyter Server.", "Run: pip install jupyter-server")
        return
    enabled: bool | None = None
    for folder in reversed(jupyter_config_path()):  # later ones count more
        files = [
            *sorted(Path(folder, "jupyter_server_config.d").glob("*.json")),
            Path(folder, "jupyter_server_config.json"),
        ]
        for file in files:
            extensions = (_json(file).get("ServerApp") or {}).get("jpserver_extensions") or {}
            enabled = extensions.get(EXTENSION, enabled)
    if enabled:
        yield Finding("fine", "server", f"Jupyter Server {jupyter_server.__version__}, with our extension enabled.")
    else:
        hint = f"Run: {sys.executable} -m jupyter server extension enable {EXTENSION}"
        yield Finding(
            "wrong",
            "server",
            f"Our extension for Jupyter Server is {'not' if enabled is None else 'no longer'} enabled.",
            hint,
        )


def panel() -> Iterator[Finding]:
    places = [Path(folder, PANEL, "package.json") for folder in jupyter_path("labextensions")]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        yield Finding("wrong", "panel", "The panel of JupyterLab and Jupyter Notebook is not installed.", REINSTALL)
        return
    version = str(_json(found).get("version"))
    if version != __version__:
        sentence = f"The panel has version {version}, but jupyter-envs has version {__version__} ({found.parent})."
        yield Finding("wrong", "panel", sentence, REINSTALL + ", then reload the page.")
    else:
        yield Finding("fine", "panel", f"{found.parent}.")


def _json(file: Path) -> dict[str, Any]:
    try:
        value = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
