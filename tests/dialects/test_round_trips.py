"""What export writes, import reads back as the same: nothing is lost that a format can hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of
from hypothesis.strategies import composite, lists, none, sampled_from

from jupyter_envs.dialects import constraints_file, pylock, requirements_file, requirements_in, script
from jupyter_envs.dialects.found import Found, Pin, Written
from jupyter_envs.model.lock import Lock
from jupyter_envs.model.requirement import Requirement, requirement_of
from jupyter_envs.model.spec import Spec, check_spec
from tests.test_requirements_txt import MARKERS, NAMES, SHAS, VERSIONS, locks

LIMITS = sampled_from(["", "==1.0", ">=1,<3", "~=2.1", "!=1.5,>1", "==2.*", "===1.0"])
EXTRAS = sampled_from(["", "[a]", "[a,b-c]"])
many = settings_of(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))


@composite
def specs(draw: Any) -> Spec:
    names = draw(lists(NAMES, min_size=1, max_size=6, unique=True))
    texts = [f"{name}{draw(EXTRAS)}{draw(LIMITS)}" for name in names]
    markers = [draw(none() | MARKERS) for _ in texts]
    return check_spec(
        Spec(dependencies=tuple(f"{t} ; {m}" if m else t for t, m in zip(texts, markers, strict=True))), ""
    )


@composite
def listed_locks(draw: Any) -> list[dict[str, Any]]:
    """Of packages from an index, whose files have names as files have them."""
    found = []
    for name in draw(lists(NAMES, min_size=1, max_size=6, unique=True)):
        version, marker = draw(VERSIONS), draw(none() | MARKERS)
        stem = f"{name.replace('-', '_')}-{version}"
        ends = ["-py3-none-any.whl", "-cp311-cp311-win_amd64.whl"]
        wheels = {stem + end: {"sha256": draw(SHAS), "size": 7, "upload-time": "2024-01-01T00:00:00Z"} for end in ends}
        files = (
            {"wheels": wheels}
            if draw(sampled_from([True, False]))
            else {"sdist": {f"{stem}.tar.gz": {"sha256": draw(SHAS)}}}
        )
        found.append({"name": name, "version": version, **({"marker": marker} if marker else {}), **files})
    return found


def lock_of(packages: list[dict[str, Any]]) -> Lock:
    about = {"lock-version": "1.0", "created-by": "x", "spec": "x", "requires-python": "==3.11.*"}
    return msgspec.convert({**about, "packages": packages}, Lock)


def saved(written: Written, folder: Path, name: str) -> Path:
    file = folder / name
    file.write_text(written.text)
    return file


def rows_of(lock: Lock) -> set[tuple[str, str, str, frozenset[str]]]:
    return {
        (row.name, row.version, row.marker or "",
         frozenset(file.sha256 for file in (*row.wheels.values(), *row.sdist.values())))
        for row in lock.packages if not row.vcs
    }  # fmt: skip


def pins_of(found: Found) -> set[tuple[str, str, str, frozenset[str]]]:
    def row(pin: Pin) -> tuple[str, str, str, frozenset[str]]:
        return pin.name, pin.version, str(pin.marker or ""), pin.hashes

    return set(map(row, found.pins))


def places_of(lock: Lock) -> dict[str, tuple[str, ...]]:
    return {row.name: (row.vcs.url, row.vcs.commit_id or row.vcs.sha256 or "", row.vcs.subdirectory or "")
            for row in lock.packages if row.vcs}  # fmt: skip


def sources_of(found: Found) -> dict[str, tuple[str, ...]]:
    def place(item: Requirement) -> tuple[str, ...]:
        assert item.source and item.source.vcs
        vcs = item.source.vcs
        return vcs.url, vcs.commit_id or vcs.requested_revision or vcs.sha256 or "", vcs.subdirectory or ""

    return {item.name: place(item) for item in found.requirements if item.source}


@given(spec=specs())
@many
def test_a_list(spec: Spec, tmp_path: Path) -> None:
    found = requirements_file.read(saved(requirements_in.write(spec, None, {}), tmp_path, "requirements.in"))
    assert [item.text for item in found.requirements] == [*spec.dependencies] and not found.pins


@given(packages=locks())
@many
def test_a_list_with_places(packages: list[dict[str, Any]], tmp_path: Path) -> None:
    lock = lock_of(packages)
    spec = Spec(dependencies=tuple(row.name for row in lock.packages))
    found = requirements_file.read(saved(requirements_in.write(spec, lock, {}), tmp_path, "requirements.in"))
    assert {item.name for item in found.requirements} == set(spec.names)
    assert sources_of(found) == places_of(lock)


@given(packages=locks())
@many
def test_a_lock_with_hashes(packages: list[dict[str, Any]], tmp_path: Path) -> None:
    lock = lock_of(packages)
    found = requirements_file.read(saved(requirements_file.write(Spec(), lock, {}), tmp_path, "requirements.txt"))
    assert pins_of(found) == rows_of(lock) and sources_of(found) == places_of(lock)


@given(packages=locks())
@many
def test_limits(packages: list[dict[str, Any]], tmp_path: Path) -> None:
    lock = lock_of(packages)
    found = requirements_file.read(saved(constraints_file.write(Spec(), lock, {}), tmp_path, "constraints.txt"))
    assert {row[:3] for row in pins_of(found)} == {row[:3] for row in rows_of(lock)}
    assert sources_of(found) == places_of(lock)


@given(packages=listed_locks())
@many
def test_a_pylock(packages: list[dict[str, Any]], tmp_path: Path) -> None:
    lock = lock_of(packages)
    files = [(name, file) for row in lock.packages for name, file in (*row.wheels.items(), *row.sdist.items())]
    places = {file.sha256: f"https://files.example/{name}" for name, file in files}
    found = pylock.read(saved(pylock.write(Spec(), lock, {}, places), tmp_path, "pylock.toml"))
    assert pins_of(found) == rows_of(lock) and found.requires_python == lock.requires_python


@given(spec=specs(), packages=locks())
@many
def test_the_header_of_a_script(spec: Spec, packages: list[dict[str, Any]], tmp_path: Path) -> None:
    spec = msgspec.structs.replace(
        spec,
        requires_python=">=3.10",
        exclude_newer="2026-01-01",
        overrides=("numpy<2",),
        indexes={"corp": spec.names[:1]},
    )
    urls = {"corp": "https://corp.example/simple"}
    found = script.read(saved(script.write(spec, None, urls), tmp_path, "x.py"))
    assert [item.text for item in found.requirements] == [*spec.dependencies]
    assert (found.requires_python, found.exclude_newer) == (">=3.10", "2026-01-01")
    assert [item.text for item in found.overrides] == ["numpy<2"] and found.taken_from == {spec.names[0]: "corp"}
    assert [(index.name, index.url, index.default) for index in found.indexes] == [("corp", urls["corp"], False)]
    lock = lock_of(packages)
    named = Spec(dependencies=tuple(row.name for row in lock.packages))
    assert sources_of(script.read(saved(script.write(named, lock, {}), tmp_path, "x.py"))) == places_of(lock)


def test_a_pylock_with_a_repository_and_an_archive(tmp_path: Path) -> None:
    git = {
        "type": "git",
        "url": "https://h.example/a",
        "commit-id": "c" * 40,
        "requested-revision": "main",
        "subdirectory": "x",
    }
    archive = {"type": "archive", "url": "https://h.example/b-1.zip", "sha256": "ab" * 32}
    lock = lock_of([{"name": "a", "version": "1", "vcs": git}, {"name": "b", "version": "1", "vcs": archive}])
    found = pylock.read(saved(pylock.write(Spec(), lock, {}, {}), tmp_path, "pylock.toml"))
    assert sources_of(found) == places_of(lock)
    assert [requirement_of(item.text).name for item in found.requirements] == ["a", "b"]
