"""What a change looks like in a cell's output: a plan line, one moving line, a result line; errors in plain text."""

from __future__ import annotations

import sys
from typing import Any, Callable, Dict, Mapping, Optional, Sequence, Tuple

from . import asking
from .amounts import count
from .foreign import visible, visible_lines
from .pace import Pace

Json = Dict[str, Any]
VersionPair = Tuple[Optional[str], Optional[str]]
BAR = 20
NAMED = 4


KEEPS = "This kernel keeps the versions that it has loaded: {}."
"""For `restart to use pandas 3.1.1`."""


def tell(text: str) -> None:
    """A line on stdout. The text may contain names from other people."""
    print(visible(text), flush=True)


def tell_error(text: str) -> None:
    """Lines on stderr."""
    print(visible_lines(text), file=sys.stderr)


def tell_text(text: str) -> None:
    """A text of several lines on stdout, as it is but for what could not be seen."""
    print(visible_lines(text), end="", flush=True)


class Screen:
    """Plain lines: for terminals, pipes and stubs. `quiet` shows only errors and notes, as pip does: on stderr."""

    def __init__(self, asked: Sequence[str] = (), known: Mapping[str, str] | None = None, quiet: bool = False) -> None:
        self.asked = list(asked)
        self.known = known or {}
        self.quiet = quiet
        self._pace = Pace()

    def move(self, text: str) -> None:
        """The moving line; nothing if lines cannot move."""

    def finish(self, text: str) -> None:
        """The last state of the moving line."""
        if text and not self.quiet:
            tell(text)

    def say(self, text: str) -> None:
        if not self.quiet:
            tell(text)

    def event(self, event: Json) -> None:
        """One line of the journal."""
        kind = event.get("event")
        if kind == "phase":
            self.move("{}…".format(str(event.get("text") or event.get("phase")).rstrip("….")))
        elif kind == "progress" and event.get("total"):
            here, all_ = event.get("fetched") or (0, 0)
            bytes_ = self._pace.words(str(event.get("phase")), int(here), int(all_))
            text = "  ".join(filter(None, (bytes_, str(event.get("text") or ""))))
            self.move(bar(int(event["done"]), int(event["total"]), text))
        elif kind == "plan":
            line = summary(self.real(event.get("changed") or {}), self.asked, NAMED)
            if line:
                self.planned("Plan: " + line)

    def planned(self, line: str) -> None:
        self.say(line)

    def result(self, result: Json, verb: str) -> None:
        changed = self.real(result.get("changed") or {})
        seconds = "{:.1f} s".format(float(result.get("seconds") or 0))
        if verb == "plan":
            self.finish("Would change: {}".format(summary(changed, self.asked, NAMED) or "nothing"))
        elif changed:
            self.finish(f"{summary(changed, self.asked, NAMED)}  {seconds}")
        elif self.asked and result.get("satisfied"):
            packages = (result.get("environment") or {}).get("packages") or self.known
            here = ", ".join("{} {}".format(n, packages.get(n, "")).strip() for n in self.asked)
            self.finish(f"{here}: already installed.")
        elif verb == "build":
            self.finish(f"{ready(result.get('environment') or {})}  {seconds}")
        else:
            self.finish("Nothing to change.")
        for note in result.get("notes") or ():
            (tell_error if self.quiet else tell)(visible(str(note)))

    def real(self, changed: Json) -> dict[str, VersionPair]:
        """Without what is installed already: the first lock of a notebook also names the kernel's own packages."""
        return {
            name: (pair[0] or self.known.get(name), pair[1])
            for name, pair in changed.items()
            if pair[1] is None or self.known.get(name) != pair[1]
        }


class Display(Screen):
    """One display that is updated in place, so that a saved notebook keeps only its last state."""

    def __init__(self, publish: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._publish = publish
        self._shown = False
        self._plan = ""

    def move(self, text: str) -> None:
        self._show(f"{self._plan}\n{text}" if self._plan else text)

    def planned(self, line: str) -> None:
        """Above the moving line, until the result says the same."""
        self._plan = line

    def finish(self, text: str) -> None:
        if self._shown or text:
            self._show(text)

    def _show(self, text: str) -> None:
        if not self.quiet:
            sys.stdout.flush()
            self._publish(visible_lines(text), update=self._shown)
            self._shown = True


def ready(environment: Json) -> str:
    packages = count(len(environment.get("packages") or ()), "package")
    return "Ready: Python {}, {}".format(environment.get("version"), packages)


def summary(changed: Mapping[str, VersionPair], asked: Sequence[str], limit: int) -> str:
    """`+ pandas 3.1.1 (+ 5 more)`: what was asked for first; otherwise removed and changed packages before new ones."""
    order = sorted(changed, key=lambda name: (name not in asked, changed[name][0] is None, name))
    first = [name for name in order if name in asked] or order
    shown = first[:limit]
    more = len(changed) - len(shown)
    words: list[str] = [one(name, *changed[name]) for name in shown]
    return ", ".join(words) + (f" (+ {more} more)" if more else "")


def one(name: str, before: str | None, after: str | None) -> str:
    if after is None:
        return f"- {name}"
    if before is None:
        return f"+ {name} {after}"
    return f"~ {name} {before} → {after}"


def bar(done: int, total: int, text: str) -> str:
    filled = BAR * min(done, total) // max(total, 1)
    return "{}{} {}/{}  {}".format("█" * filled, "░" * (BAR - filled), done, total, text).rstrip()


def complain(error: Mapping[str, Any], hint: str = "", verbose: bool = False, ways: Sequence[str] = ()) -> None:
    """One sentence and a hint, or the ways out, on stderr, never a traceback; `verbose`: also the output of the
    tool."""
    sys.stdout.flush()
    tell_error(visible(str(error.get("sentence") or "It did not work; nothing has changed.")))
    hint = hint or asking.in_a_cell(str(error.get("hint") or ""))
    for line in ways or ([hint] if hint else ()):
        tell_error(visible(f"hint: {line}"))
    if error.get("details"):
        tell_error(str(error["details"]).rstrip() if verbose else "-v shows the details.")
    sys.stderr.flush()
