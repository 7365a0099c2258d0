"""Blocks that were parsed before. The same block comes to the server many times: from its kernel's context, from its
notebook, from the page; and a waiting stand-in is checked each second. A stranger's block may take 0.2 s to check."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from ..environments.sight import MOST, Latest
from ..errors import InputError
from ..model.block import Block, parse_block


@dataclass(frozen=True)
class Refusal:
    """The content of an InputError. An error that was raised keeps the frames that it passed through, and their values,
    and must not be shared by two threads."""

    code: str
    sentence: str
    hint: str
    details: str
    data: dict[str, Any]

    def error(self) -> InputError:
        return InputError(self.code, self.sentence, hint=self.hint, details=self.details, data=self.data)

    def size(self) -> int:
        return len(json.dumps([self.code, self.sentence, self.hint, self.details, self.data], default=str))


class ParsedBlocks:
    """By the digest of their bytes; only those that were asked for last. Can be used from any thread."""

    def __init__(self, most: int = MOST) -> None:
        self._known: Latest[Block | Refusal] = Latest(most)

    def parse(self, raw: object) -> Block:
        """Like `parse_block`, which it calls. Raises InputError."""
        try:
            text = json.dumps(raw, sort_keys=True).encode()  # Jupyter sorts the keys of what it saves
        except (ValueError, TypeError, RecursionError):
            return parse_block(raw)  # it says what is the matter
        key = hashlib.sha256(text).digest()
        found = self._known.recall(key)
        if found is None:
            found = _parsed(raw)
            self._known.keep(key, len(text) + (found.size() if isinstance(found, Refusal) else 0), found)
        if isinstance(found, Refusal):
            raise found.error()
        return found


def _parsed(raw: object) -> Block | Refusal:
    try:
        return parse_block(raw)
    except InputError as error:
        return Refusal(**error.to_dict())
