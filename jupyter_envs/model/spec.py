"""What a notebook declares: Python, dependencies, indexes. The keys are those of PEP 723, the grammar is that of PEP
508."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from ..errors import InputError
from . import digests
from .requirement import MAX_REQUIREMENTS, Requirement, checked_requirements, requirement_of, versions_only

INDEX_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
PACKAGE_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,126}[a-z0-9])?")
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{1,6})?Z)?", re.ASCII)
# Compiled when they are needed, which is seldom.
CHANNEL = r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}(?:/[A-Za-z0-9_][A-Za-z0-9._-]{0,62}){0,4}"
"""`conda-forge`, `pkgs/main`, `conda-forge/label/beta`."""
CONDA_MATCH = rf"(?:{CHANNEL}::)?[A-Za-z0-9_.:\-=<>!|,*~^+ \[\]']{{1,200}}"
RELATIVE_PROJECT = r"(?:\.\./){0,16}(?:(?!\.\.?/)[\w.-]+/){0,16}[\w.-]+"
MAX_PATH = 1000


_ALONE = """
    appnope backcall debugpy decorator executing nest-asyncio nest-asyncio2 packaging parso platformdirs psutil
    ptyprocess pure-eval pygments six tornado traitlets typing-extensions wcwidth zipp
"""
_NEEDING = """
    asttokens comm exceptiongroup importlib-metadata importlib-resources ipykernel ipython ipython-pygments-lexers jedi
    jupyter-client jupyter-core matplotlib-inline pexpect prompt-toolkit python-dateutil pyzmq stack-data
"""
NEEDING = frozenset(_NEEDING.split())
"""Those of what a kernel needs that need others."""
KERNEL = NEEDING.union(_ALONE.split())
"""ipykernel and what it needs, in one version or another."""


class CondaSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename="kebab"):
    channels: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()


class Spec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename="kebab"):
    """The declared keys of a block. `dependencies` are normalised PEP 508 strings without URLs;
    `indexes` maps an index name to the packages taken from it; `overrides` count in place of what packages ask for;
    `no_deps` are packages that come without what they need."""

    requires_python: str | None = None
    dependencies: tuple[str, ...] = ()
    indexes: dict[str, tuple[str, ...]] = {}
    exclude_newer: str | None = None
    conda: CondaSpec | None = None
    project: str | None = None
    overrides: tuple[str, ...] = ()
    no_deps: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        value = self.to_dict()
        value.update({key: sorted(value[key]) for key in ("dependencies", "overrides", "no-deps") if key in value})
        if "indexes" in value:
            value["indexes"] = {name: sorted(packages) for name, packages in value["indexes"].items()}
        return digests.digest(value)

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """The dependencies, in their order."""
        return tuple(map(requirement_of, self.dependencies))

    @property
    def overriding(self) -> tuple[Requirement, ...]:
        """The overrides, in their order."""
        return tuple(map(requirement_of, self.overrides))

    @property
    def names(self) -> tuple[str, ...]:
        """Canonical names of the declared packages, in their order."""
        return tuple(item.name for item in self.requirements)

    def to_dict(self) -> dict[str, Any]:
        value: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return value

    def index_of(self, name: str) -> str | None:
        return next((index for index, packages in self.indexes.items() if name in packages), None)


def python_requirement(text: str, where: str) -> str:
    """`>=3.11` and the like. Raises InputError `python-spec` for anything else, for example a path."""
    try:
        limits = SpecifierSet(text) if 0 < len(text) <= 100 and text.isascii() else None
    except InvalidSpecifier:
        limits = None
    return str(limits) if limits and versions_only(limits) else _bad_python(text, where)


def _bad_python(text: str, where: str) -> str:
    raise InputError(
        "python-spec", f"{where}: {text[:60]!r} is not a version requirement.", hint='Write it like ">=3.11".'
    )


def check_spec(spec: Spec, where: str) -> Spec:
    """The same spec, normalised. Raises InputError that says where."""
    dot = f"{where}." if where else ""
    return Spec(
        requires_python=None
        if spec.requires_python is None
        else python_requirement(spec.requires_python, f"{dot}requires-python"),
        dependencies=tuple(item.text for item in checked_requirements(spec.dependencies, f"{dot}dependencies")),
        indexes=_checked_indexes(spec.indexes, f"{dot}indexes"),
        exclude_newer=_moment(spec.exclude_newer, f"{dot}exclude-newer"),
        conda=_checked_conda(spec.conda, f"{dot}conda"),
        project=_matching(spec.project, RELATIVE_PROJECT, f"{dot}project", "project-path"),
        overrides=_checked_overrides(spec.overrides, f"{dot}overrides"),
        no_deps=_checked_names(spec.no_deps, f"{dot}no-deps"),
    )


def _checked_overrides(texts: tuple[str, ...], where: str) -> tuple[str, ...]:
    items = checked_requirements(texts, where)
    for i, item in enumerate(items):
        check_override(item, f"{where}[{i}]: ")
    return tuple(item.text for item in items)


def check_override(item: Requirement, where: str = "") -> None:
    """Raises InputError `req-syntax` for what has more than versions and a condition: it stands in for what packages
    need, whichever extras they ask for."""
    if item.source or item.extras:
        raise InputError(
            "req-syntax", f"{where}{item.text!r} is not an override.", hint="Write a name and a limit: numpy<2."
        )


def check_kernel(spec: Spec) -> None:
    """Raises InputError `needs-kernel` where something that every kernel needs would be left out."""
    alone = sorted(NEEDING.intersection(spec.no_deps))
    if alone:
        raise InputError(
            "needs-kernel",
            f"{', '.join(alone)} cannot come without what it needs: no kernel could start in this environment.",
            hint=f"Install it without --no-deps: jupyter envs install NOTEBOOK {' '.join(alone)}",
        )
    partial = next((item for item in spec.overriding if item.marker and item.name in KERNEL), None)
    if partial:
        package = partial.name  # one of ours: a shell reads it as it is
        raise InputError(
            "needs-kernel",
            f"The override {partial.text} leaves {package} out where its condition does not apply, and no kernel "
            "could start there.",
            hint=f"Write it without a condition, or take it back: jupyter envs install NOTEBOOK --override {package}",
        )


def _checked_names(names: tuple[str, ...], where: str) -> tuple[str, ...]:
    if len(names) > MAX_REQUIREMENTS:
        raise InputError("req-too-many", f"{where}: more than {MAX_REQUIREMENTS} packages.")
    return tuple(package_name(name, where) for name in names)


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


def _matching(text: str | None, pattern: str | re.Pattern[str], where: str, code: str) -> str | None:
    if text is not None and (len(text) > MAX_PATH or not re.fullmatch(pattern, text)):
        raise InputError(code, f"{where}: {text[:60]!r} is not valid here.")
    return text
