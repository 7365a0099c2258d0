"""Notebooks that say in the ways of other tools what they need."""

from __future__ import annotations

from typing import Any

from jupyter_envs.dialects.found import Found
from jupyter_envs.dialects.in_notebook import look

LOCK = "--no-build-env"
HASH = "ab" * 32
SCRIPT = """# /// script
# requires-python = ">=3.9"
# dependencies = [
#   "demo<2",
#   "shout",
# ]
# ///
"""
UV_LOCK = """version = 1
revision = 3
requires-python = ">=3.9"
[manifest]
requirements = [{ name = "demo", specifier = "<2" }]
[[package]]
name = "demo"
version = "1.0"
source = { registry = "https://pypi.org/simple" }
dependencies = [{ name = "demo-dep" }]
wheels = [{ url = "https://h.example/demo-1.0-py3-none-any.whl", hash = "sha256:HASH", size = 1 }]
[[package]]
name = "demo-dep"
version = "1.1"
source = { registry = "https://pypi.org/simple" }
resolution-markers = ["python_full_version >= '3.9'"]
"""


def content(*cells: str, **metadata: Any) -> dict[str, Any]:
    rows = [
        {"cell_type": "code", "source": cell, "metadata": {}, "outputs": [], "execution_count": None} for cell in cells
    ]
    return {"cells": rows, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}


def texts(found: Found) -> list[str]:
    return [item.text for item in found.requirements]


def one(value: dict[str, Any]) -> tuple[str, Found]:
    """The only thing that it says."""
    ((name, found),) = look(value, None)
    assert isinstance(found, Found), found
    return name, found


def lines(*cells: str) -> Found:
    return one(content(*cells))[1]
