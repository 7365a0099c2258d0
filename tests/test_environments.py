"""The use cases, with the real uv and an index on loopback."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from msgspec.structs import replace

from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.errors import ConsentNeeded, EnvsError, InputError, PythonError, ResolveError
from jupyter_envs.model.block import EMPTY, Block, parse_block
from jupyter_envs.model.options import Options
from jupyter_envs.settings import Settings

from .local_index import LocalIndex
from .typed import typed
from .wheels import folder_project, sdist, wheel


def versions(block: Block) -> dict[str, str]:
    return {p.name: p.version for p in block.lock.packages} if block.lock else {}


def imported(environment_python: Path, code: str) -> str:
    return subprocess.run(
        [environment_python, "-I", "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


def elsewhere(environments: Environments, tmp_path: Path) -> Environments:
    """The same index, another person's empty home."""
    return Environments(
        replace(environments.here.settings, home=tmp_path / "other", store=tmp_path / "other" / "store")
    )


def refused(code: str, kind: type[EnvsError] = EnvsError) -> pytest.RaisesContext[EnvsError]:
    return pytest.raises(kind, check=lambda error: error.code == code)


def test_an_installed_package_is_recorded_locked_built_and_importable(environments: Environments) -> None:
    change = environments.install(None, typed("demo"))
    assert change.block.dependencies == ("demo",)
    assert versions(change.block)["demo"] == "2.0" and "ipykernel" in versions(change.block)
    assert change.environment
    assert imported(change.environment.python, "import demo; print(demo.__version__)") == "2.0"
    assert environments.status(change.block).state == "ready"
    assert parse_block(json.loads(json.dumps(change.block.to_dict()))) == change.block


def test_only_what_differs_from_the_base_environment_is_told(environments: Environments) -> None:
    environments.build(None)
    assert environments.install(None, typed("demo")).changed == {"demo": (None, "2.0"), "demo-dep": (None, "1.1")}


def written_for(block: Block, *dependencies: str, overrides: tuple[str, ...] = ()) -> Block:
    """Somebody's: the lock says that it was made from this list."""
    assert block.lock
    spec = replace(block.spec, dependencies=dependencies, overrides=overrides)
    return replace(block.with_spec(spec), lock=replace(block.lock, spec=spec.digest))


@pytest.mark.parametrize(
    ("dependencies", "overrides", "sentence"),
    [
        (("demo>=3",), (), "The lock has demo 2.0, and the notebook asks for demo>=3."),
        (("demo", "absent"), (), "The lock has no absent, and the notebook asks for absent."),
        (("demo", "absent ; python_version >= '3.8'"), (), 'The lock has no absent, and the notebook asks for'),
        (("demo", "absent ; python_version < '3.8'"), (), ""),
        (("demo", "absent ; extra == 'test'"), (), ""),
        (("demo<2 ; sys_platform == 'nowhere'", "demo>=2"), (), ""),
        (("demo>=3",), ("demo==2.0",), ""),
    ],
)  # fmt: skip
def test_a_lock_that_contradicts_the_list_is_not_ready(
    environments: Environments, dependencies: tuple[str, ...], overrides: tuple[str, ...], sentence: str
) -> None:
    ours = environments.install(None, typed("demo")).block
    block = written_for(ours, *dependencies, overrides=overrides)
    assert block.locked
    status = environments.status(block)
    assert (status.state, status.environment is not None) == ("changed" if sentence else "ready", True)
    assert sentence in status.sentence


def test_installing_what_is_there_needs_no_network(environments: Environments, index: LocalIndex) -> None:
    block = environments.install(None, typed("demo")).block
    index.hits.clear()
    again = environments.install(block, typed("demo>=1"))
    assert (again.satisfied, again.changed, index.hits) == (True, {}, [])
    assert again.block.dependencies == ("demo>=1",) and again.block.locked


def test_pins_that_still_fit_are_kept_and_upgrade_moves_them(environments: Environments, index: LocalIndex) -> None:
    block = environments.install(None, typed("demo")).block
    index.add(wheel("demo", "3.0", requires=["demo-dep>=1"]), wheel("demo-dep", "1.2"), wheel("extra", "1.0"))
    more = environments.install(block, typed("extra"))
    assert more.changed == {"extra": (None, "1.0")}
    one = environments.upgrade(more.block, ["demo-dep"])
    assert one.changed == {"demo-dep": ("1.1", "1.2")}
    assert environments.upgrade(more.block, []).changed == {"demo-dep": ("1.1", "1.2"), "demo": ("2.0", "3.0")}


def test_an_install_that_upgrades_resolves_once_and_moves_what_is_there(
    environments: Environments, index: LocalIndex
) -> None:
    block = environments.install(None, typed("demo")).block
    index.add(wheel("demo", "3.0", requires=["demo-dep>=1"]), wheel("demo-dep", "1.2"))
    change = environments.install(block, typed("demo>=1", "shout"), upgrade=True)
    assert change.changed == {"demo": ("2.0", "3.0"), "shout": (None, "1.0")}
    assert len(change.block.history) == len(block.history) + 1
    assert environments.undo(change.block).block.spec == block.spec
    again = environments.install(change.block, typed("demo", "shout"), upgrade=True)
    assert (again.satisfied, again.changed, again.block.history) == (True, {}, change.block.history)


def test_a_new_limit_moves_what_has_to_move(environments: Environments) -> None:
    block = environments.install(None, typed("demo")).block
    assert environments.install(block, typed("needs-old")).changed == {
        "demo-dep": ("1.1", "1.0"),
        "needs-old": (None, "1.0"),
    }


def test_removing_takes_away_what_nothing_else_needs(environments: Environments) -> None:
    block = environments.install(None, typed("demo", "lagging==1.0")).block
    removed = environments.remove(block, ["Demo"])
    assert removed.changed == {"demo": ("2.0", None), "demo-dep": ("1.1", None)}
    with refused("not-declared", InputError):
        environments.remove(block, ["demo-dep"])


def test_undo_goes_back_one_change_on_a_machine_that_never_made_it(environments: Environments, tmp_path: Path) -> None:
    first = environments.install(None, typed("demo<2")).block
    second = environments.install(first, typed("demo>=2")).block
    other = elsewhere(environments, tmp_path)
    undone = other.undo(second, options=Options(accept="yes"))
    assert undone.block.dependencies == ("demo<2",)
    assert undone.block.lock and first.lock and undone.block.lock.digest == first.lock.digest
    assert len(undone.block.history) == len(first.history)
    with refused("nothing-to-undo"):
        environments.undo(EMPTY)


def test_a_list_of_the_history_is_written_as_ours_once_it_is_the_notebooks(environments: Environments) -> None:
    block = environments.install(environments.install(None, typed("demo")).block, typed("shout")).block
    value = block.to_dict()
    value["history"][-1]["spec"].update(dependencies=["Demo >= 1"], overrides=["demo_dep ==1.0 ;python_version>'3'"])
    undone = environments.undo(parse_block(value), options=Options(accept="yes")).block
    assert undone.dependencies == ("demo>=1",) and undone.overrides == ('demo-dep==1.0 ; python_version > "3"',)
    assert parse_block(undone.to_dict()).locked


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["no-such-thing"], "no-such-package"),
        (["demo>=99"], "conflict"),
        (["demo", "demo-dep<1"], "conflict"),
        (["ipykernel<1"], "conflict"),
        (["--target=/"], "req-option-or-path"),
        (["./missing"], "no-such-path"),
        (["demo ; rm -rf /"], "req-syntax"),
        (["x @ https://evil/${TOKEN}"], "req-metachar"),
        ([], "req-empty"),
    ],
)
def test_what_cannot_be_installed_is_one_sentence_and_changes_nothing(
    environments: Environments, words: list[str], code: str
) -> None:
    block = environments.install(None, typed("demo")).block
    before = block.to_dict()
    with refused(code) as caught:
        environments.install(block, typed(*words))
    assert caught.value.sentence.count("\n") == 0
    assert block.to_dict() == before
    assert environments.status(block).state == "ready"


def test_a_conflict_with_the_kernel_names_it(environments: Environments) -> None:
    with pytest.raises(ResolveError, match="cannot run without ipykernel"):
        environments.install(None, typed("ipykernel<1"))


def test_source_runs_only_after_a_yes_and_is_built_once(
    environments: Environments, tmp_path: Path, index: LocalIndex
) -> None:
    marker = tmp_path / "ran"
    index.add(sdist("noisy", "1.0", static=False, setup=f"open({str(marker)!r}, 'a').write('x')"))
    with refused("needs-build", ConsentNeeded) as caught:
        environments.install(None, typed("noisy"))
    assert caught.value.data == {"packages": ["noisy"]}
    assert not marker.exists()
    block = environments.install(None, typed("noisy"), options=Options(allow_build=frozenset({"noisy"}))).block
    assert marker.exists()
    marker.unlink()
    environments.install(block, typed("demo"))
    assert not marker.exists(), "its wheel was kept"


def test_a_source_newer_than_every_wheel_is_asked_about(environments: Environments) -> None:
    with refused("needs-build") as caught:
        environments.install(None, typed("lagging"))
    assert "lagging 2.0 has no wheel" in caught.value.sentence
    assert versions(environments.install(None, typed("lagging<2")).block)["lagging"] == "1.0"
    allowed = Options(allow_build=frozenset({"lagging"}))
    assert versions(environments.install(None, typed("lagging"), options=allowed).block)["lagging"] == "2.0"


def test_a_need_without_a_wheel_never_brings_an_ancient_version_silently(
    environments: Environments, index: LocalIndex
) -> None:
    index.add(wheel("modern", "0.1"), wheel("modern", "2.0", requires=["only-source"]))
    with refused("needs-build") as caught:
        environments.install(None, typed("modern"))
    assert caught.value.data == {"packages": ["only-source"]}
    assert "modern 2.0 needs only-source" in caught.value.sentence


def test_a_folder_of_the_user_works_for_him_and_is_marked(environments: Environments, tmp_path: Path) -> None:
    for path, text in folder_project("mine", "1.5").items():
        (tmp_path / "mine").mkdir(exist_ok=True)
        (tmp_path / "mine" / path).write_text(text)
    change = environments.install(None, typed("./mine", base=tmp_path))
    assert versions(change.block)["mine"] == "1.5"
    assert change.notes and "Only this machine can build " in change.notes[0]
    assert str(tmp_path) not in json.dumps(change.block.to_dict())
    more = environments.install(change.block, typed("demo"))
    assert "mine" in versions(more.block)
    with refused("machine-local"):
        elsewhere(environments, tmp_path).build(change.block, options=Options(accept="yes"))


def test_another_person_rebuilds_the_same_versions_after_a_yes(environments: Environments, tmp_path: Path) -> None:
    block = environments.install(None, typed("demo")).block
    other = elsewhere(environments, tmp_path)
    status = other.status(block)
    assert status.state == "not-built" and status.consent and "demo" in status.consent["new"]
    with refused("consent-needed", ConsentNeeded) as caught:
        other.build(block)
    digest = caught.value.data["digest"]
    assert digest == status.consent["digest"]
    assert not (tmp_path / "other" / "store").exists()
    built = other.build(block, options=Options(accept=digest))
    assert built.packages == environments.build(block).packages
    assert other.status(block).state == "ready"


def test_a_typed_change_does_not_approve_what_a_stranger_put_there(environments: Environments, tmp_path: Path) -> None:
    block = environments.install(None, typed("demo")).block
    other = elsewhere(environments, tmp_path)
    for attempt in (other.install, other.remove, other.upgrade):
        with refused("consent-needed"):
            attempt(block, typed("demo-dep") if attempt == other.install else ["demo"])
    for words in (["demo"], ["demo>=1"], ["demo-dep"], ["shout"]):
        with refused("consent-needed"):
            other.install(block, typed(*words), upgrade=True)
    with refused("consent-needed"):
        other.undo(block)


def test_requires_python_picks_among_what_is_installed(environments: Environments) -> None:
    with pytest.raises(PythonError, match=r"This notebook needs Python >=3\.99\. Installed here: \d"):
        environments.python(None, ">=3.99")
    with refused("python-spec", InputError):
        environments.python(None, "python of mine")


def test_a_lock_older_than_the_list_is_said_and_made_new(environments: Environments) -> None:
    block = environments.install(None, typed("demo")).block
    changed = parse_block(block.to_dict() | {"dependencies": ["demo", "demo-dep<1.1"]})
    assert environments.status(changed).state == "changed"
    with refused("consent-needed"):
        environments.lock(changed)
    locked = environments.lock(changed, options=Options(accept="yes"))
    assert locked.environment is None and locked.changed == {"demo-dep": ("1.1", "1.0")}


def test_a_hash_that_does_not_fit_stops_everything(
    environments: Environments, settings: Settings, tmp_path: Path
) -> None:
    block = environments.install(None, typed("demo")).block
    text = json.dumps(block.to_dict())
    demo = next(p for p in block.to_dict()["lock"]["packages"] if p["name"] == "demo")
    right = next(iter(demo["wheels"].values()))["sha256"]
    tampered = parse_block(json.loads(text.replace(right, "0" * 64)))
    other = elsewhere(environments, tmp_path)
    with refused("hash-mismatch"):
        other.build(tampered, options=Options(accept="yes"))
    assert other.here.store.list() == []


def test_the_base_environment_starts_offline(environments: Environments, index: LocalIndex) -> None:
    assert environments.base() is None
    built = environments.build(None)
    index.hits.clear()
    assert environments.base() == built == environments.build(None)
    assert index.hits == []


def test_only_what_is_not_here_is_to_be_fetched(environments: Environments, index: LocalIndex, tmp_path: Path) -> None:
    """Whether the package is said to be new or approved says nothing of where its file is."""
    index.add(wheel("big", "1.0", files={"big/data.bin": b"1" * 50_000}))
    theirs = elsewhere(environments, tmp_path)
    environments.install(None, typed("demo"))
    for names, fetched in ((["demo"], set()), (["demo", "big"], {"big"})):
        block = theirs.install(None, typed(*names), options=Options(build=False)).block
        consent = environments.status(block).consent
        assert consent
        sizes = {package["name"]: package["size"] for package in consent["packages"]}
        assert consent["bytes"] == sum(sizes[name] for name in fetched)
    with refused("consent-needed") as caught:
        environments.build(block)
    assert caught.value.data["bytes"] == sizes["big"] < sum(sizes.values())
