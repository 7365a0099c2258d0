"""What a user types after `install`: names as in pip, and sources (git, archives, folders)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ..errors import InputError
from ..model.requirement import Requirement, checked_requirement
from ..system.files import is_there
from ..system.folders import current_folder
from .sources import is_address, source_of

LONGEST = 4096
"""Characters, of an address or a path with all that is around it."""


def parse(words: Sequence[str], *, editable: Sequence[str] = (), base: Path | None = None) -> tuple[Requirement, ...]:
    """Raises InputError for what is not a requirement. `base` is the folder that relative paths start from."""
    folder = base or current_folder()
    typed = [_understood(word.strip(), lambda text: _parse_word(text, folder)) for word in words]
    local = [_understood(word.strip(), lambda text: _editable(text, folder)) for word in editable]
    return (*typed, *local)


def _understood(word: str, parse: Callable[[str], Requirement]) -> Requirement:
    if len(word) > LONGEST:
        raise InputError("req-long", f"{word[:60]!r}… is longer than {LONGEST} characters.")
    try:
        return parse(word)
    except (ValueError, IndexError, RuntimeError) as error:
        raise InputError(
            "req-syntax", f"{word[:200]!r} is not a package name, an address or a path.",
            hint="Write a name, `name @ https://…/x.whl`, `name @ git+https://…` or a path.", details=str(error),
        ) from None  # fmt: skip


def _parse_word(word: str, base: Path) -> Requirement:
    if word.endswith((".txt", ".in")) and is_there(base / word) and (base / word).is_file():
        raise InputError("req-syntax", f"{word} is a file, not a package.", hint=f"To install what it lists: -r {word}")
    return source_of(word, base) or checked_requirement(word, "requirement")


def _editable(word: str, base: Path) -> Requirement:
    """A repository is installed as it is: it has no folder that somebody would edit."""
    remote = is_address(word)
    found = source_of(word, base, editable=not remote)
    return found or checked_requirement(word, "requirement")
