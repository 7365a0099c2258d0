"""A process that uses a store, to be killed or to race with others.

python -m tests.store.worker WHAT JSON      says "ready" and waits for a line; its last line is its result, as JSON"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from jupyter_envs.engines.uv.installer import UvInstaller
from jupyter_envs.engines.uv.tool import Engine
from jupyter_envs.environments.jobs import JobRequest, Jobs
from jupyter_envs.errors import EnvsError
from jupyter_envs.machine.indexes import load
from jupyter_envs.machine.interpreters import Interpreter
from jupyter_envs.model.closure import Chosen, Closure
from jupyter_envs.settings import Settings
from jupyter_envs.store import Store
from jupyter_envs.store.gc import collect

from ..fakes import HERE
from .scene import Bringer, approved, closure


def build(settings: Settings, job: Mapping[str, Any]) -> dict[str, Any]:
    """`rows` by uv; without any, `names` by a Bringer."""
    try:
        if "rows" in job:
            value = Closure(HERE, tuple(Chosen(**row) for row in job["rows"]))
            with Engine(settings, load(settings)) as engine:
                made = Store(settings).ensure(approved(settings, value), UvInstaller(engine))
        else:
            value = closure(*job["names"], python=_python(job))
            made = Store(settings).ensure(approved(settings, value), installer := Bringer())
            return {"prefix": str(made.prefix), "brought": installer.brought}
    except EnvsError as error:
        return error.to_dict()
    return {"prefix": str(made.prefix)}


def _python(job: Mapping[str, Any]) -> Interpreter:
    """HERE; or a file at this path, which cannot be started, so that nothing is compiled."""
    return replace(HERE, path=Path(job["python"])) if "python" in job else HERE


def start(settings: Settings, job: Mapping[str, Any]) -> dict[str, Any]:
    """Starts `times` times from one of the environments `sets`, and builds it where it is gone."""
    store, installer = Store(settings), Bringer()
    values = [closure(*names, python=_python(job)) for names in job["sets"]]
    approvals = [approved(settings, value) for value in values]
    started, built, broken = 0, 0, []
    while started < job["times"]:
        number = random.randrange(len(values))
        held = store.hold(values[number].id)
        if held is None:
            try:
                store.ensure(approvals[number], installer)
                built += 1
            except EnvsError as error:
                broken.append(f"{error.code}: {error.sentence} {error.details}")
            continue
        environment, lease = held
        with lease:
            time.sleep(random.random() * job.get("busy", 0.001))
            name = random.choice([*environment.packages])
            needed = [
                environment.python,
                *(environment.site[0] / path for path in (f"{name}/part.py", f"{name}_alone.py")),
            ]
            broken += [str(path) for path in needed if not path.exists()]
        started += 1
    return {"started": started, "built": built, "broken": broken[:5]}


def sweep(settings: Settings, job: Mapping[str, Any]) -> dict[str, Any]:
    """Collects everything that is not in use, again and again, until the file `until` is there."""
    store, gone, rounds = Store(settings), 0, 0
    while not Path(job["until"]).exists():
        gone += len(collect(store, {}, older_than=0).environments)
        rounds += 1
        time.sleep(random.random() * job.get("pause", 0.01))
    return {"rounds": rounds, "gone": gone}


def serve(settings: Settings, job: Mapping[str, Any]) -> dict[str, Any]:
    """Starts a job as a server does, and stays, as a server does."""
    began = Jobs(settings).start(JobRequest("install", tuple(job["words"])))
    print(json.dumps({"job": began.id}), flush=True)
    sys.stdin.read()
    return {}


WHAT = {"serve": serve, "build": build, "start": start, "sweep": sweep}

if __name__ == "__main__":
    what, job = WHAT[sys.argv[1]], json.loads(sys.argv[2])
    settings = Settings.load(**{name: Path(job[name]) for name in ("home", "store") if name in job})
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(what(settings, job)), flush=True)
