"""`numpy @ file:///home/conda/feedstock_root/…`: what `pip freeze` writes in an environment of conda. It names the
folder in which conda built the package, on a machine that nobody has, and no version."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ..model.requirement import Requirement, checked_requirement, split_address
from ..system.files import is_there
from .sources import path_in

FOLDERS = re.compile(r"feedstock|croots?/|conda.bld|/ci[_/]|/tmp/build/|/bld/|/concourse/|build_artifacts|/abs_")
NAMED = 8


def built_by_conda(text: str) -> Requirement | None:
    """The requirement without its source, if that is a folder of a build somewhere else."""
    item, address = (split_address(text) if "file:" in text else None) or (None, "")
    if not item or not FOLDERS.search(address) or "#" in address or is_there(Path(path_in(address))):
        return None
    return checked_requirement(item.text, "requirement")


def say_unknown_versions(names: Sequence[str]) -> str:
    listed = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
    return (
        f"The list gives only the folder in which conda built {listed}, and no version: the newest that fits is taken."
    )
