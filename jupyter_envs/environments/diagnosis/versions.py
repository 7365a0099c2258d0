"""No version of a package is within the limits: there is none, or all were yanked."""

from __future__ import annotations

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from ...machine.indexes.facts import Known, Release
from .releases import contradictory, final, fitting, has_wheel, nearest, pinned, standing
from .values import Diagnosis, Failure, Way


def no_version(known: Known, limits: SpecifierSet, who: str, failure: Failure) -> Diagnosis | None:
    """None if there is one. `who` needs it, "" for the notebook."""
    found = fitting(known, limits)
    if not found:
        return _none_at_all(known, limits, who, failure)
    if not standing(found) and pinned(limits) is None:
        return _yanked(known, limits, found, failure)
    return None


def _none_at_all(known: Known, limits: SpecifierSet, who: str, failure: Failure) -> Diagnosis:
    name = known.name
    if arbitrary := next((part for part in limits if part.operator == "==="), None):
        text = f"{name}=={arbitrary.version}"
        return Diagnosis(
            "conflict",
            "arbitrary",
            f"{name}==={arbitrary.version} asks for a version that is written exactly so, and {name} has none.",
            (Way("version", f"Ask for {text}", (failure.instead(name, text),)),),
        )
    if not who and contradictory(limits):
        return Diagnosis(
            "conflict",
            "contradiction",
            f"No version of {name} can be within {limits}: these limits exclude each other.",
            _takes(name, final(standing(known.releases))[-1:], failure),
        )
    wanted = pinned(limits)
    if wanted and wanted.local and (diagnosis := _local_build(known, wanted, failure)):
        return diagnosis
    asks = f"{who} asks" if who else "you ask"
    if wanted:
        return _no_such_version(known, wanted, "" if not who else f", which {who} needs", failure)
    below, above = _around(known, limits)
    if below and above:
        near = f"the nearest are {below.version} and {above.version}"
        sentence = f"{name} has no version within {limits}{f', as {who} needs it' if who else ''}; {near}."
    else:
        one = below or above or known.releases[-1]
        which = "newest" if one is below else "oldest"
        there = f"The {which} version of {name} in the index {known.index} is {one.version}"
        sentence = f"{there}, and {asks} for {name}{limits}."
    takes = [release for release in (above, below) if release]
    return Diagnosis("conflict", "no-version", sentence, () if who else _takes(name, takes, failure))


def _around(known: Known, limits: SpecifierSet) -> tuple[Release | None, Release | None]:
    """The releases nearest to limits that none is within: before, and after. A pre-release only where there is nothing
    else."""
    lower = [Version(p.version.removesuffix(".*")) for p in limits if p.operator in (">=", ">", "~=", "==")]
    if not lower:
        return None, known.releases[0]
    below = [release for release in known.releases if release.version <= max(lower)]
    above = [release for release in known.releases if release.version > max(lower)]
    return next(reversed(final(below)), None), next(iter(final(above)), None)


def _no_such_version(known: Known, wanted: Version, needed: str, failure: Failure) -> Diagnosis:
    name = known.name
    good = final(standing(known.releases)) or [*known.releases]
    below, above = nearest(good, wanted)
    near = [release for release in (below, above) if release]
    listed = " and ".join(str(release.version) for release in near)
    which = "the nearest are" if len(near) > 1 else "the newest is" if below else "the oldest is"
    alike = [release for release in (above, below) if release and release.version.release[:1] == wanted.release[:1]]
    first = [*alike, *(release for release in (above, below) if release and release not in alike)]
    return Diagnosis(
        "conflict",
        "no-version",
        f"{name} has no version {wanted}{needed}; {which} {listed}.",
        () if needed else _takes(name, first, failure),
    )


def _local_build(known: Known, wanted: Version, failure: Failure) -> Diagnosis | None:
    """`2.1.0+cu118`: a build that some index of its own has."""
    public = Version(wanted.public)
    there = [release for release in known.releases if Version(release.version.public) == public]
    others = sorted({release.version.local for release in known.releases if release.version.local})
    if not there and not others and not known.releases:
        return None
    name, plain = known.name, f"{known.name}=={public}"
    has = f"has {public} without it" if there else f"has no {public}"
    ways = [Way("version", f"Take {name} {public}", (failure.instead(name, plain),))] if there else ()
    return Diagnosis(
        "conflict",
        "local-build",
        f"The index {known.index} has no build +{wanted.local} of {name}; it {has}. Such builds are in an index of "
        "their own, which has to be in your uv.toml or pip.conf.",
        tuple(ways) or _takes(name, final(standing(known.releases))[-1:], failure),
    )


def _yanked(known: Known, limits: SpecifierSet, found: list[Release], failure: Failure) -> Diagnosis:
    reason = next((release.yanked for release in reversed(found) if release.yanked), "")
    which = f"Every version of {known.name}" + (f" within {limits}" if limits else "")
    others = [release for release in final(standing(known.releases)) if has_wheel(release, failure.python)]
    return Diagnosis(
        "yanked",
        "yanked",
        f"{which} was yanked (withdrawn by its authors){f': {reason}' if reason else ''}.".replace("..", "."),
        _takes(known.name, others[-1:], failure),
    )


def _takes(name: str, releases: list[Release], failure: Failure) -> tuple[Way, ...]:
    return tuple(
        Way("version", f"Take {name} {release.version}", (failure.instead(name, f"{name}=={release.version}"),))
        for release in releases
    )
