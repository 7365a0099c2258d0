"""What is not there, is broken or takes too long is said in a sentence, and nothing is lost."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.launch import provisioner
from jupyter_envs.launch.decision import KernelStart, decide, launch_standin
from jupyter_envs.launch.launch import keep
from jupyter_envs.model.block import Block

from ..local_index import LocalIndex
from ..typed import typed
from ..wheels import wheel
from .client import Comm
from .conftest import Start
from .real import write_notebook

PREFIX = "import sys; print(sys.prefix)"


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("%env-install no-such-package-here", "no-such-package-here"),
        ("%env-install needs-old 'demo-dep>=1.1'", "demo-dep"),
        ("%env-install --target lib demo", "--target"),
        ("%env-install ./nowhere", "nowhere"),
        ("%env-install -r nowhere.txt", "nowhere.txt"),
    ],
)
def test_failing_installs_leave_kernel_and_environment_as_they_were(
    start: Start, base: Environments, tmp_path: Path, cell: str, words: str
) -> None:
    kernel = start(write_notebook(tmp_path / "nb" / "a.ipynb"))
    prefix = kernel.run(PREFIX).stdout
    done = kernel.run(cell)
    lines = done.stderr.splitlines()
    assert words in lines[0] and "Traceback" not in done.text, done
    hints = [line for line in lines[1:] if line != "-v shows the details."]
    assert all(line.startswith("hint: ") for line in hints) and len(lines) <= 4, lines
    assert kernel.run(PREFIX).stdout == prefix
    assert kernel.context["block"] is None


def test_the_stand_in_explains_asks_and_builds(
    start: Start, demo: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The notebook comes to a second machine, whose home is empty."""
    monkeypatch.setenv("JUPYTER_ENVS_HOME", str(tmp_path / "second"))
    info = {"name": "python", "version": "3.0.0"}
    notebook = write_notebook(tmp_path / "nb" / "a.ipynb", demo, language_info=info)
    kernel = start(notebook)
    kernel.client.kernel_info()
    assert kernel.client.get_shell_msg(timeout=10)["content"]["language_info"] == info
    failed = kernel.run("open('ran', 'w')")
    assert failed.ename == "EnvironmentNotReady"
    assert "%env-build" in failed.traceback and f"jupyter envs build {notebook}" in failed.traceback
    assert "demo" in failed.traceback and not (notebook.parent / "ran").exists()
    assert Comm(kernel).next("state")["standin"] is True
    refused = kernel.run("%env-build")
    assert refused.reply["status"] == "error" and "--accept" in refused.stderr
    assert kernel.run("%env-build", answer="n").reply["status"] == "error"
    done = kernel.run("%env-build", answer="y")
    assert done.reply["status"] == "ok" and "demo" in done.prompts[0], done
    kernel.restart()
    assert kernel.run("import demo").reply["status"] == "ok"


def test_a_notebook_that_cannot_be_read_still_opens(start: Start, base: Environments, tmp_path: Path) -> None:
    notebook = tmp_path / "a.ipynb"
    notebook.write_text('{"metadata": {"jupyter_envs": {"version": 1, "dependencies": ["--evil"]}}, "cells": [],'
                        ' "nbformat": 4, "nbformat_minor": 5}')  # fmt: skip
    failed = start(notebook).run("1")
    assert failed.ename == "EnvironmentNotReady" and "dependencies[0]" in failed.traceback


def test_a_notebook_that_somebody_named_has_to_be_there(start: Start, base: Environments, tmp_path: Path) -> None:
    failed = start(None, JUPYTER_ENVS_NOTEBOOK=str(tmp_path / "gone.ipynb")).run("1")
    assert failed.ename == "EnvironmentNotReady" and "There is no notebook" in failed.traceback


def test_one_that_was_never_saved_needs_no_file(base: Environments, tmp_path: Path) -> None:
    launch = decide(KernelStart("k", tmp_path / "Untitled.ipynb"), base.here.settings)
    assert launch.base and launch.environment
    folder = decide(KernelStart("k", tmp_path), base.here.settings)
    assert folder.standin and folder.status and folder.status.state == "invalid"


def test_a_restart_without_a_context_reads_the_notebook(base: Environments, demo: Block, tmp_path: Path) -> None:
    notebook = write_notebook(tmp_path / "a.ipynb", demo)
    assert decide(KernelStart("k", notebook, again=True), base.here.settings).block == demo.to_dict()
    keep(launch_standin(KernelStart("k", notebook), base.here.settings), base.here.settings)
    assert decide(KernelStart("k", notebook, again=True), base.here.settings).block == demo.to_dict()


@pytest.mark.parametrize("broken", ["Settings", "which_notebook"])
def test_whatever_breaks_the_kernel_starts_and_says_so(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    monkeypatch.setattr(provisioner, broken, None)
    failed = start(write_notebook(tmp_path / "a.ipynb")).run("1")
    assert failed.ename == "EnvironmentNotReady" and "NoneType" in failed.traceback


def test_a_failed_look_is_looked_at_again(start: Start, base: Environments, demo: Block, tmp_path: Path) -> None:
    """The store could not be used for a moment, and what the notebook asks for is not known yet."""
    notebook = write_notebook(tmp_path / "a.ipynb", demo)
    kernel = start(notebook)
    identity = kernel.manager.provisioner.kernel_id
    assert kernel.run("import demo").reply["status"] == "ok"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(provisioner, "decide", None)
        kernel.restart()
    assert kernel.context["status"]["state"] == "failed"
    keep(launch_standin(KernelStart(identity, notebook), base.here.settings, OSError("no store")), base.here.settings)
    assert "The environment is ready." in kernel.run("1").traceback
    assert kernel.context["block"] == demo.to_dict()


def test_a_slow_store_is_not_waited_for(
    start: Start, base: Environments, demo: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = start(write_notebook(tmp_path / "a.ipynb"))
    kernel.run("%env-install demo==1.0")
    with monkeypatch.context() as patched:
        patched.setattr(provisioner, "START_TIMEOUT", 0.001)
        kernel.restart()
    context = kernel.context
    assert (context["standin"], context["status"]["state"]) == (True, "looking")
    assert context["block"]["dependencies"] == ["demo==1.0"]
    kernel.restart()
    assert kernel.run("import demo").reply["status"] == "ok"


def test_a_home_that_cannot_be_used_is_explained(start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("JUPYTER_ENVS_HOME", str(tmp_path / "file" / "home"))
    failed = start(write_notebook(tmp_path / "a.ipynb")).run("1")
    assert failed.ename == "EnvironmentNotReady" and "cannot be used" in failed.traceback


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_a_home_that_others_can_write_to_is_neither_read_nor_written(start: Start, home: Path, tmp_path: Path) -> None:
    """What lies in it would say which program a magic runs. The kernel starts even so, and is a good one once it is
    mended."""
    ran = tmp_path / "ran"
    home.chmod(0o777)
    (home / "kernels").mkdir(mode=0o777)
    kernel = start(write_notebook(tmp_path / "a.ipynb"), JUPYTER_ENVS_CONTEXT=str(home / "kernels" / "planted.json"))
    identity = kernel.manager.provisioner.kernel_id
    cli = {"cli": ["/bin/sh", "-c", f"touch {ran}"], "block": None, "status": {"state": "not-built", "sentence": "x"}}
    for name in (identity, "planted", "kernel"):
        (home / "kernels" / f"{name}.json").write_text(json.dumps(cli))
    for cell in ("1", "%env-status", "%env-build", "!pip install six"):
        said = kernel.run(cell)
        assert "Other users can write to" in said.traceback + said.text and "chmod 700" in said.traceback + said.text, (
            said
        )
    assert not ran.exists() and len([*(home / "kernels").iterdir()]) == 3
    shutil.rmtree(home / "kernels")
    home.chmod(0o700)
    kernel.restart()
    assert "Other users can write to" not in kernel.run("1").traceback and kernel.context["kernel"] == identity


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
@pytest.mark.parametrize(
    "damage", [b'{"closures": {"x": {"files": 5}}}', b"[" * 100_000, None], ids=["types", "deep", "pipe"]
)
def test_a_kernel_starts_whatever_the_list_of_consents_has_become(
    start: Start, demo_notebook: Path, home: Path, damage: bytes | None
) -> None:
    (home / "consents.json").unlink()
    if damage is None:
        os.mkfifo(home / "consents.json", 0o600)
    else:
        (home / "consents.json").write_bytes(damage)
    failed = start(demo_notebook).run("1")
    assert failed.ename == "EnvironmentNotReady" and "list of consents" in failed.traceback, failed


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
@pytest.mark.parametrize("way", ["pipe", "folder", "list"])
def test_a_restart_puts_up_with_whatever_lies_in_the_place_of_its_own_files(
    start: Start, demo_notebook: Path, home: Path, way: str
) -> None:
    kernel = start(demo_notebook)
    for suffix in (".json", ".started", ".died", ".changes", ".lock"):
        path = home / "kernels" / f"{kernel.manager.provisioner.kernel_id}{suffix}"
        path.unlink(missing_ok=True)
        match way:
            case "pipe":
                os.mkfifo(path, 0o600)
            case "folder":
                (path / "x").mkdir(parents=True)
            case _:
                path.write_text('[{"status": []}]')
    kernel.restart()
    done = kernel.run("import demo")
    assert done.reply["status"] == "ok", done


def test_a_kernel_that_dies_twice_gives_way_to_the_stand_in(
    start: Start, base: Environments, index: LocalIndex, tmp_path: Path
) -> None:
    index.add(wheel("ipykernel", "999", files={"ipykernel/__init__.py": "raise ImportError('broken on purpose')"}))
    block = base.install(None, typed("demo")).block
    kernel = start(write_notebook(tmp_path / "a.ipynb", block))
    assert "ipykernel" in kernel.run("%env-install ipykernel==999").text
    manager = kernel.manager
    kernel.client.stop_channels()
    for _ in range(2):
        manager.restart_kernel(now=True)
        manager.provisioner.process.wait(30)
    manager.restart_kernel(now=True)
    kernel.client = kernel._connect()
    failed = kernel.run("1")
    assert failed.ename == "EnvironmentNotReady" and "broken on purpose" in failed.traceback
