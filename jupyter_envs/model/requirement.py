"""What a notebook asks for. A requirement is parsed where it comes in, and is this value from there on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property, lru_cache
from pathlib import Path

import msgspec
from msgspec.structs import astuple
from packaging.markers import Marker
from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Parsed
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from ..errors import InputError
from ..text import holds_secret
from .lock import Vcs

MAX_REQUIREMENTS = 300
MAX_REQUIREMENT_LENGTH = 512
MAX_BRACKETS = 32
METACHARACTERS = re.compile(r"[$`#\\{}]")
VERSION = re.compile(r"[A-Za-z0-9.!+*_-]{1,128}")
"""What can stand behind `==`; the grammar lets nearly everything stand behind `===`."""
PART = re.compile(r"(?:[A-Za-z0-9][\w.-]*\s*(?:\[[\w,.-]*\])?)?\s*(?:[<>=!~]{1,3}\s*[\w.*+!-]+)?")
NAMED = re.compile(r"(?!(?:python|platform|implementation|os|sys)_)[A-Za-z]")
"""A name among several that other signs than spaces separate, and no part of a condition."""
ANY = SpecifierSet()


class Source(msgspec.Struct, frozen=True):
    """Where a package comes from when no index has it: `vcs` (without a commit where it was typed, and with the sha256
    that an archive must have where one was given) or `path` (absolute)."""

    vcs: Vcs | None = None
    path: Path | None = None
    editable: bool = False
    guessed: bool = False
    """Whether the name of its package is made up, because nothing says it before code runs or a file is downloaded."""

    def __eq__(self, other: object) -> bool:
        """Whether or not the name, which is the last, was guessed."""
        return isinstance(other, Source) and astuple(self)[:-1] == astuple(other)[:-1]

    def __hash__(self) -> int:
        return hash(astuple(self)[:-1])

    @property
    def url(self) -> str:
        if self.path:
            return self.path.as_uri()
        assert self.vcs
        if self.vcs.type == "archive":
            return self.vcs.url + (f"#sha256={self.vcs.sha256}" if self.vcs.sha256 else "")
        revision = self.vcs.commit_id or self.vcs.requested_revision
        fragment = f"#subdirectory={self.vcs.subdirectory}" if self.vcs.subdirectory else ""
        return f"git+{self.vcs.url}{f'@{revision}' if revision else ''}{fragment}"

    @property
    def moves(self) -> bool:
        """Whether it may be other code than before."""
        return self.vcs is not None and self.vcs.type == "git" and self.vcs.commit_id is None

    @property
    def runs_code(self) -> bool:
        return self.path is not None or (self.vcs is not None and self.vcs.runs_code)


class Requirement(msgspec.Struct, frozen=True, dict=True):
    """Name and extras are canonical. A block has no sources: they are typed, and stand in the lock afterwards."""

    name: str
    extras: tuple[str, ...] = ()
    specifier: SpecifierSet = ANY
    marker: Marker | None = None
    source: Source | None = None

    @cached_property
    def text(self) -> str:
        """The one form that stands in a block, without the source: `pandas[a,b]<3,>=2 ; python_version < "3.13"`."""
        return self._written(str(self.specifier), str(self.marker or ""))

    @property
    def editable(self) -> bool:
        return self.source is not None and self.source.editable

    @property
    def selects(self) -> bool:
        """Whether it says which files may be taken: by their versions, or by a source."""
        return self.source is not None or bool(self.specifier)

    @property
    def with_source(self) -> str:
        """For a file of another tool: with the address of its source, which a block does not name."""
        which = f" @ {self.source.url}" if self.source else str(self.specifier)
        return self._written(which, str(self.marker or ""))

    def line(self, also: str) -> str:
        """For a tool: with the address of its source, and for a further condition. An editable folder has none."""
        source = self.source
        which = f" @ {source.url}" if source and not source.editable else str(self.specifier)
        return self._written(which, f"({self.marker}) and {also}" if self.marker else also)

    def _written(self, which: str, marker: str) -> str:
        extras = f"[{','.join(self.extras)}]" if self.extras else ""
        return f"{self.name}{extras}{which}{f' ; {marker}' if marker else ''}"


@lru_cache(maxsize=4096)
def split_address(text: str) -> tuple[Requirement, str] | None:
    """The requirement without a source, and the address behind its `@`, or "". None for what is no requirement.

    Nothing else parses one. Kept, since many parts ask about the same list, and a history repeats most of it."""
    try:
        parsed = Parsed(text) if text.count("(") <= MAX_BRACKETS else None
    except (InvalidRequirement, RecursionError):
        return None
    if parsed is None:
        return None
    extras = tuple(sorted(canonicalize_name(extra) for extra in parsed.extras))
    return Requirement(canonicalize_name(parsed.name), extras, parsed.specifier, parsed.marker), parsed.url or ""


def requirement_of(text: str) -> Requirement:
    """Of a text that was checked before. Raises InputError for one that was not, and is no requirement."""
    found = split_address(text)
    if found is None:
        raise InputError("req-syntax", f"{text[:200]!r} is not a requirement.")
    return found[0]


def checked_requirement(text: object, where: str) -> Requirement:
    """A requirement from a block: name, extras, versions, marker; nothing that names a source or an option.

    Its text is the normalised one, the only one that ever reaches a tool. Raises InputError (`req-…`)."""
    stripped = _checked_text(text, where)
    shown = f"{where}: {stripped!r}"
    found = split_address(stripped)
    if found is None:
        raise InputError("req-syntax", f"{shown} is not a requirement.", hint=_meant(stripped))
    item, address = found
    if address:
        raise InputError(
            "req-direct-url",
            f"{shown} names an address to download from, and a notebook may only name packages.",
            hint=_meant(stripped)
            or "Install it yourself with `jupyter envs install NOTEBOOK`, which records where it came from.",
        )
    # Written and read again, a marker may have become another: one with quotation marks in a quotation does.
    again = split_address(item.text)
    if not versions_only(item.specifier) or again is None or again[0].text != item.text:
        raise InputError("req-syntax", f"{shown} is not a requirement.")
    return again[0]


def _meant(text: str) -> str:
    """A hint for what people write who think of another tool; "" if nothing is known."""
    equal = re.fullmatch(r"([A-Za-z0-9][\w.-]*(?:\[[\w,.-]*\])?)\s*(?:=|@|\s)\s*v?(\d[\w.*+!]*)", text)
    if equal:
        return f"For this version, write: {equal[1]}=={equal[2]}"
    for sign, signs in ((",", "commas"), (";", "semicolons")):
        parts = [part.strip() for part in re.split(rf"{sign}(?![^\[]*\])", text)]
        several = any(map(NAMED.match, parts[1:])) or parts[1:] == [""]
        if several and all(map(PART.fullmatch, parts)):
            return f"Separate packages with spaces, not with {signs}."
    return "Write the version behind a name, without spaces: `pandas==2.2`." if re.match(r"[=<>~!]", text) else ""


def _checked_text(text: object, where: str) -> str:
    """Without spaces around it. Raises InputError for what need not be parsed to be refused."""
    if not isinstance(text, str):
        raise InputError("req-type", f"{where}: a requirement must be text.")
    if not text.strip():
        raise InputError("req-empty", f"{where}: the requirement is empty.")
    if len(text) > MAX_REQUIREMENT_LENGTH:
        raise InputError("req-long", f"{where}: longer than {MAX_REQUIREMENT_LENGTH} characters.")
    if not text.isascii() or not text.isprintable():
        raise InputError("req-charset", f"{where}: contains characters that are not allowed in a requirement.")
    if holds_secret(text):
        raise InputError(
            "req-credentials", f"{where}: contains a password or a token, which a notebook must not contain.",
            hint="Put it into ~/.netrc or your uv.toml, remove it here, and replace it with a new one: others "
            "may have seen it.",
        )  # fmt: skip
    shown = f"{where}: {text.strip()!r}"
    if METACHARACTERS.search(text):
        raise InputError("req-metachar", f"{shown} contains a character that is not allowed in a requirement.")
    if text.strip()[0] in "-./~":
        raise InputError(
            "req-option-or-path",
            f"{shown} is an option or a path, and a notebook may only name packages.",
            hint="Install it yourself with `jupyter envs install NOTEBOOK`, which accepts options and paths.",
        )
    return text.strip()


def versions_only(limits: SpecifierSet) -> bool:
    return all(VERSION.fullmatch(limit.version) for limit in limits)


def checked_requirements(values: Iterable[object], where: str) -> tuple[Requirement, ...]:
    """Raises InputError that says which."""
    items = list(values)
    if len(items) > MAX_REQUIREMENTS:
        raise InputError("req-too-many", f"{where}: more than {MAX_REQUIREMENTS} requirements.")
    return tuple(checked_requirement(item, f"{where}[{i}]") for i, item in enumerate(items))
