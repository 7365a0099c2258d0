"""Questions to what an index says about one package. Nothing here is asked of anybody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from packaging.specifiers import Specifier, SpecifierSet
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from ...machine.indexes.facts import Known, Release
from ...machine.interpreters import OLDEST, Interpreter
from ...model.closure import Ranks, supported_tags

MINORS = tuple(f"3.{minor}" for minor in range(5, 21))
"""Whose wheels may be named."""


def fitting(known: Known, limits: SpecifierSet) -> list[Release]:
    """Every release within the limits, pre-releases too, the oldest first."""
    return [release for release in known.releases if limits.contains(release.version, prereleases=True)]


def final(releases: Sequence[Release], limits: SpecifierSet | None = None) -> list[Release]:
    """Without pre-releases, unless the limits name one, or there is nothing else."""
    if (limits is not None and limits.prereleases) or all(release.version.is_prerelease for release in releases):
        return [*releases]
    return [release for release in releases if not release.version.is_prerelease]


def standing(releases: Iterable[Release]) -> list[Release]:
    """Those that were not yanked."""
    return [release for release in releases if release.yanked is None]


def allows_python(release: Release, minor: str) -> bool:
    """Whether some patch release of this Python may have it, as its authors say."""
    return any(release.pythons.contains(f"{minor}.{patch}") for patch in (0, 5, 20))


def wheel_pythons(release: Release) -> tuple[str, ...]:
    """The minors for which it has a wheel on this machine, the oldest first."""
    names = _valid(release.wheels)
    return tuple(minor for minor in MINORS if any(_ranks(minor, _flags(minor)).fits(name) for name in names))


def _flags(minor: str) -> str:
    """Until 3.7 all that were distributed said in their wheels that they use pymalloc."""
    return "m" if int(minor.split(".")[1]) < 8 else ""


def has_wheel(release: Release, python: Interpreter) -> bool:
    ranks = _ranks(python.minor, python.abiflags)
    return any(ranks.fits(name) for name in _valid(release.wheels))


def usable(release: Release, minor: str) -> bool:
    """Whether it can be had for this Python without running its code."""
    return minor in wheel_pythons(release) and allows_python(release, minor) and release.yanked is None


def installable(minor: str) -> bool:
    """Whether a notebook can have such a Python."""
    return tuple(map(int, minor.split("."))) >= OLDEST


@lru_cache(maxsize=64)
def _ranks(minor: str, abiflags: str = "") -> Ranks:
    return Ranks({tag: rank for rank, tag in enumerate(supported_tags(minor, abiflags))})


def _valid(names: Iterable[str]) -> list[str]:
    return [name for name in names if _tags(name)]


@lru_cache(maxsize=4096)
def _tags(name: str) -> frozenset[tuple[str, str]]:
    """(interpreter, platform) of a wheel; nothing for what is no wheel's name."""
    try:
        return frozenset((tag.interpreter, tag.platform) for tag in parse_wheel_filename(name)[3])
    except (InvalidWheelFilename, InvalidVersion):
        return frozenset()


def platforms(release: Release) -> tuple[str, ...]:
    """The systems that its wheels are for, in people's words."""
    found = {_system(platform) for name in release.wheels for _, platform in _tags(name)}
    return tuple(sorted(name for name in found - {""} if name.partition(" ")[0] not in found - {name}))


def _system(platform: str) -> str:
    if platform.startswith("win"):
        return "Windows" + (" on ARM" if "arm64" in platform else "")
    if platform.startswith("macosx"):
        return "macOS"
    if "linux" in platform:
        if platform.startswith("musllinux"):
            return "Linux with musl"
        return "Linux" + (" on ARM" if "aarch64" in platform else "")
    return ""


def nearest(releases: Sequence[Release], wanted: Version) -> tuple[Release | None, Release | None]:
    """The release before this version, and the one after it."""
    below = [release for release in releases if release.version < wanted]
    above = [release for release in releases if release.version > wanted]
    return (below[-1] if below else None), (above[0] if above else None)


def newest_like(releases: Sequence[Release], like: Version | None) -> Release | None:
    """The newest with the same first number, else the newest."""
    same = [release for release in releases if like and release.version.release[:1] == like.release[:1]]
    return next(reversed(same or releases), None)


def pinned(limits: SpecifierSet) -> Version | None:
    """The one version that the limits allow: `==1.2`, but not `==1.*`."""
    for part in limits:
        if part.operator == "==" and not part.version.endswith(".*"):
            return Version(part.version)
    return None


def contradictory(limits: SpecifierSet) -> bool:
    """Whether no version at all can be within the limits. Tries the versions that are named, and some beside each."""
    if not len(limits) or any(part.operator == "===" for part in limits):
        return False
    return not any(limits.contains(version, prereleases=True) for part in limits for version in _beside(part))


def _beside(part: Specifier) -> Iterable[Version]:
    base = re.sub(r"\.\*$", "", part.version)
    epoch, numbers = Version(base).epoch, Version(base).release
    for release in (numbers, (*numbers, 1), (*numbers[:-1], numbers[-1] + 1), _before(numbers)):
        yield Version(f"{epoch}!{'.'.join(map(str, release))}")
    yield Version(base)


def _before(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """A version that is less: 1.0 for 1.1, 0.9999 for 1.0."""
    for i in reversed(range(len(numbers))):
        if numbers[i]:
            return (*numbers[:i], numbers[i] - 1, *(9999 for _ in numbers[i + 1 :]), 9999)
    return (0,)


def spans(minors: Sequence[str]) -> str:
    """`3.6 to 3.9`, `3.8 and 3.10`"""
    runs: list[list[int]] = []
    for number in sorted(int(minor.split(".")[1]) for minor in minors):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    texts = [f"3.{run[0]} to 3.{run[-1]}" if len(run) > 1 else f"3.{run[0]}" for run in runs]
    return " and ".join(filter(None, [", ".join(texts[:-1]), texts[-1] if texts else ""]))
