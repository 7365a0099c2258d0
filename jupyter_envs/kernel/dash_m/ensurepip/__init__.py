"""Answers `python -m ensurepip` and `ensurepip.bootstrap()` in a notebook's environment, which stays as it is: other
notebooks use it, too. `python -m venv` asks the new environment's own."""

import sys

THERE = (
    "pip is there already, and nothing has changed: a notebook's environment stays as it is, and each install makes a "
    "new one.\n"
    "hint: %pip install PACKAGE   (in code: subprocess.run([sys.executable, '-m', 'pip', 'install', 'PACKAGE']))"
)


def bootstrap(**_options: object) -> None:
    """Takes what Python's own takes."""
    print(THERE, file=sys.stderr, flush=True)
