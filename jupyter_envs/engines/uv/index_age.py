"""When the indexes were last asked about a package: `<home>/cache/asked.json`.

uv keeps the answers of an index, and for how long they are valid, but it does not say how old they are."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Iterable

from ...machine.indexes import Indexes
from ...machine.interpreters import is_version
from ...settings import Settings
from ...system import kept

Entry = tuple[float, float]
"""(when the index was asked, until when its answer is valid), seconds since 1970."""
Known = dict[str, dict[str, Entry]]
"""By a digest of the indexes, and by package."""
Newest = tuple[str, str, bool]
"""(name, newest version that a requirement allows, whether a wheel of it fits)."""
ANSWERS = 200
NEVER = 1e11
NOTABLE = 600.0
"""Seconds; a younger answer counts as new."""


class Asked:
    def __init__(self, settings: Settings, indexes: Indexes) -> None:
        self.limit = settings.index_hours * 3600
        self._file = settings.cache / "asked.json"
        self._answers_file = settings.cache / "newest.json"
        urls = sorted(index.url for index in indexes.indexes)
        self._key = hashlib.sha256("\n".join(urls).encode()).hexdigest()[:16]
        self._memory = any(not url.startswith("file:") for url in urls)  # files are read each time

    def age(self, names: Iterable[str]) -> float | None:
        """Seconds since an index was asked about the package that was asked about longest ago; None if nothing is known
        about any of them."""
        known, now = self._here(), time.time()
        return max((max(now - known[name][0], 0.0) for name in names if name in known), default=None)

    def outdated(self, names: Iterable[str]) -> bool:
        """Whether uv still uses an answer that is older than today's limit, because the limit was longer then."""
        known, now = self._here(), time.time()
        return any(now < known[n][1] and known[n][0] + self.limit < now for n in names if n in known)

    def remember(self, names: Iterable[str], started: float, *, fresh: bool = False, renewed: bool = False) -> None:
        """After a resolution that began at `started`. The indexes were asked about those packages whose answers had
        expired; `renewed`: about all of them; `fresh`: about all, and the indexes themselves said how long the answers
        are valid."""
        if not self._memory:
            return
        now = time.time()
        known = self._here()
        new = {name for name in names if fresh or renewed or name not in known or known[name][1] <= started}
        if new:
            entries = dict.fromkeys(new, (started, NEVER if fresh else now + self.limit))
            kept.change(self._file, Known, lambda every: self._with(every or {}, entries))

    def _with(self, every: Known, entries: dict[str, Entry]) -> Known:
        return {**every, self._key: {**every.get(self._key, {}), **entries}}

    def answer(self, question: str, names: Collection[str]) -> list[Newest] | None:
        """The answer to the same question, if the indexes have not been asked about these packages since; None if it is
        not known."""
        answer = self._answers().get(self._digest(question, names) or "")
        return answer if answer is not None and all(is_version(version) for _, version, _ in answer) else None

    def remember_answer(self, question: str, names: Collection[str], answer: list[Newest]) -> None:
        digest = self._digest(question, names)
        if digest:
            kept.change(
                self._answers_file,
                dict[str, list[Newest]],
                lambda known: dict([*{**(known or {}), digest: answer}.items()][-ANSWERS:]),
            )

    def _answers(self) -> dict[str, list[Newest]]:
        return kept.recalled(self._answers_file, dict[str, list[Newest]]) or {}

    def _digest(self, question: str, names: Collection[str]) -> str | None:
        known = self._here()
        if not set(names) <= known.keys():
            return None
        text = "\n".join([self._key, question, *(f"{name} {known[name]}" for name in sorted(names))])
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def _here(self) -> dict[str, Entry]:
        return self._read().get(self._key, {}) if self._memory else {}

    def _read(self) -> Known:
        return kept.recalled(self._file, Known) or {}


def age_sentence(seconds: float) -> str:
    """`The indexes were last asked 3 hours ago; …`"""
    for length, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= length:
            number = int(seconds // length)
            ago = f"{number} {unit}{'' if number == 1 else 's'}"
            return f"Index data from {ago} ago; an upgrade asks the indexes again."
    return "Index data from just now."
