"""Kernelspecs on disk: `jupyter-envs`, whose provisioner finds the notebook, and named ones for one notebook or
environment, whose argv finds it without a provisioner (VS Code, plain nbclient)."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import NotebookError, StoreError, UsageError
from ..kernel.foreign import visible
from ..kernel.writing import one_at_a_time
from ..model.kernelspec import DISPLAY_NAME, NAME
from ..system.files import atomically, make_private
from ..system.folders import jupyter_data_dir, jupyter_path
from ..system.scripts import PACKAGE, STANDALONE

PROVISIONER = "jupyter-envs-provisioner"
VALID_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
TAKEN = frozenset({NAME, "python3", "python2", "python"})


@dataclass(frozen=True)
class Named:
    """A kernelspec for one notebook (absolute path) or one environment (id)."""

    name: str
    display_name: str
    folder: Path
    notebook: str | None = None
    environment: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "display_name": self.display_name,
            "path": str(self.folder),
            "notebook": self.notebook,
            "environment": self.environment,
        }


def _spec(display_name: str, arguments: list[str], metadata: dict[str, Any]) -> dict[str, Any]:
    return {
        # An absolute interpreter: other front ends start it without our PATH.
        "argv": [sys.executable, str(STANDALONE), "-f", "{connection_file}", *arguments],
        "display_name": display_name,
        "language": "python",
        "interrupt_mode": "signal",
        "metadata": {"debugger": True, "supported_encryption": ["curve"], **metadata},
    }


def general() -> dict[str, Any]:
    """kernel.json of `jupyter-envs`."""
    return _spec(DISPLAY_NAME, [], {"kernel_provisioner": {"provisioner_name": PROVISIONER, "config": {}}})


def packaged() -> dict[str, Any]:
    """kernel.json as the wheel brings it, for programs that execute notebooks where no server has ever started: it
    cannot name a Python by its path. They put their own in place of `python`."""
    return {**general(), "argv": ["python", "-I", "-m", f"{PACKAGE.name}.{STANDALONE.stem}", "-f", "{connection_file}"]}


def ensure() -> Path:
    """Registers `jupyter-envs` where Jupyter looks, or corrects it; returns its folder. Writes only if something
    differs. Raises StoreError `kernelspec-unwritable`."""
    wanted = general()
    found = next((p for p in _places(NAME) if (p / "kernel.json").is_file()), None)
    if found and (_read(found) == wanted or _is_anothers(found)):
        return found
    own = [Path(sys.prefix, "share", "jupyter", "kernels", NAME), _user_folder(NAME)]
    for folder in [found, *own] if found in own else own:
        if folder and (_written(folder, wanted) or _read(folder) == packaged()):
            return folder
    raise StoreError(
        "kernelspec-unwritable",
        "The kernel jupyter-envs could not be registered: neither this Python's nor your own Jupyter "
        "folder is writable.",
        hint=f"Make {own[1].parent} writable, or set JUPYTER_DATA_DIR to a folder of yours.",
    )


def add(
    name: str,
    *,
    notebook: Path | None = None,
    environment: str | None = None,
    display_name: str | None = None,
) -> Named:
    """Registers a kernelspec for a notebook or for an environment, for this user. Raises UsageError (`kernelspec-name`,
    `kernelspec-taken`, `kernelspec-target`), NotebookError, StoreError."""
    if not VALID_NAME.fullmatch(name):
        raise UsageError(
            "kernelspec-name", f"{name[:60]!r} cannot be the name of a kernel.",
            hint="Use small letters, digits, dots, dashes and underscores.",
        )  # fmt: skip
    if (notebook is None) == (environment is None):
        raise UsageError("kernelspec-target", "A named kernel is for a notebook or for an environment, not for both.")
    if notebook is not None and not _is_file(notebook):
        raise NotebookError("not-found", f"There is no notebook {notebook}.")
    folder = _user_folder(name)
    named = _new(name, folder, notebook, environment, display_name)
    target = {"notebook": named.notebook} if notebook else {"environment": named.environment}
    arguments = [item for key, value in target.items() for item in (f"--{key}", str(value))]
    with contextlib.suppress(StoreError):
        make_private(folder.parent)
    with one_at_a_time(folder):  # whoever adds another of that name at the same time is told so
        if taken(named):
            raise UsageError(
                "kernelspec-taken", f"There is already another kernel called {name}.", hint="Choose another name."
            )
        if not _written(folder, _spec(named.display_name, arguments, {"jupyter_envs": target})):
            raise StoreError("kernelspec-unwritable", f"{folder} cannot be written.")
    return named


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        return False  # no file can have that name


def _new(name: str, folder: Path, notebook: Path | None, environment: str | None, display_name: str | None) -> Named:
    what = visible(notebook.stem) if notebook else (environment or "")[:8]
    path = str(notebook.resolve()) if notebook else None
    return Named(name, display_name or f"Python ({what})", folder, path, environment)


def taken(named: Named) -> bool:
    """Whether the name is used for something else: another program's kernel, another notebook, another environment."""
    there = _named(named.folder)
    other = there is None or (there.notebook, there.environment) != (named.notebook, named.environment)
    return named.name in TAKEN or (named.folder.exists() and other)


def name_for(notebook: Path) -> str:
    """`My Analysis 2.ipynb` -> `jupyter-envs-my-analysis-2`, plus six hex digits of its path if another notebook has
    that name."""
    path = notebook.resolve()
    plain = re.sub(r"[^a-z0-9._-]+", "-", path.stem.lower()).strip("-._") or "notebook"
    name = f"jupyter-envs-{plain}"[:57]
    if not taken(Named(name, "", _user_folder(name), str(path))):
        return name
    return f"{name}-{hashlib.sha256(os.fsencode(path)).hexdigest()[:6]}"


def listed() -> tuple[Named, ...]:
    """The named kernelspecs that we made, by name."""
    parent = _user_folder(NAME).parent
    folders = sorted(parent.iterdir()) if parent.is_dir() else []
    return tuple(named for folder in folders if (named := _named(folder)))


def remove(name: str) -> None:
    """Raises UsageError `kernelspec-unknown` for a kernel that we did not make."""
    named = next((n for n in listed() if n.name == name), None)
    if named is None:
        raise UsageError(
            "kernelspec-unknown", f"jupyter-envs has not made a kernel called {name[:60]!r}.",
            hint="`jupyter envs kernelspec list` lists them.",
        )  # fmt: skip
    shutil.rmtree(named.folder)


def _named(folder: Path) -> Named | None:
    value = _read(folder) or {}
    target = (value.get("metadata") or {}).get("jupyter_envs")
    if not isinstance(target, dict):
        return None
    display = str(value.get("display_name", folder.name))
    return Named(folder.name, display, folder, target.get("notebook"), target.get("environment"))


def _places(name: str) -> list[Path]:
    return [Path(folder, name) for folder in jupyter_path("kernels")]


def folders() -> list[Path]:
    """The folders with the user's kernels, whoever made them."""
    try:
        return [path for path in Path(jupyter_data_dir(os.environ), "kernels").iterdir() if path.is_dir()]
    except OSError:
        return []


def _user_folder(name: str) -> Path:
    return Path(jupyter_data_dir(os.environ), "kernels", name)


def _read(folder: Path) -> dict[str, Any] | None:
    try:
        value = json.loads((folder / "kernel.json").read_bytes())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def _is_anothers(folder: Path) -> bool:
    """It belongs to another installation of jupyter-envs that still exists; through the provisioner it works for
    both."""
    argv = (_read(folder) or {}).get("argv") or [""]
    alive = argv[0] != sys.executable and Path(argv[0]).is_absolute() and Path(argv[0]).exists()
    return alive and not folder.is_relative_to(sys.prefix)


def _written(folder: Path, spec: dict[str, Any]) -> bool:
    if not os.access(next(p for p in [folder, *folder.parents] if p.exists()), os.W_OK):
        return False
    try:
        atomically(folder / "kernel.json", json.dumps(spec, indent=1).encode() + b"\n", mode=0o644)
        folder.chmod(0o755)
    except (OSError, StoreError):
        return False
    return True
