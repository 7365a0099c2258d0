"""Native libraries that look for others outside their own wheel: those do not survive being reached through a link to
their folder, because the loader's `$ORIGIN/..` then leads into the store and not into the environment. Programs
neither."""

from __future__ import annotations

import os
import posixpath
import re
import struct
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

ELF = b"\x7fELF"
MACH_O = (b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
PT_LOAD, PT_DYNAMIC, DT_NEEDED, DT_STRTAB, DT_RPATH, DT_RUNPATH = 1, 2, 1, 5, 15, 29
LONGEST_RUN_PATH = 1 << 16
"""How many bytes of a run path are read."""
SHORTER = 1 << 9
"""How many bytes of a library's name are read."""
UNREADABLE = "$ORIGIN/../../../unreadable"
ORIGINS = ("$ORIGIN", "${ORIGIN}", "@loader_path")
SYSTEM = re.compile(
    r"ld-(linux|musl)|lib(c|m|mvec|dl|rt|pthread|util|nsl|resolv|crypt|anl|gcc_s|stdc\+\+|atomic|z|expat|X11|Xext|Xrender|ICE|SM|GL|"
    r"g(object|thread|lib)-2\.0|python3[\d.]*t?|cuda|nvidia-ml)[.-]"
)
"""Libraries that wheels may expect from the system (https://peps.python.org/pep-0600), or from Python and its
driver."""
Found = Iterable[tuple[int, str]]
"""(DT_RUNPATH, an entry of it) and (DT_NEEDED, the name of a library)."""


def leaves(library: Path, files: Sequence[str]) -> str | None:
    """The first of `files` (paths below `library`, what a wheel puts into one place) that looks for a library where the
    wheel has none and another may bring it; None where there is none."""
    brought = {posixpath.basename(name) for name in files}
    for name in files:
        read = _reader(library / name)
        if read and _leaves(library, name, tuple(read(library / name)), brought):
            return name
    return None


def _leaves(library: Path, name: str, found: Found, brought: set[str]) -> bool:
    """A run path that leads outside counts in a library even where it needs nothing there: it may load it later."""
    folder, program = posixpath.dirname(name), "." not in posixpath.basename(name)
    places = [_place(folder, entry) for kind, entry in found if kind == DT_RUNPATH]
    there = {place for place in places if place is not None}
    if not program and any(place.startswith("..") or not os.path.lexists(library / place) for place in there):
        return True
    wanted = {each for kind, each in found if kind == DT_NEEDED and not SYSTEM.match(each)} - brought if there else ()
    return not all(any(os.path.lexists(library / place / each) for place in there) for each in wanted)


def _place(folder: str, entry: str) -> str | None:
    """Where an entry of a run path leads to, from the top; None outside everything."""
    origin = next((word for word in ORIGINS if entry.startswith(word)), None)
    return (
        None if origin is None else posixpath.normpath(posixpath.join(folder, entry[len(origin) :].lstrip("/") or "."))
    )


def _reader(path: Path) -> Callable[[Path], Found] | None:
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError:
        return None
    if sys.platform == "darwin":  # nobody else loads such a file, and has what reads it
        return _elf if magic == ELF else _mach_o if magic in MACH_O else None
    return _elf if magic == ELF else None


def _elf(path: Path) -> Found:
    """Of DT_RUNPATH and DT_RPATH (https://refspecs.linuxfoundation.org/elf/gabi4+/ch5.dynamic.html). A file that cannot
    be read counts as one that leaves. Twenty times as fast as pyelftools, and scipy has 120 of them."""
    try:
        with path.open("rb") as file:
            return list(_dynamic(file))
    except (struct.error, ValueError, IndexError, OSError, OverflowError):
        return [(DT_RUNPATH, UNREADABLE)]


def _dynamic(file: BinaryIO) -> Iterator[tuple[int, str]]:
    head = file.read(64)
    wide, order = head[4] == 2, "<" if head[5] == 1 else ">"
    offset, size, count = (
        *struct.unpack_from(order + ("Q" if wide else "I"), head, 32 if wide else 28),
        *struct.unpack_from(order + "HH", head, 54 if wide else 42),
    )
    file.seek(offset)
    table = file.read(size * count)
    segments = []
    for at in range(0, size * count, size):
        kind = struct.unpack_from(order + "I", table, at)[0]
        # where in the file, where in memory, how long
        segments.append(
            (kind, *(_words(table, at, order, (8, 16, 32)) if wide else _words(table, at, order, (4, 8, 16))))
        )
    for kind, start, _, length in segments:
        if kind == PT_DYNAMIC:
            file.seek(start)
            pair = struct.Struct(order + ("QQ" if wide else "II"))
            raw = file.read(length - length % pair.size)
            entries = list(pair.iter_unpack(raw))
            strings = next((value for tag, value in entries if tag == DT_STRTAB), 0)
            for tag, value in entries:
                if tag in (DT_RPATH, DT_RUNPATH, DT_NEEDED):
                    file.seek(_in_file(segments, strings) + value)
                    text = file.read(SHORTER if tag == DT_NEEDED else LONGEST_RUN_PATH).split(b"\0", 1)[0].decode()
                    yield from (
                        ((DT_NEEDED, text),) if tag == DT_NEEDED else ((DT_RUNPATH, entry) for entry in text.split(":"))
                    )


def _words(table: bytes, at: int, order: str, places: tuple[int, int, int]) -> tuple[int, int, int]:
    letter = "Q" if places[0] == 8 else "I"
    first, second, third = (struct.unpack_from(order + letter, table, at + place)[0] for place in places)
    return first, second, third


def _in_file(segments: Iterable[tuple[int, int, int, int]], address: int) -> int:
    for kind, start, memory, length in segments:
        if kind == PT_LOAD and memory <= address < memory + length:
            return start + address - memory
    raise ValueError("no segment holds the strings")


def _mach_o(path: Path) -> Found:
    """LC_RPATH entries, and the folders of libraries that are named relative to the file."""
    from macholib.mach_o import LC_ID_DYLIB, LC_RPATH
    from macholib.MachO import MachO

    try:
        for header in MachO(str(path)).headers:
            for command, _, data in header.commands:
                text = data.rstrip(b"\x00").decode("utf-8", "replace") if isinstance(data, bytes) else ""
                if command.cmd == LC_RPATH:
                    yield DT_RUNPATH, text
                elif text.startswith("@loader_path") and command.cmd != LC_ID_DYLIB:
                    yield DT_RUNPATH, posixpath.dirname(text)
    except (ValueError, KeyError, IndexError, OSError):
        yield DT_RUNPATH, UNREADABLE
