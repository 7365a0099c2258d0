"""What foreign files and notebooks say, taken into a notebook: its list grows, and versions of a foreign lock are kept.

A foreign lock is a stranger's: whoever takes it is asked about all of it, as about a notebook that came by mail."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import msgspec

from ..consent.questions import needs_build
from ..dialects.found import Found, Pin
from ..errors import InputError
from ..machine.indexes import Indexes
from ..model.block import EMPTY, Block
from ..model.merging import merge_requirements
from ..model.options import Options
from ..model.progress import Report
from ..model.requirement import Requirement
from ..model.spec import CondaSpec, Spec, check_spec
from .here import Here
from .imported_indexes import indexes_of
from .imported_pins import hashes_of
from .naming import Named, with_own_names
from .needs import roots
from .outcome import Outcome
from .plan import Plan

FEW = 5
WAITS = "The list is recorded, and nothing was locked or installed: jupyter-envs cannot install conda packages yet."


@dataclass(frozen=True)
class Import:
    """`spec`: the list of the block with what was found; `pins`: versions to keep; `asked`: what the list has got;
    `rootless`: the list has everything that is installed, since nobody can see yet what was asked for."""

    before: Block
    spec: Spec
    pins: tuple[Pin, ...]
    asked: tuple[Requirement, ...]
    limits: tuple[Requirement, ...]
    rootless: bool
    notes: tuple[str, ...]
    did: str

    def plan(self, named: Named) -> Plan:
        """With the names that packages from addresses have."""
        merged = merge_requirements(self.before.spec.requirements, named.requirements)
        return Plan(
            self.before,
            msgspec.structs.replace(self.spec, dependencies=tuple(item.text for item in merged.requirements)),
            self.did,
            named.options,
            typed={item.name: item for item in named.requirements if item.source},
            asked=named.requirements,
            notes=(*named.notes, *self.notes),
            hashes=hashes_of(self.pins),
            pins=self.pins,
        )

    def ask_before_code(self, options: Options) -> None:
        """Whoever types a source may build it; here somebody else's file names it, and to learn what it needs may mean
        to run its code. Raises ConsentNeeded `needs-build`."""
        placed = {
            item.name: item.source.path or (item.source.vcs and item.source.vcs.url)
            for item in self.asked
            if item.source and item.source.runs_code and item.name not in options.allow_build
        }
        if placed:
            why = {name: f"{name} comes from {place} as source" for name, place in placed.items()}
            raise needs_build([*placed], why=why)

    def waiting(self) -> Outcome:
        """What conda has to give is recorded and waits; without it the environment would be another one. What the index
        has to give waits, too, in the list: there is no lock yet that could have its versions. Raises InputError for
        what only a lock can record."""
        placed = next((item for item in self.asked if item.source), None)
        if placed and placed.source:
            raise InputError(
                "needs-conda",
                f"{placed.name} comes from {placed.source.url}. Only a lock can record that, and there is none until "
                "conda packages are supported.",
                hint=f"Remove {placed.name} from the file, import the rest, and install it when conda can be used.",
            )
        exact = [pin.exactly for pin in self.pins]
        known = {item.name for item in exact}
        asked = [item for item in self.asked if item.name not in known or item.extras]
        merged = merge_requirements(self.before.spec.requirements, [*asked, *exact])
        spec = msgspec.structs.replace(self.spec, dependencies=tuple(item.text for item in merged.requirements))
        return Outcome(self.before.with_spec(check_spec(spec, "")), {}, notes=(*self.notes, *self._waits(), WAITS))

    def _waits(self) -> Iterator[str]:
        """What cannot be kept until then."""
        hashed = [pin.name for pin in self.pins if pin.hashes]
        if hashed:
            yield f"The hashes of {_named(dict.fromkeys(hashed))} are not recorded, because nothing is locked yet."
        for item in self.limits:
            yield f"The constraint {item.text} is not recorded: constraints apply only while packages are chosen."

    def narrowed(self, change: Outcome, here: Here) -> Outcome:
        """With only those packages asked for that no other needs, where nobody could see that before."""
        lock = change.block.lock
        names = roots([item.name for item in self.asked], lock, here) if self.rootless and lock else None
        if names is None or lock is None:
            return change
        kept = {item.name for item in self.before.spec.requirements} | names
        texts = tuple(item.text for item in change.block.spec.requirements if item.name in kept)
        spec = msgspec.structs.replace(change.block.spec, dependencies=texts)
        lock = msgspec.structs.replace(lock, spec=spec.digest)
        block = msgspec.structs.replace(change.block.with_spec(spec), lock=lock)
        return replace(change, block=block, asked=tuple(item.name for item in self.asked if item.name in names))


def take(
    block: Block | None,
    found: Sequence[Found],
    groups: Iterable[str],
    options: Options,
    report: Report,
    here: Here,
    change: Callable[[Plan, Report], Outcome],
) -> Outcome:
    """`change`: makes what was planned. Raises any EnvsError."""
    wanted = plan_import(block, found, here.indexes, groups)
    if wanted.spec.conda:
        waiting = wanted.waiting()
        for note in waiting.notes:
            report.note(note)
        return waiting
    if not (wanted.asked or wanted.pins or wanted.spec.requires_python):
        raise nothing_found(found)
    wanted.ask_before_code(options)
    limits = (*options.limits, *wanted.limits)
    prerelease = options.prerelease or any(each.prerelease for each in found)
    options = replace(options, limits=limits, prerelease=prerelease)
    return with_own_names(
        wanted.asked, options, lambda named: wanted.narrowed(change(wanted.plan(named), report), here)
    )


def nothing_found(found: Sequence[Found]) -> InputError:
    places = ", ".join(each.where for each in found)
    return InputError(
        "nothing-found", f"Nothing in {places} says which packages are needed.", details="\n".join(
            note for each in found for note in each.notes
        ),
    )  # fmt: skip


def plan_import(block: Block | None, found: Sequence[Found], indexes: Indexes, groups: Iterable[str] = ()) -> Import:
    """Raises InputError, and IndexError_ `index-not-configured` where a package would come from somewhere else than its
    list says."""
    before = block or EMPTY
    wanted = set(groups)
    known = {name for each in found for name in each.groups}
    if missing := sorted(wanted - known):
        raise InputError(
            "no-such-group", f"There is no group {missing[0]!r} here.",
            hint=f"There are: {', '.join(sorted(known))}." if known else "The files that you named have no groups.",
        )  # fmt: skip
    listed = [item for each in found for item in _asked(each, wanted)]
    pins = tuple(pin for each in found for pin in each.pins)
    rootless = bool(pins) and not any(item for each in found if not each.everything for item in _asked(each, wanted))
    if rootless:
        listed += [pin.exactly for pin in pins]
    conda = _conda(before.spec, found)
    spec = msgspec.structs.replace(
        before.spec,
        requires_python=before.spec.requires_python
        or next((e.requires_python for e in found if e.requires_python), None),
        indexes=indexes_of(before.spec, found, indexes),
        exclude_newer=before.spec.exclude_newer or next((e.exclude_newer for e in found if e.exclude_newer), None),
        conda=conda,
        overrides=tuple(
            dict.fromkeys([*before.spec.overrides, *(item.text for each in found for item in each.overrides)])
        ),
    )
    notes = [note for each in found for note in each.notes]
    notes += [f"{each.where} also has {_named(left)}; to take one: --group NAME." for each in found
              if (left := each.groups.keys() - wanted)]  # fmt: skip
    return Import(
        before,
        check_spec(spec, ""),
        pins,
        tuple(listed),
        tuple(item for each in found for item in each.limits),
        rootless,
        tuple(notes),
        "import " + ", ".join(each.where for each in found),
    )


def _asked(found: Found, groups: set[str]) -> Iterator[Requirement]:
    yield from found.requirements
    yield from (pin.in_any_version for pin in found.pins if pin.asked)
    for name, items in found.groups.items():
        if name in groups:
            yield from items


def _conda(spec: Spec, found: Sequence[Found]) -> CondaSpec | None:
    conda = [each.conda for each in found if each.conda]
    if not conda:
        return spec.conda
    both = [*([spec.conda] if spec.conda else []), *conda]
    return msgspec.structs.replace(
        both[0],
        channels=tuple(dict.fromkeys(name for each in both for name in each.channels)),
        dependencies=tuple(dict.fromkeys(text for each in both for text in each.dependencies)),
    )


def _named(groups: Iterable[str]) -> str:
    names = sorted(groups)
    more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
    return ", ".join(names[:FEW]) + more
