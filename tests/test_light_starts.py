"""What is on the way to a status, and to the start of a kernel, is no more than it takes: each waits for it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_envs.environments.use_cases import Environments

from .typed import typed

LOOK = """
from jupyter_envs.cli.main import main
main(["status", "NOTEBOOK"])
"""
START = """
from pathlib import Path
from jupyter_envs.launch.decision import KernelStart, decide
from jupyter_envs.settings import Settings
decide(KernelStart("k", Path("NOTEBOOK")), Settings.load())
"""
JUPYTER = [
    "jupyter_server",
    "traitlets",
    "nbformat",
    "IPython",
    "tornado",
    "zmq",
    "jupyter_client",
    "nbclient",
    "httpx",
]
CHANGES = [
    "cli.install",
    "consent.ownership",
    "consent.python",
    "dialects",
    "engines.uv",
    "environments.asking",
    "environments.maker",
    "environments.plan",
    "environments.pythons",
    "environments.use_cases",
    "model.options",
    "notebook.splice",
    "store.build",
    "store.inventory",
    "store.wheel.inspect",
    "system.removal",
]
"""Of ours: what changes something, and so is not for a look."""
COSTLY = ("asyncio", "configparser", "email", "http", "lzma", "shutil", "socket", "ssl", "urllib.request")
"""Of Python: each takes 2 to 40 ms."""
FEW = 78
"""Modules of ours for a look; the whole may take 100 ms."""
AT_ONCE = (
    "argparse",
    "ast",
    "dataclasses",
    "hashlib",
    "inspect",
    "logging",
    "msgspec",
    "packaging",
    "shutil",
    "subprocess",
)
"""What no command needs before its verb is known."""


def test_the_end_of_a_command_does_not_look_through_all_that_was_imported() -> None:
    code = """
import gc, sys
from jupyter_envs.cli.main import main
sys.argv = ["jupyter-envs", "--version"]
main()
print(gc.isenabled(), gc.get_freeze_count() > len(gc.get_objects()), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "True True"


def test_before_the_verb_is_known_next_to_nothing_is_loaded() -> None:
    code = f"""
import sys
before = set(sys.modules)
from jupyter_envs.cli.main import main
main(["--version"])
print(sorted({set(AT_ONCE)!r} & (set(sys.modules) - before)), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("program", [LOOK, START], ids=["status", "start"])
def test_to_look_nothing_is_loaded_that_changes_something(
    environments: Environments, tmp_path: Path, program: str
) -> None:
    """`status`, and what a kernel's start waits for, of a locked notebook whose environment is there."""
    notebook = tmp_path / "a.ipynb"
    block = environments.install(None, typed("demo")).block.to_dict()
    notebook.write_text(
        json.dumps({"cells": [], "metadata": {"jupyter_envs": block}, "nbformat": 4, "nbformat_minor": 5})
    )
    ours = [f"jupyter_envs.{name}" for name in CHANGES]
    code = f"""{program.replace("NOTEBOOK", str(notebook))}
import json, sys
from dataclasses import is_dataclass
bad = [name for name in sys.modules if name in {[*JUPYTER, *COSTLY]!r} or name.startswith({tuple(ours)!r})]
mine = [(name, module) for name, module in sys.modules.items() if name.startswith("jupyter_envs")]
slow = [name for name, module in mine if any(is_dataclass(v) and v.__module__ == name for v in vars(module).values())]
print(json.dumps([sorted(bad), len(mine), sorted(slow)]), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    bad, number, slow = json.loads(done.stderr.splitlines()[-1])
    assert bad == []
    assert number <= FEW, number
    assert program == START or slow == [], (
        "a dataclass takes 0.5 ms to make, a msgspec.Struct 0.02 (a server makes them once)"
    )
