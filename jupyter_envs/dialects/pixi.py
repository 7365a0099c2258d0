"""pixi.toml, and [tool.pixi] of a pyproject.toml."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ..errors import InputError
from ..kernel.foreign import visible
from ..model.requirement import Requirement, checked_requirement
from .conda_specs import channel_of, checked_spec, subdir, with_conda
from .found import Found, FoundIndex
from .placed import Place, at_place
from .shapes import Table
from .toml_file import load

NAME = "pixi.toml"
LEFT = {
    "tasks": "commands", "activation": "what is set or started with the environment", "package": "how it is built",
    "system-requirements": "what the system must have", "build-dependencies": "what is needed to build it",
    "host-dependencies": "what is needed to build it", "constraints": "limits for conda",
}  # fmt: skip
FAMILIES = {"unix": ("linux", "osx"), "linux": ("linux",), "osx": ("osx",), "win": ("win",)}
BRACKETS = {"md5": "md5", "sha256": "sha256", "subdir": "subdir", "build-number": "build_number", "file-name": "fn"}


def read(path: Path, groups: Collection[str] = ()) -> Found:
    """Raises InputError that says file and key."""
    return found_in(Table(load(path), str(path)), path, groups)


def found_in(data: Table, path: Path, groups: Collection[str] = ()) -> Found:
    """Of a table that has what a pixi.toml has; `path`: the file. Features are groups; what one of them asks conda for
    is taken if it is among `groups`. Raises InputError that says file and key."""
    reading = _Reading(path)
    space = data.table("workspace" if "workspace" in data else "project")
    reading.channels(space)
    reading.take(data, reading.requirements, conda=True)
    features = data.table("feature")
    usual = set(_default(data))
    for name, feature in features.named():
        taken = name in groups or name in usual
        into = reading.requirements if name in usual else reading.groups.setdefault(name, [])
        if taken:
            reading.channels(feature)
        reading.take(feature, into, conda=taken)
    reading.tell_left(data)
    found = Found(
        NAME,
        path.name,
        requirements=tuple(reading.requirements),
        groups={name: tuple(items) for name, items in reading.groups.items()},
        indexes=tuple(reading.indexes),
        taken_from=reading.taken_from,
        notes=tuple(reading.notes),
    )
    return with_conda(found, reading.names, reading.specs)


def _default(data: Table) -> tuple[str, ...]:
    """Features of the environment `default`."""
    environments = data.table("environments")
    value = environments.values.get("default")
    return environments.texts("default") if isinstance(value, list) else environments.table("default").texts("features")


@dataclass
class _Reading:
    path: Path
    names: list[str] = field(default_factory=list)
    specs: list[str] = field(default_factory=list)
    requirements: list[Requirement] = field(default_factory=list)
    groups: dict[str, list[Requirement]] = field(default_factory=dict)
    indexes: list[FoundIndex] = field(default_factory=list)
    taken_from: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def channels(self, table: Table) -> None:
        values = table.values.get("channels", [])
        for value in values if isinstance(values, list) else table.refuse("channels", "a list"):
            text = value.get("channel") if isinstance(value, dict) else value
            if not isinstance(text, str):
                table.refuse("channels", "a list of channels")
            self.names.append(channel_of(text, f"{table.where}: channels"))

    def take(self, table: Table, into: list[Requirement], *, conda: bool) -> None:
        """`conda`: whether what conda has to give is taken, too."""
        self._take_lists(table, into, conda=conda)
        for name, target in table.table("target").named():
            if not _is_here(name):
                self.notes.append(f"{self.path.name}: what is only for {visible(name[:20])} is left out.")
                continue
            self._take_lists(target, into, conda=conda)
            listed = ", ".join([*target.table("dependencies").values, *target.table("pypi-dependencies").values])
            self.notes.append(f"{self.path.name}: taken from the part for {visible(name[:20])}: {listed}.")

    def _take_lists(self, table: Table, into: list[Requirement], *, conda: bool) -> None:
        if conda:
            self.specs += _specs(table.table("dependencies"))
        self._options(table.table("pypi-options"))
        packages = table.table("pypi-dependencies")
        for name in packages.values:
            item = self._package(name, packages)
            if isinstance(item, str):
                self.notes.append(item)
            else:
                into.append(item)

    def _options(self, table: Table) -> None:
        for key, default in (("index-url", True), ("extra-index-urls", False)):
            urls = ([table.text(key)] if default else table.texts(key)) if key in table else ()
            self.indexes += [FoundIndex("", url, default, f"{table.where}: {key}") for url in urls]
        left = [key for key in table.values if key not in ("index-url", "extra-index-urls")]
        self.notes += [f"{table.where}: {visible(key[:40])} is left out." for key in left]

    def _package(self, name: str, packages: Table) -> Requirement | str:
        """A sentence where a notebook cannot take it. Raises InputError."""
        where = f"{packages.where}: {visible(name[:60])}"
        value = packages.values[name]
        if isinstance(value, str):
            return _limited(checked_requirement(name, where), value, where)
        row = packages.table(name)
        extras = f"[{','.join(row.texts('extras'))}]" if "extras" in row else ""
        marker = row.text("env-markers") or row.text("markers")
        item = checked_requirement(f"{name}{extras}{f' ; {marker}' if marker else ''}", where)
        if any(key in row for key in ("git", "url", "path")):
            revision = next((row.text(key) for key in ("rev", "tag", "branch") if key in row), "")
            place = Place(
                git=row.text("git"),
                url=row.text("url"),
                path=row.text("path"),
                revision=revision,
                subdirectory=row.text("subdirectory"),
                editable=row.flag("editable"),
            )
            return at_place(item, place, self.path.parent, where)
        if index := row.text("index"):
            self.indexes.append(FoundIndex(index, index, default=False, where=where))
            self.taken_from[item.name] = index
        return _limited(item, row.text("version", "*"), where)

    def tell_left(self, data: Table) -> None:
        self.notes += [f"{self.path.name}: [{key}] is left out: {what}." for key, what in LEFT.items() if key in data]


def _limited(item: Requirement, version: str, where: str) -> Requirement:
    try:
        limits = SpecifierSet("" if version.strip() == "*" else version)
    except InvalidSpecifier:
        raise InputError("foreign-file", f"{where}: {visible(version[:60])!r} is not a version.") from None
    name, semicolon, marker = item.text.partition(" ; ")
    return checked_requirement(f"{name}{limits}{semicolon}{marker}", where)


def _specs(table: Table) -> Iterator[str]:
    """As conda writes them: `name version build`, with the rest in brackets."""
    for name, value in table.values.items():
        where = f"{table.where}: {visible(name[:60])}"
        row = Table({"version": value}, where) if isinstance(value, str) else table.table(name)
        for key in ("git", "url", "path"):
            if key in row:
                raise InputError(
                    "foreign-file", f"{where}: it comes from a source of its own ({key}), and a notebook takes what "
                    "conda gives from channels.", hint="Name a version, or remove it.",
                )  # fmt: skip
        version, build = row.text("version", "*"), row.text("build")
        limits = f" {version} {build}" if build else f" {version}" if version != "*" else ""
        rest = ", ".join(f"{ours}='{row.values[key]}'" for key, ours in BRACKETS.items() if key in row)
        channel = f"{channel_of(row.text('channel'), where)}::" if "channel" in row else ""
        yield checked_spec(f"{channel}{name}{limits}{f'[{rest}]' if rest else ''}", where)


def _is_here(name: str) -> bool:
    return name == subdir() or subdir().startswith(FAMILIES.get(name, ("-",)))
