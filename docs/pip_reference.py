"""Write reference/pip.md from the tables of pip's and uv's options. `--check`: only compare."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the sources here, whatever is installed

from jupyter_envs.kernel import elsewhere
from jupyter_envs.kernel.looking_table import UNUSED
from jupyter_envs.kernel.pip_options import ACCEPTED, MEANS, Row
from jupyter_envs.kernel.pip_table import GENERAL, OURS, OVERRIDE, VERBS, Verb
from jupyter_envs.kernel.uv_table import ADD, GLOBAL, UV_VERBS
from jupyter_envs.kernel.uv_table import INSTALL as UV_INSTALL

PLACES = {form for forms in elsewhere.OPTIONS.values() for form in forms}
PAGE = Path(__file__).parent / "reference" / "pip.md"
HEAD = """# pip and uv in a notebook

<!-- written by docs/pip_reference.py -->

`%pip`, `!pip`, `!python -m pip`, `%uv`, `!uv pip`, and pip in a program that a cell starts, work on the notebook's
environment, and so does `jupyter envs install NOTEBOOK …` in a terminal. Each option that pip documents has one of
these answers:

| answer | |
|---|---|
| **accepted** | changes nothing here, and nothing is said about it |
| **means** | does what the last column says |
| **refused** | the last column says why, and what to do instead |
| **elsewhere** | goes to the place that it names, and the notebook records nothing; refused in a terminal |

Options are written as in pip: `--opt=value` or `--opt value`, short ones together (`-qU`, `-qr FILE`), long ones
abbreviated if only one begins so (not for uv). What is not in these lists is refused (`unknown-option`), never ignored.
Options with a limit (`-c`, `--uploaded-prior-to`) apply to one change; the lock keeps its result. Variables like
`PIP_NO_DEPS` are not read, except for those that say where indexes are; and `PIP_TARGET`, `PIP_PREFIX`, `PIP_ROOT` and
`PIP_PYTHON`, if they are set in a cell, count as the options with these names.

A line in a cell that names another environment (`--python`, `--target`, `--prefix`) is not about the notebook: it goes
there, and the notebook does not record it. What names the notebook's own (`--python {sys.executable}`) says nothing
new. A place in an environment or a store of jupyter-envs is refused, also behind a link. In the tables, these options
have the answer *elsewhere*.
"""


def page() -> str:
    lines = [HEAD, "## What works\n", *_verbs("pip", VERBS), *_verbs("uv pip", UV_VERBS)]
    lines += ["\n## Options of all verbs\n", *_options(GENERAL)]
    for name, verb in VERBS.items():
        rows = [row for row in verb.rows if row not in (*OURS, OVERRIDE)]
        if verb.does and rows:
            lines += [f"\n## pip {name}\n", *_options(rows)]
    lines += [
        "\n## In a cell also\n",
        "These are ours, for `%env-install` and all the others:\n",
        *_options((OVERRIDE, *OURS)),
    ]
    lines += ["\n## Only in uv\n", *_options((*GLOBAL, *UV_INSTALL))]
    lines += ["\n## Only in uv add\n", *_options(ADD)]
    return "\n".join(lines) + "\n"


def _verbs(tool: str, verbs: dict[str, Verb]) -> list[str]:
    return [
        f"| {tool} | |\n|---|---|",
        *(
            f"| `{name}` | {'' if verb.does else '**refused**: '}{_cell(verb.says)}"
            f"{'. ' + _cell(verb.hint) if verb.hint else ''} |"
            for name, verb in verbs.items()
        ),
        "",
    ]


def _options(rows: Iterable[Row]) -> list[str]:
    lines = ["| option | answer | |", "|---|---|---|"]
    for row in dict.fromkeys(rows):
        value = f" {row.only or row.value}" if row.value else ""
        forms = f"`{', '.join(row.forms)}{value}`"
        answer = {ACCEPTED: "accepted", MEANS: "means"}.get(row.kind, "**refused**")
        if row.does.startswith(UNUSED):
            answer = "accepted"
        hint = f". {_cell(row.hint)}" if row.hint else ""
        if row.code == elsewhere.CODE and PLACES.intersection(row.forms):
            answer, hint = "**elsewhere**", ""
        lines.append(f"| {forms} | {answer} | {_cell(row.says)}{hint} |")
    return lines


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    fresh = page()
    if "--check" in sys.argv:
        old = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
        sys.exit(fresh != old and "docs/reference/pip.md is out of date: run docs/pip_reference.py")
    PAGE.write_text(fresh, encoding="utf-8")
