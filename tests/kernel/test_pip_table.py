"""Each option that pip documents has one answer, the same in a cell, in a child and in a terminal."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from jupyter_envs.cli.arguments import parser_for
from jupyter_envs.cli.install import arguments as install_arguments
from jupyter_envs.cli.remove import arguments as remove_arguments
from jupyter_envs.cli.upgrade import arguments as upgrade_arguments
from jupyter_envs.errors import UsageError
from jupyter_envs.errors.table import ACTIONS
from jupyter_envs.kernel.looking_table import DECIDED, FINAL
from jupyter_envs.kernel.newer import hashes, question
from jupyter_envs.kernel.orders import HELP, Refused
from jupyter_envs.kernel.pip_options import ACCEPTED, MEANS, REFUSED, Row, Table
from jupyter_envs.kernel.pip_table import GENERAL, OURS, VERBS, rows_of
from jupyter_envs.kernel.pip_words import order, parse
from jupyter_envs.kernel.uv_table import GLOBAL, UV_ADD, UV_VERBS

PIP = """
import sys
from pip._internal.cli.main import main
for verb in sys.argv[1:]:
    print("VERB", verb, flush=True)
    try:
        main([verb, "--help"])
    except SystemExit:
        pass
"""
UV = ("install", "uninstall", "list", "freeze", "show", "check")
OPTION = re.compile(r"^ {2}(?:(-\w), )?(--[a-z0-9-]+)", re.MULTILINE)
ALL = [
    *((f"pip {name}", verb.rows) for name, verb in VERBS.items()),
    *((f"uv pip {name}", verb.rows) for name, verb in UV_VERBS.items()),
    ("uv add", UV_ADD.rows),
    ("pip", GENERAL),
    ("uv", GLOBAL),
]
ROWS = [pytest.param(row, id=f"{tool} {row.forms[-1]} {row.only}".strip()) for tool, rows in ALL for row in rows]


@cache
def helps() -> dict[str, str]:
    """What pip's own help says about each verb, and about itself."""
    verbs = [verb for verb in VERBS if VERBS[verb].does and verb != "help"]
    done = subprocess.run([sys.executable, "-I", "-c", PIP, *verbs], capture_output=True, text=True, check=True)
    texts = dict(part.split("\n", 1) for part in done.stdout.split("VERB ")[1:])
    own = subprocess.run([sys.executable, "-I", "-m", "pip", "--help"], capture_output=True, text=True, check=True)
    return {**texts, "": own.stdout}


def test_pips_help_is_read() -> None:
    assert {"--upgrade", "-U", "--no-deps", "--index-url"} <= {
        form for pair in OPTION.findall(helps()["install"]) for form in pair
    }


@pytest.mark.parametrize("verb", [name for name, verb in VERBS.items() if verb.does and name != "help"])
def test_every_option_that_pip_documents_has_a_row(verb: str) -> None:
    """If a new pip has a new option: decide what it does here, and write its row into kernel/pip_table.py."""
    table = Table(rows_of(verb), abbreviated=False)
    missing = [form for pair in OPTION.findall(helps()[verb]) for form in pair if form and not table.form_of(form)]
    assert missing == [], f"`pip {verb}` has options that kernel/pip_table.py does not know: {', '.join(missing)}"


def test_every_verb_of_pip_has_a_row() -> None:
    commands = helps()[""].partition("Commands:")[2].partition("Options:")[0]
    missing = set(re.findall(r"^ {2}([a-z]+) {2}", commands, re.MULTILINE)) - set(VERBS)
    assert not missing, f"pip has verbs that kernel/pip_table.py does not know: {', '.join(missing)}"


def test_every_option_of_uv_has_a_row() -> None:
    uv = [sys.executable, "-I", "-m", "uv"]
    for words, rows in [*((["pip", verb], UV_VERBS[verb].rows) for verb in UV), (["add"], UV_ADD.rows)]:
        done = subprocess.run([*uv, *words, "--help"], capture_output=True, text=True, check=True)
        found = re.findall(r"^ {2,6}(?:(-\w), +)?(--[a-z0-9-]+)", done.stdout, re.MULTILINE)
        table = Table([*rows, *GLOBAL, *GENERAL], abbreviated=False)
        missing = sorted({form for pair in found for form in pair if form and not table.form_of(form)})
        assert missing == [], f"`uv {' '.join(words)}` has options that kernel/uv_table.py does not know: {missing}"


@pytest.mark.parametrize("row", ROWS)
def test_each_row_has_one_answer_and_says_it_in_a_clause(row: Row) -> None:
    assert row.kind in (ACCEPTED, MEANS, REFUSED)
    assert row.says and not row.says.endswith(".")
    assert (row.kind == MEANS) == bool(row.does)
    assert row.value or not (row.only or row.does.endswith("="))
    if row.kind == REFUSED:
        assert row.code in ACTIONS
        assert row.hint.endswith((".", "`"))
    else:
        assert not row.code and not row.hint


PARSERS = {"install": install_arguments, "uninstall": remove_arguments, "upgrade": upgrade_arguments}


@pytest.mark.parametrize("verb", PARSERS)
def test_a_cell_and_a_terminal_have_the_same_answers(verb: str) -> None:
    """What a row means is an option of our command line, and what is refused is refused there with the same code."""
    parser = parser_for({"uninstall": "remove"}.get(verb, verb), "x")
    PARSERS[verb](parser)
    known = {form for action in parser._actions for form in action.option_strings}
    for row in rows_of(verb):
        value = [row.only or "x"] if row.value else []
        if row.kind == MEANS and row.does.startswith("-"):
            assert row.does.partition("=")[0] in known, row
        elif not known & set(row.forms) and row.kind != MEANS:
            assert _code(lambda words=[row.forms[-1], *value]: parser.parse(["a.ipynb", *words])) == row.code  # type: ignore[misc]


def _code(act: object) -> str:
    try:
        act()  # type: ignore[operator]
    except (Refused, UsageError) as error:
        return error.code
    return ""


EVERYDAY = [
    ("install -qU six", ["-U", "six"]),
    ("install -Uqq six", ["-U", "six"]),
    ("install -qqq --upgrade six", ["-U", "six"]),
    ("install -qr requirements.txt", ["--requirement=requirements.txt"]),
    ("install -Uqr requirements.txt", ["-U", "--requirement=requirements.txt"]),
    (
        "install -q -U -r requirements.txt -c limits.txt",
        ["-U", "--requirement=requirements.txt", "--constraint=limits.txt"],
    ),
    ("install -rreq.txt", ["--requirement=req.txt"]),
    ("install -Ue .", ["-U", "--editable=."]),
    ("install six -q", ["six"]),
    ("install --upgrade-strategy only-if-needed -U six", ["-U", "six"]),
    ("install -U --upgrade-strategy eager six", ["-U", "--upgrade-strategy=eager", "six"]),
    ("install -y --no-cache six", ["six"]),
    ("install --default-timeout=1000 --no-cache-dir six", ["six"]),
    ("install --default-timeout 1000 six", ["six"]),
    ("--default-timeout=1000 --no-cache-dir install six", ["six"]),
    ("-q --timeout 1000 install six", ["six"]),
    ("--disable-pip-version-check --no-python-version-warning install -q six", ["six"]),
    ("install --root-user-action=ignore --no-warn-script-location --no-warn-conflicts six", ["six"]),
    ("install --progress-bar off --no-input --no-color --isolated six", ["six"]),
    ("install --trusted-host pypi.org --trusted-host files.pythonhosted.org six", ["six"]),
    ("install --force-reinstall six", ["-U", "six"]),
    ("install -I six", ["-U", "six"]),
    ("install --pre -U six", ["--pre", "-U", "six"]),
    ("install --prefer-binary six", ["--prefer-binary", "six"]),
    ("install --only-binary=:all: six", ["--prefer-binary", "six"]),
    ("install --only-binary six six", ["six"]),
    ("install --no-binary six six", ["--allow-build=six", "six"]),
    ("install --no-binary :none: six", ["six"]),
    ("install --all-releases :all: six", ["--pre", "six"]),
    ("install --extra-index-url https://mirror/simple six", ["--extra-index-url=https://mirror/simple", "six"]),
    ("install -i https://mirror/simple six", ["--index-url=https://mirror/simple", "six"]),
    ("install -ihttps://mirror/simple six", ["--index-url=https://mirror/simple", "six"]),
    ("install -f wheels six", ["--find-links=wheels", "six"]),
    ("install --no-index --find-links=wheels six", ["--no-index", "--find-links=wheels", "six"]),
    ("install --require-hashes -r r.txt", ["--require-hashes", "--requirement=r.txt"]),
    ("install --uploaded-prior-to 2026-01-01 six", ["--uploaded-prior-to=2026-01-01", "six"]),
    ("install --break-system-packages --no-compile six", ["six"]),
    ("install --upgrade-s only-if-needed --constr c.txt six", ["--constraint=c.txt", "six"]),
    (
        "install --no-build-isolation -qC a=b six",
        ["--special-build=--no-build-isolation", "--special-build=--config-settings", "six"],
    ),
    ("install --proxy http://proxy:80 six", ["--proxy=http://proxy:80", "six"]),
    ("--proxy http://proxy:80 --cert ca.pem install six", ["--proxy=http://proxy:80", "--cert=ca.pem", "six"]),
    ("install --no-deps six", ["--no-deps", "six"]),
    ("install --dry-run -U six", ["--dry-run", "-U", "six"]),
    ("install -U six -- numpy", ["-U", "six", "numpy"]),
]


@pytest.mark.parametrize(("line", "arguments"), EVERYDAY)
def test_what_people_write_is_understood(line: str, arguments: list[str]) -> None:
    typed = parse("pip", shlex.split(line))
    assert (typed.verb, typed.arguments) == ("install", arguments)
    assert typed.quiet == bool(re.search(r"(^| )-[U]*q| --quiet", line))


@pytest.mark.parametrize(("line", "arguments"), EVERYDAY)
def test_a_terminal_understands_it_too(line: str, arguments: list[str]) -> None:
    """`jupyter envs install a.ipynb`, with what follows `install` and what comes before it."""
    before, _, after = line.partition("install")
    parser = parser_for("install", "x")
    install_arguments(parser)
    typed = parser.parse(["a.ipynb", *shlex.split(before), *shlex.split(after)])
    again = parser.parse(["a.ipynb", *arguments])
    assert {**vars(typed), "quiet": 0} == {**vars(again), "quiet": 0}


@pytest.mark.parametrize("verb", ["install", "uninstall", "upgrade"])
def test_a_terminal_keeps_what_our_own_options_say(verb: str) -> None:
    """A digest, above all: without it, `--accept` would approve everything."""
    parser = parser_for({"uninstall": "remove"}.get(verb, verb), "x")
    PARSERS[verb](parser)
    digest = "sha256:" + "0" * 64
    for words in (["--accept=" + digest], ["--accept", digest]):
        assert parser.parse(["a.ipynb", "six", *words]).accept == digest
    assert parser.parse(["a.ipynb", "six", "--accept"]).accept == "yes"
    typed = parser.parse(["--block", "-", "--journal=-", "--notebook", "a.ipynb", "--allow-build=x", "-qq", "six"])
    assert (typed.block, typed.journal, typed.notebook) == ("-", "-", "a.ipynb")
    assert (typed.allow_build, typed.quiet, typed.words) == (["x"], 2, ["six"])
    with pytest.raises(UsageError):
        parser.parse(["a.ipynb", "--quiet=yes"])


@pytest.mark.parametrize("option", ["--pre=no", "--no-input=x", "--force-reinstall=x", "--keyring-provider"])
def test_a_value_too_few_or_too_many_is_refused_in_a_terminal_too(option: str) -> None:
    parser = parser_for("install", "x")
    install_arguments(parser)
    with pytest.raises(UsageError) as refused:
        parser.parse(["a.ipynb", "six", option])
    assert refused.value.code == "usage"


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("uninstall -yq six", ["six"]),
        ("uninstall -y six numpy", ["six", "numpy"]),
        ("uninstall -y -r requirements.txt", ["--requirement=requirements.txt"]),
        ("uninstall --yes --root-user-action=ignore six", ["six"]),
    ],
)
def test_what_is_uninstalled(line: str, arguments: list[str]) -> None:
    typed = parse("pip", shlex.split(line))
    assert (typed.verb, typed.arguments) == ("remove", ["--skip-missing", *arguments])


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("install --target lib six", "another-environment"),
        ("install -tlib six", "another-environment"),
        ("install --user six", "another-environment"),
        ("--python other install six", "another-environment"),
        ("install --no-binary :all: six", "pip-option"),
        ("install --upgrade-strategy never six", "pip-option"),
        ("install --no-such six", "unknown-option"),
        ("install -qX six", "unknown-option"),
        ("install --up six", "unknown-option"),
        ("install --quiet=yes six", "usage"),
        ("install six --requirement", "usage"),
        ("install -- -r six", "req-syntax"),
        ("install", "req-empty"),
        ("instal six", "unknown-verb"),
        ("download six", "unknown-verb"),
        ("list --outdated --pre", "pip-option"),
        ("list --outdated --uploaded-prior-to 2026-01-01", "pip-option"),
        ("list -uvi https://example.org/simple", "pip-option"),
        ("list --outdated --format=freeze", "usage"),
        ("index versions", "usage"),
        ("index versions six --no-index", "pip-option"),
        ("hash", "usage"),
        ("hash -a md5 x", "pip-option"),
        ("list --format=yaml", "pip-option"),
        ("list --no-such", "unknown-option"),
        ("freeze -r x", "pip-option"),
        ("freeze --user", "another-environment"),
        ("show --no-such six", "unknown-option"),
        ("inspect", "unknown-verb"),
    ],
)
def test_what_is_refused_has_a_code_and_a_sentence(line: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        parse("pip", shlex.split(line))
    assert refused.value.code == code
    assert refused.value.sentence.endswith(".")


@pytest.mark.parametrize(
    ("line", "verb", "arguments"),
    [
        ("pip install --system -U six", "install", ["-U", "six"]),
        ("--quiet pip install six", "install", ["six"]),
        ("pip install -r a.txt --requirements b.txt", "install", ["--requirement=a.txt", "--requirement=b.txt"]),
        ("pip install --exclude-newer 2026-01-01 six", "install", ["--uploaded-prior-to=2026-01-01", "six"]),
        ("pip install --prerelease=allow six", "install", ["--pre", "six"]),
        ("pip install --reinstall -n six", "install", ["-U", "six"]),
        ("pip list --format json", "list", ["format=json"]),
        ("add six", "install", ["six"]),
        ("--offline pip install six", "install", ["--offline", "six"]),
        (
            "pip install --no-build-isolation-package six six",
            "install",
            ["--special-build=--no-build-isolation-package", "six"],
        ),
        ("remove six", "remove", ["--skip-missing", "six"]),
    ],
)
def test_uv_has_forms_of_its_own(line: str, verb: str, arguments: list[str]) -> None:
    typed = parse("uv", shlex.split(line))
    assert (typed.verb, typed.arguments) == (verb, arguments)


@pytest.mark.parametrize("line", ["pip install --upgr six", "pip install -p other six", "add --dev six", "pip tree"])
def test_uv_has_no_abbreviations_and_no_other_place(line: str) -> None:
    with pytest.raises(Refused):
        parse("uv", shlex.split(line))


@pytest.mark.parametrize("words", [["-h"], ["install", "-h"], ["help", "install"], ["list", "--help"], []])
def test_help_is_ours(words: list[str]) -> None:
    assert parse("pip", words).verb == "help"


def test_our_own_magics_take_pips_options() -> None:
    assert order("install", ["-qU", "six"]).arguments == ["-U", "six"]
    assert order("upgrade", ["-q", "--pre"]).arguments == ["--pre"]
    assert order("remove", ["-yq", "six"]).arguments == ["six"]
    with pytest.raises(Refused):
        order("upgrade", ["-r", "x"])
    assert {row.forms[0] for row in OURS} >= {"--allow-build", "--allow-startup"}


def test_help_names_each_verb_that_works() -> None:
    for verb, row in VERBS.items():
        assert not row.does or verb == "help" or verb in HELP["help"], verb


def test_an_option_that_nothing_uses_is_refused_with_its_own_reason() -> None:
    assert "unused=--pre" in parse("pip", ["list", "--pre"]).arguments
    for words, says, hint in (("-o --pre", FINAL, "pip index versions"), ("-u -i https://x.example", DECIDED, "Leave")):
        with pytest.raises(Refused) as refused:
            parse("pip", ["list", *words.split()])
        assert says in refused.value.sentence and hint in refused.value.hint


@pytest.mark.parametrize(
    ("program", "line", "words"),
    [
        ("uv", "--offline pip list --outdated", ["--offline"]),
        ("pip", "--proxy http://p:1 list -o", ["--proxy=http://p:1"]),
        ("pip", "list -o --cert /x.pem -v", ["--cert=/x.pem"]),
        ("pip", "--client-cert /x.pem index versions six --pre", ["--client-cert=/x.pem", "--pre"]),
    ],
)
def test_what_is_said_about_the_network_reaches_who_asks(program: str, line: str, words: list[str]) -> None:
    asked = question(parse(program, line.split()), {"python": "/py", "version": "3.12"})
    assert asked[: len(words) + 2] == ["lookup", *words, "--of"]


@pytest.mark.parametrize("line", ["hash a=b.whl", "--proxy http://p hash a=b.whl", "hash --algorithm=sha512 a=b.whl"])
def test_only_an_option_says_which_hash(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a=b.whl").write_bytes(b"x")
    lines, complaints, code = hashes(parse("pip", line.split()))
    assert (complaints, code, lines[0]) == ([], 0, "a=b.whl:")
    assert lines[1].startswith("--hash=sha512:" if "sha512" in line else "--hash=sha256:")
