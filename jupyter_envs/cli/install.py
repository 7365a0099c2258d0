"""`install NOTEBOOK PACKAGE …`"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from ..dialects import requirements_txt
from ..dialects.file_options import file_of
from ..dialects.given_hashes import check_file
from ..dialects.pip_arguments import parse
from ..dialects.requirements_txt import Listed
from ..dialects.sources import checkouts
from ..environments.outcome import Outcome
from ..environments.use_cases import Environments
from ..errors import ConsentNeeded, InputError, UsageError
from ..model.block import EMPTY, Block
from ..model.options import Options
from ..model.progress import Report
from ..model.requirement import Requirement
from . import index_urls
from .arguments import Parser, takes_change_options, takes_indexes, takes_notebook
from .changing import options_of, run_change
from .console import Console
from .network import takes_network_options
from .target import place_of

LEFT_OUT = "{0} is left out: jupyter-envs takes its place here. Named alone, it is installed."


def arguments(parser: Parser) -> None:
    takes_notebook(parser, "[PACKAGE …]")
    takes_change_options(parser)
    takes_indexes(parser)
    takes_network_options(parser)
    parser.pip_verb = "install"
    parser.add_argument(
        "-U", "--upgrade", action="store_true", help="also upgrade installed packages to the newest versions that fit"
    )
    parser.add_argument(
        "--upgrade-strategy", choices=["only-if-needed", "eager"], default="only-if-needed", metavar="STRATEGY",
        help="only-if-needed (default), or eager: -U also upgrades what the packages need",
    )  # fmt: skip
    parser.add_argument(
        "-r",
        "--requirement",
        action="append",
        default=[],
        metavar="FILE",
        help="install what this requirements file lists",
    )
    parser.add_argument(
        "-e",
        "--editable",
        action="append",
        default=[],
        metavar="PATH",
        help="install the project in this folder, in editable mode",
    )
    parser.add_argument(
        "-c",
        "--constraint",
        action="append",
        default=[],
        metavar="FILE",
        help="limit versions as this file says, for this change only",
    )
    parser.add_argument(
        "--no-deps",
        action="store_true",
        help="install the named packages without what they need; the notebook records this",
    )
    parser.add_argument(
        "--override", action="append", default=[], metavar="REQUIREMENT",
        help="what counts in place of what packages need, and is recorded: numpy<2; numpy alone takes it back",
    )  # fmt: skip
    parser.add_argument(
        "--overrides", action="append", default=[], metavar="FILE", help="the same, for each line of this file"
    )
    parser.add_argument("--require-hashes", action="store_true", help="refuse what has no hash")
    parser.add_argument(
        "-f",
        "--find-links",
        action="append",
        default=[],
        metavar="PLACE",
        help="a place of your configuration that has files",
    )
    parser.add_argument("--special-build", action="append", default=[], help=argparse.SUPPRESS)  # pip's options for it
    parser.add_argument("--no-index", action="store_true", help="accepted if your configuration says so")


def run(args: argparse.Namespace, console: Console) -> int:
    place, words = place_of(args)
    base = place.base_dir
    listed, in_place = read_files(args, base)
    typed = parse(words, editable=args.editable, base=base)
    for word, item in zip(words, typed, strict=False):
        if item.source and item.source.path:
            check_file(word, item, frozenset(), "requirement")
    left_out = tools_among(typed)
    notes = (*checkouts(typed[len(words) :]), *listed.notes, *place.notes, *map(LEFT_OUT.format, left_out))
    typed = tuple(item for item in typed if item.name not in left_out)
    both = (*typed, *listed.requirements)
    if args.require_hashes:
        check_hashes(typed)
    overrides = (*parse(args.override), *in_place)
    check_builds(args, [item.name for item in both if item.source and item.source.runs_code])
    if not both and not overrides:
        raise UsageError("req-empty", "No package to install was named.", hint="jupyter envs install a.ipynb pandas")
    names = [item.name for item in both]
    options = options_of(args, place)
    options = replace(
        options,
        listed=not_typed(typed, listed.requirements),
        overrides=overrides,
        no_deps=args.no_deps,
        limits=listed.limits,
        hashes=listed.hashes,
        prerelease=options.prerelease or listed.prerelease,
        prefer_binary=options.prefer_binary or listed.prefer_binary,
        eager=args.upgrade_strategy == "eager",
    )

    def act(environments: Environments, block: Block | None, options: Options, report: Report) -> Outcome:
        index_urls.check_typed_places(args.find_links, args.no_index, base, environments.here.indexes)
        for option in listed.places:
            index_urls.check_place(option, environments.here.indexes)
        options = replace(options, indexes=typed_indexes(environments, block, names, args))
        wanted = sorted(both, key=lambda item: item.editable)
        try:
            change = environments.install(block, wanted, upgrade=args.upgrade, options=options, report=report)
        except ConsentNeeded as error:
            check_builds(args, error.data["packages"] if error.code == "needs-build" else ())
            raise
        for note in notes:
            report.note(note)
        return replace(change, notes=(*change.notes, *notes))

    return run_change(args, console, place, act, options=options, asked=names, moving=args.upgrade)


def read_files(args: argparse.Namespace, base: Path) -> tuple[Listed, tuple[Requirement, ...]]:
    """What files list, and the overrides in them; an option counts in whichever file it is. Raises InputError."""

    def paths(words: Sequence[str]) -> list[Path]:
        return [file_of(word, base) for word in words]

    strict = args.require_hashes
    listed = requirements_txt.read(paths(args.requirement), base, constraints=paths(args.constraint), strict=strict)
    over = requirements_txt.read(paths(args.overrides), base)
    if over.hashes:
        raise InputError(
            "requirements-hash", f"{', '.join(sorted(over.hashes))}: an override has no hash that could be checked.",
            hint="Remove the hashes from the file of overrides.",
        )  # fmt: skip
    both = replace(
        listed,
        limits=(*listed.limits, *over.limits),
        prerelease=listed.prerelease or over.prerelease,
        prefer_binary=listed.prefer_binary or over.prefer_binary,
        places=(*listed.places, *over.places),
        notes=tuple(dict.fromkeys([*listed.notes, *over.notes])),
    )
    return both, over.requirements


def tools_among(typed: Sequence[Requirement]) -> tuple[str, ...]:
    """Many lines begin with `--upgrade pip`. Named alone, the user means it."""
    found = tuple(dict.fromkeys(item.name for item in typed if item.name in ("pip", "uv")))
    return found if any(item.name not in found for item in typed) else ()


def check_builds(args: argparse.Namespace, names: Iterable[str]) -> None:
    """Raises UsageError `pip-option` if something has to be built as pip's options say, which nothing here does."""
    built = [*names, *args.allow_build]
    if args.special_build and built:
        raise UsageError(
            "pip-option",
            f"{', '.join(dict.fromkeys(built))} has to be built, and {args.special_build[0]} is not available here: "
            "each package is built in an environment of its own.",
            hint="Build a wheel elsewhere, and install that file.",
        )


def check_hashes(typed: Iterable[Requirement]) -> None:
    """Raises InputError `requirements-hash` for what is named without a hash: only an address and a file have room for
    one."""
    for item in typed:
        if not (item.source and item.source.vcs and item.source.vcs.sha256):
            raise InputError(
                "requirements-hash", f"{item.name} has no hash, and --require-hashes requires one for each package.",
                hint="Name a requirements file that has hashes: -r FILE.",
            )  # fmt: skip


def not_typed(typed: Iterable[Requirement], found: Iterable[Requirement]) -> frozenset[str]:
    """Packages for which files (`found`) name source on this machine, a folder or an archive, that was not typed too. A
    wheel runs no code before it is imported."""
    own = {item.source.path for item in typed if item.source}
    paths = [(item.name, item.source.path) for item in found if item.source and item.source.path]
    return frozenset(name for name, path in paths if path not in own and not (path.suffix == ".whl" and path.is_file()))


def typed_indexes(
    environments: Environments, block: Block | None, names: Sequence[str], args: argparse.Namespace
) -> dict[str, tuple[str, ...]] | None:
    """The packages assigned to the index that was named; None if none was named. An extra index is asked for every
    package anyway, unless it serves only the packages assigned to it. Raises UsageError."""
    if not args.index_url and not args.extra_index_url:
        return None
    chosen = [index_urls.named_index(args.index_url, environments.here.indexes)] if args.index_url else []
    extra = [index_urls.named_index(url, environments.here.indexes) for url in args.extra_index_url]
    indexes = (block or EMPTY).indexes
    for index in [*chosen, *(index for index in extra if index.explicit)]:
        indexes = index_urls.assigned(indexes, index, names)
    return indexes
