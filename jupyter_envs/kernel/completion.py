"""Completion of `%env-…`, and for removing and upgrading, of the packages that the notebook asks for."""

from __future__ import annotations

import re
from typing import Any

from .session import Session

MAGIC = r"^\s*%?env-[a-z]*$"
DECLARED = r"^\s*(?:%?env-(?:remove|upgrade)|%(?:pip|uv pip)\s+uninstall|%conda\s+remove)\s+(?:.*\s)?([\w.-]*)$"
NAMES = ("install", "remove", "upgrade", "status", "build", "undo", "export")


def matches(line: str, symbol: str, session: Session) -> list[str]:
    """What may replace `symbol` at the end of `line`."""
    if re.match(MAGIC, line):
        percent = "%" if line.lstrip().startswith("%") else ""
        prefix = symbol if symbol.startswith("%") else percent + "env-"
        return [percent + "env-" + name for name in NAMES if (percent + "env-" + name).startswith(prefix)]
    found = re.match(DECLARED, line)
    if found:
        from .orders import name_of

        typed = found.group(1).lower()
        return [name for name in map(name_of, session.declared()) if name.startswith(typed)]
    return []


def register(shell: Any, session: Session) -> None:
    def complete(_: Any, event: Any) -> list[str]:
        session.expect_order(0)
        return matches(event.line, event.symbol, session)

    for key in (r"%?env-", r"%(?:pip|uv|conda)\s"):
        shell.set_hook("complete_command", complete, re_key=key)
