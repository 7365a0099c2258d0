"""`%env-export --format F`: the environment in formats of other tools, which our command line writes."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Sequence

from . import asking, child
from .foreign import visible
from .screen import complain, tell, tell_error, tell_text

if TYPE_CHECKING:
    from .session import Session


def export(session: Session, words: Sequence[str]) -> bool:
    """Prints the text, or writes the file that `words` name. A relative path starts from the kernel's folder."""
    known = session.context
    where = ["--notebook", known.notebook] if known.notebook else []
    with contextlib.suppress(OSError):  # the folder may be gone
        where += ["--base-dir", os.getcwd()]
    last = child.run(
        known.cli,
        ["export", "--block", "-", "--journal", "-", *where, *words],
        known.block,
        lambda event: None,
        session.child_environment(),
        session.warm,
    )
    if last["event"] != "done":
        error = last.get("error") or {"sentence": "Stopped."}
        complain(error, asking.hint(error, "export", (), known.notebook))
        return False
    result = last["result"]
    for note in result.get("notes") or ():
        tell_error(visible(str(note)))
    if "text" in result:
        tell_text(str(result["text"]))
    else:
        tell("Wrote {}.".format(result["output"]) if "output" in result else "\n".join(result.get("formats") or ()))
    return True
