"""`numpy @ file:///home/conda/feedstock_root/…`: what `pip freeze` writes in an environment of conda. It names the
folder in which conda built the package, on a machine that nobody has, and often no version."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ..model.requirement import Requirement, checked_requirement, split_address
from ..system.files import is_there
from .sources import path_in

FOLDERS = re.compile(
    r"/feedstock_root/|/build_artifacts/|/croots?/|/conda-bld/|/ci_(?:py)?\d+/|/abs_[0-9a-z]+/|/concourse/worker/"
    r"|\A/?[A-Z]:/(?:ci|bld)/|\A/tmp/build/[0-9a-f]{8}/"
)
"""Of conda-forge and of Anaconda, on their own machines. A folder that somebody else may have is none: the name alone
would bring the package that the index has."""
WHEEL = re.compile(r"/[^/-]+-(\d[^/-]*)-[^/]*\.whl\Z")
NAMED = 8


def built_by_conda(text: str) -> Requirement | None:
    """The requirement without its source, if that is a folder of a build somewhere else. Raises InputError."""
    item, address = (split_address(text) if "file:" in text else None) or (None, "")
    path = path_in(address) if item and "#" not in address else ""
    absolute = re.match(r"/|[A-Z]:/", path)
    if not item or not absolute or not FOLDERS.search(path) or is_there(Path(path)):
        return None
    alone, version = checked_requirement(item.text, "requirement"), WHEEL.search(path)
    try:
        return replace(alone, specifier=SpecifierSet(f"=={version[1]}")) if version else alone
    except InvalidSpecifier:
        return alone


def say_unknown_versions(names: Sequence[str]) -> str:
    listed = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
    return (
        f"The list gives only the folder in which conda built {listed}, and no version: the newest that fits is taken."
    )
