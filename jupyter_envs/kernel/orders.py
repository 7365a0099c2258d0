"""What people type (`%env-install`, pip, uv, conda) as one order of ours.

pip's common options mean the same as in pip; options that have no meaning here are ignored; all others are refused."""

from __future__ import annotations

import os
import re
from typing import Iterator, Sequence

from .refused import Refused as Refused

LOOKING = ("list", "freeze", "show", "version", "help", "pip", "uv")
TOOLS = ("pip", "uv")
FLAGS = {
    "-U": "-U", "--upgrade": "-U", "--pre": "--pre", "--offline": "--offline",
}  # fmt: skip
VALUED = {
    "-r": "--requirement", "--requirement": "--requirement", "--requirements": "--requirement",
    "-e": "--editable", "--editable": "--editable", "-i": "--index-url",
    "--index-url": "--index-url", "--default-index": "--index-url", "--extra-index-url": "--extra-index-url",
    "--index": "--extra-index-url", "--allow-build": "--allow-build",
    "--allow-startup": "--allow-startup",
}  # fmt: skip
# They change where or how pip works, not what is installed; here there is only one place and one way.
MEANINGLESS = {
    "--user", "--no-cache-dir", "--no-cache", "--disable-pip-version-check", "--break-system-packages", "--no-input",
    "-y", "--yes", "--system", "--no-warn-script-location", "--no-python-version-warning",
    "--prefer-binary", "--no-compile", "--compile-bytecode", "--override-channels", "--json",
}  # fmt: skip
MEANINGLESS_VALUED = {
    "--progress-bar",
    "--root-user-action",
    "--timeout",
    "--retries",
    "--python",
    "-p",
    "--format",
}
ARCHIVES = (".whl", ".tar.gz", ".zip")
VARIABLE = re.compile(r"\$|\{.*\}")
QUIET = {"-q", "-qq", "-qqq", "--quiet"}
VERBOSE = {"-v", "-vv", "-vvv", "--verbose"}


class Order:
    """`verb` of our command line with its arguments, or one of LOOKING, which needs no process.

    `asked`: canonical names of the packages that were named; `verbose`: with the details of errors."""

    def __init__(
        self,
        verb: str,
        arguments: Sequence[str] = (),
        names: Sequence[str] = (),
        quiet: bool = False,
        verbose: bool = False,
    ) -> None:
        self.verb = verb
        self.arguments = list(arguments)
        self.names = list(names)
        self.quiet = quiet
        self.verbose = verbose

    def without_consent(self) -> Order:
        """For a process in which only an answer may count as consent."""
        arguments = [word for word in self.arguments if not word.startswith("--allow-")]
        return Order(self.verb, arguments, self.names, self.quiet, self.verbose)

    @property
    def asked(self) -> list[str]:
        return [name for name in map(name_of, self.names) if name]


def is_path(word: str) -> bool:
    """Whether a word names a file or folder. The same as dialects/pip_arguments.py has it, which is not here."""
    if word.startswith((".", "/", "~")) or os.path.isabs(word):
        return True
    if not word or word.startswith("-") or "://" in word or " " in word or ";" in word:
        return False
    return "/" in word or os.sep in word or word.lower().endswith(ARCHIVES)


def name_of(requirement: str) -> str:
    """The canonical name at the start of a requirement; "" for a path or URL."""
    direct = re.match(r"\s*([A-Za-z0-9][\w.-]*)\s*(\[[^\]]*\])?\s*@", requirement)
    if is_path(requirement) or ("://" in requirement and not direct):
        return ""
    match = re.match(r"\s*([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)", requirement)
    return re.sub(r"[-_.]+", "-", match.group(1)).lower() if match else ""


def parse(program: str, words: Sequence[str]) -> Order:
    """`program` is pip, uv, conda (or mamba, micromamba). Raises Refused."""
    words = list(words)
    if program == "uv":
        words = _uv(words)
    tool = program if program != "uv" else "uv pip"
    quiet = False
    while words and words[0] in QUIET | VERBOSE | MEANINGLESS:
        quiet = quiet or words.pop(0) in QUIET
    if not words or words[0] in ("help", "--help", "-h"):
        return Order("help")
    if words[0] in ("--version", "-V"):
        return Order("version")
    verb = {"uninstall": "remove", "add": "install", "inspect": "list"}.get(words[0], words[0])
    if program in ("conda", "mamba", "micromamba"):
        verb = {"update": "upgrade"}.get(verb, verb)
    if verb in ("install", "remove", "upgrade"):
        typed = order(verb, _conda(verb, words[1:]) if program not in ("pip", "uv") else words[1:], quiet)
        return typed if verb == "remove" else without_tools(typed)
    if verb in ("list", "freeze", "show"):
        return Order(verb, names=[w for w in words[1:] if not w.startswith("-")], quiet=quiet)
    raise Refused(
        f"`{tool} {words[0]}` does not work in a notebook's environment.",
        "These do: install, uninstall, list, show, freeze.",
    )


def order(verb: str, words: Sequence[str], quiet: bool = False) -> Order:
    """install, remove or upgrade with pip's options. Raises Refused."""
    arguments: list[str] = []
    names: list[str] = []
    verbose = False
    accepted = {} if verb in ("remove", "build") else FLAGS
    for option, value in options(words):
        if value and VARIABLE.search(value):
            raise Refused(
                f"`{value}` cannot be read: variables are not expanded here.",
                "Write the value instead. %pip install expands variables.",
            )
        if not option:
            names.append(str(value))
        elif option in QUIET:
            quiet = True
        elif option in VERBOSE:
            verbose = True
        elif option == "--accept":
            raise Refused("--accept does not work in a cell, which asks you instead.", "Leave --accept out.")
        elif option in accepted:
            arguments.append(FLAGS[option])
        elif option in VALUED:
            arguments.append(valued(verb, option, value))
        elif option not in MEANINGLESS and option not in MEANINGLESS_VALUED:
            raise Refused(
                f"The option {option} is not supported here.",
                "Supported options: -U, --pre, -q, -v, -r FILE, -e PATH, --index-url of a configured index.",
            )
    if verb in ("install", "remove") and not names and not brings_files(arguments):
        raise Refused("No package was named.", f"For example: %env-{verb} pandas")
    return Order(verb, arguments + names, names, quiet, verbose)


def brings_files(arguments: Sequence[str]) -> bool:
    return any(word.startswith(("--requirement=", "--editable=")) for word in arguments)


def resolve_path(word: str, folder: str) -> str:
    """The path of a file or folder on this machine, seen from `folder`, where it was typed; everything else
    unchanged."""
    option, equals, value = word.partition("=")
    if option in ("--requirement", "--editable"):
        return option + equals + os.path.join(folder, os.path.expanduser(value)) if "://" not in value else word
    return os.path.join(folder, word) if is_path(word) and not word.startswith("~") else word


def without_tools(typed: Order) -> Order:
    """Many notebooks begin with `pip install -U pip`. That would put a real pip before ours, so it is ignored; use
    %env-install pip to install a real one."""
    tools = [name for name in typed.names if name_of(name) in TOOLS]
    names = [name for name in typed.names if name not in tools]
    arguments = [word for word in typed.arguments if word not in tools]
    if tools and not names and not brings_files(arguments):
        return Order(name_of(tools[0]), quiet=typed.quiet)
    return Order(typed.verb, arguments, names, typed.quiet, typed.verbose)


def valued(verb: str, option: str, value: str | None) -> str:
    """One word, so that no value can become an option."""
    if value is None:
        raise Refused(f"The option {option} needs a value.")
    if verb == "remove":
        raise Refused(f"The option {option} cannot be used to remove packages.")
    return f"{VALUED[option]}={value}"


def options(words: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    """(option, value) pairs; ("", word) for a word that is no option. Knows `--x=v`, `-rFILE` and `-x v`."""
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-") or word == "-":
            yield "", word
            continue
        option, equals, value = word.partition("=")
        if not equals and word[:2] in ("-r", "-e", "-i") and len(word) > 2 and word[1] != "-":
            option, equals, value = word[:2], "=", word[2:]
        if option in VALUED or option in MEANINGLESS_VALUED:
            yield option, value if equals else (rest.pop(0) if rest else None)
        else:
            yield (option, value) if equals else (word, None)


def _uv(words: list[str]) -> list[str]:
    """`uv pip install x`, `uv add x`, `uv remove x` -> pip's words."""
    if words[:1] == ["pip"]:
        return words[1:]
    if words[:1] in (["add"], ["remove"]):
        return [{"add": "install", "remove": "uninstall"}[words[0]], *words[1:]]
    raise Refused(
        "`{}` does not work in a notebook's environment.".format(" ".join(["uv", *words[:1]])),
        "`uv pip install` and `uv add` do, and so does %env-install.",
    )


def _conda(verb: str, words: Sequence[str]) -> list[str]:
    from .conda_words import pip_words  # here, since few kernels ever need its tables

    return pip_words(verb, words)


HELP: dict[str, str] = {
    "help": "install, uninstall, list, show and freeze work on this notebook's environment. See %env-install?",
    "pip": "jupyter-envs takes the place of pip here; there is nothing to do.",
    "uv": "jupyter-envs takes the place of uv here; there is nothing to do.",
    "version": "jupyter-envs takes the place of pip here: packages belong to the notebook, see %env-status",
}
