"""`.venv` with uv in it."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import Request, urlopen

from .marks import MARK, known, remember
from .mirrors import indexes
from .places import PYTHON, ROOT, VENV, tool
from .steps import Failed, environment, step

HTML = {"Accept": "application/vnd.pypi.simple.v1+html, text/html;q=0.5"}  # mirrors often know nothing else
PIP_WHEEL = re.compile(r'href="([^"#]*pip-([0-9.]+)-py3-none-any\.whl)#sha256=([0-9a-f]{64})"')
NETWORK = (
    "Check the network. Behind a mirror, tell pip about it (pip.conf or PIP_INDEX_URL); behind a "
    "proxy, set HTTPS_PROXY. "
    "Then run this again."
)
NO_VENV = "This Python lacks its venv module: install it (Debian, Ubuntu: apt install python3-venv)."
NO_PIP = "Install it (Debian, Ubuntu: apt install python3-venv), or check the network."


def works() -> bool:
    test = "import sys; sys.exit(sys.version_info < (3, 10))"
    return PYTHON.exists() and subprocess.run([PYTHON, "-I", "-c", test], check=False).returncode == 0


def make() -> None:
    """What is there is used. Ours is made anew when it is unfinished, was moved or has lost its Python."""
    if not MARK.exists() and VENV.exists():
        _adopt()
    elif not (known().get("folder") == str(ROOT) and tool("uv").exists() and works()):
        shutil.rmtree(VENV, ignore_errors=True)
        VENV.mkdir()
        remember(folder="unfinished")
        version = ".".join(map(str, sys.version_info[:3]))
        # Debian's Python has venv without ensurepip: pip is a step of its own.
        step(
            f"Making .venv (Python {version})",
            [sys.executable, "-I", "-m", "venv", "--without-pip", VENV],
            NO_VENV,
        )
        _install_uv()
        remember(folder=str(ROOT))


def _adopt() -> None:
    """A .venv that somebody made by hand."""
    if not works():
        raise Failed("There is a .venv here that does not work, and it was not made by this script.", f"Remove {VENV}.")
    _install_uv()
    remember(folder=str(ROOT))


def _install_uv() -> None:
    if system := shutil.which("uv"):
        argv: list[str | Path] = [system, "pip", "install", "--python", PYTHON, "uv"]
    else:
        pip = ["-m", "pip"] if _has_pip() else [str(_fetch_pip() / "pip")]
        argv = [PYTHON, "-I", *pip, "install", "uv"]
    step("Installing uv", argv, NETWORK, indexes())


def _has_pip() -> bool:
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": environment()}
    return any(
        subprocess.run([PYTHON, "-I", "-m", *words], check=False, **quiet).returncode == 0  # type: ignore[call-overload]
        for words in (["pip", "--version"], ["ensurepip"])
    )


def _fetch_pip() -> Path:
    """pip's newest wheel, from the index and checked against its hash there: pip runs from within it."""
    base = os.environ.get("PIP_INDEX_URL") or os.environ.get("UV_DEFAULT_INDEX") or "https://pypi.org/simple"
    page = base.rstrip("/") + "/pip/"
    try:
        with urlopen(Request(page, headers=HTML), timeout=60) as answer:
            wheels = PIP_WHEEL.findall(answer.read().decode("utf-8", "replace"))
        address, version, sha256 = max(wheels, key=lambda wheel: [int(part) for part in wheel[1].split(".")])
        with urlopen(urljoin(page, address), timeout=60) as answer:
            body = answer.read()
    except (OSError, ValueError) as error:
        raise Failed(f"This Python has no pip, and none could be fetched from {base}.", NO_PIP, str(error)) from None
    if hashlib.sha256(body).hexdigest() != sha256:
        raise Failed(f"The pip that {base} sent is not the one that it lists.", "Try again, or use another index.")
    wheel = VENV / f"pip-{version}-py3-none-any.whl"
    wheel.write_bytes(body)
    return wheel
