"""The store: nothing half-built is ever visible."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from jupyter_envs.consent import gate
from jupyter_envs.consent.consents import Consents
from jupyter_envs.consent.gate import Approved, Review
from jupyter_envs.engines.protocols import NoInstaller
from jupyter_envs.errors import ConsentNeeded, InstallError, StoreError
from jupyter_envs.machine.interpreters import Interpreter
from jupyter_envs.model.closure import Closure
from jupyter_envs.model.environment import InstalledFile, site_packages
from jupyter_envs.model.progress import SILENT, Report
from jupyter_envs.settings import Settings
from jupyter_envs.store import Store, build, shelf
from jupyter_envs.system import disk

from .fakes import HERE, FakeInstaller, closure, row


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", store=tmp_path / "store")


def approved(settings: Settings, value: Closure) -> Approved:
    return gate.approve(value, value.consent_digest({}), Consents(settings), gate.Answer(typed=True))


def test_an_environment_is_built_once_and_then_found(settings: Settings) -> None:
    store, installer = Store(settings), FakeInstaller()
    first = store.ensure(approved(settings, closure()), installer)
    again = store.ensure(approved(settings, closure()), installer)
    assert first == again == store.find(closure().id)
    assert len(installer.installed) == 1
    assert first.packages == {"six": "1.0"}
    assert first.files == {"six": InstalledFile(row("six").sha256)}
    assert first.python.exists()
    assert [env.id for env in store.list()] == [first.id]


def test_what_runs_before_any_cell_is_shown_before_it_is_published(settings: Settings) -> None:
    """And the store writes down nothing of it: who asks the user does."""
    store, installer, consents = Store(settings), FakeInstaller(), Consents(settings)
    wanted = closure(row("six"), row("sitecustomize"))
    yes = approved(settings, wanted)
    seen = [store.ensure(yes, installer), store.ensure(yes, installer)]
    assert seen == [Review({"sitecustomize": ("sitecustomize.py",)})] * 2
    assert store.list() == [] and consents.startup_files() == frozenset()
    reviewed = gate.review(yes, seen[0], consents)
    assert consents.startup_files() == {row("sitecustomize").sha256}
    assert store.ensure(reviewed, installer) == store.find(wanted.id)
    assert len(installer.installed) == 1, "it was unpacked before the question"


def test_what_may_run_before_any_cell_already_is_built_in_one_go(settings: Settings) -> None:
    """A kernel may be waiting for it."""
    consents, wanted = Consents(settings), closure(row("six"), row("sitecustomize"))
    gate.review(approved(settings, wanted), Review({"sitecustomize": ("sitecustomize.py",)}), consents)
    digest = wanted.consent_digest({})
    for answer in (gate.UNASKED, gate.Answer(typed=True), gate.Answer(accept="yes")):
        again = gate.approve(wanted, digest, consents, answer)
        assert again.open_review({"sitecustomize": ("sitecustomize.py",)}) is None
        assert again.open_review({"six": ("six.pth",)}) is not None
    assert Store(settings).ensure(again, FakeInstaller()) == Store(settings).find(wanted.id)


def test_a_package_under_another_name_is_asked_about_under_that_one(settings: Settings) -> None:
    """A lock may give the same files other names: they make the same environment."""
    value, seen = closure(row("six")), Review({"other": ("other.pth",)})
    with pytest.raises(ConsentNeeded, match="other"):
        gate.review(approved(settings, value), seen, Consents(settings))
    answer = gate.Answer(typed=True, startup=["other"])
    yes = gate.approve(value, value.consent_digest({}), Consents(settings), answer)
    assert gate.review(yes, seen, Consents(settings)).open_review(seen.files) is None
    assert Consents(settings).unreviewed(value, seen.files) == {"other": ["other.pth"]}


def test_a_review_of_one_package_says_nothing_about_another(settings: Settings) -> None:
    yes = approved(settings, closure(row("six"), row("seven")))
    reviewed = gate.review(yes, Review({"six": ("six.pth",)}), Consents(settings))
    assert reviewed.open_review({"six": ("six.pth",)}) is None
    assert reviewed.open_review({"six": ("six.pth",), "seven": ("a.pth",)}) is not None


def test_an_environment_follows_jupyter_envs_to_another_place(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Say, the server's Python was upgraded. It is linked again, from the wheels that are here."""
    earlier = tmp_path / "earlier"
    shutil.copytree(build.STUBS, earlier)
    with monkeypatch.context() as patch:
        patch.setattr(build, "STUBS", earlier)
        first = Store(settings).ensure(approved(settings, closure()), FakeInstaller())
    assert Store(settings).find(closure().id) == first, "as long as it is there, too"
    shutil.rmtree(earlier)
    assert Store(settings).find(closure().id) is None and Store(settings).health(closure().id) == "env-missing"
    assert not Store(settings).missing(closure())
    again = Store(settings).ensure(approved(settings, closure()), NoInstaller())
    assert again.prefix != first.prefix and str(build.STUBS) in (again.site[0] / build.STUB_PATH_FILE).read_text()


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ("error", "engine-failed"),
        ("missing-file", "incomplete"),
        ("short-file", "incomplete"),
        ("no-record", "incomplete"),
        ("missing-package", "incomplete"),
        ("escape", "wheel-escape"),
    ],
)
def test_a_damaged_build_is_never_published_and_leaves_nothing(settings: Settings, damage: str, code: str) -> None:
    store = Store(settings)
    with pytest.raises(InstallError) as caught:
        store.ensure(approved(settings, closure()), FakeInstaller(damage))
    assert caught.value.code == code
    assert store.find(closure().id) is None
    assert not list((settings.store / "v1" / "e").glob("*/b-*"))
    assert store.ensure(approved(settings, closure()), FakeInstaller()).packages == {"six": "1.0"}


def test_two_builders_of_one_environment_build_it_once(settings: Settings) -> None:
    installer, gate, found = FakeInstaller(), threading.Barrier(4), []
    approval = approved(settings, closure())

    def build() -> None:
        gate.wait()
        found.append(Store(settings).ensure(approval, installer))

    threads = [threading.Thread(target=build) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({environment.prefix for environment in found}) == 1
    assert (len(found), len(installer.installed)) == (4, 1)


def test_after_a_power_cut_only_what_had_reached_the_disk_exists(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def switched_on(name: str) -> None:
        for module in (build, shelf):
            monkeypatch.setattr(module, "boot", lambda: name)

    waiting: list[Callable[[], None]] = []
    monkeypatch.setattr(disk, "later", waiting.append)
    store = Store(settings)
    switched_on("monday")
    lost = store.ensure(approved(settings, closure()), FakeInstaller())
    assert store.find(lost.id) == lost
    switched_on("tuesday")
    assert (store.find(lost.id), store.health(lost.id), store.list()) == (None, "env-missing", [])
    made = store.ensure(approved(settings, closure()), FakeInstaller())
    assert made.prefix != lost.prefix
    waiting[-1]()
    switched_on("wednesday")
    assert store.find(made.id) == made


def test_where_nobody_knows_since_when_the_machine_is_on_all_is_synced_first(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(build, "boot", lambda: "")
    monkeypatch.setattr(build, "sync", synced.append)
    made = Store(settings).ensure(approved(settings, closure()), FakeInstaller())
    assert synced == [made.folder]
    monkeypatch.setattr(shelf, "boot", lambda: "tuesday")
    assert Store(settings).find(made.id) == made


def test_an_unpublished_build_does_not_exist(settings: Settings) -> None:
    store = Store(settings)
    environment = store.ensure(approved(settings, closure()), FakeInstaller())
    (environment.prefix.parent / "current.json").unlink()
    assert store.find(environment.id) is None
    assert store.list() == []
    rebuilt = store.ensure(approved(settings, closure()), FakeInstaller())
    assert rebuilt.prefix != environment.prefix


def test_an_environment_whose_base_python_was_replaced_is_built_anew(settings: Settings, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("one")
    base = Interpreter(python, "cpython", HERE.version, "x86_64", "system")
    store = Store(settings)
    first = store.ensure(approved(settings, closure(python=base)), FakeInstaller())
    python.unlink()
    assert store.find(first.id) is None
    python.write_text("another")
    second = store.ensure(approved(settings, closure(python=base)), FakeInstaller())
    assert second.prefix != first.prefix
    assert store.find(first.id) == second


@pytest.mark.parametrize("name", ["../../etc", "/etc", "a" * 33, "A" * 26, "", "a" * 26 + "\n"])
def test_an_id_from_outside_never_reaches_the_disk(settings: Settings, name: str) -> None:
    assert Store(settings).find(name) is None
    assert Store(settings).remove(name) is False


def test_a_damaged_pointer_is_no_environment(settings: Settings) -> None:
    store = Store(settings)
    environment = store.ensure(approved(settings, closure()), FakeInstaller())
    pointer = environment.prefix.parent / "current.json"
    for text in ("", "[]", "{", json.dumps({"dir": "x"})):
        pointer.write_text(text)
        assert store.find(environment.id) is None


def test_removing_takes_the_files_too(settings: Settings) -> None:
    store = Store(settings)
    environment = store.ensure(approved(settings, closure(row("six"), row("attrs"))), FakeInstaller())
    assert store.remove(environment.id) is True
    assert not environment.prefix.exists()
    assert store.find(environment.id) is None


def test_a_store_that_others_can_write_to_is_refused(settings: Settings) -> None:
    (settings.store / "v1").mkdir(parents=True)
    (settings.store / "v1").chmod(0o777)
    with pytest.raises(StoreError) as caught:
        Store(settings).ensure(approved(settings, closure()), FakeInstaller())
    assert caught.value.code == "store-unsafe"


def test_what_something_runs_from_is_not_deleted(settings: Settings) -> None:
    store = Store(settings)
    environment = store.ensure(approved(settings, closure()), FakeInstaller())
    held = store.hold(environment.id)
    assert held
    with held[1], pytest.raises(StoreError, check=lambda error: error.code == "in-use"):
        store.remove(environment.id)
    assert store.find(environment.id) == environment and environment.python.exists()
    assert store.remove(environment.id) and store.find(environment.id) is None


def test_one_staging_holds_wheels_of_one_index(settings: Settings) -> None:
    """The installer asks the environment's own Python for what it sees there, and never meets one with strangers'
    code."""
    rows = [replace(row(name), index=index) for name, index in (("a", None), ("b", "corp"), ("c", None), ("d", "corp"))]
    seen: list[tuple[Path, set[str | None]]] = []

    class Watching(FakeInstaller):
        def install(self, closure: Closure, prefix: Path, report: Report = SILENT) -> None:
            assert not list(site_packages(prefix, HERE.version).iterdir())
            seen.append((prefix, {chosen.index for chosen in closure.rows}))
            super().install(closure, prefix, report)

    environment = Store(settings).ensure(approved(settings, closure(*rows)), Watching())
    assert environment.packages.keys() == {"a", "b", "c", "d"}
    assert len({prefix for prefix, _ in seen}) == len(seen) == 2
    assert [indexes for _, indexes in seen] == [{None}, {"corp"}]
