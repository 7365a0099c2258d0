"""Running a program as one step that people see, and handing over to one."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from .mirrors import for_uv, npm_registry
from .places import BIN, LOG, ROOT, VENV, WINDOWS, tool

# They would send packages to other places than .venv, or other modules into it.
FOREIGN = {"PYTHONPATH", "PYTHONHOME", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_PYTHON", "UV_PYTHON"}
LINES_SHOWN = 25


class Failed(Exception):
    """A sentence for people, what they can do, and the output of what failed."""

    def __init__(self, sentence: str, hint: str, details: str = "") -> None:
        super().__init__(sentence)
        self.sentence, self.hint, self.details = sentence, hint, details

    def __str__(self) -> str:
        details = "".join(f"  | {line}\n" for line in self.details.splitlines()[-LINES_SHOWN:])
        return f"{details}error: {self.sentence}\nhint: {self.hint}"


def environment() -> dict[str, str]:
    """Ours, with .venv in front."""
    env = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    if not WINDOWS and not env.get("HOME"):
        import pwd  # there is none on Windows

        env["HOME"] = pwd.getpwuid(os.getuid()).pw_dir
    env["VIRTUAL_ENV"] = str(VENV)
    env["PATH"] = str(BIN) + os.pathsep + env.get("PATH", os.defpath)
    env["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    if env.get("SSL_CERT_FILE"):
        env.setdefault("NODE_EXTRA_CA_CERTS", env["SSL_CERT_FILE"])
    if registry := npm_registry(env):
        env.setdefault("YARN_NPM_REGISTRY_SERVER", registry)
    return env


def step(
    text: str,
    argv: Sequence[str | Path],
    hint: str,
    extra: Mapping[str, str] | None = None,
    *,
    stdin: bytes = b"",
) -> None:
    """Run argv quietly, with these variables on top, its output into the log. Raises Failed."""
    print(f"- {text}", end=" ", flush=True)
    started = time.monotonic()
    done = subprocess.run(
        argv,
        cwd=ROOT,
        env=environment() | dict(extra or {}),
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    output = done.stdout.decode("utf-8", "replace")
    with LOG.open("a", encoding="utf-8") as log:
        log.write(f"$ {' '.join(map(str, argv))}\n{output}\n")
    print(f"({time.monotonic() - started:.1f} s)", flush=True)
    if done.returncode:
        raise Failed(f"This step failed: {text}.", hint, output)


def uv_step(text: str, words: Sequence[str | Path], hint: str, *, stdin: bytes = b"") -> None:
    """Run .venv's uv with these words, on the indexes that pip knows. Raises Failed."""
    told = for_uv()
    step(text, [tool("uv"), *words, *told.options], hint, told.env, stdin=stdin)


def become(argv: Sequence[str | Path], folder: Path | None = None) -> int:
    """Run argv in our place: the terminal and its signals are its own."""
    words = [str(word) for word in argv]
    if folder:
        os.chdir(folder)
    if WINDOWS:
        return subprocess.run(words, env=environment(), check=False).returncode
    sys.stdout.flush()
    return os.execve(words[0], words, environment())
