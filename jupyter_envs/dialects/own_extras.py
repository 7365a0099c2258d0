"""Extras of a project that name extras of the same project: `all = ["study[plot,text]"]`."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

from msgspec.structs import replace
from packaging.markers import Marker

from ..model.requirement import Requirement
from .project import Project
from .shapes import marker_of

MANY = 2000
"""Requirements of a group: more are made to be slow."""


def expand_own(project: Project) -> None:
    """`study[plot]` among the extras of study means those of `plot`: the index may have another package of its name."""
    if not project.own:
        return
    groups = {name: tuple(items) for name, items in project.groups.items()}
    project.requirements[:] = _expanded(project.requirements, project, groups)
    for name, items in groups.items():
        project.groups[name] = _expanded(items, project, groups)


def _expanded(
    items: Iterable[Requirement], project: Project, groups: Mapping[str, tuple[Requirement, ...]]
) -> list[Requirement]:
    found, queue, seen = dict[Requirement, None](), deque(items), set[tuple[str, str]]()
    while queue:
        item = queue.popleft()
        if item.name != project.own:
            found[item] = None
            continue
        project.note(
            f"{project.path.name}: {item.name} is this project itself. Its requirements are taken; the project is not "
            "installed."
        )
        for extra in item.extras:
            key = extra, str(item.marker)
            if key not in seen:
                seen.add(key)
                queue += [_under(row, item.marker, project) for row in groups.get(extra, ())]
        if len(found) + len(queue) + len(seen) > MANY:
            project.refuse(f"{project.path}", f"{item.name} has too many extras within extras.", "Name what you need.")
    return [*found]


def _under(item: Requirement, marker: Marker | None, project: Project) -> Requirement:
    if marker is None:
        return item
    both = f"({item.marker}) and ({marker})" if item.marker else str(marker)
    return replace(item, marker=marker_of(both, str(project.path)))
