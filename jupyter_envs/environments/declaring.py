"""What a change declares beside packages: overrides, and packages that come without what they need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

import msgspec
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from ..errors import InputError
from ..model.options import Options
from ..model.requirement import Requirement
from ..model.spec import Spec, check_override


def with_options(spec: Spec, typed: Sequence[Requirement], options: Options) -> Spec:
    """The spec with the overrides and `no-deps` of this change: whoever names a package says each time whether it comes
    with what it needs, and a limit or a source typed for it takes an earlier override back. Raises InputError for a
    source whose needs nobody can know without running its code."""
    names = {item.name for item in typed}
    for item in options.overrides:
        check_override(item)
    placed = sorted(item.name for item in typed if item.source)
    if options.no_deps and placed:
        raise InputError(
            "pip-option",
            f"{', '.join(placed)}: only what comes from an index can be installed without what it needs.",
            hint="Leave --no-deps out. With --override NAME==VERSION, what else is installed does not change.",
        )
    limited = {item.name for item in typed if item.selects}
    overrides = {item.name: item.text for item in spec.overriding if item.name not in limited}
    overrides |= {item.name: item.text for item in options.overrides}
    kept = {*spec.no_deps, *names} if options.no_deps else {*spec.no_deps} - names
    return msgspec.structs.replace(
        spec,
        overrides=tuple(text for name, text in sorted(overrides.items()) if text != name),
        no_deps=tuple(sorted(kept)),
    )


def notes_on_overrides(spec: Spec, typed: Iterable[Requirement], options: Options) -> tuple[str, ...]:
    """What becomes of the earlier overrides of packages that were typed; nothing is said of those that this change
    names itself."""
    named = {item.name for item in options.overrides}
    lines: dict[str, Requirement] = {}
    for item in typed:
        if item.name not in lines or item.selects:
            lines[item.name] = item
    earlier = [(item, lines[item.name]) for item in spec.overriding if item.name in lines and item.name not in named]
    return tuple(_note(item, line) for item, line in earlier)


def _note(override: Requirement, line: Requirement) -> str:
    if not line.selects:
        return still_overrides(override)
    why = f"another source was named for {line.name}" if line.source else f"{line.text} was typed later"
    return f"{override.text} no longer overrides what packages require: {why}."


def still_overrides(override: Requirement) -> str:
    return f"{override.text} still overrides what packages require. --override {override.name} takes that back."


def check_overrides(spec: Spec, typed: Iterable[Requirement] = ()) -> None:
    """Raises InputError `conflict` where an override cannot hold together with what the notebook asks for, or with a
    source that was typed: whichever of them counted, the other would be broken without a word."""
    sources = {item.name: item for item in typed if item.source}
    for override in spec.overriding:
        name = override.name
        against = next((item.text for item in spec.requirements if _clash(item, override)), "")
        if name in sources:
            against = f"the source that was named for {name}"
        if against:
            raise InputError(
                "conflict",
                f"The override {override.text} and {against} contradict each other: only one of them can count.",
                hint=f"Leave one of them out. --override {name} takes a recorded override back, and naming {name} with "
                "another limit replaces the recorded one.",
            )


def asked_of_overridden(spec: Spec) -> tuple[Requirement, ...]:
    """Limits that the notebook itself has for packages with an override: a resolver would put the override in their
    place, too, and it counts only in place of what packages need."""
    names = {item.name for item in spec.overriding}
    items = (item for item in spec.requirements if item.name in names and item.specifier)
    return tuple(msgspec.structs.replace(item, extras=()) for item in items)


def _clash(item: Requirement, override: Requirement) -> bool:
    """Under two different conditions they may never meet: a resolver knows."""
    if item.name != override.name or not item.specifier:
        return False
    if item.marker and override.marker and item.marker != override.marker:
        return False
    both = item.specifier & override.specifier
    return not any(both.contains(version, prereleases=True) for version in _versions_around(both))


def _versions_around(limits: SpecifierSet) -> Iterator[str]:
    """If any version is within the limits, one of these is: those that the limits name, and others next to them."""
    yield from ("0.dev0", "99999999")
    for limit in limits:
        base = limit.version.removesuffix(".*")
        yield from (base, f"{base}.dev0") if limit.operator != "===" else (base,)
        with suppress(InvalidVersion):
            release = Version(base).base_version
            yield from (f"{release}.dev0", f"{release}.0.0.0.1", release)
            first, _, last = release.rpartition(".")
            yield f"{first}{'.' if first else ''}{int(last) + 1}" if last.isdigit() else release


def said_with(options: Options, *, upgrade: bool) -> list[str]:
    """The options of an install that its line in the history names."""
    overrides = [word for item in options.overrides for word in ("--override", item.text)]
    return [*(["-U"] if upgrade else []), *(["--no-deps"] if options.no_deps else []), *overrides]
