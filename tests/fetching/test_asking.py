"""A Python that is not here is offered where it may be fetched, and only after a yes that says so."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from msgspec.structs import replace

from jupyter_envs.consent import python
from jupyter_envs.engines.uv import pythons
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.errors import ConsentNeeded, PythonError
from jupyter_envs.machine.interpreters import fetched
from jupyter_envs.machine.interpreters.download import Download
from jupyter_envs.model.block import Block, parse_block
from jupyter_envs.model.options import Options

from ..pythons import Mirror
from ..typed import typed
from .conftest import POSIX, asked, failed, nothing_left, rooms

pytestmark = POSIX


def test_a_yes_to_the_packages_is_none_to_the_python(environments: Environments, theirs: Block) -> None:
    both = asked(environments, theirs).data["digest"]
    assert asked(environments, theirs, Options(accept="yes")).data["digest"] == both
    asked(environments, theirs, Options(fetch_python="yes"))
    asked(environments, theirs, Options(accept="sha256:" + "0" * 64, fetch_python="yes"))
    with pytest.raises(ConsentNeeded):  # the variable names a digest; a yes is said with --accept
        Environments(replace(environments.here.settings, consent="yes")).build(
            theirs, options=Options(fetch_python="yes")
        )
    consenting = replace(environments.here.settings, consent=both)
    assert Environments(consenting).build(theirs).id


def test_who_approved_the_packages_before_is_asked_for_the_python_alone(
    environments: Environments, theirs: Block
) -> None:
    rooms(environments).build(theirs, options=Options(accept="yes", fetch_python="yes"))
    (taken,) = fetched.prefixes(environments.here.settings)
    for place in (taken.parent / "ready.json", environments.here.settings.cache / "interpreters.json"):
        place.unlink()
    with pytest.raises(ConsentNeeded, match="approved before") as caught:
        rooms(environments).build(theirs)
    assert caught.value.data["new"] == []
    assert rooms(environments).build(theirs, options=Options(fetch_python="yes"))


def test_a_python_that_only_the_notebook_names_is_asked_about_before_a_change_fetches_it(
    environments: Environments, theirs: Block, version: str
) -> None:
    wanting = parse_block(theirs.to_dict() | {"requires-python": f"=={version}"})
    with pytest.raises(ConsentNeeded, match=f"asks for Python {version}") as caught:
        rooms(environments).install(wanting, typed("shout"), options=Options(fetch_python="yes"))
    assert nothing_left(environments) and caught.value.data["fetch"]["version"] == version
    agreed = Options(fetch_python="yes", accept=caught.value.data["digest"])
    with pytest.raises(ConsentNeeded, match="packages") as caught:  # and then what will run in it
        rooms(environments).install(wanting, typed("shout"), options=agreed)
    assert (
        rooms(environments)
        .install(wanting, typed("shout"), options=Options(accept=caught.value.data["digest"]))
        .environment
    )


def test_a_python_that_was_typed_is_fetched(environments: Environments, theirs: Block, version: str) -> None:
    with suppress(ConsentNeeded):  # about the packages
        rooms(environments).python(theirs, f"=={version}", options=Options(fetch_python="yes"))
    assert fetched.prefixes(environments.here.settings)


def test_another_release_is_another_question(
    environments: Environments, theirs: Block, mirror: Mirror, python_archive: Path, version: str
) -> None:
    before = asked(environments, theirs).data["digest"]
    newer = f"{version.rpartition('.')[0]}.99"
    mirror.add(python_archive, newer)
    assert asked(environments, theirs, Options(accept=before)).data["fetch"]["version"] == newer


def test_an_older_release_can_be_had_too(
    environments: Environments, mirror: Mirror, python_archive: Path, version: str
) -> None:
    mirror.add(python_archive, f"{version.rpartition('.')[0]}.99")
    with environments.here.engine() as engine:
        found = pythons.fitting(f"=={version}", pythons.ask_for_downloads(engine))
    assert found and found.version == version


def test_a_policy_that_asks_about_no_packages_still_asks_about_a_python(
    environments: Environments, theirs: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "policy.json").write_text('{"ask": "never"}')
    monkeypatch.setenv("JUPYTER_ENVS_POLICY", str(tmp_path / "policy.json"))
    asked(environments, theirs)
    assert rooms(environments).build(theirs, options=Options(fetch_python="yes"))


def test_only_agree_makes_what_may_be_fetched() -> None:
    with pytest.raises(TypeError):
        python.Agreed(Download("3.9.1", "k", "example.org"), seal=object())


def test_none_that_fits_is_said_and_not_offered(
    environments: Environments, theirs: Block, mirror: Mirror, python_archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror.rows.clear()
    mirror.add(python_archive, "3.99.1")
    assert failed(environments, theirs).code == "python-unknown"
    assert "can be downloaded" not in rooms(environments).status(theirs).sentence
    with pytest.raises(PythonError) as caught:
        rooms(environments).build(theirs)
    assert caught.value.code == "no-python"


@pytest.fixture(params=["policy", "variable", "uv.toml", "offline", "UV_OFFLINE"])
def forbidden(
    request: pytest.FixtureRequest, environments: Environments, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Environments:
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
            return Environments(replace(environments.here.settings, offline=True))
        case "UV_OFFLINE":
            monkeypatch.setenv("UV_OFFLINE", "1")
    return Environments(environments.here.settings)


def test_where_it_is_forbidden_it_is_not_offered_and_no_yes_helps(theirs: Block, forbidden: Environments) -> None:
    status = forbidden.status(theirs)
    assert status.error and "fetch" not in status.error.data and "can be downloaded" not in status.sentence
    error = failed(forbidden, theirs)
    assert error.code in ("policy-python", "python-fetch-off", "offline")
    with pytest.raises(PythonError) as caught:
        forbidden.build(theirs, options=Options(accept="yes"))
    assert caught.value.code == "no-python"


def test_no_password_of_a_mirror_is_kept_or_shown(
    environments: Environments, theirs: Block, mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror.use(monkeypatch, "http://somebody:hunter2@127.0.0.1:9")
    question = asked(environments, theirs)
    error = failed(environments, theirs)
    assert "127.0.0.1" in question.sentence and "hunter2" not in f"{question.to_dict()}{error.to_dict()}"
    kept = [file for file in environments.here.settings.home.rglob("*.json") if b"hunter2" in file.read_bytes()]
    assert kept == []


def test_looking_starts_no_process(environments: Environments, theirs: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", None)
    assert "can be downloaded" in rooms(environments).status(theirs).sentence


def test_what_uv_was_never_asked_is_not_offered(environments: Environments, theirs: Block) -> None:
    (environments.here.settings.cache / "pythons.json").write_text('{"found": [1]}')
    assert "can be downloaded" not in rooms(environments).status(theirs).sentence
    assert asked(environments, theirs).data["fetch"], "it is asked when somebody wants to build"
