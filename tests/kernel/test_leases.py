"""The environment that a kernel runs in stays as long as the kernel lives, and no longer."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.kernel import leases
from jupyter_envs.launch.decision import KernelStart, decide
from jupyter_envs.launch.provisioner import NotebookEnvProvisioner
from jupyter_envs.machine import kernelspecs
from jupyter_envs.model.block import Block
from jupyter_envs.store import Environment, Store
from jupyter_envs.store.gc import collect
from jupyter_envs.system.leases import is_held

from ..typed import typed
from .client import Kernel
from .conftest import Start
from .real import ProvisionedKernel, environment_of, write_notebook

HERE = Path(__file__).resolve().parent
pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="there is no flock"),
    pytest.mark.usefixtures("own_store"),
]
CHILDREN = """
import multiprocessing, os, subprocess, time
subprocess.Popen(["sleep", "600"], close_fds=False)
os.system("sleep 600 &")
for method in ("fork", "spawn", "forkserver"):
    multiprocessing.get_context(method).Process(target=time.sleep, args=(600,)).start()
if os.fork() == 0:
    time.sleep(600)
"""
NO_FLOCK = """
#include <errno.h>
int flock(int fd, int operation) { errno = ENOSYS; return -1; }
"""


def freed(environment: Environment) -> None:
    """Waits until nobody holds the lease."""
    import fcntl

    with environment.lease.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)


def clear_up(base: Environments) -> tuple[str, ...]:
    return collect(base.here.store, {}, older_than=0).environments


def test_from_its_start_to_its_end(start: Start, base: Environments, demo: Block, demo_notebook: Path) -> None:
    environment = environment_of(base, demo)
    assert not is_held(environment.lease)
    kernel = start(demo_notebook)
    assert is_held(environment.lease)
    kernel.restart()
    assert is_held(environment.lease) and environment.id not in clear_up(base)
    assert kernel.run("import demo, os; print('JUPYTER_ENVS_LEASE' in os.environ)").stdout == "False\n"
    kernel.manager.shutdown_kernel(now=True)
    freed(environment)
    assert environment.id in clear_up(base)


def test_who_clears_up_while_a_kernel_starts_takes_nothing_that_it_needs(
    start: Start, base: Environments, demo: Block, demo_notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once between the decision and the process, and once while the process has not run a line of ours."""
    environment = environment_of(base, demo)
    unused = base.install(demo, typed("demo-dep")).environment
    assert unused
    taken: list[tuple[str, ...]] = []
    original = NotebookEnvProvisioner.launch_kernel
    gate = tmp_path / "gate"
    os.mkfifo(gate)

    async def cleared(self: NotebookEnvProvisioner, cmd: list[str], **kwargs: Any) -> Any:
        taken.append(clear_up(base))
        started = await original(self, ["sh", "-c", 'read _ < "$0"; exec "$@"', str(gate), *cmd], **kwargs)
        taken.append(clear_up(base))
        gate.write_text("\n")
        return started

    monkeypatch.setattr(NotebookEnvProvisioner, "launch_kernel", cleared)
    kernel = start(demo_notebook)
    assert kernel.run("import demo, sys; print(sys.prefix)").stdout == f"{environment.prefix}\n"
    assert unused.id in taken[0] and len(taken) == 2
    assert not any(environment.id in gone for gone in taken)


def test_the_servers_copy_ends_with_the_start(
    start: Start, base: Environments, demo: Block, demo_notebook: Path
) -> None:
    kernel = start(demo_notebook)
    assert [lease for lease in leases._open if lease.fd >= 0] == []
    assert is_held(environment_of(base, demo).lease)
    kernel.manager.provisioner.process.kill()
    freed(environment_of(base, demo))


def test_an_environment_that_was_cleared_away_before_the_lease_is_made_again(
    base: Environments, demo: Block, demo_notebook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, removed = Store.hold, list[str]()

    def removed_first(self: Store, environment_id: str) -> Any:
        if not removed:
            removed.append(environment_id)
            self.remove(environment_id)
        return original(self, environment_id)

    before = environment_of(base, demo)
    monkeypatch.setattr(Store, "hold", removed_first)
    launch = decide(KernelStart("k", demo_notebook), base.here.settings)
    assert removed == [before.id] and launch.environment and launch.lease
    assert launch.environment["id"] == before.id and Path(launch.environment["python"]).exists()
    assert launch.environment["prefix"] != str(before.prefix) and launch.status.state == "ready"


def test_it_outlives_the_server_and_ends_with_the_kernel(base: Environments, demo: Block, demo_notebook: Path) -> None:
    environment = environment_of(base, demo)
    words = [sys.executable, "-m", "tests.kernel.serving", str(demo_notebook), str(demo_notebook.parent)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=HERE.parents[1]) as server:
        assert server.stdout
        kernel = psutil.Process(int(server.stdout.readline()))
        try:
            server.kill()
            server.wait()
            assert kernel.is_running() and is_held(environment.lease)
            assert environment.id not in clear_up(base)
        finally:
            kernel.kill()
    freed(environment)


def test_no_child_of_a_kernel_keeps_it(start: Start, base: Environments, demo: Block, demo_notebook: Path) -> None:
    environment = environment_of(base, demo)
    kernel = start(demo_notebook)
    process = psutil.Process(kernel.manager.provisioner.process.pid)
    assert "up" in kernel.run("!setsid sleep 600 > /dev/null 2>&1 & echo up").stdout
    assert kernel.run(CHILDREN).reply["status"] == "ok"
    shell = [found for found in psutil.process_iter(["cmdline", "environ"]) if _is_of(found, kernel)]
    children = {*process.children(recursive=True), *shell}
    assert len(children) >= 7, "sleep three times, three of multiprocessing (and a fork server), a fork"
    try:
        process.kill()
        freed(environment)
        alive = [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
        assert len(alive) >= 6, "the children have not simply ended too"
    finally:
        for child in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()


def _is_of(process: psutil.Process, kernel: ProvisionedKernel) -> bool:
    context = str(kernel.manager.provisioner.kernel_id)
    return process.info["cmdline"] == ["sleep", "600"] and context in str(process.info["environ"])


@pytest.fixture
def by_argv(tmp_path: Path) -> Iterator[list[Kernel]]:
    kernels: list[Kernel] = []
    yield kernels
    for kernel in kernels:
        kernel.stop()


def test_a_kernel_that_is_started_by_its_argv_has_one(
    by_argv: list[Kernel], base: Environments, demo: Block, demo_notebook: Path
) -> None:
    environment = environment_of(base, demo)
    for words in (["--notebook", str(demo_notebook)], ["--environment", environment.id]):
        kernel = Kernel([*kernelspecs.general()["argv"], *words], demo_notebook.parent, dict(os.environ))
        by_argv.append(kernel)
        assert is_held(environment.lease) and environment.id not in clear_up(base)
        kernel.manager.provisioner.process.kill()
        freed(environment)


def test_an_install_into_a_running_kernel_keeps_both(start: Start, base: Environments, tmp_path: Path) -> None:
    before = base.base()
    assert before
    kernel = start(write_notebook(tmp_path / "b.ipynb"))
    assert "demo" in kernel.run("%env-install demo").text
    after = base.here.store.find(kernel.context["environment"]["id"])
    assert after and after != before
    assert is_held(before.lease) and is_held(after.lease)
    assert not {before.id, after.id} & set(clear_up(base))
    kernel.restart()
    freed(before)
    assert is_held(after.lease)


def test_without_flock_a_kernel_touches_it(
    start: Start, base: Environments, demo: Block, demo_notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A library that refuses flock comes before the C library's own, in the kernel; here, Python's own is replaced."""
    source, library = tmp_path / "flock.c", tmp_path / "flock.so"
    source.write_text(NO_FLOCK)
    if subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=False).returncode:
        pytest.skip("no C compiler here")

    def refuse(*_: object) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(leases.fcntl, "flock", refuse)
    environment = environment_of(base, demo)
    os.utime(environment.lease, (0, 0))
    assert not is_held(environment.lease)
    kernel = start(demo_notebook, LD_PRELOAD=str(library))
    assert is_held(environment.lease)
    seen = kernel.run(
        "import sys, threading; held = sys.modules['_jupyter_envs_kernel.leases']._kept.values()\n"
        "print([lease.exact for lease in held], 'jupyter-envs-lease' in [t.name for t in threading.enumerate()])"
    )
    assert seen.stdout == "[False] True\n"
