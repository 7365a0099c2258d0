"""Whoever has worked with version 0.1.0 goes on where he was: its store, its home, its consents, its notebooks and its
kernels are read as they are. They were made by its own code (former/), and this version then took its place."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from jupyter_envs.consent import policy
from jupyter_envs.consent.consents import Consents
from jupyter_envs.environments.jobs import Jobs
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.launch.decision import KernelStart, decide
from jupyter_envs.notebook import NotebookFile
from jupyter_envs.server.journal import fold
from jupyter_envs.settings import Settings
from jupyter_envs.store import uses

from .former import pack
from .former.machine import Machine, updated
from .local_index import LocalIndex
from .wheels import wheel

CONSENTS = "consents.json"
GUEST = """
from pathlib import Path
neighbours = {path.name for path in Path(__file__).resolve().parents[1].iterdir()}
"""
"""0.1.0 linked it like any other package, so it found the store's folders."""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory, served: LocalIndex) -> Iterator[Machine]:
    with served.borrowed() as index:
        index.add(
            wheel("demo", "1.0"),
            wheel("demo", "2.0", requires=["demo-dep>=1"]),
            wheel("demo-dep", "1.0"),
            wheel("demo-dep", "1.1"),
            wheel("brittle", "1.0"),
            wheel("late", "1.0"),
            wheel("needs-old", "1.0", requires=["demo-dep<1.1"]),
            wheel("shout", "1.0", entry_points={"console_scripts": ["shout = shout:main"]},
                  files={"shout.py": "def main():\n    print('HELLO')\n"}),
            wheel("guest", "1.0", files={"guest/__init__.py": GUEST}),
        )  # fmt: skip
        with updated(tmp_path_factory.mktemp("former"), index) as machine:
            yield machine


@pytest.fixture
def rooms(machine: Machine, home: Path, monkeypatch: pytest.MonkeyPatch) -> Environments:
    """The use cases of its user. `home` comes first, whose variables are others."""
    for name, value in machine.environ.items():
        if name != "PYTHONPATH":
            monkeypatch.setenv(name, value)
    return Environments(Settings.load())


def content(folder: Path) -> dict[str, tuple[int, int]]:
    """Each file, with what changes when it is written again; but for leases, which say when they were taken."""
    found = {path: path.lstat() for path in folder.rglob("*") if path.name != "lease" and not path.is_dir()}
    return {str(path): (status.st_ino, status.st_mtime_ns) for path, status in found.items()}


def block_of(machine: Machine, name: str) -> Any:
    return NotebookFile.read(machine.notebook(name)).block


def test_the_archive_is_what_was_committed() -> None:
    try:
        expected = pack.packed()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is no clone, or one without that commit")
    assert pack.unpacked(expected) == pack.unpacked(pack.ARCHIVE.read_bytes())


def test_its_store_is_verified_and_what_was_spoilt_in_it_is_found(machine: Machine, rooms: Environments) -> None:
    listed = {name: each for each in machine.run("list")["environments"] for name in each["notebooks"]}
    good = [listed[str(machine.notebook(name))]["id"] for name in ("own", "theirs")]
    spoilt = listed[str(machine.notebook("spoilt"))]
    module = Path(spoilt["site"][0], "brittle.py").resolve()
    module.chmod(0o600)
    module.write_text("changed")
    found = machine.run("verify", "--all", code=1)
    damage = {each["id"]: each["damage"] for each in found["environments"]}
    assert found["damaged"] == 1 and damage[spoilt["id"]] and not any(damage[each] for each in good)
    machine.run("build", machine.notebook("spoilt"))
    again = machine.run("verify", machine.notebook("spoilt"))
    assert again["damaged"] == 0


@pytest.mark.parametrize("name", ["own", "theirs"])
def test_its_environments_are_linked_again_once_from_its_wheels(
    machine: Machine, rooms: Environments, name: str
) -> None:
    """Their processes would not have noticed what is installed while they run."""
    shelf = rooms.here.store.own
    wheels = {path: sign for path, sign in content(shelf.wheels.root).items() if not path.endswith("current.json")}
    status = machine.run("status", machine.notebook(name))
    assert status["state"] == "not-built" and status["consent"]["approved"] and status["consent"]["bytes"] == 0
    built = machine.run("build", machine.notebook(name), UV_OFFLINE="1")["environment"]
    found = rooms.here.store.find(built["id"])
    assert found and rooms.here.store.health(found.id, thorough=True) is None
    before = content(rooms.here.settings.store)
    assert wheels.items() <= before.items()
    assert machine.run("status", machine.notebook(name))["state"] == "ready"
    assert machine.run("build", machine.notebook(name))["environment"]["prefix"] == str(found.prefix)
    assert content(rooms.here.settings.store) == before


def test_a_kernel_of_its_notebook_has_what_0_1_0_did_not_know(machine: Machine) -> None:
    """Packages that look beside themselves are seen in wheels that were unpacked then, and processes that a kernel
    starts have what it installs."""
    child = "import subprocess, sys; print(subprocess.check_output([sys.executable, '-c', 'import late; print(late)']))"
    kernel = machine.kernel("guest")
    done = kernel.run("import demo, guest, os; print(guest.neighbours >= {os.path.basename(demo.__file__)})")
    assert done.stdout == "True\n", done
    assert "+ late 1.0" in kernel.run("%env-install late", answer="yes").text
    assert "late.py" in kernel.run(child).stdout


def test_what_was_approved_is_built_without_a_question(machine: Machine, tmp_path: Path) -> None:
    homes = {name: tmp_path / name for name in ("known", "new")}
    for home in homes.values():
        home.mkdir(mode=0o700)
    shutil.copy(machine.consents, homes["known"] / CONSENTS)
    assert json.loads(machine.consents.read_bytes())["version"] == 1
    machine.run("build", machine.notebook("theirs"), code=3, JUPYTER_ENVS_HOME=str(homes["new"]))
    for name in ("own", "theirs"):
        built = machine.run("build", machine.notebook(name), JUPYTER_ENVS_HOME=str(homes["known"]))
        assert built["environment"]["prefix"].startswith(str(homes["known"]))


def test_its_consents_stay_when_others_are_added(machine: Machine, rooms: Environments, tmp_path: Path) -> None:
    shutil.copy(machine.consents, tmp_path / CONSENTS)
    before = json.loads(machine.consents.read_bytes())["closures"]
    consents = Consents(replace(rooms.here.settings, home=tmp_path))
    block = block_of(machine, "theirs")
    closure = rooms.here.closure(block.lock)
    assert rooms.here.consent_digest(closure) in before and not consents.new_in(closure)
    consents.remember("sha256:new", closure, "typed")
    assert json.loads((tmp_path / CONSENTS).read_bytes())["version"] == 2
    kept = consents.all()
    assert kept.keys() == {*before, "sha256:new"}
    assert all([*kept[digest].files] == entry["files"] for digest, entry in before.items())
    assert consents.revoke("sha256:new") and not consents.new_in(closure)


def test_its_policy_is_obeyed(machine: Machine) -> None:
    read = policy.parse(machine.policy.read_bytes(), machine.policy)
    allow = {"default": ("demo*",), "corp": ("*",)}
    assert read == policy.Policy(1, "always", allow, "refuse", 2.5, ("shout",), "never")
    refused = machine.run("build", machine.notebook("own"), code=1, JUPYTER_ENVS_POLICY=str(machine.policy))
    assert refused["error"]["code"] == "policy-package"


def test_a_change_of_what_was_approved_asks_nothing(machine: Machine) -> None:
    machine.run("install", machine.notebook("changed"), "demo-dep==1.0")


def test_a_change_that_brings_something_new_asks_once(machine: Machine) -> None:
    """0.1.0 did not write down which lists its user had typed or seen."""
    edited = machine.notebook("edited")
    machine.run("install", edited, "demo==2.0", code=3)
    machine.run("install", edited, "demo==2.0", "--accept")
    machine.run("install", edited, "late")
    assert machine.run("status", edited)["state"] == "ready"


def test_its_changes_can_be_undone(machine: Machine) -> None:
    undone = machine.notebook("undone")
    assert [change.did for change in block_of(machine, "undone").history] == ["install demo==1.0", "install shout"]
    done = machine.run("undo", undone)
    assert done["changed"] == {"shout": ["1.0", None]} and done["environment"]["packages"]["demo"] == "1.0"
    assert [change.did for change in block_of(machine, "undone").history] == ["install demo==1.0"]
    machine.run("undo", undone)
    assert block_of(machine, "undone").dependencies == ()


def test_a_package_from_a_folder_is_asked_about_once_and_not_built_again(machine: Machine, rooms: Environments) -> None:
    """0.1.0 did not write down where a file came from."""
    local = machine.notebook("local")
    asked = machine.run("status", local)
    assert asked["state"] == "not-built" and not asked["consent"]["approved"]
    environments, wheels = {entry.id for entry in rooms.list()}, {*rooms.here.store.own.wheels.root.glob("*/*/l")}
    built = machine.run("build", local, "--accept")
    assert built["environment"]["id"] in environments
    assert {*rooms.here.store.own.wheels.root.glob("*/*/l")} == wheels
    assert machine.run("status", local)["state"] == "ready"


def test_a_folder_that_it_knew_is_found_again(machine: Machine, tmp_path: Path) -> None:
    built = machine.run("build", machine.notebook("local"), "--accept", JUPYTER_ENVS_STORE=str(tmp_path / "store"))
    assert built["environment"]["packages"]["mine"] == "1.0"


def test_a_change_that_waits_is_recorded(machine: Machine, rooms: Environments) -> None:
    waiting = machine.notebook("waiting")
    assert block_of(machine, "waiting") is None
    machine.run("lock", waiting, "--pending")
    assert block_of(machine, "waiting").dependencies == ("demo-dep==1.0",)
    machine.run("build", waiting, UV_OFFLINE="1")
    assert machine.run("status", waiting)["state"] == "ready"
    assert machine.run("lock", waiting, "--pending", code=1)["error"]["code"] == "nothing-pending"


def test_what_became_of_its_jobs_is_known(rooms: Environments) -> None:
    jobs = Jobs(rooms.here.settings)
    found = {job.state: job for job in jobs.list()}
    assert {state: job.request.words for state, job in found.items()} == {
        "done": ("demo-dep==1.0",), "failed": ("nowhere-to-be-found",), "interrupted": ("demo-dep==1.1",),
    }  # fmt: skip
    told = {state: fold(jobs.follow(job.id)[0]) for state, job in found.items()}
    assert told["done"].result and told["done"].result["environment"]["packages"]["demo-dep"] == "1.0"
    assert told["failed"].error and told["failed"].error["code"] == "no-such-package"


def test_cleaning_keeps_what_it_used(machine: Machine, rooms: Environments) -> None:
    used = {name: machine.run("build", machine.notebook(name))["environment"]["id"] for name in ("own", "theirs")}
    listed = {each["id"]: each for each in machine.run("list")["environments"]}
    for name, environment in used.items():
        assert str(machine.notebook(name)) in listed[environment]["notebooks"]
        assert rooms.here.store.find(environment)
    assert machine.run("gc", "--unused-for", "1")["environments"] == []
    base = rooms.base()
    running = machine.running[0].run("import sys; print(sys.prefix)").stdout.strip()
    busy = Path(running).parent.name
    assert base and listed[busy]["running"]
    gone = machine.run("gc", "--unused-for", "0", "--dry-run")["environments"]
    assert {*used.values()} <= {*gone} and not {base.id, busy} & {*gone}
    assert uses.of(rooms.here.settings.home, used["own"]).notebooks


def test_its_kernelspecs_start_kernels(machine: Machine, rooms: Environments) -> None:
    kernel = machine.kernel("own")
    prefix = machine.run("status", machine.notebook("own"))["environment"]["prefix"]
    assert kernel.run("import demo, shout, sys; print(sys.prefix)").stdout == f"{prefix}\n"
    assert "demo" in kernel.run("%env-status").stdout
    assert machine.kernel("jupyter-envs").run("print(1)").stdout == "1\n"


def test_its_kernelspecs_are_ours(machine: Machine, rooms: Environments) -> None:
    file = Path(machine.environ["JUPYTER_DATA_DIR"], "kernels", "jupyter-envs", "kernel.json")
    before = file.stat().st_ino, file.read_bytes()
    machine.script("from jupyter_envs import kernelspec; kernelspec.ensure()")
    assert (file.stat().st_ino, file.read_bytes()) == before
    named = machine.run("kernelspec", "list")["kernelspecs"]
    assert {each["name"]: each["notebook"] for each in named}["own"] == str(machine.notebook("own"))


def test_a_kernel_that_it_started_goes_on_and_restarts_in_this_version(machine: Machine) -> None:
    notebook, kernel = machine.notebook("running"), machine.running[0]
    assert "demo-dep" in kernel.run("%env-status").stdout
    done = kernel.run("%env-install demo==1.0", answer="yes")
    assert "+ demo 1.0" in done.text, done
    done = kernel.run("!pip install shout")
    assert "+ shout 1.0" in done.text, done
    assert kernel.run("import demo, demo_dep, shout").reply["status"] == "ok"
    machine.run("lock", notebook, "--pending")
    kernel.restart()
    assert kernel.run("import demo, demo_dep, shout").reply["status"] == "ok"


def test_a_restart_takes_the_block_of_its_context(machine: Machine, rooms: Environments) -> None:
    contexts = [path for path in (machine.home / "kernels").glob("*.json") if "running.ipynb" in path.read_text()]
    [context] = [path for path in contexts if path.with_suffix(".started").exists()]
    said = json.loads(context.read_bytes())
    launch = decide(KernelStart(context.stem, machine.notebook("running"), again=True), rooms.here.settings)
    assert launch.lease
    launch.lease.close()
    assert launch.environment and launch.environment["id"] == said["environment"]["id"]
    assert said["block"] and launch.block == said["block"]
