"""There is a version within the limits, and no file of it that this Python on this machine can use as it is."""

from __future__ import annotations

from dataclasses import replace

from packaging.specifiers import SpecifierSet

from ...machine.indexes.facts import Known, Release
from .releases import (
    allows_python,
    final,
    fitting,
    has_wheel,
    installable,
    newest_like,
    pinned,
    platforms,
    spans,
    standing,
    usable,
    wheel_pythons,
)  # fmt: skip
from .values import Diagnosis, Facts, Failure, Way

ELSEWHERE = "Use the notebook on a system that it has wheels for, or do without it."


def no_file(known: Known, limits: SpecifierSet, who: str, failure: Failure, facts: Facts) -> Diagnosis | None:
    """None if there is one."""
    found = final(fitting(known, limits), limits)
    found = found if pinned(limits) else standing(found)
    python = failure.python
    if not found or any(has_wheel(release, python) and allows_python(release, python.minor) for release in found):
        return None
    newest = found[-1]
    if not any(allows_python(release, python.minor) for release in found):
        return _python_version(known, newest, limits, who, failure, facts)
    pythons = wheel_pythons(newest)
    if pythons:
        wheels = f"has wheels for Python {spans(pythons)}"
        sentence = f"{_named(known, newest, who, limits)} {wheels}, and this notebook uses Python {python.minor}."
        return _diagnosis("no-wheel-for-python", sentence, known, newest, who, failure, facts, pythons)
    if newest.wheels:
        systems = platforms(newest)
        sentence = f"{_named(known, newest, who, limits)} has wheels for {_listed(systems)} only."
        told = _diagnosis("no-wheel-for-platform", sentence, known, newest, who, failure, facts, ())
        return replace(told, ways=(*_where_it_is(known, systems, who, failure), *told.ways), hint=ELSEWHERE)
    return None


def _where_it_is(known: Known, systems: tuple[str, ...], who: str, failure: Failure) -> list[Way]:
    """To ask for it on the one system that it is for."""
    platform = {"Windows": "win32", "macOS": "darwin", "Linux": "linux"}.get(systems[0]) if len(systems) == 1 else None
    if who or platform is None:
        return []
    text = f'{failure.shown(known.name)} ; sys_platform == "{platform}"'
    return [Way("condition", f"Ask for it on {systems[0]} only", (failure.instead(known.name, text),))]


def _python_version(
    known: Known, newest: Release, limits: SpecifierSet, who: str, failure: Failure, facts: Facts
) -> Diagnosis:
    sentence = (
        f"{_named(known, newest, who, limits)} is for Python {newest.requires_python}, and this notebook uses Python "
        f"{failure.python.minor}."
    )
    allowed = tuple(minor for minor in wheel_pythons(newest) if allows_python(newest, minor))
    return _diagnosis("python-version", sentence, known, newest, who, failure, facts, allowed)


def _diagnosis(
    cause: str,
    sentence: str,
    known: Known,
    newest: Release,
    who: str,
    failure: Failure,
    facts: Facts,
    pythons: tuple[str, ...],
) -> Diagnosis:
    code = "conflict" if cause == "python-version" and failure.error.code == "conflict" else "no-wheel-here"
    ways = [*_other_python(pythons, failure, facts)]
    if not who:
        ways += _other_version(known, newest, failure)
    if newest.source and failure.error.code == "needs-build" and (step := failure.allowing((known.name,))):
        ways.append(Way("build", f"Build {known.name} from its source, which runs its code", (step,)))
    return Diagnosis(code, cause, sentence, tuple(ways))  # type: ignore[arg-type]  # one of the causes


def _other_python(pythons: tuple[str, ...], failure: Failure, facts: Facts) -> list[Way]:
    """The nearest that all of what is asked for may have; one that is here rather than one to download."""
    able = [
        minor
        for minor in pythons
        if installable(minor) and all(_can(minor, n, s, facts) for n, s in failure.limits.items())
    ]
    here = [minor for minor in able if minor in facts.pythons]
    now = _number(failure.python.minor)
    nearest = sorted(here or able, key=lambda minor: (abs(_number(minor) - now), -_number(minor)))[:1]
    return [Way("python", f"Use Python {minor}", failure.with_python(minor)) for minor in nearest]


def _can(minor: str, name: str, limits: SpecifierSet, facts: Facts) -> bool:
    """Whether some version may be had for this Python; yes, where nothing is known."""
    known = facts.packages.get(name)
    found = fitting(known, limits) if known else []
    return not found or any(usable(r, minor) or (allows_python(r, minor) and r.source and not r.wheels) for r in found)


def _other_version(known: Known, newest: Release, failure: Failure) -> list[Way]:
    good = [release for release in final(standing(known.releases)) if usable(release, failure.python.minor)]
    take = newest_like(good, newest.version)
    if take is None:
        return []
    text = f"{known.name}=={take.version}"
    return [Way("version", f"Take {known.name} {take.version}", (failure.instead(known.name, text),))]


def _named(known: Known, release: Release, who: str, limits: SpecifierSet) -> str:
    return f"{who} needs {known.name}{limits}, which" if who else f"{known.name} {release.version}"


def _listed(words: tuple[str, ...]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1] if words else "other systems"]))


def _number(minor: str) -> int:
    return int(minor.split(".")[1])
