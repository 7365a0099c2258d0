"""Compiles modules to bytecode that is never checked against its source, for wheels that never change.

    python -I -S compile_script.py            stdin: [[source, name to show, ending], …]; stdout: the files made
    python -I -S compile_script.py compare    stdin: [[source, bytecode, optimisation], …]; stdout: the bytecode
                                               that does not match its source

Runs in any Python from 3.8 on, by path, and imports nothing from a wheel. `ending` is added to the name of the file."""

import errno
import importlib.util
import json
import marshal
import os
import py_compile
import sys
import warnings

FULL = 28
"""Exit code for a full disk: the other files would not fit, either."""


def compiled(source: str, shown: str, ending: str) -> str:
    """The file made, or nothing for a source that this Python cannot compile: a template, a test of another version.
    Raises OSError where the disk is full."""
    target = importlib.util.cache_from_source(source)
    try:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        made = py_compile.compile(source, target + ending, shown, doraise=True, invalidation_mode=mode)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        return ""
    except (py_compile.PyCompileError, SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    return made or ""


def same(source: str, bytecode: str, optimize: int) -> bool:
    """Compared as code, and not byte by byte: what is the same may be written in several ways. Bytecode of another
    Python is never run, and so is no other."""
    with open(bytecode, "rb") as file:
        content = file.read()
    if content[:4] != importlib.util.MAGIC_NUMBER:
        return True
    try:
        with open(source, "rb") as file:
            code = compile(file.read(), source, "exec", dont_inherit=True, optimize=optimize)
        return bool(marshal.loads(content[16:]) == code)
    except (OSError, EOFError, SyntaxError, TypeError, ValueError, RecursionError, MemoryError):
        return False


def main() -> None:
    warnings.simplefilter("ignore")
    if sys.argv[1:] == ["compare"]:
        json.dump([job[1] for job in json.load(sys.stdin) if not same(*job)], sys.stdout)
        return
    try:
        made = [compiled(*job) for job in json.load(sys.stdin)]
    except OSError:
        sys.exit(FULL)
    json.dump([path for path in made if path], sys.stdout)


if __name__ == "__main__":
    main()
