"""The commands of a shell's line, each without what stands around it: assignments, `sudo`, `then`, brackets, paths."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..kernel.shell_lines import QUOTED, quote_limits

REDIRECTED = re.compile(r"\s(?:\d|&)?>{1,2}\s*(?:&\d|[^\s&|;]+)")
COMMENT = re.compile(r"\s#")
ENDS = {";", "&", "&&", "|", "||", "|&"}
AROUND = {
    "if", "then", "elif", "else", "do", "while", "until", "!", "{", "time", "nohup", "exec", "command", "env", "eval",
}  # fmt: skip
ASSIGNED = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
PYTHON = re.compile(r"(?:\S*[/\\])?(?:python[\d.]*|py)(?:\.exe)?|\{sys\.executable\}|\$\{?sys\.executable\}?")
PROGRAM = re.compile(r"(?:/[\w.-]+)+/([\w.-]+)")
SHELL = re.compile(r"(?:ba|z|k|da)?sh")
FLAG = re.compile(r"-[A-Za-z]*c")
DEEPEST = 3


@dataclass(frozen=True)
class Command:
    """`words`: from the program's name on; `variables`: those that are set for it; `sudo`: whether it runs as root."""

    words: list[str]
    variables: Mapping[str, str]
    sudo: bool = False


def commands_of(text: str, depth: int = 0) -> Iterator[Command]:
    for words in _split(text):
        command = _unwrapped(words)
        inner = command.words[:1] and SHELL.fullmatch(command.words[0])
        at = next((i for i, word in enumerate(command.words) if FLAG.fullmatch(word)), 0) if inner else 0
        if at and depth < DEEPEST and len(command.words) > at + 1:
            for each in commands_of(command.words[at + 1], depth + 1):
                yield Command(each.words, {**command.variables, **each.variables}, command.sudo or each.sudo)
        elif command.words or command.variables:
            yield command


def _split(text: str) -> Iterator[list[str]]:
    """The words of each command, without redirections. A comment ends the line."""
    text = text.strip().replace("\\\n", " ").replace("\n", " ; ")
    pieces = re.split(f"({QUOTED})", quote_limits(f" {text}"))
    pieces[::2] = [REDIRECTED.sub(" ", piece) for piece in pieces[::2]]
    plain = "".join(piece for piece in pieces if not COMMENT.match(piece))
    lexer = shlex.shlex(plain, posix=True, punctuation_chars=";&|")
    lexer.whitespace_split, lexer.commenters = True, ""
    words: list[str] = []
    try:
        for word in lexer:
            if word in ENDS:
                yield words
                words = []
            else:
                words.append(word)
    except ValueError:  # a quotation mark that nobody has closed
        words = text.split()
    yield words


def _unwrapped(words: list[str]) -> Command:
    rest, variables, sudo = [word for word in words if word != "}"], dict[str, str](), False
    if rest and rest[-1].endswith(")") and rest[-1].count(")") > rest[-1].count("("):
        rest[-1] = rest[-1][:-1]
    while rest:
        rest[0] = rest[0].lstrip("(")
        if set_here := ASSIGNED.fullmatch(rest[0]):
            variables[set_here[1]] = set_here[2]
        elif sudo and rest[0].startswith("-"):
            pass
        elif rest[0] == "sudo":
            sudo = True
        elif rest[0] == "export" and all(map(ASSIGNED.fullmatch, rest[1:])):
            pass
        elif rest[0] and rest[0] not in AROUND:
            break
        rest = rest[1:]
    return Command(_with_program(rest), variables, sudo)


def _with_program(words: list[str]) -> list[str]:
    """`/usr/bin/python3 -mpip list` -> `pip list`."""
    if not words:
        return []
    if PYTHON.fullmatch(words[0]):
        at = next((i for i, word in enumerate(words) if i and not re.fullmatch(r"-[BEIPSsu]+", word)), 0)
        module = words[at] if at else ""
        if module == "-m" and words[at + 1 : at + 2]:
            return words[at + 1 :]
        return [module[2:], *words[at + 1 :]] if module.startswith("-m") and module[2:] else words
    program = PROGRAM.fullmatch(words[0])
    return [program[1] if program else words[0], *words[1:]]
