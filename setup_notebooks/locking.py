"""`./setup-notebooks --lock`: writes the files in requirements/, with the newest versions that the project allows."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from .locks import BOOTSTRAP, BUILD, LAB, NODE, TEST
from .places import ROOT, VENV
from .steps import Failed, uv_step
from .venv import NETWORK

FOLDER = VENV / "requirements"
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
PLATFORMS = ("x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "aarch64-apple-darwin", "x86_64-pc-windows-msvc")
TOO_NEW = (
    "If the index has no wheel for it: limit the package in pyproject.toml for this Python or system, by a marker or a "
    f"bound. Otherwise: {NETWORK}"
)
INSTALLERS = ["pip", "uv"]


def write_locks() -> None:
    """Nothing in requirements/ changes unless all of it can be installed on each of PLATFORMS and PYTHONS."""
    build = built_with(_pyproject())
    node = [text for text in build if text.startswith(NODE)]
    # All together first, so that each package has one version in all files.
    everything = _compile("everything.txt", ["lab", "test"], [*build, *INSTALLERS])
    inputs: dict[str, tuple[list[str], list[str]]] = {
        BOOTSTRAP: ([], INSTALLERS),
        BUILD: ([], build),
        LAB: (["lab"], INSTALLERS),
        TEST: (["lab", "test"], [*INSTALLERS, *node]),
    }
    made = {name: _compile(Path(name).name, extras, words, everything) for name, (extras, words) in inputs.items()}
    _look_for_wheels([made[BUILD], made[TEST]])
    for name, file in made.items():
        (ROOT / name).parent.mkdir(exist_ok=True)
        (ROOT / name).write_bytes(file.read_bytes())


def built_with(project: dict[str, Any]) -> list[str]:
    """What [build-system] and the build hooks require."""
    hooks = project["tool"]["hatch"]["build"]["hooks"].values()
    hooked = [text for hook in hooks for text in hook.get("dependencies", [])]
    return list(dict.fromkeys([*project["build-system"]["requires"], *hooked]))


def _pyproject() -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib  # newer than the oldest Python that the set-up runs in

        return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    raise Failed("--lock needs Python 3.11 or newer.", "Start it with one: python3.12 ./setup-notebooks --lock")


def _compile(name: str, extras: list[str], words: list[str], constraints: Path | None = None) -> Path:
    """A lock of these extras, and of these requirements."""
    FOLDER.mkdir(exist_ok=True)
    made = FOLDER / name
    made.unlink(missing_ok=True)  # uv would keep its versions
    argv: list[str | Path] = ["pip", "compile", "--quiet", "--universal", "--generate-hashes"]
    argv += ["--python-version", PYTHONS[0], "--no-annotate", "--custom-compile-command", "./setup-notebooks --lock"]
    argv += ["--constraints", constraints] if constraints else []
    argv += ["pyproject.toml", *(word for extra in extras for word in ("--extra", extra))] if extras else []
    argv += ["--output-file", made, "-"]
    uv_step(f"Resolving {name}", argv, NETWORK, stdin="\n".join(words).encode())
    return made


def _look_for_wheels(files: list[Path]) -> None:
    """Of each package, on each platform: a universal resolution does not ask whether there is one."""
    rows: list[str | Path] = [word for file in files for word in ("-r", file)]
    argv: list[str | Path] = ["pip", "install", "--dry-run", "--require-hashes", "--no-build"]
    for platform in PLATFORMS:
        for python in PYTHONS:
            there: list[str | Path] = ["--python-platform", platform, "--python-version", python]
            uv_step(
                f"Looking for wheels for Python {python} on {platform}",
                [*argv, *there, "--target", FOLDER / "nothing", *rows],
                TOO_NEW,
            )
