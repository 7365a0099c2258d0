"""Blocks that were parsed before: the same one comes to the server many times, from its kernel's context, from its
notebook, from the page; and a stand-in that waits is looked at each second. A stranger's may take 0.2 s to check."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from ..errors import InputError
from ..model.block import Block, parse_block

MOST = 16 << 20
"""Bytes of JSON: a block is 4 MB at most, and some ten kB as a rule."""


@dataclass(frozen=True)
class Refusal:
    """What an InputError says. One that was raised holds on to the frames that it came through, and to what is in
    them, and is no thing for two threads."""

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
    """By the digest of their bytes, those that were asked for last. Belongs to no thread."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: OrderedDict[bytes, tuple[int, Block | Refusal]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def parse(self, raw: object) -> Block:
        """As `parse_block`, which is also whom it asks. Raises InputError."""
        try:
            text = json.dumps(raw, sort_keys=True).encode()  # Jupyter sorts the keys of what it saves
        except (ValueError, TypeError, RecursionError):
            return parse_block(raw)  # it says what is the matter
        key = hashlib.sha256(text).digest()
        found = self._recalled(key)
        if found is None:
            found = _parsed(raw)
            self._keep(key, len(text) + (found.size() if isinstance(found, Refusal) else 0), found)
        if isinstance(found, Refusal):
            raise found.error()
        return found

    def _recalled(self, key: bytes) -> Block | Refusal | None:
        with self._lock:
            if key not in self._known:
                return None
            self._known.move_to_end(key)
            return self._known[key][1]

    def _keep(self, key: bytes, size: int, found: Block | Refusal) -> None:
        with self._lock:
            if key in self._known or size > self._most:
                return
            self._known[key] = size, found
            self._size += size
            while self._size > self._most:
                self._size -= self._known.popitem(last=False)[1][0]


def _parsed(raw: object) -> Block | Refusal:
    try:
        return parse_block(raw)
    except InputError as error:
        return Refusal(**error.to_dict())
