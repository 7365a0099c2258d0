"""Nothing of one wheel reaches another: what the store keeps of each is its own archive's files and no others, whatever
was unpacked beside it. What two of them list has one owner."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from jupyter_envs.consent import gate
from jupyter_envs.consent.consents import Consents
from jupyter_envs.engines.installed import Installed, InstalledFile
from jupyter_envs.errors import InstallError
from jupyter_envs.model.closure import Closure
from jupyter_envs.model.environment import site_packages
from jupyter_envs.model.progress import SILENT, Report
from jupyter_envs.settings import Settings
from jupyter_envs.store import Store
from jupyter_envs.store.verification import verify
from jupyter_envs.store.wheel.split import Staging
from jupyter_envs.store.wheel.wheels import UNPACKED

from ..fakes import FakeInstaller, closure, row
from ..wheels import Dist, Files, wheel
from .bench import Bench

GOOD = wheel("good", files={"good/__init__.py": "name = 'good'\n", "good/deep/a.py": "", "single.py": "name = 'good'\n"},
             entry_points={"console_scripts": ["good = good:main"]}, data={"data/share/good.txt": "good", "scripts/other": "#!python\n"})  # fmt: skip
INFO = "good-1.0.dist-info"
EVIL = "name = 'evil'\n"
MADE_HERE = {"RECORD", "INSTALLER", "REQUESTED"}
"""In a `*.dist-info`, by who installs."""


def smuggled(dist: Dist, unlisted: Files) -> Dist:
    """The same with files in its archive that its own list does not have."""
    out = io.BytesIO(dist.content)
    with zipfile.ZipFile(out, "a") as archive:
        for path, text in unlisted.items():
            archive.writestr(path, text)
    return Dist(dist.filename, out.getvalue(), dist.metadata)


def kept(folder: Path) -> dict[str, bytes]:
    """Files of a wheel in the store, but for bytecode and for what is always made anew (times among that): path ->
    content."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items()
            if "__pycache__" not in name and path.name not in MADE_HERE and not name.startswith(("p/bin/", UNPACKED))}  # fmt: skip


UNLISTED: dict[str, Mapping[str, str]] = {
    "a module of the same size": {"single.py": EVIL, "good/__init__.py": EVIL},
    "a module more": {"good/more.py": EVIL, "good/deep/__init__.py": EVIL},
    "its bytecode": {"good/__pycache__/__init__.cpython-311.pyc": EVIL, "__pycache__/single.cpython-311.pyc": EVIL},
    "its list": {f"{INFO}/RECORD": f"evil.py,,{len(EVIL)}\n{INFO}/RECORD,,\n"},
    "its metadata": {f"{INFO}/entry_points.txt": "[console_scripts]\ngood = evil:main\n"},
    "another version of it": {
        "good-9.dist-info/RECORD": "single.py,,\ngood-9.dist-info/RECORD,,\n",
        "good-9.dist-info/METADATA": "",
    },
    "other shapes": {"single/__init__.py": EVIL, "good.py": EVIL, "GOOD/more.py": EVIL},
    "its data and commands": {
        "{stem}.data/data/share/good.txt": "evil",
        "{stem}.data/scripts/good": EVIL,
        "{stem}.data/scripts/other": EVIL,
    },
    "a file that Python reads at its start": {"good.pth": "import evil\n", "sitecustomize.py": EVIL},
}


@pytest.mark.parametrize("name", ["a-evil", "z-evil"])
@pytest.mark.parametrize("way", UNLISTED)
def test_files_that_no_list_names_reach_no_neighbour(way: str, name: str, bench: Bench) -> None:
    """Which comes first in the alphabet, and is unpacked first, makes no difference."""
    stem = f"{name.replace('-', '_')}-1.0"
    evil = smuggled(wheel(name), {path.format(stem=stem): text for path, text in UNLISTED[way].items()})
    try:
        bench.environment(GOOD, evil)
    except InstallError as error:
        assert error.code in ("engine-failed", "incomplete", "wheel-escape", "wheel-shadow")
        assert bench.store.list() == [] and not list(bench.store.own.wheels.all())
    assert bench.folded(GOOD).printed("import good, single; print(good.name, single.name)") == "good good"
    first = kept(bench.wheel_folder("good"))
    assert first == kept(reference(bench, GOOD))
    assert all(found.damage == () for found in verify(bench.store))


def reference(bench: Bench, dist: Dist) -> Path:
    """Its folder in a store where nothing else has ever been."""
    alone = Bench(bench.folder / "alone")
    alone.environment(dist)
    return alone.wheel_folder(dist.name)


class Careless(FakeInstaller):
    """Puts what `unlisted` holds beside what it installs, and lists none of it."""

    def __init__(self, unlisted: Iterable[str]) -> None:
        super().__init__()
        self.unlisted = unlisted

    def install(self, closure: Closure, prefix: Path, report: Report = SILENT) -> None:
        super().install(closure, prefix, report)
        for path in self.unlisted:
            file = site_packages(prefix, closure.interpreter.version) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(EVIL)


@pytest.mark.parametrize(
    "unlisted", [["six-1.0.dist-info/entry_points.txt", "six-1.0.dist-info/deep/er/x"], ["zz.pth", "nobody/x.py"]]
)
def test_what_no_list_names_is_not_kept(unlisted: list[str], settings: Settings) -> None:
    """By whatever tool it came there."""
    value = closure(row("six"), row("seven"))
    approved = gate.approve(value, value.consent_digest({}), Consents(settings), gate.Answer(setup=True))
    environment = Store(settings).ensure(approved, Careless(unlisted))
    assert {path.name for path in environment.site[0].iterdir()} >= {"six.py", "seven.py", "six-1.0.dist-info"}
    assert not [
        path for path in settings.store.rglob("*") if path.name in ("entry_points.txt", "deep", "zz.pth", "nobody")
    ]


def test_uv_lists_each_file_that_it_puts_there(bench: Bench) -> None:
    """On which the store relies to see that a file is another's, too."""
    plain = bench.plain(smuggled(wheel("careless"), {"extra.py": "", "pack/age.py": ""}))
    record = (plain.site / "careless-1.0.dist-info" / "RECORD").read_text()
    assert "\nextra.py," in record and "\npack/age.py," in record


def test_names_that_differ_in_case_alone_are_never_unpacked_together(tmp_path: Path) -> None:
    """Elsewhere they may be one file."""
    both = (of_one_file("Same", "Same/x.py"), of_one_file("same", "same/x.py"))
    other = of_one_file("other", "other.py")
    assert Staging(tmp_path, tmp_path / "lib/site", (*both, other)).clashing == {"same"}


def of_one_file(name: str, path: str) -> Installed:
    return Installed(name.lower(), "1", (InstalledFile(f"lib/site/{path}", "", 1),), f"{name}-1.dist-info")


SHARED: dict[str, tuple[Files, Files, str]] = {
    "a module": ({"both.py": "x = 'first'\n"}, {"both.py": "x = 'second'\n"}, "both.py"),
    "a file and a folder": ({"both": "first"}, {"both/x.txt": "second"}, "both"),
    "a folder and a file": ({"both/x.txt": "first"}, {"both": "second"}, "both"),
    "data": ({"data/share/both.txt": "first"}, {"data/share/both.txt": "second"}, "share/both.txt"),
    "a command": ({"scripts/both": "#!/bin/sh\n# first"}, {"scripts/both": "#!/bin/sh\n# second"}, "bin/both"),
}


@pytest.mark.parametrize(
    ("what", "before"),
    [(what, before) for what in SHARED for before in ("first", "second", "") if before or "folder" not in what],
)
def test_a_file_that_two_list_is_the_later_name_s(what: str, before: str, bench: Bench) -> None:
    """Whichever was in the store before; each keeps its own there. (uv unpacks no file and folder of one name
    together.)"""
    *sides, path = SHARED[what]
    data = what in ("data", "a command")
    dists = {
        name: wheel(name, **{"data" if data else "files": side})
        for name, side in zip(("first", "second"), sides, strict=True)
    }  # type: ignore[dict-item]
    if before:
        bench.environment(dists[before])
    folded = bench.folded(*dists.values())
    base = folded.prefix if data else folded.site
    found = base / path
    assert "second" in (found / "x.txt" if found.is_dir() else found).read_text()
    (note,) = bench.notes
    assert "first" in note and "second" in note and path in note and note.endswith("the one from second is used.")
    for name, dist in dists.items():
        alone = bench.folded(dist)
        where = (alone.prefix if data else alone.site) / path
        assert name in (where / "x.txt" if where.is_dir() else where).read_text()
