"""Lines of a notebook that change the machine that they run on: apt, sudo, and conda in other environments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..kernel.scanning import scanned
from .cell_lines import COMMAND, commands_of
from .cells import LONGEST, Content, Line, shell_lines

MANAGER = re.compile(r"(?:apt|apt-get|aptitude|dpkg|snap|yum|dnf|apk|pacman|zypper|brew|choco|winget)\s")
CONDA = ("conda", "mamba", "micromamba")
PLACES = ("-n", "--name", "-p", "--prefix")
LOOKING = ("list", "search", "info", "show", "--version", "-V", "config", "activate", "init")


def system_commands(content: Content) -> Iterator[Line]:
    """Lines with such a command, as they stand there."""
    for line in shell_lines(content):
        if line.sign != "%" and any(map(_changes_machine, commands_of(line.text[:LONGEST]))):
            yield line


def _changes_machine(words: Sequence[str]) -> bool:
    text = " ".join(words)
    if ours := COMMAND.match(f"{text} "):
        return ours[1] in CONDA and _elsewhere(list(words[words.index(ours[1]) + 1 :]) if ours[1] in words else [])
    return words[:1] == ["sudo"] or MANAGER.match(f"{text} ") is not None


def _elsewhere(words: list[str]) -> bool:
    """Whether conda changes another environment than the notebook's."""
    found = list(scanned("conda", words, PLACES))
    verbs = [str(word.value) for word in found if not word.form]
    if not verbs or verbs[0] in LOOKING:
        return False
    return verbs[0] in ("create", "env", "clean") or any(word.form in PLACES for word in found)
