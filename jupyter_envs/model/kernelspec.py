"""How notebooks and front ends call our kernel."""

from __future__ import annotations

NAME = "jupyter-envs"
DISPLAY_NAME = "Python (notebook environment)"
KERNELSPEC = {"display_name": DISPLAY_NAME, "language": "python", "name": NAME}
"""Of a notebook's metadata."""
