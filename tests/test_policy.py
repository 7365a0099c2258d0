"""What an administrator decided holds at every door, and no notebook has a say in it."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from jupyter_envs.consent import policy
from jupyter_envs.consent.consents import Consents
from jupyter_envs.consent.gate import Answer, Review, approve, review
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.errors import ConsentNeeded, EnvsError, PolicyError
from jupyter_envs.model.block import parse_block
from jupyter_envs.model.options import Options
from jupyter_envs.settings import Settings

from .fakes import closure, row
from .local_index import LocalIndex
from .typed import typed
from .wheels import wheel

NOW = datetime(2026, 11, 21, tzinfo=timezone.utc)
DIGEST = "sha256:" + "d" * 64


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`said(ask="never")`: the administrator's file."""

    def write(**values: object) -> None:
        file = tmp_path / "policy.json"
        file.write_text(json.dumps(values))
        monkeypatch.setenv("JUPYTER_ENVS_POLICY", str(file))

    return write


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings.load()


def test_never_asks_where_the_image_is_for_one_purpose(settings: Settings, said: Any) -> None:
    said(ask="never")
    assert approve(closure(), DIGEST, Consents(settings)).closure == closure()


def test_what_is_allowed_needs_no_question_and_the_rest_does(settings: Settings, said: Any) -> None:
    said(allow={"default": ["six", "corp-*"], "corp": ["*"]})
    known = closure(row("six"), row("corp-tools"), replace(row("secret"), index="corp"))
    assert approve(known, DIGEST, Consents(settings)).how == "approved before"
    with pytest.raises(ConsentNeeded) as caught:
        approve(closure(row("six"), row("secret")), DIGEST, Consents(settings))
    assert caught.value.data["new"] == ["secret"]


def test_source_is_never_allowed_by_its_name(settings: Settings, said: Any) -> None:
    said(allow={"default": ["*"], "corp": ["*"]})
    with pytest.raises(ConsentNeeded):
        approve(closure(replace(row("six"), kind="vcs")), DIGEST, Consents(settings))


def test_what_is_not_on_the_list_can_be_refused_to_every_yes(settings: Settings, said: Any) -> None:
    said(allow={"default": ["six"]}, others="refuse")
    for how in ({"accept": "yes"}, {"accept": DIGEST}, {"typed": True}):
        with pytest.raises(PolicyError, match="demo is not on this machine's list") as caught:
            approve(closure(row("six"), row("demo")), DIGEST, Consents(settings), Answer(**how))  # type: ignore[arg-type]  # one of three
        assert caught.value.code == "policy-package"
    assert approve(closure(row("ipykernel")), "sha256:base", Consents(settings), Answer(setup=True))
    assert approve(closure(row("six"), row("ipykernel")), DIGEST, Consents(settings), Answer(accept="yes")), (
        "the set-up brought it"
    )


def test_always_asks_about_each_closure(settings: Settings, said: Any) -> None:
    said(ask="always")
    with pytest.raises(ConsentNeeded):
        approve(closure(), DIGEST, Consents(settings), Answer(typed=True))
    assert approve(closure(), DIGEST, Consents(settings), Answer(accept=DIGEST))
    assert approve(closure(), DIGEST, Consents(settings)).how == "approved before"
    with pytest.raises(ConsentNeeded):
        approve(closure(), "sha256:other", Consents(settings))


def test_a_file_has_to_be_as_old_as_the_policy_says(said: Any) -> None:
    said(**{"minimum-age-days": 3})
    rules = policy.load()
    rules.check(closure(replace(row("six"), uploaded="2026-11-17T00:00:00Z")), now=NOW)
    for uploaded in ("2026-11-19T00:00:00Z", "2030-01-01T00:00:00Z"):
        with pytest.raises(PolicyError) as caught:
            rules.check(closure(replace(row("six"), uploaded=uploaded)), now=NOW)
        assert caught.value.code == "policy-age"
    with pytest.raises(
        PolicyError, match="six has no upload time in the lock, and the policy requires an age of 3 days"
    ) as caught:
        rules.check(closure(replace(row("six"), uploaded=None)), now=NOW)
    assert caught.value.code == "policy-undated" and "Lock it again with an index that says" in caught.value.hint
    assert rules.newest(NOW) == "2026-11-18T00:00:00Z"


def test_a_lock_that_lies_about_its_age_is_found_out_by_the_index(
    environments: Environments, index: LocalIndex, said: Any
) -> None:
    environments.build(None)
    index.add(wheel("fresh", "1.0"), upload_time="2026-11-20T00:00:00Z")
    block = environments.install(None, typed("fresh"), options=Options(build=False)).block
    value = block.to_dict()
    for package in value["lock"]["packages"]:
        for file in package.get("wheels", {}).values():
            file["upload-time"] = "2020-01-01T00:00:00Z"
    said(**{"minimum-age-days": 30})
    with pytest.raises(EnvsError):
        Environments(environments.here.settings).build(parse_block(value), options=Options(accept="yes"))


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (True, "Every version of fresh that fits is newer. Only files that were published before"),
        (False, "The index does not say when fresh was published. Only files that were published before"),
    ],
)
def test_what_is_too_new_is_not_said_to_be_unknown(
    environments: Environments, index: LocalIndex, said: Any, monkeypatch: pytest.MonkeyPatch, told: bool, sentence: str
) -> None:
    environments.build(None)
    said(**{"minimum-age-days": 3})
    fresh = wheel("fresh", "1.0")
    with LocalIndex(json=told) as other:
        other.add(fresh, upload_time=datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"))
        monkeypatch.setenv("UV_INDEX", f"other={other.url}")
        with pytest.raises(EnvsError) as caught:
            Environments(environments.here.settings).install(None, typed("fresh"))
    assert (caught.value.code, caught.value.sentence[: len(sentence)]) == ("too-new", sentence)
    assert "minimum-age-days" in caught.value.hint


def test_code_at_the_start_of_python_can_be_refused_but_for_some(said: Any) -> None:
    said(startup=["setuptools"])
    policy.load().check_startup(["setuptools"])
    with pytest.raises(PolicyError, match="evil runs code"):
        policy.load().check_startup(["setuptools", "evil"])


def test_code_at_the_start_that_was_approved_earlier_is_refused_by_a_new_policy(settings: Settings, said: Any) -> None:
    wanted, found = closure(row("early")), Review({"early": ("early.pth",)})
    review(approve(wanted, DIGEST, Consents(settings), Answer(typed=True)), found, Consents(settings))
    said(startup=["setuptools"])
    for answer in (Answer(), Answer(typed=True), Answer(accept="yes")):
        with pytest.raises(PolicyError, match="early runs code"):
            approve(wanted, DIGEST, Consents(settings), answer)


def test_code_at_the_start_of_what_the_set_up_installed_is_refused_elsewhere(settings: Settings, said: Any) -> None:
    wanted, found = closure(row("early")), Review({"early": ("early.pth",)})
    made = approve(wanted, DIGEST, Consents(settings), Answer(setup=True))
    review(made, found, Consents(settings))
    said(startup=["setuptools"])
    review(approve(wanted, DIGEST, Consents(settings), Answer(setup=True)), found, Consents(settings))
    elsewhere = approve(wanted, DIGEST, Consents(settings), Answer(typed=True))
    assert elsewhere.open_review(found.files) == found
    with pytest.raises(PolicyError, match="early runs code"):
        review(elsewhere, found, Consents(settings))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"minimum-age-days": 1e9}',
        '{"minimum-age-days": -1}',
        '{"startup": [], "startup": "ask"}',
        '{"allow": {"default": ["six"], "default": ["*"]}}',
        '{"ask": "sometimes"}',
        '{"no-such-key": 1}',
        "[" * 5000,
        '{"version": 2}',
    ],
)
def test_a_damaged_policy_allows_nothing(
    text: str, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "policy.json").write_text(text)
    monkeypatch.setenv("JUPYTER_ENVS_POLICY", str(tmp_path / "policy.json"))
    with pytest.raises(PolicyError) as caught:
        approve(closure(), DIGEST, Consents(settings), Answer(accept="yes"))
    assert caught.value.code == "policy-damaged"
    assert not Consents(settings).all()


def test_the_systems_file_covers_the_variable_and_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: Any
) -> None:
    said(ask="never")
    assert policy.load().ask == "never"
    system = tmp_path / "etc"
    monkeypatch.setenv("JUPYTER_ENVS_SYSTEM_CONFIG", str(system))
    (system / "jupyter").mkdir(parents=True)
    (system / "jupyter" / policy.NAME).write_text('{"ask": "always"}')
    assert policy.load().ask == "always"


def test_a_policy_that_others_can_write_is_none(tmp_path: Path, said: Any) -> None:
    said(ask="never")
    (tmp_path / "policy.json").chmod(0o666)
    with pytest.raises(PolicyError) as caught:
        policy.load()
    assert caught.value.code == "policy-unsafe"


def test_status_says_what_the_policy_refuses(environments: Environments, said: Any) -> None:
    block = environments.install(None, typed("demo")).block
    said(allow={"default": ["numpy"]}, others="refuse")
    status = Environments(environments.here.settings).status(block)
    assert status.error and status.error.code == "policy-package"
    assert status.environment is None
