"""Environments on disk: content-addressed, immutable, published in one atomic step.

Public: `Store`, `Environment`; `gc.collect`, `verification.verify`, `inventory.entries`, `uses`, `sharing.share`."""

from ..model.environment import Environment
from .store import Store

__all__ = ["Environment", "Store"]
