"""`approve` is the only function that makes an Approved closure; nothing else may be built. `review` asks about what
only the unpacked wheels show; nothing is published before that."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ..errors import ConsentNeeded
from ..kernel.amounts import count
from ..kernel.foreign import quoted
from ..model.closure import Closure
from .consents import Consents
from .facts import facts

_SEAL: Final = object()
MOST = 100
"""How many packages a question names; for more, there is a list."""


@dataclass(frozen=True)
class Answer:
    """What the user has said about a closure. `accept`: the digest that the user saw, or `yes` for `--accept`; `typed`:
    the user has just typed the change, on top of a closure that was approved; `setup`: the base environment, to which
    no policy applies; `startup`: packages whose code may run before any cell, once their wheels have shown it; `had`:
    sha256 of the files that the notebook had before a typed change, which says nothing about their code at the start.
    """

    accept: str | None = None
    typed: bool = False
    setup: bool = False
    startup: Collection[str] = ()
    had: Collection[str] = ()


UNASKED = Answer()


@dataclass(frozen=True)
class Review:
    """What only the unpacked wheels of a closure show: package -> files that run code before any cell does."""

    files: Mapping[str, Sequence[str]]


class Approved:
    """A closure that may be built and run. Only `approve` makes one, and `review` one of which more was seen."""

    __slots__ = ("_reviewed", "_startup", "closure", "digest", "how")

    def __init__(
        self,
        closure: Closure,
        digest: str,
        how: str,
        startup: Collection[str] | None,
        reviewed: frozenset[str] = frozenset(),
        *,
        seal: object,
    ) -> None:
        """`startup`: names of packages whose code may run before any cell does, None for all; `reviewed`: sha256 of
        those that were seen to bring such code, and may."""
        if seal is not _SEAL:
            raise TypeError("Approved is made by consent.approve only")
        self.closure = closure
        self.digest = digest
        self.how = how
        self._startup = startup
        self._reviewed = reviewed

    def open_review(self, found: Mapping[str, Sequence[str]]) -> Review | None:
        """What has to be reviewed before this closure is published; None where it has been. `found`: as in Review."""
        hashes = {row.name: row.sha256 for row in self.closure.rows}
        return Review(found) if any(hashes.get(name, "") not in self._reviewed for name in found) else None


def review(approved: Approved, seen: Review, consents: Consents) -> Approved:
    """The second question. Raises PolicyError, and ConsentNeeded `needs-review` naming the packages that nobody has
    approved."""
    hashes = {row.name: row.sha256 for row in approved.closure.rows}
    closure, allowed = approved.closure, approved._startup
    look = consents.unknown_startup if approved.how == "setup" else consents.unreviewed
    new = look(closure, seen.files)
    unasked = {name: files for name, files in new.items() if allowed is not None and name not in allowed}
    if unasked:
        raise _needs_review(unasked)
    if new:
        consents.remember_startup([hashes[name] for name in new if name in hashes])
    reviewed = approved._reviewed | {hashes.get(name, "") for name in seen.files}
    return Approved(closure, approved.digest, approved.how, allowed, reviewed, seal=_SEAL)


def approve(
    closure: Closure,
    digest: str,
    consents: Consents,
    answer: Answer = UNASKED,
    *,
    to_fetch: Callable[[Closure], int] | None = None,
    beyond: Sequence[str] = (),
    at_start: Callable[[Closure], Mapping[str, Sequence[str]] | None] | None = None,
) -> Approved:
    """The gate. `to_fetch`: how many bytes; `beyond`: what the list asks for and these packages do not show;
    `at_start`: their files that run code before any cell, None where not all are unpacked. What is known of that is
    reviewed before anything is remembered; the rest before anything is published. Raises ConsentNeeded, with the digest
    or `needs-review`, or PolicyError."""
    known = frozenset[str]() if answer.setup else consents.checked_startup_files()
    how = _how_approved(closure, digest, consents, answer)  # asks the policy about these, too
    if how is None:
        raise needed(closure, digest, consents, to_fetch(closure) if to_fetch else None, beyond)
    free = how == "setup" or consents.policy.ask == "never"
    typed = answer.typed and consents.policy.ask != "always"
    brought = {row.name for row in closure.rows if typed and row.sha256 not in answer.had}
    approved = Approved(closure, digest, how, None if free else brought | {*answer.startup}, known, seal=_SEAL)
    if how != "approved before":
        seen = approved.open_review((at_start(closure) if at_start else None) or {})
        approved = review(approved, seen, consents) if seen else approved
        consents.remember(digest, closure, how)
    return approved


def _how_approved(closure: Closure, digest: str, consents: Consents, answer: Answer) -> str | None:
    """None if the user has not approved it. Raises PolicyError if no approval would help."""
    if answer.setup:
        return "setup"
    if consents.knows(digest, closure):
        return "approved before"
    if answer.typed and consents.policy.ask != "always":
        return "typed"
    if answer.accept in ("yes", digest):
        return "accepted"
    if consents.settings.consent == digest:
        return "JUPYTER_ENVS_CONSENT"
    return None


def _needs_review(packages: Mapping[str, list[str]]) -> ConsentNeeded:
    listed = "; ".join(f"{name} ({', '.join(files)})" for name, files in packages.items())
    return ConsentNeeded(
        "needs-review",
        f"These packages run code whenever Python or a kernel starts, before any cell runs: {listed}.",
        hint="If you trust them, allow it with " + " ".join(f"--allow-startup {quoted(name)}" for name in packages),
        data={"packages": dict(packages)},
    )


def needed(
    closure: Closure,
    digest: str,
    consents: Consents,
    fetch: int | None = None,
    beyond: Sequence[str] = (),
    names: Collection[str] = (),
) -> ConsentNeeded:
    """`beyond`: what the list asks for and these packages do not show; `names`: of the packages that it asks for."""
    new, fresh, building = describe_news(closure, consents)
    more = f" The notebook also asks for {'; '.join(beyond)}." if beyond else ""
    return ConsentNeeded(
        "consent-needed",
        f"This notebook brings an environment that you have not approved: Python {closure.interpreter.minor}, "
        f"{count(len(closure.rows), 'package')}{fresh}.{building}{more} Its digest is {digest}.",
        hint="If you trust it, run the command again with --accept, or set JUPYTER_ENVS_CONSENT to the digest.",
        data=facts(closure, digest, new=new, declared=names, fetch=fetch, beyond=beyond),
    )


def describe_news(closure: Closure, consents: Consents) -> tuple[tuple[str, ...], str, str]:
    """Names of the packages that are new here; `, 2 of them new here (…)`; and sentences, each after a space, about
    code that a build runs and about addresses that are contacted."""
    new = consents.new_in(closure)
    rows = [row for row in closure.rows if row.name in new]
    named = [f"{row.name} {row.version}" + (f" from the index {row.index}" if row.index else "") for row in rows]
    few = ", ".join(named[:MOST]) + (f" and {len(named) - MOST} more, which --json lists" if len(named) > MOST else "")
    code = ", ".join(row.name for row in closure.rows if row.runs_code and row.name in new)
    alone = len(closure.rows) == 1
    fresh = f", {'' if alone else f'{len(new)} of them '}new here ({few})" if new else ""
    building = f" Building it runs code from {code}." if code else ""
    places = "".join(f" {row.name} comes from {row.vcs.shown}." for row in rows if row.vcs)
    return new, fresh, building + places
