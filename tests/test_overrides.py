"""An override counts in place of what packages need, and never in place of what somebody types."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_envs.environments.declaring import check_overrides
from jupyter_envs.errors import InputError
from jupyter_envs.kernel.distributions import fits
from jupyter_envs.model.requirement import requirement_of
from jupyter_envs.model.spec import Spec

from .local_index import LocalIndex
from .test_cli import Cli, block_in, cli, notebook, signals
from .test_cli_pip import LOCK, locked

__all__ = ["cli", "notebook", "signals"]
NO_LONGER = "demo-dep==1.0 no longer overrides what packages require: "
STILL = "demo-dep==1.0 still overrides what packages require. --override demo-dep takes that back."


def test_a_limit_that_is_typed_takes_an_earlier_override_back(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    cli("install", notebook, "--override", "demo-dep==1.0", "demo-dep", LOCK)
    said = cli("install", notebook, "demo-dep==1.1", LOCK, "--json")
    assert said.json["notes"] == [f"{NO_LONGER}demo-dep==1.1 was typed later."]
    assert (locked(notebook)["demo-dep"], block_in(notebook).overrides) == ("1.1", ())
    assert cli("status", notebook, "--json").json["notes"] == []


def test_a_name_alone_leaves_an_override_and_says_so(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    cli("install", notebook, "--override", "demo-dep==1.0", "demo", LOCK)
    for words in (("install", "demo-dep"), ("install", "-U", "demo-dep"), ("upgrade", "demo-dep")):
        said = cli(words[0], notebook, *words[1:], LOCK, "--json")
        assert (said.json["notes"], locked(notebook)["demo-dep"]) == ([STILL], "1.0")
    said = cli("install", notebook, "--override", "demo-dep", "demo-dep>=1.1", LOCK, "--json")
    assert (said.json["notes"], locked(notebook)["demo-dep"]) == ([], "1.1")


def test_the_override_of_a_package_goes_with_it(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    cli("install", notebook, "--override", "demo-dep==1.0", "--override", "shout<9", "demo-dep", "shout", LOCK)
    said = cli("remove", notebook, "demo-dep", LOCK, "--json")
    assert said.json["notes"] == [f"{NO_LONGER}demo-dep was removed."]
    assert block_in(notebook).overrides == ("shout<9",)
    cli("install", notebook, "demo-dep", LOCK)
    assert locked(notebook)["demo-dep"] == "1.1"


@pytest.mark.parametrize(
    "words",
    [
        ("--override", "demo-dep==1.0", "demo-dep>=1.1"),
        ("--override", "demo-dep<1.1", "demo-dep>=1.1"),
        ("--override", "demo-dep<1.1", "demo-dep @ https://x.example/demo_dep-1.1-py3-none-any.whl"),
    ],
)
def test_a_command_that_contradicts_itself_is_refused(
    cli: Cli, notebook: Path, index: LocalIndex, words: tuple[str, ...]
) -> None:
    before = notebook.read_bytes()
    said = cli("install", notebook, *words, LOCK)
    assert said.code == 1 and said.err.startswith("error[conflict]: The override demo-dep"), said
    assert "contradict each other" in said.err
    assert notebook.read_bytes() == before


def test_an_override_does_not_beat_what_the_notebook_asks_for_already(
    cli: Cli, notebook: Path, index: LocalIndex
) -> None:
    cli("install", notebook, "demo-dep>=1.1", LOCK)
    assert cli("install", notebook, "--override", "demo-dep==1.0", LOCK).err.startswith("error[conflict]")
    assert cli("install", notebook, "--override", "demo-dep==1.0", "demo-dep<1.1", LOCK).code == 0
    assert locked(notebook)["demo-dep"] == "1.0"


def test_a_limit_and_an_override_that_can_both_hold_do(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    assert cli("install", notebook, "needs-old", "--override", "demo-dep>=1.0", "demo-dep<1.1", LOCK).code == 0
    assert locked(notebook)["demo-dep"] == "1.0"
    assert cli("upgrade", notebook, LOCK).code == 0
    assert locked(notebook)["demo-dep"] == "1.0"


def test_a_block_that_contradicts_itself_is_not_just_ready(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    cli("install", notebook, "--override", "demo-dep==1.0", "demo-dep")
    value = json.loads(notebook.read_text())
    block = value["metadata"]["jupyter_envs"]
    block["dependencies"] = ["demo-dep>=1.1"]
    spec = Spec(dependencies=("demo-dep>=1.1",), overrides=("demo-dep==1.0",))
    block["lock"]["spec"] = spec.digest
    notebook.write_text(json.dumps(value))
    said = cli("status", notebook, "--json").json
    assert "demo-dep>=1.1 is overridden" in said["sentence"]
    assert "demo-dep>=1.1 does not count here: it is overridden." in said["notes"]
    assert cli("lock", notebook).err.startswith("error[conflict]")
    assert cli("install", notebook, "--override", "demo-dep", "--accept", LOCK).code == 0
    assert locked(notebook)["demo-dep"] == "1.1"


@pytest.mark.parametrize(
    ("line", "override", "together"),
    [
        ("a>=2", "a<2", False),
        ("a>2", "a<=2", False),
        ("a>1,<2", "a>=1.5", True),
        ("a!=1", "a>=1,<2", True),
        ("a==1.*", "a~=1.4", True),
        ("a==1.*", "a>=2", False),
        ("a<2", "a!=1", True),
        ("a>2", "a!=3", True),
        ("a>=1.16", "a==1.16.0", True),
        ("a<=1.9", "a>1.8,!=1.9", True),
        ("a===1", "a==1", True),
        ("a===1.0+x", "a>2", False),
        ("a>=2 ; python_version < '3.9'", "a<2 ; python_version >= '3.9'", True),
        ("a>=2 ; python_version < '3.9'", "a<2", False),
        ("a", "a<2", True),
        ("b>2", "a<2", True),
    ],
)
def test_what_cannot_hold_together(line: str, override: str, together: bool) -> None:
    items = tuple(requirement_of(text).text for text in (line, override))
    spec = Spec(dependencies=items[:1], overrides=items[1:])
    if together:
        check_overrides(spec)
    else:
        with pytest.raises(InputError, match="contradict each other"):
            check_overrides(spec)


def test_a_kernel_sees_which_limits_are_overridden() -> None:
    assert fits("a>=1 ; python_version > '3'", "1.0") and fits("a[x]<2", "1.9rc1") and fits("a", "3")
    assert not fits("a>=1.16", "1.15.0") and not fits("a[x]==2.*", "3")
