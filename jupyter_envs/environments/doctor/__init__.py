"""Examines the set-up: findings, each with what to do about it. Changes nothing."""

from .examination import examine
from .finding import Finding, Level, of_error

__all__ = ["Finding", "Level", "examine", "of_error"]
