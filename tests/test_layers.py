"""The house: which room imports which. docs/contributing/rooms.md draws it.

An import for types alone is an arrow like any other, and so is one inside a function."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import jupyter_envs

ROOT = Path(jupyter_envs.__file__).parent
PAGE = ROOT.parent / "docs" / "contributing" / "rooms.md"
FLOORS = [
    {"text"},
    {"errors"},
    {"system"},
    {"settings"},
    {"model"},
    {"wire"},
    {"dialects", "machine", "notebook"},
    {"infer"},
    {"consent"},
    {"engines"},
    {"store"},
    {"environments"},
    {"launch"},
    {"cli", "server", "papermill", "standalone", "kernelspec"},
]
ALONE = {"wire": {"errors", "model"}}
"""Rooms that import less than they might."""
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
FORMER = {"kernelspec.py"}
"""An address of 0.1.0 that scripts name."""
ENTRANCES = {"__init__", "__main__"}
"""They open a door when they are called, and are imported for the version at most."""
PLAIN = {
    "amounts", "asking", "compile_script", "conda_names", "conda_words", "context", "dotenv", "foreign", "leases", "lock_lines",
    "module_names", "orders", "pace", "pending", "pip_options", "pip_table", "pip_words", "prewarm", "reading", "refused", "scanning",
    "shell_lines", "sweep", "trees", "typed_paths", "uv_table", "writing",
}  # fmt: skip
"""Of kernel/: modules that the rooms from `system` upwards may import. They run in the user's environment too, so they
know Python 3.8 and its standard library alone."""
ANY = {"elsewhere", "explaining", "magics", "screen", "session", "transformers", "view"}
"""Of kernel/: what the stand-in uses besides, since it answers as a kernel does."""
BY_NAME = {
    "engines/choice.py": {"engine"},
    "environments/here.py": {"engine", "tool"},
    "environments/pythons.py": {"fetch_python", "pythons"},
    "environments/cleaning.py": {"fetch_python"},
    "environments/doctor/places.py": {"cache"},
    "cli/changing.py": {"refresh"},
    "cli/refresh.py": {"refresh"},
    "server/app.py": {"pythons"},
}
"""Who imports what of engines/uv: for what no other engine does, and the one place that chooses."""
FILES = sorted(path for path in ROOT.rglob("*.py") if "labextension" not in path.relative_to(ROOT).parts)


def module_of(path: Path) -> tuple[str, ...]:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts


MODULES = {module_of(path): path for path in FILES}


def arrows(path: Path) -> Iterator[tuple[str, ...]]:
    """The modules that a file imports, now or later."""
    package = path.relative_to(ROOT).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom):
            continue
        words = tuple((node.module or "").split(".")) if node.module else ()
        if node.level:
            base = package[: len(package) - node.level + 1] + words
        elif words[:1] == ("jupyter_envs",):
            base = words[1:]
        else:
            continue
        for alias in node.names:
            found = next((m for m in ((*base, alias.name), base) if m in MODULES), None)
            if found:
                yield found


def room_of(module: tuple[str, ...]) -> str:
    return module[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_room_imports_only_rooms_below_it(path: Path) -> None:
    own = room_of(module_of(path))
    if own in ENTRANCES:
        return
    for other in arrows(path):
        room = room_of(other)
        if room == own:
            continue
        if own == "kernel":
            raise AssertionError(f"what runs in the user's environment imports {'.'.join(other)}")
        if room == "kernel":
            allowed = PLAIN | (ANY if own == "launch" else set())
            assert FLOOR[own] >= FLOOR["system"] or (own, other[1:]) == ("text", ("foreign",)), other
            assert len(other) == 1 or other[1] in allowed, f"{own} imports {'.'.join(other)}"
        else:
            assert FLOOR[room] < FLOOR[own], f"{own} imports {'.'.join(other)}"
            assert room in ALONE.get(own, {room}), f"{own} imports {'.'.join(other)}"


def test_uv_is_known_by_name_to_those_alone_who_need_it() -> None:
    found: dict[str, set[str]] = {}
    for path in FILES:
        name = path.relative_to(ROOT).as_posix()
        of_uv = {".".join(other[2:]) for other in arrows(path) if other[:2] == ("engines", "uv")}
        if of_uv and not name.startswith("engines/uv/"):
            found[name] = of_uv
    assert found == BY_NAME
    page = PAGE.read_text(encoding="utf-8")
    assert not [name for name in BY_NAME if f"`{name}`" not in page]


def test_a_room_writes_a_text_a_tuple_or_a_pattern_once() -> None:
    """Under the same name. Numbers are often equal by chance."""
    places: dict[tuple[str, str, str], list[str]] = {}
    for path in FILES:
        for line in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(line, ast.Assign) or not isinstance(line.targets[0], ast.Name):
                continue
            value = ast.unparse(line.value)
            if isinstance(line.value, ast.Tuple) or re.match(r"""re\.compile\(|['"]""", value):
                key = room_of(module_of(path)), line.targets[0].id, value
                places.setdefault(key, []).append(path.relative_to(ROOT).as_posix())
    twice = {key: files for key, files in places.items() if len(files) > 1}
    assert not twice, twice


def test_every_file_is_in_a_room() -> None:
    rooms = {room_of(module_of(path)) for path in FILES}
    assert rooms == {*FLOOR, "kernel", *ENTRANCES}


def test_no_file_imports_itself_by_way_of_others() -> None:
    graph = {module: {other for other in arrows(path) if other != module} for module, path in MODULES.items()}
    graph[("__init__",)] = set()
    while True:
        leaves = [module for module, others in graph.items() if not others & graph.keys()]
        if not leaves:
            break
        for module in leaves:
            del graph[module]
    circle = {".".join(module): sorted(".".join(m) for m in others & graph.keys()) for module, others in graph.items()}
    assert not circle, circle


def test_what_runs_in_the_users_environment_imports_nothing_of_ours_but_itself() -> None:
    for path in sorted((ROOT / "kernel").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                outside = node.level > len(path.relative_to(ROOT / "kernel").parts)
                ours = (node.module or "").startswith("jupyter_envs")
                assert not outside and (not ours or (node.module or "").startswith("jupyter_envs.kernel")), path


def test_the_top_of_the_package_can_be_seen_at_a_glance() -> None:
    """At most 8 files and 16 folders; each folder says what it is for and what it shows."""
    files = [path.name for path in ROOT.iterdir() if path.is_file() and path.name not in FORMER]
    folders = [path for path in ROOT.iterdir() if (path / "__init__.py").exists()]
    assert len(files) <= 8 and len(folders) <= 16, (files, folders)
    for folder in folders:
        told = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))) or ""
        assert "Public: " in told and told.partition("\n")[0].rstrip(".") != "", folder


def test_the_page_names_every_room() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for room in [*FLOOR.keys() - {"kernelspec"}, "kernel"]:
        assert f"{room}/" in page or f"{room}.py" in page, room
    for name in PLAIN:
        assert f"`{name}`" in page, name


PAGE_FLOORS = [
    {"foreign", "svg.d"},
    {"api"},
    {"tokens"},
    {"view"},
    {"words"},
    {"model"},
    {"parts"},
    {"banner", "consent", "document", "panel", "storage"},
    {"widgets"},
    {"documents"},
    {"index"},
]
PAGE_FLOOR = {room: number for number, rooms in enumerate(PAGE_FLOORS) for room in rooms}
SOURCES = ROOT.parent / "labextension" / "src"
TYPESCRIPT = sorted([*SOURCES.rglob("*.ts"), *SOURCES.rglob("*.tsx")])


@pytest.mark.parametrize("path", TYPESCRIPT, ids=lambda path: path.relative_to(SOURCES).as_posix())
def test_a_room_of_the_page_imports_only_rooms_below_it(path: Path) -> None:
    def room(file: Path) -> str:
        return file.relative_to(SOURCES).with_suffix("").parts[0]

    for word in re.findall(r"(?:from|import)\s+'(\.[^']+)'", path.read_text(encoding="utf-8")):
        other = (path.parent / word).resolve()
        if SOURCES.resolve() not in other.parents:
            continue  # an icon
        found = next(file for end in (".ts", ".tsx") if (file := other.with_name(other.name + end)).exists())
        above = room(SOURCES / found.relative_to(SOURCES.resolve()))
        assert above == room(path) or PAGE_FLOOR[above] < PAGE_FLOOR[room(path)], f"imports {word}"
