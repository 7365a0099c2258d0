"""What the stand-in says: what is wrong, and what to do."""

from __future__ import annotations

from typing import Any, Dict

from . import asking
from .amounts import count
from .foreign import quoted, visible

Json = Dict[str, Any]
STOPPED = "Stopped. The environment has not changed."
IN_VAIN = ("needs-conda", "needs-project", "needs-kernel")
"""Errors that building again would bring again."""
READY = "The environment is ready. The kernel switches to it in a moment; if it does not, restart the kernel."


def explanation(status: Json, notebook: str | None) -> list[str]:
    """What is wrong and what to do, in lines; the first line says the most."""
    return [visible(line) for line in _explanation(status, notebook)]


def _explanation(status: Json, notebook: str | None) -> list[str]:
    state = status.get("state")
    error = status.get("error") or {}
    sentence = str(status.get("sentence") or "This notebook's environment is not ready.")
    if state == "ready":
        return [READY]
    lines = [sentence, "", "No cell has been run."]
    if status.get("packages"):
        lines[1:1] = [needs(status)]
    fetch = state == "no-python" and (error.get("data") or {}).get("fetch")
    if fetch:
        lines += [
            "",
            *how_to_build("not-built", notebook, "To download Python {} and build".format(fetch.get("version"))),
        ]
    elif error.get("hint"):
        lines.append("hint: " + asking.in_a_cell(str(error["hint"])))
    if state in ("not-built", "changed") and error.get("code") not in IN_VAIN:
        lines += ["", *how_to_build(state, notebook)]
    elif state == "no-block":
        lines += ["", *how_to_build("not-built", notebook)]
    elif state == "looking":
        lines.append("Run the cell again in a moment.")
    details = str(error.get("details") or "").strip().splitlines()[-12:]
    return lines + (["", *details] if details and state == "failed" else [])


def needs(status: Json) -> str:
    packages = status["packages"]
    python = (status.get("python") or {}).get("locked") or (status.get("python") or {}).get("requires") or ""
    declared = [p["name"] for p in packages if p.get("declared")] or [p["name"] for p in packages]
    first = ", ".join(declared[:5]) + (", …" if len(packages) > 5 else "")
    consent = status.get("consent") or {}
    size = asking.to_fetch(consent.get("bytes"))
    return f"It needs Python {python} and {count(len(packages), 'package')} ({first}){size}."


def how_to_build(state: str, notebook: str | None, what: str = "To build it") -> list[str]:
    lines = [f"{what}, in a cell of its own:".ljust(34) + "  %env-build"]
    word = quoted(notebook) if notebook else "NOTEBOOK"
    verb = "build" if state == "not-built" else "lock"
    return [*lines, "or in a terminal:".ljust(lines[0].index("%")) + f"jupyter envs {verb} {word}"]
