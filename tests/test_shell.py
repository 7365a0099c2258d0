"""`jupyter envs shell` and `activate`: other programs in a notebook's environment."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any

import pytest

import jupyter_envs
from jupyter_envs.cli.activation import WRITERS, Active
from jupyter_envs.cli.shell import foreground
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.store import Environment
from jupyter_envs.system.leases import is_held

from .typed import typed

MAIN = Path(jupyter_envs.__file__).with_name("__main__.py")
SHOUT = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
AWKWARD = 'it\'s $(touch ran) `touch ran` "q" \\ %n !1 é空 ;&'
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="shells of POSIX")


@pytest.fixture
def notebook(environments: Environments, tmp_path: Path) -> Path:
    """It has `shout`, a command that prints HELLO; its name is one that a shell could misread."""
    block = environments.install(None, typed("shout")).block
    folder = tmp_path / AWKWARD
    folder.mkdir()
    path = folder / f"{AWKWARD}.ipynb"
    path.write_text(json.dumps(SHOUT | {"metadata": {"jupyter_envs": block.to_dict()}}))
    return path


def environment_of(environments: Environments) -> Environment:
    return next(found for found in environments.here.store.list() if "shout" in found.packages)


def envs(*words: object, **more: object) -> subprocess.CompletedProcess[str]:
    env = dict(os.environ) | {"PYTHONPATH": "/nowhere", "PYTHONHOME": ""}
    return subprocess.run(
        [sys.executable, str(MAIN), *map(str, words)],
        capture_output=True, text=True, check=False, timeout=120, **{"env": env, **more},  # type: ignore[call-overload]
    )  # fmt: skip


def line(stream: IO[str] | None) -> str:
    assert stream
    return stream.readline().strip()


def test_a_command_runs_in_the_environment_and_its_exit_code_is_ours(notebook: Path) -> None:
    assert envs("shell", notebook, "--", "shout").stdout == "HELLO\n"
    code = "import os, sys; print(sys.prefix == os.environ['VIRTUAL_ENV'], 'PYTHONHOME' in os.environ); sys.exit(7)"
    done = envs("shell", notebook, "--", "python", "-c", code)
    assert (done.stdout, done.returncode) == ("True False\n", 7), done.stderr


def test_modules_that_pythonpath_leads_to_are_found(notebook: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("")
    env = dict(os.environ) | {"PYTHONPATH": str(tmp_path)}
    assert envs("shell", notebook, "--", "python", "-c", "import mine", env=env).returncode == 0


@posix_only
def test_a_command_that_a_signal_ended_says_so_as_shells_do(notebook: Path) -> None:
    done = envs("shell", notebook, "--", "sh", "-c", "kill -9 $$")
    assert done.returncode == 128 + signal.SIGKILL


def test_options_behind_two_dashes_are_the_commands_own(notebook: Path) -> None:
    words = ["--json", "-q", "--accept", "--", "-x"]
    done = envs("shell", notebook, "--", "python", "-c", "import sys; print(sys.argv[1:])", *words)
    assert done.stdout == f"{words}\n"
    lost = envs("shell", notebook, "--", "no-such-command", "--json")
    assert lost.returncode == 2 and lost.stdout == "" and "error[no-command]" in lost.stderr


def test_nothing_is_built_or_run_without_consent(
    notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_ENVS_HOME", str(tmp_path / "second"))
    for words in (["shell", notebook, "--", "touch", tmp_path / "ran"], ["activate", notebook]):
        done = envs(*words)
        assert done.returncode == 3 and done.stdout == "", done
    assert not (tmp_path / "ran").exists()
    assert envs("shell", notebook, "--accept", "--", "shout").stdout == "HELLO\n"


@posix_only
def test_the_environment_stays_until_the_command_ends(environments: Environments, notebook: Path) -> None:
    words = [sys.executable, str(MAIN), "shell", str(notebook), "--", "sh", "-c", "echo up; read line"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert line(running.stdout) == "up"
        environment = environment_of(environments)
        assert is_held(environment.lease)
        running.send_signal(signal.SIGINT)  # what the command does about it is its own affair
        assert running.poll() is None and is_held(environment.lease)
        running.communicate("\n", timeout=30)
    assert running.returncode == 0 and not is_held(environment.lease)


@posix_only
def test_who_ends_us_ends_the_command(notebook: Path) -> None:
    words = [sys.executable, str(MAIN), "shell", str(notebook), "--", "sh", "-c", "echo up; exec sleep 600"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as running:
        assert line(running.stdout) == "up"
        running.terminate()
        assert running.wait(30) == 128 + signal.SIGTERM


@posix_only
def test_a_signal_that_comes_while_the_command_starts_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def popen(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        process = real(*arguments, **options)
        os.kill(os.getpid(), signal.SIGTERM)
        return process

    real = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", popen)
    assert foreground(["sleep", "30"], os.environ) == 128 + signal.SIGTERM


@posix_only
def test_a_signal_that_interrupts_no_wait_is_passed_on(tmp_path: Path) -> None:
    """One that comes in the instant before the wait begins: as does one that another thread takes, which can be
    arranged."""
    up, over = tmp_path / "up", threading.Event()
    other = threading.Thread(target=over.wait, daemon=True)
    other.start()

    def send() -> None:
        while not up.exists():
            os.sched_yield()
        assert other.ident
        signal.pthread_kill(other.ident, signal.SIGTERM)

    threading.Thread(target=send, daemon=True).start()
    try:
        assert foreground(["sh", "-c", f"touch {up}; exec sleep 30"], os.environ) == 128 + signal.SIGTERM
    finally:
        over.set()


def program_of(shell: str) -> str:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"no {shell} here")
    return program


@posix_only
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "dash", "tcsh"])
def test_a_shell_of_ones_own_comes_up_in_it(
    environments: Environments, notebook: Path, tmp_path: Path, shell: str
) -> None:
    """Also where its start-up file puts something else first on PATH."""
    program = program_of(shell)
    for name in (".bashrc", ".zshrc"):
        (tmp_path / name).write_text("export PATH=/usr/bin:/bin:$PATH SEEN=startup\n")
    env = dict(os.environ) | {"SHELL": program, "HOME": str(tmp_path), "PYTHONPATH": "/nowhere"}
    said = envs("shell", notebook, input="shout\necho seen=$VIRTUAL_ENV.\nexit 5\n", env=env)
    assert said.returncode == 5, said
    assert "HELLO" in said.stdout and f"seen={environment_of(environments).prefix}." in said.stdout
    assert not list(tmp_path.rglob("ran"))


SCRIPTS = {
    "bash": 'eval "$(cat {code})"; shout; echo "$VIRTUAL_ENV"; echo "${{PYTHONHOME-none}}$PYTHONPATH"; deactivate; '
            'echo "${{VIRTUAL_ENV-none}}"; echo "$PYTHONHOME"; echo "$PATH"',
    "fish": "source {code}; shout; echo $VIRTUAL_ENV; set -q PYTHONHOME; or echo none$PYTHONPATH; deactivate; "
            "set -q VIRTUAL_ENV; or echo none; echo $PYTHONHOME; string join : $PATH",
    "tcsh": 'eval "`cat {code}`"\nshout\necho "$VIRTUAL_ENV"\nprintenv PYTHONHOME || echo none$PYTHONPATH\ndeactivate\n'
            "printenv VIRTUAL_ENV || echo none\nprintenv PYTHONHOME\nprintenv PATH",
}  # fmt: skip
SCRIPTS |= {"zsh": SCRIPTS["bash"], "dash": SCRIPTS["bash"]}
LANGUAGE = {"tcsh": "csh", "dash": "bash"}


@posix_only
@pytest.mark.parametrize("shell", sorted(SCRIPTS))
def test_the_printed_text_activates_and_deactivates(
    notebook: Path, environments: Environments, tmp_path: Path, shell: str
) -> None:
    program = program_of(shell)
    printed = envs("activate", notebook, "--shell", LANGUAGE.get(shell, shell))
    assert printed.returncode == 0, printed.stderr
    code = tmp_path / "code"
    code.write_text(printed.stdout)
    env = dict(os.environ) | {"PYTHONHOME": "/nowhere", "PYTHONPATH": "/mine", "HOME": str(tmp_path)}
    script = tmp_path / "script"
    script.write_text(SCRIPTS[shell].format(code=code))
    words = [program, *(["-f"] if shell == "tcsh" else []), str(script)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=env, cwd=tmp_path)
    prefix = str(environment_of(environments).prefix)
    assert done.stdout.splitlines() == ["HELLO", prefix, "none/mine", "none", "/nowhere", os.environ["PATH"]], done
    assert not list(tmp_path.rglob("ran"))


@posix_only
@pytest.mark.parametrize("shell", sorted(SCRIPTS))
def test_every_path_comes_through_as_it_is(tmp_path: Path, shell: str) -> None:
    program = program_of(shell)
    path = str(tmp_path / AWKWARD)
    code = tmp_path / "code"
    code.write_text(WRITERS[LANGUAGE.get(shell, shell)](Active(path, f"{path}/bin", AWKWARD)))
    script = f"source {code}" if shell in ("fish", "tcsh") else f". {code}"
    words = [program, *(["-f"] if shell == "tcsh" else []), "-c", f"{script}; printenv VIRTUAL_ENV; printenv PATH"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.stdout.splitlines() == [path, f"{path}/bin:{os.environ['PATH']}"], done
    assert not (tmp_path / "ran").exists()


def test_powershell_takes_curly_quotes_for_quotes() -> None:
    text = WRITERS["powershell"](Active("C:\\it\u2019s 'x'", "C:\\b", "n"))
    assert "$env:VIRTUAL_ENV = 'C:\\it\u2019\u2019s ''x'''" in text


def test_a_prompt_holds_nothing_that_a_shell_reads_something_into() -> None:
    assert Active("p", "b", "Ana's `id` $(id) \\u %n 空.é").prompt == "Ana_s _id_ __id_ _u _n 空.é"


@posix_only
def test_the_shell_that_asks_is_the_one_that_is_answered(notebook: Path) -> None:
    command = f"{sys.executable} {MAIN} activate \"$0\" | grep -c 'hash -r'; true"
    done = subprocess.run(
        ["bash", "-c", command, str(notebook)], capture_output=True, text=True, check=False,
        env=dict(os.environ) | {"SHELL": "/usr/bin/fish"},
    )  # fmt: skip
    assert done.stdout == "2\n", done
