"""Comparing every file finds what no folder tells, in every way that an environment may reach its files."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jupyter_envs.settings import Settings
from jupyter_envs.store import Store
from jupyter_envs.store.verification import verify

from .scene import Bringer, approved, closure


@pytest.mark.parametrize("link_mode", ["links", "hardlink", "copy"])
@pytest.mark.parametrize(
    "file", ["apple/part.py", "apple_alone.py", "apple-1.0.dist-info/METADATA", "../../../share/apple/note.txt"]
)
def test_a_file_that_was_written_to_is_named(settings: Settings, link_mode: str, file: str) -> None:
    here = replace(settings, link_mode=link_mode)
    store = Store(here)
    made = store.ensure(approved(here, closure("apple", "pear")), Bringer())
    assert [one.damage for one in verify(store)] == [()]
    path = made.site[0] / file
    path.chmod(0o644)
    with path.open("r+b") as written:
        written.write(b"#")
    (found,) = verify(store)
    assert found.withdrawn and any(path.name in line for line in found.damage), found.damage
    assert store.find(made.id) is None
    store.ensure(approved(here, closure("apple", "pear")), Bringer())
    assert [one.damage for one in verify(store)] == [()]
