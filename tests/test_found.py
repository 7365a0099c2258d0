"""An environment that is on this machine already is used after the same questions as a new one, at every door: also when
its consent was revoked, when an administrator changed the policy, and when somebody else filled the store."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from jupyter_envs.cli.main import main
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.errors import ConsentNeeded, PolicyError
from jupyter_envs.launch.decision import KernelStart, decide
from jupyter_envs.launch.headless import build_and_hold
from jupyter_envs.model.block import Block
from jupyter_envs.model.options import Options
from jupyter_envs.server.kernels import KernelFile
from jupyter_envs.server.states import States
from jupyter_envs.standalone import of_environment
from jupyter_envs.store.wheel import startup
from jupyter_envs.store.wheel.wheels import RULES
from jupyter_envs.system.removal import delete

from .local_index import LocalIndex
from .test_environments import elsewhere
from .test_startup import EARLY
from .typed import typed
from .wheels import wheel

YES = Options(accept="yes")
ALLOWED = Options(accept="yes", allow_startup=frozenset({"early"}))


@pytest.fixture
def block(environments: Environments, index: LocalIndex) -> Block:
    """Of a notebook whose package runs code when Python starts. It is built."""
    index.add(wheel("early", files=EARLY))
    return environments.install(None, typed("early")).block


@pytest.fixture
def user(environments: Environments, block: Block) -> Environments:
    """Who has built it, and revoked that."""
    assert environments.here.consents.revoke_all()
    return anew(environments)


@pytest.fixture
def reader(environments: Environments, tmp_path: Path, block: Block) -> Environments:
    """Somebody else, who finds it in a store that the author has filled."""
    own = elsewhere(environments, tmp_path).here.settings
    return Environments(replace(own, shared_stores=(environments.here.settings.store,)))


@pytest.fixture(params=["own", "shared", "older"])
def finder(request: pytest.FixtureRequest) -> Environments:
    """`older`: as a former version has published it."""
    if request.param == "shared":
        return request.getfixturevalue("reader")  # type: ignore[no-any-return]
    user: Environments = request.getfixturevalue("user")
    if request.param == "older":
        forget_startup(user)
    return user


def forget_startup(environments: Environments) -> None:
    (pointer,) = (environments.here.settings.store / "v1" / "e").glob("*/current.json")
    told = json.loads(pointer.read_text())
    assert told.pop("startup") == {"early": ["early.pth"]} and told.pop("rules") and told.pop("files")
    pointer.chmod(0o644)
    pointer.write_text(json.dumps(told))


def write_notebook(path: Path, block: Block) -> None:
    document = {"cells": [], "metadata": {"jupyter_envs": block.to_dict()}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(document))


def anew(environments: Environments) -> Environments:
    """As the next command does: a policy is read again."""
    return Environments(environments.here.settings)


def open_doors(environments: Environments, block: Block, folder: Path) -> list[str]:
    """The doors that would use the environment now, unasked."""
    settings = environments.here.settings
    notebook = folder / "n.ipynb"
    write_notebook(notebook, block)
    launch = decide(KernelStart("k", notebook), settings)
    if launch.lease:
        launch.lease.close()
    (found,) = environments.here.store.list()
    named = of_environment("k", found.id, settings)
    if named.lease:
        named.lease.close()
    waiting = KernelFile(block=block.to_dict(), standin=True)
    doors: dict[str, Callable[[], object]] = {
        "build": lambda: anew(environments).build(block),
        "install": lambda: anew(environments).install(block, typed("early")),
        "lock and build": lambda: anew(environments).upgrade(block, ["early"]),
        "run": lambda: build_and_hold(environments, lambda: anew(environments).build(block))[1].close(),
    }
    through = [name for name, door in doors.items() if passes(door)]
    through += ["kernel"] if not launch.standin else []
    through += ["named kernel"] if not named.standin else []
    through += ["status"] if anew(environments).status(block).environment else []
    return through + (["waiting stand-in"] if States(settings).built(waiting) else [])


def passes(door: Callable[[], object]) -> bool:
    try:
        door()
    except (ConsentNeeded, PolicyError):
        return False
    return True


DOORS = ["build", "install", "lock and build", "run", "kernel", "named kernel", "status", "waiting stand-in"]


def test_it_is_used_once_its_code_at_the_start_was_allowed(finder: Environments, block: Block, tmp_path: Path) -> None:
    assert open_doors(finder, block, tmp_path) == []
    with pytest.raises(ConsentNeeded) as refused:
        finder.build(block, options=YES)
    assert refused.value.code == "needs-review" and refused.value.data == {"packages": {"early": ["early.pth"]}}
    assert finder.here.consents.all() == {}, "nothing is remembered before the answer"
    assert open_doors(finder, block, tmp_path) == []

    before = [found.prefix for found in finder.here.store.list()]
    assert [anew(finder).build(block, options=ALLOWED).prefix] == before
    assert open_doors(finder, block, tmp_path) == DOORS


def test_it_is_used_only_if_the_policy_allows_its_code_at_the_start(
    finder: Environments, block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text('{"startup": []}')
    monkeypatch.setenv("JUPYTER_ENVS_POLICY", str(policy))
    for options in (YES, ALLOWED):
        with pytest.raises(PolicyError) as refused:
            anew(finder).build(block, options=options)
        assert refused.value.code == "policy-startup"
    assert open_doors(finder, block, tmp_path) == []
    policy.write_text('{"startup": ["early"]}')
    anew(finder).build(block, options=ALLOWED)
    assert open_doors(finder, block, tmp_path) == DOORS
    policy.write_text('{"startup": []}')
    assert open_doors(finder, block, tmp_path) == [], "what the user has allowed, too"
    assert anew(finder).status(block).sentence.endswith("early runs code whenever Python or a kernel starts.")


def test_the_packages_alone_being_approved_open_no_door(finder: Environments, block: Block, tmp_path: Path) -> None:
    """As the page approves what it has shown, before it builds."""
    assert block.lock
    closure = finder.here.closure(block.lock)
    finder.here.consents.remember(finder.here.consent_digest(closure), closure, "seen and accepted")
    assert open_doors(finder, block, tmp_path) == []
    status = anew(finder).status(block)
    assert (status.state, status.environment, status.missing) == ("not-built", None, ())
    assert (
        status.sentence
        == status.withheld
        == status.to_dict()["withheld"]
        == ("Built here, but you have not approved that early runs code whenever Python or a kernel starts.")
    )
    with pytest.raises(ConsentNeeded) as refused:
        anew(finder).build(block)
    assert refused.value.code == "needs-review"


def test_what_was_never_asked_about_is_asked_about_once_the_policy_says_so(
    finder: Environments, block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text('{"ask": "never"}')
    monkeypatch.setenv("JUPYTER_ENVS_POLICY", str(policy))
    assert open_doors(finder, block, tmp_path) == DOORS
    policy.write_text('{"ask": "new", "allow": {"default": ["*"]}}')
    assert open_doors(finder, block, tmp_path) == []


def test_who_types_the_package_is_not_asked(finder: Environments, block: Block) -> None:
    found = [each.prefix for each in finder.here.store.list()]
    change = finder.install(None, typed("early"))
    assert change.environment and [change.environment.prefix] == found


def test_what_an_older_version_did_not_write_down_is_found_out_once(
    user: Environments, block: Block, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_startup(user)
    user.build(block, options=ALLOWED)
    monkeypatch.setattr(startup, "at_start", lambda wheels: pytest.fail("it is computed again"))
    assert anew(user).status(block).state == "ready"
    assert anew(user).build(block)


def test_what_older_rules_said_does_not_count(
    user: Environments, block: Block, monkeypatch: pytest.MonkeyPatch
) -> None:
    (pointer,) = (user.here.settings.store / "v1" / "e").glob("*/current.json")
    pointer.chmod(0o644)
    pointer.write_text(json.dumps({**json.loads(pointer.read_text()), "startup": {}, "rules": 0}))
    with pytest.raises(ConsentNeeded) as refused:
        user.build(block, options=YES)
    assert refused.value.code == "needs-review"


def test_the_rules_have_another_number_when_they_change() -> None:
    """If this fails and `at_start` may now answer differently, raise RULES; then write down the new digest here."""
    files = [Path(startup.__file__).with_name("asked.py"), Path(startup.__file__)]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    assert (RULES, digest[:16]) == (1, "49fca365bb1d40a6")


def test_in_a_terminal(
    user: Environments,
    block: Block,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("JUPYTER_ENVS_HOME", str(user.here.settings.home))
    monkeypatch.setenv("JUPYTER_ENVS_STORE", str(user.here.settings.store))
    notebook = tmp_path / "m.ipynb"
    write_notebook(notebook, block)

    def code_of(*words: str) -> str | None:
        exit_code = main([*words, "--json"])
        error = json.loads(capsys.readouterr().out).get("error")
        assert exit_code == (0 if error is None else 1 if error["code"].startswith("policy") else 3)
        return error and error["code"]

    assert code_of("build", str(notebook), "--accept") == "needs-review"
    assert code_of("run", str(notebook), "--accept") == "needs-review"
    assert code_of("build", str(notebook)) == "consent-needed"
    assert code_of("build", str(notebook), "--accept", "--allow-startup", "early") is None
    digest = next(iter(anew(user).here.consents.all()))
    assert code_of("consent", "revoke", digest) is None
    assert code_of("build", str(notebook), "--accept") == "needs-review"
    (tmp_path / "policy.json").write_text('{"version": 1, "startup": []}')
    monkeypatch.setenv("JUPYTER_ENVS_POLICY", str(tmp_path / "policy.json"))
    assert code_of("build", str(notebook), "--accept", "--allow-startup", "early") == "policy-startup"


def wheel_of(environments: Environments, name: str) -> Path:
    return next(each.folder for each in environments.here.store.own.wheels.all() if each.name == name)


def python_replaced(environments: Environments) -> None:
    (found,) = environments.here.store.list()
    found.python.parent.chmod(0o755)
    found.python.unlink()
    found.python.symlink_to("/bin/sh")


DAMAGED: dict[str, Callable[[Environments], object]] = {
    "wheel": lambda environments: delete(wheel_of(environments, "early")),
    "wheel and its pointer": lambda environments: delete(wheel_of(environments, "early").parent),
    "modules": lambda environments: delete(wheel_of(environments, "early") / "l"),
    "python": python_replaced,
}


@pytest.mark.parametrize("what", DAMAGED)
def test_what_can_be_seen_to_be_damaged_is_not_ready(
    environments: Environments, block: Block, tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    notebook = tmp_path / "n.ipynb"
    write_notebook(notebook, block)
    DAMAGED[what](environments)
    assert main(["status", str(notebook)]) == 0
    told = capsys.readouterr().out
    assert "n.ipynb: Files of this environment were changed after it was made. It is built again from its lock." in told
    assert f"hint: jupyter envs build {notebook.name}" in told
    status = anew(environments).status(block)
    assert (status.state, status.environment) == ("not-built", None)
    listed = {entry.state for entry in environments.list()}
    assert listed == ({"ready"} if what == "python" else {"damaged"}), "a list looks at wheels alone"
    assert main(["build", str(notebook)]) == 0
    assert anew(environments).status(block).state == "ready"
    assert "early" in [each.name for each in environments.here.store.own.wheels.all()]


def test_a_folder_in_the_place_of_a_publication_goes(environments: Environments, block: Block) -> None:
    """Of the environment, and of each wheel."""
    for pointer in (environments.here.settings.store / "v1").glob("[ew]/*/current.json"):
        pointer.unlink()
        (pointer / "more").mkdir(parents=True)
    assert anew(environments).status(block).state == "not-built"
    assert anew(environments).build(block)
    assert anew(environments).status(block).state == "ready"


def test_a_named_kernel_does_not_start_with_another_file_of_the_same_names_and_versions(
    environments: Environments, index: LocalIndex, tmp_path: Path
) -> None:
    """Somebody has uploaded it again; the author of a shared store has built the other one."""
    index.add(wheel("same", files={"same.py": "theirs = 1"}))
    environments.install(None, typed("same"))
    (theirs,) = environments.here.store.list()
    own = elsewhere(environments, tmp_path).here.settings
    reader = Environments(replace(own, shared_stores=(environments.here.settings.store,)))
    index.remove("same")
    index.add(wheel("same", files={"same.py": "mine = 1"}))
    mine = reader.install(None, typed("same")).environment
    assert mine and mine.id != theirs.id and mine.packages == theirs.packages
    started = {found.id: of_environment("k", found.id, reader.here.settings) for found in (mine, theirs)}
    for launch in started.values():
        if launch.lease:
            launch.lease.close()
    assert not started[mine.id].standin and (status := started[theirs.id].status)
    assert status.sentence.startswith("You have not approved the environment that this kernel is for")
