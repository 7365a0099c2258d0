"""What is remembered of a status is never shown for another state of the machine."""

from __future__ import annotations

import json
import shutil
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from jupyter_envs.consent.consents import SEEN
from jupyter_envs.environments import sight
from jupyter_envs.environments.here import Here
from jupyter_envs.environments.sight import Remembered, Sight
from jupyter_envs.environments.status import Status
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.model.block import Block, parse_block
from jupyter_envs.model.interpreter import Interpreter
from jupyter_envs.model.lock import Lock
from jupyter_envs.settings import Settings

from .local_index import LocalIndex
from .typed import typed
from .wheels import wheel


class Person:
    """A stranger to the block: each look is that of a process of its own, but for what is remembered."""

    def __init__(self, settings: Settings, block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
        self.settings, self.block, self.patched = settings, block, monkeypatch

    @property
    def rooms(self) -> Environments:
        return Environments(self.settings)

    def status(self) -> Status:
        """As it is, and as it would be if nothing were remembered."""
        found = self.rooms.status(self.block)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(sight, "REMEMBERED", Remembered())
            anew = self.rooms.status(self.block)
        assert (found.to_dict(), found.missing) == (anew.to_dict(), anew.missing)
        return found

    def approve(self) -> None:
        closure = self.rooms.here.closure(self.block.lock)
        self.rooms.here.consents.remember(self.rooms.here.consent_digest(closure), closure, SEEN)

    def build(self) -> Path:
        self.approve()
        return self.rooms.build(self.block).prefix

    def rule(self, **rules: object) -> None:
        file = self.settings.home.parent / "policy.json"
        file.write_text(json.dumps({key.replace("_", "-"): value for key, value in rules.items()}))
        self.patched.setenv("JUPYTER_ENVS_POLICY", str(file))


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[Sight]:
    """What statuses were computed from; nothing is remembered from other tests."""
    seen, compute = list[Sight](), sight.compute

    def computing(one: Sight) -> Status:
        seen.append(one)
        return compute(one)

    monkeypatch.setattr(sight, "REMEMBERED", Remembered())
    monkeypatch.setattr(sight, "compute", computing)
    return seen


@pytest.fixture
def person(environments: Environments, index: LocalIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    published = datetime.now(timezone.utc) - timedelta(days=6)
    index.add(wheel("fresh", "1.0"), upload_time=published.strftime("%Y-%m-%dT%H:%M:%SZ"))
    block = environments.install(None, typed("demo", "fresh")).block
    home = tmp_path / "stranger"
    return Person(replace(environments.here.settings, home=home, store=home / "store"), block, monkeypatch)


def test_while_nothing_changes_it_is_computed_once(person: Person, computed: list[Sight]) -> None:
    first = person.rooms.status(person.block)
    again = parse_block(json.loads(json.dumps(person.block.to_dict())))
    assert [person.rooms.status(again) for _ in range(3)] == [first] * 3
    assert len(computed) == 1


def revoked(person: Person) -> None:
    person.rooms.here.consents.revoke_all()


def cleared_away(person: Person) -> None:
    person.rooms.here.store.remove(person.rooms.here.closure(person.block.lock).id)


def kept_as_wheels(person: Person) -> None:
    person.build()
    cleared_away(person)


def emptied(person: Person) -> None:
    shutil.rmtree(person.settings.store / "v1" / "w")


def of_another_python(person: Person) -> None:
    """As after an upgrade of the system's."""
    pointer = person.build().parent / "current.json"
    value = json.loads(pointer.read_text())
    value["python"]["signature"][-1] += 1
    pointer.write_text(json.dumps(value))


def ask_nothing(person: Person) -> None:
    person.rule(ask="never")


def allow_all(person: Person) -> None:
    person.rule(allow={"default": ["*"]})


def refuse_all(person: Person) -> None:
    person.rule(others="refuse")


def refuse_young(person: Person) -> None:
    person.rule(minimum_age_days=365)


def other_python(person: Person) -> None:
    choose = Here.interpreter_for

    def other(here: Here, lock: Lock, requires: str | None = None) -> Interpreter:
        return replace(choose(here, lock, requires), path=Path("/other/python"))

    person.patched.setattr(Here, "interpreter_for", other)


def a_week_later(person: Person) -> None:
    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + timedelta(days=7)

    person.patched.setattr(sight, "datetime", Later)


def nothing(_: Person) -> None: ...


def state(status: Status) -> object:
    return status.state


def approved(status: Status) -> object:
    return status.consent and status.consent["approved"]


def all_new(status: Status) -> object:
    return status.consent and len(status.consent["new"]) == len(status.consent["packages"])


def young(status: Status) -> object:
    return status.consent and [row["name"] for row in status.consent["packages"] if "young" in row["marks"]]


@pytest.mark.parametrize(
    ("before", "change", "what", "was", "becomes"),
    [
        (nothing, Person.approve, approved, False, True),
        (nothing, Person.approve, all_new, True, False),
        (Person.approve, revoked, approved, True, False),
        (Person.approve, Person.build, state, "not-built", "ready"),
        (Person.build, revoked, state, "ready", "not-built"),
        (Person.build, cleared_away, state, "ready", "not-built"),
        (kept_as_wheels, emptied, lambda status: bool(status.missing), False, True),
        (Person.build, of_another_python, lambda status: "removed or upgraded" in status.sentence, False, True),
        (nothing, ask_nothing, approved, False, True),
        (nothing, allow_all, all_new, True, False),
        (nothing, refuse_all, lambda status: status.error and status.error.code, None, "policy-package"),
        (Person.approve, refuse_young, lambda status: status.error and status.error.code, None, "policy-age"),
        (Person.build, other_python, state, "ready", "not-built"),
        (nothing, a_week_later, young, ["fresh"], []),
    ],
)
def test_whatever_changes_is_seen_at_once(
    person: Person, computed: list[Sight], before: Any, change: Any, what: Any, was: object, becomes: object
) -> None:
    before(person)
    assert what(person.status()) == was
    change(person)
    assert what(person.status()) == becomes


def test_another_index_makes_another_consent(person: Person, computed: list[Sight]) -> None:
    first = person.status().consent
    person.patched.setenv("UV_INDEX", "other=https://other.example/simple")
    then = person.status().consent
    assert first and then and first["digest"] != then["digest"]


def test_the_order_of_the_files_in_a_lock_does_not_count(person: Person, computed: list[Sight]) -> None:
    """Of two that fit as well, the same is taken, and only that one is approved."""
    value = person.block.to_dict()
    package = next(row for row in value["lock"]["packages"] if row["name"] == "demo")
    ((name, file),) = package["wheels"].items()
    for build in ("1", "2"):
        package["wheels"][name.replace("-py3", f"-{build}-py3")] = file | {"sha256": build * 64}
    del package["wheels"][name]
    person.block = parse_block(value)
    first = person.status().consent
    package["wheels"] = dict(reversed(package["wheels"].items()))
    assert parse_block(value) == person.block
    person.block = parse_block(value)
    then = person.status().consent
    assert first and then and first["digest"] == then["digest"]
    person.approve()
    assert approved(person.status())


def test_of_each_block_one_is_remembered_and_no_more_than_there_is_room_for(
    person: Person, computed: list[Sight], monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = [parse_block(person.block.to_dict() | {"exclude-newer": f"2030-01-0{n + 1}T00:00:00Z"}) for n in range(3)]
    room = 2 * len(json.dumps(blocks[0].to_dict()))
    for most, order, times in ((room, (0, 1, 0, 2, 0), 3), (room, (0, 1, 2, 0), 4), (1, (0, 0), 2)):
        monkeypatch.setattr(sight, "REMEMBERED", Remembered(most))
        computed.clear()
        for n in order:
            assert person.rooms.status(blocks[n]).block == blocks[n]
        assert len(computed) == times
