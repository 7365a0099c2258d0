"""`lookup --of PYTHON` and `lookup --of 3.12.1 NAME`, not for people: what the configured indexes have, as JSON, for
`pip list --outdated` and `pip index versions` in a cell. Nothing changes."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from packaging.utils import canonicalize_name

from ..environments.here import Here
from ..errors import IndexError_
from ..machine.indexes.facts import Release, read_facts
from .arguments import Parser, settings_of
from .console import Console
from .network import takes_network_options, typed_network

SECONDS = 30.0


def arguments(parser: Parser) -> None:
    parser.usage = f"{parser.prog} --of PYTHON [NAME]"
    parser.add_argument("--of", metavar="PYTHON", default="")
    parser.add_argument("--pre", action="store_true")
    takes_network_options(parser)
    parser.add_argument("names", nargs="*", metavar="NAME")


def run(args: argparse.Namespace, console: Console) -> int:
    console.rest()
    with typed_network(args, Path.cwd()):
        return _look_up(args, console)


def _look_up(args: argparse.Namespace, console: Console) -> int:
    here = Here(settings_of(args))
    if here.settings.offline or here.indexes.env.get("UV_OFFLINE"):
        raise IndexError_("offline", "Offline mode is on, so no index is asked.")
    if not args.names:
        with here.engine() as engine:
            console.say(engine.run(["pip", "list", "--outdated", "--format=json", "--python", args.of]).stdout.strip())
        return 0
    name = str(canonicalize_name(args.names[0]))
    found = read_facts(here.indexes, {name: None}, SECONDS)
    if name not in found:
        raise IndexError_(
            "index-unavailable", f"The index did not say which versions of {name} there are.", hint="Try again later."
        )
    known = found[name]
    releases = [release for release in reversed(known.releases if known else ()) if _is_for(release, args.of)]
    final = [release for release in releases if not release.version.is_prerelease]
    console.say(json.dumps([str(release.version) for release in (releases if args.pre else final)]))
    return 0


def _is_for(release: Release, python: str) -> bool:
    return release.yanked is None and (not python or release.pythons.contains(python, prereleases=True))
