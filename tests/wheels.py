"""Distributions made from bytes: wheels, sdists that build offline, and wheels of what is installed here."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import re
import tarfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.parser import HeaderParser
from functools import cached_property
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

Files = Mapping[str, str | bytes]
FOREIGN_STUBS = re.compile(r"jedi/third_party/(?:django-stubs|typeshed/(?:third_party|stubs))/")


@dataclass(frozen=True)
class Dist:
    """`metadata` is its core metadata; `data` its bytes, or the file that holds them."""

    filename: str
    data: bytes | Path
    metadata: bytes

    @cached_property
    def name(self) -> str:
        return canonicalize_name(self._header("Name"))

    @property
    def version(self) -> str:
        return self._header("Version")

    @property
    def requires_python(self) -> str | None:
        return self._header("Requires-Python") or None

    @property
    def content(self) -> bytes:
        return self.data if isinstance(self.data, bytes) else self.data.read_bytes()

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @cached_property
    def size(self) -> int:
        return len(self.data) if isinstance(self.data, bytes) else self.data.stat().st_size

    def write(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / self.filename
        path.write_bytes(self.content)
        return path

    def _header(self, name: str) -> str:
        return str(HeaderParser().parsestr(self.metadata.decode()).get(name, ""))


def wheel(
    name: str,
    version: str = "1.0",
    *,
    files: Files | None = None,
    requires: Iterable[str] = (),
    requires_python: str | None = None,
    tag: str = "py3-none-any",
    entry_points: Mapping[str, Sequence[str]] | None = None,
    data: Files | None = None,
) -> Dist:
    """A wheel. Without `files` it holds one module with `__version__`; keys of `data` begin with
    `data/`, `scripts/`, `purelib/` …; `entry_points` maps a group to lines such as `shout = shout:main`."""
    stem = f"{_escaped(name)}-{version}"
    content: dict[str, bytes] = {path: _bytes(text) for path, text in (files or _module(name, version)).items()}
    content |= {f"{stem}.data/{path}": _bytes(text) for path, text in (data or {}).items()}
    metadata = _metadata(name, version, requires, requires_python, "2.1")
    content[f"{stem}.dist-info/METADATA"] = metadata
    purelib = str(tag.endswith("-any")).lower()
    tags = "".join(f"Tag: {python}-{abi}-{platform}\n" for python, abi, platform in _tags(tag))
    content[f"{stem}.dist-info/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: {purelib}\n{tags}".encode()
    if entry_points:
        text = "".join(f"[{group}]\n" + "".join(f"{line}\n" for line in lines) for group, lines in entry_points.items())
        content[f"{stem}.dist-info/entry_points.txt"] = text.encode()
    return Dist(f"{stem}-{tag}.whl", _zipped(content, f"{stem}.dist-info/RECORD"), metadata)


def sdist(
    name: str,
    version: str = "1.0",
    *,
    files: Files | None = None,
    requires: Iterable[str] = (),
    requires_python: str | None = None,
    setup: str = "",
    static: bool = True,
) -> Dist:
    """A source archive that builds with nothing but the standard library. `setup` is one line of Python that the
    build runs; what a not `static` one needs is known only after running it."""
    requires = tuple(requires)
    stem = f"{_escaped(name)}-{version}"
    made = wheel(name, version, files=files, requires=requires, requires_python=requires_python)
    metadata = _metadata(name, version, requires, requires_python, "2.2" if static else "2.1")
    out = io.BytesIO()
    # Without the time of day in it, so that the same source has the same sha256 in every test.
    with (
        gzip.GzipFile(fileobj=out, mode="wb", filename="", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path, text in _project(made, setup).items():
            _add(archive, f"{stem}/{path}", text.encode())
        _add(archive, f"{stem}/PKG-INFO", metadata)
    return Dist(f"{stem}.tar.gz", out.getvalue(), metadata)


def folder_project(name: str, version: str = "1.0", *, requires: Iterable[str] = (), setup: str = "") -> dict[str, str]:
    """A project folder of one module, which can be built and installed editable: path -> text."""
    return _module(name, version) | _project(wheel(name, version, requires=requires), setup)


def _project(made: Dist, setup: str) -> dict[str, str]:
    """A project that builds exactly that wheel, by a backend of its own."""
    backend = _BACKEND.format(
        filename=made.filename, wheel=base64.b64encode(made.content).decode(),
        stem="-".join(made.filename.split("-")[:2]), setup=setup or "pass",
    )  # fmt: skip
    project = "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n"
    return {"pyproject.toml": project, "backend.py": backend}


_BACKEND = """
import base64, io, zipfile
from pathlib import Path

NAME = {filename!r}
WHEEL = base64.b64decode({wheel!r})

def build_wheel(folder, config_settings=None, metadata_directory=None):
    {setup}
    Path(folder, NAME).write_bytes(WHEEL)
    return NAME

def build_editable(folder, config_settings=None, metadata_directory=None):
    {setup}
    with zipfile.ZipFile(io.BytesIO(WHEEL)) as whole, zipfile.ZipFile(Path(folder, NAME), "w") as made:
        info = [name for name in whole.namelist() if ".dist-info/" in name and not name.endswith("RECORD")]
        for name in info:
            made.writestr(name, whole.read(name))
        link = "_editable_" + NAME.split("-")[0] + ".pth"
        made.writestr(link, str(Path(__file__).parent))
        record = "{stem}.dist-info/RECORD"
        made.writestr(record, "".join(name + ",,\\n" for name in [*info, link, record]))
    return NAME
"""


def repack(name: str, folder: Path) -> Dist:
    """The wheel that an installed distribution came from, put together again in `folder` from its RECORD; without
    the thousands of type stubs of other packages that jedi carries, which would only make tests slow."""
    found = distribution(name)
    stem = f"{_escaped(found.metadata['Name'])}-{found.version}"
    filename = f"{stem}-{_compressed(found)}.whl"
    path = folder / filename
    if not path.exists():
        path.write_bytes(_zipped(dict(_installed(found, stem)), f"{stem}.dist-info/RECORD"))
    return Dist(filename, path, (found.read_text("METADATA") or "").encode())


def closure_of(*names: str) -> list[str]:
    """These installed distributions and everything that they need here, by normalised name."""
    seen: set[str] = set()
    waiting = [canonicalize_name(name) for name in names]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        for text in distribution(name).requires or ():
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                waiting.append(canonicalize_name(needed.name))
    return sorted(seen)


def needed_elsewhere(names: Iterable[str]) -> list[Dist]:
    """An empty package for each thing that these need on other systems only: uv locks for all of them."""
    found: dict[str, Dist] = {}
    for name in names:
        for text in distribution(name).requires or ():
            needed = Requirement(text)
            if needed.marker and not needed.marker.evaluate({"extra": ""}) and "extra" not in str(needed.marker):
                lowest = next((s.version for s in needed.specifier if s.operator in (">=", "==", "~=")), "1.0")
                found[needed.name] = wheel(needed.name, lowest)
    return list(found.values())


def _installed(found: Distribution, stem: str) -> Iterable[tuple[str, bytes]]:
    """Its files under the names they had in the wheel. What the installer made itself is left out."""
    info = next(str(f.parent) for f in found.files or () if f.name == "METADATA")
    scripts = {e.name for e in found.entry_points if e.group in ("console_scripts", "gui_scripts")}
    made = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json"}
    for file in found.files or ():
        if file.suffix == ".pyc" or FOREIGN_STUBS.match(str(file)) or (str(file.parent) == info and file.name in made):
            continue
        path = str(file)
        if path.startswith("../"):
            outside = re.sub(r"^(\.\./)+", "", path)
            if outside.startswith(("bin/", "Scripts/")):
                if file.stem in scripts:
                    continue
                outside = f"../scripts/{file.name}"
            path = f"{stem}.data/" + (outside[3:] if outside.startswith("../") else f"data/{outside}")
        yield path.replace(f"{info}/", f"{stem}.dist-info/", 1), Path(str(file.locate())).read_bytes()


def _compressed(found: Distribution) -> str:
    """The tag as in a file name: `py2.py3-none-any`."""
    lines = HeaderParser().parsestr(found.read_text("WHEEL") or "").get_all("Tag", [])
    parts = list(zip(*(line.split("-") for line in lines), strict=True))
    return "-".join(".".join(dict.fromkeys(part)) for part in parts)


def _tags(tag: str) -> Iterable[tuple[str, str, str]]:
    pythons, abis, platforms = tag.split("-")
    return ((p, a, f) for p in pythons.split(".") for a in abis.split(".") for f in platforms.split("."))


def _zipped(content: Mapping[str, bytes], record: str) -> bytes:
    out = io.BytesIO()
    lines = []
    with zipfile.ZipFile(out, "w") as archive:
        for path, data in content.items():
            archive.writestr(zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0)), data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            quoted = f'"{path}"' if "," in path else path
            lines.append(f"{quoted},sha256={digest},{len(data)}")
        archive.writestr(zipfile.ZipInfo(record, (2020, 1, 1, 0, 0, 0)), "\n".join([*lines, f"{record},,", ""]))
    return out.getvalue()


def _add(archive: tarfile.TarFile, path: str, content: bytes) -> None:
    entry = tarfile.TarInfo(path)
    entry.size = len(content)
    entry.mtime = 1_577_836_800
    archive.addfile(entry, io.BytesIO(content))


def _metadata(name: str, version: str, requires: Iterable[str], requires_python: str | None, edition: str) -> bytes:
    lines = [f"Metadata-Version: {edition}", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Python: {requires_python}"] if requires_python else []
    lines += [f"Requires-Dist: {line}" for line in requires]
    return "\n".join([*lines, "", ""]).encode()


def _module(name: str, version: str) -> dict[str, str]:
    return {f"{_escaped(name)}.py": f"__version__ = {version!r}\n"}


def _escaped(name: str) -> str:
    return re.sub(r"[-_.]+", "_", name).lower()


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text
