"""Questions to the user before something is built that needs their consent."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, Sequence

from .amounts import count, named, size
from .foreign import quoted

Json = Dict[str, Any]
MOST = 100
"""How many packages a question names."""
VERBS = "install|remove|upgrade|status|build|undo"
COMMAND = re.compile(rf"(n a terminal[,:] `?)?jupyter envs ({VERBS}) NOTEBOOK\b")
MAGIC = re.compile(rf"%env-({VERBS})\b")
EXPORT = "jupyter envs export NOTEBOOK --format requirements.txt"
Ask = Callable[[str], str]


def more_arguments(error: Json, arguments: Sequence[str], ask: Ask) -> list[str] | None:
    """What to add to the command after a yes of the user; None for a no, if nobody can be asked, and for other
    errors."""
    added = _needed(error)
    if not added or all(word in arguments for word in added):
        return None
    try:
        answer = ask(question(error))
    except Exception:  # StdinNotImplementedError, whose place differs between versions; EOFError
        return None
    return added if answer.strip().lower() in ("y", "yes", "j", "ja") else None


def _needed(error: Json) -> list[str]:
    data = error.get("data") or {}
    if error.get("code") == "needs-build":
        return [f"--allow-build={name}" for name in data.get("packages") or ()]
    if error.get("code") == "needs-review":
        return [f"--allow-startup={name}" for name in data.get("packages") or ()]
    if error.get("code") == "consent-needed":
        digest = data.get("digest")
        return [f"--accept={digest}"] if digest else ["--accept"]
    return []


def question(error: Json) -> str:
    data = error.get("data") or {}
    if error.get("code") == "needs-build":
        names = [str(name) for name in data.get("packages") or ()]
        return "{} Build {}? [y/N] ".format(error.get("sentence"), "it" if len(names) == 1 else "them")
    if error.get("code") == "needs-review":
        return f"{error.get('sentence')} Allow it? [y/N] "
    return f"{brings(data)} Build it? [y/N] "


def in_a_cell(hint: str) -> str:
    """A hint, which names a command of the terminal, with the magic that does the same, unless it says "in a
    terminal". The page has the same rule: labextension/src/words.ts."""
    return COMMAND.sub(lambda found: found[0] if found[1] else f"%env-{found[2]}", hint)


def in_a_terminal(hint: str) -> str:
    """A hint of pip's options, which names a magic, with the command that does the same."""
    return MAGIC.sub(r"jupyter envs \1 NOTEBOOK", hint).replace("%env-export", EXPORT)


def brings(data: Json) -> str:
    """What a closure that needs consent brings."""
    packages = data.get("packages") or []
    new = [_named(package) for package in packages if package.get("new")]
    python = "Python {}, ".format(data["python"]) if data.get("python") else ""
    return "This notebook brings an environment: {}{}{}. {} new on this machine{}.{}{}".format(
        python, count(len(packages), "package"), to_fetch(data.get("bytes")), _are(len(new)),
        ": " + named(new, MOST) if new else "", unusual(data), fetched(data),
    )  # fmt: skip


def _named(package: Json) -> str:
    index = " from the index {}".format(package["index"]) if package.get("index") else ""
    return "{} {}{}".format(package.get("name"), package.get("version"), index)


def unusual(data: Json) -> str:
    """Sentences about what is built from source, what comes from an address, and what else the list asks for."""
    new = [package for package in data.get("packages") or [] if package.get("new")]
    said = ["Building it runs code from {}.".format(p["name"]) for p in new if "source" in (p.get("marks") or ())]
    said += ["{} comes from {}.".format(p["name"], p["address"]) for p in new if p.get("address")]
    beyond = [str(text) for text in data.get("beyond") or ()]
    said += ["The notebook also asks for {}.".format("; ".join(beyond))] if beyond else []
    return "".join(" " + sentence for sentence in said)


def fetched(data: Json) -> str:
    """` Python 3.9.23 is not installed here: it will be downloaded from example.org.`; empty if it is installed."""
    fetch = data.get("fetch") or {}
    if not fetch:
        return ""
    return " Python {} is not installed here: it will be downloaded from {}{}.".format(
        fetch.get("version"), fetch.get("source"), ", " + size(fetch["size"]) if fetch.get("size") else ""
    )


def to_fetch(number: int | None) -> str:
    """`, 118 MB to fetch`; nothing if it is not known."""
    return f", {size(number)} to fetch" if number else ""


def _are(number: int) -> str:
    return "1 is" if number == 1 else f"{number} are"


def ways(error: Json, notebook: str | None = None, *, magics: bool = True) -> list[str]:
    """`Take numpy 1.26.4: %env-install numpy==1.26.4`: each way out of an error, with what to type for it."""
    found = (error.get("data") or {}).get("ways")
    return [f"{way['words']}: {_typed(way['steps'], notebook, magics)}" for way in found or () if way.get("steps")]


def _typed(steps: Sequence[Json], notebook: str | None, magics: bool) -> str:
    """As magics, one after the other; a Python is changed in a terminal."""
    if magics and all(step.get("action") == "install" for step in steps):
        return " then ".join(" ".join(["%env-install", *_words(step)]) for step in steps)
    where = quoted(notebook) if notebook else "NOTEBOOK"
    lines = [" ".join(["jupyter envs", str(step.get("action")), where, *_words(step)]) for step in steps]
    return ("in a terminal, " if magics else "") + " && ".join(lines)


def _words(step: Json) -> list[str]:
    allowed = [word for name in step.get("allow_build") or () for word in ("--allow-build", quoted(str(name)))]
    python = [str(step["python"])] if step.get("python") else []
    return [*allowed, *map(quoted, [*python, *map(str, step.get("packages") or ())])]


def hint(error: Json, verb: str, names: Sequence[str], notebook: str | None) -> str:
    """What to do if the answer to a question was not yes."""
    if error.get("code") == "consent-needed" and notebook:
        more = " --fetch-python" if (error.get("data") or {}).get("fetch") else ""
        return f"If you trust it, in a terminal: jupyter envs build {quoted(notebook)} --accept{more}"
    option = {"needs-build": "--allow-build", "needs-review": "--allow-startup"}.get(str(error.get("code")))
    if option is None:
        return ""
    allowed = [f"{option} {quoted(str(name))}" for name in (error.get("data") or {}).get("packages") or ()]
    return " ".join([f"%env-{verb}", *allowed, *map(quoted, names)])
