"""constraints.txt: the versions of a lock as limits for whatever is installed with `pip install -c`."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ..kernel.lock_lines import conditional
from ..model.lock import Lock
from ..model.spec import Spec
from .found import Written
from .unsaid import unsaid

NAME = "constraints.txt"
FILE = "constraints.txt"
LOCKS = True
SAYS = frozenset({"versions"})


def write(spec: Spec, lock: Lock | None, urls: Mapping[str, str]) -> Written:
    rows = [row for row in (lock.packages if lock else ()) if not row.directory]
    text = "".join(f"{conditional(msgspec.to_builtins(row))}\n" for row in rows)
    return Written(text, unsaid(spec, lock, urls, SAYS))
