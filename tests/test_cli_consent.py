"""`jupyter envs consent`: what this user approved, and taking it back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_envs.cli.main import main
from jupyter_envs.consent.consents import Consents
from jupyter_envs.consent.gate import Answer, approve
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.errors import ConsentNeeded
from jupyter_envs.settings import Settings

from .fakes import closure, row
from .kernel.real import write_notebook
from .typed import typed

ONE, OTHER = "sha256:" + "1" * 64, "sha256:" + "2" * 64


@pytest.fixture
def settings(home: Path) -> Settings:
    settings = Settings.load()
    approve(closure(row("six")), ONE, Consents(settings), Answer(typed=True))
    approve(closure(row("six"), row("attrs")), OTHER, Consents(settings), Answer(accept=OTHER))
    return settings


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    code = main(["consent", *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_it_lists_what_was_approved_and_how(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = said(capsys, "list")
    assert code == 0
    assert {entry["digest"]: entry["how"] for entry in told["consents"]} == {ONE: "typed", OTHER: "accepted"}
    assert main(["consent"]) == 0
    assert "222222222222" in capsys.readouterr().out


def test_the_beginning_of_a_digest_is_enough_to_revoke_it(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, "revoke", "22222222") == (0, {"revoked": [OTHER]})
    assert set(Consents(settings).all()) == {ONE}
    with pytest.raises(ConsentNeeded):
        approve(closure(row("six"), row("attrs")), OTHER, Consents(settings))


@pytest.mark.parametrize("words", [["revoke", "3333333333"], ["revoke", "2"], ["revoke", "sha256:"]])
def test_what_names_no_approval_revokes_none(
    settings: Settings, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    code, told = said(capsys, *words)
    assert (code, told["error"]["code"]) == (1, "consent-unknown")
    assert len(Consents(settings).all()) == 2


@pytest.mark.parametrize(
    "words", [["revoke"], ["list", "--all"], ["forget", "22222222"], ["revoke", "22222222", "--all"]]
)
def test_half_an_order_is_none(settings: Settings, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert said(capsys, *words)[0] == 2
    assert len(Consents(settings).all()) == 2


def test_everything_can_be_revoked_at_once(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "revoke", "--all") == (0, {"revoked": [ONE, OTHER]})
    assert Consents(settings).all() == {}


@pytest.mark.parametrize("verb", ["install", "upgrade", "remove", "build"])
def test_a_yes_to_something_else_is_no_yes(
    environments: Environments,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    verb: str,
) -> None:
    """--accept DIGEST answers for that list alone, in every command that takes it."""
    block = environments.install(None, typed("demo==1.0")).block
    notebook = write_notebook(tmp_path / "a.ipynb", block)
    before = notebook.read_bytes()
    monkeypatch.setenv("JUPYTER_ENVS_HOME", str(tmp_path / "other"))
    words = {"install": ["shout"], "remove": ["demo"]}.get(verb, [])
    assert main([verb, str(notebook), *words, f"--accept=sha256:{'0' * 64}"]) != 0
    assert "error[consent-" in capsys.readouterr().err and notebook.read_bytes() == before
