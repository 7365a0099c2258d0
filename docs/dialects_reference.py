"""Write reference/dialects.md from the tables of formats. `--check`: only compare."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

sys.path.insert(0, str(Path(__file__).parents[1]))  # the sources here, whatever is installed

from jupyter_envs.dialects.table import PATTERNS, WRITERS, module_of
from jupyter_envs.dialects.unsaid import PARTS

ROOM = "jupyter_envs.dialects"
PAGE = Path(__file__).parent / "reference" / "dialects.md"
OTHERWISE = {
    "another_notebook": "`*.ipynb`",
    "conda_list": "`*.txt`, by its lines",
    "installed_folder": "a folder with an environment",
    "project_folder": "any other folder",
}
"""What no name of a file tells."""
HEAD = """# Formats of other tools

<!-- written by docs/dialects_reference.py -->

```sh
jupyter envs import nb.ipynb                             # says which of these files are beside the notebook
jupyter envs import nb.ipynb requirements.txt            # takes one over
jupyter envs export nb.ipynb                             # says which formats can be written
jupyter envs export nb.ipynb --format requirements.txt   # writes one
```

Nothing in a file, and nothing in its folder, is executed when it is read, and no index is asked. What a file says and a
notebook cannot record is listed, with file and line or key; if another package of the same name could come, the file
is refused. The versions of a lock are kept, and its hashes are compared.

"""
WRITTEN = """
## What a written file says

What a notebook has and the format cannot say is told item by item when the file is written.

"""


def page() -> str:
    lines = ["| format | read from | written by `--format` | |", "|---|---|---|---|"]
    lines += [f"| {' | '.join(row)} |" for row in _rows()]
    forms = {form: getattr(_module(name), "SAYS", None) for form, name in WRITERS.items()}
    said = [f"| | {' | '.join(f'`{form}`' for form in forms)} |", "|---|" + "---|" * len(forms)]
    said += [
        f"| {part.title} | {' | '.join(_says(key, says) for says in forms.values())} |" for key, part in PARTS.items()
    ]
    return HEAD + "\n".join(lines) + "\n" + WRITTEN + "\n".join(said) + "\n"


def _says(key: str, says: frozenset[str] | None) -> str:
    return "" if says is None else "yes" if key in says else "no"


def _rows() -> Iterator[tuple[str, str, str, str]]:
    """Name, where it is read from, what it is called when it is written, and its module's first sentence."""
    found = {each.name: _module(each.name) for each in iter_modules(import_module(ROOM).__path__)}
    inside = {module: word for word, module in _inside().items()}
    names = {name: getattr(module, "NAME", inside.get(name)) for name, module in found.items()}
    titled = [(title, name) for name, title in names.items() if isinstance(title, str)]
    for title, name in sorted(titled, key=lambda row: row[0].lower()):
        places = _places(name, found[name])
        forms = [f"`{form}`" for form, own in WRITERS.items() if own == name]
        if places or forms:
            yield title, ", ".join(places) or "no", ", ".join(forms) or "no", _about(found[name])


def _places(name: str, module: ModuleType) -> list[str]:
    title = str(getattr(module, "NAME", ""))
    files = [f"`{title if title.lower() == pattern else pattern}`" for pattern, own in PATTERNS if own == name]
    if not files and hasattr(module, "write") and module.FILE and module_of(Path(module.FILE)):
        files = [f"`*{Path(module.FILE).suffix}`"]
    files += [OTHERWISE[name]] if name in OTHERWISE else []
    return files + [f"the notebook: `--from {word}`" for word, own in _inside().items() if own == name]


def _inside() -> dict[str, str]:
    """What a notebook itself may have: a word for it, and its module."""
    if find_spec(f"{ROOM}.in_notebook") is None:
        return {}
    return dict(import_module(f"{ROOM}.in_notebook").INSIDE)


def _module(name: str) -> ModuleType:
    return import_module(f"{ROOM}.{name}")


def _about(module: ModuleType) -> str:
    """The first sentence of its docstring, without the format's name in front of a colon."""
    first = " ".join((module.__doc__ or "").split()).partition(". ")[0].rstrip(".")
    about = first.partition(": ")[2] or first
    return about[:1].lower() + about[1:] if about[1:2].islower() or about[1:2] == " " else about


if __name__ == "__main__":
    fresh = page()
    if "--check" in sys.argv:
        old = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
        sys.exit(fresh != old and "docs/reference/dialects.md is out of date: run docs/dialects_reference.py")
    PAGE.write_text(fresh, encoding="utf-8")
