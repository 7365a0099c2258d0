"""Comparing every file finds what no folder tells, in every way that an environment may reach its files."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
from msgspec.structs import replace

from jupyter_envs.model.closure import Closure
from jupyter_envs.model.environment import site_packages
from jupyter_envs.model.progress import SILENT, Report
from jupyter_envs.settings import Settings
from jupyter_envs.store import Store
from jupyter_envs.store.verification import verify

from ..fakes import FakeInstaller
from .scene import Bringer, approved, closure

NOTE = base64.urlsafe_b64encode(hashlib.sha256(b"a note\n").digest()).rstrip(b"=").decode()


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


class BesideSitePackages(FakeInstaller):
    """Each package has a file in the folder above site-packages, and one further up."""

    def install(self, closure: Closure, prefix: Path, report: Report = SILENT) -> None:
        super().install(closure, prefix, report)
        site = site_packages(prefix, closure.interpreter.version)
        for info in site.glob("*.dist-info"):
            rows = [f"{info.name}/RECORD,,"]
            for path in ("../notes.txt", "../../more.txt"):
                (site / path).write_text("a note\n")
                rows.append(f"{path},sha256={NOTE},7")
            (info / "RECORD").write_text("\n".join([*rows, ""]))


@pytest.mark.parametrize("link_mode", ["links", "copy"])
def test_a_file_beside_site_packages_is_looked_for_where_it_is(settings: Settings, link_mode: str) -> None:
    here = replace(settings, link_mode=link_mode)
    store = Store(here)
    made = store.ensure(approved(here, closure("apple")), BesideSitePackages())
    note = made.site[0].parent / "notes.txt"
    assert note.read_text() == "a note\n"
    assert [one.damage for one in verify(store)] == [()]
    note.chmod(0o644)
    note.write_text("a lie!\n")
    assert [line for one in verify(store) for line in one.damage if "notes.txt" in line]
