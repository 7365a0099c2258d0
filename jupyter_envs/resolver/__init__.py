"""Spec -> Lock."""

from ..engines.protocols import Place, Request, Resolver
from ..engines.uv.project import ALWAYS
from ..engines.uv.resolver import UvResolver

__all__ = ["ALWAYS", "Place", "Request", "Resolver", "UvResolver"]
