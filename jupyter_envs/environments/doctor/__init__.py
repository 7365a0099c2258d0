"""What the set-up is, and what is wrong with it: findings, each with what to do about it. Nothing is changed."""

from .examination import examined
from .finding import Finding, Level, of_error

__all__ = ["Finding", "Level", "examined", "of_error"]
