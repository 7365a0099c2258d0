"""Another environment than this notebook's: which one a line names, and how it is reached.

`uv pip install --python other six`, `pip install --target lib six`, `conda install -n other six` go where they say, and
the notebook records nothing. What names this notebook's environment (`--python {sys.executable}`) says nothing new. An
environment of jupyter-envs never changes, so none of them can be the other one."""

from __future__ import annotations

import os
import re
import shutil
import sys
from typing import Any, Dict, Mapping, NamedTuple, Sequence

from . import reached
from .pip_options import Table, read
from .refused import Refused
from .scanning import scanned
from .stub_folder import ACTIVE, CONDA, PLACES, PLACES_VARIABLE, PREFIX_VARIABLE, PROJECTS

Json = Dict[str, Any]
CODE = "another-environment"
CONDA_VERBS = ("install", "remove", "uninstall", "update", "upgrade", "list")
FOLDERS = ("-t", "--target")
OPTIONS: Mapping[str, tuple[str, ...]] = {
    "pip": ("--python", *FOLDERS, "--prefix"),
    "uv pip": ("-p", "--python", *FOLDERS, "--prefix"),
    "uv add": ("--project", "--directory", "--script", "--package", "--group", "--optional"),
    "conda": ("-n", "--name", "-p", "--prefix"),
}
"""Each takes a value."""
NAMES = ("-n", "--name")
PYTHONS = ("-p", "--python")
STUBS = re.compile(r"[/\\]kernels[/\\][0-9a-f-]{36}\.bin[/\\]?\Z")
"""A folder of stubs, of this kernel or of one that has started it."""
CHANGES = {"install", "uninstall", "add", "remove", "update", "upgrade"}


class Place(NamedTuple):
    """Where a line wants to go: the option that says so, and its value."""

    option: str
    value: str


def sort_out(
    program: str, words: Sequence[str], environments: Sequence[Json], environ: Mapping[str, str] | None = None
) -> tuple[list[str], Place | None]:
    """The words without those that only name this notebook's environment; and the other place that they name, or None.

    `environments`: the notebook's own. `environ`: the variables of a child, in which another environment may be active.
    Raises Refused."""
    tool = _tool(program, words)
    if tool not in OPTIONS:
        return list(words), None
    kept: list[str] = []
    dropped = False
    place: Place | None = None
    base = _folder(tool, words) if program == "uv" else ""
    words = _with_variables(tool, words, environ or {})
    for word in scanned(tool, words, OPTIONS[tool]):
        option, value = word.form if word.form in OPTIONS[tool] else "", word.value or ""
        may_be_own = value and option not in (*FOLDERS, *NAMES) and tool != "uv add"
        if option and may_be_own and reached.is_own(value, environments, base):
            dropped = True  # which says nothing new
            continue
        kept += word.typed
        if option:
            _check(option, value, environments, base)
            place = place or Place(option, value)
    if place is None and tool in ("pip", "uv pip"):
        active = _activated(environ or {})
        known = not active or reached.is_ours(active, environments) or reached.is_own(active, environments)
        place = None if known else Place(ACTIVE, active)
    return kept if dropped else list(words), place


def no_conda(program: str, place: Place) -> Refused:
    return Refused(
        f"There is no {program} here, and {place.option} {place.value} names another environment than this notebook's. "
        "Nothing was installed.",
        "To install for this notebook: %pip install NAME.",
        CODE,
    )


def _activated(environ: Mapping[str, str]) -> str:
    active = environ.get(ACTIVE, "")
    return "" if active == environ.get(PREFIX_VARIABLE, active) else active


def is_for_notebook(program: str, words: Sequence[str]) -> bool:
    """Whether it is about packages of an environment; all else (`uv run`, `conda env list`) is the program's own."""
    if program == "uv":
        return uv_verb(words) in ("pip", "add", "remove")
    if program in CONDA:
        return next((word for word in words if not word.startswith("-")), "") in CONDA_VERBS
    return program not in PROJECTS


def _tool(program: str, words: Sequence[str]) -> str:
    if program in CONDA:
        return "conda"
    if program != "uv":
        return "pip"
    verb = uv_verb(words)
    return {"pip": "uv pip", "add": "uv add", "remove": "uv add"}.get(verb, "")


def uv_verb(words: Sequence[str]) -> str:
    """`pip` of `uv -q --project x pip install …`; "" if there is none."""
    from .uv_table import general

    table = Table(general(), abbreviated=False)
    return next((str(word.value) for word in read(words, table, mixed=False) if not word.form), "")


def _folder(tool: str, words: Sequence[str]) -> str:
    """Where uv is told to work."""
    found = [word.value or "" for word in scanned(tool, words, OPTIONS[tool]) if word.form == "--directory"]
    return found[-1] if found else ""


def _with_variables(tool: str, words: Sequence[str], environ: Mapping[str, str]) -> list[str]:
    """What variables say stands before `--`, behind which nothing is an option."""
    at = list(words).index("--") if "--" in words else len(words)
    return [*words[:at], *_named_by_variables(tool, words, environ), *words[at:]]


def _named_by_variables(tool: str, words: Sequence[str], environ: Mapping[str, str]) -> list[str]:
    """What variables say that were set in a cell or a line, as options. What the machine says for all of its pips is
    not about this notebook."""
    before = environ.get(PLACES_VARIABLE)
    if before is None or "install" not in words:
        return []
    said = before.split("\n")
    places = PLACES.get(tool, {})
    found = {name: environ[name] for name in places if environ.get(name) and f"{name}={environ[name]}" not in said}
    return [f"{places[name]}={value}" for name, value in found.items() if not _says(tool, words, places[name])]


def _says(tool: str, words: Sequence[str], option: str) -> bool:
    alike = next((forms for forms in (FOLDERS, PYTHONS) if option in forms), (option,))
    return any(word.form in alike for word in scanned(tool, words, OPTIONS[tool]))


def changes_aloud(program: str, words: Sequence[str]) -> bool:
    """Whether it changes packages, and not quietly."""
    tool = _tool(program, words)
    found = list(scanned(tool, words, OPTIONS[tool]))
    names = {word.value for word in found if not word.form}
    return bool(CHANGES & names) and not any(word.form in ("-q", "--quiet") for word in found)


def is_own(program: str, environments: Sequence[Json]) -> bool:
    """Whether it is a program of one of these environments, or of another one of ours."""
    return reached.is_ours(program, environments) or reached.is_own(program, environments)


def program_at(program: str) -> str | None:
    """Where it is, if it can be run."""
    return shutil.which(os.path.expanduser(program))


def _check(option: str, value: str, environments: Sequence[Json], base: str) -> None:
    """Raises Refused if nothing can be installed there."""
    if not value:
        raise Refused(f"The option {option} needs a value.", "", CODE)
    if option in NAMES:
        return
    if reached.is_ours(value, environments, base) or reached.is_own(value, environments, base):
        raise Refused(
            f"{option} {value} is an environment of jupyter-envs, and these never change.",
            "To install for this notebook: %pip install NAME. For another one, in a terminal: jupyter envs install.",
            CODE,
        )


def outside(environ: Mapping[str, str], *folders: str) -> dict[str, str]:
    """The variables for a tool that is to work elsewhere: this notebook's environment is not active there, and our
    stubs and `folders` are not on its PATH."""
    own = environ.get(PREFIX_VARIABLE)
    env = {k: v for k, v in environ.items() if k != ACTIVE or (own and v != own)}
    entries = env.get("PATH", os.defpath).split(os.pathsep)
    env["PATH"] = os.pathsep.join(e for e in entries if e and e not in folders and not STUBS.search(e))
    return env


PIP_ONLY = {
    "--disable-pip-version-check", "--no-input", "--no-warn-script-location", "--no-compile",
    "--no-python-version-warning", "--no-warn-conflicts", "--isolated", "--progress-bar", "--root-user-action",
    "--timeout", "--default-timeout", "--retries", "--exists-action", "--use-feature", "--use-deprecated", "--log",
    "--upgrade-strategy",
}  # fmt: skip
"""pip's options that uv does not know. They say how pip works, not what it does."""
DONE_BY_UV = ("install", "uninstall", "list", "show", "freeze", "check")


def uv_words(words: Sequence[str], place: Place, python: str) -> list[str]:
    """What uv calls what pip was asked for. `python`: the notebook's own, for which a folder is filled. Raises
    Refused."""
    kept: list[str] = []
    verb = ""
    for word in scanned("pip", words, OPTIONS["pip"]):
        if not word.form and not verb:
            verb = str(word.value)
        elif word.form not in PIP_ONLY:
            kept += word.typed
    if verb not in DONE_BY_UV:
        raise Refused(
            f"`pip {verb}` for another environment does not work in a notebook.",
            "In a terminal, its own pip does it.",
            CODE,
        )
    given = [] if place.option == "--python" else ["--python", place.value if place.option == ACTIVE else python]
    return ["pip", verb, *given, *kept]


def for_python(words: Sequence[str], place: Place, python: str) -> list[str]:
    """uv's words; a folder is filled for the notebook's own `python`, not for one that uv finds."""
    found = list(scanned("uv pip", words, OPTIONS["uv pip"]))
    names = [number for number, word in enumerate(found) if not word.form]
    if len(names) < 2 or found[names[0]].value != "pip" or place.option not in (*FOLDERS, "--prefix"):
        return list(words)
    at = names[1] + 1
    before, behind = ([text for word in part for text in word.typed] for part in (found[:at], found[at:]))
    return [*before, "--python", python, *behind]


def beside_server(program: str, cli: Sequence[str]) -> str | None:
    """A program of the Python that our command line runs in."""
    name = program + (".exe" if sys.platform == "win32" else "")
    path = os.path.join(os.path.dirname(cli[0]), name) if cli else ""
    return path if os.path.exists(path) else None
