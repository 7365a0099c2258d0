"""Variables and settings of pip and uv that change what a line installs, as the options that they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

_INDEX, _MORE, _LINKS, _NONE = "--index-url", "--extra-index-url", "--find-links", "--no-index"
OF_PIP = {
    "PIP_INDEX_URL": _INDEX, "PIP_EXTRA_INDEX_URL": _MORE, "PIP_FIND_LINKS": _LINKS, "PIP_NO_INDEX": _NONE,
    "PIP_CONSTRAINT": "--constraint", "PIP_PRE": "--pre",
}  # fmt: skip
OF_UV = {
    "UV_INDEX_URL": _INDEX, "UV_DEFAULT_INDEX": _INDEX, "UV_EXTRA_INDEX_URL": _MORE, "UV_INDEX": _MORE,
    "UV_FIND_LINKS": _LINKS, "UV_NO_INDEX": _NONE, "UV_CONSTRAINT": "--constraint",
}  # fmt: skip
MAGIC = re.compile(r"(?:set_)?env\s+(\w+)(?:\s*=\s*|\s+)(.*)", re.DOTALL)
"""`%env NAME=VALUE`, without its sign."""
SETTING = re.compile(r"(?:global|install|site|user)\.([\w-]+)")
NAMED = re.compile(r"[\w.-]+=(?=\w+://)")
"""uv gives an index a name: `NAME=URL`."""
OFF = ("", "0", "false", "no", "off")


def set_by_magic(text: str) -> Mapping[str, str]:
    found = MAGIC.fullmatch(text)
    return {found[1]: found[2].strip().strip("\"'")} if found else {}


def set_by_config(words: Sequence[str]) -> Mapping[str, str]:
    """Of `pip config set global.index-url URL`: every later line of pip obeys it."""
    names = [word for word in words if not word.startswith("-")]
    found = SETTING.fullmatch(names[2]) if len(names) == 4 and names[:2] == ["config", "set"] else None
    return {f"PIP_{found[1].upper().replace('-', '_')}": names[3]} if found else {}


def as_options(program: str, variables: Mapping[str, str], typed: Sequence[str]) -> Iterator[str]:
    """What is typed takes the place of a variable, as in pip and uv."""
    given = {option.partition("=")[0] for option in typed}
    for name, option in (OF_UV if program == "uv" else OF_PIP).items():
        value = variables.get(name, "").strip()
        if option in given or not value:
            continue
        if option in (_NONE, "--pre"):
            if value.lower() not in OFF:
                yield option
            continue
        for each in value.split():
            yield f"{option}={NAMED.sub('', each)}"
