"""Where the programs are that we start by their path.

`__main__.py`, `standalone.py`, `kernel/launcher.py`, `kernel/stub.py` and `kernel/dash_m` never move: kernelspecs, the
context files and commands of kernels that run, and environments on disk name them."""

from __future__ import annotations

import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
MAIN = PACKAGE / "__main__.py"
CLI = (sys.executable, str(MAIN))
STANDALONE = PACKAGE / "standalone.py"
STANDIN = PACKAGE / "launch" / "standin.py"
LAUNCHER = PACKAGE / "kernel" / "launcher.py"
COMPILE = PACKAGE / "kernel" / "compile_script.py"
STUBS = PACKAGE / "kernel" / "dash_m"
