"""The commands of the README's "If you come from …" do what it says, with files as those tools write them."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest

from tests.local_index import LocalIndex
from tests.test_cli import Cli, block_in, cli, notebook, signals
from tests.test_docs import ROOT
from tests.wheels import Dist, wheel

from .samples import BY_NAME, SHA, WHEEL

__all__ = ["cli", "notebook", "signals"]
SECTION = (ROOT / "README.md").read_text(encoding="utf-8").split("## If you come from …")[1].split("\n## ")[0]
ROWS = re.findall(r"^\| \*\*(.+?)\*\*:? [^|]*\| `([^`]+)`", SECTION, re.MULTILINE)
IMPORTS = [command for _, command in ROWS if command.startswith("jupyter envs import ")]
OTHERS = {"jupyter envs python nb.ipynb 3.11", "papermill nb.ipynb out.ipynb -p year 2026"}
"""Run by tests of their own: tests/test_cli.py, tests/test_papermill.py."""
WAITS = {"environment.yml"}
"""What conda has to give is recorded, and not installed."""


@pytest.fixture
def six(index: LocalIndex) -> Dist:
    made = wheel("six", "1.17.0", tag="py2.py3-none-any")
    assert made.filename == WHEEL
    index.add(made, wheel("six", "1.18.0"), wheel("numpy", "1.26.4"))
    return made


def sample(name: str, six: Dist, index: LocalIndex) -> str:
    """For the Python here, and the index of these tests."""
    text = BY_NAME[name].replace(SHA, six.sha256).replace("https://pypi.org/simple", index.url)
    return text.replace("3.11", f"3.{sys.version_info.minor}")


def test_every_row_has_its_test() -> None:
    assert len(ROWS) == SECTION.count("| **") and {command for _, command in ROWS} == {*IMPORTS, *OTHERS}
    assert len(IMPORTS) > 3


@pytest.mark.parametrize("command", IMPORTS)
def test_one_command_takes_over_what_somebody_has(
    cli: Cli, notebook: Path, index: LocalIndex, six: Dist, command: str
) -> None:
    notebook.rename(notebook.with_name("nb.ipynb"))
    words = shlex.split(command)[2:]
    files = [word for word in words[2:] if word in BY_NAME]
    for name in files:
        (notebook.parent / name).write_text(sample(name, six, index))
    said = cli(*words, "--accept", "--no-build-env")
    assert said.code == 0, said.err
    block = block_in(notebook.with_name("nb.ipynb"))
    assert "six" in block.spec.names
    if not WAITS & {*files}:
        assert block.locked and block.lock
        version = {row.name: row.version for row in block.lock.packages}["six"]
        assert version == ("1.17.0" if any("lock" in name or name.endswith(".txt") for name in files) else "1.18.0")
