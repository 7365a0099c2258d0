"""What the pages call by its name is there: options of verbs and magics, variables, files, and words in the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from jupyter_envs.cli.arguments import parser_for
from jupyter_envs.cli.main import VERBS
from jupyter_envs.kernel import pip_words
from jupyter_envs.kernel.pip_options import REFUSED
from jupyter_envs.kernel.pip_table import GENERAL, OURS
from jupyter_envs.machine.kernelspecs import DISPLAY_NAME

from .test_docs import PAGES, ROOT

by_name = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"``(.+?)``|`([^`\n]+)`")
COMMAND = re.compile(r"(?<!--engine )(?:jupyter envs|jupyter-envs) ([a-z]+)([^|#;&()]*)")
MAGIC = re.compile(r"%(env-[a-z]+)([^|#%]*)")
OPTION = re.compile(r"(?<![\w-])--?[A-Za-z][A-Za-z-]*")
VARIABLE = re.compile(r"\bJUPYTER_ENVS_[A-Z_]+\b")
PLACE = re.compile(
    r"(?:tests|labextension|jupyter_envs|docs|benchmarks)/[\w./-]*|(?:[\w-]+/)*[\w-]+\.(?:py|json|ts|tsx)"
)
NOT_OURS = {"jupyter_envs_policy.json", "jupyter_server_config.py", "current.json", "msgspec.py", "script.py"}
"""Files of the user's machine."""
SOURCES = [
    *(ROOT / "labextension" / "src").rglob("*.ts*"),
    *(ROOT / "jupyter_envs" / "kernel").glob("*.py"),
]
DOORS = re.compile(r"\b(?:panel|banner|chip|button|dialog)\b")
CONTROL = re.compile(
    r"\b(?:list|menu|button|field|link)\b.*\b(?:panel|banner|dialog)\b|\bpanel['\u2019]s (?:list|menu|button|field)\b"
)
EMPHASIS = re.compile(r"\*\*(.+?)\*\*|(?<![*\w])\*([^*\n]+)\*(?![*\w])|“(.+?)”", re.DOTALL)


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def codes(page: Path) -> Iterator[str]:
    """Each line in a block of code, and each piece of code in a sentence."""
    text = text_of(page)
    for block in FENCE.findall(text):
        yield from block.splitlines()[1:-1]
    for long, short in SPAN.findall(FENCE.sub("", text)):
        yield long or short


def options_of(verb: str) -> set[str]:
    parser = parser_for(verb, VERBS[verb])
    import_module(f"jupyter_envs.cli.{verb}").arguments(parser)
    return set(parser._option_string_actions)


def commands(page: Path) -> Iterator[tuple[str, str]]:
    """(verb, what follows it); behind ` -- ` stands another program's command line."""
    for code in codes(page):
        for verb, rest in COMMAND.findall(code):
            yield verb, rest.split(" -- ")[0]


@by_name
def test_every_verb_and_each_of_its_options_exists(page: Path) -> None:
    unknown = [
        (verb, option)
        for verb, rest in commands(page)
        for option in OPTION.findall(rest) or [None]
        if verb not in VERBS or (option and option not in options_of(verb))
    ]
    assert unknown == []


@by_name
def test_every_magic_and_each_of_its_options_exists(page: Path) -> None:
    known = set(re.findall(r'"(env-[a-z]+)": self\.', (ROOT / "jupyter_envs" / "kernel" / "magics.py").read_text()))
    rows = [row for rows in pip_words.MAGICS.values() for row in rows] + [*OURS, *GENERAL]
    options = {form for row in rows if row.kind != REFUSED for form in row.forms}
    exports = options_of("export")
    assert {"env-install", "env-undo"} <= known
    unknown = [
        (magic, option)
        for code in codes(page)
        for magic, rest in MAGIC.findall(code)
        for option in OPTION.findall(rest) or [None]
        if magic not in known or (option and option not in options | (exports if magic == "env-export" else set()))
    ]
    assert unknown == []


@by_name
def test_every_variable_is_read_somewhere(page: Path) -> None:
    source = "\n".join(text_of(file) for file in (ROOT / "jupyter_envs").rglob("*.py"))
    read = {*re.findall(r"JUPYTER_ENVS_[A-Z_]+", source)}
    assert set(VARIABLE.findall(text_of(page))) <= read


@by_name
def test_every_file_of_ours_is_there(page: Path) -> None:
    named = {found for code in codes(page) for found in PLACE.findall(code) if code.strip() == found}
    named = {name for name in named if not Path(name).stem.isupper()}  # cli/VERB.py: each of them
    roots = (ROOT, ROOT / "jupyter_envs", ROOT / "labextension" / "src")
    there = [found for found in named if any((root / found).exists() for root in roots)]
    assert {name for name in named if Path(name).name not in NOT_OURS} - set(there) == set()


@by_name
def test_what_a_page_calls_by_name_in_the_browser_is_there(page: Path) -> None:
    """Whatever stands out in a paragraph about panel, banner, chip, button or dialog is text of theirs."""
    source = "\n".join(text_of(file) for file in SOURCES) + DISPLAY_NAME
    paragraphs = re.split(r"\n\n+|\n(?=[-#|])", FENCE.sub("", text_of(page)))
    said = {
        re.sub(r"\s+", " ", "".join(found))
        for paragraph in paragraphs
        if DOORS.search(paragraph)
        for found in EMPHASIS.findall(paragraph)
    }
    assert {name for name in said if name.strip(" …") not in source and not name.endswith(".")} == set()


@by_name
def test_a_page_names_what_it_says_is_in_the_browser(page: Path) -> None:
    """So that the test above sees it: "the list in the panel" could be any, and was none."""
    sentences = re.split(r"(?<=[.:;!?])\s|\n\n+", FENCE.sub("", text_of(page)))
    assert [sentence for sentence in sentences if CONTROL.search(sentence) and not EMPHASIS.search(sentence)] == []
