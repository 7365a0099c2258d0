"""What somebody types after pip, `uv pip` or our own magics, as one order."""

from __future__ import annotations

import re
from typing import Sequence

from .looking_table import UNUSED, why_unused
from .orders import Order, Refused, brings_files, name_of
from .pip_options import ACCEPTED, Row, Table, Word, accepted, checked, means, read
from .pip_table import GENERAL, OURS, UPGRADE, VERBS, Verb
from .uv_table import PROJECT_VERBS, UV_VERBS, general

VARIABLE = re.compile(r"\$|\{.*\}")
CONDA = tuple(accepted(forms, "it is about how conda works") for forms in ("-y --yes", "--override-channels", "--json"))
VERSION: Row = means("-V --version", "version", "says what takes the place of pip")
MAGICS: dict[str, Sequence[Row]] = {
    "install": VERBS["install"].rows,
    "remove": VERBS["uninstall"].rows,
    "upgrade": UPGRADE,
}


class Typed:
    """What the words say so far. `tool` is for sentences: `pip install`."""

    def __init__(self, tool: str, rows: Sequence[Row], *, abbreviated: bool = True) -> None:
        self.tool = tool
        self.table = Table(rows, abbreviated=abbreviated)
        self.arguments: list[str] = []
        self.names: list[str] = []
        self.states: dict[str, bool] = {}
        """help, version, quiet, verbose."""

    def read(self, words: Sequence[str], *, mixed: bool = True) -> Typed:
        """Raises Refused."""
        for word in read(words, self.table, mixed=mixed):
            if mixed and word.value and VARIABLE.search(word.value):
                raise Refused(
                    f"`{word.value}` cannot be read: variables are not expanded here.",
                    "Write the value instead. %pip install expands variables.",
                )
            if word.form:
                self._take_option(word)
            else:
                self._take_name(str(word.value), mixed)
        return self

    def _take_name(self, name: str, mixed: bool) -> None:
        if mixed and name.startswith("-"):
            raise Refused(f"`{name}` is not a package name, an address or a path.", code="req-syntax")
        self.names.append(name)

    def _take_option(self, word: Word) -> None:
        if word.form == "--accept":
            raise Refused("--accept does not work in a cell, which asks you instead.", "Leave --accept out.")
        row = checked(word, self.table, self.tool)
        if row.kind != ACCEPTED:
            self._mean(row, word.value)

    def _mean(self, row: Row, value: str | None) -> None:
        said = row.does + str(value) if row.does.endswith("=") else row.does
        if not said.startswith("-") and "=" not in said and said in STATES:
            self.states[said] = True
        elif row.does.endswith("=") or said not in self.arguments:
            self.arguments.append(said)

    def order(self, verb: str, before: Typed | None = None) -> Order:
        """`before`: what was said before the verb."""
        states = {**(before.states if before else {}), **self.states}
        if states.get("help"):
            return Order("help")
        quiet, verbose = states.get("quiet", False), states.get("verbose", False)
        arguments = [*(before.arguments if before else ()), *self.arguments]
        return Order(verb, arguments + self.names, self.names, quiet, verbose)


STATES = ("help", "version", "quiet", "verbose")


def parse(program: str, words: Sequence[str]) -> Order:
    """`program` is pip, uv, conda (or mamba, micromamba). Raises Refused."""
    if program in ("pip", "uv"):
        return pip(words) if program == "pip" else uv(words)
    from .conda_words import ROWS, pip_words  # here, since few kernels ever need its tables

    first = list(read(words, Table(ROWS), mixed=False))
    forms, names = {word.form for word in first}, [str(word.value) for word in first if not word.form]
    if forms & {"--version", "-V"}:
        return Order("version")
    if not names or names[0] == "help" or forms & {"--help", "-h"}:
        return Order("help")
    verb = {"uninstall": "remove", "update": "upgrade"}.get(names[0], names[0])
    if verb in ("install", "remove", "upgrade"):
        before = [text for word in first if word.form for text in word.typed]
        typed = conda(f"{program} {names[0]}", verb, pip_words(verb, [*before, *names[1:]]))
        return typed if verb == "remove" else without_tools(typed)
    if verb == "list":
        return Order(verb)
    raise Refused(
        f"`{program} {names[0]}` does not work in a notebook's environment.",
        "These do: install, update, remove, list.",
        "unknown-verb",
    )


def order(verb: str, words: Sequence[str]) -> Order:
    """For `%env-install` and its family. Raises Refused."""
    typed = Typed(f"%env-{verb}", [*MAGICS.get(verb, ()), *OURS, *GENERAL]).read(words)
    return needing_names(typed.order(verb))


def needing_names(typed: Order) -> Order:
    if typed.verb in ("install", "remove") and not typed.names and not brings_files(typed.arguments):
        raise Refused("No package was named.", f"For example: %env-{typed.verb} pandas", "req-empty")
    return typed


def pip(words: Sequence[str]) -> Order:
    """Raises Refused."""
    return _with_verb("pip", words, (VERSION, *GENERAL), VERBS, GENERAL)


def uv(words: Sequence[str]) -> Order:
    """`uv pip …`, `uv add …`, `uv remove …`. Raises Refused."""
    before = Typed("uv", [VERSION, *general()], abbreviated=False).read(words, mixed=False)
    verb, rest = before.names[:1], before.names[1:]
    if verb == ["pip"]:
        return _with_verb("uv pip", rest, general(), UV_VERBS, general(), before)
    if verb in (["add"], ["remove"]):
        return _with_verb("uv", before.names, general(), PROJECT_VERBS, general(), before)
    if before.states or not verb:
        return _stated(before)
    raise Refused(
        "`{}` does not work in a notebook's environment.".format(" ".join(["uv", *verb])),
        "`uv pip install` and `uv add` do, and so does %env-install.",
        "unknown-verb",
    )


def conda(tool: str, verb: str, words: Sequence[str]) -> Order:
    """conda's words, made pip's. Raises Refused."""
    return needing_names(Typed(tool, [*CONDA, *OURS, *GENERAL]).read(words).order(verb))


def _stated(before: Typed) -> Order:
    return Order("version" if before.states.get("version") else "help")


def _with_verb(
    tool: str, words: Sequence[str], first: Sequence[Row], verbs: dict[str, Verb], rows: Sequence[Row],
    outer: Typed | None = None,
) -> Order:  # fmt: skip
    """`first`: the options before the verb, `rows`: those of all verbs behind it."""
    before = Typed(tool, first, abbreviated=tool == "pip").read(words, mixed=False)
    before.states.update(outer.states if outer else {})
    before.arguments += outer.arguments if outer else []
    if not before.names or before.states.get("help") or before.states.get("version"):
        return _stated(before)
    name, *rest = before.names
    verb = verbs.get(name)
    if verb is None or not verb.does:
        why = f": {verb.says}" if verb else ""
        works = ", ".join(name for name, verb in verbs.items() if verb.does and name != "help")
        raise Refused(
            f"`{tool} {name}` does not work in a notebook's environment{why}.",
            verb.hint if verb else f"These do: {works}.",
            "unknown-verb",
        )
    typed = Typed(f"{tool} {name}", [*verb.rows, *rows], abbreviated=tool == "pip").read(rest)
    if verb.does in ("install", "remove"):
        found = typed.order(verb.does, before)
        if found.verb == "help":
            return found
        needing_names(found)
        return without_tools(found) if verb.does == "install" else _skipping(found)
    return _looking(typed.order(verb.does, before))


def _looking(typed: Order) -> Order:
    """Raises Refused for what would have to be said otherwise."""
    if typed.verb == "hash" and not typed.names:
        raise Refused("No file was named.", "For example: pip hash demo-1.0.tar.gz")
    if typed.verb == "index":
        if len(typed.names) != 2 or typed.names[0] != "versions":
            raise Refused("Of `pip index`, only `versions` and one name work here.", "pip index versions pandas")
        return Order("index", typed.arguments, typed.names[1:], typed.quiet, typed.verbose)
    unused = next((word[len(UNUSED) :] for word in typed.arguments if word.startswith(UNUSED)), "")
    if typed.asks_indexes and unused:
        why, hint = why_unused(unused)
        raise Refused(f"The option {unused} is not available here: {why}.", hint, "pip-option")
    if "outdated" in typed.arguments and {"format=freeze", "uptodate"} & {*typed.arguments}:
        raise Refused("--outdated does not go with --format=freeze or --uptodate.", "Leave one of them out.")
    return typed


def _skipping(typed: Order) -> Order:
    """As pip does, what is not installed is skipped."""
    return Order(typed.verb, ["--skip-missing", *typed.arguments], typed.names, typed.quiet, typed.verbose)


def without_tools(typed: Order) -> Order:
    """Many notebooks begin with `pip install -U pip`. That would put a real pip before ours, so it is ignored; use
    %env-install pip to install a real one."""
    tools = [name for name in typed.names if name_of(name) in ("pip", "uv")]
    names = [name for name in typed.names if name not in tools]
    arguments = [word for word in typed.arguments if word not in tools]
    if tools and not names and not brings_files(arguments):
        return Order(name_of(tools[0]), quiet=typed.quiet)
    return Order(typed.verb, arguments, names, typed.quiet, typed.verbose)
