"""Changes single members of a notebook's metadata in its text, and not one character more.

Cells are never written again: number formats, escapes and spacing of other tools stay. Spans come from the standard
parser's `raw_decode`, so that there is no second opinion about what JSON is."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n]*")
_ESCAPED = re.compile(r"\\u(?!00[0-7])")

REMOVED = object()
"""As a value: the member is removed."""


class Member(NamedTuple):
    """Offsets: `name` of the key's opening quote, `start` and `end` of the value."""

    key: str
    name: int
    name_end: int
    start: int
    end: int


@dataclass(frozen=True)
class Style:
    """How the file writes JSON. `unit`: one step of indentation, None if everything is on one line."""

    unit: str | None
    newline: str
    colon: str
    comma_space: str
    ascii: bool
    sort: bool


@dataclass(frozen=True)
class Object:
    """An object's members in text order; `open` and `close` are the offsets of its braces."""

    text: str
    open: int
    close: int
    members: tuple[Member, ...]

    def find(self, key: str) -> Member | None:
        return next((member for member in self.members if member.key == key), None)

    def before(self, member: Member) -> str:
        """The white space in front of a member."""
        start = member.name
        while self.text[start - 1] in " \t\r\n":
            start -= 1
        return self.text[start : member.name]

    @property
    def sorted(self) -> bool:
        keys = [member.key for member in self.members]
        return keys == sorted(keys)


def object_at(text: str, position: int = 0) -> Object:
    """The object that begins at or after `position`; the text is known to be JSON."""
    opening = _skip(text, position)
    members: list[Member] = []
    at = _skip(text, opening + 1)
    while text[at] != "}":
        key, name_end = _DECODER.raw_decode(text, at)
        start = _skip(text, _skip(text, name_end) + 1)
        _, end = _DECODER.raw_decode(text, start)
        members.append(Member(key, at, name_end, start, end))
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return Object(text, opening, at, tuple(members))


def _skip(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def with_metadata(text: str, changes: Mapping[str, Any]) -> str:
    """The notebook's text with members of its metadata set, or REMOVED. Equal values stay as they are written."""
    root = object_at(text)
    place = root.find("metadata")
    if place is None:
        text = _set(root, "metadata", {}, style_of(root, None), "")
        root = object_at(text)
        place = root.find("metadata")
        assert place
    style = style_of(root, object_at(text, place.start))
    margin = _margin(root.before(place))
    inner = text[place.start : place.end]
    for key, value in changes.items():
        inner = _changed(object_at(inner), key, value, style, margin)
    return text[: place.start] + inner + text[place.end :]


def style_of(root: Object, metadata: Object | None) -> Style:
    first = root.members[0]
    gap = root.before(first)
    second = root.members[1] if len(root.members) > 1 else None
    comma_space = root.before(second) if second else " "
    text = root.text
    return Style(
        unit=_margin(gap) if "\n" in gap else None,
        newline="\r\n" if "\r\n" in gap else "\n",
        colon=text[first.name_end : first.start] if "\n" not in text[first.name_end : first.start] else ": ",
        comma_space="" if "\n" in comma_space else comma_space,
        ascii=text.isascii() and _ESCAPED.search(text) is not None,
        sort=root.sorted and (metadata is None or metadata.sorted),
    )


def _changed(target: Object, key: str, value: Any, style: Style, margin: str) -> str:
    member = target.find(key)
    if value is REMOVED:
        return _removed(target, member) if member else target.text
    if member and _same(json.loads(target.text[member.start : member.end]), value):
        return target.text
    return _set(target, key, value, style, margin)


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: 1 is not true, 1.0 is not 1."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _set(target: Object, key: str, value: Any, style: Style, outer: str) -> str:
    """`outer`: the indentation of the line on which the object opens."""
    text, member = target.text, target.find(key)
    if not target.members:
        inner = None if style.unit is None else outer + style.unit
        entry = _entry(key, value, style, inner)
        body = entry if inner is None else style.newline + inner + entry + style.newline + outer
        return text[: target.open + 1] + body + text[target.close :]
    gap = target.before(target.members[0])
    inner = _margin(gap) if "\n" in gap and style.unit is not None else None
    if member:
        return text[: member.start] + _value(value, style, inner) + text[member.end :]
    entry = _entry(key, value, style, inner)
    position = next((i for i, m in enumerate(target.members) if m.key > key), None) if style.sort else None
    if position == 0:
        first = target.members[0].name
        return text[:first] + entry + "," + (gap or style.comma_space) + text[first:]
    end = target.members[position - 1 if position else -1].end
    space = target.before(target.members[1]) if len(target.members) > 1 else gap or style.comma_space
    return text[:end] + "," + space + entry + text[end:]


def _removed(target: Object, member: Member) -> str:
    text, position = target.text, target.members.index(member)
    if len(target.members) == 1:
        return text[: target.open + 1] + text[target.close :]
    if position == 0:
        return text[: member.name] + text[target.members[1].name :]
    return text[: target.members[position - 1].end] + text[member.end :]


def _entry(key: str, value: Any, style: Style, margin: str | None) -> str:
    return json.dumps(key, ensure_ascii=style.ascii) + style.colon + _value(value, style, margin)


def _value(value: Any, style: Style, margin: str | None) -> str:
    """`margin`: the indentation of the member's line; None on one line."""
    if margin is None:
        style = replace(style, unit=None)
    separators = ("," + (style.comma_space if style.unit is None else ""), style.colon)
    text = json.dumps(
        value, indent=style.unit, ensure_ascii=style.ascii, sort_keys=style.sort, separators=separators, allow_nan=False
    )
    # Strings hold no raw line ends, so every one of these is between tokens.
    return text.replace("\n", style.newline + (margin or ""))


def _margin(gap: str) -> str:
    return gap.rsplit("\n", 1)[-1]
