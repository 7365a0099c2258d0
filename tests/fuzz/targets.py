"""What must hold of any input: it is refused with one of our errors, or what comes out is stable and harmless."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

from jupyter_envs.consent.consents import Consents
from jupyter_envs.consent.ownership import Change, list_digest, may_undo, say_of, what_is_not_shown
from jupyter_envs.errors import InputError
from jupyter_envs.errors.table import ACTIONS
from jupyter_envs.machine.interpreters import Interpreter
from jupyter_envs.model.block import Block, parse_block
from jupyter_envs.model.closure import rows_here
from jupyter_envs.model.difference import revert_entry
from jupyter_envs.model.requirement import checked_requirement
from jupyter_envs.model.spec import Spec
from jupyter_envs.notebook import block_of, parse
from jupyter_envs.settings import Settings
from jupyter_envs.system import strict_json

HARMFUL = re.compile(r"[$`#\\{}\x00-\x1f\x7f-\uffff]|://|\A\s*[-./~]")
PATIENCE = 2.0
"""Seconds of this process's time, for inputs of up to 4 MiB."""


def refusal(error: InputError) -> None:
    assert error.code in ACTIONS and error.hint, error.code
    assert error.sentence.isprintable() and len(error.sentence) < 500, error.sentence
    json.dumps(error.to_dict()).encode()


def harmless(block: Block) -> None:
    """Accepted means: written and read again it is the same, and no text of it says anything to a tool but its name."""
    value = block.to_dict()
    text = json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    assert parse_block(json.loads(text)).to_dict() == value
    assert block.digest == parse_block(value).digest
    for item in block.dependencies:
        assert not HARMFUL.search(item) and " @ " not in item, item
        assert checked_requirement(item, "again").text == item
    for row in block.lock.packages if block.lock else ():
        assert re.fullmatch(r"[a-z0-9-]+", row.name) and not HARMFUL.search(row.version)
        assert not HARMFUL.search(row.marker or "")
        for name in (*row.wheels, *row.sdist):
            assert "/" not in name and name.isascii() and name.isprintable()


def a_block(data: bytes) -> None:
    started = time.process_time()
    try:
        harmless(parse_block(strict_json.loads(strict_json.decoded(data))))
    except InputError as error:
        refusal(error)
    assert time.process_time() - started < PATIENCE


def a_notebook(data: bytes) -> None:
    try:
        block = block_of(parse(data))
    except InputError as error:
        refusal(error)
        return
    if block is not None:
        harmless(block)


def a_requirement(data: bytes) -> None:
    try:
        text = checked_requirement(data.decode("utf-8", "surrogateescape"), "here").text
    except InputError as error:
        refusal(error)
        return
    assert checked_requirement(text, "again").text == text
    assert not HARMFUL.search(text) and " @ " not in text, text


def a_change(data: bytes) -> None:
    """What somebody else's list, rows, markers and history may say in a change: an answer, and to nobody's surprise."""
    try:
        block = parse_block(strict_json.loads(strict_json.decoded(data)))
    except InputError as error:
        refusal(error)
        return
    started = time.process_time()
    for python in PYTHONS:
        say = say_of(Change(block, block.spec), python, NOBODY, lambda closure: False)
        assert say.own == (block.lock is None and block.spec == Spec())
        assert (
            {row.name for row in say.closure.rows} <= {row.name for row in block.lock.packages if block.lock}
            if block.lock
            else True
        )
        list_digest(block.spec, python, block.lock)
        assert all(text.isprintable() for text in what_is_not_shown(block.spec, say.closure))
        for entry in block.history:
            assert not may_undo(entry, say.lock, python, NOBODY) or (
                entry.spec == Spec() and not any(old for old, _ in entry.changed.values())
            )
            if say.lock:
                rows_here(revert_entry(say.lock, entry).packages, python)
    assert time.process_time() - started < PATIENCE


def a_marker(data: bytes) -> None:
    """As the condition of a row, of a requirement, and of a requirement in the history."""
    text = data.decode("utf-8", "replace")
    wheels = {"x-1-py3-none-any.whl": {"sha256": "0" * 64}}
    lock = {"lock-version": "1.0", "created-by": "x", "spec": "sha256:" + "0" * 64, "requires-python": "==3.12.*"}
    entry = {
        "at": "2026-01-01T00:00:00Z",
        "did": "x",
        "spec": {"dependencies": [f"x; {text}"]},
        "changed": {"x": ["1", "2"]},
    }
    for part in (
        {"dependencies": [f"x; {text}"]},
        {"lock": {**lock, "packages": [{"name": "x", "version": "1", "marker": text, "wheels": wheels}]}},
        {"history": [entry]},
    ):
        a_change(json.dumps({"version": 1, **part}).encode())


PYTHONS = tuple(
    Interpreter(Path(f"/python{version}"), "cpython", version, "x86_64", "system") for version in ("3.9.1", "3.14.0rc1")
)
NOBODY = Consents(Settings(home=Path("/nonexistent/home"), store=Path("/nonexistent/store")))
"""Of a user who approved nothing."""
TARGETS = {
    "block": a_block,
    "notebook": a_notebook,
    "requirement": a_requirement,
    "change": a_change,
    "marker": a_marker,
}
