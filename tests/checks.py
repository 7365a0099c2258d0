"""Every check of the project, one after the other: what `./setup-notebooks --test` runs once .venv is there.

Run by .venv's Python. All of them run; the exit code is the first failure's. `--all` adds the long tests; other
arguments go to pytest. A browser, and strace, are installed from the system's packages where that can be done without a
password.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FRONT = ROOT / "labextension"
BIN = Path(sys.executable).parent
TYPED = ("jupyter_envs", "setup_notebooks", "benchmarks")
SHARED = ("-n", "auto", "--maxprocesses", "4", "--dist", "loadscope", "--no-loadscope-reorder")
"""A worker for each core. They share the test files; what needs a browser stays with one of them."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def has_browser() -> bool:
    """A browser that starts: Ubuntu's `chromium-browser` is a script that only names the snap to install."""
    found = [path for name in BROWSERS if (path := shutil.which(name))]
    return any(subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0 for path in found)


def install(package: str) -> None:
    """With apt, as root or where sudo asks for no password; nowhere else, and silence about failing."""
    apt = shutil.which("apt-get")
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not apt or (root and not shutil.which("sudo")):
        return
    environment = [*root, "env", "DEBIAN_FRONTEND=noninteractive", apt]
    for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", package]):
        print(f"$ apt-get {' '.join(words)}", flush=True)
        if subprocess.run([*environment, *words], stdin=subprocess.DEVNULL, check=False).returncode:
            return


def streamed(argv: list[str], folder: Path) -> tuple[int, str]:
    """Run argv, pass its output on as it comes; the exit code and the last line that says something."""
    last = ""
    process = subprocess.Popen(
        argv, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert process.stdout
    for raw in process.stdout:
        line = raw.decode("utf-8", "replace")
        sys.stdout.write(line)
        sys.stdout.flush()
        last = line.strip() or last
    return process.wait(), last


def checks(rest: Iterable[str], *, long: bool, browser: bool) -> list[tuple[str, list[str], Path]]:
    """(name, command, folder) of each."""
    jlpm = str(BIN / "jlpm")
    marks = [] if browser else ["-m", "not browser"]
    everything = ["--all"] if long else []
    return [
        ("ruff", [str(BIN / "ruff"), "check", ".", "setup-notebooks"], ROOT),
        ("ruff format", [str(BIN / "ruff"), "format", "--check", ".", "setup-notebooks"], ROOT),
        ("mypy", [str(BIN / "mypy"), *(word for name in TYPED for word in ("-p", name))], ROOT),
        ("labextension: packages", [jlpm, "install", "--immutable"], FRONT),
        ("labextension: eslint", [jlpm, "lint"], FRONT),
        ("labextension: tests", [jlpm, "test"], FRONT),
        ("pytest", [str(BIN / "pytest"), *SHARED, *marks, *everything, *rest], ROOT),
    ]


def main(arguments: list[str]) -> int:
    if not has_browser() and os.name == "posix":
        install("chromium")
    if not shutil.which("strace") and sys.platform == "linux":
        install("strace")  # shows that opening a notebook starts nothing
    browser = has_browser()
    outcomes: list[tuple[str, int, float, str]] = []
    rest = [word for word in arguments if word != "--all"]
    for name, argv, folder in checks(rest, long="--all" in arguments, browser=browser):
        print(f"\n=== {name}", flush=True)
        started = time.monotonic()
        code, last = streamed(argv, folder)
        outcomes.append((name, code, time.monotonic() - started, last))
    print()
    for name, code, seconds, _ in outcomes:
        print(f"{'ok    ' if code == 0 else 'FAILED'}  {name}  ({seconds:.0f} s)")
    if not browser:
        print("\n!!! THE BROWSER TESTS WERE LEFT OUT: there is no Chromium. Install it (apt install chromium).")
    print(f"\npytest: {outcomes[-1][3].strip('= ')}")
    return next((code for _, code, _, _ in outcomes if code), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
