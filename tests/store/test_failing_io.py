"""Every operation on the disk may fail, the first, the second, … until none is left: each time an error that says so,
nothing half-made is visible, and the next attempt works."""

from __future__ import annotations

import ctypes
import errno
import math
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from msgspec.structs import replace

from jupyter_envs.errors import EnvsError
from jupyter_envs.settings import Settings
from jupyter_envs.store import Store, finishing
from jupyter_envs.store.gc import collect

from .conftest import Rounds
from .faults import Libc, failing
from .scene import Bringer, approved, closure, problems, strays

Do = Callable[[Settings], object]
SETS = (("apple",), ("apple", "pear"), ("apple", "pear", "plum"))
UNSEEN = {"store-busy", "home-unusable", "store-unsafe"}
"""Where a lock or a pointer could not be read."""
EXPECTED = {errno.EIO: UNSEEN | {"store-failed"}, errno.ENOSPC: UNSEEN | {"disk-full"}}


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: Libc(None))


def nothing(_: Settings) -> None:
    pass


@dataclass
class Trial:
    """`do` is what is tried in a store, after `before`; `after` says whether it has worked. `well`: `before` leaves
    nothing that is published and damaged."""

    do: Do
    after: Do
    before: Do = nothing
    well: bool = True

    def once(self, here: Settings, fails_at: int, number: int) -> bool:
        """Whether there was something to fail."""
        self.before(here)
        for names in SETS:
            approved(here, closure(*names))  # what is remembered of it is in the home, which does not fail
        code = None
        with failing(here.store / "v1", fails_at, number) as disk:
            try:
                self.do(here)
            except EnvsError as error:
                code = error.code
        where = f"call {fails_at}, {disk.calls[:fails_at][-1]}: {code}"
        if not disk.failed:
            assert code is None, where
            return False
        assert code is None or code in EXPECTED[number], where
        assert not self.well or problems(here) == [], where
        self.do(here)
        assert problems(here) == [], where
        self.after(here)
        collect(Store(here), {}, older_than=math.inf)
        assert strays(here) == [], where
        return True


Calls = Callable[[Trial], int]


@pytest.fixture
def calls(settings: Settings, memory: Path, rounds: Rounds) -> Calls:
    """Fails each of a trial's operations, and tells how many there are: with EIO or ENOSPC in turn, or with both."""

    def each(trial: Trial) -> int:
        for fails_at in count(1):
            both = (errno.EIO, errno.ENOSPC)
            for number in (both[fails_at % 2],) if rounds(1, 2) == 1 else both:
                with tempfile.TemporaryDirectory(dir=memory) as folder:
                    if not trial.once(replace(settings, store=Path(folder)), fails_at, number):
                        return fails_at
        raise AssertionError

    return each


def built(here: Settings, *names: str) -> Bringer:
    installer = Bringer(quick=True)
    value = closure(*names)
    assert Store(here).ensure(approved(here, value), installer).packages == value.versions
    return installer


@pytest.mark.parametrize(
    "link_mode", ["links", *(pytest.param(mode, marks=pytest.mark.slow) for mode in ("copy", "hardlink"))]
)
def test_building(calls: Calls, link_mode: str) -> None:
    def build(here: Settings) -> None:
        built(replace(here, link_mode=link_mode), "apple", "pear")

    def there(here: Settings) -> None:
        assert Store(here).health(closure("apple", "pear").id) is None

    assert calls(Trial(build, there)) > 80


def test_building_from_wheels_that_are_there(calls: Calls) -> None:
    def before(here: Settings) -> None:
        built(here, "apple", "pear", "plum")

    def build(here: Settings) -> None:
        assert built(here, "apple", "pear").brought == []

    def both_there(here: Settings) -> None:
        assert len(Store(here).list()) == 2

    assert calls(Trial(build, both_there, before)) > 40


def test_building_anew_what_was_damaged(calls: Calls) -> None:
    value = closure("apple", "pear")

    def before(here: Settings) -> None:
        built(here, "apple", "pear")
        environment = Store(here).find(value.id)
        assert environment
        damaged = (environment.site[0] / "apple").resolve()
        damaged.chmod(0o755)
        (damaged / "part.py").unlink()

    def look_and_build(here: Settings) -> None:
        assert Store(here).health(value.id) in (None, "env-drift", "env-missing")
        built(here, "apple", "pear")

    def whole(here: Settings) -> None:
        assert Store(here).health(value.id) is None

    assert calls(Trial(look_and_build, whole, before, well=False)) > 80


def test_removing(calls: Calls) -> None:
    def before(here: Settings) -> None:
        built(here, "apple", "pear")
        built(here, "apple")

    def remove(here: Settings) -> None:
        Store(here).remove(closure("apple", "pear").id)

    def only_one(here: Settings) -> None:
        assert [environment.id for environment in Store(here).list()] == [closure("apple").id]

    assert calls(Trial(remove, only_one, before)) > 10


def test_collecting(calls: Calls) -> None:
    """What cannot be read is not taken for what nobody needs."""

    def before(here: Settings) -> None:
        built(here, "apple", "pear")
        built(here, "apple")

    def collected(here: Settings) -> None:
        collect(Store(here), {closure("apple").id: math.inf}, older_than=0)

    def only_one(here: Settings) -> None:
        assert [environment.id for environment in Store(here).list()] == [closure("apple").id]
        assert [made.name for made in Store(here).own.wheels.all()] == ["apple"]

    assert calls(Trial(collected, only_one, before)) > 20


def test_finishing(calls: Calls) -> None:
    def before(here: Settings) -> None:
        built(here, "apple")

    def finish(here: Settings) -> None:
        finishing.finish(replace(here, compile="now"))

    def finished(here: Settings) -> None:
        assert not any(finishing.unfinished(Store(here).own))
        (made,) = Store(here).own.wheels.all()
        assert list(made.library.glob("apple/__pycache__/*.pyc")) and not list(made.library.glob("**/*.new"))

    assert calls(Trial(finish, finished, before)) > 10
