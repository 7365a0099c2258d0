"""Environments on disk: content-addressed, immutable, published by one atomic step."""

from .environment import Environment
from .store import Store

__all__ = ["Environment", "Store"]
