"""Every door that a stranger's environment could come in by, and none that opens without a yes.

The package below leaves a mark wherever its code runs: when it is imported, and at each start of Python."""

from __future__ import annotations

import ast
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import jupyter_envs
from jupyter_envs.environments.jobs import JobRequest, Jobs
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.errors import ConsentNeeded, EnvsError
from jupyter_envs.machine import kernelspecs
from jupyter_envs.model.block import Block
from jupyter_envs.model.options import Options
from jupyter_envs.settings import Settings
from tests.local_index import LocalIndex
from tests.wheels import folder_project, wheel

from ..typed import typed
from .client import Kernel
from .conftest import Start
from .real import write_notebook

ROOT = Path(jupyter_envs.__file__).parent
CLI = ROOT / "__main__.py"
VERBS = [
    ["build"], ["run"], ["install", "demo"], ["install", "demo", "demo-dep>=1", "-U"], ["remove", "demo-dep"], ["upgrade"], ["lock"], ["undo"],
    ["python", f"{sys.version_info.major}.{sys.version_info.minor}"],
]  # fmt: skip
Run = Callable[..., subprocess.CompletedProcess[str]]


class Trap:
    """A notebook that asks for `trap`, whose lock was made by somebody else; and what happens to this user."""

    def __init__(self, notebook: Path, marker: Path, block: Block, settings: Settings) -> None:
        self.notebook = notebook
        self.block = block
        self.marker = marker
        self._settings = settings
        self._text = notebook.read_bytes()

    def sprung(self) -> bool:
        built = [
            environment
            for environment in Environments(self._settings).here.store.list()
            if "trap" in environment.packages
        ]
        approved = [
            entry.how for entry in Environments(self._settings).here.consents.all().values() if entry.how != "setup"
        ]
        return bool(built or approved or self.marker.exists() or self.notebook.read_bytes() != self._text)


@pytest.fixture
def trap(tmp_path: Path, home: Path, index: LocalIndex, monkeypatch: pytest.MonkeyPatch, base: Environments) -> Trap:
    marker = tmp_path / "sprung"
    code = f"import pathlib; pathlib.Path({str(marker)!r}).touch()\n"
    index.add(wheel("trap", "1.0", files={"trap.py": code, "trap.pth": code}))
    stranger = Environments(Settings(home=tmp_path / "stranger", store=tmp_path / "stranger" / "store"))
    (tmp_path / "stranger" / "cache").mkdir(parents=True, mode=0o700)
    (tmp_path / "stranger" / "cache" / "interpreters.json").write_bytes(
        (home / "cache" / "interpreters.json").read_bytes()
    )
    first = stranger.install(None, typed("trap"), options=Options(build=False)).block
    block = stranger.install(first, typed("demo-dep"), options=Options(build=False)).block
    notebook = write_notebook(tmp_path / "theirs.ipynb", block)
    return Trap(notebook, marker, block, base.here.settings)


def command(*words: str | Path, given: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, CLI, *words],
        input=given,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize("words", VERBS, ids=lambda words: words[0])
def test_no_verb_builds_it_unasked(trap: Trap, words: list[str]) -> None:
    verb, *rest = words
    done = command(verb, trap.notebook, *rest, given="y\n" * 5)
    assert done.returncode == 3, done.stderr
    assert not trap.sprung()


@pytest.mark.parametrize("words", VERBS, ids=lambda words: words[0])
def test_nor_does_it_as_a_job(trap: Trap, words: list[str]) -> None:
    verb, *rest = words
    if verb == "run":
        return
    jobs = Jobs(Settings.load())
    options = tuple(word for word in rest if word.startswith("-"))
    names = tuple(word for word in rest if word not in options)
    job = jobs.start(JobRequest(verb, names, options=options, block=trap.block.to_dict(), accept="sha256:" + "0" * 64))
    jobs._children[job.id].wait(120)
    last = jobs.follow(job.id)[0][-1]
    assert (last["event"], last["error"]["code"]) == ("failed", "consent-needed"), last
    assert not trap.sprung()


def test_the_provisioner_starts_the_stand_in(trap: Trap, start: Start) -> None:
    kernel = start(trap.notebook)
    assert kernel.context["standin"] is True
    assert kernel.run("import trap").ename == "EnvironmentNotReady"
    assert not trap.sprung()


@pytest.mark.parametrize(
    "code",
    [
        "%env-build",
        "%env-install six",
        "%env-upgrade",
        "%env-remove demo-dep",
        "!pip install six",
        "%pip install --accept six",
        "%env-build --accept",
    ],
)
def test_no_magic_in_the_stand_in_takes_the_notebooks_word_for_a_yes(trap: Trap, start: Start, code: str) -> None:
    """Nobody answers at stdin here, as in "Run All" of a page without a user, and in nbclient."""
    assert start(trap.notebook).run(code).reply["status"] == "error"
    assert not trap.sprung()


@pytest.mark.parametrize(
    "cell", ["!pip install {} six", "%pip install six {}", "%env-install {} six", "%env-upgrade {}"]
)
def test_nor_does_it_choose_through_whom_the_indexes_are_reached(trap: Trap, start: Start, cell: str) -> None:
    """Who stands there sees passwords, and answers with what he likes."""
    kernel = start(trap.notebook)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.5)
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        for option in (f"--proxy {address}", f"--proxy={address}", "--cert ca.pem", "--client-cert=k.pem"):
            assert "does not work in a cell before" in kernel.run(cell.format(option)).text
        with pytest.raises(TimeoutError):
            listening.accept()
    assert not trap.sprung()


@pytest.mark.parametrize("line", ["-e ./mine", "./mine"])
def test_nor_does_it_build_a_folder_that_a_file_names(trap: Trap, start: Start, tmp_path: Path, line: str) -> None:
    """The list and the folder came with the notebook, and so may have the cell."""
    (tmp_path / "mine").mkdir()
    project = folder_project("mine", setup=f"open({str(trap.marker)!r}, 'w')")
    for path, text in (project | {"setup.cfg": "[metadata]\nname = mine\n"}).items():
        (tmp_path / "mine" / path).write_text(text)
    (tmp_path / "r.txt").write_text(line)
    kernel = start(trap.notebook)
    for code in ("%env-install -r r.txt", "%env-install --allow-build mine -r r.txt"):
        done = kernel.run(code)
        assert done.reply["status"] == "error" and "building mine runs its code" in done.text + done.traceback, done
        assert not trap.sprung()


@pytest.mark.parametrize("code", ["%env-build", "%env-install six", "%env-upgrade", "!pip install six"])
def test_nor_in_a_kernel_that_runs_without_it(trap: Trap, start: Start, code: str) -> None:
    kernel = start(trap.notebook, JUPYTER_ENVS_WITHOUT="1")
    assert kernel.context["without"] is True
    kernel.run(code)
    assert kernel.run("import trap").ename == "ModuleNotFoundError"
    assert not trap.sprung()


def test_a_kernel_started_by_its_argv_alone_is_the_stand_in(trap: Trap, tmp_path: Path) -> None:
    kernel = Kernel([*kernelspecs.general()["argv"], "--notebook", str(trap.notebook)], tmp_path, dict(os.environ))
    try:
        assert kernel.run("import trap").ename == "EnvironmentNotReady"
    finally:
        kernel.stop()
    assert not trap.sprung()


def test_papermills_engine_says_what_to_approve(trap: Trap, tmp_path: Path) -> None:
    papermill = pytest.importorskip("papermill")
    with pytest.raises(Exception, match=r"consent|approved"):
        papermill.execute_notebook(
            str(trap.notebook), str(tmp_path / "out.ipynb"), engine_name="jupyter-envs", progress_bar=False
        )
    assert not trap.sprung()


@pytest.mark.parametrize("digest", ["yes", "y", "sha256:" + "0" * 64, ""])
def test_no_word_but_the_digest_is_a_yes_in_the_environment(trap: Trap, digest: str) -> None:
    assert command("build", trap.notebook, JUPYTER_ENVS_CONSENT=digest).returncode == 3
    assert not trap.sprung()


OPEN = """
import json, os, sys
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager
from jupyter_envs.machine import kernelspecs as kernelspec
manager = KernelManager()
manager._kernel_spec = KernelSpec(**kernelspec.general())
manager.start_kernel(cwd=os.path.dirname(sys.argv[1]), env={**os.environ, "JPY_SESSION_NAME": sys.argv[1]})
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=60)
print(client.execute_interactive("import trap", output_hook=lambda message: None)["content"]["ename"])
client.stop_channels()
manager.shutdown_kernel(now=True)
"""


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace looks over our shoulder")
def test_opening_it_starts_the_stand_in_and_speaks_to_nobody_else(trap: Trap, tmp_path: Path) -> None:
    (trap.notebook.parent / "random.py").write_text("open('ran', 'w')")
    (trap.notebook.parent / "uv.toml").write_text('[[index]]\nurl = "http://10.0.0.1/simple"\ndefault = true\n')
    log = tmp_path / "trace"
    strace = [
        "strace",
        "-f",
        "-qq",
        "-e",
        "trace=execve,connect,sendto",
        "-e",
        "signal=none",
        "-s",
        "300",
        "-o",
        str(log),
    ]
    done = subprocess.run(
        [*strace, sys.executable, "-c", OPEN, trap.notebook], capture_output=True, text=True, timeout=120
    )
    assert done.stdout.strip() == "EnvironmentNotReady", done.stderr
    lines = log.read_text().splitlines()
    # The first is Python itself; `platform` of the standard library may ask `uname` for the processor.
    started = [
        line for line in lines if 'execve("' in line and " = -1" not in line and '/uname", ["uname", "-p"]' not in line
    ][1:]
    assert len(started) == 1 and "standin.py" in started[0], started
    far = [line for line in lines if "AF_INET" in line and "127.0.0.1" not in line and "::1" not in line]
    assert far == []
    assert not (trap.notebook.parent / "ran").exists()
    assert not trap.sprung()


def test_what_builds_takes_only_what_the_gate_made() -> None:
    """`Approved` is made in one function, asked of by one method, and nothing else publishes."""
    made, built = set(), set()
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                if name.split(".")[-1] == "Approved":
                    made.add(path.relative_to(ROOT).as_posix())
                if name.endswith("store.ensure") or name == "Build":
                    built.add(path.relative_to(ROOT).as_posix())
    assert made == {"consent/gate.py"}
    assert built == {"environments/publishing.py", "store/store.py"}


def test_the_core_asks_before_each_use_case(trap: Trap) -> None:
    rooms = Environments(Settings.load())
    for attempt in (
        lambda: rooms.build(trap.block), lambda: rooms.install(trap.block, typed("demo")), lambda: rooms.upgrade(trap.block, []),
        lambda: rooms.lock(trap.block), lambda: rooms.undo(trap.block), lambda: rooms.remove(trap.block, ["demo-dep"]),
    ):  # fmt: skip
        with pytest.raises(EnvsError) as caught:
            attempt()
        assert isinstance(caught.value, ConsentNeeded), caught.value
    assert not trap.sprung()


def test_the_right_digest_opens_it_and_code_at_the_start_is_asked_about_still(trap: Trap) -> None:
    """That the doors above are shut proves something only if one opens. The last one: the user has approved it then."""
    refused = json.loads(command("build", trap.notebook, "--json").stdout)["error"]
    again = command("build", trap.notebook, "--json", JUPYTER_ENVS_CONSENT=refused["data"]["digest"])
    assert json.loads(again.stdout)["error"]["code"] == "needs-review"
    assert not [e for e in Environments(Settings.load()).here.store.list() if "trap" in e.packages]
    assert command("build", trap.notebook, "--allow-startup", "trap").returncode == 0
    assert trap.sprung()
