"""Notebooks that declare nothing, as values."""

from __future__ import annotations

from typing import Any


def bare(*sources: str, outputs: tuple[str, ...] = (), **metadata: Any) -> dict[str, Any]:
    """`outputs`: what each cell printed."""
    cells = [
        {
            "cell_type": "code",
            "source": source,
            "metadata": {},
            "execution_count": None,
            "outputs": _printed(outputs, n),
        }
        for n, source in enumerate(sources)
    ]
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}


def _printed(outputs: tuple[str, ...], number: int) -> list[dict[str, Any]]:
    if number >= len(outputs) or not outputs[number]:
        return []
    return [{"output_type": "stream", "name": "stdout", "text": outputs[number].splitlines(keepends=True)}]
