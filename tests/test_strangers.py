"""A notebook that somebody else made: what he put into it is not approved by what the user types."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.errors import ConsentNeeded, EnvsError, InputError
from jupyter_envs.model.block import Block, parse_block
from jupyter_envs.model.options import Options
from jupyter_envs.settings import Settings

from .local_index import LocalIndex
from .typed import typed
from .wheels import folder_project, sdist

SHA = "ab" * 32


@pytest.fixture
def approved(environments: Environments) -> Block:
    """A notebook whose lock everybody here has approved: ipykernel and what it needs, and demo-dep."""
    return environments.install(None, typed("demo-dep")).block


def forged(block: Block, *rows: dict[str, Any], **changes: Any) -> Block:
    """The block with more rows and other declared keys, its lock claiming to be made of that."""
    value = block.to_dict() | changes
    value["lock"]["packages"] += rows
    spec = parse_block({k: v for k, v in value.items() if k not in ("lock", "history")}).spec
    value["lock"]["spec"] = spec.digest
    return parse_block(value)


def refused(environments: Environments, block: Block, words: list[str]) -> EnvsError:
    with pytest.raises(EnvsError) as caught:
        environments.install(block, typed(*words))
    assert isinstance(caught.value, ConsentNeeded), caught.value
    return caught.value


def test_packages_that_only_the_list_names_are_not_approved_by_a_typed_one(
    environments: Environments, approved: Block
) -> None:
    error = refused(environments, forged(approved, dependencies=["demo-dep", "demo"]), ["shout"])
    assert "demo" in error.sentence and error.data["digest"].startswith("sha256:")
    options = Options(accept=error.data["digest"])
    assert environments.install(
        forged(approved, dependencies=["demo-dep", "demo"]), typed("shout"), options=options
    ).environment


def test_a_list_without_a_lock_is_not_approved_by_a_typed_package(environments: Environments) -> None:
    refused(environments, parse_block({"version": 1, "dependencies": ["demo"]}), ["shout"])


def test_a_lock_that_cannot_be_used_here_approves_nothing(environments: Environments, approved: Block) -> None:
    row = {"name": "winonly", "version": "1", "wheels": {"winonly-1-cp311-cp311-win_arm64.whl": {"sha256": SHA}}}
    refused(environments, forged(approved, row, dependencies=["demo-dep", "demo"]), ["shout"])


def test_an_index_that_a_stranger_assigned_does_not_steer_what_is_typed(
    environments: Environments, index: LocalIndex, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for keys in ({"indexes": {"local": ["demo"]}}, {"exclude-newer": "2024-06-01"}, {"requires-python": ">=3.8"}):
        refused(environments, parse_block({"version": 1, **keys}), ["demo"])


@pytest.mark.parametrize("source", ["sdist", "git"])
def test_source_that_hides_from_this_machine_never_runs(
    environments: Environments, approved: Block, index: LocalIndex, tmp_path: Path, source: str
) -> None:
    marker = tmp_path / "ran"
    code = f"open({str(marker)!r}, 'a').write('x')"
    hidden: dict[str, Any] = {"name": "hidden", "version": "1.0", "marker": 'sys_platform == "win32"'}
    if source == "sdist":
        made = sdist("hidden", "1.0", setup=code, static=False)
        index.add(made)
        hidden["sdist"] = {made.filename: {"sha256": made.sha256}}
    else:
        hidden["vcs"] = {"type": "git", "url": f"https://127.0.0.1:{index.port}/hidden", "commit-id": "ab" * 20}
    with pytest.raises(EnvsError):
        environments.install(forged(approved, hidden, dependencies=["demo-dep", "hidden"]), typed("shout"))
    assert not marker.exists()


def test_a_row_names_one_kind_of_source(approved: Block) -> None:
    value = approved.to_dict()
    value["lock"]["packages"][0]["vcs"] = {"type": "git", "url": "https://h/x", "commit-id": "ab" * 20}
    with pytest.raises(InputError, match="more than one kind of source"):
        parse_block(value)


def test_undo_does_not_bring_what_a_stranger_wrote_into_the_history(
    environments: Environments, approved: Block
) -> None:
    value = approved.to_dict()
    value["history"] = [{"at": "2026-01-01T00:00:00Z", "did": "x", "spec": {"dependencies": ["demo"]}, "changed": {}}]
    with pytest.raises(ConsentNeeded):
        environments.undo(parse_block(value))


def test_a_yes_to_a_notebook_with_source_says_that_code_will_run(
    environments: Environments, index: LocalIndex, tmp_path: Path
) -> None:
    block = environments.install(
        None, typed("only-source"), options=Options(allow_build=frozenset({"only-source"}))
    ).block
    other = Environments(Settings(home=tmp_path / "other", store=tmp_path / "other" / "store"))
    with pytest.raises(ConsentNeeded, match="Building it runs code from only-source"):
        other.build(block)


def test_a_newer_source_is_asked_about_before_its_code_runs(
    environments: Environments, index: LocalIndex, tmp_path: Path
) -> None:
    """Also in a notebook of one's own: what was allowed was another version."""
    marker = tmp_path / "ran"
    code = f"open({str(marker)!r}, 'a').write('x')"
    index.add(sdist("moving", "1.0", static=False))
    block = environments.install(None, typed("moving"), options=Options(allow_build=frozenset({"moving"}))).block
    assert environments.upgrade(block, []).block.lock  # nothing newer: no question
    index.add(sdist("moving", "2.0", setup=code, static=False))
    with pytest.raises(ConsentNeeded) as caught:
        environments.upgrade(block, [])
    assert caught.value.code == "needs-build" and not marker.exists()
    allowed = Options(allow_build=frozenset({"moving"}))
    assert environments.upgrade(block, [], options=allowed).changed["moving"] == ("1.0", "2.0")
    assert marker.exists()


def test_the_same_commit_elsewhere_is_another_thing(approved: Block) -> None:
    def digest(url: str, folder: str) -> str:
        row = {
            "name": "g",
            "version": "1",
            "vcs": {"type": "git", "url": url, "commit-id": "ab" * 20, "subdirectory": folder},
        }
        lock = forged(approved, row).lock
        assert lock
        return lock.digest

    assert len({digest("https://good/x", "a"), digest("https://evil/x", "a"), digest("https://good/x", "b")}) == 3


@pytest.mark.parametrize(
    "word",
    [
        "https://me:secret@host/six-1.16.0-py3-none-any.whl",
        "https://host/six-1.16.0-py3-none-any.whl?token=SECRET",
        "git+https://me:pw@host/x.git",
        "git+http://host/x.git",
        "git+file:///srv/x",
        "http://host/six-1.16.0-py3-none-any.whl",
        "https://example.com",
        "https://[::1",
        "./six\0",
        "~nouser/x",
    ],
)
def test_an_address_that_no_notebook_may_carry_is_refused_in_a_sentence(environments: Environments, word: str) -> None:
    with pytest.raises(InputError) as caught:
        environments.install(None, typed(word))
    assert "secret" not in caught.value.sentence.lower() and "pw" not in caught.value.sentence


def test_the_history_names_no_path_of_this_machine(environments: Environments, tmp_path: Path) -> None:
    for path, text in folder_project("mine", "1.5").items():
        (tmp_path / "mine").mkdir(exist_ok=True)
        (tmp_path / "mine" / path).write_text(text)
    block = environments.install(None, typed(str(tmp_path / "mine"))).block
    assert block.history[-1].did == "install mine"
    assert str(tmp_path) not in str(block.to_dict())


def test_the_home_is_for_the_user_alone(index: LocalIndex, tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    Environments(Settings(home=home, store=home / "store")).install(None, typed("demo-dep"))
    modes = subprocess.run(["find", home, "-type", "d", "-perm", "/077", "-not", "-path", "*/e/*/b-*", "-not", "-path", "*/w/*/*", "-not", "-path", "*/cache/*"],
                           capture_output=True, text=True, check=True).stdout.split()  # fmt: skip
    assert modes == []
