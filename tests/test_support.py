"""A block that asks for what no engine here can give: no door locks, builds, runs it, or calls it ready.

Everything else that it asks for is built and approved here, so nothing else stands in the way."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.errors import InputError
from jupyter_envs.launch.decision import KernelStart, decide
from jupyter_envs.model.block import Block, parse_block
from jupyter_envs.model.lock import CondaPackage
from jupyter_envs.model.options import Options
from jupyter_envs.model.spec import CondaSpec
from jupyter_envs.server.states import States
from jupyter_envs.settings import Settings

from .kernel.real import write_notebook
from .test_cli import Cli, cli  # noqa: F401  # a fixture
from .typed import typed

ROW = CondaPackage(name="gdal", version="3.9", build="h1", subdir="linux-64", channel="conda-forge", sha256="0" * 64)
KINDS = {
    "conda": "needs-conda", "channels": "needs-conda", "conda alone": "needs-conda", "conda rows": "needs-conda", "project": "needs-project",
    "project alone": "needs-project", "kernel": "needs-kernel", "override": "needs-kernel",
}  # fmt: skip


def asking(built: Block, kind: str) -> Block:
    """The block, which was built and approved as it was, with something more."""
    change = {
        "conda": {"conda": CondaSpec(("conda-forge",), ("gdal>=3.9",))},
        "channels": {"conda": CondaSpec(("conda-forge",))},
        "project": {"project": "../pyproject.toml"},
        "kernel": {"no_deps": ("ipython",)},
        "override": {"overrides": ('traitlets>=5 ; sys_platform == "other"',)},
    }.get(kind.split()[0], {})
    if kind.endswith("alone"):
        return Block(version=1, **change)  # type: ignore[arg-type]
    block = msgspec.structs.replace(built, **change)
    assert block.lock
    rows = (ROW,) if kind == "conda rows" else ()
    return msgspec.structs.replace(block, lock=msgspec.structs.replace(block.lock, spec=block.spec.digest, conda=rows))


@pytest.fixture
def built(environments: Environments) -> Block:
    block = environments.install(None, typed("demo")).block
    assert environments.status(block).state == "ready"
    return block


@pytest.mark.parametrize("kind", KINDS)
def test_no_door_takes_it_for_less_than_it_asks_for(
    built: Block, kind: str, environments: Environments, settings: Settings, tmp_path: Path, cli: Cli
) -> None:  # fmt: skip
    block, code = asking(built, kind), KINDS[kind]
    assert parse_block(block.to_dict()) == block
    notebook = write_notebook(tmp_path / "a.ipynb", block)
    before = notebook.read_bytes()

    status = environments.status(block)
    assert (status.state, status.error and status.error.code) == ("not-built", code)
    assert status.environment is None and status.consent is None
    said = cli("status", notebook)
    assert said.code == 0 and status.sentence in said.out and "Ready" not in said.out and "hint: " in said.out

    accept = Options(accept="any")
    for attempt in (
        lambda: environments.build(block, options=accept),
        lambda: environments.install(block, typed("demo"), options=accept),
        lambda: environments.upgrade(block, [], options=accept),
        lambda: environments.lock(block, options=accept),
    ):
        if (
            kind == "conda rows"
            and "build" not in attempt.__code__.co_names
            and "install" not in attempt.__code__.co_names
        ):
            continue  # resolved anew, without them
        with pytest.raises(InputError) as caught:
            attempt()
        assert caught.value.code == code
    for words in (["run", notebook], ["run", notebook, "--locked"], ["build", notebook, "--accept"],
                  ["shell", notebook, "--", "true"], ["activate", notebook]):  # fmt: skip
        said = cli(*words)
        assert said.code == 1 and f"error[{code}]" in said.err, words

    launch = decide(KernelStart("k", notebook), settings)
    assert launch.standin and launch.status and launch.status.error and launch.status.error.code == code
    with pytest.raises(InputError):
        States(settings).built(launch)  # type: ignore[arg-type]  # it has a block, as a kernel's file has
    assert notebook.read_bytes() == before


def test_what_was_asked_of_conda_can_be_undone(built: Block, environments: Environments) -> None:
    """The list before did without."""
    block = asking(built, "conda")
    entry = msgspec.structs.replace(built.history[-1], spec=built.spec, changed={})
    undone = environments.undo(msgspec.structs.replace(block, history=(*built.history, entry))).block
    assert undone.conda is None and environments.status(undone).state == "ready"


def test_an_empty_conda_part_asks_for_nothing(built: Block, environments: Environments) -> None:
    block = parse_block({**built.to_dict(), "conda": {}})
    assert block.lock
    block = msgspec.structs.replace(block, lock=msgspec.structs.replace(block.lock, spec=block.spec.digest))
    assert environments.status(block).state == "ready"


def test_the_sentence_names_what_is_asked_for(environments: Environments) -> None:
    asked = {"version": 1, "conda": {"dependencies": ["gdal>=3.9", "bwa", "samtools", "r-base", "make"]}}
    error = environments.status(parse_block(asked)).error
    assert error and error.sentence.startswith("This notebook asks conda for gdal>=3.9, bwa, samtools and 2 more, and")
    assert json.loads(json.dumps(error.to_dict()))["data"]["conda"][-1] == "make"
