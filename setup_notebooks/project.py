"""The project in .venv: the wheel that users get, built from these sources."""

from __future__ import annotations

import shutil
from pathlib import Path

from . import locks
from .marks import fingerprint, known, remember
from .places import PYTHON, ROOT, VENV, tool
from .steps import step, uv_step
from .venv import NETWORK

FRONT = ROOT / "jupyter_envs" / "labextension"
WHEELS = VENV / "wheel"
NPM = (
    "The JupyterLab extension is built with packages from the npm registry: if you use a mirror, set "
    f"YARN_NPM_REGISTRY_SERVER. {NETWORK}"
)
INSTALL: list[str | Path] = ["pip", "install", "--python", PYTHON]
OURS = ["--reinstall-package", "jupyter-envs"]
REGISTER = "from jupyter_envs.machine import kernelspecs; kernelspecs.ensure()"


def install(wanted: set[str], *, newest: bool = False) -> None:
    """Build and install with these extras; nothing to do when neither sources, extras nor lock have changed.
    `newest` takes no lock, and the next run without it comes back to the lock."""
    before = known()
    extras = sorted(wanted | set(before.get("extras", [])))
    state = _newest(extras) if newest else _locked(extras)
    if not newest and all(before.get(name) == value for name, value in state.items()):
        return
    if newest:
        remember(**state)  # now, as a step that fails may have changed something
    if newest or before.get("sources") != state["sources"]:
        _build(before.get("sources", [""])[0], state["sources"][0])
    wheel = next(WHEELS.glob("*.whl"))
    if newest:
        _install_newest(wheel, extras)
    else:
        _install_locked(wheel, extras, from_newest=before.get("lock") == locks.NEWEST)
    remember(**state)


def _locked(extras: list[str]) -> dict[str, list[str] | str]:
    return {
        "sources": [
            fingerprint("labextension", locks.BUILD),
            fingerprint("jupyter_envs", "jupyter-config", "pyproject.toml", "LICENSE", without="labextension"),
        ],
        "extras": extras,
        "lock": fingerprint(locks.lock_of(extras)),
    }


def _newest(extras: list[str]) -> dict[str, list[str] | str]:
    return {"sources": [locks.NEWEST] * 2, "extras": extras, "lock": locks.NEWEST}


def _install_newest(wheel: Path, extras: list[str]) -> None:
    requirement = f"jupyter-envs[{','.join(extras)}] @ {wheel.as_uri()}"
    what = f"Installing it with the newest {' and '.join(extras)}"
    uv_step(what, [*INSTALL, "--upgrade", *OURS, requirement, "pip", locks.NODE], NETWORK)


def _install_locked(wheel: Path, extras: list[str], *, from_newest: bool) -> None:
    # What the newest versions brought along goes again; what people have added to a locked .venv stays.
    exact = ["--exact"] if from_newest else []
    rows = ["--require-hashes", *exact, "-r", locks.lock_of(extras)]
    uv_step(f"Installing {' and '.join(extras)} as locked", [*INSTALL, *rows], NETWORK)
    uv_step("Installing it", [*INSTALL, "--no-deps", *OURS, wheel], NETWORK)


def _build(front_before: str, front: str) -> None:
    # The build hook leaves a built extension alone; one that may be older than its sources has to go first. Only an
    # unpacked source distribution brings one along, and machines that install from it need no npm registry.
    newest = front == locks.NEWEST
    if newest or (front_before != front and (front_before or (ROOT / ".git").exists())):
        shutil.rmtree(FRONT, ignore_errors=True)
    what = "Building jupyter_envs" + ("" if FRONT.exists() else " and its JupyterLab extension (once; a minute or two)")
    shutil.rmtree(WHEELS, ignore_errors=True)
    locked = [] if newest else ["--build-constraints", locks.BUILD, "--require-hashes"]
    uv_step(what, ["build", "--wheel", "--python", PYTHON, "--out-dir", WHEELS, *locked, ROOT], NPM)


def prepare() -> None:
    """The kernel is registered and the base environment built: both are quick when there is nothing to do."""
    step(
        "Registering the kernel",
        [PYTHON, "-I", "-c", REGISTER],
        "Make the folder that is named above writable.",
    )
    # A notebook without a block runs in the base environment.
    step(
        "Building the base environment",
        [tool("jupyter-envs"), "build", "--block", "-"],
        NETWORK,
        stdin=b"null",
    )
