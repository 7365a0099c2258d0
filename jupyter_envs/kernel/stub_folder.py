"""`pip` and `uv` for the children of this kernel, where shell and scripts find them first on PATH.

They cannot change the running kernel themselves: they leave what they did in `<kernel id>.changes`, which the kernel
collects at its next import, or after the cell. Until then, what the same shell starts next sees the new environment by
the pointer (dash_m/_jupyter_envs_follow.py), and finds its programs here. The folder of stubs is the kernel's own, so
that paths in it need no variables."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
from typing import Any, Collection, Dict, Sequence

from .context import Context
from .dash_m import _jupyter_envs_follow as follow
from .reading import own, private
from .writing import one_at_a_time, put

Json = Dict[str, Any]
ALWAYS = ("pip", "pip3", "pip{}.{}".format(*sys.version_info), "uv")
CONDA = ("conda", "mamba", "micromamba")
PROJECTS = ("poetry", "pipenv", "pdm")
"""Tools for the environment of a project. They would take the environment that is active, which is the notebook's."""
PROGRAMS = (*ALWAYS, *CONDA, *PROJECTS)
"""There is a stub for those not in ALWAYS only if there is such a program."""
SUFFIX = ".bin"
CHANGES = ".changes"
MODULES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "dash_m")
KERNEL_VARIABLE = follow.VARIABLE
"""Tells children of this kernel where the folder of stubs is."""
MOST_KNOWN = 20
"""Environments that a pointer lists."""
ACTIVE = "VIRTUAL_ENV"
PREFIX_VARIABLE = "JUPYTER_ENVS_PREFIX"
"""What VIRTUAL_ENV is in the kernel. In a child where it differs, somebody has activated another environment."""
PLACES = {
    "pip": {"PIP_PYTHON": "--python", "PIP_TARGET": "--target", "PIP_PREFIX": "--prefix", "PIP_ROOT": "--root"},
    "uv pip": {"UV_PYTHON": "--python"},
}
"""A tool's variables that name a place, and the options for it."""
PLACES_VARIABLE = "JUPYTER_ENVS_PLACES"
"""Those that were set when the kernel started, a line for each. What differs later, somebody has set in a cell."""

ACTIVATE = "activate"
"""bash takes this file of the first folder on PATH for `source activate base`, as people do with conda."""

_SHELL = '#!/bin/sh\nexec {words} "$@"\n'
_BATCH = "@{words} %*\r\n"
_REFUSED = """case "${{1-}}" in
{names})
    echo {sentence} >&2
    return 1 ;;
esac
"""
_PASSED_ON = 'echo {sentence} >&2\n. {path} "$@"\n'
SERVERS = (
    "`source activate` names the environment of the Jupyter server here. Nothing was activated.\n"
    "hint: to install for the notebook: %pip install NAME"
)
ANOTHER = (
    "`source activate` makes another environment active than this notebook's, which does not record what is "
    "installed there."
)


def install(context: Context) -> str | None:
    """Makes the folder, puts it first on PATH, and returns it; None if nothing could execute the stubs."""
    if not context.path or not context.cli:
        return None
    folder = context.beside(SUFFIX)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    _clear(folder, keep=())
    stub = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pip_stub.py")
    for program in (*ALWAYS, *filter(shutil.which, (*CONDA, *PROJECTS))):
        _write(folder, program, [context.cli[0], "-I", stub, context.path, program])
    _write_activate(folder, os.path.dirname(context.cli[0]))
    os.environ[KERNEL_VARIABLE] = folder
    os.environ[PLACES_VARIABLE] = "\n".join(
        f"{name}={os.environ[name]}" for names in PLACES.values() for name in names if name in os.environ
    )
    stay_first()
    return folder


def _write(folder: str, program: str, words: list[str]) -> None:
    windows = os.name == "nt"
    quote = _batch_quoted if windows else _shell_quoted
    text = (_BATCH if windows else _SHELL).format(words=" ".join(map(quote, words)))
    put(os.path.join(folder, program + (".bat" if windows else "")), text.encode("utf-8", "surrogateescape"), 0o700)


def _write_activate(folder: str, servers: str) -> None:
    """Where such a line would find one. It never activates the environment of the server, whose folder of programs is
    `servers`; that of conda activates others, too."""
    entries = os.environ.get("PATH", os.defpath).split(os.pathsep)
    files = (os.path.join(entry, ACTIVATE) for entry in entries if entry and entry != folder)
    path = next(filter(os.path.isfile, files), "")
    if not path or os.name == "nt":
        return
    text = ""
    if os.path.realpath(os.path.dirname(path)) == os.path.realpath(servers):
        conda = os.path.isdir(os.path.join(servers, os.pardir, "conda-meta"))
        text = _REFUSED.format(names="''|base|root" if conda else "*", sentence=_shell_quoted(SERVERS))
    text += _PASSED_ON.format(sentence=_shell_quoted(ANOTHER), path=_shell_quoted(path))
    put(os.path.join(folder, ACTIVATE), text.encode("utf-8", "surrogateescape"), 0o600)


def _clear(folder: str, keep: Collection[str]) -> None:
    """Everything but these programs: what an earlier cell, or an earlier start of this kernel, has left."""
    for name in os.listdir(folder):
        if os.path.splitext(name)[0] not in keep:
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(folder, name))


def _shell_quoted(word: str) -> str:
    return "'" + word.replace("'", "'\"'\"'") + "'"


def _batch_quoted(word: str) -> str:
    return '"' + word.replace("%", "%%") + '"'


def stay_first() -> None:
    """After a start or a move: the stubs come before the environment's own programs. The module `pip` for `python -m
    pip` in children, which a `.pth` file of the environment finds, must not be imported by this process."""
    sys.path[:] = [entry for entry in sys.path if os.path.normcase(entry) != os.path.normcase(MODULES)]
    folder = os.environ.get(KERNEL_VARIABLE)
    os.environ[PREFIX_VARIABLE] = os.environ.get(ACTIVE, "")
    if folder:
        entries = [entry for entry in os.environ.get("PATH", os.defpath).split(os.pathsep) if entry != folder]
        os.environ["PATH"] = os.pathsep.join([folder, *entries])


def add_new_programs(context: Context, before: Json | None, after: Json | None) -> None:
    """For the rest of a cell, after a child has installed something: programs that only the new environment has, and
    the new environment for processes that start from now on. Raises OSError."""
    folder = context.beside(SUFFIX)
    if not before or not after or not os.path.isdir(folder):
        return
    have = {*PROGRAMS, *(os.listdir(before["bin"]) if before.get("version") == after.get("version") else ())}
    for program in os.listdir(after["bin"]):
        name = os.path.splitext(program)[0] if os.name == "nt" else program
        if program not in have and name not in PROGRAMS:
            _write(folder, name, [os.path.join(after["bin"], program)])
    point(context, after, [before])


def point_processes_to_current(context: Context, now: Json | None, known: Sequence[Json]) -> None:
    """The kernel has moved to the environment `now`, or stays there: so do the other processes. Never raises."""
    stay_first()
    folder = context.beside(SUFFIX)
    with contextlib.suppress(OSError):
        if now and context.path and os.path.isdir(folder):
            point(context, now, known)
            _clear(folder, keep=(*PROGRAMS, ACTIVATE, follow.POINTER))


def point(context: Context, now: Json, known: Sequence[Json]) -> None:
    """`known`: more environments that processes of this kernel may be in. Raises OSError."""
    path = os.path.join(context.beside(SUFFIX), follow.POINTER)
    with one_at_a_time(path):
        earlier = _known(path)
        by_prefix = {str(each["prefix"]): each for each in [*earlier, *known, now]}
        told = json.dumps({"now": now, "known": [*by_prefix.values()][-MOST_KNOWN:]})
        put(path, (ascii(str(now["prefix"])) + "\n" + told + "\n").encode("ascii"))


def _known(path: str) -> list[Json]:
    try:
        known: list[Json] = json.loads(own(path).decode("ascii").partition("\n")[2])["known"]
    except (OSError, ValueError, KeyError):
        return []
    return known


def seen_by_children(context: Context) -> tuple[Json | None, str]:
    """The environment that processes of this kernel see, and what a restart of the kernel would do if the notebook has
    another one by now."""
    try:
        now = json.loads(own(os.path.join(context.beside(SUFFIX), follow.POINTER)).decode("ascii").partition("\n")[2])
        seen: Json | None = now["now"] or context.environment
    except (OSError, ValueError, KeyError, TypeError):
        seen = context.environment
    same = (seen or {}).get("prefix") == (context.environment or {}).get("prefix")
    return seen, "" if same else context.restart


def leave(context: Context, line: str) -> None:
    """For `take`. Raises OSError."""
    path = context.beside(CHANGES)
    with one_at_a_time(path), open(path, "a", encoding="utf-8", opener=private) as file:
        file.write(line + "\n")


def take(context: Context) -> list[str]:
    """Lines that stubs have left since the last call; each is returned once."""
    if not context.path:
        return []
    path = context.beside(CHANGES)
    taken = path + ".taken"
    if not os.path.lexists(path):  # before and after each cell
        return []
    try:
        with one_at_a_time(path):  # a process that has opened it writes, too
            os.replace(path, taken)
    except OSError:
        return []
    lines: list[str] = []
    with contextlib.suppress(OSError):
        lines = own(taken).decode("utf-8", "replace").splitlines()
        os.unlink(taken)
    return lines


def remove(context: Context) -> None:
    """At the end of the kernel. A restart makes them again."""
    if context.path:
        shutil.rmtree(context.beside(SUFFIX), ignore_errors=True)
        with contextlib.suppress(OSError):
            os.unlink(context.beside(CHANGES))
