"""What a kernel starts in: its notebook's environment, the base environment, or the stand-in.

Nothing here starts a process or asks the network."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import structs

from ..environments.base import find_base
from ..environments.here import Here
from ..environments.instant import make_at_once
from ..environments.sight import status_of
from ..environments.status import Status, Unseen
from ..errors import EnvsError, InputError
from ..kernel.context import read_context
from ..kernel.foreign import visible
from ..kernel.reading import content
from ..model.block import KEY, Block, parse_block
from ..model.kernelspec import in_python, language_info_of, language_of
from ..notebook import block_of
from ..notebook.settled import read_settled
from ..settings import Settings
from ..store import Environment
from ..store.damage import DAMAGE
from ..system.leases import Lease
from .launch import Launch, context_file, sentence_of

if TYPE_CHECKING:
    from .executing import Executing

BY_VARIABLE = "This kernel runs in the environment of {notebook}, as JUPYTER_ENVS_NOTEBOOK says."
OTHER_LANGUAGE = (
    "The notebook says that its language is {language}, so this Python kernel does not use its environment."
)
DEATHS = 2
"""After this many starts in a row without an answer, the stand-in takes over."""


@dataclass(frozen=True)
class KernelStart:
    """`named`: somebody named this notebook, so it has to be there; else it may be one that was never saved.
    `by_variable`: with a variable that is the same for all kernels of a program. `executing`: the notebook that this
    program has in memory. `again`: a restart, whose block is the context's, not the file's. `note`: a sentence for the
    user. `without`: the user would rather have the base environment than wait for the notebook's. `after`: the kernel
    whose place it takes."""

    kernel: str
    notebook: Path | None
    named: bool = False
    by_variable: bool = False
    executing: Executing | None = None
    again: bool = False
    note: str = ""
    without: bool = False
    after: str = ""


def decide(start: KernelStart, settings: Settings) -> Launch:
    """What to start. Writes nothing: who waited too long for it has already started something else.

    Never raises for what a notebook holds; StoreError and OSError for a home that cannot be used."""
    path = context_file(settings, start.kernel)
    earlier = path if start.again else context_file(settings, start.after)
    before = read_context(str(earlier)) if start.again or start.after else {}
    launch = _decided(start, before if _knows(before) else None, settings)
    if start.again:
        launch = replace(launch, read=before)
    deaths = 0 if path.with_suffix(".started").exists() else int(before.get("launches") or 0)
    if launch.standin:
        return _aside(launch, Here(settings)) if start.without else launch
    if start.again and deaths >= DEATHS:
        return _instead(launch, died(_text(path.with_suffix(".died"))))
    return replace(launch, launches=deaths + 1)


def _knows(before: Mapping[str, Any]) -> bool:
    """Whether a context says which block the kernel had: not where the notebook could not be read or looked up."""
    state = (before.get("status") or {}).get("state")
    lost = before.get("standin") and before.get("block") is None and state in ("invalid", "failed", "looking")
    return bool(before) and not lost


def _decided(start: KernelStart, before: Mapping[str, Any] | None, settings: Settings) -> Launch:
    language_info = None
    try:
        start, metadata = _told(start, before)
        language_info = language_info_of(metadata)
        if not in_python(metadata):
            if KEY in metadata:
                start = replace(start, note=OTHER_LANGUAGE.format(language=visible(str(language_of(metadata)))))
            start, metadata = replace(start, notebook=None), {}
        if before is None:
            block = block_of({"metadata": metadata})
        else:
            raw = before.get("block")
            block = parse_block(raw) if raw is not None else None
    except EnvsError as error:
        status = Status("invalid", error.sentence, error=error)
        kept = before.get("block") if before else None
        return Launch(start.kernel, start.notebook, kept, status=status, language_info=language_info, note=start.note)
    return _chosen(start, block, Here(settings), language_info)


def _told(start: KernelStart, before: Mapping[str, Any] | None) -> tuple[KernelStart, Mapping[str, Any]]:
    """What the notebook says, {} for one that has no file: it was never saved, or a contents manager keeps it
    elsewhere. A notebook that is executed says itself what it needs; only for one without an environment, a variable
    counts, which may be meant for another."""
    executing, notebook = start.executing, start.notebook
    if executing and (notebook is None or KEY in executing.metadata):
        return replace(start, notebook=executing.path), executing.metadata
    needed = notebook is not None and ((start.named and before is None) or notebook.exists())
    metadata = read_settled(notebook).metadata if notebook and needed else {}
    if start.by_variable and notebook and KEY in metadata and not _is(notebook, executing):
        start = replace(start, note=BY_VARIABLE.format(notebook=visible(str(notebook))))
    return start, metadata


def _is(notebook: Path, executing: Executing | None) -> bool:
    path = executing.path if executing else None
    return path is not None and os.path.realpath(notebook) == os.path.realpath(path)


def _chosen(start: KernelStart, block: Block | None, here: Here, language_info: dict[str, Any] | None) -> Launch:
    """No block: the base environment. Block and environment: that. Otherwise, the stand-in."""
    status, note = status_of(block, here), start.note
    base = status.state == "no-block"
    held, why = lease_environment(here, block, status)
    if held and status.environment is None and not base:
        status = status.built(held[0])
    elif held is None and status.environment and not why:
        status = status_of(block, here)  # somebody has just taken it away
    if held and why:
        note = note or f"{why} It was built again from its lock."
    elif why:
        status = status.unusable(why)
    elif base and held is None:
        status = structs.replace(status, sentence="The base environment is not built yet.")
    return Launch(
        kernel=start.kernel,
        notebook=start.notebook,
        block=block.to_dict() if block else None,
        environment=held[0].to_dict() if held else None,
        base=base,
        status=status,
        language_info=language_info,
        note=note,
        lease=held[1] if held else None,
    )


def lease_environment(here: Here, block: Block | None, status: Status) -> tuple[tuple[Environment, Lease] | None, str]:
    """The environment to start in, which stays until the lease is closed; and what was the matter with the one that was
    there before, in a sentence."""
    why = _damage(here, status)
    for environment in _candidates(here, block, status):
        held = here.store.hold(environment.id)
        damage = here.store.health(environment.id) if held else None
        if held and damage is None:
            return held, why
        if held:
            held[1].close()
        why = DAMAGE.get(damage or "", "")
    return None, why


def _damage(here: Here, status: Status) -> str:
    """Of one that is there, but not to be found any more: its Python is another, or gone."""
    lost = status.closure is not None and status.environment is None and status.consent and status.consent["approved"]
    return DAMAGE.get(here.store.health(status.closure.id) or "", "") if lost and status.closure else ""


def _candidates(here: Here, block: Block | None, status: Status) -> Iterator[Environment]:
    """The one that is there; where that has gone or is damaged, the one that can be made in a moment."""
    base = status.state == "no-block"
    there = find_base(here) if base else status.environment
    if there:
        yield there
    if base or (status.consent and status.consent["approved"]):
        with contextlib.suppress(EnvsError):  # who builds it in the open is told what is the matter
            made = make_at_once(None if base else block, here, status.closure, status.missing)
            if made:
                yield made


def launch_standin(start: KernelStart, settings: Settings, error: Exception | None = None) -> Launch:
    """The stand-in for a store that is slow (no error) or cannot be used."""
    if error is None:
        status = Unseen(
            "looking", "jupyter-envs is still checking whether this notebook's environment is on this machine."
        )
    else:
        status = Unseen("failed", sentence_of(error), error=error if isinstance(error, EnvsError) else None)
    before = read_context(str(context_file(settings, start.kernel))) if start.again else None
    return Launch(start.kernel, start.notebook, before.get("block") if before else None, status=status, read=before)


def died(details: str) -> InputError:
    last = details.strip().splitlines()[-1:] or ["It printed nothing."]
    return InputError(
        "kernel-died",
        f"The kernel exited {DEATHS} times before it answered: {last[0]}",
        hint="Remove the package that breaks it, in the panel or with `jupyter envs remove`, then restart the kernel.",
        details=details,
    )


def _aside(launch: Launch, here: Here) -> Launch:
    held, _ = lease_environment(here, None, status_of(None, here))
    return replace(launch, environment=held[0].to_dict(), lease=held[1], without=True) if held else launch


def _instead(launch: Launch, error: EnvsError) -> Launch:
    if launch.lease:
        launch.lease.close()
    status = launch.status.because(error) if launch.status else None
    return Launch(
        launch.kernel, launch.notebook, launch.block, None, launch.base, status, launch.language_info, read=launch.read
    )


def _text(path: Path) -> str:
    try:
        return content(path).decode("utf-8", "replace")
    except OSError:
        return ""
