"""What is approved and unpacked is there at once; what is damaged is made again, and that is said."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.launch import decision
from jupyter_envs.launch.decision import KernelStart, decide
from jupyter_envs.model.block import Block
from jupyter_envs.store import Environment
from jupyter_envs.system import scripts

from .conftest import Start
from .real import environment_of

pytestmark = pytest.mark.usefixtures("own_store")


def test_what_is_approved_and_only_has_to_be_linked_is_there_at_once(
    start: Start, base: Environments, demo: Block, demo_notebook: Path
) -> None:
    environment = environment_of(base, demo)
    base.here.store.remove(environment.id)
    kernel = start(demo_notebook)
    assert kernel.run("import demo").reply["status"] == "ok"
    assert not kernel.context["standin"] and kernel.context["status"]["state"] == "ready"


def test_what_nobody_has_approved_is_not_even_linked(
    base: Environments, demo: Block, demo_notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = environment_of(base, demo)
    base.here.store.remove(environment.id)
    monkeypatch.setenv("JUPYTER_ENVS_HOME", str(tmp_path / "second"))
    other = Environments(type(base.here.settings).load())
    launch = decide(KernelStart("k", demo_notebook), other.here.settings)
    assert launch.standin and launch.status and launch.status.state == "not-built"
    assert other.here.store.find(environment.id) is None


def changed(environment: Environment) -> None:
    """As `uv pip install` does it as root, where write bits stop nobody."""
    site = environment.site[0]
    site.chmod(0o755)
    (site / "more.py").write_text("")


def other_python(environment: Environment) -> None:
    pointer = environment.prefix.parent / "current.json"
    value = json.loads(pointer.read_text())
    value["python"]["signature"][-1] += 1
    pointer.write_text(json.dumps(value))


DAMAGES = pytest.mark.parametrize(
    ("damage", "words"), [(changed, "Files of this environment were changed"), (other_python, "removed or upgraded")]
)


@DAMAGES
def test_a_damaged_environment_is_made_again_and_that_is_said_once(
    start: Start, base: Environments, demo: Block, demo_notebook: Path, damage: Any, words: str
) -> None:
    environment = environment_of(base, demo)
    damage(environment)
    kernel = start(demo_notebook)
    first = kernel.run("import demo, sys; print(sys.prefix)")
    assert first.stdout != f"{environment.prefix}\n"
    assert words in first.stderr and "It was built again from its lock." in first.stderr
    assert kernel.run("1").stderr == ""
    told = kernel.context["status"]
    assert (told["state"], list(told)[-1]) == ("ready", "notes"), "it is used, so nothing is withheld"


@DAMAGES
def test_where_it_cannot_be_made_at_once_the_stand_in_says_what_is_the_matter(
    start: Start,
    base: Environments,
    demo: Block,
    demo_notebook: Path,
    damage: Any,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decision, "make_at_once", lambda *_: None)
    damage(environment_of(base, demo))
    kernel = start(demo_notebook)
    told = kernel.context["status"]
    assert (told["state"], list(told)[-3:], told["damaged"]) == ("not-built", ["notes", "withheld", "damaged"], True)
    assert told["withheld"] == told["sentence"]
    failed = kernel.run("import demo")
    assert failed.ename == "EnvironmentNotReady" and words in failed.traceback, failed
    assert "built again from its lock" in failed.traceback and "%env-build" in failed.traceback
    assert kernel.run("%env-build").reply["status"] == "ok"
    fresh = start(demo_notebook)
    assert fresh.run("import demo").reply["status"] == "ok"


@DAMAGES
def test_the_command_line_says_it_too(
    base: Environments, demo: Block, demo_notebook: Path, damage: Any, words: str
) -> None:
    environment = environment_of(base, demo)
    damage(environment)
    main = scripts.MAIN
    argv = [sys.executable, str(main), "build", str(demo_notebook)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and words in done.stderr and "built again" in done.stderr, done
    assert environment_of(base, demo).prefix != environment.prefix
