"""Everything that is examined, in the order of the report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ...errors import EnvsError
from ...settings import Settings
from ...system.os_errors import explain_os_error
from ..here import Here
from . import configuration, jupyter, places, programs
from .finding import Finding, of_error


def examine(settings: Settings, environ: Mapping[str, str], *, network: bool = False) -> Iterator[Finding]:
    """`network`: also whether each index answers, which is the only part that uses the network."""
    here = Here(settings)
    parts: tuple[tuple[str, Callable[[], Iterator[Finding]]], ...] = (
        ("version", programs.versions),
        ("uv", lambda: programs.uv(here)),
        ("Python", lambda: programs.pythons(settings)),
        ("fetched", lambda: programs.fetched_pythons(here)),
        ("index", lambda: configuration.indexes_of(here, network)),
        ("variables", lambda: configuration.variables(settings, environ)),
        ("home", lambda: places.folder("home", settings.home, "JUPYTER_ENVS_HOME")),
        ("store", lambda: places.folder("store", settings.store, "JUPYTER_ENVS_STORE")),
        ("file system", lambda: places.abilities(settings)),
        ("shared store", lambda: places.shared(settings)),
        ("links", lambda: configuration.link_mode(here)),
        ("environments", lambda: jupyter.environments(here)),
        ("packages", lambda: jupyter.packages(here)),
        ("consents", lambda: jupyter.consents(here)),
        ("kernel", jupyter.kernel),
        ("server", jupyter.server),
        ("panel", jupyter.panel),
    )
    for what, part in parts:
        # One part that cannot be looked at is itself a finding, and hides no other.
        try:
            yield from part()
        except EnvsError as error:
            yield of_error(what, error)
        except OSError as error:
            yield of_error(what, explain_os_error(error))
