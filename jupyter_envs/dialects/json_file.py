"""JSON files of other tools: read within limits, and refused in a sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..errors import InputError
from .text_file import text_of


def load(path: Path) -> dict[str, Any]:
    """Of an object. Raises InputError that says the file, and the line where it breaks off."""
    try:
        found = json.loads(text_of(path))
    except json.JSONDecodeError as error:
        raise InputError("foreign-file", f"{path}:{error.lineno}: this is not JSON: {error.msg}.") from None
    except (ValueError, RecursionError):
        raise InputError("foreign-file", f"{path} is not JSON: it is too deep, or has too long a number.") from None
    if not isinstance(found, dict):
        raise InputError("foreign-file", f"{path} is not an object of JSON.")
    return found
