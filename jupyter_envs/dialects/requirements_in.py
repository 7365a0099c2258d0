"""requirements.in: what a notebook asks for, without versions of what else is needed. pip-compile locks it."""

from __future__ import annotations

from collections.abc import Mapping

from ..model.lock import Lock
from ..model.spec import Spec
from .found import Written
from .unsaid import asked_for, unsaid

NAME = "requirements.in"
FILE = "requirements.in"
SAYS = frozenset({"list"})


def write(spec: Spec, lock: Lock | None, urls: Mapping[str, str]) -> Written:
    lines = [item.with_source for item in asked_for(spec, lock)]
    return Written("".join(f"{line}\n" for line in lines), unsaid(spec, lock, urls, SAYS))
