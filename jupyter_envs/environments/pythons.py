"""The Python of a notebook: one that is installed here, or one that is downloaded after consent to it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..consent.ownership import list_digest
from ..consent.policy import forbidden
from ..errors import EnvsError, PythonError
from ..kernel.foreign import quoted
from ..machine import interpreters
from ..machine.interpreters import Interpreter
from ..machine.interpreters.download import Download
from ..machine.interpreters.naming import at_path, is_path
from ..model.closure import Closure, select
from ..model.lock import Lock
from ..model.options import Options
from ..model.progress import Report
from ..model.python_words import python_limits
from .chosen import chosen_for
from .here import Here

if TYPE_CHECKING:
    from ..consent.python import Agreed
    from .plan import Plan

BUILD = (
    "To download it and build the environment: `jupyter envs build NOTEBOOK`. "
    "Or choose another: `jupyter envs python NOTEBOOK VERSION`."
)
TYPED = "To download it, in a terminal: `jupyter envs {0} --fetch-python`."


@dataclass(frozen=True)
class Pythons:
    here: Here

    def named(self, word: str, wanted: str | None) -> Interpreter:
        """The one at a path that somebody typed. Raises PythonError."""
        found = at_path(word, self.here.settings)
        if wanted and not interpreters.fits(found, wanted):
            raise PythonError(
                "no-python", f"This notebook asks for Python {wanted}, and {found.path} is Python {found.version}.",
                hint=f"To change what it asks for: jupyter envs python NOTEBOOK {quoted(word)}",
            )  # fmt: skip
        return found

    def for_change(self, plan: Plan, report: Report) -> Interpreter:
        """What a change is made for: what was typed with it, or else the Python of the lock."""
        here, before, wanted, python = self.here, plan.before, plan.spec.requires_python, plan.options.python

        def typed(python: Interpreter) -> bool:
            known = here.consents.has_learned(list_digest(before.spec, python, before.lock))
            return known or wanted != before.requires_python

        if python and is_path(python):
            return self.named(python, wanted)
        if before.lock and not python and wanted == before.requires_python:
            with suppress(PythonError):
                return chosen_for(before.lock, wanted, here.settings)
        limits = python_limits(python, "--python") if python else None
        asked = f"{limits},{wanted}" if limits and wanted else limits or wanted
        if before.lock is None and asked is None:
            return interpreters.choose(None, here.settings)
        minor = before.lock.minor if before.lock else interpreters.choose(None, here.settings).minor
        return self.choose_or_fetch(asked, minor, plan.options, report, typed, plan.command)

    def choose_or_fetch(
        self,
        requires: str | None,
        minor: str | None,
        options: Options,
        report: Report,
        own: Callable[[Interpreter], bool],
        command: str,
    ) -> Interpreter:
        """For a change that somebody types; a Python that is not installed is downloaded if that was typed, too. `own`:
        whether the user chose it; `command`: of the terminal, which needs it."""
        try:
            return interpreters.choose(requires, self.here.settings, prefer_minor=minor)
        except PythonError as error:
            from ..consent.python import typed  # here, like all that fetches: what most notebooks need is there

            if options.fetch_python != "yes":
                download = self.offered(requires)
                raise offering(error, download, TYPED.format(command)) if download else error from None

            def agree(download: Download) -> Agreed:
                return typed(download, own(download.interpreter), self.here.consents, options)

            self.fetch(requires, error, agree, options, report)
            return interpreters.choose(requires, self.here.settings, prefer_minor=minor)

    def closure(self, lock: Lock, options: Options, report: Report, requires: str | None = None) -> Closure:
        """What the lock means here. A Python that is not installed is downloaded, after consent to it and to what will
        run in it. Raises what Here.closure raises, ConsentNeeded, and what a download raises."""
        here = self.here
        try:
            return here.closure(lock, requires=requires)
        except PythonError as error:
            from ..consent import python

            def agree(download: Download) -> Agreed:
                closure = select(lock, download.interpreter)
                digest = here.consent_digest(closure)
                return python.agree(download, closure, digest, here.consents, options, here.to_fetch(closure))

            limits = lock.python_limits(requires)
            self.fetch(limits, error, agree, options, report)
            return here.closure(lock, requires=requires)

    def fetch(
        self,
        requires: str | None,
        error: PythonError,
        agree: Callable[[Download], Agreed],
        options: Options,
        report: Report,
    ) -> None:
        """Downloads what `error` says is missing. Raises `error` if nothing can be downloaded."""
        from ..engines.uv import fetch_python, pythons

        why_not = self.forbidden()
        if options.fetch_python == "no" or why_not:
            raise (why_not if why_not and options.fetch_python == "yes" else error) from None
        with self.here.engine() as engine:
            download = pythons.fitting(requires, pythons.ask_for_downloads(engine))
            if download is None:
                raise unknown(error, options) from None
            fetch_python.fetch(agree(download), engine, report)

    def forbidden(self) -> EnvsError | None:
        """Why no Python may be downloaded, even if the user wants it."""
        here = self.here
        return forbidden(here.consents.policy, here.indexes.env, offline=here.settings.offline)

    def offered(self, requires: str | None) -> Download | None:
        """The Python that could be downloaded for this requirement, as far as that is known without a process."""
        from ..engines.uv import pythons

        with suppress(EnvsError):  # what is wrong with index or policy is said where it matters
            if not self.forbidden():
                return pythons.fitting(requires, pythons.remembered_downloads(self.here.settings))
        return None


def offering(error: PythonError, download: Download, hint: str = BUILD) -> PythonError:
    """The error about a Python that is not installed here, with the one that could be downloaded; `hint`: how."""
    return PythonError(
        error.code,
        f"{error.sentence} Python {download.version} can be downloaded from {download.source}.",
        hint=hint,
        data=error.data | {"fetch": download.to_dict()},
    )


def unknown(error: PythonError, options: Options) -> PythonError:
    """For the case that uv has no fitting one either."""
    if options.fetch_python != "yes":
        return error
    return PythonError(
        "python-unknown", f"{error.sentence} No Python that fits can be downloaded for this machine.", data=error.data
    )
