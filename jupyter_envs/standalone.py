"""A kernel without the provisioner: the program in `argv` of our kernelspecs, which VS Code and plain nbclient start.

    python standalone.py -f CONNECTION_FILE [--notebook PATH | --environment ID]

Finds the environment, or the stand-in, and becomes that kernel."""

import os
import sys

if __name__ == "__main__":
    # Before anything else is imported, `__future__` too: PYTHONPATH may name the notebook's folder, and the folder of
    # this script holds names like `lock` and `process`. The package itself is found beside it.
    here = os.path.dirname(os.path.realpath(__file__))  # noqa: PTH120  # pathlib is not imported yet
    sys.path[:] = [e for e in sys.path if e and os.path.realpath(e) not in (here, os.path.realpath(os.curdir))]
    sys.path.append(os.path.dirname(here))  # noqa: PTH120

import re
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

GONE = "The environment that this kernel is for is no longer on this machine."
OLDER = (
    "The jupyter-envs that has put the environment of this kernel together is older, or is in another folder now. It "
    "is linked again as soon as you build a notebook that has it: jupyter envs build NOTEBOOK"
)

if TYPE_CHECKING:
    from .launch.launch import How, Launch
    from .settings import Settings


def main(arguments: list[str]) -> int:
    from jupyter_envs.launch.launch import without_home

    notebook, environment, rest = parsed(arguments)
    connection_file = os.path.realpath(rest[rest.index("-f") + 1])
    try:
        how = found(connection_file, notebook, environment)
    except Exception as error:  # a kernel always starts, and says what is the matter
        how = without_home(error, connection_file, os.environ)
    return become(how)


def found(connection_file: str, notebook: str | None, environment: str | None) -> "How":
    """How the kernel starts. Raises what a home raises that cannot be used or is damaged."""
    from jupyter_envs.launch.decision import KernelStart, decide
    from jupyter_envs.launch.launch import keep, remember
    from jupyter_envs.settings import Settings

    settings = Settings.load()
    # The same for a restart, and the server sees by it whether the kernel lives.
    kernel = re.sub(r"[^\w-]", "-", Path(connection_file).stem)
    named = notebook or os.environ.get("JUPYTER_ENVS_NOTEBOOK")
    if environment:
        launch = of_environment(kernel, environment, settings)
    else:
        path = Path(named).absolute() if named else None
        launch = decide(KernelStart(kernel, path, named=bool(path), note="" if path else unknown()), settings)
    keep(launch, settings)
    remember(launch, settings)
    if launch.lease:
        launch.lease.inheritable()
    return launch.how(connection_file, os.environ, settings)


def parsed(arguments: list[str]) -> tuple[str | None, str | None, list[str]]:
    """(notebook, environment, what is left for the kernel)."""
    named: dict[str, str] = {}
    rest = list(arguments)
    for option in ("--notebook", "--environment"):
        if option in rest:
            at = rest.index(option)
            named[option] = rest[at + 1]
            del rest[at : at + 2]
    return named.get("--notebook"), named.get("--environment"), rest


def of_environment(kernel: str, environment_id: str, settings: "Settings") -> "Launch":
    from jupyter_envs.environments.here import Here
    from jupyter_envs.environments.status import Unseen
    from jupyter_envs.launch.launch import Launch
    from jupyter_envs.store.damage import DAMAGE

    here = Here(settings)
    held = here.store.hold(environment_id)
    damage = here.store.health(environment_id)
    refused = here.refusal(held[0]) if held and damage is None else None
    if held and damage is None and refused is None:
        return Launch(kernel, environment=held[0].to_dict(), lease=held[1])
    if held:
        held[1].close()
    if refused:
        return Launch(kernel, status=Unseen("invalid", refused.sentence, error=refused))
    older = damage == "env-missing" and here.store.publishes(environment_id)
    sentence = DAMAGE.get(damage or "", OLDER if older else GONE)
    return Launch(kernel, status=Unseen("invalid", sentence))


def unknown() -> str:
    return (
        "This program does not say which notebook it opens, so the kernel runs in the base environment, without the "
        "notebook's packages. For this notebook's own environment: jupyter envs kernelspec add NOTEBOOK"
    )


def become(how: "How") -> int:
    """Starts the kernel in place of this process: the program that started us knows only this process id."""
    from jupyter_envs.launch.launch import Spawn

    match how:
        case Spawn(argv, environ):
            return replaced_by(list(argv), dict(environ))


def replaced_by(argv: list[str], env: dict[str, str]) -> int:
    """Does not return where a process can become another."""
    if os.name == "posix":
        os.execve(argv[0], argv, env)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the interrupt is meant for the kernel
    return subprocess.call(argv, env=env)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
