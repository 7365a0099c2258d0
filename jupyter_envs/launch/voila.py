"""The notebook that voila shows as a page.

voila is a server that gives its kernels no session. It either has one notebook for every address, or tells the kernel
the address that somebody asked for. A kernel that it starts ahead in a folder of notebooks is told neither."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

ADDRESS = "SCRIPT_NAME"
PAGE = "/voila/render/"


def shown_by_voila(server: object, given: Mapping[str, str], root: str) -> Path | None:
    """`given`: the variables of the kernel; `root`: the folder from which addresses and voila itself name notebooks."""
    one = getattr(server, "notebook_path", None) if type(server).__module__.startswith("voila.") else None
    asked = given.get(ADDRESS, "") if "VOILA_BASE_URL" in given else ""
    if asked == os.environ.get(ADDRESS):
        asked = ""  # inherited from a voila that runs this server in a notebook of its own
    named = one or unquote(asked.partition(PAGE)[2])
    if not isinstance(named, str) or not named.endswith(".ipynb"):
        return None
    path = Path(root, named).resolve() if not one else Path(named).absolute()
    return path if path.is_file() and (one or path.is_relative_to(Path(root).resolve())) else None
