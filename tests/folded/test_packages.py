"""Real packages in a folded environment behave as in a plain one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.settings import Settings
from jupyter_envs.store import finishing
from jupyter_envs.store.verification import verify

from ..typed import typed
from .sameness import different
from .sides import Side, imports, ours, plain

pytestmark = [pytest.mark.network, pytest.mark.timeout(1800)]

GROUPS = tomllib.loads(Path(__file__).with_name("packages.toml").read_text("utf-8"))
MARKED = [pytest.param(name, marks=pytest.mark.slow if group.get("slow") else ()) for name, group in GROUPS.items()]


@pytest.mark.parametrize("name", MARKED)
def test_packages_are_the_same_in_both(name: str, settings: Settings, tmp_path: Path) -> None:
    group = GROUPS[name]
    environments = Environments(settings)
    change = environments.install(None, typed(*group["names"]))
    assert change.environment
    folded, other = ours(change.environment), plain(environments, change.block, tmp_path / "plain")
    assert different(folded, other) == []
    finishing.finish(replace(settings, compile="now"))
    fallen = {w.name: w.facts.why_real for w in environments.here.store.own.wheels.all() if w.facts.why_real}
    print(f"{name}: {len(change.environment.packages)} packages, not linked: {fallen or 'none'}")

    assert folded.probe("metadata") == other.probe("metadata")
    modules = folded.probe("modules")
    assert modules == other.probe("modules")
    compare_imports(folded, other, modules | {"also": group.get("also", [])})
    for command in group["commands"]:
        assert outcome(folded, command) == outcome(other, command)
    assert environments.here.store.health(change.environment.id) is None
    assert [found.damage for found in verify(environments.here.store)] == [()]


def compare_imports(folded: Side, other: Side, modules: dict[str, list[str]]) -> None:
    here, there = imports(folded, modules), imports(other, modules)
    count = sum(len(names) for names in modules.values())
    failed = {module: error for _, found in there.values() for module, (error, _) in (found or {}).items() if error}
    print(f"{count} modules imported, in both the same errors: {failed or 'none'}")
    assert {name for name in modules if here[name] != there[name]} == set()


def outcome(side: Side, command: str) -> tuple[int, bool]:
    name, *words = command.split()
    done = side.command(name, *words)
    return done.returncode, bool(done.stdout or done.stderr)


def test_two_wheels_of_one_package(settings: Settings) -> None:
    """Both bring cv2, of one version: the later name's files are taken, and they fit together."""
    environments = Environments(settings)
    change = environments.install(
        None, typed("opencv-python==4.10.0.84", "opencv-python-headless==4.11.0.86", "numpy<2.3")
    )
    assert change.environment
    assert any("opencv-python-headless" in note and "cv2" in note for note in change.notes)
    printed = ours(change.environment).printed("import cv2; print(cv2.__version__)")
    assert printed == "4.11.0"


@pytest.mark.parametrize("mode", ["links", "hardlink"])
def test_tools_in_the_environment(mode: str, settings: Settings, tmp_path: Path) -> None:
    """pip and pkg_resources see what they see in a plain environment. Coverage takes linked packages for own code,
    because it compares real paths; with link-mode hardlink it does not."""
    environments = Environments(replace(settings, link_mode=mode))
    change = environments.install(
        None, typed("pip", "setuptools<81", "coverage", "zope.interface", "zope.event", "six")
    )
    assert change.environment
    folded, other = ours(change.environment), plain(environments, change.block, tmp_path / "plain")
    for words in (["list", "--format=json"], ["check"], ["freeze", "--all"], ["show", "zope.interface"], ["inspect"]):
        assert told(folded, "-m", "pip", *words) == told(other, "-m", "pip", *words)
    resources = (
        "import pkg_resources as p; print(sorted(map(str, p.working_set)), p.resource_listdir('zope.interface', ''))"
    )
    assert told(folded, "-W", "ignore", "-c", resources) == told(other, "-W", "ignore", "-c", resources)
    linked = (folded.site / "zope" / "event").is_symlink()
    assert linked == (mode == "links")
    assert (folded.printed(COVERED), other.printed(COVERED)) == (str(linked), "False")


COVERED = """import coverage
measured = coverage.Coverage(data_file=None)
measured.start()
import zope.event, zope.event.classhandler
measured.stop()
print(any("event" in name for name in measured.get_data().measured_files()))"""


def told(side: Side, *words: str) -> str:
    done = side.run(*words)
    assert done.returncode == 0, done.stderr
    return done.stdout.replace(str(side.prefix), "PREFIX")
