"""Questions that a change asks before it continues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..errors import ConsentNeeded
from ..kernel.foreign import quoted


def needs_build(names: Sequence[str], details: str = "", *, why: Mapping[str, str] | None = None) -> ConsentNeeded:
    """The question that the user has to answer before code of these packages runs."""
    one = len(names) == 1
    listed = ", ".join(names)
    reason = "; ".join((why or {}).values()) or f"{listed} {'has' if one else 'have'} no wheel that fits"
    return ConsentNeeded(
        "needs-build",
        f"{reason}: building {listed} runs {'its' if one else 'their'} code.",
        hint="Allow it with " + " ".join(f"--allow-build {quoted(name)}" for name in names),
        details=details,
        data={"packages": list(names)},
    )
