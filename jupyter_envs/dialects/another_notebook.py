"""The environment of another notebook of ours as a source to import: its list, and the versions of its lock."""

from __future__ import annotations

from msgspec.structs import replace
from packaging.markers import Marker

from ..model.block import Block
from ..model.lock import Package
from ..model.requirement import Source
from .found import Found, FoundIndex, Pin

NAME = "notebook"


def found_of(block: Block, where: str) -> Found:
    """What comes from a folder of one machine is left out, which a note says."""
    rows = block.lock.packages if block.lock else ()
    places = {row.name: Source(row.vcs) for row in rows if row.vcs}
    folders = {row.name for row in rows if row.directory}
    spec = block.spec
    notes = [f"{where}: {name} is left out: it comes from a folder of one machine." for name in sorted(folders)]
    notes += [
        f"{where}: {name} is installed with what it needs here; that notebook installs it without."
        for name in spec.no_deps
    ]
    notes += [f"{where}: the project {spec.project} is not taken over."] if spec.project else []
    return Found(
        NAME,
        where,
        requires_python=spec.requires_python,
        requirements=tuple(
            replace(item, source=places.get(item.name)) for item in spec.requirements if item.name not in folders
        ),
        pins=tuple(_pin(row) for row in rows if row.name not in folders and row.name not in places),
        overrides=spec.overriding,
        indexes=tuple(FoundIndex(name, "", default=False, where=where) for name in spec.indexes),
        taken_from={package: name for name, packages in spec.indexes.items() for package in packages},
        conda=spec.conda,
        exclude_newer=spec.exclude_newer,
        notes=tuple(notes),
    )


def _pin(row: Package) -> Pin:
    marker = Marker(row.marker) if row.marker else None
    return Pin(row.name, row.version, marker, frozenset(f.sha256 for f in (*row.wheels.values(), *row.sdist.values())))
