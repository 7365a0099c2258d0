"""The record of a wheel's files says what was unpacked, not what was there when somebody came to write it down."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from jupyter_envs.settings import Settings
from jupyter_envs.store import finishing
from jupyter_envs.store.verification import verify

from .test_tampered import AT_STARTS_FROM_THE_COMMAND_LINE, Scene, built_anew, edited, looks

SOURCE = [way for way in AT_STARTS_FROM_THE_COMMAND_LINE if "bytecode" not in way]
LATER: dict[str, Callable[[Settings], object]] = {
    "compiled": lambda settings: finishing.finish(replace(settings, compile="now")),
    "frozen": lambda settings: finishing.finish(replace(settings, compile="never")),
    "not yet": lambda settings: None,
}


@pytest.fixture
def scene(settings: Settings) -> Scene:
    return Scene(replace(settings, compile="never"))


@pytest.mark.parametrize("later", LATER)
@pytest.mark.parametrize("way", SOURCE)
def test_an_edit_before_the_wheel_was_finished_is_noticed(scene: Scene, tmp_path: Path, way: str, later: str) -> None:
    AT_STARTS_FROM_THE_COMMAND_LINE[way](scene, tmp_path)
    LATER[later](scene.settings)
    assert (scene.wheel.compiled, scene.wheel.frozen) == (later == "compiled", later != "not yet")
    assert looks(scene) == (False, True, True)
    built_anew(scene)


@pytest.mark.parametrize("later", LATER)
def test_what_nobody_edited_is_well(scene: Scene, later: str) -> None:
    LATER[later](scene.settings)
    assert looks(scene) == (False, False, False)


def test_a_file_that_was_only_touched_is_compared_once(scene: Scene) -> None:
    path = scene.library / "apple" / "part.py"
    path.touch()
    for later in LATER.values():
        later(scene.settings)
        assert looks(scene) == (False, False, False)


def test_a_list_of_files_that_was_edited_with_a_file_proves_nothing(scene: Scene) -> None:
    module, record = scene.library / "apple" / "part.py", scene.library / "apple-1.0.dist-info" / "RECORD"

    def hash_of(path: Path) -> bytes:
        return base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).rstrip(b"=")

    before = hash_of(module)
    edited(module)
    text = record.read_bytes()
    assert before in text
    edited(record, text.replace(before, hash_of(module)))
    (found,) = verify(scene.store)
    assert found.withdrawn and "apple: the list of its files has changed." in found.damage
