"""Answers `python -m pip` in an environment that has no pip; for imports it is not there."""

import os
import sys

if sys.argv[:1] != ["-m"]:
    raise ModuleNotFoundError(
        "No module named 'pip': an environment of jupyter-envs has none that could be imported. "
        "Use %pip in a cell of the notebook, or `python -m pip` in a process that it starts.",
        name="pip",
    )
# `-m` puts the working folder first, where a `subprocess.py` of the user's may lie.
sys.path[:] = [entry for entry in sys.path if entry not in ("", os.getcwd())]
