"""Lists of other tools in a notebook that has no environment, or beside it: our command line looks for them."""

from __future__ import annotations

import json
import subprocess
from typing import Any, Mapping, Sequence

SECONDS = 10.0


def lines(cli: Sequence[str], notebook: str | None, env: Mapping[str, str]) -> list[str]:
    """One for each. None where nobody can say: it is an offer, and nothing depends on it."""
    if not cli or not notebook:
        return []
    quiet = subprocess.DEVNULL
    command = [*cli, "status", "--json", notebook]
    try:
        done = subprocess.run(
            command, stdin=quiet, stdout=subprocess.PIPE, stderr=quiet, timeout=SECONDS, env=dict(env), check=False
        )
        said: Any = json.loads(done.stdout)
        return [str(row["line"]) for row in said.get("offered", ())]
    except (OSError, ValueError, TypeError, KeyError, AttributeError, subprocess.SubprocessError):
        return []
