"""`pip` and `uv` for the children of this kernel, where shell and scripts find them first on PATH.

They cannot change the running kernel themselves: they leave what they did in `<kernel id>.changes`, which the kernel
collects after the cell. The folder of stubs is the kernel's own, so that paths in it need no variables."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from typing import Any, Dict

from .context import Context
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
KERNEL_VARIABLE = "JUPYTER_ENVS_KERNEL"
"""Tells `python -m pip` in a child of this kernel where the folder of stubs is."""
ACTIVE = "VIRTUAL_ENV"
PREFIX_VARIABLE = "JUPYTER_ENVS_PREFIX"
"""What VIRTUAL_ENV is in the kernel. In a child where it differs, somebody has activated another environment."""

_SHELL = '#!/bin/sh\nexec {python} -I {stub} {context} {program} "$@"\n'
_BATCH = "@{python} -I {stub} {context} {program} %*\r\n"


def install(context: Context) -> str | None:
    """Makes the folder, puts it first on PATH, and returns it; None if nothing could execute the stubs."""
    if not context.path or not context.cli:
        return None
    folder = context.beside(SUFFIX)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    stub = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pip_stub.py")
    for program in (*ALWAYS, *filter(shutil.which, (*CONDA, *PROJECTS))):
        _write(folder, program, [context.cli[0], stub, context.path])
    os.environ[KERNEL_VARIABLE] = folder
    stay_first()
    return folder


def _write(folder: str, program: str, words: list[str]) -> None:
    windows = os.name == "nt"
    quote = _batch_quoted if windows else _shell_quoted
    python, stub, context = map(quote, words)
    text = (_BATCH if windows else _SHELL).format(python=python, stub=stub, context=context, program=program)
    path = os.path.join(folder, program + (".bat" if windows else ""))
    put(path, text.encode("utf-8"), 0o700)


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
