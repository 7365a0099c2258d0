"""Python code that follows the links of its own path and then leaves its wheel: `Path(__file__).resolve().parents[2]`,
or `os.path.join(os.path.dirname(__file__), "..", "other", "data")`, which the system follows. If a package is a link,
that leads into the store, and not to what the environment has beside it.

What is found is a reason to make the package's folders real. The code is read, and never run. A mistake in that
direction costs a little time and disk."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

LARGEST = 1 << 20
"""Bytes of a source file. Larger ones are tables."""
TESTS = {"tests", "test", "conftest.py"}
"""Code in them looks for the project in which it was written."""
OWN = re.compile(rb"__file__|__spec__|__path__|getfile|getsourcefile")
WORTH_PARSING = re.compile(rb"resolve\(|realpath\(|pardir|[\"'/}]\.\.[\"'/]")
WITHOUT_END = 1000
FILE_OF = {"getfile", "getsourcefile", "getabsfile"}
"""Of `inspect`; almost always of the module itself."""
SAME = {"Path", "PosixPath", "PurePath", "fsdecode", "fspath", "str"}
NORMAL = {"abspath", "normpath"}
LISTS = {"glob", "iglob", "iterdir", "listdir", "rglob", "scandir", "walk"}


def leaves(library: Path, files: Sequence[str]) -> str | None:
    """The first of `files` (paths below `library`) that does; None if there is none."""
    tops = {entry.name for entry in library.iterdir()} if files else set()
    return next(
        (name for name in files if TESTS.isdisjoint(name.split("/")) and _leaves(library / name, name, tops)), None
    )


def _leaves(path: Path, name: str, tops: Set[str]) -> bool:
    try:
        if path.stat().st_size > LARGEST:
            return False
        source = path.read_bytes()
        if not (OWN.search(source) and WORTH_PARSING.search(source)):
            return False
        return any(place.leaves for place in _Places(ast.parse(source), name.count("/") + 1, tops).all())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):  # Python will not run it either
        return False


@dataclass(frozen=True)
class Place:
    """`depth`: of the module, 1 at the top of site-packages; `tops`: what its wheel puts there. `up`: how many folders
    above the file itself; below 0 for what is in a folder beside it. `resolved` and `dots`: the lowest such number at
    which links were followed, or a `..` was appended, after which the system follows them. `left` and `left_by_dots`:
    it is the path of something that another wheel may bring."""

    depth: int
    tops: Set[str]
    up: int = 0
    resolved: int = WITHOUT_END
    dots: int = WITHOUT_END
    left: bool = False
    left_by_dots: bool = False

    @property
    def leaves(self) -> bool:
        return self.left or self.left_by_dots or (self.up > self.depth > min(self.resolved, self.dots))

    def climb(self, steps: int = 1) -> Place:
        return replace(self, up=self.up + steps)

    def follow(self) -> Place:
        """Links are followed now."""
        at = min(self.up, self.resolved, self.dots)
        return replace(self, resolved=at, dots=WITHOUT_END, left=self.left or self.left_by_dots)

    def normal(self) -> Place:
        """Each `..` is removed from the text, before anybody follows links."""
        return replace(self, dots=WITHOUT_END, left_by_dots=False)

    def search(self) -> Place:
        """What is there is listed, or has a name that is not in this module."""
        outside = self.up >= self.depth
        left_by_dots = self.left_by_dots or (outside and self.dots < self.depth)
        return replace(self, left=self.left or (outside and self.resolved < self.depth), left_by_dots=left_by_dots)

    def join(self, word: ast.expr) -> Place:
        text = word.value if isinstance(word, ast.Constant) else ".." if _last_name(word) == "pardir" else None
        if not isinstance(text, str):
            return self.search().climb(-1)
        place = self
        for part in re.split(r"[/\\]", text):
            if part == "..":
                place = replace(place.climb(), dots=min(place.dots, place.up))
            elif part not in ("", "."):
                own = place.up == place.depth and part in place.tops
                place = (place if own else place.search()).climb(-1)
        return place


class _Places:
    """What the expressions of a module mean, if they come from `__file__`. A name means the same everywhere in it."""

    def __init__(self, tree: ast.Module, depth: int, tops: Set[str]) -> None:
        self._tree = tree
        self._file = Place(depth, tops)
        self._names: dict[str, Place] = {"__file__": self._file}
        self._functions: dict[str, Place] = {}
        for node in ast.walk(tree):  # the outermost statements first
            if isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and node.value:
                self._assign(node.targets if isinstance(node, ast.Assign) else [node.target], self.of(node.value))
            elif isinstance(node, (ast.While, ast.For)):
                self._loop(node)
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self._function(node)

    def _function(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """`def root(): return Path(__file__).resolve().parents[1]`"""
        for node in ast.walk(function):
            place = self.of(node.value) if isinstance(node, ast.Return) and node.value else None
            if place:
                self._functions[function.name] = place

    def all(self) -> Iterator[Place]:
        """Of each whole expression: within `abspath(…)`, a `..` does no harm yet."""
        inner: set[ast.AST] = set()
        for node in ast.walk(self._tree):
            place = self.of(node) if isinstance(node, ast.expr) and node not in inner else None
            if place:
                inner.update(ast.walk(node))
                yield place

    def _assign(self, targets: Sequence[ast.expr], place: Place | None) -> None:
        for target in targets:
            if place and isinstance(target, ast.Name):
                self._names[target.id] = place

    def _loop(self, loop: ast.While | ast.For) -> None:
        """`folder = os.path.dirname(folder)`, until something is found."""
        for node in ast.walk(loop):
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                before, after = self._names.get(node.targets[0].id), self.of(node.value)
                if before and after and after.up > before.up:
                    self._names[node.targets[0].id] = after.climb(WITHOUT_END)

    def of(self, node: ast.expr) -> Place | None:
        match node:
            case ast.Name(id=name):
                return self._names.get(name)
            case ast.Attribute(value=ast.Name(id="__spec__"), attr="origin"):
                return self._file
            case ast.Attribute(value=ast.Subscript(value=modules), attr="__file__") if _last_name(modules) == "modules":
                return self._file
            case ast.Subscript(value=ast.Name(id="__path__")):
                return self._file.climb()
            case ast.JoinedStr(values=[ast.FormattedValue(value=base), *words]):
                place, steps = self.of(base), 0
                place = self._joined(place, words) if place else None
            case ast.Attribute(value=base, attr="parent"):
                place, steps = self.of(base), 1
            case ast.Attribute(value=base, attr="parents"):
                place, steps = self.of(base), WITHOUT_END
            case ast.Subscript(value=ast.Attribute(value=base, attr="parents"), slice=ast.Constant(value=int(number))):
                place, steps = self.of(base), number + 1
            case ast.Subscript(value=ast.Call(func=func, args=[base]), slice=ast.Constant(value=0)):
                place, steps = self.of(base) if _last_name(func) == "split" else None, 1
            case ast.BinOp(left=base, op=ast.Div() | ast.Add(), right=word):
                place, steps = self.of(base), 0
                place = place.join(word) if place else None
            case ast.Call():
                place, steps = self._call(node), 0
            case _:
                return None
        return place.climb(steps) if place else None

    def _call(self, node: ast.Call) -> Place | None:
        name, words = _last_name(node.func), node.args
        if name in FILE_OF:
            return self._file
        if isinstance(node.func, ast.Name) and name in self._functions:
            return self._functions[name]
        if name == "join" and len(words) == 1 and isinstance(words[0], (ast.List, ast.Tuple)):
            words = words[0].elts  # `os.sep.join([…])`
        place = self.of(node.func.value) if isinstance(node.func, ast.Attribute) else None
        if place is None:
            place, words = (self.of(words[0]), words[1:]) if words else (None, words)
        if place is None:
            return None
        if name in LISTS:
            return place.search()
        if name in ("resolve", "realpath"):
            return place.follow()
        if name == "dirname":
            return place.climb()
        if name in NORMAL:
            return place.normal()
        if name in ("absolute", "as_posix"):
            return place
        return self._joined(place, words) if name in ("join", "joinpath", *SAME) else None

    def _joined(self, place: Place, words: Sequence[ast.expr]) -> Place:
        for word in words:
            place = place.join(word)
        return place


def _last_name(node: ast.expr) -> str:
    """`realpath` of `os.path.realpath`."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
