"""Answers `python -m pip` in an environment that has no pip; for imports it is not there."""

import sys

if sys.argv[:1] != ["-m"]:
    raise ModuleNotFoundError("No module named 'pip'", name="pip")
