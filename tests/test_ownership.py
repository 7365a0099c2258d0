"""The one rule of typed changes: what was neither typed nor shown has no say, by any verb."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from jupyter_envs.consent.ownership import list_digest, lock_digest
from jupyter_envs.environments.outcome import Outcome
from jupyter_envs.errors import ConsentNeeded, EnvsError, PolicyError
from jupyter_envs.kernel.asking import question
from jupyter_envs.model.block import Block, parse_block
from jupyter_envs.model.closure import Chosen, Closure
from jupyter_envs.model.lock import Vcs
from jupyter_envs.model.options import Options
from jupyter_envs.model.spec import Spec

from .fakes import HERE
from .typed import typed
from .world import DATE, EVIL, NEW, OLD, OTHER, SOURCE, STEERED, Log, World, address, sha_of, world

Json = dict[str, Any]
Verb = Callable[[World, Block, Options], Outcome]
THERE = f"python_version >= '{OTHER.minor}'"
HASH = "ab" * 32


@pytest.fixture
def user(home: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return world(home, monkeypatch)


@pytest.fixture
def own(user: World) -> Block:
    """A notebook of the user's own: he typed all of it."""
    block = user.install(None, typed("apple")).block
    return user.install(block, typed("berry")).block


VERBS: dict[str, Verb] = {
    "install": lambda user, block, options: user.install(block, typed("cherry"), options=options),
    "install -U": lambda user, block, options: user.install(
        block, typed("cherry", "berry"), upgrade=True, options=options
    ),
    "install -U with a limit": lambda user, block, options: user.install(
        block, typed("berry>=1"), upgrade=True, options=options
    ),
    "remove": lambda user, block, options: user.remove(block, ["berry"], options=options),
    "upgrade": lambda user, block, options: user.upgrade(block, [], options=options),
    "upgrade one": lambda user, block, options: user.upgrade(block, ["berry"], options=options),
    "lock": lambda user, block, options: user.lock(block, options=options),
    "python": lambda user, block, options: user.python(block, OTHER.minor, options=options),
    "undo": lambda user, block, options: user.undo(block, options=options),
}


def row(value: Json, name: str) -> Json:
    found: Json = next(each for each in value["lock"]["packages"] if each["name"] == name)
    return found


def wheels(name: str, version: str) -> Json:
    return {f"{name}-{version}-py3-none-any.whl": {"sha256": sha_of(name, version)}}


def older(value: Json, name: str) -> None:
    row(value, name).update(version=OLD, wheels=wheels(name, OLD))


def placed(value: Json, name: str, ending: str = "-6.6-py3-none-any.whl") -> None:
    here = row(value, name)
    del here["wheels"]
    here.update(version="6.6", vcs={"type": "archive", "url": address(name, ending), "sha256": HASH})


def declares(value: Json, *texts: str) -> None:
    value["dependencies"] += texts


def history(value: Json, **entry: Any) -> None:
    value["history"][-1].update(entry)


INPUTS: dict[str, Callable[[Json], None]] = {
    "list: a package": lambda value: declares(value, EVIL[0]),
    "list: a package on another Python": lambda value: declares(value, f"{EVIL[0]}; {THERE}"),
    "list: a package on another system": lambda value: declares(value, f"{EVIL[0]}; sys_platform == 'win32'"),
    "list: an extra": lambda value: value.update(dependencies=["apple[evil]", "berry"]),
    "list: a limit": lambda value: value.update(dependencies=["apple<2", "berry"]),
    "list: a limit for cherry": lambda value: declares(value, "cherry<2"),
    "list: a Python": lambda value: value.update({"requires-python": f">={OTHER.minor}"}),
    "list: any Python": lambda value: value.update({"requires-python": ">=3.8"}),
    "list: an index": lambda value: value.update(indexes={"corner": ["apple"]}),
    "list: a date": lambda value: value.update({"exclude-newer": DATE}),
    "list: an override": lambda value: value.update(overrides=["core==1.0"]),
    "list: an override for this system": lambda value: value.update(overrides=["core==1.0; python_version>'3.0'"]),
    "list: a package without what it needs": lambda value: value.update({"no-deps": ["apple"]}),
    "list: conda": lambda value: value.update(conda={"dependencies": ["gdal"]}),
    "list: a project": lambda value: value.update(project="pyproject.toml"),
    "row here: a version": lambda value: older(value, "apple"),
    "row here: a version of what another needs": lambda value: older(value, "core"),
    "row here: a version with the file of another": lambda value: row(value, "core").update(
        version=OLD, wheels={f"core-{OLD}-py3-none-any.whl": {"sha256": sha_of("core", NEW)}}
    ),
    "row here: another file": lambda value: row(value, "apple").update(
        wheels={f"apple-{NEW}-py3-none-any.whl": {"sha256": HASH}}
    ),
    "row here: an index": lambda value: row(value, "apple").update(index="corner"),
    "row here: an address": lambda value: placed(value, "apple"),
    "row here: an address for a known file": lambda value: (
        placed(value, "apple"), row(value, "apple")["vcs"].update(sha256=sha_of("apple", NEW))
    ),
    "row here: source at an address": lambda value: placed(value, "apple", "-6.6.tar.gz"),
    "row here: source": lambda value: (
        row(value, "apple").pop("wheels"), row(value, "apple").update(sdist={f"apple-{NEW}.tar.gz": {"sha256": HASH}})
    ),
    "row here: what nobody asked for": lambda value: value["lock"]["packages"].append(
        {"name": "cherry", "version": OLD, "wheels": wheels("cherry", OLD)}
    ),
    "row elsewhere: a version": lambda value: value["lock"]["packages"].append(
        {"name": "cherry", "version": OLD, "marker": THERE, "wheels": wheels("cherry", OLD)}
    ),
    "row elsewhere: on another system": lambda value: value["lock"]["packages"].append(
        {"name": "cherry", "version": OLD, "marker": "sys_platform == 'win32'", "wheels": wheels("cherry", OLD)}
    ),
    "row elsewhere: of a package that is here": lambda value: value["lock"]["packages"].append(
        {"name": "core", "version": OLD, "marker": "sys_platform == 'win32'", "wheels": wheels("core", OLD)}
    ),
    "row elsewhere: an address": lambda value: (
        row(value, "apple").update(marker=f"python_version < '{OTHER.minor}'"),
        value["lock"]["packages"].append({
            "name": "apple", "version": "6.6", "marker": THERE,
            "vcs": {"type": "archive", "url": address("apple"), "sha256": HASH},
        }),
    ),
    "row elsewhere: source at an address": lambda value: (
        row(value, "apple").update(marker=f"python_version < '{OTHER.minor}'"),
        value["lock"]["packages"].append({
            "name": "apple", "version": "6.6", "marker": THERE,
            "vcs": {"type": "archive", "url": address("apple", "-6.6.tar.gz"), "sha256": HASH},
        }),
    ),
    "lock: a Python": lambda value: value["lock"].update({"requires-python": f"=={OTHER.minor}.*"}),
    "lock: a Python that is not here": lambda value: (
        value["lock"].update({"requires-python": "==3.42.*"}), older(value, "core")
    ),
    "history: a list": lambda value: history(value, spec={"dependencies": [*EVIL]}),
    "history: a limit": lambda value: history(value, spec={"dependencies": ["apple<2"]}),
    "history: a version": lambda value: history(value, changed={"apple": [OLD, NEW]}),
    "history: a version of what another needs": lambda value: history(value, changed={"core": [OLD, NEW]}),
    "history: a package that is gone": lambda value: history(value, changed={"cherry": [OLD, None]}),
}  # fmt: skip


def changed(own: Block, change: Callable[[Json], object]) -> Block:
    """The block with one input changed, its lock claiming to be made of its list."""
    value = json.loads(json.dumps(own.to_dict()))
    change(value)
    value["lock"]["spec"] = parse_block({k: v for k, v in value.items() if k not in ("lock", "history")}).spec.digest
    return parse_block(value)


NOT_YET = {"list: conda": "needs-conda", "list: a project": "needs-project"}
"""Inputs that no engine here can give."""


@pytest.mark.parametrize("verb", VERBS)
def test_what_the_user_typed_himself_asks_nothing(user: World, own: Block, verb: str) -> None:
    change = VERBS[verb](user, own, Options())
    assert change.block.lock and {row.version for row in change.block.lock.packages} == {NEW}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("part", INPUTS)
def test_each_input_alone_leads_to_a_question_or_changes_nothing(user: World, own: Block, part: str, verb: str) -> None:
    plain = VERBS[verb](user, own, Options(build=False)).block
    user.log = Log()
    try:
        change = VERBS[verb](user, changed(own, INPUTS[part]), Options())
    except ConsentNeeded:
        assert user.log == Log(), "asked too late"
        return
    except EnvsError as error:
        assert error.code in ("not-installed", "no-wheel-here", NOT_YET.get(part)), error
        assert user.log == Log()
        return
    assert plain.lock and change.block.lock and lock_digest(plain.lock) == lock_digest(change.block.lock)
    learned = user.here.consents.has_learned(list_digest(change.block.spec, HERE, change.block.lock))
    assert change.block.spec == plain.spec or not learned, "a list that nobody saw is known from now on"


@pytest.mark.parametrize("verb", VERBS)
def test_a_policy_is_asked_before_anything_else(
    user: World, own: Block, verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = tmp_path / "policy.json"
    monkeypatch.setenv("JUPYTER_ENVS_POLICY", str(policy))
    user.log = Log()
    policy.write_text('{"ask": "always"}')
    with pytest.raises(ConsentNeeded):
        VERBS[verb](World(user.here.settings, user.log), own, Options())
    policy.write_text('{"ask": "always", "allow": {"default": ["berry", "cherry"]}, "others": "refuse"}')
    source = changed(own, INPUTS["row here: source at an address"])
    for accept in (None, "yes"):
        with pytest.raises(PolicyError):
            VERBS[verb](
                World(user.here.settings, user.log), source, Options(accept=accept, allow_build=frozenset({"apple"}))
            )
    assert user.log == Log()


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("word", ["yes", "1", "sha256:" + "0" * 64, "the notebook's own"])
def test_no_word_in_the_environment_but_the_digest_that_was_shown_is_a_yes(
    user: World, own: Block, verb: str, word: str
) -> None:
    theirs = changed(own, INPUTS["row here: an address"])
    said = user.here.consent_digest(user.here.closure(theirs.lock)) if word == "the notebook's own" else word
    other = World(replace(user.here.settings, consent=said))
    other.here.consents.revoke_all()
    with pytest.raises(ConsentNeeded) as caught:
        VERBS[verb](other, theirs, Options())
    assert other.log == Log() and caught.value.data["digest"] != said


def test_a_source_that_no_policy_lists_is_not_built_to_resolve(
    user: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text('{"allow": {"default": ["berry"]}, "others": "refuse"}')
    monkeypatch.setenv("JUPYTER_ENVS_POLICY", str(policy))
    for word in (SOURCE, address("lib"), f"git+{address('lib', '')}"):
        with pytest.raises(PolicyError):
            user.install(None, typed(word), options=Options(allow_build=frozenset({SOURCE, "lib"})))
    assert user.log.ran == [] and user.log.reached == []


def test_an_allowed_name_says_nothing_about_its_source(
    user: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    block = user.install(None, typed(SOURCE), options=Options(allow_build=frozenset({SOURCE}))).block
    policy = tmp_path / "policy.json"
    policy.write_text('{"allow": {"default": ["*"]}}')
    monkeypatch.setenv("JUPYTER_ENVS_POLICY", str(policy))
    other = World(user.here.settings)
    other.here.consents.revoke_all()
    with pytest.raises(ConsentNeeded, match="runs code from stone"):
        other.build(block)
    assert other.install(None, typed("apple")).environment


def test_a_yes_to_a_lock_is_no_yes_to_the_list_beside_it(user: World, own: Block) -> None:
    """But where the list says no more than the packages show, a typed change needs no second yes."""
    user.here.consents.revoke_all()
    user.build(own, options=Options(accept="yes"))
    assert user.install(own, typed("cherry")).environment
    for text in (EVIL[0], f"{EVIL[0]}; {THERE}", "cherry<2"):
        more = changed(own, lambda value, text=text: declares(value, text))  # type: ignore[misc]  # mypy knows no defaults here
        user.build(more, options=Options(accept="yes"))
        with pytest.raises(ConsentNeeded):
            user.install(more, typed("thin"))


def test_a_question_about_a_change_shows_what_the_packages_do_not(user: World, own: Block) -> None:
    theirs = changed(own, lambda value: (declares(value, f"{EVIL[0]}; {THERE}"), value.update({"exclude-newer": DATE})))
    with pytest.raises(ConsentNeeded) as caught:
        user.install(theirs, typed("cherry"))
    requirement, date = caught.value.data["beyond"]
    assert requirement.startswith(EVIL[0]) and OTHER.minor in requirement and date == f"nothing newer than {DATE}"
    for said in (caught.value.sentence, question(caught.value.to_dict())):
        assert f"The notebook also asks for {requirement}; {date}." in said


def test_one_yes_to_list_and_addresses_is_enough(user: World, own: Block) -> None:
    theirs = changed(own, INPUTS["row here: an address"])
    with pytest.raises(ConsentNeeded) as caught:
        user.install(theirs, typed("cherry"))
    assert address("apple") in caught.value.sentence and address("apple") in question(caught.value.to_dict())
    assert user.log.reached == []
    change = user.install(theirs, typed("cherry"), options=Options(accept=caught.value.data["digest"]))
    assert change.environment and change.environment.packages["apple"] == "6.6"
    assert user.install(change.block, typed("thin")).environment


def test_what_an_upgrade_moves_stays_where_it_comes_from(user: World) -> None:
    """An index may have another package of that name, which was neither typed nor shown."""
    mine = user.install(None, typed(f"cherry @ {address('cherry')}")).block
    for words in (["cherry"], ["cherry>=1"]):
        change = user.install(mine, typed(*words), upgrade=True)
        assert change.environment and change.environment.packages["cherry"] == "6.6"
    change = user.install(mine, typed("cherry<3"), upgrade=True)
    assert change.environment and change.environment.packages["cherry"] == NEW, "the limit excludes what the place has"


def test_what_is_to_be_removed_is_not_asked_for(user: World, own: Block) -> None:
    """A foreign address is no reason to go there when its package goes."""
    theirs = changed(own, lambda value: placed(value, "berry"))
    assert user.remove(theirs, ["berry"]).environment
    assert user.log.reached == []


def test_a_list_is_learned_for_what_held_when_it_was_resolved(user: World, own: Block) -> None:
    mine = user.install(own, typed(f"cherry; {THERE}")).block
    with pytest.raises(ConsentNeeded):
        user.python(mine, OTHER.minor)
    assert list_digest(mine.spec, HERE, None) != list_digest(mine.spec, OTHER, None)
    assert list_digest(own.spec, HERE, None) == list_digest(own.spec, OTHER, None)
    over = parse_block({"version": 1, "overrides": [f"cherry<2; {THERE}"]}).spec
    assert list_digest(over, HERE, None) != list_digest(over, OTHER, None), "an override with a condition"


def test_what_was_resolved_beside_a_strangers_list_prefers_nothing_of_his_for_elsewhere(
    user: World, own: Block
) -> None:
    theirs = changed(own, lambda value: (declares(value, EVIL[0]), INPUTS["row elsewhere: on another system"](value)))
    accepted = user.install(theirs, typed("thin"), options=Options(accept="yes")).block
    change = user.install(accepted, typed("cherry"))
    assert change.environment and change.environment.packages["cherry"] == NEW


def test_what_is_there_already_makes_nothing_of_a_lock_ones_own(user: World, own: Block) -> None:
    """Only the list was typed; what the lock says for elsewhere was not resolved here."""
    theirs = changed(own, INPUTS["row elsewhere: on another system"])
    again = user.install(theirs, typed("apple>=1"))
    assert again.satisfied and again.block.lock
    change = user.install(again.block, typed("cherry"))
    assert change.environment and change.environment.packages["cherry"] == NEW


def test_taking_everything_back_takes_back_lists_and_locks(user: World, own: Block) -> None:
    assert user.here.consents.revoke_all()
    with pytest.raises(ConsentNeeded):
        user.install(own, typed("cherry"))
    with pytest.raises(ConsentNeeded):
        user.install(parse_block({"version": 1, "dependencies": ["apple", "berry"]}), typed("cherry"))


def test_taking_one_back_takes_its_list_and_lock_along(user: World) -> None:
    block = user.install(None, typed("thin")).block
    closure = user.here.closure(block.lock)
    assert user.here.consents.revoke(user.here.consent_digest(closure))
    assert not user.here.consents.has_learned(list_digest(block.spec, HERE, block.lock))
    assert block.lock and not user.here.consents.has_learned(lock_digest(block.lock))


def test_an_index_that_only_the_notebook_names_is_not_asked_before_a_yes(user: World) -> None:
    theirs = parse_block({"version": 1, "dependencies": ["apple"], "indexes": {"corner": ["apple"]}})
    with pytest.raises(ConsentNeeded, match="apple from the index corner") as caught:
        user.install(theirs, typed("berry"))
    assert user.log.reached == []
    change = user.install(theirs, typed("berry"), options=Options(accept=caught.value.data["digest"]))
    assert change.environment and change.environment.packages["apple"] == STEERED


def test_a_name_alone_does_not_mean_what_was_installed_from_a_place(user: World) -> None:
    """The index may have another package of that name."""
    mine = user.install(None, typed(f"cherry @ {address('cherry')}")).block
    assert user.install(mine, typed("berry")).environment
    bare = parse_block({"version": 1, "dependencies": ["cherry"]})
    value = mine.to_dict()
    value["lock"]["packages"] = [each for each in value["lock"]["packages"] if each["name"] != "cherry"]
    for block in (bare, parse_block(value)):
        for verb in (user.lock, lambda block: user.install(block, typed("berry"))):
            with pytest.raises(ConsentNeeded):
                verb(block)
    gone = user.remove(mine, ["cherry"]).block
    with pytest.raises(ConsentNeeded):
        user.undo(gone)


def test_an_undo_asks_no_index_that_only_the_history_names(user: World, own: Block) -> None:
    theirs = changed(
        own, lambda value: history(value, spec={"dependencies": ["plum"], "indexes": {"corner": ["plum"]}})
    )
    user.log = Log()
    with pytest.raises(ConsentNeeded, match="plum from the index corner") as caught:
        user.undo(theirs)
    assert user.log == Log()
    change = user.undo(theirs, options=Options(accept=caught.value.data["digest"]))
    assert change.environment and change.environment.packages["plum"] == STEERED


def test_which_package_comes_from_which_index_is_part_of_a_yes() -> None:
    one, other = (Chosen(name, "1.0", "wheel", sha_of(name, "1.0"), index="corner") for name in ("plum", "intlib"))
    swapped = (replace(one, index=None), other)
    digests = {
        Closure(HERE, rows).consent_digest({"corner": "https://c"})
        for rows in ((one, replace(other, index=None)), swapped)
    }
    assert len(digests) == 2


def test_what_a_repository_follows_is_part_of_where_it_comes_from() -> None:
    """An upgrade would go there."""
    vcs = Vcs(type="git", url="https://h/x", commit_id="ab" * 20, requested_revision="main")
    others = (None, "refs/pull/7/head")
    places = {msgspec.structs.replace(vcs, requested_revision=other).place for other in others} | {vcs.place}
    assert len(places) == 3 and "main" in vcs.shown and "abababababab" in vcs.shown


def test_a_policy_on_code_at_the_start_holds_for_what_was_approved_before_it(
    user: World, own: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user.here.consents.remember_startup([sha_of("apple", NEW)])
    policy = tmp_path / "policy.json"
    policy.write_text('{"startup": []}')
    monkeypatch.setenv("JUPYTER_ENVS_POLICY", str(policy))
    with pytest.raises(PolicyError, match="apple"):
        World(user.here.settings).build(own)


def test_a_question_names_every_new_package_with_its_version(user: World, own: Block) -> None:
    user.here.consents.revoke_all()
    with pytest.raises(ConsentNeeded) as caught:
        user.build(own)
    for said in (caught.value.sentence, question(caught.value.to_dict())):
        assert all(f"{name} {NEW}" in said for name in ("apple", "berry", "core", "ipykernel"))


def test_an_empty_notebook_is_everybodys_own(user: World) -> None:
    assert user.install(parse_block({"version": 1}), typed("apple")).environment
    assert parse_block({"version": 1}).spec == Spec()
