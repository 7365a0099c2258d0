"""The packages of an environment as their own files describe them, without starting its Python."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import os
import sys
from typing import Any, Dict, Iterator, Mapping
from urllib.parse import unquote, urlsplit

Json = Dict[str, Any]


class Installed:
    """One package. `name` is as its author writes it; without files of its own, only name and version are known."""

    def __init__(
        self, canonical: str, version: str, folder: str, found: importlib.metadata.Distribution | None
    ) -> None:
        self.canonical = canonical
        self.found = found
        self.folder = folder
        self.metadata: Any = found.metadata if found else {}
        self.name = self.field("Name") or canonical
        self.version = version

    def text(self, file: str) -> str:
        return (self.found.read_text(file) if self.found else None) or ""

    def field(self, name: str) -> str:
        return str(self.metadata.get(name) or "")

    def fields(self, name: str) -> list[str]:
        return [str(value) for value in self.metadata.get_all(name) or ()] if self.found else []

    @property
    def installer(self) -> str:
        return next((line.strip() for line in self.text("INSTALLER").splitlines() if line.strip()), "")

    @property
    def build(self) -> str:
        """The build number of its wheel."""
        lines = self.text("WHEEL").splitlines()
        return next((line[6:].strip() for line in lines if line.startswith("Build:")), "")

    @property
    def direct_url(self) -> Json:
        """Where it was installed from, if not from an index (PEP 610)."""
        with contextlib.suppress(ValueError):
            value = json.loads(self.text("direct_url.json") or "{}")
            return value if isinstance(value, dict) and value.get("url") else {}
        return {}

    @property
    def editable(self) -> str:
        """The folder of its sources, if it is installed in editable mode."""
        source = self.direct_url
        editable = (source.get("dir_info") or {}).get("editable")
        return unquote(urlsplit(str(source["url"])).path) if editable else ""


def installed(environment: Json | None) -> list[Installed]:
    """By canonical name."""
    from .orders import name_of

    packages: Mapping[str, str] = (environment or {}).get("packages") or {}
    sites = [str(folder) for folder in (environment or {}).get("site") or ()]
    found: dict[str, Installed] = {}
    for folder in sites:
        for each in importlib.metadata.distributions(path=[folder]):
            name = name_of(each.metadata["Name"] or "")
            if name in packages:
                found.setdefault(name, Installed(name, packages[name], folder, each))
    first = sites[0] if sites else ""
    return [found.get(name) or Installed(name, packages[name], first, None) for name in sorted(packages)]


class Needs:
    """What packages require, by the markers of the environment's Python. `packaging` is the one of the Python that runs
    this: every kernel has it, since ipykernel needs it."""

    def __init__(self, environment: Json | None) -> None:
        from packaging.requirements import InvalidRequirement, Requirement

        self._requirement, self._invalid = Requirement, InvalidRequirement
        version = str((environment or {}).get("version") or "")
        self._python = {"extra": ""}
        if version:
            minor = ".".join(version.split(".")[:2])
            self._python.update(python_version=minor, python_full_version=version, implementation_version=version)

    def of(self, package: Installed) -> list[Any]:
        """Without those of extras, and those that cannot be read."""
        found = []
        for text in package.fields("Requires-Dist"):
            with contextlib.suppress(self._invalid):
                item = self._requirement(text.strip())
                if item.marker is None or item.marker.evaluate(self._python):
                    found.append(item)
        return found


@contextlib.contextmanager
def borrowed_packaging() -> Iterator[None]:
    """The kernel of a notebook does not have `packaging` loaded by this, so that it can move to another version."""
    before = {name for name in sys.modules if name.partition(".")[0] == "packaging"}
    try:
        yield
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == "packaging"]:
            if name not in before:
                del sys.modules[name]


@contextlib.contextmanager
def needs(environment: Json | None) -> Iterator[Needs]:
    with borrowed_packaging():
        yield Needs(environment)


def applies(requirement: str) -> bool:
    """Whether the condition of a requirement, as a block has it, applies to this Python. True where nobody can tell."""
    marker = requirement.partition(" ; ")[2]
    if not marker:
        return True
    with contextlib.suppress(ImportError, ValueError, LookupError):
        from packaging.markers import Marker

        return Marker(marker).evaluate()
    return True


def fits(requirement: str, version: str) -> bool:
    """Whether this version is within the limits of a requirement, as a block has it. True where nobody can tell."""
    with contextlib.suppress(ImportError, ValueError):
        from packaging.requirements import Requirement

        return Requirement(requirement).specifier.contains(version, prereleases=True)
    return True


def place_of(package: Installed) -> str:
    """`name @ https://…`, as `pip freeze` writes it; "" for what comes from an index."""
    source = package.direct_url
    if not source:
        return ""
    url, behind = str(source["url"]), []
    vcs, archive = source.get("vcs_info") or {}, source.get("archive_info") or {}
    if vcs:
        url = "{}+{}@{}".format(vcs.get("vcs"), url, vcs.get("commit_id"))
    hashes = archive.get("hashes") or dict([str(archive["hash"]).split("=", 1)] if archive.get("hash") else [])
    behind += ["{}={}".format(*pair) for pair in list(hashes.items())[:1]]
    behind += ["subdirectory={}".format(source["subdirectory"])] if source.get("subdirectory") else []
    return f"{package.name} @ {url}" + ("#" + "&".join(behind) if behind else "")


def editable_lines(package: Installed) -> list[str]:
    return [
        f"# Editable install with no version control ({package.name}=={package.version})",
        f"-e {os.path.normcase(os.path.abspath(package.editable))}",
    ]
