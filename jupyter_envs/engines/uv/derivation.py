"""Why uv found no solution: which package needs which, as its message derives it. Conclusions are left out, since they
follow from the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from ...errors import EnvsError, ResolveError
from ..protocols import Need

_TOKEN = re.compile(r"([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)(?:\[[^\]]*\])?((?:[<>=!~]=?=?[\w.*+!-]+,?)*)")
_CONCLUSION = re.compile(r",? ?we can conclude that .*?(?=\. And |\. Because |\(\d+\)|hint:|$)")
_VERBS = {"depend", "depends", "has", "have", "was", "were", "is", "are", "cannot", "requires", "require"}
_NO_NAMES = {"all", "and", "only", "you", "there", "the", "any", "your", "that"}
_ROOTS = {"notebook", "you"}
Versions = tuple[str, SpecifierSet]
"""A package, in some versions."""


def needs_in(text: str) -> tuple[Need, ...]:
    """`pandas==2.2.3 depends on numpy>=1.23.2`, `you require numpy<1.20` …, in their order, each once."""
    flat = " ".join(re.sub(r"\{[^}]*\}", "", re.sub(r"(?m)^\s*cause: ", "", text)).split())
    words = _CONCLUSION.sub(" ; ", flat).split(" ")
    return tuple(dict.fromkeys(_needs(words)))


def _needs(words: Sequence[str]) -> Iterator[Need]:
    for i, word in enumerate(words):
        if word in ("depend", "depends") and words[i + 1 : i + 2] == ["on"] and i:
            subjects, start = _subjects(words, i), i + 2
        elif word == "require" and words[i - 1] == "you":
            subjects, start = [("you", SpecifierSet())], i + 1
        else:
            continue
        for name, limits in _listed(words, start):
            for who, versions in subjects:
                # There is a package called notebook, too; of that one, uv always says which versions.
                root = who in _ROOTS and not len(versions) and words[i - 2] != "of"
                yield Need("" if root else who, versions, name, limits)


def _subjects(words: Sequence[str], end: int) -> list[Versions]:
    """Whoever depends: one, or `all of: x==1 x==2`."""
    found: list[Versions] = []
    for word in reversed(words[:end]):
        one = _parsed(word)
        if one is None or (found and one[0] != found[0][0]):
            several = word == "of:"
            return found if several else found[:1]
        found.append(one)
    return found[:1]


def _listed(words: Sequence[str], start: int) -> Iterator[Versions]:
    """`x<1 and y`, or `one of: x<1 x>2`."""
    several = words[start : start + 2] == ["one", "of:"]
    at = start + 2 if several else start
    while at < len(words):
        found = _parsed(words[at])
        following = words[at + 1] if at + 1 < len(words) else ""
        if found is None or following in _VERBS:
            return
        yield found
        if words[at].endswith(","):
            return
        at += 1 if several else 2
        if not several and following != "and":
            return


def _parsed(word: str) -> Versions | None:
    match = _TOKEN.fullmatch(word.rstrip(",.;"))
    if match is None or match[1] in _NO_NAMES:
        return None
    try:
        return canonicalize_name(match[1]), SpecifierSet(match[2].rstrip(","))
    except InvalidSpecifier:
        return None


def as_conflict(text: str) -> EnvsError:
    """Whatever else uv's message says."""
    reasons = re.sub(r"\s+", " ", re.sub(r"(?m)^\s*cause: ", "", text))
    why = re.search(r"(Because .*?)(?:, we can conclude|hint:|$)", reasons)
    sentence = why[1].strip().rstrip(".") if why else "The requirements cannot be satisfied together"
    return ResolveError(
        "conflict",
        f"These requirements do not fit together: {_plain(sentence)}.",
        hint="Loosen one of the limits, or choose another Python with `jupyter envs python NOTEBOOK VERSION`.",
        details=text,
    )


def _plain(sentence: str) -> str:
    """`Because pandas{python_full_version < '3.12'}==2.2 depends on x and notebook depends on y`, in our words."""
    sentence = re.sub(r"\{[^}]*\}", "", sentence.replace("Because ", "", 1))
    for theirs, ours in (
        ("you require", "you ask for"),
        ("notebook depends on", "you ask for"),
        ("depends on", "needs"),
    ):
        sentence = sentence.replace(theirs, ours)
    return sentence[:600]
