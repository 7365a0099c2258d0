"""Another environment than this notebook's: which one a line names, and how it is reached.

`uv pip install --python other six`, `pip install --target lib six`, `conda install -n other six` go where they say, and
the notebook records nothing. What names this notebook's environment (`--python {sys.executable}`) says nothing new. An
environment of jupyter-envs never changes, so none of them can be the other one."""

from __future__ import annotations

import os
import re
import shutil
import sys
from typing import Any, Dict, Iterator, Mapping, NamedTuple, Sequence

from . import reached
from .refused import Refused
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
UV_VALUES = ("--project", "--directory", "--cache-dir", "--config-file", "--color", "--allow-insecure-host")
"""Options before uv's verb that take a value."""
NAMES = ("-n", "--name")
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
    place: Place | None = None
    base = _folder(words) if program == "uv" else ""
    words = [*words, *_named_by_variables(words, environ or {})] if tool == "pip" else words
    for option, value, typed in _scanned(words, OPTIONS[tool]):
        may_be_own = value and option not in (*FOLDERS, *NAMES) and tool != "uv add"
        if option and may_be_own and reached.is_own(value, environments, base):
            continue  # which says nothing new
        kept += typed
        if option:
            _check(option, value, environments, base)
            place = place or Place(option, value)
    if place is None and tool in ("pip", "uv pip"):
        active = _activated(environ or {})
        known = not active or reached.is_ours(active, environments) or reached.is_own(active, environments)
        place = None if known else Place(ACTIVE, active)
    return kept, place


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
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            return word
        if word in UV_VALUES and rest:
            rest.pop(0)
    return ""


def _folder(words: Sequence[str]) -> str:
    """Where uv is told to work."""
    found = [value for option, value, _ in _scanned(words, ("--directory",)) if option]
    return found[-1] if found else ""


def _named_by_variables(words: Sequence[str], environ: Mapping[str, str]) -> list[str]:
    """What variables say that were set in a cell or a line, as options. What the machine says for all of its pips is
    not about this notebook."""
    before = environ.get(PLACES_VARIABLE)
    if before is None or "install" not in words:
        return []
    said = before.split("\n")
    found = {name: environ[name] for name in PLACES if environ.get(name) and f"{name}={environ[name]}" not in said}
    return [f"{PLACES[name]}={value}" for name, value in found.items() if not _says(words, PLACES[name])]


def _says(words: Sequence[str], option: str) -> bool:
    forms = (option, *(FOLDERS if option in FOLDERS else ()))
    return any(found for found, _, _ in _scanned(words, forms))


def _scanned(words: Sequence[str], options: Sequence[str]) -> Iterator[tuple[str | None, str, list[str]]]:
    """(one of `options` or None, its value, the words that say so)"""
    rest = list(words)
    while rest:
        word = rest.pop(0)
        option, equals, value = word.partition("=")
        short = re.match(r"-([qvUIy]*)([a-z])=?(.*)", word) if not word.startswith("--") else None
        if word == "--":
            yield None, "", [word, *rest]
            return
        if short and "-" + short.group(2) in options:
            option, value = "-" + short.group(2), short.group(3)
            yield option, value or (rest[0] if rest else ""), [word] if value else [word, *rest[:1]]
            rest = rest if value else rest[1:]
        elif option in options:
            yield option, value if equals else (rest[0] if rest else ""), [word] if equals else [word, *rest[:1]]
            rest = rest if equals else rest[1:]
        else:
            yield None, "", [word]


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
    "--disable-pip-version-check": False, "--no-input": False, "--no-warn-script-location": False,
    "--no-compile": False, "--no-python-version-warning": False, "--no-warn-conflicts": False, "--isolated": False,
    "--progress-bar": True, "--root-user-action": True, "--timeout": True, "--default-timeout": True, "--retries": True,
    "--exists-action": True, "--use-feature": True, "--use-deprecated": True, "--log": True, "--upgrade-strategy": True,
}  # fmt: skip
"""pip's options that uv does not know, and whether they take a value. They say how pip works, not what it does."""
DONE_BY_UV = ("install", "uninstall", "list", "show", "freeze", "check")


def uv_words(words: Sequence[str], place: Place, python: str) -> list[str]:
    """What uv calls what pip was asked for. `python`: the notebook's own, for which a folder is filled. Raises
    Refused."""
    rest = list(words)
    kept: list[str] = []
    while rest:
        word = rest.pop(0)
        option, equals, _ = word.partition("=")
        if option not in PIP_ONLY:
            kept.append(word)
        elif PIP_ONLY[option] and not equals:
            rest = rest[1:]
    valued = [following for _, _, typed in _scanned(kept, OPTIONS["pip"]) for following in typed[1:]]
    verb = next((word for word in kept if not word.startswith("-") and word not in valued), "")
    if verb not in DONE_BY_UV:
        raise Refused(
            f"`pip {verb}` for another environment does not work in a notebook.",
            "In a terminal, its own pip does it.",
            CODE,
        )
    kept.remove(verb)
    given = [] if place.option == "--python" else ["--python", place.value if place.option == ACTIVE else python]
    return ["pip", verb, *given, *kept]


def for_python(words: Sequence[str], place: Place, python: str) -> list[str]:
    """uv's words; a folder is filled for the notebook's own `python`, not for one that uv finds."""
    at = next((at for at, word in enumerate(words) if at and words[at - 1] == "pip"), 0)
    if not at or place.option not in (*FOLDERS, "--prefix"):
        return list(words)
    return [*words[: at + 1], "--python", python, *words[at + 1 :]]


def beside_server(program: str, cli: Sequence[str]) -> str | None:
    """A program of the Python that our command line runs in."""
    name = program + (".exe" if sys.platform == "win32" else "")
    path = os.path.join(os.path.dirname(cli[0]), name) if cli else ""
    return path if os.path.exists(path) else None
