"""A notebook needs a Python that is not here: it is fetched with uv, after a yes that says so, and never else."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import jupyter_envs
from jupyter_envs import fetching, interpreters
from jupyter_envs.block import Block
from jupyter_envs.change import DEFAULTS, Options
from jupyter_envs.cleaning import clean
from jupyter_envs.cli.console import Console
from jupyter_envs.cli.main import main
from jupyter_envs.doctor import examined
from jupyter_envs.environments import Environments
from jupyter_envs.errors import Cancelled, ConsentNeeded, EnvsError, PythonError
from jupyter_envs.interpreters import fetched
from jupyter_envs.jobs import Jobs, Request
from jupyter_envs.kernel.asking import question
from jupyter_envs.kernel.explaining import explanation
from jupyter_envs.kernel.leases import lock
from jupyter_envs.report import SILENT, Report

from .kernel.real import ProvisionedKernel, write_notebook
from .pythons import HIDDEN, Mirror, hide_all_but_fetched, ours, stuck
from .store.mounts import tmpfs

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the archive is made of a Python for POSIX")
MAIN = Path(jupyter_envs.__file__).with_name("__main__.py")
LOCK_ONLY = Options(build=False)


@pytest.fixture
def version() -> str:
    return ours().version


@pytest.fixture
def theirs(environments: Environments, mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> Block:
    """Of a notebook whose Python was here when it was locked. uv was asked what it can fetch."""
    with environments.engine() as engine:
        fetching.learn(engine)
    block = environments.install(None, ["demo"], options=LOCK_ONLY).block
    (environments.settings.home / "consents.json").unlink()
    hide_all_but_fetched(monkeypatch)
    return block


def rooms(environments: Environments) -> Environments:
    """As another process has them: the configuration is read again."""
    return Environments(environments.settings)


def asked(environments: Environments, block: Block, options: Options = DEFAULTS) -> ConsentNeeded:
    with pytest.raises(ConsentNeeded) as caught:
        rooms(environments).build(block, options=options)
    assert caught.value.code == "consent-needed" and nothing_left(environments)
    return caught.value


def failed(environments: Environments, block: Block, report: Report = SILENT) -> EnvsError:
    """What a fetch with everybody's yes ends with; nothing of it is left."""
    with pytest.raises(EnvsError) as caught:
        rooms(environments).build(block, options=Options(accept="yes", fetch_python="yes"), report=report)
    assert nothing_left(environments)
    return caught.value


def nothing_left(environments: Environments) -> bool:
    root = fetched.folder_of(environments.settings)
    return [path.name for path in root.glob("*")] in ([], [".lock"]) and not (Path(os.environ["HOME"]) / ".local/bin").exists()


def test_from_the_offer_to_a_kernel_in_it(
    environments: Environments, theirs: Block, mirror: Mirror, version: str, tmp_path: Path
) -> None:
    status = rooms(environments).status(theirs)
    assert status.state == "no-python"
    assert f"Python {version} can be fetched from {mirror.source}." in status.sentence
    refused = asked(environments, theirs)
    assert refused.data["fetch"] == {"version": version, "source": mirror.source, "size": refused.data["fetch"]["size"]}
    assert refused.data["fetch"]["size"] > 1_000_000
    assert f"Python {version} is not here: it is fetched from {mirror.source}" in question(refused.to_dict())

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
    assert Path(said[0]).resolve().is_relative_to(fetched.folder_of(environments.settings).resolve())
    assert not (Path(os.environ["HOME"]) / ".local" / "bin").exists(), "no commands for the user"


def test_a_yes_to_the_packages_is_none_to_the_python(environments: Environments, theirs: Block) -> None:
    both = asked(environments, theirs).data["digest"]
    assert asked(environments, theirs, Options(accept="yes")).data["digest"] == both
    asked(environments, theirs, Options(fetch_python="yes"))
    asked(environments, theirs, Options(accept="sha256:" + "0" * 64, fetch_python="yes"))
    consenting = replace(environments.settings, consent=both)
    assert Environments(consenting).build(theirs).id


def test_who_approved_the_packages_before_is_asked_for_the_python_alone(environments: Environments, theirs: Block) -> None:
    rooms(environments).build(theirs, options=Options(accept="yes", fetch_python="yes"))
    (taken,) = fetched.prefixes(environments.settings)
    for place in (taken.parent / "ready.json", environments.settings.cache / "interpreters.json"):
        place.unlink()
    with pytest.raises(ConsentNeeded, match="approved before") as caught:
        rooms(environments).build(theirs)
    assert caught.value.data["new"] == []
    assert rooms(environments).build(theirs, options=Options(fetch_python="yes"))


def test_what_goes_on_after_a_build_asks_uv_what_it_can_fetch(environments: Environments, mirror: Mirror, version: str) -> None:
    environments.base(build=True)
    assert fetching.known(environments.settings) == (), "nobody waited for it"
    home = {"JUPYTER_ENVS_HOME": str(environments.settings.home), "JUPYTER_ENVS_STORE": str(environments.settings.store)}
    subprocess.run([sys.executable, MAIN, "finish"], env={**os.environ, **home}, check=True)
    assert [download.version for download in fetching.known(environments.settings)] == [version]


def test_another_release_is_another_question(environments: Environments, theirs: Block, mirror: Mirror, python_archive: Path, version: str) -> None:
    before = asked(environments, theirs).data["digest"]
    newer = f"{version.rpartition('.')[0]}.99"
    mirror.add(python_archive, newer)
    assert asked(environments, theirs, Options(accept=before)).data["fetch"]["version"] == newer


def test_only_agree_makes_what_may_be_fetched() -> None:
    with pytest.raises(TypeError):
        fetching.Agreed(fetching.Download("3.9.1", "k", "example.org"), seal=object())


def test_what_is_not_what_uv_knows_is_thrown_away(
    environments: Environments, theirs: Block, mirror: Mirror, python_archive: Path, version: str
) -> None:
    mirror.add(python_archive, version, sha256="0" * 64)
    error = failed(environments, theirs)
    assert (error.code, "sha256 differs" in error.sentence) == ("python-damaged", True) and "Hash mismatch" in error.details


def test_half_an_archive_is_thrown_away(
    environments: Environments, theirs: Block, mirror: Mirror, python_archive: Path, version: str, tmp_path: Path
) -> None:
    half = tmp_path / "half.tar.gz"
    half.write_bytes(python_archive.read_bytes()[:2_000_000])
    mirror.add(half, version)
    assert failed(environments, theirs).code == "python-damaged"


def test_one_that_says_it_is_another_is_thrown_away(
    environments: Environments, theirs: Block, mirror: Mirror, python_archive: Path, version: str
) -> None:
    mirror.add(python_archive, f"{version.rpartition('.')[0]}.98")
    assert failed(environments, theirs).code == "python-fetch-failed"


def test_a_mirror_that_is_not_there(environments: Environments, theirs: Block, mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    for url in ((tmp_path / "nothing").as_uri(), "http://127.0.0.1:9"):
        mirror.use(monkeypatch, url)
        assert failed(environments, theirs).code == "python-unreachable"


def test_none_that_fits_is_said_and_not_offered(environments: Environments, theirs: Block, mirror: Mirror, python_archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror.rows.clear()
    mirror.add(python_archive, "3.99.1")
    assert failed(environments, theirs).code == "python-unknown"
    assert "can be fetched" not in rooms(environments).status(theirs).sentence
    with pytest.raises(PythonError) as caught:
        rooms(environments).build(theirs)
    assert caught.value.code == "no-python"


@pytest.mark.parametrize("text", ["{", '{"x": 1}', "[]"])
def test_a_list_that_cannot_be_read(environments: Environments, theirs: Block, mirror: Mirror, text: str) -> None:
    (mirror.folder / "list.json").write_text(text)
    assert failed(environments, theirs).code in ("python-fetch-failed", "python-unknown")


def test_cancelled_in_the_middle_it_leaves_nothing(
    environments: Environments, theirs: Block, mirror: Mirror, python_archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stuck(python_archive) as (url, begun):
        mirror.use(monkeypatch, url)

        class Impatient(Report):
            @property
            def cancelled(self) -> bool:
                return begun.is_set()

        assert isinstance(failed(environments, theirs, Impatient()), Cancelled)


@pytest.mark.parametrize("size", ["16k", "3m", "12m"])
def test_a_full_disk_is_named_and_left_as_it_was(environments: Environments, theirs: Block, size: str) -> None:
    with tmpfs(fetched.folder_of(environments.settings), size) as disk:
        error = failed(environments, theirs)
        assert error.code == "disk-full" and str(disk) in error.sentence, error.details
        assert nothing_left(environments)


def test_what_a_kill_left_is_never_found_and_goes_with_the_next_fetch(environments: Environments, theirs: Block, version: str) -> None:
    half = fetched.folder_of(environments.settings) / f"{version}-deadbeef"
    program = half / f"cpython-{version}-x" / "bin" / "python3"
    program.parent.mkdir(parents=True)
    answer = json.dumps(["cpython", version, "x", "", str(program)])
    program.write_text(f"#!/bin/sh\necho '{answer}'\n")
    program.chmod(0o755)
    assert interpreters.discover(environments.settings) == ()
    assert rooms(environments).build(theirs, options=Options(accept="yes", fetch_python="yes"))
    assert not half.exists()


def test_the_broom_takes_it_a_day_later_and_nothing_that_is_used(environments: Environments, theirs: Block, version: str) -> None:
    rooms(environments).build(theirs, options=Options(accept="yes", fetch_python="yes"))
    half = fetched.folder_of(environments.settings) / f"{version}-deadbeef"
    half.mkdir()
    assert half not in clean(environments, 0, dry_run=True).leftovers
    os.utime(half, (0, 0))
    with (half.parent / ".lock").open("r+b") as file:
        lock(file.fileno(), exclusive=True)
        assert half not in clean(environments, 0).leftovers, "somebody fetches"
    assert half in clean(environments, None).leftovers and not half.exists()
    assert len(list(fetched.prefixes(environments.settings))) == 1


def test_two_that_need_it_at_once_fetch_it_once(environments: Environments, theirs: Block) -> None:
    ends: list[str] = []

    def build() -> None:
        ends.append(rooms(environments).build(theirs, options=Options(accept="yes", fetch_python="yes")).id)

    threads = [threading.Thread(target=build) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ends) == 3 and len(set(ends)) == 1
    assert len(list(fetched.prefixes(environments.settings))) == 1


@pytest.fixture(params=["policy", "variable", "uv.toml", "offline", "UV_OFFLINE"])
def forbidden(request: pytest.FixtureRequest, environments: Environments, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environments:
    match request.param:
        case "policy":
            (tmp_path / "policy.json").write_text('{"fetch-python": "never"}')
            monkeypatch.setenv("JUPYTER_ENVS_POLICY", str(tmp_path / "policy.json"))
        case "variable":
            monkeypatch.setenv("UV_PYTHON_DOWNLOADS", "never")
        case "uv.toml":
            file = Path(os.environ["XDG_CONFIG_HOME"]) / "uv" / "uv.toml"
            file.parent.mkdir(parents=True)
            file.write_text('python-downloads = "never"\n')
        case "offline":
            return Environments(replace(environments.settings, offline=True))
        case "UV_OFFLINE":
            monkeypatch.setenv("UV_OFFLINE", "1")
    return Environments(environments.settings)


def test_where_it_is_forbidden_it_is_not_offered_and_no_yes_helps(theirs: Block, forbidden: Environments) -> None:
    status = forbidden.status(theirs)
    assert status.error and "fetch" not in status.error.data and "can be fetched" not in status.sentence
    error = failed(forbidden, theirs)
    assert error.code in ("policy-python", "python-fetch-off", "offline")
    with pytest.raises(PythonError) as caught:
        forbidden.build(theirs, options=Options(accept="yes"))
    assert caught.value.code == "no-python"


def test_a_change_that_is_typed_takes_the_option(
    environments: Environments, theirs: Block, version: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = write_notebook(tmp_path / "a.ipynb", theirs)
    words = ["python", str(notebook), ".".join(version.split(".")[:2]), "--no-build-env"]
    assert main(words) == 1
    said = capsys.readouterr().err
    assert f"Python {version} can be fetched" in said and "--fetch-python" in said and nothing_left(environments)
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS", "never")
    assert main([*words, "--fetch-python"]) == 1
    assert "error[python-fetch-off]" in capsys.readouterr().err and nothing_left(environments)
    monkeypatch.delenv("UV_PYTHON_DOWNLOADS")
    assert main([*words, "--fetch-python", "--accept"]) == 0


def test_no_password_of_a_mirror_is_kept_or_shown(
    environments: Environments, theirs: Block, mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror.use(monkeypatch, "http://somebody:hunter2@127.0.0.1:9")
    question = asked(environments, theirs)
    error = failed(environments, theirs)
    assert "127.0.0.1" in question.sentence and "hunter2" not in f"{question.to_dict()}{error.to_dict()}"
    kept = [file for file in environments.settings.home.rglob("*.json") if b"hunter2" in file.read_bytes()]
    assert kept == []


def test_a_job_that_is_cancelled_leaves_nothing(
    environments: Environments, theirs: Block, mirror: Mirror, python_archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hide").touch()
    monkeypatch.setenv("JUPYTER_ENVS_HIDE", str(tmp_path / "hide"))
    monkeypatch.setenv("PYTHONPATH", str(HIDDEN))
    jobs = Jobs(environments.settings)
    with stuck(python_archive) as (url, begun):
        mirror.use(monkeypatch, url)
        digest = asked(environments, theirs).data["digest"]
        job = jobs.start(Request("build", block=theirs.to_dict(), accept=digest))
        assert begun.wait(60), jobs.follow(job.id)
        started = time.monotonic()
        jobs.cancel(job.id)
        assert time.monotonic() - started < 5
    assert jobs.get(job.id).state == "cancelled"
    assert nothing_left(environments)


def test_looking_starts_no_process(environments: Environments, theirs: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", None)
    assert "can be fetched" in rooms(environments).status(theirs).sentence


def test_what_uv_was_never_asked_is_not_offered(environments: Environments, theirs: Block) -> None:
    (environments.settings.cache / "pythons.json").write_text('{"found": [1]}')
    assert "can be fetched" not in rooms(environments).status(theirs).sentence
    assert asked(environments, theirs).data["fetch"], "it is asked when somebody wants to build"


def test_the_command_line_takes_both_yes(
    environments: Environments, theirs: Block, version: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = write_notebook(tmp_path / "a.ipynb", theirs)
    assert main(["build", str(notebook), "--accept"]) == 3
    said = capsys.readouterr().err
    assert f"Python {version}, which is not here" in said and "--accept --fetch-python" in said
    assert main(["status", str(notebook)]) == 0
    assert "To fetch it and build: `jupyter envs build" in capsys.readouterr().out
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
    assert len(questions) == 2 and f"Python {version} is not here: it is fetched from" in questions[1]


def test_the_stand_in_says_what_to_type(environments: Environments, theirs: Block, version: str) -> None:
    lines = explanation(rooms(environments).status(theirs).to_dict(), "/nb/a.ipynb")
    assert f"Python {version} can be fetched" in lines[0]
    ends = [line for line in lines if "%env-build" in line or "jupyter envs build" in line]
    assert re.fullmatch(rf"To fetch Python {re.escape(version)} and build, in a cell of its own: +%env-build", ends[0])
    assert len(ends) == 2


def test_the_doctor_knows_what_was_fetched(environments: Environments, theirs: Block, version: str) -> None:
    rooms(environments).build(theirs, options=Options(accept="yes", fetch_python="yes"))
    (told,) = [f.sentence for f in examined(environments.settings, os.environ) if f.what == "fetched"]
    assert re.search(rf"{re.escape(version)}, \d+ MB in .*, used by 1 environment\.", told)


@pytest.fixture(autouse=True)
def no_real_downloads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A test that forgets its mirror fails at once."""
    monkeypatch.setenv("UV_PYTHON_INSTALL_MIRROR", "http://127.0.0.1:9")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    yield
