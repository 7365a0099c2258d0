"""What the user and the system have configured, for us and for the tools whose settings we use. Never a password."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ...errors import EnvsError
from ...machine import indexes
from ...settings import Settings
from ...store.inventory import entries
from ..here import Here
from .finding import Finding, of_error

FOREIGN = re.compile(r"(?:UV|PIP)_\w+")
CREDENTIAL = re.compile(r"UV_INDEX_\w+_(?:USERNAME|PASSWORD)")
PASSED_ON = ("PYTHONPATH", "PYTHONSTARTUP")
"""To the notebook's code, never to our own processes."""
OTHERS = ("PYTHONHOME",)
ELSEWHERE = ("UV_PYTHON_INSTALL_DIR",)
"""Used where Pythons are looked for."""
LINK_MODES = {
    "links": "Environments are links to packages that they share.",
    "hardlink": "Environments have files of their own, with the bytes of the packages that they share.",
    "copy": "Environments have copies of all files.",
}
WHY_NOT_LINKS = (
    "If a tool mistakes linked packages for your own code (coverage, some editors): JUPYTER_ENVS_LINK_MODE=hardlink, "
    "or copy if hard links cannot be made."
)


def indexes_of(here: Here, network: bool) -> Iterator[Finding]:
    found = here.indexes
    if found.no_index:
        yield Finding(
            "note",
            "index",
            "No index is asked, because no-index is set for pip or uv.",
            "Unset it to install packages that are not on this machine yet.",
        )
    for index in found.indexes:
        roles = [word for word, holds in (("default", index.default), ("only by name", index.explicit)) if holds]
        told = f"{index.name} = {_shown(index.url)}{f' ({roles[0]})' if roles else ''}"
        yield (
            _asked(here, index.name, told) if network and not found.no_index else Finding("fine", "index", f"{told}.")
        )
    for place in found.find_links:
        yield Finding("fine", "index", f"Wheels are also taken from {_shown(place)}.")


def _shown(url: str) -> str:
    """User names and passwords are removed already; what follows a question mark may be a token."""
    return url.partition("?")[0]


def _asked(here: Here, name: str, told: str) -> Finding:
    """With uv, as in every install: with its proxies, certificates and passwords."""
    from ...machine import interpreters

    python = interpreters.choose(None, here.settings)
    with here.engine() as engine:
        wanted = engine.write("wanted.txt", "pip\n")
        try:
            words: list[str | Path] = [
                "pip",
                "compile",
                "--no-deps",
                "--no-header",
                "--refresh",
                "--python",
                python.path,
                wanted,
            ]
            engine.run(words, only_index=name)
        except EnvsError as error:
            if error.code not in ("no-such-package", "conflict", "no-wheel-here", "needs-build"):
                return Finding("wrong", "index", f"{told}: {error.sentence}", error.hint)
    return Finding("fine", "index", f"{told} answers.")


class _Watched(dict[str, str]):
    """Remembers which variables were read: a list of them, kept by hand, would one day be wrong."""

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self.asked: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)

    def __getitem__(self, key: str) -> str:
        self.asked.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.asked.add(str(key))
        return super().__contains__(key)


def variables(settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Those of uv and pip that are set, only by name: their values may be secrets."""
    watched = _Watched(environ)
    try:
        indexes.load(settings, watched)
    except EnvsError as error:
        yield of_error("variables", error)
    foreign = sorted(name for name, value in environ.items() if value and (FOREIGN.fullmatch(name) or name in OTHERS))
    obeyed = [n for n in foreign if n in watched.asked or n in ELSEWHERE or CREDENTIAL.fullmatch(n)]
    ignored = [name for name in foreign if name not in obeyed]
    if obeyed:
        yield Finding("fine", "variables", f"Used: {', '.join(obeyed)}.")
    passed_on = [name for name in PASSED_ON if environ.get(name)]
    if passed_on:
        told = f"For the code of notebooks only, not for jupyter-envs itself: {', '.join(passed_on)}."
        yield Finding("fine", "variables", told)
    if ignored:
        yield Finding(
            "note", "variables", f"Set, but neither used nor passed on: {', '.join(ignored)}.",
            "If you need what one of them does, see whether docs/reference.md has a setting for it.",
        )  # fmt: skip


def link_mode(here: Here) -> Iterator[Finding]:
    settings = here.settings
    hint = WHY_NOT_LINKS if settings.link_mode == "links" else ""
    yield Finding("fine", "links", LINK_MODES[settings.link_mode], hint)
    linked = [
        entry.id[:8]
        for entry in entries(here.store, here.settings.home)
        if entry.mine and entry.pointer.mode == "links"
    ]
    if settings.link_mode != "links" and linked:
        yield Finding(
            "note", "links", f"{len(linked)} were built before that, and are still links: {', '.join(linked[:5])}.",
            "Delete them in the panel's list, or delete all that are not running: jupyter envs gc --unused-for 0",
        )  # fmt: skip
    if settings.compile == "never":
        yield Finding(
            "note", "links", "Packages are not compiled to bytecode in advance, so their first import takes longer.",
            "Unset JUPYTER_ENVS_COMPILE.",
        )  # fmt: skip
