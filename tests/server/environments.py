"""Environments that look to the store as if they had been built, and whose Python has what runs the tests."""

from __future__ import annotations

import json
import sys
import sysconfig
from pathlib import Path

import msgspec

from jupyter_envs.machine import interpreters
from jupyter_envs.model.block import EMPTY
from jupyter_envs.model.closure import select
from jupyter_envs.model.lock import File, Lock, Package
from jupyter_envs.settings import Settings
from jupyter_envs.store.wheel.wheels import LINKING
from jupyter_envs.system.scripts import STUBS


def publish(settings: Settings, environment_id: str, packages: dict[str, str]) -> Path:
    """The prefix. Nothing is copied: a .pth file leads to the packages of the Python that runs the tests."""
    python = interpreters.choose(None, settings)
    folder = settings.store / "v1" / "e" / environment_id
    prefix = folder / "b-00000001"
    (prefix / "bin").mkdir(parents=True)
    (prefix / "bin" / "python").symlink_to(python.path)
    (prefix / "pyvenv.cfg").write_text(f"home = {python.path.parent}\ninclude-system-site-packages = false\n")
    site = prefix / "lib" / f"python{python.minor}" / "site-packages"
    site.mkdir(parents=True)
    (site / "here.pth").write_text(sysconfig.get_path("purelib") + "\n")
    status = python.path.stat()
    pointer = {
        "dir": prefix.name,
        "id": environment_id,
        "consent": "sha256:" + "0" * 64,
        "python": {
            "path": str(python.path),
            "version": python.version,
            "signature": [status.st_size, status.st_mtime_ns, status.st_ino],
        },
        "packages": packages,
        "created": 1795251602.0,
        "linking": LINKING,
        "stubs": str(STUBS),
    }
    (folder / "lease").touch()
    (folder / f"{prefix.name}.json").write_text("{}")
    temporary = folder / "new"
    temporary.write_text(json.dumps(pointer))
    temporary.rename(folder / "current.json")
    return prefix


def base(settings: Settings) -> Path:
    """The base environment, as the set-up leaves it."""
    assert sys.platform != "win32"
    python = interpreters.choose(None, settings)
    wheel = {"ipykernel-7.4.0-py3-none-any.whl": File(sha256="b" * 64, size=117283)}
    lock = Lock(
        lock_version="1.0",
        created_by="the tests",
        spec=EMPTY.spec.digest,
        requires_python=f"=={python.minor}.*",
        packages=(Package(name="ipykernel", version="7.4.0", wheels=wheel),),
    )
    file = settings.home / "base" / f"{python.minor}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(msgspec.json.encode(lock))
    return publish(settings, select(lock, python).id, {"ipykernel": "7.4.0"})
