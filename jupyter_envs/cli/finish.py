"""`finish`, not for people: does in the background what a build has left to do (store/finishing.py)."""

from __future__ import annotations

import argparse

from ..settings import Settings
from ..store.finishing import finish, low_priority
from .arguments import Parser
from .console import Console


def arguments(parser: Parser) -> None:
    """Nothing but the common options."""


def run(_: argparse.Namespace, console: Console) -> int:
    low_priority()
    finish(Settings.load())
    return console.done({}, [])
