"""From uv's pylock.toml to our rows: drops what this Python never uses, and keeps the common platforms."""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache, lru_cache
from urllib.parse import unquote

import msgspec
from packaging import tags
from packaging.markers import Marker
from packaging.utils import parse_wheel_filename

from ...errors import IndexError_
from ...machine.interpreters import Interpreter
from ...model.closure import marker_environment, ranks_of
from ...model.lock import File, Package, Vcs
from ...model.moments import write_moment

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
COMMON = re.compile(r"any|(?:many)?linux\w*_(?:x86_64|aarch64)|macosx_\d+_\d+_(?:arm64|universal2)|win_amd64", re.ASCII)
"""Platform tags for which every lock has files, besides those of the machine that makes it."""


WHEEL = re.compile(r'    \{ url = "[^"\n]*/([^"/\n]+)\.whl".*\n')
"""One line of a list of wheels, as uv writes it."""


class _Value(msgspec.Struct, frozen=True, rename="kebab"):
    pass


class ListedFile(_Value, frozen=True):
    """A wheel, an sdist or an archive."""

    hashes: dict[str, str] = {}
    url: str | None = None
    path: str | None = None
    name: str | None = None
    size: int | None = None
    upload_time: datetime | None = None

    @property
    def filename(self) -> str:
        return self.name or unquote((self.path or self.url or "").partition("#")[0].rpartition("/")[2])


class Repository(_Value, frozen=True):
    url: str | None = None
    commit_id: str | None = None
    requested_revision: str | None = None
    subdirectory: str | None = None


class Found(_Value, frozen=True):
    """One package of a pylock.toml."""

    name: str
    version: str = ""
    marker: str | None = None
    wheels: tuple[ListedFile, ...] = ()
    sdist: ListedFile | None = None
    vcs: Repository | None = None
    archive: ListedFile | None = None


class Pylock(_Value, frozen=True):
    packages: tuple[Found, ...] = ()


def read(text: str, interpreter: Interpreter) -> Pylock:
    """Without the wheels that `rows` would drop. They are most of the text, and are removed before it is parsed;
    otherwise parsing would take longer than the resolution."""
    wanted = _wanted_by(interpreter)
    slim = WHEEL.sub(lambda line: line[0] if wanted(unquote(line[1]) + ".whl") else "", text)
    return msgspec.convert(tomllib.loads(slim), Pylock)


def rows(pylock: Pylock, interpreter: Interpreter, index_of: Mapping[str, str]) -> tuple[Package, ...]:
    """Rows of the packages that some machine with this Python minor may need. `index_of`: name -> index name."""
    environments = list(_environments(interpreter, pylock.packages))
    wanted = _wanted_by(interpreter)

    @cache  # most rows have the same few markers
    def needed(text: str) -> tuple[bool, str | None]:
        marker = Marker(text)
        fits = [marker.evaluate(env) for env in environments]
        return any(fits), None if all(fits) else _shorter(str(marker), environments)

    found = []
    for package in pylock.packages:
        here, marker = needed(package.marker) if package.marker else (True, None)
        if here:
            found.append(_row(package, wanted, marker, index_of.get(package.name)))
    return tuple(sorted(found, key=lambda row: (row.name, row.marker or "")))


def _environments(interpreter: Interpreter, packages: Iterable[Found]) -> Iterable[dict[str, str]]:
    """Every platform with every patch version that a marker distinguishes; the first one is the machine that we are
    on."""
    minor = interpreter.minor
    text = " ".join({p.marker for p in packages if p.marker})
    patches = {0, 99}
    for found in re.findall(rf"\b{re.escape(minor)}\.(\d+)", text):
        patches |= {max(int(found) - 1, 0), int(found), int(found) + 1}
    here = marker_environment(interpreter)
    yield here
    for platform, patch in itertools.product(PLATFORMS, sorted(patches)):
        version = f"{minor}.{patch}"
        yield here | platform | {"python_full_version": version, "implementation_version": version}


def _shorter(marker: str, environments: list[dict[str, str]]) -> str:
    """Without the conditions that always apply here, which uv writes in different ways."""
    if "(" in marker or " or " in marker:
        return marker
    parts = [(part, Marker(part)) for part in marker.split(" and ")]
    return " and ".join(text for text, part in parts if not all(part.evaluate(env) for env in environments))


def _row(package: Found, wanted: Callable[[str], bool], marker: str | None, index: str | None) -> Package:
    wheels = {w.filename: _file(w) for w in package.wheels if wanted(w.filename)}
    sdist = {}
    if not wheels and package.sdist:
        sdist = {package.sdist.filename: _file(package.sdist)}
    return Package(
        name=package.name,
        version=package.version,
        marker=marker,
        index=index,
        wheels=dict(sorted(wheels.items())),
        sdist=sdist,
        vcs=_vcs(package),
    )


def _wanted_by(interpreter: Interpreter) -> Callable[[str], bool]:
    """Whether a file is a wheel for this Python minor, for a common platform or for this machine."""

    return lambda filename: _wanted("-".join(filename.rsplit("-", 3)[1:]), interpreter)


@lru_cache(maxsize=4096)
def _wanted(end: str, interpreter: Interpreter) -> bool:
    """Decides by the end of its name: `cp312-cp312-win_amd64.whl`."""
    filename = f"x-0-{end}"
    if ranks_of(interpreter).fits(filename):
        return True
    wheel_tags = parse_wheel_filename(filename)[3]
    return any(_right_python(tag, interpreter) and COMMON.fullmatch(tag.platform) for tag in wheel_tags)


def _right_python(tag: tags.Tag, interpreter: Interpreter) -> bool:
    minor = int(interpreter.minor.split(".")[1])
    match = re.fullmatch(r"(cp|py)3(\d{0,3})", tag.interpreter)
    if not match:
        return False
    wheel_minor = int(match[2] or 0)
    if match[1] == "py" or tag.abi == "abi3":
        return wheel_minor <= minor
    return wheel_minor == minor and tag.abi in (f"cp3{minor}{interpreter.abiflags}", "none")


def _file(file: ListedFile) -> File:
    """From a wheel or an sdist of a pylock. If an index gives no hash, uv has downloaded the file and computed it."""
    uploaded = file.upload_time
    if "sha256" not in file.hashes:
        raise IndexError_(
            "no-sha256", f"The index gives no sha256 for {file.filename}, only {', '.join(file.hashes)}.",
            hint="Take the package from an index with sha256 hashes, or with no hashes at all.",
        )  # fmt: skip
    return File(
        sha256=file.hashes["sha256"].lower(),
        size=file.size,
        upload_time=write_moment(uploaded) if uploaded else None,
    )


def _vcs(package: Found) -> Vcs | None:
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
