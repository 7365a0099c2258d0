"""What the indexes said counts for some time: installs are quick, and nobody gets last month's versions unknowingly."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from jupyter_envs.engines.uv.refresh import begin, refresh
from jupyter_envs.environments.outcome import Outcome
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.errors import ConsentNeeded, EnvsError, ResolveError
from jupyter_envs.model.block import Block
from jupyter_envs.model.lock import Directory
from jupyter_envs.model.options import Options
from jupyter_envs.settings import Settings
from jupyter_envs.system.leases import exclusive

from .local_index import LocalIndex
from .typed import typed
from .wheels import sdist, wheel

HOUR = 3600.0
LOCK = Options(build=False)


@pytest.fixture
def remembering(settings: Settings, index: LocalIndex) -> Environments:
    """With a uv cache of its own, which keeps what the index said for a day."""
    (settings.cache / "uv").unlink()
    return Environments(replace(settings, index_hours=24))


def install(environments: Environments, *words: str, block: Block | None = None) -> Outcome:
    return environments.install(block, typed(*words), options=Options(build=False, accept="yes"))


def version(change: Outcome, name: str = "demo") -> str:
    assert change.block.lock
    return next(row.version for row in change.block.lock.packages if row.name == name)


def earlier(environments: Environments, hours: float) -> None:
    """As if all that happened so many hours ago."""
    file = environments.here.settings.cache / "asked.json"
    known = json.loads(file.read_text())
    back = {name: [at - hours * HOUR, until] for entries in known.values() for name, (at, until) in entries.items()}
    file.write_text(json.dumps(dict.fromkeys(known, back)))


def test_what_was_asked_a_moment_ago_is_not_asked_again(remembering: Environments, index: LocalIndex) -> None:
    first = install(remembering, "demo")
    index.hits.clear()
    again = install(remembering, "demo")
    assert (again.block.lock, again.notes) == (first.block.lock, ())
    assert index.hits == []


def test_only_what_is_new_is_asked_about(remembering: Environments, index: LocalIndex) -> None:
    first = install(remembering, "demo")
    index.hits.clear()
    install(remembering, "needs-old", block=first.block)
    assert [hit for hit in index.hits if "/simple/" in hit] == ["/simple/needs-old/"]


def test_a_version_nobody_looked_into_yet_is_not_passed_over(remembering: Environments) -> None:
    """Its metadata is not here, that of an older one is: a resolver without network would take that, silently."""
    assert version(install(remembering, "demo<2", "demo-dep<1.1")) == "1.0"
    newest = install(remembering, "demo")
    assert (version(newest), version(newest, "demo-dep")) == ("2.0", "1.1")


def test_old_answers_are_dated(remembering: Environments, index: LocalIndex) -> None:
    install(remembering, "demo")
    earlier(remembering, 3.2)
    index.hits.clear()
    assert install(remembering, "demo").notes == ("Index data from 3 hours ago; an upgrade asks the indexes again.",)
    assert index.hits == []


def test_an_upgrade_asks(remembering: Environments, index: LocalIndex) -> None:
    first = install(remembering, "demo")
    index.add(wheel("demo", "3.0"))
    earlier(remembering, 3)
    assert version(install(remembering, "demo")) == "2.0"
    for names in ([], ["demo"]):
        change = remembering.upgrade(first.block, names, options=LOCK)
        assert (version(change), change.notes) == ("3.0", ())
    assert version(install(remembering, "demo")) == "3.0", "and all who come later know it"


def test_what_cannot_be_solved_is_asked_about(remembering: Environments, index: LocalIndex) -> None:
    install(remembering, "demo", "lagging<2")
    index.add(wheel("demo", "3.0"), wheel("lagging", "2.0"))
    assert version(install(remembering, "demo>=3")) == "3.0"
    assert version(install(remembering, "lagging>=2"), "lagging") == "2.0"


def test_a_question_is_asked_of_the_user_only_if_the_index_agrees(remembering: Environments, index: LocalIndex) -> None:
    with pytest.raises(ConsentNeeded):
        install(remembering, "lagging")
    index.add(wheel("lagging", "2.0"))
    assert version(install(remembering, "lagging"), "lagging") == "2.0"
    index.add(sdist("lagging", "3.0"))
    assert version(install(remembering, "lagging"), "lagging") == "2.0", "what is not known is not asked about"


@pytest.mark.parametrize("word", ["no-such-thing", "demo>=99", "only-source", "old-python", "demo[no"])
def test_errors_are_those_of_an_index_that_was_asked(
    remembering: Environments, environments: Environments, word: str
) -> None:
    install(remembering, "demo")
    with pytest.raises(EnvsError) as asked:
        install(environments, word)
    with pytest.raises(EnvsError) as remembered:
        install(remembering, word)
    assert remembered.value.to_dict() | {"details": ""} == asked.value.to_dict() | {"details": ""}


def test_that_a_package_is_missing_is_not_remembered(remembering: Environments, index: LocalIndex) -> None:
    with pytest.raises(ResolveError):
        install(remembering, "late")
    index.add(wheel("late", "1.0"))
    assert version(install(remembering, "late"), "late") == "1.0"


def test_an_index_that_is_down_spoils_nothing_that_is_known(remembering: Environments, index: LocalIndex) -> None:
    install(remembering, "demo")
    index.faults["/"] = "500"
    assert version(install(remembering, "demo")) == "2.0"


def test_a_shorter_limit_counts_at_once(remembering: Environments, index: LocalIndex) -> None:
    install(remembering, "demo")
    earlier(remembering, 3)
    index.add(wheel("demo", "3.0"))
    impatient = Environments(replace(remembering.here.settings, index_hours=2))
    change = install(impatient, "demo")
    assert (version(change), change.notes) == ("3.0", ())
    install(impatient, "demo")
    index.hits.clear()
    install(impatient, "demo")
    assert index.hits == []


def test_the_limit_ends(remembering: Environments, index: LocalIndex) -> None:
    shortly = Environments(replace(remembering.here.settings, index_hours=1 / HOUR))
    install(shortly, "demo")
    index.add(wheel("demo", "3.0"))
    until = time.monotonic() + 20
    while version(install(shortly, "demo")) == "2.0":
        assert time.monotonic() < until


def test_without_a_limit_every_install_asks(remembering: Environments, index: LocalIndex) -> None:
    always = Environments(replace(remembering.here.settings, index_hours=0))
    install(always, "demo")
    index.add(wheel("demo", "3.0"))
    assert version(install(always, "demo")) == "3.0"


def test_offline_answers_are_dated_however_old(remembering: Environments, index: LocalIndex) -> None:
    install(remembering, "demo")
    earlier(remembering, 12 * 24)
    offline = Environments(replace(remembering.here.settings, offline=True))
    assert install(offline, "demo").notes == ("Index data from 12 days ago; an upgrade asks the indexes again.",)


def test_limits_in_time_hold_for_what_is_remembered(remembering: Environments, index: LocalIndex) -> None:
    index.add(wheel("demo", "3.0"), upload_time="2025-06-01T00:00:00Z")
    first = install(remembering, "demo", "demo-dep")
    assert version(first) == "3.0"
    index.hits.clear()
    limited = Block(version=1, exclude_newer="2025-01-01T00:00:00Z")
    assert version(install(remembering, "demo", block=limited)) == "2.0"
    assert [hit for hit in index.hits if "/simple/" in hit] == []


def test_each_set_of_indexes_has_a_memory_of_its_own(
    remembering: Environments, index: LocalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(remembering, "demo")
    earlier(remembering, 3)
    with LocalIndex([wheel("demo", "1.5")], credentials=("me", "secret")) as private:
        monkeypatch.setenv("UV_INDEX", private.private_url)
        both = Environments(remembering.here.settings)
        change = install(both, "demo")
        private.hits.clear()
        again = install(both, "demo")
    assert version(change) == version(again) == "1.5"
    assert not private.asked_for("demo")
    assert "secret" not in (remembering.here.settings.cache / "asked.json").read_text()


@pytest.mark.parametrize("damage", ["", "[]", '{"a": {"b": 1}}', "\x00"])
def test_a_damaged_memory_is_no_memory(remembering: Environments, damage: str) -> None:
    install(remembering, "demo")
    (remembering.here.settings.cache / "asked.json").write_text(damage)
    assert version(install(remembering, "demo")) == "2.0"


def test_a_lock_from_elsewhere_may_be_younger_than_what_is_remembered(
    remembering: Environments, environments: Environments, index: LocalIndex, settings: Settings, tmp_path: Path
) -> None:
    """Installing it asks again where the remembered list of files does not name it."""
    remembering.install(None, typed("demo"))
    index.add(wheel("demo", "3.0"))
    elsewhere = Environments(replace(settings, home=tmp_path / "home", store=tmp_path / "store"))
    block = install(elsewhere, "demo").block
    assert version(Outcome(block, {})) == "3.0"
    built = remembering.build(block, options=Options(accept="yes"))
    assert built.packages["demo"] == "3.0"


def again(environments: Environments, change: Outcome) -> None:
    assert change.block.lock
    with environments.here.engine() as engine:
        refresh(engine, change.block.spec, change.block.lock.minor)


def test_what_was_asked_again_in_the_background_counts_from_then_on(
    remembering: Environments, index: LocalIndex
) -> None:
    first = install(remembering, "demo")
    earlier(remembering, 3)
    index.add(wheel("demo", "3.0", requires=["demo-dep"]))
    again(remembering, first)
    index.hits.clear()
    change = install(remembering, "demo")
    assert (version(change), change.notes) == ("3.0", ())
    assert not any("/simple/" in hit for hit in index.hits), "a day begins anew"
    assert not (remembering.here.settings.cache / "uv-refresh").exists()


def test_an_index_that_fails_in_the_background_costs_nothing(remembering: Environments, index: LocalIndex) -> None:
    first = install(remembering, "demo")
    earlier(remembering, 3)
    index.faults["/simple/(?!ipykernel)"] = "404"
    with pytest.raises(EnvsError):
        again(remembering, first)
    index.hits.clear()
    change = install(remembering, "demo")
    assert change.notes and index.hits == []


def test_the_background_has_one_at_a_time(remembering: Environments, index: LocalIndex) -> None:
    first = install(remembering, "demo")
    index.hits.clear()
    (remembering.here.settings.cache / "refresh.lock").touch()
    with exclusive(remembering.here.settings.cache / "refresh.lock"):
        again(remembering, first)
    assert index.hits == []


@pytest.mark.parametrize(("hours", "how"), [(0.1, {}), (3, {"refresh": "never"}), (3, {"offline": True}), (3, {})])
def test_it_begins_by_itself_when_answers_are_old(
    remembering: Environments, index: LocalIndex, hours: float, how: dict[str, Any]
) -> None:
    first = install(remembering, "demo")
    earlier(remembering, hours)
    file = remembering.here.settings.cache / "asked.json"
    before = file.read_bytes()
    begins = (hours, how) == (3, {})
    rooms = Environments(replace(remembering.here.settings, **{"refresh": "background", **how}))
    assert first.block.lock
    environ = {**os.environ, "JUPYTER_ENVS_INDEX_HOURS": "24"}
    assert begin(rooms.here.settings, rooms.here.indexes, first.block.spec, first.block.lock, environ) == begins
    until = time.monotonic() + 60
    while begins and file.read_bytes() == before:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_which_version_sources_would_give_is_asked_again_with_the_rest(
    remembering: Environments, index: LocalIndex
) -> None:
    index.add(wheel("late", "1.0"))
    for _ in range(2):
        assert version(install(remembering, "late"), "late") == "1.0"
    index.add(sdist("late", "2.0"))
    assert version(install(remembering, "late"), "late") == "1.0"
    impatient = Environments(replace(remembering.here.settings, index_hours=1))
    earlier(remembering, 2)
    with pytest.raises(ConsentNeeded):
        install(impatient, "late")
    with pytest.raises(ConsentNeeded):
        install(impatient, "late")


def test_no_index_is_asked_behind_ones_back_for_what_comes_from_none(
    remembering: Environments, index: LocalIndex
) -> None:
    first = install(remembering, "demo")
    earlier(remembering, 3)
    lock = first.block.lock
    assert lock
    own = msgspec.structs.replace(lock.packages[0], wheels={}, directory=Directory(id="0" * 64))
    settings = replace(remembering.here.settings, refresh="background")
    mixed = msgspec.structs.replace(lock, packages=(own, *lock.packages[1:]))
    assert not begin(settings, remembering.here.indexes, first.block.spec, mixed, {})
