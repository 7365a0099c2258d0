"""environment.yml, as people and `conda env export` write it."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from ..errors import InputError
from ..kernel.foreign import visible
from ..kernel.lock_lines import conditional
from ..model.lock import Lock
from ..model.spec import CondaSpec, Spec
from .conda_specs import channel_of, checked_spec, name_of, with_conda
from .exact_rows import found_in
from .found import Found, Written
from .requirements_txt import Listed, read_lines
from .unsaid import asked_for, unsaid
from .yaml_file import Text, line_of, load

NAME = "environment.yml"
MOST = 1 << 18
"""Bytes: an export of an environment of 500 packages has 20,000."""
KEYS = {"name", "channels", "dependencies"}
FILE = "environment.yml"
SAYS = frozenset({"python", "locked-python", "versions", "conda"})
USUAL = ("conda-forge", "nodefaults")
PLAIN = re.compile(r"[A-Za-z][\w./=<>!~+,-]*", re.ASCII)
LEFT = {
    "prefix": "the folder of an environment on another machine",
    "variables": "environment variables, which a notebook does not set",
    "platforms": "the platforms to lock for: a notebook is locked for all that it can be",
}


def read(path: Path, groups: Collection[str] = ()) -> Found:
    """Raises InputError that says file and line."""
    data = load(path, MOST)
    if not isinstance(data, dict) or not ({"dependencies", "channels"} & data.keys()):
        raise InputError(
            "foreign-file", f"{path} is not an environment file: it has no dependencies.",
            hint="An environment file of conda has `dependencies:` with a list below it.",
        )  # fmt: skip
    channels = [
        channel_of(text, f"{path}:{text.line}") for text in _texts(data, "channels", path) if text != "nodefaults"
    ]
    specs, pip = list[str](), list[tuple[int, str]]()
    for item in _list(data, "dependencies", path):
        if isinstance(item, dict):
            pip += [(text.line, str(text)) for text in _pip_part(item, path)]
        elif isinstance(item, Text):
            specs.append(checked_spec(item, f"{path}:{item.line}"))
        else:
            raise InputError("foreign-file", f"{path}: an item of the dependencies is neither a name nor a part.")
    listed = read_lines(pip, path)
    found = in_pip_part(listed, path)
    return with_conda(_with_notes(found, data, path), channels, specs)


def in_pip_part(listed: Listed, path: Path) -> Found:
    """What pip is to install."""
    return found_in(listed, NAME, path.name)


def _with_notes(found: Found, data: Mapping[str, Any], path: Path) -> Found:
    left = [
        f"{path.name}:{line_of(key)}: `{visible(key[:40])}` is left out: {LEFT.get(key, 'a notebook has none')}."
        for key in data
        if key not in KEYS
    ]
    return replace(found, notes=(*found.notes, *left))


def _pip_part(item: Mapping[str, Any], path: Path) -> Iterator[Text]:
    for key in item:
        if key != "pip":
            raise InputError(
                "foreign-file", f"{path}:{line_of(key)}: the part {visible(key[:40])!r} of the list is not known.",
                hint="Only `pip:` can be a part of the dependencies. Remove the other one.",
            )  # fmt: skip
        yield from _texts(item, key, path)


def _texts(data: Mapping[str, Any], key: str, path: Path) -> Iterator[Text]:
    for value in _list(data, key, path):
        if not isinstance(value, Text):
            raise InputError("foreign-file", f"{path}: an item of `{key}` is not text.")
        yield value


def _list(data: Mapping[str, Any], key: str, path: Path) -> list[Any]:
    value = data.get(key)
    if value is not None and not isinstance(value, list):
        raise InputError("foreign-file", f"{path}: `{key}` is not a list.")
    return value or []


def write(spec: Spec, lock: Lock | None, urls: Mapping[str, str]) -> Written:
    """Python and what conda gives; below `pip:` the locked versions, or without a lock what the list asks for."""
    conda = spec.conda or CondaSpec()
    named = {name_of(text) for text in conda.dependencies}
    python = [] if "python" in named else [f"python{_conda_limits(spec, lock)}"]
    rows: list[dict[str, Any]] = msgspec.to_builtins(lock)["packages"] if lock else []
    pip = [conditional(row) for row in rows if not row.get("directory")]
    pip = pip if lock else [item.with_source for item in asked_for(spec, lock)]
    tool = ["pip"] if pip and "pip" not in named else []
    lines = ["channels:", *(f"  - {_scalar(name)}" for name in conda.channels or USUAL)]
    lines += ["dependencies:", *(f"  - {_scalar(text)}" for text in (*python, *conda.dependencies, *tool))]
    lines += ["  - pip:", *(f"      - {_scalar(text)}" for text in pip)] if pip else []
    return Written("".join(f"{line}\n" for line in lines), unsaid(spec, lock, urls, SAYS if lock else SAYS | {"list"}))


def _conda_limits(spec: Spec, lock: Lock | None) -> str:
    """`=3.11` for all 3.11, as conda writes it."""
    limits = f"=={lock.minor}.*" if lock else spec.requires_python or ""
    minor = re.fullmatch(r"==(\d+(?:\.\d+)?)\.\*", limits)
    return f"={minor[1]}" if minor else limits


def _scalar(text: str) -> str:
    return text if PLAIN.fullmatch(text) else json.dumps(text)
