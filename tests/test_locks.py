"""requirements/: what the set-up installs is what pyproject.toml asks for, with hashes, for every Python and system."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import tomli
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from setup_notebooks import locking, locks, marks

ROOT = Path(__file__).resolve().parent.parent
FILES = (locks.BOOTSTRAP, locks.BUILD, locks.LAB, locks.TEST)
AGAIN = "./setup-notebooks --lock makes the locks anew"
SYSTEMS = (
    {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux", "platform_machine": "x86_64"},
    {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux", "platform_machine": "aarch64"},
    {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin", "platform_machine": "arm64"},
    {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows", "platform_machine": "AMD64"},
)
MACHINES = [
    {**system, "python_version": python, "python_full_version": f"{python}.7", "implementation_name": "cpython"}
    for system in SYSTEMS
    for python in locking.PYTHONS
]


class Row(NamedTuple):
    requirement: Requirement
    hashes: list[str]

    @property
    def version(self) -> str:
        return str(self.requirement.specifier).removeprefix("==")


def rows_of(text: str) -> list[Row]:
    logical = text.replace("\\\n", " ").splitlines()
    rows = [line for line in logical if line.strip() and not line.startswith("#")]
    return [
        Row(Requirement(row.split(" --hash=")[0]), re.findall(r"--hash=sha256:([0-9a-f]{64})\b", row)) for row in rows
    ]


def read(name: str) -> list[Row]:
    return rows_of((ROOT / name).read_text(encoding="utf-8"))


def applies(requirement: Requirement, machine: dict[str, str]) -> bool:
    return requirement.marker is None or requirement.marker.evaluate(machine)


def versions(rows: Iterable[Row], machine: dict[str, str]) -> dict[str, list[str]]:
    """Of each package, what a machine installs."""
    found: dict[str, list[str]] = {}
    for row in rows:
        if applies(row.requirement, machine):
            found.setdefault(canonicalize_name(row.requirement.name), []).append(row.version)
    return found


def unmet(requirements: Iterable[str], rows: list[Row]) -> Iterator[str]:
    """What the lock lacks, in sentences."""
    for machine in MACHINES:
        locked = versions(rows, machine)
        for requirement in map(Requirement, requirements):
            if applies(requirement, machine):
                there = locked.get(canonicalize_name(requirement.name), [])
                if len(there) != 1 or there[0] not in requirement.specifier:
                    yield f"{requirement}: {there or 'not there'} on {machine['sys_platform']} {machine['python_version']}"


def pyproject() -> dict[str, Any]:
    return tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def asked() -> dict[str, list[str]]:
    """What each file has to meet."""
    project = pyproject()["project"]
    lab = [*project["dependencies"], *project["optional-dependencies"]["lab"]]
    return {
        locks.BOOTSTRAP: ["pip", "uv"],
        locks.BUILD: locking.built_with(pyproject()),
        locks.LAB: [*lab, "pip"],
        locks.TEST: [*lab, *project["optional-dependencies"]["test"], "pip", locks.NODE],
    }


@pytest.mark.parametrize("name", FILES)
def test_a_lock_meets_what_the_project_asks_for(name: str) -> None:
    assert not list(unmet(asked()[name], read(name))), AGAIN


@pytest.mark.parametrize(
    ("requirements", "lock", "says"),
    [
        (["a>=2"], "a==1 \\\n    --hash=sha256:0", "a>=2: ['1'] on linux 3.10"),
        (["a"], "b==1", "a: not there on linux 3.10"),
        (["a; python_version >= '3.14'"], "a==1 ; python_version < '3.14'", "not there on win32 3.14"),
        (["a"], "a==1\na==2 ; sys_platform == 'darwin'", "a: ['1', '2'] on darwin 3.12"),
    ],
)
def test_a_lock_that_does_not_is_noticed(requirements: list[str], lock: str, says: str) -> None:
    """A version that is too old, a package that is missing everywhere or on one Python, and two versions at once."""
    assert any(says in sentence for sentence in unmet(requirements, rows_of(lock)))


@pytest.mark.parametrize("name", FILES)
def test_every_row_has_one_version_and_hashes_and_no_file_an_address(name: str) -> None:
    rows = read(name)
    assert rows
    assert not [row for row in rows if not re.fullmatch(r"[^=<>~!,*]+", row.version) or not row.hashes]
    assert "://" not in (ROOT / name).read_text(encoding="utf-8")


def test_the_locks_agree() -> None:
    """A package has one version in all of them, and what runs is part of what is tested."""
    for machine in MACHINES:
        tested = versions(read(locks.TEST), machine)
        for name in FILES:
            for package, there in versions(read(name), machine).items():
                assert package in tested or name == locks.BUILD
                assert tested.get(package, there) == there, f"{package} in {name}; {AGAIN}"


def test_the_locks_are_for_every_python_that_we_support() -> None:
    assert pyproject()["project"]["requires-python"] == f">={locking.PYTHONS[0]}"
    newest = re.search(r"^NEWEST = (\d+)$", (ROOT / "setup-notebooks").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest
    assert locking.PYTHONS[-1] == f"3.{newest[1]}"


def test_pip_and_uv_are_the_same_for_every_python() -> None:
    rows = read(locks.BOOTSTRAP)
    assert [row.requirement.name for row in rows] == ["pip", "uv"]
    for row in rows:
        assert row.requirement.marker is None
        assert locks.pinned(row.requirement.name) == (row.version, set(row.hashes))


def test_what_is_installed_is_what_is_locked() -> None:
    """After `./setup-notebooks --test`; with `--newest`, or in another environment, it is something else."""
    known = marks.known()
    if known.get("lock") != marks.fingerprint(locks.TEST):
        pytest.skip("the last set-up was not by this lock")
    wrong = {}
    for row in read(locks.TEST):
        if applies(row.requirement, {}):
            try:
                there = version(row.requirement.name)
            except PackageNotFoundError:
                there = "not there"
            if there != row.version:
                wrong[row.requirement.name] = there
    assert not wrong
