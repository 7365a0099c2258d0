"""Environments on disk: content-addressed, immutable, published by one atomic step."""

from ..model.environment import Environment
from .store import Store

__all__ = ["Environment", "Store"]
