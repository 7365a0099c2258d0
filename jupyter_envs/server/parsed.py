"""Blocks that were parsed before: the same one comes to the server many times, from its kernel's context, from its
notebook, from the page; and a stand-in that waits is looked at each second. A stranger's may take 0.2 s to check."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict

from ..errors import InputError
from ..model.block import Block, parse_block

MOST = 16 << 20
"""Bytes of JSON: a block is 4 MB at most, and some ten kB as a rule."""


class ParsedBlocks:
    """By the digest of their bytes, those that were asked for last. Belongs to no thread."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: OrderedDict[bytes, tuple[int, Block | InputError]] = OrderedDict()
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
            self._keep(key, len(text), found)
        if isinstance(found, InputError):
            raise found.with_traceback(None)
        return found

    def _recalled(self, key: bytes) -> Block | InputError | None:
        with self._lock:
            if key not in self._known:
                return None
            self._known.move_to_end(key)
            return self._known[key][1]

    def _keep(self, key: bytes, size: int, found: Block | InputError) -> None:
        with self._lock:
            if key in self._known or size > self._most:
                return
            self._known[key] = size, found
            self._size += size
            while self._size > self._most:
                self._size -= self._known.popitem(last=False)[1][0]


def _parsed(raw: object) -> Block | InputError:
    try:
        return parse_block(raw)
    except InputError as error:
        return error
