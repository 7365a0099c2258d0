"""Terminal, jobs, kernel, stand-in and doctor know of a Python that can be fetched, and of one that was."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from jupyter_envs.cli.console import Console
from jupyter_envs.cli.main import main
from jupyter_envs.environments.doctor import examine
from jupyter_envs.environments.jobs import JobRequest, Jobs
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.kernel.asking import question
from jupyter_envs.kernel.explaining import explanation
from jupyter_envs.machine.interpreters import fetched
from jupyter_envs.model.block import Block
from jupyter_envs.model.options import Options
from jupyter_envs.model.progress import Report

from ..kernel.real import ProvisionedKernel, write_notebook
from ..pythons import HIDDEN, Mirror, stuck
from .conftest import POSIX, asked, nothing_left, rooms

pytestmark = POSIX


def test_from_the_offer_to_a_kernel_in_it(
    environments: Environments, theirs: Block, mirror: Mirror, version: str, tmp_path: Path
) -> None:
    status = rooms(environments).status(theirs)
    assert status.state == "no-python"
    assert f"Python {version} can be downloaded from {mirror.source}." in status.sentence
    refused = asked(environments, theirs)
    assert refused.data["fetch"] == {"version": version, "source": mirror.source, "size": refused.data["fetch"]["size"]}
    assert refused.data["fetch"]["size"] > 1_000_000
    assert f"Python {version} is not installed here: it will be downloaded from {mirror.source}" in question(
        refused.to_dict()
    )

    phases: list[str] = []

    class Seen(Report):
        def phase(self, phase: str, text: str) -> None:
            phases.append(phase)

    built = rooms(environments).build(theirs, options=Options(accept=refused.data["digest"]), report=Seen())
    assert built.version == version and phases[0] == "python"
    assert rooms(environments).status(theirs).state == "ready"
    kernel = ProvisionedKernel(write_notebook(tmp_path / "nb" / "a.ipynb", theirs), tmp_path)
    try:
        said = kernel.run("import demo, sys; print(sys.base_prefix, demo.__version__)").stdout.split()
    finally:
        kernel.stop()
    assert said[1] == "2.0"
    assert Path(said[0]).resolve().is_relative_to(fetched.folder_of(environments.here.settings).resolve())
    assert not (Path(os.environ["HOME"]) / ".local" / "bin").exists(), "no commands for the user"


def test_a_change_that_is_typed_takes_the_option(
    environments: Environments,
    theirs: Block,
    version: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    notebook = write_notebook(tmp_path / "a.ipynb", theirs)
    words = ["python", str(notebook), ".".join(version.split(".")[:2]), "--no-build-env"]
    assert main(words) == 1
    said = capsys.readouterr().err
    assert f"Python {version} can be downloaded" in said and nothing_left(environments)
    assert f"`jupyter envs python NOTEBOOK {words[2]} --fetch-python`" in said, "which does what was typed"
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS", "never")
    assert main([*words, "--fetch-python"]) == 1
    assert "error[python-fetch-off]" in capsys.readouterr().err and nothing_left(environments)
    monkeypatch.delenv("UV_PYTHON_DOWNLOADS")
    assert main([*words, "--fetch-python", "--accept"]) == 0


def test_the_command_line_takes_both_yes(
    environments: Environments, theirs: Block, version: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = write_notebook(tmp_path / "a.ipynb", theirs)
    assert main(["build", str(notebook), "--accept"]) == 3
    said = capsys.readouterr().err
    assert f"Python {version}, which is not installed here" in said and "--accept --fetch-python" in said
    assert main(["status", str(notebook)]) == 0
    assert "To download it and build the environment: `jupyter envs build" in capsys.readouterr().out
    assert main(["build", str(notebook), "--store", str(tmp_path / "shared"), "--accept", "--fetch-python"]) == 1
    assert "error[no-python]" in capsys.readouterr().err, "others could not come to it"
    assert main(["build", str(notebook), "--accept", "--fetch-python"]) == 0
    assert f"Built: Python {version}" in capsys.readouterr().out


def test_a_terminal_asks_one_question_for_both(
    environments: Environments, theirs: Block, version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions: list[str] = []

    def answer(console: Console, question: str) -> bool:
        questions.append(question)
        return len(questions) > 1

    monkeypatch.setattr(Console, "asks", lambda console: True)
    monkeypatch.setattr(Console, "ask", answer)
    notebook = str(write_notebook(tmp_path / "a.ipynb", theirs))
    assert main(["build", notebook]) == 3 and nothing_left(environments), "no"
    assert main(["build", notebook]) == 0, "yes"
    assert len(questions) == 2 and f"Python {version} is not installed here: it will be downloaded from" in questions[1]


def test_a_job_that_is_cancelled_leaves_nothing(
    environments: Environments,
    theirs: Block,
    mirror: Mirror,
    python_archive: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "hide").touch()
    monkeypatch.setenv("JUPYTER_ENVS_HIDE", str(tmp_path / "hide"))
    monkeypatch.setenv("PYTHONPATH", str(HIDDEN))
    jobs = Jobs(environments.here.settings)
    with stuck(python_archive) as (url, begun):
        mirror.use(monkeypatch, url)
        digest = asked(environments, theirs).data["digest"]
        job = jobs.start(JobRequest("build", block=theirs.to_dict(), accept=digest))
        assert begun.wait(60), jobs.follow(job.id)
        started = time.monotonic()
        jobs.cancel(job.id)
        assert time.monotonic() - started < 3
    assert jobs.get(job.id).state == "cancelled"
    assert nothing_left(environments)


def test_the_stand_in_says_what_to_type(environments: Environments, theirs: Block, version: str) -> None:
    lines = explanation(rooms(environments).status(theirs).to_dict(), "/nb/a.ipynb")
    assert f"Python {version} can be downloaded" in lines[0]
    ends = [line for line in lines if "%env-build" in line or "jupyter envs build" in line]
    assert re.fullmatch(
        rf"To download Python {re.escape(version)} and build, in a cell of its own: +%env-build", ends[0]
    )
    assert len(ends) == 2


def test_the_doctor_knows_what_was_fetched(environments: Environments, theirs: Block, version: str) -> None:
    rooms(environments).build(theirs, options=Options(accept="yes", fetch_python="yes"))
    (told,) = [f.sentence for f in examine(environments.here.settings, os.environ) if f.what == "fetched"]
    assert re.search(rf"{re.escape(version)}, \d+ MB in .*, used by 1 environment\.", told)
