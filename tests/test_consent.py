"""Consent: one gate, remembered per user."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from jupyter_envs.consent import gate
from jupyter_envs.consent.consents import Consents
from jupyter_envs.consent.gate import Answer, Approved, approve
from jupyter_envs.consent.python import agree
from jupyter_envs.errors import ConsentNeeded, PolicyError, StoreError
from jupyter_envs.machine.interpreters.download import Download
from jupyter_envs.model.closure import Chosen
from jupyter_envs.model.environment import Environment, InstalledFile
from jupyter_envs.model.lock import Vcs
from jupyter_envs.model.options import Options
from jupyter_envs.settings import Settings

from .fakes import HERE, closure, interpreter, row

URLS = {"pypi": "https://pypi.org/simple"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", store=tmp_path / "store")


def test_without_a_yes_the_digest_and_what_is_new_are_named(settings: Settings) -> None:
    value = closure(row("six"), row("attrs"))
    digest = value.consent_digest(URLS)
    with pytest.raises(ConsentNeeded) as caught:
        approve(value, digest, Consents(settings))
    assert digest in caught.value.sentence
    assert caught.value.data["digest"] == digest
    assert [p["name"] for p in caught.value.data["packages"] if p["new"]] == ["attrs", "six"]
    assert not (settings.home / "consents.json").exists()


GIT = Vcs(type="git", url="https://example.org/six.git", commit_id="ab" * 20)
"""What it says of itself: at commit abababababab."""


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([row("six")], "1 package, new here (six 1.0)."),
        ([row("six"), row("attrs")], "2 packages, 2 of them new here (six 1.0, attrs 1.0)."),
        (
            [replace(row("six"), kind="sdist"), replace(row("attrs"), kind="sdist")],
            "2 packages, 2 of them new here (six 1.0, attrs 1.0). Building it runs code from six, attrs.",
        ),
        (
            [replace(row("six"), kind="vcs", vcs=GIT, filename=None)],
            "1 package, new here (six 1.0). Building it runs code from six. six comes from "
            "https://example.org/six.git at commit abababababab.",
        ),
    ],
)
def test_the_question_is_whole_sentences(settings: Settings, rows: list[Chosen], said: str) -> None:
    value, consents = closure(*rows), Consents(settings)
    download = Download("3.99.1", "cpython-3.99.1", "https://example.org")
    brings = "This notebook brings an environment that you have not approved: Python"
    for more, added in (((), ""), (("rich", "attrs<9"), " The notebook also asks for rich; attrs<9.")):
        with pytest.raises(ConsentNeeded) as caught:
            approve(value, "sha256:0", consents, beyond=more)
        assert caught.value.sentence == f"{brings} {HERE.minor}, {said}{added} Its digest is sha256:0."
    with pytest.raises(ConsentNeeded) as caught:
        agree(download, value, "sha256:0", consents, Options())
    both = caught.value.data["digest"]
    assert caught.value.sentence == (
        f"{brings} 3.99.1, which is not installed here and would be downloaded from {download.source}, and {said} "
        f"Its digest is {both}."
    )


@pytest.mark.parametrize("how", [{"typed": True}, {"accept": "yes"}, {"accept": "DIGEST"}, {"setup": True}])
def test_a_yes_is_remembered_for_the_user_alone(settings: Settings, how: dict[str, str]) -> None:
    value = closure()
    digest = value.consent_digest(URLS)
    said = {k: digest if v == "DIGEST" else v for k, v in how.items()}
    approve(value, digest, Consents(settings), Answer(**said))  # type: ignore[arg-type]  # one of four
    assert approve(value, digest, Consents(settings)).how == "approved before"
    assert (settings.home / "consents.json").stat().st_mode & 0o777 == 0o600


def test_the_digest_of_another_closure_is_no_yes(settings: Settings) -> None:
    value, other = closure(), closure(row("evil")).consent_digest(URLS)
    with pytest.raises(ConsentNeeded):
        approve(value, value.consent_digest(URLS), Consents(settings), Answer(accept=other))


def test_the_environment_variable_is_a_yes_to_one_digest(settings: Settings) -> None:
    value = closure()
    digest = value.consent_digest(URLS)
    allowed = Settings(home=settings.home, store=settings.store, consent=digest)
    assert approve(value, digest, Consents(allowed)).how == "JUPYTER_ENVS_CONSENT"


def test_a_closure_whose_files_were_all_approved_asks_nothing(settings: Settings) -> None:
    for name in ("six", "attrs"):
        value = closure(row(name))
        approve(value, value.consent_digest(URLS), Consents(settings), Answer(typed=True))
    both = closure(row("six"), row("attrs"))
    assert approve(both, both.consent_digest(URLS), Consents(settings)).how == "approved before"
    same_name_other_file = closure(row("six", sha256="0" * 64))
    with pytest.raises(ConsentNeeded):
        approve(same_name_other_file, same_name_other_file.consent_digest(URLS), Consents(settings))


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
    approve(value, digest, Consents(settings), Answer(typed=True))
    assert Consents(settings).revoke(digest) is True
    assert Consents(settings).revoke(digest) is False
    with pytest.raises(ConsentNeeded):
        approve(value, digest, Consents(settings))


def test_taking_everything_back_leaves_nothing(settings: Settings) -> None:
    value = closure()
    consents = Consents(settings)
    consents.remember("sha256:x", value, "accepted", ["a list"])
    consents.remember_startup([value.rows[0].sha256])
    assert consents.has_learned("a list") and consents.startup_files()
    assert consents.revoke_all() == ["sha256:x"]
    assert not (
        consents.has_learned("a list")
        or consents.startup_files()
        or consents.all()
        or consents.has_version("six", "1.0")
    )


def test_there_may_be_nothing_to_take_back(settings: Settings) -> None:
    assert Consents(settings).revoke_all() == [] and Consents(settings).revoke_these(["sha256:x"]) == []


def test_what_another_consent_names_stays_when_one_is_taken_back(settings: Settings) -> None:
    consents, both, one = Consents(settings), closure(row("six"), row("attrs")), closure(row("six"))
    consents.remember("sha256:both", both, "accepted", ["a list"])
    consents.remember("sha256:one", one, "typed", ["another"])
    consents.remember_startup([each.sha256 for each in both.rows])
    assert consents.revoke_these(["sha256:both", "sha256:none"]) == ["sha256:both"]
    assert consents.new_in(both) == ("attrs",) and consents.startup_files() == {one.rows[0].sha256}
    assert consents.has_learned("another") and not consents.has_learned("a list")


def test_a_file_is_approved_with_its_name_its_version_its_place_and_its_python(settings: Settings) -> None:
    consents, known = Consents(settings), row("six")
    consents.remember("sha256:x", closure(known), "accepted")
    vcs = Vcs(type="archive", url="https://h/six-1.0-py3-none-any.whl", sha256=known.sha256)
    others = (
        replace(known, name="sixx"), replace(known, version="2.0"), replace(known, sha256="0" * 64),
        replace(known, index="corner"), replace(known, kind="vcs", vcs=vcs),
    )  # fmt: skip
    for other in others:
        assert consents.new_in(closure(other)) == (other.name,), other
    assert consents.new_in(closure(known, python=interpreter("3.99.1"))) == ("six",)
    assert consents.new_in(closure(known)) == ()


def test_what_lies_in_a_store_needs_no_place(settings: Settings) -> None:
    known = row("six")
    consents = Consents(settings, lambda closure, row: True)
    consents.remember("sha256:x", closure(known), "accepted")
    assert consents.new_in(closure(replace(known, index="corner"))) == ()
    assert consents.new_in(closure(replace(known, index="corner", sha256="0" * 64))) == ("six",)


def test_where_a_file_comes_from_is_part_of_what_is_approved() -> None:
    def digest(url: str) -> str:
        vcs = Vcs(type="archive", url=url, sha256="0" * 64)
        return closure(replace(row("six"), kind="vcs", sha256="0" * 64, vcs=vcs)).consent_digest(URLS)

    assert digest("https://h/six-1.0-py3-none-any.whl") != digest("https://evil/six-1.0-py3-none-any.whl")


def test_consents_of_the_first_version_count_for_files_of_the_users_indexes_and_for_no_list(settings: Settings) -> None:
    known = row("six")
    entry = {"at": "2026-01-01T00:00:00Z", "how": "typed", "python": HERE.minor, "packages": 1, "files": [known.sha256]}
    old = {"version": 1, "closures": {"sha256:x": entry}, "specs": ["a list"], "startup": [known.sha256]}
    settings.home.mkdir(mode=0o700)
    (settings.home / "consents.json").write_text(json.dumps(old))
    consents = Consents(settings)
    assert consents.knows("sha256:y", closure(known)) and consents.startup_files()
    assert consents.new_in(closure(replace(known, index="corner"))) == ("six",)
    assert not consents.has_learned("a list") and consents.unapproved(closure(known)) == (known,)
    consents.remember("sha256:z", closure(row("attrs")), "typed")
    assert consents.knows("sha256:y", closure(known, row("attrs"))) and consents.startup_files()


def test_a_list_of_consents_that_contradicts_itself_is_damaged(settings: Settings) -> None:
    settings.home.mkdir(mode=0o700)
    (settings.home / "consents.json").write_text('{"version": 2, "closures": {"sha256:x": {"rows": [3]}}, "rows": []}')
    with pytest.raises(StoreError, match="cannot be read"):
        Consents(settings).all()


def test_nothing_else_makes_an_approved_closure() -> None:
    with pytest.raises(TypeError):
        Approved(closure(), "sha256:x", "me", seal=object())
    assert not hasattr(gate, "SEAL")


def test_a_damaged_list_of_consents_is_no_yes(settings: Settings) -> None:
    settings.home.mkdir()
    (settings.home / "consents.json").write_text(json.dumps([]))
    with pytest.raises(StoreError) as caught:
        approve(closure(), closure().consent_digest(URLS), Consents(settings))
    assert caught.value.code == "consents-damaged"


def test_an_environment_alone_is_held_against_the_policy(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = tmp_path / "policy.json"
    monkeypatch.setenv("JUPYTER_ENVS_POLICY", str(policy))
    policy.write_text('{"version": 1, "others": "refuse"}')
    one = built(tmp_path, row("six"))
    Consents(settings).remember("sha256:x", closure(row("six")), "accepted")
    with pytest.raises(PolicyError) as caught:
        Consents(settings).knows_environment(one, {})
    assert caught.value.code == "policy-package" and "six" in caught.value.sentence
    policy.write_text('{"version": 1, "others": "refuse", "allow": {"default": ["six"]}}')
    assert Consents(settings).knows_environment(one, {})
    other = built(tmp_path, replace(row("six"), index="corner"))
    with pytest.raises(PolicyError):
        Consents(settings).knows_environment(other, {})
    policy.write_text('{"version": 1, "allow": {"default": ["six"]}}')
    fresh = row("six", "3.0", "7" * 64)
    assert Consents(settings).knows_environment(built(tmp_path, fresh, consent=""), {})
    for elsewhere in (replace(fresh, index="corner"), replace(fresh, kind="sdist")):
        assert not Consents(settings).knows_environment(built(tmp_path, elsewhere, consent=""), {}), elsewhere
    policy.write_text('{"version": 1, "ask": "always"}')
    assert Consents(settings).knows_environment(one, {}), "this very closure was accepted"
    assert not Consents(settings).knows_environment(replace(one, consent="sha256:y"), {}), "only its packages were"


def test_an_environment_alone_is_known_by_its_digest_or_by_its_files(settings: Settings, tmp_path: Path) -> None:
    """As a kernelspec names one: nobody has its closure then."""
    one = built(tmp_path, row("six"))
    consents, seen = Consents(settings), {"six": ("six.pth",)}
    assert not consents.knows_environment(one, {})
    consents.remember("sha256:x", closure(row("six")), "accepted")
    assert consents.knows_environment(one, {}) and not consents.knows_environment(one, seen)
    assert consents.knows_environment(replace(one, consent="sha256:y"), {}), "each of its files is approved"
    consents.remember_startup([row("six").sha256])
    assert consents.knows_environment(one, seen)
    assert not consents.knows_environment(built(tmp_path, row("six", "2.0", "2" * 64), consent="sha256:y"), {})
    consents.revoke_all()
    assert not consents.knows_environment(one, {})


def test_another_file_of_the_same_name_and_version_was_not_approved(settings: Settings, tmp_path: Path) -> None:
    """From another index, from an address, or uploaded again."""
    consents, seen, known = Consents(settings), {"six": ("six.pth",)}, row("six")
    consents.remember("sha256:x", closure(known), "accepted")
    consents.remember_startup([known.sha256])
    address = Vcs(type="archive", url="https://evil/six-1.0-py3-none-any.whl", sha256="0" * 64)
    for other in (
        replace(known, sha256="0" * 64), replace(known, sha256="0" * 64, index="corner"),
        replace(known, sha256="0" * 64, kind="vcs", vcs=address), replace(known, kind="sdist", sha256="0" * 64),
    ):  # fmt: skip
        one = built(tmp_path, other, consent="sha256:y")
        assert not consents.knows_environment(one, {}), other
        assert not consents.knows_environment(replace(one, consent="sha256:x"), seen), "nobody has seen its code"
    here = built(tmp_path, replace(known, index="corner"), consent="sha256:y")
    assert consents.knows_environment(here, seen), "the file itself is approved, and is here already"
    assert not consents.knows_environment(replace(here, version="3.99.1"), {}), "for another Python"


def test_an_environment_of_a_former_version_is_known_by_its_digest_alone(settings: Settings, tmp_path: Path) -> None:
    """It did not write down its files."""
    one, consents = replace(built(tmp_path, row("six")), files={}), Consents(settings)
    seen = {"six": ("six.pth",)}
    consents.remember("sha256:x", closure(row("six")), "accepted")
    assert consents.knows_environment(one, {}) and not consents.knows_environment(one, seen)
    assert not consents.knows_environment(replace(one, consent="sha256:y"), {})
    consents.remember_startup([row("six").sha256])
    assert consents.knows_environment(one, seen)

    entry = {"at": "", "how": "typed", "python": HERE.minor, "packages": 1, "files": [row("six").sha256]}
    old = {"version": 1, "closures": {"sha256:x": entry}, "startup": [row("six").sha256]}
    (settings.home / "consents.json").write_text(json.dumps(old))
    assert consents.knows_environment(one, seen) and not consents.knows_environment(one, {**seen, "attrs": ()})
    assert consents.knows_environment(built(tmp_path, row("six"), consent="sha256:y"), seen)


def built(folder: Path, *rows: Chosen, consent: str = "sha256:x") -> Environment:
    files = {each.name: InstalledFile(each.sha256, each.origin, each.runs_code) for each in rows}
    versions = {each.name: each.version for each in rows}
    return Environment("a" * 26, folder, HERE.version, versions, consent=consent, files=files)
