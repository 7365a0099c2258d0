"""[tool.pdm] of a project: its groups for development, its indexes and its overrides."""

from __future__ import annotations

from .project import PYPI_NAME, Project
from .shapes import Table


def take_pdm(table: Table, project: Project) -> None:
    """Raises InputError that says the key."""
    groups = table.table("dev-dependencies")
    for name in groups.values:
        texts = [text for text in groups.texts(name) if not text.startswith("-e ")]
        for text in {*groups.texts(name)} - {*texts}:
            project.note(
                f"{project.path.name}: {text!r} is left out. If you have it: jupyter envs install NOTEBOOK {text}"
            )
        project.group(name, project.written(texts, f"{groups.where}: {name}"))
    for row in table.tables("source"):
        name = row.text("name", PYPI_NAME)
        patterns = row.texts("include_packages")
        project.indexes.add(
            name, row.text("url"), f"{project.path.name}: [[tool.pdm.source]] {name}", default=not patterns
        )
        project.indexes.pypi &= name != PYPI_NAME
        for pattern in patterns:
            if any(sign in pattern for sign in "*?["):
                project.refuse(row.where, f"which packages {name} has is a pattern, {pattern!r}.", "List their names.")
            project.indexes.take(Table({"name": pattern}, row.where).name(), name, row.where)
    for name, value in table.table("resolution", "overrides").values.items():
        text = value if isinstance(value, str) else ""
        limit = text if not text or text[0] in "<>=!~" else f"=={text}"
        project.overrides += project.written([f"{name}{limit}"], f"{table.where}: resolution: overrides: {name}")
