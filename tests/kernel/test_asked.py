"""What a real kernel asks for before its first cell is what the store looks for in wheels (`store/wheel/asked.py`)."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.launch.launch import LAUNCHER
from jupyter_envs.store import Environment
from jupyter_envs.store.wheel.asked import CONFIGURATION, PROGRAMS
from jupyter_envs.store.wheel.startup import at_start
from jupyter_envs.store.wheel.wheels import Facts, Wheel

from ..local_index import LocalIndex
from .client import Kernel

PROBE = Path(__file__).with_name("asking.py")
DEBUG = {"clientID": "test", "adapterID": "", "pathFormat": "path", "linesStartAt1": True, "columnsStartAt1": True}


@dataclass(frozen=True)
class Asked:
    """`modules`: name -> where it was found, or None; `opened`: files and folders; `wheels`: of the environment."""

    environment: Environment
    wheels: list[Wheel]
    modules: dict[str, str | None]
    opened: list[str]
    programs: list[str]

    @property
    def outside_the_standard_library(self) -> list[str]:
        own = (str(Path(os.__file__).resolve().parent), "built-in", "frozen")
        return [
            name
            for name, found in self.modules.items()
            if found is None or not found.startswith(own) or "site-packages" in found
        ]


@pytest.fixture(scope="module")
def _module_asked() -> dict[str, Asked]:
    return {}


@pytest.fixture
def asked(_module_asked: dict[str, Asked], environments: Environments, index: LocalIndex, tmp_path: Path) -> Asked:
    """All that one kernel asked for, which is started once."""
    if not _module_asked:
        environment = environments.build(None)
        assert environment
        told = talk(environment, tmp_path)
        wheels = list(environments.here.store.own.wheels.all())
        _module_asked["it"] = Asked(environment, wheels, told["asked"], told["opened"], told["programs"])
    return _module_asked["it"]


def talk(environment: Environment, folder: Path) -> dict[str, Any]:
    """What a front end asks a kernel before anybody has run anything, the debugger's button included."""
    out = folder / "asked.json"
    argv = [str(environment.python), "-I", "-S", str(PROBE), str(out), str(LAUNCHER), "-f", "{connection_file}"]
    kernel = Kernel(argv, folder, {**os.environ, "PATH": f"{environment.bin}{os.pathsep}{os.defpath}"})
    client = kernel.client
    for request in (client.kernel_info, client.history):
        request(reply=True, timeout=60)
    for code in ("pri", "import o", "%env-"):
        client.complete(code, reply=True, timeout=60)
    client.inspect("print", reply=True, timeout=60)
    words = {"seq": 1, "type": "request", "command": "initialize", "arguments": DEBUG}
    client.control_channel.send(client.session.msg("debug_request", words))
    assert client.get_control_msg(timeout=60)["content"]["success"]
    client.shutdown(reply=True, timeout=60)
    kernel.manager.finish_shutdown()
    kernel.stop()
    told: dict[str, Any] = json.loads(out.read_text())
    return told


def test_each_module_is_asked_about_where_another_wheel_brings_it(asked: Asked, tmp_path: Path) -> None:
    names = {name for name in asked.outside_the_standard_library if not name.startswith("_jupyter_envs")}
    assert {"sitecustomize", "comm", "zmq", "storemagic", "_pydevd_bundle_ext", "pydevd_plugins", "jedi"} <= names
    for name in names:
        (tmp_path / "l" / name).mkdir(parents=True)
        (tmp_path / "l" / name / "evil.py").touch()
    evil = Wheel("evil", tmp_path, Facts("l", "", "evil", "1", "evil-1.dist-info", "", "", 0, {}))
    found = {path.partition("/")[0] for path in at_start([*asked.wheels, evil])["evil"]}
    assert names - found == set()


def test_each_file_is_of_what_was_approved_or_asked_about(asked: Asked) -> None:
    prefix, site = str(asked.environment.prefix), str(asked.environment.site[0])
    outside = {
        path[len(prefix) + 1 :] for path in asked.opened if path.startswith(prefix) and not path.startswith(site)
    }
    configuration = "/".join(CONFIGURATION)
    assert any(path.startswith(f"{configuration}/startup") for path in outside), "it looks for more than modules"
    assert {path for path in outside if not path.startswith(configuration)} <= {"pyvenv.cfg", ""}
    assert not [path for path in asked.opened if path.endswith("entry_points.txt")], (
        "it loads what packages offer by name"
    )


def test_each_program_is_asked_about_where_a_wheel_brings_it(asked: Asked) -> None:
    by_name = {program for program in asked.programs if not Path(program).is_absolute()}
    assert by_name <= PROGRAMS
    assert "uname" in by_name or sys.platform != "linux"
