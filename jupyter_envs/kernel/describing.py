"""`pip show`: fields of packages, line by line as pip writes them."""

from __future__ import annotations

from typing import Any, Dict, Iterator, Sequence

from .distributions import Installed, needs
from .orders import Order, name_of

Json = Dict[str, Any]


def show(
    order: Order, packages: Sequence[Installed], environment: Json | None
) -> tuple[Sequence[str], Sequence[str], int]:
    """Lines, complaints, exit code."""
    if not order.names:
        return [], ["ERROR: Please provide a package name or names."], 1
    there = {package.canonical: package for package in packages}
    missing = sorted(name for name in order.names if _canonical(name) not in there)
    complaints = ["WARNING: Package(s) not found: {}".format(", ".join(missing))] if missing else []
    chosen = [there[_canonical(name)] for name in order.names if _canonical(name) in there]
    lines: list[str] = []
    with needs(environment) as known:
        needed = {package.canonical: {item.name for item in known.of(package)} for package in packages}
    for number, package in enumerate(chosen):
        lines += ["---"] if number else []
        lines += _described(package, packages, needed)
        lines += _more(package) if order.verbose else []
        lines += _files(package) if "files" in order.arguments else []
    return lines, complaints, 0 if chosen else 1


def _canonical(name: str) -> str:
    return name_of(name) if name else ""


def _described(package: Installed, packages: Sequence[Installed], needed: dict[str, Any]) -> Iterator[str]:
    yield f"Name: {package.name}"
    yield f"Version: {package.version}"
    yield "Summary: {}".format(package.field("Summary"))
    yield f"Home-page: {_homepage(package)}"
    yield "Author: {}".format(package.field("Author"))
    yield "Author-email: {}".format(package.field("Author-email"))
    licence = package.field("License-Expression")
    yield from (f"License-Expression: {licence}" if licence else "License: {}".format(package.field("License"))).split(
        "\n"
    )
    yield f"Location: {package.folder}"
    if package.editable:
        yield f"Editable project location: {package.editable}"
    users = [other.name for other in packages if package.canonical in map(name_of, needed[other.canonical])]
    yield "Requires: {}".format(", ".join(sorted(needed[package.canonical], key=str.lower)))
    yield "Required-by: {}".format(", ".join(sorted(users, key=str.lower)))


def _homepage(package: Installed) -> str:
    for text in package.fields("Project-URL"):
        label, _, url = text.partition(",")
        if "".join(filter(str.isalnum, label)).lower() == "homepage":
            return package.field("Home-page") or url.strip()
    return package.field("Home-page")


def _more(package: Installed) -> Iterator[str]:
    yield "Metadata-Version: {}".format(package.field("Metadata-Version"))
    yield f"Installer: {package.installer}"
    for title, values in (
        ("Classifiers", package.fields("Classifier")),
        ("Entry-points", package.text("entry_points.txt").splitlines()),
        ("Project-URLs", package.fields("Project-URL")),
    ):
        yield f"{title}:"
        yield from (f"  {value.strip()}" for value in values)


def _files(package: Installed) -> Iterator[str]:
    yield "Files:"
    files = package.found.files if package.found else None
    if files is None:
        yield "Cannot locate RECORD or installed-files.txt"
    else:
        yield from (f"  {file}" for file in sorted(map(str, files)))
