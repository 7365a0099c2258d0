"""What the code of a notebook, or of a file beside it, imports: by its syntax alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from .standard_library import in_standard_library

PYTHON_MAGICS = {"time", "timeit", "capture", "prun", "px", "memit", "mprun", "lprun", "debug", "python", "python3"}
"""Cell magics whose body is Python."""
LANGUAGE = {"cython": "Cython", "R": "rpy2", "sql": "sql", "bigquery": "google.cloud.bigquery", "julia": "julia"}
"""Cell magics, and the module that brings them."""
PLOTTING = {"plt", "mpl", "matplotlib", "ax", "axes", "sns"}
"""Whose `.style` and `.plot` are their own, and no table's."""
LONGEST, LONGEST_NAME, MOST = 1_000_000, 200, 5_000
"""Characters of code, and of a module's name; imports. More have no meaning, and take time."""
FAILURES = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}
STATEMENT = re.compile(r"^[ \t]*(?:from[ \t]+[\w.]+[ \t]+import[ \t]+[\w*][\w, \t*]*|import[ \t]+[\w., \t]+)", re.M)
NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")


@dataclass(frozen=True)
class Import:
    """`module`: as long as it is known, `google.cloud.storage`; `where`: `cell 3`, or a file; `optional`: the code goes
    on without it."""

    module: str
    where: str
    optional: bool = False

    @property
    def top(self) -> str:
        return self.module.partition(".")[0]


@dataclass
class Seen:
    """`uses`: methods, options and texts that say which further package is needed, and where each was seen first;
    `paths`: folders that cells put on the path of modules; `unread`: places whose code is no Python 3."""

    imports: list[Import] = field(default_factory=list)
    uses: dict[str, str] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    """Modules that cells write."""
    relative: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
    """`from ..a import b` as (2, ("a", "b"))."""


def of_cells(cells: Iterable[tuple[str, str]]) -> Seen:
    """`cells`: where, and the text. Beyond LONGEST characters they count as unread."""
    seen, left = Seen(), LONGEST
    for where, text in cells:
        left -= len(text)
        if left < 0:
            seen.unread.append(where)
            continue
        _read(text, where, seen)
    return seen


def _read(text: str, where: str, seen: Seen) -> None:
    tree = parsed(text)
    if tree is None:
        first, _, body = text.lstrip().partition("\n")
        magic = re.match(r"%%(\w+)(.*)", first)
        if magic:
            _cell_magic(magic[1], magic[2], body, where, seen)
            return
        from .cells import as_python  # IPython is loaded for cells that need it

        tree = parsed(as_python(text))
    if tree is None:
        seen.unread.append(where)
        for statement in STATEMENT.findall(text):
            if part := parsed(statement.strip()):
                _Reader(where, seen).visit(part)
        return
    _Reader(where, seen).visit(tree)


def parsed(text: str) -> ast.Module | None:
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the escapes of a stranger's strings
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _cell_magic(name: str, words: str, body: str, where: str, seen: Seen) -> None:
    if name in PYTHON_MAGICS:
        _read(body, where, seen)
    elif name in LANGUAGE:
        seen.imports.append(Import(LANGUAGE[name], where))
    elif name == "writefile" and (made := re.search(r"([A-Za-z_]\w*)\.py\s*$", words)):
        seen.written.append(made[1])
        _read(body, where, seen)


class _Reader(ast.NodeVisitor):
    def __init__(self, where: str, seen: Seen) -> None:
        self.where, self.seen = where, seen
        self.optional = False

    def visit(self, node: ast.AST) -> None:
        try:
            super().visit(node)
        except RecursionError:
            self.seen.unread.append(self.where)

    def _found(self, module: str) -> None:
        if len(module) < LONGEST_NAME and len(self.seen.imports) < MOST and NAME.fullmatch(module) and module.isascii():
            self.seen.imports.append(Import(module, self.where, self.optional))

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._found(alias.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.level:
            words = tuple(node.module.split(".")) if node.module else ()
            self.seen.relative += [(node.level, (*words, alias.name)) for alias in node.names]
            return
        if not node.module or node.module == "__future__":
            return
        for alias in node.names:
            self._found(node.module if alias.name == "*" else f"{node.module}.{alias.name}")

    def visit_If(self, node: ast.If) -> None:
        test = ast.unparse(node.test) if isinstance(node.test, (ast.Name, ast.Attribute)) else ""
        if test.rpartition(".")[2] == "TYPE_CHECKING":
            for line in node.orelse:
                self.visit(line)
            return
        self.generic_visit(node)

    def visit_Try(self, node: ast.Try) -> None:
        """`except ImportError` that goes on makes an import optional. With another module of an index in its place, the
        first of the two is needed."""
        handlers = [handler for handler in node.handlers if _handles_import(handler)]
        others = [module for handler in handlers for line in handler.body for module in _modules(line)]
        instead = bool(others) and not any(in_standard_library(module) for module in others)
        goes_on = bool(handlers) and not _gives_up(handlers)
        self._lines(node.body, optional=goes_on and not instead)
        for handler in node.handlers:
            self._lines(handler.body, optional=goes_on)
        self._lines([*node.orelse, *node.finalbody], optional=False)

    visit_TryStar = visit_Try

    def _lines(self, lines: Sequence[ast.stmt], *, optional: bool) -> None:
        before, self.optional = self.optional, self.optional or optional
        for line in lines:
            self.visit(line)
        self.optional = before

    def visit_Call(self, node: ast.Call) -> None:
        name = ast.unparse(node.func) if isinstance(node.func, (ast.Name, ast.Attribute)) else ""
        texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if name in ("importlib.import_module", "import_module", "__import__") and texts:
            self._found(texts[0])
        if isinstance(node.func, ast.Attribute):
            self._method(node.func, node, texts)
        for keyword in node.keywords:
            if isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str):
                self.seen.uses.setdefault(f"{keyword.arg}={keyword.value.value[:20]}", self.where)
        for text in texts:
            self.seen.uses.setdefault(f"({text[:20]})", self.where)
        self.generic_visit(node)

    def _method(self, func: ast.Attribute, node: ast.Call, texts: list[str]) -> None:
        if func.attr == "run_line_magic" and texts:
            self._line_magic(texts[0], texts[1] if len(texts) > 1 else "")
        elif func.attr == "run_cell_magic" and len(texts) == 3:
            _cell_magic(texts[0], texts[1], texts[2], self.where, self.seen)
        elif texts and (func.attr == "chdir" or ast.unparse(func) in ("sys.path.append", "sys.path.insert")):
            self.seen.paths.append(texts[0])

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if not (isinstance(node.value, ast.Name) and node.value.id in PLOTTING):
            self.seen.uses.setdefault(f".{node.attr}", self.where)
        self.generic_visit(node)

    def _line_magic(self, name: str, words: str) -> None:
        first = words.split()[0] if words.split() else ""
        if name == "load_ext" and first:
            self._found(first)
        elif name in ("matplotlib", "pylab"):
            self._found("matplotlib")
            if name == "pylab":
                self._found("numpy")
            if first in ("widget", "ipympl"):
                self._found("ipympl")
        elif name == "cd" and first:
            self.seen.paths.append(first)
        elif name in ("time", "timeit", "prun", "memit", "lprun"):
            code = re.sub(r"^(?:-\w+(?:\s+\d+)?\s+)*", "", words)
            if tree := parsed(code):
                self.visit(tree)


def _handles_import(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(kind, ast.Name) and kind.id in FAILURES for kind in kinds)


def _gives_up(handlers: list[ast.ExceptHandler]) -> bool:
    """Whether a handler raises, or installs what is missing: then it is needed."""
    text = [ast.unparse(line) for handler in handlers for line in handler.body]
    return any(line.startswith("raise") or "pip" in line or "sys.exit" in line for line in text)


def _modules(line: ast.stmt) -> Iterator[str]:
    if isinstance(line, ast.Import):
        yield from (alias.name for alias in line.names)
    elif isinstance(line, ast.ImportFrom) and line.module and not line.level:
        yield line.module
