"""Packages of an environment, as the files say that pip and others leave beside them."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path

from packaging.utils import canonicalize_name

from ..errors import InputError
from ..kernel.foreign import visible
from ..model.closure import certainly_applies
from ..model.requirement import VERSION, Requirement, split_address
from ..text import without_secrets
from .placed import written
from .text_file import text_of

MOST = 20_000
"""Entries of a folder of packages: there are two for each package."""
METADATA = 1 << 20
SMALL = 1 << 16
FEW = 8
NO_LINKS = "{} {} left out: what says the version leads out of the folder."


@dataclass(frozen=True)
class Installed:
    """`address`: where it came from if no index has it, as PEP 508 writes it behind `@`."""

    name: str
    version: str
    needs: tuple[Requirement, ...]
    requested: bool | None
    """Whether somebody asked for it; None where its installer does not tell: uv says it of every package."""
    address: str

    def requirement(self, path: Path, notes: list[str]) -> Requirement | None:
        """With its source, if it has one that a notebook can have; otherwise there is a note."""
        if not self.address:
            return None
        try:
            placed = written(f"{self.name} @ {self.address}", path, self.name)
        except InputError as error:
            placed = error.sentence
        if isinstance(placed, str):
            shown = visible(without_secrets(self.address[:200]))
            notes.append(f"{self.name} {self.version} is left out: it comes from {shown}.")
            return None
        return placed


def packages_in(sites: Iterable[Path], prefix: Path, owned: Collection[str]) -> tuple[list[Installed], list[str]]:
    """Those of the folders `sites`, without those whose entry is in `owned`; and notes. Raises InputError."""
    found: dict[str, Installed] = {}
    outside: list[str] = []
    inside = os.path.realpath(prefix) + os.sep
    for site in sites:
        for entry in _entries(site):
            if entry in owned or not entry.endswith((".dist-info", ".egg-info")):
                continue
            folder = site / entry
            if not os.path.realpath(_metadata(folder)).startswith(inside):
                outside.append(entry.partition("-")[0])
                continue
            package = _package(folder)
            if package:
                found.setdefault(package.name, package)
    named = ", ".join(visible(name[:40]) for name in outside[:FEW])
    more = f" and {len(outside) - FEW} more" if len(outside) > FEW else ""
    notes = [NO_LINKS.format(named + more, "is" if len(outside) == 1 else "are")] if outside else []
    return [found[name] for name in sorted(found)], notes


def _entries(site: Path) -> list[str]:
    try:
        with os.scandir(site) as entries:
            names = sorted(entry.name for _, entry in zip(range(MOST + 1), entries, strict=False))
    except OSError as error:
        raise InputError("foreign-file", f"{site} cannot be read: {error.strerror}.") from None
    if len(names) > MOST:
        raise InputError("foreign-file", f"{site} has more than {MOST} entries.")
    return names


def _metadata(folder: Path) -> Path:
    """Of one of the older kind it may be the entry itself."""
    if folder.suffix == ".egg-info":
        return folder / "PKG-INFO" if folder.is_dir() else folder
    return folder / "METADATA"


def _package(folder: Path) -> Installed | None:
    """None for what has no name and version: an interrupted installation, or something else."""
    try:
        head = text_of(_metadata(folder), METADATA).replace("\r\n", "\n").partition("\n\n")[0]
    except InputError:
        return None
    message = HeaderParser().parsestr(head)
    name, version = str(message.get("Name", "")).strip(), str(message.get("Version", "")).strip()
    if not name or not VERSION.fullmatch(version):
        return None
    texts = [str(text) for text in message.get_all("Requires-Dist") or ()]
    needs = tuple(item[0] for text in texts[: METADATA >> 10] if (item := split_address(text)))
    try:
        installer = text_of(folder / "INSTALLER", SMALL).strip()
    except InputError:
        installer = ""
    if installer == "conda":
        return None  # conda tells of it itself
    requested = (folder / "REQUESTED").is_file() if installer == "pip" else None
    return Installed(str(canonicalize_name(name)), version, needs, requested, _address(folder / "direct_url.json"))


def _address(file: Path) -> str:
    """What direct_url.json says (PEP 610)."""
    import json

    from packaging.direct_url import DirectUrl, DirectUrlValidationError

    if not file.is_file() or file.is_symlink():
        return ""
    try:
        value = DirectUrl.from_dict(json.loads(text_of(file, SMALL)))
        value.validate()
    except (InputError, DirectUrlValidationError, ValueError, TypeError, RecursionError):
        return "an address that cannot be read"
    folder = f"#subdirectory={value.subdirectory}" if value.subdirectory else ""
    if value.vcs_info:
        return f"{value.vcs_info.vcs}+{value.url}@{value.vcs_info.commit_id}{folder}"
    sha256 = (value.archive_info.hashes or {}).get("sha256") if value.archive_info else None
    return f"{value.url}#sha256={sha256}" if sha256 and not folder else f"{value.url}{folder}"


def root_names(packages: Sequence[Installed], here: Mapping[str, str]) -> set[str]:
    """Those that no other needs, and one of each circle."""
    edges = {
        package.name: {item.name for item in package.needs if certainly_applies(item.marker, {**here})} - {package.name}
        for package in packages
    }
    needed = {name for names in edges.values() for name in names}
    found = {name for name in edges if name not in needed}
    reached = _reached(found, edges)
    for name in edges:
        if name not in reached:
            found.add(name)
            reached |= _reached({name}, edges)
    return found


def _reached(names: set[str], edges: Mapping[str, set[str]]) -> set[str]:
    found, new = set[str](), set(names)
    while new:
        found |= new
        new = {needed for name in new for needed in edges.get(name, ())} - found
    return found
