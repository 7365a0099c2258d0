"""What every resolver does; the fake and the real uv run the same tests over the same distributions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jupyter_envs.engines.protocols import Resolver, ResolveRequest
from jupyter_envs.engines.uv.resolver import UvResolver
from jupyter_envs.engines.uv.tool import Engine
from jupyter_envs.errors import ConsentNeeded, ResolveError
from jupyter_envs.machine import interpreters
from jupyter_envs.machine.indexes import load
from jupyter_envs.machine.interpreters import Interpreter
from jupyter_envs.model.closure import select
from jupyter_envs.model.lock import Lock
from jupyter_envs.model.spec import Spec
from jupyter_envs.settings import Settings

from ..local_index import LocalIndex
from .fake_uv import FakeResolver


@pytest.fixture
def interpreter(settings: Settings) -> Interpreter:
    return interpreters.choose(None, settings)


@pytest.fixture(params=["fake", "uv"])
def resolver(request: pytest.FixtureRequest, settings: Settings, index: LocalIndex) -> Iterator[Resolver]:
    if request.param == "fake":
        yield FakeResolver(entry.dist for entries in index.listed.values() for entry in entries if entry.yanked is None)
        return
    with Engine(settings, load(settings)) as engine:
        yield UvResolver(engine)


def asked(interpreter: Interpreter, *requirements: str, **more: object) -> ResolveRequest:
    return ResolveRequest(Spec(dependencies=requirements), interpreter, **more)  # type: ignore[arg-type]  # fields by name


def versions(lock: Lock, interpreter: Interpreter) -> dict[str, str]:
    return {row.name: row.version for row in select(lock, interpreter).rows}


def test_a_lock_names_what_was_asked_for_what_that_needs_and_the_kernel(
    resolver: Resolver, interpreter: Interpreter, index: LocalIndex
) -> None:
    request = asked(interpreter, "demo")
    lock = resolver.resolve(request)
    found = versions(lock, interpreter)
    assert (found["demo"], found["demo-dep"]) == ("2.0", "1.1")
    assert {"ipykernel", "pyzmq", "tornado"} <= found.keys()
    assert lock.spec == request.spec.digest
    assert lock.requires_python == f"=={interpreter.minor}.*"
    chosen = {row.filename: row.sha256 for row in select(lock, interpreter).rows}
    listed = {entry.dist.filename: entry.dist.sha256 for entries in index.listed.values() for entry in entries}
    assert chosen.items() <= listed.items(), "each row is one file of the index, by its hash"


def test_the_newest_that_fits_together_is_taken(resolver: Resolver, interpreter: Interpreter) -> None:
    found = versions(resolver.resolve(asked(interpreter, "demo", "needs-old")), interpreter)
    assert (found["demo"], found["demo-dep"]) == ("2.0", "1.0")


def test_pins_that_fit_are_kept_and_those_named_move(resolver: Resolver, interpreter: Interpreter) -> None:
    old = resolver.resolve(asked(interpreter, "demo<2", "demo-dep<1.1"))
    kept = resolver.resolve(asked(interpreter, "demo", "demo-dep", previous=old))
    assert versions(kept, interpreter).items() >= {"demo": "1.0", "demo-dep": "1.0"}.items()
    moved = resolver.resolve(asked(interpreter, "demo", "demo-dep", previous=old, upgrade=frozenset({"demo"})))
    assert versions(moved, interpreter).items() >= {"demo": "2.0", "demo-dep": "1.0"}.items()


def test_everything_moves_when_all_of_it_is_named(resolver: Resolver, interpreter: Interpreter) -> None:
    old = resolver.resolve(asked(interpreter, "demo<2", "demo-dep<1.1"))
    everything = resolver.resolve(asked(interpreter, "demo", "demo-dep", previous=old, upgrade_all=True))
    assert versions(everything, interpreter).items() >= {"demo": "2.0", "demo-dep": "1.1"}.items()


@pytest.mark.parametrize(
    ("requirements", "code"),
    [(("no-such-thing",), "no-such-package"), (("demo>=99",), "conflict"), (("needs-old", "demo-dep>1.0"), "conflict")],
)
def test_what_cannot_be_resolved_is_a_typed_error(
    resolver: Resolver, interpreter: Interpreter, requirements: tuple[str, ...], code: str
) -> None:
    with pytest.raises(ResolveError) as caught:
        resolver.resolve(asked(interpreter, *requirements))
    assert caught.value.code == code


@pytest.mark.parametrize("name", ["only-source", "lagging"])
def test_source_is_asked_about_and_taken_after_a_yes(resolver: Resolver, interpreter: Interpreter, name: str) -> None:
    with pytest.raises(ConsentNeeded) as caught:
        resolver.resolve(asked(interpreter, name))
    assert (caught.value.code, caught.value.data["packages"]) == ("needs-build", [name])
    lock = resolver.resolve(asked(interpreter, name, allow_build=frozenset({name})))
    assert {row.kind for row in select(lock, interpreter).rows if row.name == name} == {"sdist"}


def test_what_was_withdrawn_is_not_chosen(resolver: Resolver, interpreter: Interpreter) -> None:
    assert versions(resolver.resolve(asked(interpreter, "withdrawn")), interpreter)["withdrawn"] == "1.0"
