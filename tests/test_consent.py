"""Consent: one gate, remembered per user."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_envs import consent
from jupyter_envs.consent import Approved, approve
from jupyter_envs.consents import Consents
from jupyter_envs.errors import ConsentNeeded, StoreError
from jupyter_envs.settings import Settings

from .fakes import closure, interpreter, row

URLS = {"pypi": "https://pypi.org/simple"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", store=tmp_path / "store")


def test_without_a_yes_the_digest_and_what_is_new_are_named(settings: Settings) -> None:
    value = closure(row("six"), row("attrs"))
    digest = value.consent_digest(URLS)
    with pytest.raises(ConsentNeeded) as caught:
        approve(value, digest, settings)
    assert digest in caught.value.sentence
    assert caught.value.data["digest"] == digest
    assert [p["name"] for p in caught.value.data["packages"] if p["new"]] == ["attrs", "six"]
    assert not (settings.home / "consents.json").exists()


@pytest.mark.parametrize("how", [{"typed": True}, {"accept": "yes"}, {"accept": "DIGEST"}, {"setup": True}])
def test_a_yes_is_remembered_for_the_user_alone(settings: Settings, how: dict[str, str]) -> None:
    value = closure()
    digest = value.consent_digest(URLS)
    approve(value, digest, settings, **{k: digest if v == "DIGEST" else v for k, v in how.items()})  # type: ignore[arg-type]  # one of four
    assert approve(value, digest, settings).how == "approved before"
    assert (settings.home / "consents.json").stat().st_mode & 0o777 == 0o600


def test_the_digest_of_another_closure_is_no_yes(settings: Settings) -> None:
    value = closure()
    with pytest.raises(ConsentNeeded):
        approve(value, value.consent_digest(URLS), settings, accept=closure(row("evil")).consent_digest(URLS))


def test_the_environment_variable_is_a_yes_to_one_digest(settings: Settings) -> None:
    value = closure()
    digest = value.consent_digest(URLS)
    allowed = Settings(home=settings.home, store=settings.store, consent=digest)
    assert approve(value, digest, allowed).how == "JUPYTER_ENVS_CONSENT"


def test_a_closure_whose_files_were_all_approved_asks_nothing(settings: Settings) -> None:
    for name in ("six", "attrs"):
        value = closure(row(name))
        approve(value, value.consent_digest(URLS), settings, typed=True)
    both = closure(row("six"), row("attrs"))
    assert approve(both, both.consent_digest(URLS), settings).how == "approved before"
    same_name_other_file = closure(row("six", sha256="0" * 64))
    with pytest.raises(ConsentNeeded):
        approve(same_name_other_file, same_name_other_file.consent_digest(URLS), settings)


def test_the_digest_follows_what_matters_and_nothing_else() -> None:
    value = closure(row("six"), python=interpreter("3.12.1"))
    digest = value.consent_digest(URLS)
    assert digest == closure(row("six"), python=interpreter("3.12.9")).consent_digest(URLS)
    assert digest != closure(row("six"), python=interpreter("3.13.0")).consent_digest(URLS)
    assert digest != value.consent_digest({"pypi": "https://elsewhere/simple"})
    assert digest != closure(row("six", "2.0"), python=interpreter("3.12.1")).consent_digest(URLS)
    assert value.id != closure(row("six"), python=interpreter("3.12.9")).id


def test_a_revoked_consent_is_asked_for_again(settings: Settings) -> None:
    value = closure()
    digest = value.consent_digest(URLS)
    approve(value, digest, settings, typed=True)
    assert Consents(settings).revoke(digest) is True
    assert Consents(settings).revoke(digest) is False
    with pytest.raises(ConsentNeeded):
        approve(value, digest, settings)


def test_nothing_else_makes_an_approved_closure() -> None:
    with pytest.raises(TypeError):
        Approved(closure(), "sha256:x", "me", seal=object())
    assert not hasattr(consent, "SEAL")


def test_a_damaged_list_of_consents_is_no_yes(settings: Settings) -> None:
    settings.home.mkdir()
    (settings.home / "consents.json").write_text(json.dumps([]))
    with pytest.raises(StoreError) as caught:
        approve(closure(), closure().consent_digest(URLS), settings)
    assert caught.value.code == "consents-damaged"
