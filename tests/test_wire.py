"""Each message is written once, in wire/: what is made from the types says the same, and what is sent is of its type."""

from __future__ import annotations

import importlib
import io
import json
import os
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import jsonschema
import msgspec
import pytest
import yaml

from jupyter_envs import wire
from jupyter_envs.cli.progress import Journal
from jupyter_envs.errors import EnvsError
from jupyter_envs.model.block import parse_block
from jupyter_envs.server.events import SCHEMA_FILE
from jupyter_envs.wire import comm, errors, events, journal

ROOT = Path(__file__).parents[1]
SCHEMAS = Path(wire.__file__).with_name("wire.schema.json")
EXAMPLES = ROOT / "tests" / "wire"
KINDS: dict[str, str] = json.loads((EXAMPLES / "types.json").read_text(encoding="utf-8"))
"""What each example is, by the beginning of its name; the front end's tests read the same table."""
ASKED = {"NewJob", "NewBlock"}
"""What may be absent there is not said."""
OTHERS = {"comm-hello", "event", "types", "words"}
NAMES = sorted(file.stem for file in EXAMPLES.glob("*.json") if file.stem not in OTHERS)


def read(name: str) -> Any:
    return json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def kind_of(name: str) -> str:
    return KINDS[max((start for start in KINDS if name.startswith(start)), key=len)]


def type_of(kind: str) -> Any:
    modules = [
        importlib.import_module(f"{wire.__name__}.{module.name}") for module in pkgutil.iter_modules(wire.__path__)
    ]
    return next(vars(module)[kind] for module in modules if kind in vars(module))


def test_what_is_made_from_the_types_is_true() -> None:
    """Run docs/wire.py where it is not."""
    script = [sys.executable, ROOT / "docs" / "wire.py", "--check"]
    done = subprocess.run(script, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_of_its_type_and_says_all_of_it(name: str) -> None:
    value, kind = read(name), kind_of(name)
    message = msgspec.convert(value, type_of(kind))
    assert kind in ASKED or msgspec.json.decode(msgspec.json.encode(message)) == value


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_of_all_messages_takes_an_example_and_nothing_more(name: str) -> None:
    definitions = json.loads(SCHEMAS.read_text(encoding="utf-8"))["$defs"]
    kind, value = (
        jsonschema.Draft202012Validator({"$ref": f"#/$defs/{kind_of(name)}", "$defs": definitions}),
        read(name),
    )
    kind.validate(value)
    assert kind_of(name) == "Block" or not kind.is_valid({**value, "more": 1})


def test_every_message_of_the_comm_has_an_example() -> None:
    """And is told from the others by its `type`."""
    shown = {type(msgspec.convert(read(name), type_of(kind_of(name)))) for name in NAMES if name.startswith("comm-")}
    assert shown == {*get_args(comm.FromKernel), *get_args(comm.ToKernel)}


def test_the_blocks_that_examples_bring_are_blocks() -> None:
    for name in ("block", "block-before"):
        assert parse_block(read(name)).to_dict() == read(name)


def test_the_event_is_of_its_type() -> None:
    value = read("event")
    assert value.pop("schema_id") == events.EVENTS == yaml.safe_load(SCHEMA_FILE.read_text(encoding="utf-8"))["$id"]
    msgspec.convert(value, events.Hint)


def test_what_the_command_line_writes_into_a_journal_is_of_its_type() -> None:
    stream = io.StringIO()
    report = Journal(stream)
    report.phase("install", "Installing")
    report.progress(1, 3, "Installing six", (9, 17))
    report.plan({"six": (None, "1.17.0")})
    report.note("A note.")
    lines = [msgspec.json.decode(line, type=journal.Line) for line in stream.getvalue().splitlines()]
    assert [type(line) for line in lines] == [journal.Phase, journal.Progressed, journal.Plan, journal.Note]
    assert lines[1] == journal.Progressed("install", 1, 3, "Installing six", (9, 17))


def test_a_value_that_says_more_or_less_than_its_message_is_seen() -> None:
    error = EnvsError("some-code", "It does not work.", hint="Try again.", data={"a": 1})
    assert msgspec.to_builtins(errors.Problem.of(error)) == error.to_dict()

    class Other(EnvsError):
        def to_dict(self) -> dict[str, Any]:
            return {**super().to_dict(), "more": 1}

    with pytest.raises(TypeError, match="more"):
        errors.Problem.of(Other("some-code", "It does not work."))
