"""`pip list`, `freeze`, `show` and `check` say what pip itself says about the same environment: programs read it."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from jupyter_envs.kernel import listing
from jupyter_envs.kernel.orders import name_of
from jupyter_envs.kernel.pip_words import parse

SITE = sysconfig.get_path("purelib")
PIP = """
import contextlib, io, json, logging, sys
from pip._internal.cli.main import main
for words in json.loads(sys.argv[1]):
    print("COMMAND", flush=True)
    with contextlib.suppress(SystemExit):
        print("CODE", main(words), flush=True)
"""
COMMANDS = [
    ["list"],
    ["list", "-v"],
    ["list", "--format=json"],
    ["list", "--format", "json", "-v"],
    ["list", "--format=freeze"],
    ["list", "--not-required", "--format=freeze"],
    ["list", "--exclude", "pytest", "--exclude=Jinja2", "--format=freeze"],
    ["list", "--editable"],
    ["freeze"],
    ["freeze", "--all"],
    ["freeze", "--exclude-editable"],
    ["show", "pytest", "Jinja2", "typing_extensions"],
    ["show", "-v", "-f", "jupyter-server"],
    ["show", "nbformat", "no-such-package"],
    ["check"],
]


@cache
def environment() -> dict[str, Any]:
    """That of the tests, as a kernel knows its own."""
    found = [item.metadata for item in importlib.metadata.distributions(path=[SITE])]
    return {
        "site": [SITE], "version": ".".join(map(str, sys.version_info[:3])),
        "packages": {name_of(item["Name"]): item["Version"] for item in found},
    }  # fmt: skip


@cache
def of_pip() -> list[str]:
    done = subprocess.run(
        [sys.executable, "-I", "-c", PIP, json.dumps(COMMANDS)], capture_output=True, text=True, check=False
    )
    return done.stdout.split("COMMAND\n")[1:]


@pytest.mark.parametrize("number", range(len(COMMANDS)), ids=[" ".join(words) for words in COMMANDS])
def test_the_output_is_that_of_pip(number: int) -> None:
    lines, code = _without_code(of_pip()[number])
    answer = listing.answer(parse("pip", COMMANDS[number]), environment())
    assert list(answer.lines) == lines
    assert answer.code == code


def _without_code(text: str) -> tuple[list[str], int]:
    lines = text.splitlines()
    return lines[:-1], int(lines[-1].removeprefix("CODE "))


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path


def package(folder: Path, name: str, version: str, **files: str) -> None:
    info = folder / f"{name.lower()}-{version}.dist-info"
    info.mkdir()
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{files.pop('more', '')}"
    for file, text in {"METADATA": metadata, **files}.items():
        (info / file.replace("_json", ".json")).write_text(text)


def asked(folder: Path, *words: str, block: dict[str, Any] | None = None) -> listing.Answer:
    found = {name_of(d.metadata["Name"]): d.version for d in importlib.metadata.distributions(path=[str(folder)])}
    here = {"site": [str(folder)], "packages": found, "version": "3.11.7"}
    return listing.answer(parse("pip", words), here, block)


def test_names_are_written_as_their_authors_write_them(folder: Path) -> None:
    package(folder, "Foo.Bar", "1.0")
    assert asked(folder, "freeze").lines == ["Foo.Bar==1.0"]
    assert asked(folder, "list").lines == ["Package Version", "------- -------", "Foo.Bar 1.0"]
    assert asked(folder, "list", "--exclude", "foo_bar").lines == []


def test_what_is_broken_is_said_and_the_exit_code_is_pips(folder: Path) -> None:
    package(folder, "a", "1.0", more="Requires-Dist: b>=2\nRequires-Dist: c; extra == 'x'\nRequires-Dist: d\n")
    package(folder, "b", "1.5", more="Requires-Dist: e; python_version < '3.9'\n")
    answer = asked(folder, "check")
    assert answer.lines == [
        "a 1.0 requires d, which is not installed.",
        "a 1.0 has requirement b>=2, but you have b 1.5.",
    ]
    assert answer.code == 1


def test_a_source_is_named_where_pip_names_it(folder: Path) -> None:
    archive = {"url": "https://example.org/a.whl", "archive_info": {"hashes": {"sha256": "0" * 64}}}
    editable = {"url": "file:///there/b", "dir_info": {"editable": True}}
    package(folder, "A", "1.0", direct_url_json=json.dumps(archive))
    package(folder, "b", "2.0", direct_url_json=json.dumps(editable))
    package(folder, "c", "3.0")
    block = {
        "lock": {
            "packages": [
                {
                    "name": "c",
                    "version": "3.0",
                    "vcs": {"type": "git", "url": "https://example.org/c", "commit-id": "abc"},
                }
            ]
        }
    }
    assert asked(folder, "freeze", block=block).lines == [
        "A @ https://example.org/a.whl#sha256=" + "0" * 64,
        "# Editable install with no version control (b==2.0)",
        "-e /there/b",
        "c @ git+https://example.org/c@abc",
    ]
    assert asked(folder, "list", "-e", "--format=freeze").lines == ["b==2.0"]
    assert asked(folder, "freeze", "--exclude-editable").lines[0].startswith("A @ ")
    (row,) = json.loads(asked(folder, "list", "-e", "--format=json").lines[0])
    assert row["editable_project_location"] == "/there/b"


def test_nothing_of_packaging_stays_loaded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel that looks can still move to another version of it."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "packaging"]:
        monkeypatch.delitem(sys.modules, name)
    package(folder, "a", "1.0", more="Requires-Dist: b>=2\n")
    assert asked(folder, "check").code == 1
    assert not [name for name in sys.modules if name.partition(".")[0] == "packaging"]


def test_what_is_not_there_is_a_complaint_and_an_exit_code(folder: Path) -> None:
    answer = asked(folder, "show", "nosuch")
    assert (list(answer.lines), answer.code) == ([], 1)
    assert answer.complaints == ["WARNING: Package(s) not found: nosuch"]
    assert asked(folder, "show").code == 1
