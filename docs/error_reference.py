"""Write reference/errors.md from the table of errors and from where the package raises them. `--check`: only compare.

Classes are found by reading the package's source, so that the page cannot say what is not so."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))  # the sources here, whatever is installed

import jupyter_envs
from jupyter_envs import errors
from jupyter_envs.errors.table import TABLE
from jupyter_envs.kernel import pip_table
from jupyter_envs.server import refusals

PAGE = Path(__file__).parent / "reference" / "errors.md"
PACKAGE = Path(jupyter_envs.__file__).parent
KINDS: dict[str, type[errors.EnvsError]] = {
    name: kind
    for module in (errors, refusals)
    for name, kind in vars(module).items()
    if isinstance(kind, type) and issubclass(kind, errors.EnvsError)
}
PASSED_ON = {("errors/tree.py", "from_dict"), ("server/handlers/base.py", "_foreign")}
"""Functions that take a code from elsewhere: from another process, or for what Jupyter itself refuses."""
GIVEN = {"kind": "InputError", "Diagnosis": "ResolveError"}
"""Variables that hold a class of errors, and the widest class that they hold; and what becomes such an error."""

HEAD = """# Errors

<!-- written by docs/error_reference.py -->

Every error is a code, one sentence and an action, and where a tool said something, its own words as details. It reads
the same wherever it is met:

| where | sentence and action | details |
|---|---|---|
| terminal | `error[code]: …`, `hint: …` on stderr | `--verbose` |
| `--json`, journal | `{"error": {"code", "sentence", "hint", "details", "data"}}` | there |
| a cell, also the stand-in's | sentence, `hint: …` | `-v` behind the magic |
| REST | `{"message", "reason", "error": {…}}` with the HTTP status below | there |
| panel | sentence, hint | behind “Details” |

Where an index shows the cause of an error and ways out of it, `data` has them: `cause`, and `ways`, each with the
changes that it takes. A terminal and a cell show one `hint:` line with a command for each, and the panel a button.

Codes are stable. Foreign text in them is made plain: no control characters, no terminal sequences, nothing that turns
or hides text; lines of at most 4,000 characters, details of at most 1 MiB; user names, passwords and tokens as `****`.
"""


class Raised(NamedTuple):
    code: str
    kind: str
    place: str


class Source(NamedTuple):
    path: str
    tree: ast.Module
    parents: dict[ast.AST, ast.AST]

    def function(self, node: ast.AST) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        while node in self.parents:
            node = self.parents[node]
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                return node
        return None


def sources() -> list[Source]:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        found.append(Source(path.relative_to(PACKAGE).as_posix(), tree, parents))
    return found


def raised() -> set[Raised]:
    """Raises ValueError for a code that is not written down where it can be found."""
    everything = sources()
    found: set[Raised] = set()
    for source in everything:
        for call in (node for node in ast.walk(source.tree) if isinstance(node, ast.Call)):
            kind = _kind(call)
            if kind:
                place = f"{source.path}:{call.lineno}"
                found |= {Raised(code, named or kind, place) for code, named in _codes(call, source, [source])}
    found |= set(elsewhere())
    tree = "errors/tree.py"
    return found | {Raised("cancelled", "Cancelled", tree), Raised("unknown", "EnvsError", tree)}


def elsewhere() -> Iterator[Raised]:
    """Where classes of ours cannot be had: in the user's own environment, and in the browser."""
    for file in sorted((PACKAGE / "kernel").glob("*.py")):
        for code in re.findall(r'\bfailed\(\s*"([a-z-]+)"', file.read_text(encoding="utf-8")):
            yield Raised(code, "EnvsError", f"kernel/{file.name}")
    for row in (*pip_table.GENERAL, *(row for verb in pip_table.VERBS.values() for row in verb.rows)):
        if row.code:
            yield Raised(row.code, "UsageError", "kernel/pip_table.py")
    for file in sorted((PACKAGE.parent / "labextension" / "src").rglob("*.ts*")):
        for code in re.findall(r"\bproblem\(\s*'([a-z-]+)'", file.read_text(encoding="utf-8")):
            yield Raised(code, "", file.name)


def _kind(call: ast.Call) -> str:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    return GIVEN.get(name, name if name in KINDS else "")


def _codes(call: ast.Call, source: Source, everything: list[Source]) -> Iterator[tuple[str, str]]:
    """(code, class or "" for the call's own)."""
    if not call.args:
        return
    function = source.function(call)
    if function and (source.path, function.name) in PASSED_ON:
        return
    yield from _values(call.args[0], function, source, everything)


def _values(
    value: ast.expr, function: ast.FunctionDef | ast.AsyncFunctionDef | None, source: Source, everything: list[Source]
) -> Iterator[tuple[str, str]]:
    """`everything`, searched for callers: the same file, since the helpers that take a code are private to theirs."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value, ""
    elif isinstance(value, ast.IfExp):
        yield from _values(value.body, function, source, everything)
        yield from _values(value.orelse, function, source, everything)
    elif isinstance(value, ast.Attribute) and value.attr == "code":
        return  # another error, raised again
    elif isinstance(value, ast.Name) and function:
        names = [argument.arg for argument in function.args.args]
        if value.id in names:
            yield from _given(function.name, names.index(value.id), everything)
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == value.id for t in node.targets):
                yield from _values(node.value, function, source, everything)
    else:
        raise ValueError(f"{source.path}:{value.lineno}: which code is this? {ast.unparse(value)}")


def _given(name: str, position: int, everything: list[Source]) -> Iterator[tuple[str, str]]:
    """What callers of a function give it as a code, and the class, where they give that too."""
    for source in everything:
        for call in (node for node in ast.walk(source.tree) if isinstance(node, ast.Call)):
            if not (isinstance(call.func, ast.Name) and call.func.id == name and len(call.args) > position):
                continue
            kind = next((a.id for a in call.args if isinstance(a, ast.Name) and a.id in KINDS), "")
            for code, named in _values(call.args[position], source.function(call), source, everything):
                yield code, named or kind


def page() -> str:
    kinds: dict[str, set[str]] = {}
    for code, kind, _ in raised():
        kinds.setdefault(code, set()).add(kind)
    for code in refusals.CODES.values():
        kinds.setdefault(code, set()).add("EnvsError")
    lines = [HEAD]
    for section, rows in TABLE.items():
        lines += [
            f"\n## {section}\n",
            "| code | when | what to do | HTTP | exit | class |",
            "|---|---|---|---|---|---|",
        ]
        for code, (when, action) in rows.items():
            known = sorted(kinds.get(code, set()) - {""})
            status = ", ".join(sorted({str(_status(code, kind)) for kind in known}))
            exits = ", ".join(sorted({str(KINDS[kind].exit_code) for kind in known}))
            names = ", ".join(f"`{kind}`" for kind in known)
            lines.append(f"| `{code}` | {_cell(when)} | {_cell(action)} | {status} | {exits} | {names} |")
    return "\n".join(lines) + "\n"


def _status(code: str, kind: str) -> int:
    by_jupyter = {value: key for key, value in refusals.CODES.items()}
    return by_jupyter[code] if kind == "EnvsError" and code in by_jupyter else KINDS[kind].http_status


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<NAME>", "&lt;NAME&gt;")


if __name__ == "__main__":
    fresh = page()
    if "--check" in sys.argv:
        old = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
        sys.exit(fresh != old and "docs/reference/errors.md is out of date: run docs/error_reference.py")
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(fresh, encoding="utf-8")
