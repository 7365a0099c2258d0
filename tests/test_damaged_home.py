"""Every file and folder of a home that was used for everything, damaged in every way: a verb answers with a typed error
or puts it right, no verb hangs, and a kernel is always decided on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest

from jupyter_envs.engines.local_folders import LocalSources
from jupyter_envs.environments.jobs import JobRequest, Jobs
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.errors import EnvsError
from jupyter_envs.kernel.pending import leave_pending
from jupyter_envs.kernel.sweep import sweep
from jupyter_envs.launch.decision import KernelStart, decide
from jupyter_envs.launch.launch import keep, remember
from jupyter_envs.settings import Settings

from .test_cli import Cli, cli, made, signals  # noqa: F401  # fixtures
from .typed import typed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes, devices and alarms of POSIX")
WORDS = {
    "empty": b"", "list": b"[]", "null": b"null", "number": b"5", "text": b'"x"', "object": b"{}", "binary": b"\xff\xfe\x00\x01" * 50,
    "deep": b"[" * 100_000, "deep object": b'{"a":' * 50_000,
}  # fmt: skip
EXCHANGED = ("folder", "full folder", "loop", "dangling", "fifo", "device", "other's", "gone")
KERNEL = "1f0e5c52-4b0f-4f0c-9d0f-6a5d0f3c2b1a"
SECONDS = 30
STEP = 47
"""Without `--all`, every so many-th way is tried."""


@pytest.fixture
def alarm() -> Iterator[None]:
    """What hangs fails."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise AssertionError("it hangs")

    before = signal.signal(signal.SIGALRM, ring)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def used(environments: Environments, tmp_path: Path) -> tuple[Environments, Path]:
    """A home in which everything was done once, and a notebook."""
    settings = environments.here.settings
    environments.build(None)
    block = environments.install(None, typed("demo==1.0")).block
    block = environments.install(block, typed("demo-dep")).block
    notebook = made(tmp_path / "a.ipynb", "1")
    content = json.loads(notebook.read_text())
    content["metadata"]["jupyter_envs"] = block.to_dict()
    notebook.write_text(json.dumps(content))
    launch = decide(KernelStart(KERNEL, notebook), settings)
    keep(launch, settings)
    remember(launch, settings)
    assert launch.lease
    launch.lease.close()
    for suffix in (".started", ".died", ".alive", ".changes"):
        (settings.home / "kernels" / f"{KERNEL}{suffix}").write_text("x")
    leave_pending(str(settings.home), str(notebook), block.to_dict(), block.to_dict())
    LocalSources(settings.home).remember(tmp_path, editable=False)
    jobs = Jobs(settings)
    job = jobs.start(JobRequest("status", block=block.to_dict()))
    while jobs.get(job.id).state == "running":
        os.sched_yield()
    return environments, notebook


def targets(home: Path) -> list[str]:
    """Paths below the home. Of what a store or uv keeps, what we read of it."""
    found = [
        str(path.relative_to(home)) for path in sorted(home.rglob("*")) if path.relative_to(home).parts[0] != "store"
    ]
    own = [path for path in found if not path.startswith("cache/uv/")]
    store = home / "store" / "v1"
    read = [
        next(store.glob(pattern))
        for pattern in ("e/*/current.json", "e/*/b-*.json", "e/*/lease", "w/*/current.json", "locks/*")
    ]
    return [*own, *(str(path.relative_to(home)) for path in read)]


def variants(good: bytes) -> dict[str, bytes]:
    """`good` with the type of each value changed, one at a time: what is wrong may lie deep inside."""
    try:
        value = json.loads(good)
    except ValueError:
        return {}
    return {f"wrong {name}": json.dumps(changed).encode() for name, changed in _changed(value)}


def _changed(value: object) -> Iterator[tuple[str, object]]:
    wrong: tuple[object, ...] = (None, 5, "x\u202e", [1], {"x": 1})
    if isinstance(value, dict):
        for key, item in [*value.items()][:6]:
            yield from ((f"{key}={other!r}", {**value, key: other}) for other in wrong)
            yield f"no {key}", {k: v for k, v in value.items() if k != key}
            yield from ((f"{key}.{name}", {**value, key: changed}) for name, changed in _changed(item))
    if isinstance(value, list) and value:
        yield from ((f"[0]={other!r}", [other, *value[1:]]) for other in wrong)
        yield from ((f"[0].{name}", [changed, *value[1:]]) for name, changed in _changed(value[0]))


def damage(path: Path, way: str, data: bytes | None) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    match way:
        case "folder":
            path.mkdir(mode=0o700)
        case "full folder":
            (path / "x").mkdir(parents=True)
            path.chmod(0o700)
        case "loop":
            path.symlink_to(path)
        case "dangling":
            path.symlink_to(path.with_name("nowhere"))
        case "fifo":
            os.mkfifo(path, 0o600)
        case "device":
            path.symlink_to("/dev/zero")
        case "other's":
            path.write_bytes(b"{}")
            path.chmod(0o666)
        case "gone":
            pass
        case _:
            assert data is not None
            path.write_bytes(data)
            path.chmod(0o600)


def answers(cli: Cli, notebook: Path, settings: Settings) -> list[str]:
    """What was wrong with what every door said."""
    wrong = []
    before = notebook.read_bytes()
    for words in (("status", notebook), ("install", notebook, "demo-dep"), ("lock", notebook, "--pending"), ("list",), ("consent",),
                  ("gc", "--dry-run"), ("python",)):  # fmt: skip
        signal.alarm(SECONDS)
        said = cli(*words)
        if said.code not in (0, 1, 3) or "internal" in said.err or "Traceback" in said.err + said.out:
            wrong.append(f"{words[0]}: {said.code} {said.err[-600:]}")
        notebook.write_bytes(before)
    try:
        for again in (False, True):
            launch = decide(KernelStart(KERNEL, notebook, again=again), settings)
            if launch.lease:
                launch.lease.close()
        keep(launch, settings)
    except (EnvsError, OSError):
        pass  # the stand-in says so
    remember(launch, settings)
    sweep(str(settings.home / "kernels"))
    jobs = Jobs(settings)
    for job in jobs.list():
        jobs.follow(job.id)
    signal.alarm(0)
    return wrong


def test_whatever_happens_to_a_file_of_the_home(
    used: tuple[Environments, Path],
    cli: Cli,
    alarm: None,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    """In most rounds one way of each kind for each file; with `--all`, every way."""
    environments, notebook = used
    settings, every = environments.here.settings, request.config.getoption("--all")
    home, saved = settings.home, tmp_path / "saved"
    shutil.copytree(home, saved, symlinks=True)
    wrong, tried = [], 0
    names = targets(saved)
    assert len(names) > 25, names
    for number, name in enumerate(names):
        good = (saved / name).read_bytes() if (saved / name).is_file() else b""
        ways: dict[str, bytes | None] = {
            **WORDS,
            "cut": good[: len(good) // 2],
            **variants(good),
            **dict.fromkeys(EXCHANGED),
        }
        for way, data in ways.items() if every else [*ways.items()][number % STEP :: STEP]:
            damage(home / name, way, data)
            found = answers(cli, notebook, settings)
            wrong += [f"{name} | {way} | {one}" for one in found]
            tried += 1
            restore(home, saved)
    print(tried, "tried")
    assert not wrong, "\n".join(wrong[:10]) + f"\n{len(wrong)} of {tried}"


def restore(home: Path, saved: Path) -> None:
    for place in [*home.iterdir()]:
        if place.name != "store":
            damage(place, "gone", None)
    for place in saved.iterdir():
        if place.name != "store":
            (
                shutil.copytree(place, home / place.name, symlinks=True)
                if place.is_dir()
                else shutil.copy2(place, home / place.name)
            )
    for place in ("e", "w", "locks"):
        for file in (saved / "store" / "v1" / place).rglob("*"):
            if (
                file.name in ("current.json", "lease")
                or (file.name.startswith("b-") and file.suffix == ".json")
                or place == "locks"
            ):
                target = home / "store" / "v1" / file.relative_to(saved / "store" / "v1")
                if file.is_file() and (
                    not target.is_file() or target.is_symlink() or target.read_bytes() != file.read_bytes()
                ):
                    damage(target, "gone", None)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(file, target)
