"""What the running kernel sees of its environment, and how it moves to the next one without a restart.

An environment never changes: an install makes another one. The view moves only if no loaded distribution changes or
disappears by that; otherwise the view stays complete, and a restart is needed."""

from __future__ import annotations

import importlib
import os
import site
import sys
import sysconfig
from typing import TYPE_CHECKING, Any, Dict, Iterable, Iterator, Mapping, Sequence

from . import leases
from .amounts import named
from .widening import widen

if TYPE_CHECKING:
    import importlib.metadata

Json = Dict[str, Any]


class View:
    """`environment` is the one that is seen; `restart` says what a restart would do, or is None."""

    def __init__(self, environment: Json | None) -> None:
        self.environment = environment
        self.restart: str | None = None
        self._seen: list[Json] = [environment] if environment else []
        """All environments that this kernel has had: what is loaded from an earlier one stays in use."""

    def move(self, new: Json | None, asked: Sequence[str] = (), listed: Sequence[str] = ()) -> str | None:
        """Returns None if the kernel now sees `new`, or `restart to use pandas 3.1.1` if it keeps what it saw.

        `asked`: canonical names that the user typed, which the sentence names first; `listed`: all that the notebook
        asks for, which may have waited for a restart before."""
        old = self.environment
        if not new or not old or new.get("prefix") == old.get("prefix"):
            self.restart = None
            return None
        blocking = obstacles(self._seen, new)
        if blocking:
            self.restart = sentence(old, new, asked, blocking, listed)
            return self.restart
        if new.get("lease"):
            leases.keep(str(new["lease"]))  # and the old ones too: what is loaded from there stays in use
        if not os.path.isdir(str(new["prefix"])):  # cleared away meanwhile
            self.restart = "restart to use it"
            return self.restart
        apply(old, new)
        widen([folder for seen in self._seen for folder in sites(seen)], sites(new))
        self.environment = new
        self._seen = [e for e in self._seen if e.get("prefix") != new.get("prefix")] + [new]
        self.restart = None
        return None

    @property
    def seen(self) -> list[Json]:
        """The environments that modules may be loaded from, the present one last."""
        return list(self._seen)

    def add_loaded(self, others: Iterable[Json]) -> None:
        """What was forked from a kernel may have modules from these, too."""
        here = {environment.get("prefix") for environment in self._seen}
        self._seen[:0] = [other for other in others if other.get("prefix") not in here]


def obstacles(seen: Sequence[Json], new: Json) -> list[str]:
    """Why the view cannot move: `Python`, or names of loaded distributions that change or disappear.

    `seen`: the environments that modules may be loaded from, the present one last."""
    if seen[-1].get("version") != new.get("version"):
        return ["Python"]
    after = versions(new)
    found: set[str] = set()
    for old in seen:
        moved = {name for name, version in versions(old).items() if after.get(name) != version}
        found |= loaded(moved, sites(old)) if moved else set()
    return sorted(found)


def sentence(old: Json, new: Json, asked: Sequence[str], blocking: Sequence[str], listed: Sequence[str] = ()) -> str:
    if "Python" in blocking:
        return "restart to use Python {}".format(new.get("version"))
    before, after = versions(old), versions(new)
    use = [n for n in asked if n in after and after[n] != before.get(n)] or [n for n in blocking if n in after]
    use += [n for n in listed if after.get(n, before.get(n)) != before.get(n) and n not in (*use, *blocking)]
    if use:
        shown = named([f"{name} {after[name]}" for name in use], 3)
        return f"restart to use {shown}{because([name for name in blocking if name not in use], before, after)}"
    return "restart the kernel to unload " + ", ".join(blocking[:3])


def because(blocking: Sequence[str], before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """` (tiny 1.0 is loaded and changes to 2.0)`: what holds up others that could be there at once."""
    reasons = []
    for name in blocking[:3]:
        what = f"changes to {after[name]}" if name in after else "is removed"
        reasons.append("{} is loaded and {}".format(" ".join(filter(None, (name, before.get(name)))), what))
    return " ({})".format("; ".join(reasons)) if reasons else ""


def versions(environment: Json) -> Mapping[str, str]:
    return environment.get("packages") or {}


def sites(environment: Json) -> list[str]:
    return [str(entry) for entry in environment.get("site") or []]


def loaded(names: set[str], folders: Sequence[str]) -> set[str]:
    """Those of the distributions `names` in `folders` that have a loaded module, according to their RECORD."""
    files = module_files(folders)
    if not files:
        return set()
    return {name for name, recorded in distributions(names, folders) if not files.isdisjoint(recorded)}


def module_files(folders: Sequence[str]) -> set[str]:
    """Files of loaded modules inside `folders`, relative to them, with `/`."""
    found = set()
    roots = [os.path.normcase(folder.rstrip(os.sep) + os.sep) for folder in folders]
    for module in list(sys.modules.values()):
        for file in (getattr(module, "__file__", None), getattr(module, "__cached__", None)):
            for root in roots:
                if isinstance(file, str) and os.path.normcase(file).startswith(root):
                    found.add(os.path.normcase(file)[len(root) :].replace(os.sep, "/"))
    return found


def distributions(names: set[str], folders: Sequence[str]) -> Iterator[tuple[str, set[str]]]:
    import importlib.metadata  # here, since a kernel's start has no use for it

    from .orders import name_of

    for found in importlib.metadata.distributions(path=list(folders)):
        name = name_of(found.metadata["Name"] or "")
        if name in names:
            files = {os.path.normcase(str(file)).replace(os.sep, "/") for file in found.files or ()}
            yield name, files or top_level(found)


def top_level(found: importlib.metadata.Distribution) -> set[str]:
    """Without a RECORD (eggs, some conda packages): the package's first file."""
    words = (found.read_text("top_level.txt") or "").split()
    return {file for word in words for file in (word + ".py", word + "/__init__.py")}


def apply(old: Json, new: Json) -> None:
    """Everything in this process that refers to the old environment refers to the new one. Loaded packages keep their
    own folder, in which the same version is."""
    pth_before = set(pth_files(sites(old)))
    replace_path(old, new)
    move_prefix(str(old["prefix"]), str(new["prefix"]))
    sys.executable = str(new["python"])
    spawn = sys.modules.get("multiprocessing.spawn")
    if spawn is not None:
        spawn.set_executable(sys.executable)
    move_environ(old, new)
    run_pth(sites(new), {key[1:] for key in pth_before})
    for entry in sites(old):
        sys.path_importer_cache.pop(entry, None)
    importlib.invalidate_caches()


def replace_path(old: Json, new: Json) -> None:
    """New folders in place of the old ones; what `.pth` files of the old environment had added is removed."""
    before, after = sites(old), sites(new)
    gone = {entry for folder, _, text in pth_files(before) for entry in pth_entries(folder, text)}
    path: list[str] = []
    for entry in sys.path:
        if entry in before:
            path += [item for item in after if item not in path]
        elif entry not in gone:
            path.append(entry)
    sys.path[:] = path + [item for item in after if item not in path]


def move_prefix(old: str, new: str) -> None:
    sys.prefix = sys.exec_prefix = new
    site.PREFIXES[:] = [new if entry == old else entry for entry in site.PREFIXES]
    for name in ("_PREFIX", "_EXEC_PREFIX"):
        if getattr(sysconfig, name, None) == old:
            setattr(sysconfig, name, new)
    variables = sysconfig.get_config_vars()  # the live dictionary
    for name in ("prefix", "exec_prefix", "base", "platbase"):
        if variables.get(name) == old:
            variables[name] = new


def move_environ(old: Json, new: Json) -> None:
    entries = os.environ.get("PATH", os.defpath).split(os.pathsep)
    if old["bin"] in entries:
        entries[entries.index(old["bin"])] = new["bin"]
    else:
        entries.insert(0, new["bin"])
    os.environ["PATH"] = os.pathsep.join(entries)
    os.environ["VIRTUAL_ENV"] = str(new["prefix"])


def pth_files(folders: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """(folder, name, text) of each `.pth` file."""
    for folder in folders:
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        for name in names:
            if name.endswith(".pth") and not name.startswith("."):
                with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
                    yield folder, name, file.read()


def pth_entries(folder: str, text: str) -> Iterator[str]:
    """The folders that `site` adds for the text of a `.pth` file."""
    for line in map(str.strip, text.splitlines()):
        if line and not line.startswith("#") and not line.startswith(("import ", "import\t")):
            yield os.path.abspath(os.path.join(folder, line))


def run_pth(folders: Sequence[str], known: set[tuple[str, str]]) -> None:
    """Like `site` at start, but code that already ran in this process does not run twice."""
    for folder, name, text in pth_files(folders):
        if (name, text) not in known:
            site.addpackage(folder, name, set(sys.path))
            continue
        for entry in pth_entries(folder, text):
            if os.path.exists(entry) and entry not in sys.path:
                sys.path.append(entry)
