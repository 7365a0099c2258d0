"""From uv's pylock.toml to our rows: drop what this Python never uses, keep the common platforms."""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Iterable, Mapping
from datetime import timezone
from typing import Any

from packaging import tags
from packaging.markers import Marker
from packaging.pylock import Package as PylockPackage
from packaging.pylock import Pylock
from packaging.utils import parse_wheel_filename

from .closure import marker_environment, ranks_of
from .errors import IndexError_
from .interpreters import Interpreter
from .lock import File, Package, Vcs

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PLATFORMS = (
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"},
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "aarch64"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix", "platform_machine": "arm64"},
    {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64"},
)
COMMON = re.compile(
    r"any|(?:many)?linux\w*_(?:x86_64|aarch64)|macosx_\d+_\d+_(?:arm64|universal2)|win_amd64", re.ASCII
)
"""Platform tags every lock carries files for, besides those of the machine that makes it."""


def read(text: str) -> Pylock:
    return Pylock.from_dict(tomllib.loads(text))


def rows(pylock: Pylock, interpreter: Interpreter, index_of: Mapping[str, str]) -> tuple[Package, ...]:
    """Rows of the packages that some machine with this Python minor may need. `index_of`: name -> index name."""
    environments = list(_environments(interpreter, pylock.packages))
    found = []
    for package in pylock.packages:
        fits = [package.marker is None or package.marker.evaluate(env) for env in environments]
        if not any(fits):
            continue
        marker = None if all(fits) else _shorter(str(package.marker), environments)
        found.append(_row(package, interpreter, marker, index_of.get(package.name)))
    return tuple(sorted(found, key=lambda row: (row.name, row.marker or "")))


def _environments(interpreter: Interpreter, packages: Iterable[PylockPackage]) -> Iterable[dict[str, str]]:
    """Every platform with every patch version that a marker tells apart; first of all, the machine we are on."""
    minor = interpreter.minor
    text = " ".join(str(p.marker) for p in packages if p.marker)
    patches = {0, 99}
    for found in re.findall(rf"\b{re.escape(minor)}\.(\d+)", text):
        patches |= {max(int(found) - 1, 0), int(found), int(found) + 1}
    here = marker_environment(interpreter)
    yield here
    for platform, patch in itertools.product(PLATFORMS, sorted(patches)):
        version = f"{minor}.{patch}"
        yield here | platform | {"python_full_version": version, "implementation_version": version}


def _shorter(marker: str, environments: list[dict[str, str]]) -> str:
    """Without the conditions that always hold here, which uv words now one way, now another."""
    if "(" in marker or " or " in marker:
        return marker
    parts = [p for p in marker.split(" and ") if not all(Marker(p).evaluate(env) for env in environments)]
    return " and ".join(parts)


def _row(package: PylockPackage, interpreter: Interpreter, marker: str | None, index: str | None) -> Package:
    wheels = {w.filename: _file(w) for w in package.wheels or () if _wanted(w.filename, interpreter)}
    sdist = {}
    if not wheels and package.sdist:
        sdist = {package.sdist.filename: _file(package.sdist)}
    return Package(
        name=str(package.name),
        version=str(package.version) if package.version else "",
        marker=marker,
        index=index,
        wheels=dict(sorted(wheels.items())),
        sdist=sdist,
        vcs=_vcs(package),
    )


def _wanted(filename: str, interpreter: Interpreter) -> bool:
    """A wheel for this Python minor, on a common platform or on this machine."""
    wheel_tags = parse_wheel_filename(filename)[3]
    if ranks_of(interpreter).fits(filename):
        return True
    return any(_right_python(tag, interpreter) and COMMON.fullmatch(tag.platform) for tag in wheel_tags)


def _right_python(tag: tags.Tag, interpreter: Interpreter) -> bool:
    minor = int(interpreter.minor.split(".")[1])
    match = re.fullmatch(r"(cp|py)3(\d*)", tag.interpreter)
    if not match:
        return False
    wheel_minor = int(match[2] or 0)
    if match[1] == "py" or tag.abi == "abi3":
        return wheel_minor <= minor
    return wheel_minor == minor and tag.abi in (f"cp3{minor}{interpreter.abiflags}", "none")


def _file(file: Any) -> File:
    """From a wheel or an sdist of a pylock. Where an index gives no hash, uv has fetched the file and made it."""
    uploaded = file.upload_time
    if "sha256" not in file.hashes:
        raise IndexError_(
            "no-sha256", f"The index gives no sha256 for {file.filename}, only {', '.join(file.hashes)}.",
            hint="Take the package from an index with sha256 hashes, or with none.",
        )  # fmt: skip
    return File(
        sha256=file.hashes["sha256"].lower(),
        size=file.size,
        upload_time=uploaded.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") if uploaded else None,
    )


def _vcs(package: PylockPackage) -> Vcs | None:
    if package.vcs:
        return Vcs(
            type="git",
            url=package.vcs.url or "",
            commit_id=package.vcs.commit_id,
            requested_revision=package.vcs.requested_revision,
            subdirectory=package.vcs.subdirectory,
        )
    if package.archive:
        return Vcs(type="archive", url=package.archive.url or "", sha256=package.archive.hashes.get("sha256"))
    return None


