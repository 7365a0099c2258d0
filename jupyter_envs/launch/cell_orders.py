"""Which cells a stand-in carries out: those that are nothing but an order of ours, or an old habit."""

from __future__ import annotations

import re

from ..kernel import elsewhere, orders, pip_words
from ..kernel.magics import split
from ..kernel.shell_lines import join_limits, taken_over

ORDER = re.compile(r"\s*%?env-(build|install|remove|upgrade|status)\b[ \t]*([^\n]*?)\s*")
PIP = re.compile(r"\s*[%!]\s*((?:pip3?|uv|conda|mamba)\b[^\n]*?)\s*")


def order_in(code: str) -> tuple[str, str]:
    """("build", "") for a cell that is nothing but `%env-build`, ("pip", "pip install six") for an old habit, else
    ("", "")."""
    found = ORDER.fullmatch(code)
    if found:
        return found[1], found[2]
    habit = PIP.fullmatch(code)
    if habit and (code.lstrip().startswith("%") or taken_over(code.strip())):
        return "pip", habit[1]
    return "", ""


def checked(typed: orders.Order) -> orders.Order:
    """A cell of a notebook that nobody has approved yet does not choose through whom the indexes are reached. Raises
    Refused."""
    for word in typed.arguments:
        if word.startswith(orders.NETWORK):
            option = word.partition("=")[0]
            raise orders.Refused(
                f"{option} does not work in a cell before the notebook's environment is ready.",
                f"Set it in your configuration, or in a terminal: jupyter envs install NOTEBOOK {option} …",
                "pip-option",
            )
    return typed


def typed_order(line: str) -> orders.Order:
    """Raises Refused."""
    first, *words = split(join_limits(line))
    program = "pip" if first.startswith("pip") else first
    _, place = elsewhere.sort_out(program, words, [])
    if place:
        raise orders.Refused(
            f"{place.option} {place.value} names another environment, and this notebook's is not ready yet.",
            "In a terminal, it can be installed there.",
            elsewhere.CODE,
        )
    return pip_words.parse(program, words)
