"""What must hold of any input: it is refused with one of our errors, or what comes out is stable and harmless."""

from __future__ import annotations

import json
import re
import time

from jupyter_envs import strict_json
from jupyter_envs.block import Block, parse_block
from jupyter_envs.error_table import ACTIONS
from jupyter_envs.errors import InputError
from jupyter_envs.notebook import block_of, parse
from jupyter_envs.spec import requirement

HARMFUL = re.compile(r"[$`#\\{}\x00-\x1f\x7f-\uffff]|://|\A\s*[-./~]")
PATIENCE = 2.0
"""Seconds of this process's time, for inputs of up to 4 MiB."""


def refusal(error: InputError) -> None:
    assert error.code in ACTIONS and error.hint, error.code
    assert error.sentence.isprintable() and len(error.sentence) < 2000, error.sentence
    json.dumps(error.to_dict()).encode()


def harmless(block: Block) -> None:
    """Accepted means: written and read again it is the same, and no text of it says anything to a tool but its name."""
    value = block.to_dict()
    text = json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    assert parse_block(json.loads(text)).to_dict() == value
    assert block.digest == parse_block(value).digest
    for item in block.dependencies:
        assert not HARMFUL.search(item) and " @ " not in item, item
        assert requirement(item, "again") == item
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
        text = requirement(data.decode("utf-8", "surrogateescape"), "here")
    except InputError as error:
        refusal(error)
        return
    assert requirement(text, "again") == text
    assert not HARMFUL.search(text) and " @ " not in text, text


TARGETS = {"block": a_block, "notebook": a_notebook, "requirement": a_requirement}
