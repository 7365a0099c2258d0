"""What Python code gives to a shell or to pip: `os.system("…")`, `subprocess.run([…])`, `pip.main([…])`."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Sequence

from ..kernel.foreign import quoted

CALLS = re.compile(r"system|popen|subprocess|getoutput|pip|magic|environ")
"""Code without one of these gives nothing away."""
PROGRAMS = {
    "os.system", "os.popen", "get_ipython().system", "get_ipython().getoutput", "get_ipython().magic",
    "get_ipython().run_line_magic", *(f"subprocess.{name}" for name in (
        "run", "call", "check_call", "check_output", "Popen", "getoutput", "getstatusoutput")),
}  # fmt: skip
PIP = {"pip.main", "pip._internal.main", "pip._internal.cli.main.main", "pipmain", "pip_main"}
BEGINS = re.compile(r"(?:system|popen|subprocess\.\w+|getoutput|magic)\s*\(")
TOOLS = re.compile(r"\b(?:pip3?|uv|conda|mamba|apt|apt-get|sudo)\b")
STRING = re.compile(r"\(\s*[rRfFbB]*([\"'])(.+?)\1")
LONGEST = 50_000
"""Characters of a cell that is parsed."""


def calls_in(rows: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """Number, sign and text of what the code of a cell gives away. Where nobody can parse it, its lines as they are."""
    code = "\n".join(rows)
    if not CALLS.search(code):
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(code) if len(code) < LONGEST else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        tree = None
    if tree is None:
        for number, row in enumerate(rows, 1):
            begins = None if row.lstrip().startswith("#") else BEGINS.search(row[:1000])
            if begins and TOOLS.search(row[:1000], begins.end()):
                inner = STRING.match(row[:1000], begins.end() - 1)
                yield number, "", inner[2] if inner else row.strip()
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (text := _of_call(node)):
            yield node.lineno, "", text
        elif isinstance(node, ast.Assign) and (text := _of_environ(node)):
            yield node.lineno, "%", text


def _of_call(node: ast.Call) -> str:
    name, first = _name(node.func), node.args[0] if node.args else None
    if name in PIP:
        return f"pip {_text(first)}" if first else ""
    if name not in PROGRAMS or first is None:
        return ""
    return " ".join(map(_text, node.args[:2])) if name.endswith("run_line_magic") else _text(first)


def _of_environ(node: ast.Assign) -> str:
    """`os.environ["PIP_INDEX_URL"] = "…"` as the magic that does the same."""
    target = node.targets[0]
    if not isinstance(target, ast.Subscript) or _name(target.value) not in ("os.environ", "environ"):
        return ""
    return f"env {_text(target.slice)}={_text(node.value)}"


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_name(node.value)}.{node.attr}" if not isinstance(node.value, ast.Attribute) else _dotted(node)
    return "get_ipython()" if isinstance(node, ast.Call) and _is_shell(node.func) else ""


def _dotted(node: ast.AST) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute) and len(parts) < 5:
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id if isinstance(node, ast.Name) else "", *reversed(parts)])


def _is_shell(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "get_ipython"


def _text(node: ast.AST) -> str:
    """As a shell would get it; `{…}` for what nobody knows before it runs."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return _text(node.value)
    if isinstance(node, (ast.List, ast.Tuple)):
        return " ".join(_word(each) for each in node.elts)
    if isinstance(node, ast.Attribute) and _name(node) == "sys.executable":
        return "{sys.executable}"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "split":
        return _text(node.func.value)
    return "{…}"


def _word(node: ast.AST) -> str:
    text = _text(node)
    bare = text.lstrip("-")
    return text if text.startswith("{") or not bare else text[: -len(bare)] + quoted(bare, windows=False)
