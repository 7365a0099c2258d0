"""The doctor says what is wrong, what to do, and no secrets."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest
from jupyter_core.paths import jupyter_config_dir, jupyter_data_dir
from msgspec.structs import replace

from jupyter_envs import __version__
from jupyter_envs.cli.main import main
from jupyter_envs.environments.doctor import Finding, examine, places
from jupyter_envs.environments.doctor.jupyter import packages
from jupyter_envs.environments.doctor.programs import fetched_pythons
from jupyter_envs.environments.here import Here
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.machine import kernelspecs
from jupyter_envs.machine.interpreters import fetched
from jupyter_envs.settings import Settings
from jupyter_envs.store import Store
from jupyter_envs.store.finishing import finish
from jupyter_envs.store.wheel.wheels import LINKING
from jupyter_envs.system import leases
from jupyter_envs.system.scripts import STUBS

from .leasing import taken
from .local_index import LocalIndex
from .store.scene import Bringer, approved, closure
from .stores import environment_id, publish
from .test_cli import signals  # noqa: F401  # the handlers that main sets


def findings(
    settings: Settings, what: str, *levels: str, environ: Mapping[str, str] = os.environ, network: bool = False
) -> list[Finding]:
    """Of that subject, and of the levels if any are named."""
    found = examine(settings, environ, network=network)
    return [finding for finding in found if finding.what == what and (not levels or finding.level in levels)]


def told(settings: Settings, what: str, *levels: str, **more: bool) -> str:
    return "\n".join(f"{f.level} {f.sentence} {f.hint}" for f in findings(settings, what, *levels, **more))  # type: ignore[arg-type]


@pytest.fixture
def installed(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Jupyter's data folder of a user for whom all is set up, and comes before what the tests' own Python has."""
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    kernelspecs.ensure()
    data = Path(jupyter_data_dir())
    for file, content in (
        (
            Path(jupyter_config_dir(), "jupyter_server_config.d", "x.json"),
            {"ServerApp": {"jpserver_extensions": {"jupyter_envs": True}}},
        ),
        (data / "labextensions" / "jupyter-envs" / "package.json", {"version": __version__}),
    ):
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(content))
    return data


def test_of_a_good_set_up_nothing_is_wrong(
    installed: Path,
    environments: Environments,
    index: LocalIndex,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("JUPYTER_ENVS_COMPILE")
    Environments(replace(environments.here.settings, compile="now")).build(None)
    assert main(["doctor", "--json", "--network"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["wrong"] == 0
    assert [f for f in result["findings"] if f["level"] != "fine"] == []
    assert {"uv", "Python", "index", "home", "store", "kernel", "server", "panel"} <= {
        f["what"] for f in result["findings"]
    }
    assert any("local" in f["sentence"] and "answers" in f["sentence"] for f in result["findings"])
    assert main(["doctor"]) == 0
    assert capsys.readouterr().out.endswith("No problems found.\n")


def test_it_asks_no_index_unless_it_is_told_to(settings: Settings, index: LocalIndex) -> None:
    list(examine(settings, os.environ))
    assert index.hits == []
    list(examine(settings, os.environ, network=True))
    assert index.hits


def test_an_index_that_does_not_answer_is_wrong(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "gone=http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    (finding,) = findings(settings, "index", "wrong", network=True)
    assert "gone = http://127.0.0.1:9/simple" in finding.sentence and finding.hint


def test_everything_wrong_has_something_to_do_about_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    settings = Settings(home=tmp_path / "h", store=tmp_path / "s", python="3.99", shared_stores=(tmp_path / "none",))
    wrong = [finding for finding in examine(settings, {}) if finding.level != "fine"]
    assert {"Python", "shared store"} <= {finding.what for finding in wrong}
    assert all(finding.hint for finding in wrong)
    assert not (tmp_path / "h" / "store").exists() and not (tmp_path / "s").exists(), "looking makes nothing"


def test_no_secret_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("UV_INDEX", "corp=https://anna:hunter22@pypi.example/simple?token=hunter23")
    monkeypatch.setenv("UV_INDEX_CORP_PASSWORD", "hunter24")
    monkeypatch.setenv("PIP_FIND_LINKS", "https://anna:hunter25@files.example/")
    monkeypatch.setenv("UV_PUBLISH_TOKEN", "hunter26")
    main(["doctor"])
    out, err = capsys.readouterr()
    assert "corp = https://pypi.example/simple" in out
    assert "hunter" not in out + err


def test_foreign_variables_are_told_by_name(settings: Settings) -> None:
    environ = {"UV_DEFAULT_INDEX": "https://x.example/simple", "UV_LINK_MODE": "copy", "PIP_TARGET": "/x", "UV_INDEX_A_PASSWORD": "p",
               "PIP_CERT": "", "PYTHONPATH": "/y", "PYTHONHOME": "/y", "HOME": "/z"}  # fmt: skip
    obeyed, passed_on, ignored = findings(settings, "variables", environ=environ)
    assert obeyed.sentence == "Used: UV_DEFAULT_INDEX, UV_INDEX_A_PASSWORD."
    assert passed_on.sentence == "For the code of notebooks only, not for jupyter-envs itself: PYTHONPATH."
    assert "PIP_TARGET, PYTHONHOME, UV_LINK_MODE" in ignored.sentence
    assert (obeyed.level, passed_on.level, ignored.level) == ("fine", "fine", "note")


def test_a_setting_that_means_nothing_is_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    monkeypatch.setenv("JUPYTER_ENVS_LINK_MODE", "symlink")
    assert main(["doctor", "--json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert "JUPYTER_ENVS_LINK_MODE" in finding["sentence"] and "hardlink" in finding["hint"]


class TestUv:
    def pretending(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str) -> None:
        program = tmp_path / "uv"
        program.write_text(f"#!/bin/sh\necho '{says}'\n")
        program.chmod(0o755)
        monkeypatch.setattr("uv.find_uv_bin", lambda: str(program))

    @pytest.mark.parametrize(
        ("says", "level"),
        [("uv 0.11.27", "wrong"), ("uv 0.11.28 (x)", "fine"), ("uv 1.0.0", "fine"), ("hello", "wrong")],
    )
    def test_one_that_is_too_old_is_wrong(
        self, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str, level: str
    ) -> None:
        self.pretending(tmp_path, monkeypatch, says)
        (finding,) = findings(settings, "uv")
        assert (finding.level, bool(finding.hint)) == (level, level == "wrong")

    def test_one_that_is_not_there_is_wrong_and_hides_nothing_else(
        self, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def missing() -> str:
            raise FileNotFoundError

        monkeypatch.setattr("uv.find_uv_bin", missing)
        monkeypatch.setenv("PATH", str(tmp_path))
        assert "pip install uv" in told(settings, "uv", "wrong")
        assert findings(settings, "panel")


class TestPlaces:
    def test_a_home_that_others_can_write_to_is_wrong(self, settings: Settings) -> None:
        settings.home.chmod(0o777)
        assert "chmod go-w" in told(settings, "home", "wrong")

    @pytest.mark.parametrize(("free", "level"), [(1e8, "wrong"), (1e9, "note")])
    def test_a_disk_that_is_nearly_full_is_told(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch, free: float, level: str
    ) -> None:
        monkeypatch.setattr(places.shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
        assert "jupyter envs gc" in told(settings, "store", level)

    @pytest.mark.skipif(sys.platform == "win32" or os.getuid() == 0, reason="root may write anywhere")
    def test_a_store_that_is_read_only_is_wrong(self, settings: Settings) -> None:
        settings.store.mkdir(parents=True, mode=0o500)
        assert "JUPYTER_ENVS_STORE" in told(settings, "store", "wrong")

    def test_a_file_system_without_links_and_locks_is_told(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refused(*_: object) -> None:
            raise PermissionError

        monkeypatch.setattr(os, "symlink", refused)
        assert "made of hard links" in told(settings, "file system", "note")
        monkeypatch.setattr(os, "link", refused)
        monkeypatch.setattr(leases, "works", lambda folder: False)
        said = told(settings, "file system", "note")
        assert "are copies" in said and "no file locks" in said

    def test_shared_stores_are_looked_at(self, settings: Settings, tmp_path: Path) -> None:
        shared = tmp_path / "shared"
        both = replace(settings, shared_stores=(shared,))
        assert "--store" in told(both, "shared store", "wrong")
        publish(replace(settings, store=shared), environment_id(1))
        assert "keeps-wheels" in told(both, "shared store", "note")
        (shared / "v1" / "keeps-wheels").touch()
        assert told(both, "shared store").startswith("fine")
        (shared / "v1").chmod(0o777)
        assert "other users can write to it" in told(both, "shared store", "wrong")

    def test_another_link_mode_needs_no_advice(self, settings: Settings) -> None:
        assert "hardlink" in told(settings, "links", "fine")
        assert findings(replace(settings, link_mode="copy", compile="never"), "links")[0].hint == ""

    def test_environments_from_before_the_link_mode_was_set_are_told(self, settings: Settings) -> None:
        publish(settings, environment_id(1))
        publish(settings, environment_id(2), mode="copy")
        settings = replace(settings, compile="background")
        assert findings(settings, "links", "note") == []
        (finding,) = findings(replace(settings, link_mode="copy"), "links", "note")
        assert environment_id(1)[:8] in finding.sentence and environment_id(2)[:8] not in finding.sentence

    @pytest.mark.parametrize("linking", [0, LINKING])
    def test_a_python_that_was_fetched_is_used_by_outdated_environments_as_well(
        self, settings: Settings, linking: int
    ) -> None:
        """They are linked again, with this Python."""
        place = fetched.folder_of(settings) / "3.12.4-deadbeef"
        python = place / "cpython-3.12.4" / "bin" / "python3"
        python.parent.mkdir(parents=True)
        python.write_text("")
        (place / fetched.READY).write_text("{}")
        (finding,) = fetched_pythons(Here(settings))
        assert "not used" in finding.sentence and finding.hint
        publish(settings, environment_id(1), python=python, linking=linking, stubs=str(STUBS))
        (finding,) = fetched_pythons(Here(settings))
        assert finding.sentence.endswith("used by 1 environment.") and not finding.hint

    def test_packages_that_were_not_finished_are_told_unless_somebody_is_at_it(self, settings: Settings) -> None:
        Store(settings).ensure(approved(settings, closure("apple")), Bringer())
        later = replace(settings, compile="background")
        (finding,) = packages(Here(later))
        assert "no bytecode yet" in finding.sentence and "apple" in finding.sentence and finding.hint
        assert "written to" in told(settings, "packages", "note")
        (settings.store / "v1" / "locks" / "finish").touch()
        with taken(settings.store / "v1" / "locks" / "finish"):
            assert list(packages(Here(later))) == []
        finish(replace(settings, compile="now"))
        assert list(packages(Here(later))) == [] == list(packages(Here(settings)))


class TestJupyter:
    def test_a_kernel_whose_python_is_gone_is_wrong(self, installed: Path, settings: Settings, tmp_path: Path) -> None:
        folder = installed / "kernels" / kernelspecs.NAME
        folder.mkdir(parents=True, exist_ok=True)
        spec = kernelspecs.general()
        (folder / "kernel.json").write_text(json.dumps(kernelspecs.packaged()))
        assert told(settings, "kernel").startswith("fine")
        (folder / "kernel.json").write_text(json.dumps({**spec, "argv": ["/nowhere/python"]}))
        assert "/nowhere/python" in told(settings, "kernel", "wrong")
        python = tmp_path / "python"
        python.touch()
        (folder / "kernel.json").write_text(json.dumps({**spec, "argv": [str(python)]}))
        assert "another installation" in told(settings, "kernel", "note")

    def test_an_extension_that_was_switched_off_is_wrong(self, installed: Path, settings: Settings) -> None:
        file = Path(jupyter_config_dir(), "jupyter_server_config.json")
        assert told(settings, "server").startswith("fine")
        file.write_text(json.dumps({"ServerApp": {"jpserver_extensions": {"jupyter_envs": False}}}))
        assert "server extension enable jupyter_envs" in told(settings, "server", "wrong")

    def test_a_panel_of_another_version_is_wrong(self, installed: Path, settings: Settings) -> None:
        file = installed / "labextensions" / "jupyter-envs" / "package.json"
        file.write_text('{"version": "0.0.1"}')
        assert "0.0.1" in told(settings, "panel", "wrong")

    def test_consents_that_cannot_be_read_are_wrong(self, settings: Settings) -> None:
        (settings.home / "consents.json").write_text("{")
        assert "Move the file away" in told(settings, "consents", "wrong")

    def test_environments_without_their_python_are_told(self, settings: Settings) -> None:
        (publish(settings, environment_id(1)) / "b-00000001" / "bin" / "python").unlink()
        said = told(settings, "environments", "note")
        assert environment_id(1)[:8] in said and "is not built" in said
