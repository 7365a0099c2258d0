"""What `[tool.uv]` says beside a list: where packages come from, limits, dates. In a script, a cell or a project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NoReturn

from ..errors import InputError
from ..model.requirement import Requirement, checked_requirement
from ..model.spec import TIMESTAMP
from .found import Found, FoundIndex, is_pypi
from .pip_arguments import parse

DATES = {"exclude-newer": "exclude_newer"}
REFS = ("rev", "tag", "branch")


def with_settings(found: Found, value: object) -> Found:
    """`value`: the table `[tool.uv]`. Raises InputError for what would change which package is installed, and cannot be
    said here."""
    if value is None:
        return found
    where = f"{found.where}: [tool.uv]"
    settings = table(value, where)
    notes = [f"{where} {key} is not taken over." for key in sorted(settings.keys() - KNOWN)]
    indexes = tuple(_indexes(settings, where))
    requirements, taken_from = list[Requirement](), dict[str, str]()
    sources = table(settings.get("sources", {}), f"{where}.sources")
    for item in found.requirements:
        source = next((value for name, value in sources.items() if _same(name, item.name)), None)
        place = _sourced(item, source, f"{where}.sources.{item.name}", taken_from)
        requirements.append(place)
    newer = settings.get("exclude-newer")
    moment = newer if isinstance(newer, str) and TIMESTAMP.fullmatch(newer) else None
    if newer is not None and moment is None:
        notes.append(f"{where} exclude-newer = {str(newer)[:60]!r} is not taken over: it is no date.")
    named = {index.name for index in indexes}
    if missing := sorted(set(taken_from.values()) - named):
        refuse(where, f"names the index {missing[0][:60]!r}, which it does not describe")
    return replace(
        found,
        requirements=tuple(requirements),
        limits=(
            *found.limits,
            *listed(settings.get("constraint-dependencies", []), f"{where}.constraint-dependencies"),
        ),
        overrides=(
            *found.overrides,
            *listed(settings.get("override-dependencies", []), f"{where}.override-dependencies"),
        ),
        indexes=(*found.indexes, *(index for index in indexes if not is_pypi(index.url))),
        taken_from={
            **found.taken_from,
            **{name: own for name, own in taken_from.items() if not is_pypi(_url_of(own, indexes))},
        },
        no_index=found.no_index or (f"{where} no-index" if settings.get("no-index") is True else ""),
        exclude_newer=found.exclude_newer or moment,
        prerelease=found.prerelease or settings.get("prerelease") == "allow",
        notes=(*found.notes, *notes),
    )


KNOWN = {
    "sources", "index", "index-url", "extra-index-url", "constraint-dependencies", "override-dependencies",
    "exclude-newer", "prerelease", "no-index",
}  # fmt: skip


def table(value: object, where: str) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else refuse(where, "is not a table")


def listed(value: object, where: str) -> tuple[Requirement, ...]:
    """Requirements, which may name an address. Raises InputError that says which."""
    if not isinstance(value, list):
        refuse(where, "is not a list")
    return tuple(requirement(text, f"{where}[{i}]") for i, text in enumerate(value))


def requirement(text: object, where: str) -> Requirement:
    """Raises InputError."""
    if isinstance(text, str) and "://" in text and "file:" not in text:
        try:
            return parse([text])[0]
        except InputError as error:
            raise InputError(error.code, f"{where}: {error.sentence}", hint=error.hint) from None
    return checked_requirement(text, where)


def refuse(where: str, what: str) -> NoReturn:
    raise InputError("foreign-file", f"{where} {what}.")


def _same(name: object, canonical: str) -> bool:
    return isinstance(name, str) and name.lower().replace("_", "-").replace(".", "-") == canonical


def _url_of(name: str, indexes: Iterable[FoundIndex]) -> str:
    return next((index.url for index in indexes if index.name == name), "")


def _indexes(settings: Mapping[str, Any], where: str) -> Iterable[FoundIndex]:
    rows = settings.get("index", [])
    for i, row in enumerate(rows if isinstance(rows, list) else refuse(f"{where}.index", "is not a list")):
        at = f"{where}.index[{i}]"
        row = table(row, at)
        yield FoundIndex(
            str(row.get("name", "")), _text(row.get("url"), f"{at}.url"), row.get("explicit") is not True, at
        )
    if "index-url" in settings:
        yield FoundIndex("", _text(settings["index-url"], f"{where}.index-url"), True, where)
    more = settings.get("extra-index-url", [])
    for url in [more] if isinstance(more, str) else more if isinstance(more, list) else ():
        yield FoundIndex("", _text(url, f"{where}.extra-index-url"), True, where)


def _text(value: object, where: str) -> str:
    return value if isinstance(value, str) and value else refuse(where, "is not text")


def _sourced(item: Requirement, source: object, where: str, taken_from: dict[str, str]) -> Requirement:
    """With the place that it comes from; one that comes from an index of its own is in `taken_from` afterwards."""
    if source is None:
        return item
    row = table(source, where)
    if isinstance(row.get("index"), str):
        taken_from[item.name] = row["index"]
        return item
    address = ""
    if isinstance(row.get("git"), str):
        ref = next((f"@{row[key]}" for key in REFS if isinstance(row.get(key), str)), "")
        folder = f"#subdirectory={row['subdirectory']}" if isinstance(row.get("subdirectory"), str) else ""
        address = f"git+{row['git']}{ref}{folder}"
    elif isinstance(row.get("url"), str):
        address = row["url"]
    if not address or "marker" in row:
        refuse(where, "says that it comes from elsewhere, in a way that a notebook cannot record")
    extras = f"[{','.join(item.extras)}]" if item.extras else ""
    return requirement(f"{item.name}{extras} @ {address}{f' ; {item.marker}' if item.marker else ''}", where)
