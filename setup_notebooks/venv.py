"""`.venv` with pip and uv in it."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import Request, urlopen

from . import locks
from .marks import MARK, fingerprint, known, remember
from .mirrors import for_uv
from .places import PYTHON, ROOT, VENV, tool
from .steps import Failed, environment, step

HTML = {"Accept": "application/vnd.pypi.simple.v1+html, text/html;q=0.5"}  # mirrors often know nothing else
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


def make(*, newest: bool = False) -> None:
    """Uses an existing one. One that we made is made again if it is unfinished, was moved or has lost its Python."""
    if not MARK.exists() and VENV.exists():
        if not works():
            raise Failed(
                "There is a .venv here that does not work, and it was not made by this script.", f"Remove {VENV}."
            )
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
    bootstrap = locks.NEWEST if newest else fingerprint(locks.BOOTSTRAP)
    if newest or known().get("bootstrap") != bootstrap:
        _install_uv(newest)
        remember(folder=str(ROOT), bootstrap=bootstrap)


def _install_uv(newest: bool) -> None:
    """With pip. Both are what the lock names, or the newest."""
    wanted = ["--upgrade", "pip", "uv"] if newest else ["--require-hashes", "-r", locks.BOOTSTRAP]
    told = for_uv()
    if system := shutil.which("uv"):
        argv: list[str | Path] = [system, "pip", "install", "--python", PYTHON, *told.options, *wanted]
    else:
        argv = [PYTHON, "-I", *_pip(), "install", *wanted]
    step(f"Installing {'the newest ' if newest else ''}uv", argv, NETWORK, told.env)


def _pip() -> list[str]:
    """How .venv's Python starts a pip: its own, or one that runs from within its wheel."""
    if _has_pip():
        return ["-m", "pip"]
    return [str((_bundled_pip() or _fetch_pip()) / "pip")]


def _has_pip() -> bool:
    argv: list[str | Path] = [PYTHON, "-I", "-m", "pip", "--version"]
    return subprocess.run(argv, capture_output=True, env=environment(), check=False).returncode == 0


def _bundled_pip() -> Path | None:
    """The wheel that ensurepip would install, with a setuptools that nobody locked before Python 3.12."""
    found = importlib.util.find_spec("ensurepip")
    distribution = sysconfig.get_config_var("WHEEL_PKG_DIR")  # where Fedora and Debian keep it
    folders = [Path(found.origin).parent / "_bundled"] if found and found.origin else []
    folders += [Path(distribution)] if distribution else []
    return next((wheel for folder in folders for wheel in folder.glob("pip-*.whl")), None)


def _fetch_pip() -> Path:
    """The locked pip's wheel, from the index and with the hash that the lock names: pip runs from within it."""
    version, hashes = locks.pinned("pip")
    name = f"pip-{version}-py3-none-any.whl"
    base = os.environ.get("PIP_INDEX_URL") or os.environ.get("UV_DEFAULT_INDEX") or "https://pypi.org/simple"
    page = base.rstrip("/") + "/pip/"
    try:
        with urlopen(Request(page, headers=HTML), timeout=60) as answer:
            listed = re.search(rf'href="([^"#]*{re.escape(name)})["#]', answer.read().decode("utf-8", "replace"))
        if listed is None:
            raise ValueError(f"{page} does not list {name}.")
        with urlopen(urljoin(page, listed[1]), timeout=60) as answer:
            body = answer.read()
    except (OSError, ValueError) as error:
        raise Failed(
            f"This Python has no pip, and pip could not be downloaded from {base}.", NO_PIP, str(error)
        ) from None
    if hashlib.sha256(body).hexdigest() not in hashes:
        raise Failed(f"The {name} that {base} sent is not the locked one.", "Try again, or use another index.")
    wheel = VENV / name
    wheel.write_bytes(body)
    return wheel
