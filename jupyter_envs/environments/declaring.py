"""What a change declares beside packages: overrides, and packages that come without what they need."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ..errors import InputError
from ..model.options import Options
from ..model.requirement import Requirement
from ..model.spec import Spec, check_override


def with_options(spec: Spec, typed: Sequence[Requirement], options: Options) -> Spec:
    """The spec with the overrides and `no-deps` of this change: whoever names a package says each time whether it comes
    with what it needs. Raises InputError for a source whose needs nobody can know without running its code."""
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
    overrides = {item.name: item.text for item in spec.overriding}
    overrides |= {item.name: item.text for item in options.overrides}
    kept = {*spec.no_deps, *names} if options.no_deps else {*spec.no_deps} - names
    return msgspec.structs.replace(
        spec,
        overrides=tuple(text for name, text in sorted(overrides.items()) if text != name),
        no_deps=tuple(sorted(kept)),
    )


def said_with(options: Options, *, upgrade: bool) -> list[str]:
    """The options of an install that its line in the history names."""
    overrides = [word for item in options.overrides for word in ("--override", item.text)]
    return [*(["-U"] if upgrade else []), *(["--no-deps"] if options.no_deps else []), *overrides]
