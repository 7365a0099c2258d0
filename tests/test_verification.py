"""`verify` finds every changed file, and what it finds is not used again."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.settings import Settings
from jupyter_envs.store import Environment
from jupyter_envs.store.verification import GONE, Verified, verify

from .typed import typed


@pytest.fixture
def built(environments: Environments) -> Environment:
    environment = environments.install(None, typed("demo<2")).environment
    assert environment
    return environment


def spoil(path: Path) -> None:
    """Puts another file there, as somebody who means it: it is write-protected."""
    path = path.resolve()
    path.parent.chmod(0o755)
    path.unlink()
    path.write_text("print('not what was installed')\n")


def test_what_is_as_installed_is_well(environments: Environments, built: Environment) -> None:
    assert verify(environments.here.store) == [Verified(built.id, (), False)]
    assert verify(environments.here.store, [built.id]) == [Verified(built.id, (), False)]
    assert verify(environments.here.store, ["a" * 26]) == []


def test_a_changed_file_is_named_and_the_environment_built_anew(environments: Environments, built: Environment) -> None:
    file = built.site[0] / "demo.py"
    text = file.read_text()
    spoil(file)
    (found,) = verify(environments.here.store, [built.id])
    assert found.withdrawn and any("demo" in sentence for sentence in found.damage)
    assert environments.here.store.find(built.id) is None
    again = environments.install(None, typed("demo<2")).environment
    assert again and again.id == built.id and again.prefix != built.prefix
    fresh = again.site[0] / file.relative_to(built.site[0])
    assert fresh.read_text() == text
    assert verify(environments.here.store) == [Verified(built.id, (), False)]


def test_a_file_that_uv_has_too_is_not_taken_from_there_again(environments: Environments, home: Path) -> None:
    """An edit goes into every name of a file; uv would then install the edited one."""
    (home / "cache" / "uv").unlink()  # what the tests share is not to be spoiled
    built = environments.install(None, typed("demo<2")).environment
    assert built
    file = (built.site[0] / "demo.py").resolve()
    text = file.read_text()
    file.chmod(0o644)
    file.write_text(text.replace("1", "7"))
    verify(environments.here.store)
    again = environments.install(None, typed("demo<2")).environment
    assert again and (again.site[0] / "demo.py").read_text() == text
    assert verify(environments.here.store) == [Verified(again.id, (), False)]


@pytest.mark.parametrize("mode", ["copy", "hardlink"])
def test_an_environment_with_files_of_its_own_is_compared_too(
    settings: Settings, environments: Environments, mode: str
) -> None:
    rooms = Environments(replace(settings, link_mode=mode))
    built = rooms.install(None, typed("demo<2", "shout")).environment
    assert built
    assert verify(rooms.here.store) == [Verified(built.id, (), False)]
    file = built.site[0] / "demo.py"
    if mode == "copy":
        file.chmod(0o644)
        file.write_text(file.read_text().replace("1", "7"))  # its folder is as it was
    else:
        spoil(file)
    (found,) = verify(rooms.here.store)
    assert any("demo.py" in sentence for sentence in found.damage) and found.withdrawn


def test_others_with_the_same_wheel_are_withdrawn_too(environments: Environments, built: Environment) -> None:
    other = environments.install(None, typed("demo<2", "demo-dep")).environment
    assert other
    spoil(built.site[0] / "demo.py")
    verify(environments.here.store, [built.id])
    assert environments.here.store.find(other.id) is None


def test_each_wheel_is_compared_once(
    environments: Environments, built: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jupyter_envs.store import verification

    environments.install(None, typed("demo<2", "demo-dep"))
    compared = []

    def counting(wheel):  # type: ignore[no-untyped-def]
        compared.append(wheel.place)
        return []

    monkeypatch.setattr(verification, "wheel_damage", counting)
    assert len(verify(environments.here.store)) == 2
    assert len(compared) == len(set(compared)) > 1


def test_an_environment_with_a_wheel_that_was_put_aside_is_no_longer_used(
    environments: Environments, built: Environment
) -> None:
    wheels = environments.here.store.own.wheels
    wheel = wheels.at(built.wheels[0].split("/")[0])
    assert wheel
    wheels.quarantine(wheel)
    (found,) = verify(environments.here.store)
    assert GONE in found.damage and found.withdrawn
