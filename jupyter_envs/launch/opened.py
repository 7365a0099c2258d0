"""A text notebook that a contents manager opens (jupytext's): the header of the .py or .md file may hold the block, or
the .ipynb file that it is paired with. Only that contents manager knows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jupyter_core.utils import ensure_async
from tornado.web import HTTPError

from .executing import Executing


async def read_opened(manager: Any, path: Path) -> Executing | None:
    """None where this is no notebook, or no file. `manager`: the kernel's. Raises what a contents manager raises that
    did not expect such a file."""
    kernels = getattr(manager, "parent", None)
    contents = getattr(getattr(kernels, "parent", None), "contents_manager", None)
    root = Path(getattr(kernels, "root_dir", "") or "/").absolute()
    if contents is None or not path.is_relative_to(root) or not path.is_file():
        return None
    name = path.relative_to(root).as_posix()
    try:
        model = await ensure_async(contents.get(name, content=True, type="notebook"))
    except HTTPError:  # a console for a script is named like the script
        return None
    return Executing(json.loads(json.dumps(model["content"]["metadata"])), None)
