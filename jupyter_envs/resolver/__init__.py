"""Spec -> Lock."""

from .project import ALWAYS
from .request import Place, Request, Resolver
from .uv import UvResolver

__all__ = ["ALWAYS", "Place", "Request", "Resolver", "UvResolver"]
