"""`--index-url`: a notebook may name indexes, but their addresses come only from the user's configuration."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..dialects.requirements_txt import PlaceOption
from ..errors import InputError, UsageError
from ..kernel.foreign import quoted
from ..machine.indexes import Index, Indexes, plain_url

IN_CONFIGURATION = "add it to your uv.toml or pip.conf."


def named_index(url: str, indexes: Indexes) -> Index:
    """The configured index with that address. Raises UsageError `index-not-configured`; never shows a password."""
    wanted = plain_url(url)
    found = next((index for index in indexes.indexes if plain_url(index.url) == wanted), None)
    if found is None:
        raise UsageError(
            "index-not-configured",
            f"{wanted} is not an index of your configuration.",
            hint="Add it to your uv.toml or pip.conf. The notebook then names the index, and other users need it "
            "in their own configuration.",
            data={"indexes": [index.name for index in indexes.indexes]},
        )
    return found


def check_typed_places(links: Iterable[str], no_index: bool, folder: Path, indexes: Indexes) -> None:
    """--find-links and --no-index say nothing new, or are refused: a notebook that was made with files of one machine
    could not be built on another. Raises UsageError `index-not-configured`."""
    for link in links:
        if not _has_links(PlaceOption("", "--find-links", link, folder), indexes):
            raise UsageError(
                "index-not-configured",
                f"{plain_url(link)} is not a place of your configuration.",
                hint="Name the files themselves, or add the place to your uv.toml or pip.conf as find-links.",
            )
    if no_index and not indexes.no_index:
        raise UsageError(
            "index-not-configured",
            "--no-index is not what your configuration says.",
            hint="Name the files themselves, or write `no-index = true` into your uv.toml.",
        )


def _has_links(option: PlaceOption, indexes: Indexes) -> bool:
    return (
        plain_url(option.value) in {plain_url(link) for link in indexes.find_links}
        or _as_url(option) in indexes.find_links
    )


def check_place(option: PlaceOption, indexes: Indexes) -> None:
    """The user decides which index gives a package: an index that a file names is either in the user's configuration
    anyway, or is refused. Raises InputError `requirements-option`."""
    wanted = plain_url(option.value)
    if option.option == "--find-links":
        if _has_links(option, indexes):
            return
        hint = "Remove it from the file. If you trust that place, add it to your uv.toml or pip.conf as find-links."
    elif option.option == "--no-index":
        if indexes.no_index:
            return
        hint = "Remove it from the file. With `no-index = true` in your uv.toml, no index is asked."
    else:
        extra = option.option == "--extra-index-url"
        if any(plain_url(index.url) == wanted for index in indexes.asked if extra or index.default):
            return
        known = any(plain_url(index.url) == wanted for index in indexes.indexes)
        more = f"give it on the command line: {option.option} {quoted(wanted)}" if known else IN_CONFIGURATION
        hint = f"Remove it from the file. If you trust that index, {more}"
    raise InputError(
        "requirements-option",
        f"{option.where}: {option.option} {wanted} would choose where packages come from, and a file must not do that.",
        hint=hint,
    )


def _as_url(option: PlaceOption) -> str:
    return "" if "://" in option.value else (option.folder / option.value).absolute().as_uri().rstrip("/")


def assigned(before: dict[str, tuple[str, ...]], index: Index, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The block's `indexes` with those packages assigned to that index, and to no other."""
    taken = set(names)
    result = {name: left for name, packages in before.items() if (left := tuple(p for p in packages if p not in taken))}
    if not index.default:
        result[index.name] = tuple(sorted({*result.get(index.name, ()), *taken}))
    return result
