"""What a notebook declares: Python, dependencies, indexes. PEP 723's words, PEP 508's grammar."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from ..errors import InputError
from ..text import holds_secret
from . import digests

MAX_REQUIREMENTS = 300
MAX_REQUIREMENT_LENGTH = 512
INDEX_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
PACKAGE_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,126}[a-z0-9])?")
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{1,6})?Z)?", re.ASCII)
CHANNEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
CONDA_MATCH = re.compile(r"[A-Za-z0-9_.:\-=<>!|,*~^+ \[\]']{1,200}")
RELATIVE_PROJECT = re.compile(r"(?:\.\./){0,16}(?:(?!\.\.?/)[\w.-]+/){0,16}[\w.-]+")
METACHARACTERS = re.compile(r"[$`#\\{}]")
VERSION = re.compile(r"[A-Za-z0-9.!+*_-]{1,128}")
"""What can stand behind `==`; the grammar lets nearly everything stand behind `===`."""
MAX_PATH = 1000
MAX_BRACKETS = 32


class CondaSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename="kebab"):
    channels: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()


class Spec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename="kebab"):
    """The declared keys of a block. `dependencies` are normalised PEP 508 strings without URLs;
    `indexes` maps an index name to the packages taken from it."""

    requires_python: str | None = None
    dependencies: tuple[str, ...] = ()
    indexes: dict[str, tuple[str, ...]] = {}
    exclude_newer: str | None = None
    conda: CondaSpec | None = None
    project: str | None = None

    @property
    def digest(self) -> str:
        value = self.to_dict()
        if "dependencies" in value:
            value["dependencies"] = sorted(value["dependencies"])
        if "indexes" in value:
            value["indexes"] = {name: sorted(packages) for name, packages in value["indexes"].items()}
        return digests.digest(value)

    @property
    def names(self) -> tuple[str, ...]:
        """Canonical names of the declared packages, in their order."""
        return tuple(name_of(dependency) for dependency in self.dependencies)

    def to_dict(self) -> dict[str, Any]:
        value: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return value

    def index_of(self, name: str) -> str | None:
        return next((index for index, packages in self.indexes.items() if name in packages), None)


def name_of(requirement: str) -> str:
    """The canonical package name at the start of a normalised requirement."""
    match = re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", requirement)
    return canonicalize_name(match.group()) if match else requirement


def requirement(text: object, where: str) -> str:
    """A requirement from a block: name, extras, versions, marker; nothing that names a place or an option.

    Returns the normalised form, the only one that ever reaches a tool. Raises InputError (`req-…`)."""
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
            "req-credentials", f"{where}: contains a password or a token. A notebook must not.",
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
            hint="Install it yourself with %env-install, which accepts options and paths.",
        )
    parsed = _parsed(text.strip())
    if parsed is None:
        raise InputError("req-syntax", f"{shown} is not a requirement.")
    if parsed.url:
        raise InputError(
            "req-direct-url",
            f"{shown} names an address to download from, and a notebook may only name packages.",
            hint="Install it yourself with %env-install, which records where it came from.",
        )
    result = normalised(parsed)
    # Written and read again, a marker may have become another: one with quotation marks in a quotation does.
    again = _parsed(result)
    if not _versions_only(parsed.specifier) or again is None or normalised(again) != result:
        raise InputError("req-syntax", f"{shown} is not a requirement.")
    return result


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Requirement | None:
    """None for what is no requirement. Nobody changes what this returns: the history repeats most of them."""
    try:
        return Requirement(text) if text.count("(") <= MAX_BRACKETS else None
    except (InvalidRequirement, RecursionError):
        return None


def _versions_only(limits: SpecifierSet) -> bool:
    return all(VERSION.fullmatch(limit.version) for limit in limits)


def normalised(parsed: Requirement) -> str:
    """`Pandas [B,a] >=2 , <3` -> `pandas[a,b]<3,>=2`; the URL, if any, is left out."""
    extras = f"[{','.join(sorted(canonicalize_name(e) for e in parsed.extras))}]" if parsed.extras else ""
    marker = f" ; {parsed.marker}" if parsed.marker else ""
    return f"{canonicalize_name(parsed.name)}{extras}{parsed.specifier}{marker}"


def requirements(values: Iterable[object], where: str) -> tuple[str, ...]:
    items = list(values)
    if len(items) > MAX_REQUIREMENTS:
        raise InputError("req-too-many", f"{where}: more than {MAX_REQUIREMENTS} requirements.")
    return tuple(requirement(item, f"{where}[{i}]") for i, item in enumerate(items))


def python_requirement(text: str, where: str) -> str:
    """`>=3.11` and the like. Raises InputError `python-spec` for anything else, a path among it."""
    try:
        limits = SpecifierSet(text) if 0 < len(text) <= 100 and text.isascii() else None
    except InvalidSpecifier:
        limits = None
    return str(limits) if limits and _versions_only(limits) else _bad_python(text, where)


def _bad_python(text: str, where: str) -> str:
    raise InputError(
        "python-spec", f"{where}: {text[:60]!r} is not a version requirement.", hint='Write it like ">=3.11".'
    )


def checked(spec: Spec, where: str) -> Spec:
    """The same spec, normalised. Raises InputError that says where."""
    dot = f"{where}." if where else ""
    return Spec(
        requires_python=None
        if spec.requires_python is None
        else python_requirement(spec.requires_python, f"{dot}requires-python"),
        dependencies=requirements(spec.dependencies, f"{dot}dependencies"),
        indexes=_checked_indexes(spec.indexes, f"{dot}indexes"),
        exclude_newer=_moment(spec.exclude_newer, f"{dot}exclude-newer"),
        conda=_checked_conda(spec.conda, f"{dot}conda"),
        project=_matching(spec.project, RELATIVE_PROJECT, f"{dot}project", "project-path"),
    )


def _checked_indexes(indexes: Mapping[str, tuple[str, ...]], where: str) -> dict[str, tuple[str, ...]]:
    for name, packages in indexes.items():
        if not INDEX_NAME.fullmatch(name):
            raise InputError(
                "index-name",
                f"{where}: {name[:60]!r} is not the name of an index.",
                hint="A notebook names an index; its address comes from your own uv or pip configuration.",
            )
        for package in packages:
            package_name(package, f"{where}.{name}")
    return dict(indexes)


def package_name(text: str, where: str) -> str:
    if not PACKAGE_NAME.fullmatch(text) or canonicalize_name(text) != text:
        raise InputError("package-name", f"{where}: {text[:60]!r} is not a package name.")
    return text


def _checked_conda(conda: CondaSpec | None, where: str) -> CondaSpec | None:
    for channel in conda.channels if conda else ():
        _matching(channel, CHANNEL, f"{where}.channels", "conda-channel")
    for dependency in conda.dependencies if conda else ():
        _matching(dependency, CONDA_MATCH, f"{where}.dependencies", "conda-dependency")
    return conda


def _moment(text: str | None, where: str) -> str | None:
    """A day or a moment in UTC that exists."""
    _matching(text, TIMESTAMP, where, "timestamp")
    try:
        if text:
            datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise InputError(
            "timestamp", f"{where}: {text!r} is not a date that exists.", hint="Write it like 2026-11-21."
        ) from None
    return text


def _matching(text: str | None, pattern: re.Pattern[str], where: str, code: str) -> str | None:
    if text is not None and (len(text) > MAX_PATH or not pattern.fullmatch(text)):
        raise InputError(code, f"{where}: {text[:60]!r} is not valid here.")
    return text
