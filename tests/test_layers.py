"""Import order is the layer order: values flow from left to right, and nothing flows back."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import jupyter_envs

ROOT = Path(jupyter_envs.__file__).parent
LAYERS = [
    [
        "plain",
        "error_table",
        "errors",
        "strict_json",
        "report",
        "canonical",
        "search_path",
        "scripts",
        "folders",
        "home",
        "settings",
        "write",
        "kept",
        "lease",
        "os_errors",
        "uses",
    ],
    ["spec", "lock", "lock_rules", "block", "schema"],
    ["process", "uv_version", "interpreters", "indexes", "notebook"],
    ["closure", "sources"],
    ["marks", "policy"],
    ["ledger"],
    ["consents"],
    ["pylock", "consent", "complaints", "engine"],
    ["builder", "counting"],
    ["resolver", "store"],
    ["installer", "change", "plan", "inventory", "sharing", "fetching"],
    ["ownership", "rooms", "status"],
    ["environments"],
    ["jobs", "headless", "kernelspec", "verification", "launch"],
    ["cleaning", "decision", "doctor"],
    ["cli", "server", "papermill", "provisioner", "standin", "standalone", "__main__"],
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
FILES = sorted(path for path in ROOT.rglob("*.py") if "kernel" not in path.relative_to(ROOT).parts[:1])


def imported(path: Path) -> Iterator[str]:
    """Rooms that a file imports when it is loaded or later, but for types alone."""
    package = ["jupyter_envs", *path.relative_to(ROOT).parts[:-1]]
    todo: list[ast.AST] = [ast.parse(path.read_text())]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        todo += ast.iter_child_nodes(node)
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            full = [*base, *(node.module or "").split(".")] if node.module else base
            names = [full] if node.module else [[*full, alias.name] for alias in node.names]
            yield from (name[1] for name in names if len(name) > 1)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("jupyter_envs."):
            yield (node.module or "").split(".")[1]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_imports_only_rooms_below_it(path: Path) -> None:
    own = path.relative_to(ROOT).parts[0].removesuffix(".py")
    if own == "__init__":
        return
    for other in imported(path):
        if other != own and other in RANK:
            assert RANK[other] <= RANK[own], f"{own} imports {other}"


@pytest.mark.parametrize("path", sorted((ROOT / "kernel").rglob("*.py")), ids=lambda path: path.name)
def test_what_runs_in_the_users_environment_imports_nothing_of_ours_but_itself(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            outside = node.level > len(path.relative_to(ROOT / "kernel").parts)
            foreign = (node.module or "").startswith("jupyter_envs") and not (node.module or "").startswith(
                "jupyter_envs.kernel"
            )
            assert not outside and not foreign, ast.unparse(node)
