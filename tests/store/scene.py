"""What tests of crashes and races build, and what has to hold at every moment: all that is published is whole."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from jupyter_envs.consent import gate
from jupyter_envs.consent.consents import Consents
from jupyter_envs.consent.gate import Approved
from jupyter_envs.engines.installed import Installed
from jupyter_envs.engines.record import distributions
from jupyter_envs.machine.interpreters import Interpreter
from jupyter_envs.model.closure import Chosen, Closure
from jupyter_envs.model.environment import site_packages
from jupyter_envs.model.progress import SILENT, Report
from jupyter_envs.settings import Settings
from jupyter_envs.store import Environment, Store
from jupyter_envs.store.shelf import Pointer
from jupyter_envs.store.verify import find_wheel, foreign, wheel_damage

from ..fakes import HERE, by_record
from ..wheels import Dist, wheel


def package(name: str, version: str = "1.0") -> Chosen:
    """For Bringer: a folder of modules, a module at the top, a command and a data file."""
    sha256 = hashlib.sha256(f"{name}-{version}".encode()).hexdigest()
    return Chosen(name, version, "wheel", sha256, filename=f"{name}-{version}-py3-none-any.whl")


def closure(*names: str, python: Interpreter = HERE) -> Closure:
    return Closure(python, tuple(package(name) for name in sorted(names)))


def approved(settings: Settings, value: Closure) -> Approved:
    return gate.approve(value, value.consent_digest({}), Consents(settings), gate.Answer(typed=True))


class Bringer:
    """An installer without a tool, for rows made by `package`; what it lays out has true hashes. `quick`: no module
    that is compiled before its wheel is published, which would be most of the time."""

    def __init__(self, *, quick: bool = False) -> None:
        self.quick = quick
        self.brought: list[str] = []
        self._lock = threading.Lock()

    def install(self, closure: Closure, prefix: Path, report: Report = SILENT) -> None:
        site = site_packages(prefix, closure.interpreter.version)
        with self._lock:
            self.brought += [row.name for row in closure.rows]
        for row in closure.rows:
            info = f"{row.name}-{row.version}.dist-info"
            lines = []
            for path, content in _files(row.name, info, prefix, ".txt" if self.quick else ".py").items():
                target = site / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
                digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
                lines.append(f"{path},sha256={digest},{len(content)}")
            (site / info / "RECORD").write_text("\n".join([*lines, f"{info}/RECORD,,", ""]))

    def distributions(self, prefix: Path, interpreter: Interpreter) -> tuple[Installed, ...]:
        return by_record(prefix, interpreter)


def _files(name: str, info: str, prefix: Path, alone: str) -> dict[str, bytes]:
    return {
        f"{name}/__init__.py": f"from .part import x\n\ndef main():\n    print({name!r})\n".encode(),
        f"{name}/part.py": b"x = 1\n",
        f"{name}/inner/data.txt": b"data\n",
        f"{name}_alone{alone}": b"y = 2\n",
        f"../../../bin/{name}": f"#!{prefix}/bin/python\nimport {name}\n{name}.main()\n".encode(),
        f"../../../share/{name}/note.txt": b"a note\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode(),
        f"{info}/entry_points.txt": f"[console_scripts]\n{name} = {name}:main\n".encode(),
    }


def dists(count: int, files: int) -> list[Dist]:
    """Wheels for uv: each with a package of `files` modules and a command."""
    return [_dist(f"pack{number}", files) for number in range(count)]


def _dist(name: str, files: int) -> Dist:
    content = {f"{name}/__init__.py": f"def main():\n    print({name!r})\n"}
    content |= {f"{name}/m{n}.py": f"x = {n}\n" * 20 for n in range(files)}
    content[f"{name}_alone.py"] = "y = 2\n"
    return wheel(name, files=content, entry_points={"console_scripts": [f"{name} = {name}:main"]})


def rows_of(wheels: Sequence[Dist]) -> tuple[Chosen, ...]:
    return tuple(
        Chosen(dist.name, dist.version, "wheel", dist.sha256, filename=dist.filename, size=dist.size)
        for dist in sorted(wheels, key=lambda dist: dist.name)
    )


# -- what has to hold --------------------------------------------------------------------------------------------


def problems(settings: Settings) -> list[str]:
    """What is wrong with anything that is published."""
    store = Store(settings)
    found = []
    for environment in store.list():
        pointer = store.own.pointer(environment.id)
        assert pointer
        found += [f"{environment.id}: {line}" for line in (*_damage(store, pointer), *_incomplete(environment))]
    for made in store.own.wheels.all():
        if not (made.library / made.facts.info / "RECORD").is_file():
            found.append(f"{made.place} has no RECORD")
    return found


def _damage(store: Store, pointer: Pointer) -> Iterator[str]:
    yield from foreign(store.own, pointer)
    if pointer.mode != "links":
        return  # its files are its own: what became of the wheels does not matter
    for place in pointer.wheels:
        made = find_wheel(store.shelves, place)
        yield from wheel_damage(made) if made else [f"{place} is gone"]


def _incomplete(environment: Environment) -> Iterator[str]:
    (site,) = environment.site
    there = {(each.name, each.version) for each in distributions(site, site.relative_to(environment.prefix).as_posix())}
    yield from (f"{name} {version} is not there" for name, version in environment.packages.items() - there)
    for place, folders, names in os.walk(environment.prefix, followlinks=True):
        folders[:] = [name for name in folders if name != "__pycache__"]  # bytecode may come later
        for name in (*folders, *names):
            if not Path(place, name).exists():
                yield f"{place}/{name} leads nowhere"


def works(environment: Environment) -> str:
    """What importing all of it and running one command of it complains about; "" for nothing."""
    names = [*environment.packages]
    code = "import " + ", ".join([*names, *(f"{name}_alone" for name in names)])
    script = environment.bin / names[0]
    clean = {"PATH": os.environ["PATH"]}
    for words in ([environment.python, "-I", "-B", "-c", code], [script]):
        done = subprocess.run(words, capture_output=True, text=True, env=clean, check=False)
        if done.returncode:
            return done.stderr[-500:]
    return "" if done.stdout == f"{names[0]}\n" else done.stdout


def strays(settings: Settings) -> list[str]:
    """What nothing that is published needs."""
    store = Store(settings)
    root = store.own.root
    needed: set[Path] = set()
    for environment_id in store.own.ids():
        pointer = store.own.pointer(environment_id)
        if pointer:
            folder = store.own.environments / environment_id
            needed |= {folder / name for name in (pointer.dir, f"{pointer.dir}.json", "current.json", "lease")}
            needed |= {store.own.wheels.root / place for place in pointer.wheels}
    needed |= {made.folder for made in store.own.wheels.all()}
    needed |= {made.folder.parent / "current.json" for made in store.own.wheels.all()}
    kept = {path.parent for path in needed}
    there = [*root.glob("e/*"), *root.glob("e/*/*"), *root.glob("w/*"), *root.glob("w/*/*")]
    left = [path for path in there if path not in needed and path not in kept]
    left += [*root.glob("s/*"), *root.glob("trash/*"), *root.glob(".*")]
    return sorted(str(path.relative_to(root)) for path in left)
