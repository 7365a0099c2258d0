"""Lines of a notebook that change the machine that they run on: apt, sudo, and conda in other environments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..kernel.scanning import scanned
from .cells import LONGEST, Content, Line, shell_lines
from .shell_commands import Command, commands_of

MANAGER = re.compile(r"apt|apt-get|aptitude|dpkg|snap|yum|dnf|apk|pacman|zypper|brew|choco|winget")
CONDA = ("conda", "mamba", "micromamba")
OURS = re.compile(r"pip3?(?:\.\d+)?|uv")
PLACES = ("-n", "--name", "-p", "--prefix")
LOOKING = ("list", "search", "info", "show", "--version", "-V", "config", "activate", "init")


def system_commands(content: Content) -> Iterator[Line]:
    """Lines with such a command, as they stand there."""
    for line in shell_lines(content):
        if line.sign != "%" and any(map(_changes_machine, commands_of(line.text[:LONGEST]))):
            yield line


def _changes_machine(command: Command) -> bool:
    program = command.words[0] if command.words else ""
    if program in CONDA:
        return _elsewhere(command.words[1:])
    return (command.sudo and not OURS.fullmatch(program)) or MANAGER.fullmatch(program) is not None


def _elsewhere(words: Sequence[str]) -> bool:
    """Whether conda changes another environment than the notebook's."""
    found = list(scanned("conda", words, PLACES))
    verbs = [str(word.value) for word in found if not word.form]
    if not verbs or verbs[0] in LOOKING:
        return False
    return verbs[0] in ("create", "env", "clean") or any(word.form in PLACES for word in found)
