"""Packages with a part for JupyterLab or its server. That part is found only where these run, and a notebook's
environment is somewhere else."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from packaging.utils import canonicalize_name

from ..kernel.foreign import quoted
from ..model.progress import Changed
from ..store import Environment

LAB = "share/jupyter/labextensions"
SERVER = "etc/jupyter/jupyter_server_config.d"
PART = re.compile(rf"(?:^|/)({LAB}/(?:@[^/,]+/)?[^/,]+|{SERVER}/[^/,]+\.json)")
NAMED = 3


def lab_notes(environment: Environment, changed: Changed, jupyter: Path | None = None) -> list[str]:
    """One sentence about the new packages that have such a part, unless JupyterLab has it, too. `jupyter`: the prefix
    of the Python that JupyterLab runs in; it is ours."""
    if not any((environment.prefix / place).is_dir() for place in (LAB, SERVER)):
        return []
    own = jupyter or Path(sys.prefix)
    new = {name for name, (before, _) in changed.items() if before is None}
    missing = [name for name, parts in _parts(environment, new) if not all((own / part).exists() for part in parts)]
    if not missing:
        return []
    names = sorted(missing)
    shown = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
    extends = "extends" if len(names) == 1 else "extend"
    command = " ".join([*_installer(), *map(quoted, names)])
    return [
        f"{shown} {extends} JupyterLab, which works only where JupyterLab is installed, not in a notebook. "
        f"To have it there: {command}, then restart Jupyter."
    ]


def _parts(environment: Environment, names: set[str]) -> Iterator[tuple[str, set[str]]]:
    """The packages with such parts, and where these are, from the prefix."""
    for site in environment.site:
        for record in sorted(site.glob("*.dist-info/RECORD")):
            name = str(canonicalize_name(record.parent.name.split("-")[0]))
            if name in names:
                lines = record.read_text(encoding="utf-8", errors="replace").replace("\\", "/").splitlines()
                parts = {found[1] for line in lines if (found := PART.search(line))}
                if parts:
                    yield name, parts


def _installer() -> list[str]:
    python = quoted(sys.executable)
    if importlib.util.find_spec("pip"):
        return [python, "-m", "pip", "install"]
    return ["uv", "pip", "install", "--python", python]
