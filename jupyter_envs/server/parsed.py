"""Blocks that were parsed before. The same block comes to the server many times: from its kernel's context, from its
notebook, from the page; and a waiting stand-in is checked each second. A stranger's block may take 0.2 s to check."""

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
"""Bytes of JSON: a block has at most 4 MB, and usually some ten kB."""


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
        self._most = most
        self._known: OrderedDict[bytes, tuple[int, Block | Refusal]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def parse(self, raw: object) -> Block:
        """Like `parse_block`, which it calls. Raises InputError."""
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
