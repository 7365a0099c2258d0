"""What files ask conda for: `numpy=1.26`, `conda-forge::gdal>=3.9`, `python 3.11.*`. They are kept as they are; only
the name is read, and what they say about Python."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ..errors import InputError
from ..kernel.foreign import visible
from ..model.requirement import Requirement
from ..model.spec import CHANNEL, CONDA_MATCH, CondaSpec
from .found import Found

SPEC = re.compile(r"(?:(?P<channel>[\w./-]+)::)?(?P<name>[A-Za-z0-9_][\w.-]*)\s*(?P<rest>.*)", re.DOTALL)
LIMIT = re.compile(r"(?P<sign>>=|<=|==|!=|~=|>|<|=)?\s*v?(?P<version>\d[0-9A-Za-z.!+]*?)(?P<any>\.?\*)?", re.ASCII)
IN_BRACKETS = re.compile(r"\[.*?\bversion=['\"]?([^'\"\]]+)['\"]?.*\]")
MIRRORS = {"prefix.dev": {"conda-forge", "bioconda"}, "repo.prefix.dev": {"conda-forge", "bioconda"}}
"""Hosts with the channels of others."""
OURS = ("conda.anaconda.org", "anaconda.org", "repo.anaconda.com", "conda.prefix.dev")
TOOLS = {"python", "pip", "setuptools", "wheel"}
_BENEATH = """
    _libgcc_mutex _openmp_mutex bzip2 ca-certificates expat ld_impl_linux-64 ld_impl_linux-aarch64 libexpat libffi
    libgcc libgcc-ng libgomp liblzma libmpdec libnsl libsqlite libstdcxx libstdcxx-ng libuuid libxcrypt libzlib ncurses
    openssl python_abi readline sqlite tk tzdata ucrt vc vc14_runtime vcomp14 vs2015_runtime xz zlib
"""
BENEATH = frozenset(_BENEATH.split())
"""What conda installs with Python, and a list of everything therefore names."""
EXACT = re.compile(r"(?:[\w./-]+::)?[\w.-]+={1,2}[^=<>!~,|*\s]+=[^=\s]+", re.ASCII)
"""`name=version=build`."""


def checked_spec(text: str, where: str) -> str:
    """With single spaces. Raises InputError `conda-dependency` that says where."""
    found = " ".join(text.split())
    if "'" not in found:
        found = found.replace('"', "'")
    named = SPEC.fullmatch(found)
    if not named or not re.fullmatch(CONDA_MATCH, found):
        raise InputError(
            "conda-dependency", f"{where}: {visible(text[:60])!r} is nothing that a notebook can ask conda for.",
            hint="Write a name and a version, for example numpy=1.26.",
        )  # fmt: skip
    return found


def name_of(spec: str) -> str:
    """Of a checked one."""
    found = SPEC.fullmatch(spec)
    return found["name"].lower() if found else ""


def exact(name: str, version: str, build: str, where: str) -> str:
    """Of a row of a lock."""
    return checked_spec(f"{name}=={version}={build}" if build else f"{name}=={version}", where)


def in_pep440(spec: str) -> str | None:
    """The limits of a spec: "" for none, and None for what only conda can say."""
    found = SPEC.fullmatch(spec)
    rest = found["rest"].strip() if found else ""
    if rest.startswith("["):
        inner = IN_BRACKETS.fullmatch(rest)
        rest = inner[1] if inner else "[" if "version" in rest else ""
    build = re.fullmatch(r"(==?)\s*([^=<>!~,\s]+)(?:\s*=\s*|\s+)[\w.*]+", rest)  # =3.11.5=h955ad1f_0_cpython
    if "pypy" in rest:
        return None
    if build:
        rest = f"=={build[2]}" if "*" not in build[2] else build[2]
    parts = [LIMIT.fullmatch(part.strip()) for part in rest.split(",")] if rest not in ("", "*", "=*") else []
    try:
        return str(SpecifierSet(",".join(_limit(part) for part in parts)))
    except (InvalidSpecifier, TypeError):
        return None


def _limit(part: re.Match[str] | None) -> str:
    if part is None:
        raise TypeError
    sign, version = part["sign"] or "==", part["version"]
    if part["sign"] == "=" or (part["any"] and sign == "=="):
        return f"=={version}.*"
    return f"{sign}{version}{'.*' if part['any'] and sign == '!=' else ''}"


def channel_of(text: str, where: str) -> str:
    """The name of a channel, or that in its address. Raises InputError `conda-channel` for one that only its address
    names: others would take the packages from elsewhere."""
    if "://" not in text:
        if re.fullmatch(CHANNEL, text):
            return str(text)
        raise _no_channel(text[:60], where)
    try:
        parts = urlsplit(text)
        host, path = parts.hostname or "", unquote(parts.path).strip("/")
    except ValueError:
        raise _no_channel(text.partition("://")[0], where) from None
    path = re.sub(r"^t/[^/]+/", "", path)
    path = re.sub(r"/(?:noarch|(?:linux|osx|win|emscripten|wasi)-\w+)$", "", path)
    known = host in OURS or path in MIRRORS.get(host, ())
    if known and re.fullmatch(CHANNEL, path):
        return path
    raise _no_channel(host or text[:20], where)


def _no_channel(what: str, where: str) -> InputError:
    return InputError(
        "conda-channel", f"{where}: the channel at {visible(what)!r} has no name, and a notebook names channels.",
        hint="If it is a mirror of a channel of anaconda.org, write that channel's name.",
    )  # fmt: skip


def subdir() -> str:
    """conda's word for this machine."""
    system = {"win32": "win", "darwin": "osx"}.get(sys.platform, sys.platform)
    machine = platform.machine().lower()
    machine = {"x86_64": "64", "amd64": "64", "i686": "32", "arm64": "arm64", "aarch64": "aarch64"}.get(
        machine, machine
    )
    return f"{system}-{machine}"


def asked_of_conda(
    channels: Sequence[str], specs: Iterable[str], *, file: str
) -> tuple[CondaSpec | None, str | None, tuple[Requirement, ...], tuple[str, ...]]:
    """What conda has to give, the Python, packages that the index has just as well, and notes. Where conda is asked
    for Python and its tools alone, it has to give nothing."""
    listed = list(dict.fromkeys(specs))
    if not listed:
        return None, None, (), ()
    pythons = [in_pep440(spec) for spec in listed if name_of(spec) == "python"]
    sayable = all(limit is not None for limit in pythons)
    limits = str(SpecifierSet(",".join(filter(None, pythons)))) if sayable else ""
    items = {name_of(spec): in_pep440(spec) for spec in listed if name_of(spec) in ("setuptools", "wheel")}
    everything = all(map(EXACT.fullmatch, listed))
    alone = all(name_of(spec) in TOOLS or (everything and name_of(spec) in BENEATH) for spec in listed)
    if alone and sayable and None not in items.values():
        tools = ", ".join(name for name in map(name_of, listed) if name in TOOLS)
        asked = tuple(Requirement(name, specifier=SpecifierSet(limit or "")) for name, limit in items.items())
        notes = [f"{file} asks conda only for {tools}: no conda is needed."]
        minor = re.fullmatch(r"==(3\.\d+)\.\d+", limits) if everything else None
        if minor:
            notes.append(f"It has Python {limits[2:]}; the notebook asks for any {minor[1]}.")
            limits = f"=={minor[1]}.*"
        return None, limits or None, asked, tuple(notes)
    notes = [] if channels else [f"{file} names no channel: whoever has conda decides which one gives the packages."]
    if not sayable:
        notes.append(f"What {file} says about the version of Python, only conda understands.")
    return CondaSpec(tuple(dict.fromkeys(channels)), tuple(listed)), limits or None, (), tuple(notes)


def with_conda(found: Found, channels: Sequence[str], specs: Iterable[str]) -> Found:
    """The same, and what conda has to give."""
    conda, python, asked, notes = asked_of_conda(channels, specs, file=found.where)
    return replace(
        found,
        conda=conda,
        requires_python=python or found.requires_python,
        requirements=(*asked, *found.requirements),
        notes=(*notes, *found.notes),
    )
