"""`jupyter envs completion`: what the Tab key does in a shell."""

from __future__ import annotations

import os
import re
import select
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import jupyter_envs
from jupyter_envs.cli.completion import SHELLS
from jupyter_envs.cli.main import HIDDEN, VERBS

from .test_cli import Cli, cli  # noqa: F401  # a fixture

if sys.platform == "win32":
    pytest.skip("shells of POSIX", allow_module_level=True)
import pty

MAIN = Path(jupyter_envs.__file__).with_name("__main__.py")
BASH = shutil.which("bash")
PROMPT, PATIENCE = "next-word> ", 60


def printed(shell: str) -> str:
    return subprocess.run(
        [sys.executable, str(MAIN), "completion", shell], capture_output=True, text=True, check=True
    ).stdout


class Shell:
    """An interactive bash, as a terminal has it. All that it does here is complete: nothing is ever run."""

    def __init__(self, folder: Path, start: str) -> None:
        assert BASH
        (folder / "bashrc").write_text(f"PS1={shlex.quote(PROMPT)}\nbind 'set enable-bracketed-paste off'\n{start}\n")
        self._process, self._terminal = self._started(folder, BASH)
        self._until(lambda seen: PROMPT in seen)

    @staticmethod
    def _started(folder: Path, bash: str) -> tuple[subprocess.Popen[bytes], int]:
        mine, theirs = pty.openpty()
        with os.fdopen(theirs, "wb") as end:
            words = [bash, "--noprofile", "--rcfile", str(folder / "bashrc"), "-i"]
            env = {"PATH": os.environ["PATH"], "TERM": "dumb", "HOME": str(folder), "INPUTRC": os.devnull}
            process = subprocess.Popen(
                words, cwd=folder, env=env, stdin=end, stdout=end, stderr=end, start_new_session=True
            )
        return process, mine

    def tab(self, line: str, expected: str) -> str:
        """What stands behind the prompt after Tab, once that is as expected; or all that was seen."""
        os.write(self._terminal, b"\x15" + line.encode() + b"\t")
        seen = self._until(lambda seen: expected in seen)
        os.write(self._terminal, b"\x15")
        return seen

    def _until(self, holds: Callable[[str], bool]) -> str:
        seen, end = "", time.monotonic() + PATIENCE
        while not holds(seen) and time.monotonic() < end:
            if select.select([self._terminal], [], [], 0.1)[0]:
                seen += os.read(self._terminal, 4096).decode("utf-8", "replace")
        return seen

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._terminal)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    if BASH is None:
        pytest.skip("no bash")
    (tmp_path / "completion").write_text(printed("bash"))
    (tmp_path / "my notebook.ipynb").write_text("{}")
    shell = Shell(tmp_path, ". ./completion")
    yield shell
    shell.close()


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("jupyter-envs ins", "jupyter-envs install "),
        ("jupyter-envs install my", "jupyter-envs install my\\ notebook.ipynb"),
        ("jupyter-envs gc --unu", "jupyter-envs gc --unused-for "),
        ("jupyter-envs activate x --shell pow", "jupyter-envs activate x --shell powershell "),
        ("jupyter-envs kernelspec rem", "jupyter-envs kernelspec remove "),
        ("jupyter-envs completion zs", "jupyter-envs completion zsh "),
    ],
)
def test_a_real_bash_completes_it(shell: Shell, typed: str, completed: str) -> None:
    assert completed in shell.tab(typed, completed)


@pytest.mark.parametrize("name", SHELLS)
def test_every_shell_is_told_every_verb(name: str) -> None:
    words = set(re.findall(r"[a-z]+", printed(name)))
    assert {*VERBS} <= words and not words & {*HIDDEN} - {"refresh"}


@pytest.mark.parametrize("name", SHELLS)
def test_a_shell_that_is_here_can_read_it(name: str, tmp_path: Path) -> None:
    program = shutil.which(name)
    if program is None:
        pytest.skip(f"no {name}")
    (tmp_path / "completion").write_text(printed(name))
    done = subprocess.run([program, "-n", "completion"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_program_gets_it_as_json_and_a_shell_that_nobody_knows_is_refused(cli: Cli) -> None:
    assert "complete -o bashdefault" in cli("completion", "bash", "--json").json["code"]
    said = cli("completion", "ksh")
    assert said.code == 2 and "error[usage]" in said.err
