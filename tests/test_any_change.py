"""Any order of opening a stranger's notebook, typing, saying yes or no, undoing, choosing a Python and copying blocks:
every file that is put on disk was shown, typed, or follows from both."""

from __future__ import annotations

import contextlib
import copy
import json
import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from hypothesis.strategies import integers, lists, sampled_from

from jupyter_envs.environments.outcome import Outcome
from jupyter_envs.errors import ConsentNeeded, EnvsError
from jupyter_envs.model.block import Block, parse_block
from jupyter_envs.model.options import Options

from .fakes import HERE
from .test_ownership import HASH, INPUTS, VERBS, changed
from .typed import typed
from .world import DATE, EVIL, GOOD, NEW, OLD, OTHER, SOURCE, STEERED, World, address, world

TYPED = ("apple", "berry", "cherry", "thin", SOURCE, f"plum=={OLD}", "core>=1.5")
FOLLOWS = {"apple": {"core"}, "thin": {"core", "plum"}}
ROUNDS = 8
"""Questions that may follow each other."""
Act = Callable[[Options], Outcome]


def worse(value: dict[str, Any], seed: int) -> None:
    """Some row, list or entry of a block becomes something else; the generator knows every field."""
    chance = random.Random(seed)
    row = chance.choice(value["lock"]["packages"])
    other = {"name": chance.choice([*EVIL, "cherry", "core", "lib"]), "version": chance.choice([OLD, NEW, "6.6"])}
    source = {
        "wheels": {f"{other['name']}-{other['version']}-py3-none-any.whl": {"sha256": HASH}},
        "sdist": {f"{other['name']}-{other['version']}.tar.gz": {"sha256": HASH}},
        "vcs": {"type": "archive", "url": address(other["name"], chance.choice(["-6.6-py3-none-any.whl", "-6.6.tar.gz"])), "sha256": HASH},
    }  # fmt: skip
    kind = chance.choice(list(source))
    marker = chance.choice(
        [None, f"python_version >= '{OTHER.minor}'", "sys_platform == 'win32'", "python_version > '3'"]
    )
    do = chance.randrange(8)
    if do == 0:
        value["lock"]["packages"].append({**other, kind: source[kind], **({"marker": marker} if marker else {})})
        value["dependencies"] += [other["name"]] if chance.random() < 0.6 else []
    elif do == 1:
        row["marker"] = marker or f"python_version < '{OTHER.minor}'"
    elif do == 2:
        row["index"] = "corner"
    elif do == 3:
        name = chance.choice([*EVIL, "cherry", "core", "berry"])
        value["dependencies"].append(name + chance.choice(["", "<2", "==1.0", f"; {marker}" if marker else ""]))
    elif do == 4:
        value.update(
            chance.choice(
                [{"exclude-newer": DATE}, {"indexes": {"corner": ["berry", "core"]}}, {"requires-python": ">=3.8"}]
            )
        )
    elif do == 5:
        value["lock"]["requires-python"] = chance.choice([f"=={OTHER.minor}.*", "==3.42.*"])
    elif do == 6:
        spec = {"dependencies": [chance.choice([*EVIL, "core<2"])]} if chance.random() < 0.5 else {}
        moved = chance.choice([{}, {"core": [OLD, NEW]}, {"plum": [OLD, None]}])
        value["history"] = [{"at": "2026-01-01T00:00:00Z", "did": "x", "spec": spec, "changed": moved}]
    else:
        chance.choice(list(INPUTS.values()))(value)


class Machine(RuleBasedStateMachine):
    home: Path
    monkeypatch: pytest.MonkeyPatch

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory(dir=self.home)
        self.user = world(Path(self._folder.name) / "user", self.monkeypatch)
        self.notebooks: list[Block] = [parse_block({"version": 1})]
        self.own: list[bool] = [True]
        """Whether everything in it was typed."""
        self.names: set[str] = {"ipykernel"}
        """Of what was typed or shown, and what follows from it."""
        self.exact: set[tuple[str, str]] = set()
        """Name and version, or name and origin, that were typed or shown."""
        self.free: set[str] = set()
        """Names of which any version may come: a limit, a date or an index was typed or shown for them."""
        self.places: set[str] = set()
        self.sources: set[str] = set()
        self.pythons: set[str] = {HERE.minor}

    def teardown(self) -> None:
        self._folder.cleanup()

    # -- what happens ----------------------------------------------------------------------------------------

    @rule(number=integers(0, 5), seeds=lists(integers(0, 10**9), min_size=1, max_size=3))
    def open_a_strangers(self, number: int, seeds: list[int]) -> None:
        """He has seen notebooks of the user's, and made another one of them."""
        base = self.notebooks[number % len(self.notebooks)]
        if base.lock is None or not base.history:
            base = World(self.user.here.settings).install(None, typed("apple"), options=Options(build=False)).block
            self.knows_names({"apple"})
        for seed in seeds:
            try:
                base = changed(base, lambda value, seed=seed: worse(value, seed))  # type: ignore[misc]  # see above
            except (EnvsError, KeyError, StopIteration):  # refused as a block: no door takes it
                continue
        self.notebooks.append(base)
        self.own.append(False)

    @rule(number=integers(0, 5))
    def copy_a_block(self, number: int) -> None:
        i = number % len(self.notebooks)
        self.notebooks.append(copy.deepcopy(self.notebooks[i]))
        self.own.append(self.own[i])

    @rule(
        number=integers(0, 5),
        words=lists(sampled_from(TYPED), min_size=1, max_size=2, unique=True),
        upgrade=sampled_from([True, False]),
        yes=sampled_from([True, False, False]),
    )
    def install(self, number: int, words: list[str], upgrade: bool, yes: bool) -> None:
        for word in words:
            self.knows_word(word)
        self.change(
            number,
            yes,
            lambda block, options: self.user.install(block, typed(*words), upgrade=upgrade, options=options),
        )

    @rule(number=integers(0, 5), which=integers(0, 5), yes=sampled_from([True, False, False]))
    def remove(self, number: int, which: int, yes: bool) -> None:
        names = self.notebooks[number % len(self.notebooks)].spec.names
        if names:
            name = names[which % len(names)]
            self.change(number, yes, lambda block, options: self.user.remove(block, [name], options=options))

    @rule(number=integers(0, 5), verb=sampled_from(["upgrade", "lock", "undo"]), yes=sampled_from([True, False, False]))
    def type_a_verb(self, number: int, verb: str, yes: bool) -> None:
        verbs: dict[str, Callable[[Block, Options], Outcome]] = {
            "upgrade": lambda block, options: self.user.upgrade(block, [], options=options),
            "lock": lambda block, options: self.user.lock(block, options=options),
            "undo": lambda block, options: self.user.undo(block, options=options),
        }
        self.change(number, yes, verbs[verb])

    @rule(number=integers(0, 5), minor=sampled_from([HERE.minor, OTHER.minor]), yes=sampled_from([True, False]))
    def choose_a_python(self, number: int, minor: str, yes: bool) -> None:
        self.pythons.add(minor)
        self.change(number, yes, lambda block, options: self.user.python(block, minor, options=options))

    @rule(number=integers(0, 5), yes=sampled_from([True, False]))
    def build(self, number: int, yes: bool) -> None:
        block = self.notebooks[number % len(self.notebooks)]
        self.asked(yes, lambda options: self.user.build(block, options=options) if block.lock else None)

    @precondition(lambda self: len(self.notebooks) > 2)
    @rule()
    def take_everything_back(self) -> None:
        self.user.here.consents.revoke_all()
        self.own = [False] * len(self.own)

    @rule(number=integers(0, 5), part=sampled_from(sorted(INPUTS)), python=sampled_from([HERE.minor, OTHER.minor]))
    def type_on_a_strangers(self, number: int, part: str, python: str) -> None:
        """One thing in it is another than in what the user knows; he types each verb, and says yes to nothing."""
        block = self.notebooks[number % len(self.notebooks)]
        self.knows_names({"berry", "cherry"})  # what the verbs type
        self.pythons.add(python)
        with contextlib.suppress(EnvsError, KeyError, StopIteration, IndexError):
            block = changed(block, INPUTS[part])
        verbs = VERBS | {"python": lambda user, block, options: user.python(block, python, options=options)}
        for act in verbs.values():
            self.asked(False, lambda options, act=act: act(self.user, block, options))  # type: ignore[misc]  # see above
            self.every_file_was_shown_or_typed_or_follows_from_both()

    # -- what must hold --------------------------------------------------------------------------------------

    @invariant()
    def every_file_was_shown_or_typed_or_follows_from_both(self) -> None:
        for file in self.user.log.built:
            assert file.minor in self.pythons, file
            seen = (file.name, file.origin or file.version) in self.exact
            follows = file.name in self.names and not file.origin and file.version == NEW
            assert seen or follows or (file.name in self.free and file.name in self.names), file
        self.user.log.built.clear()

    @invariant()
    def no_place_was_asked_that_only_a_stranger_named(self) -> None:
        assert set(self.user.log.reached) <= self.places, set(self.user.log.reached) - self.places

    @invariant()
    def no_source_was_built_that_nobody_allowed(self) -> None:
        assert set(self.user.log.ran) <= self.sources, set(self.user.log.ran) - self.sources

    # -- the model of what the user knows --------------------------------------------------------------------

    def change(self, number: int, yes: bool, act: Callable[[Block, Options], Outcome]) -> None:
        i = number % len(self.notebooks)
        block = self.notebooks[i]
        made, questions = self.asked(yes, lambda options: act(block, options))
        if self.own[i]:
            assert "consent-needed" not in questions, "he was asked about what is all his own"
        if made is not None:
            self.notebooks[i] = parse_block(json.loads(json.dumps(made.block.to_dict())))

    def asked(self, yes: bool, act: Callable[[Options], Any]) -> tuple[Any, list[str]]:
        options, questions = Options(), []
        for _ in range(ROUNDS):
            try:
                return act(options), questions
            except ConsentNeeded as error:
                questions.append(error.code)
                if not yes:
                    return None, questions
                options = self.agreed(error, options)
            except EnvsError:
                return None, questions
        raise AssertionError(f"the questions never end: {questions}")

    def agreed(self, error: ConsentNeeded, options: Options) -> Options:
        if error.code == "needs-build":
            names = frozenset(error.data["packages"])
            self.sources |= names
            return Options(accept=options.accept, allow_build=options.allow_build | names)
        self.pythons.add(error.data["python"])
        for fact in error.data["packages"]:
            origin = fact.get("address") or fact["index"]
            self.exact.add((fact["name"], origin or fact["version"]))
            self.places |= {origin} if origin else set()
            self.sources |= {fact["name"]} if "source" in fact["marks"] else set()
            self.knows_names({fact["name"]})
        for text in error.data.get("beyond", ()):
            self.knows_beyond(text)
        return Options(accept=error.data["digest"], allow_build=options.allow_build)

    def knows_word(self, word: str) -> None:
        name, _, version = word.partition("==")
        self.knows_names({name.removesuffix(">=1.5")})
        self.exact |= {(name, version)} if version else set()

    def knows_names(self, names: set[str]) -> None:
        for name in names:
            self.names |= {name} | FOLLOWS.get(name, set())
            self.exact |= {("plum", OLD)} if name == "thin" else set()

    def knows_beyond(self, text: str) -> None:
        """A requirement, `a, b from the index corner`, or `nothing newer than 2020-06-01`."""
        if text.startswith("nothing newer"):
            self.free |= {*GOOD, SOURCE, *EVIL}
            return
        names, _, index = text.partition(" from the index ")
        self.places |= {index} if index else set()
        found = (
            set(names.split(", "))
            if index
            else {names.replace("[", "<").replace(";", "<").replace("=", "<").split("<")[0].strip()}
        )
        self.knows_names(found)
        self.free |= found
        self.exact |= {(name, index) for name in found if index} | {(name, STEERED) for name in found if index}


@pytest.mark.timeout(3600)
def test_any_order_of_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    here = type("Here", (Machine,), {"home": tmp_path, "monkeypatch": monkeypatch})
    run_state_machine_as_test(
        here,
        settings=hypothesis.settings(
            max_examples=10_000 if request.config.getoption("--all") else 200, stateful_step_count=10, deadline=None,
            database=None, suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
