"""What was changed on purpose: by which look it is noticed, as docs/explanation/store.md says."""

from __future__ import annotations

import os
import py_compile
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from jupyter_envs.settings import Settings
from jupyter_envs.standalone import of_environment
from jupyter_envs.store import Environment, Store, finishing
from jupyter_envs.store.verification import verify
from jupyter_envs.store.wheel.wheels import Wheel

from .scene import Bringer, approved, closure, works

EVIL = "x = 666\n"


class Scene:
    """An environment of two packages, finished, and the wheel of one of them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store(settings)
        self.environment = self.build()
        self.wheel = self._wheel()

    def build(self) -> Environment:
        return self.store.ensure(approved(self.settings, closure("apple", "pear")), Bringer())

    def _wheel(self) -> Wheel:
        return next(each for each in self.store.own.wheels.all() if each.name == "apple")

    @property
    def library(self) -> Path:
        return self.wheel.library

    @property
    def site(self) -> Path:
        return self.environment.site[0]

    @property
    def cache(self) -> Path:
        """The bytecode of one module that everybody imports."""
        (path,) = (self.library / "apple" / "__pycache__").glob("part.*.pyc")
        return path


def replaced(path: Path, content: str | bytes = EVIL) -> None:
    """By another file, as editors do."""
    path.parent.chmod(0o755)
    new = path.with_name("new")
    new.write_bytes(content.encode() if isinstance(content, str) else content)
    new.replace(path)
    path.parent.chmod(0o555)


def edited(path: Path, content: bytes = b"#") -> None:
    """In place."""
    path.chmod(0o644)
    with path.open("r+b") as file:
        file.write(content)
    path.chmod(0o444)


def put(path: Path, content: str = EVIL) -> None:
    path.parent.chmod(0o755)
    path.write_text(content)
    path.parent.chmod(0o555)


def bytecode(source: str, folder: Path) -> bytes:
    (folder / "evil.py").write_text(source)
    made = py_compile.compile(
        str(folder / "evil.py"),
        str(folder / "evil.pyc"),
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    return Path(made or "").read_bytes()


def exchanged(folder: Path) -> None:
    """By a copy in which one module is another."""
    copy = folder.with_name("copy")
    shutil.copytree(folder, copy, symlinks=True)
    module = next(copy.rglob("part.py"))
    module.parent.chmod(0o755)
    module.unlink()
    module.write_text(EVIL)
    folder.rename(folder.with_name("old"))
    copy.rename(folder)


def linked_elsewhere(link: Path, to: Path) -> None:
    link.parent.chmod(0o755)
    link.unlink()
    link.symlink_to(to)
    link.parent.chmod(0o555)


def symlink_put(scene: Scene) -> None:
    (scene.library / "apple").chmod(0o755)
    (scene.library / "apple" / "more").symlink_to("/tmp")


AT_EACH_START: dict[str, Callable[[Scene, Path], object]] = {
    "a file put into a package": lambda scene, _: put(scene.library / "apple" / "new.py"),
    "a module replaced": lambda scene, _: replaced(scene.library / "apple" / "part.py"),
    "a module of one file replaced": lambda scene, _: replaced(scene.library / "apple_alone.py"),
    "a module removed": lambda scene, _: (scene.library.chmod(0o755), (scene.library / "apple_alone.py").unlink()),
    "bytecode replaced": lambda scene, tmp: replaced(scene.cache, bytecode(EVIL, tmp)),
    "a link to a folder put in": lambda scene, _: symlink_put(scene),
    "the wheel's modules exchanged": lambda scene, _: exchanged(scene.library),
    "the wheel exchanged": lambda scene, _: exchanged(scene.wheel.folder),
    "pyvenv.cfg replaced": lambda scene, _: replaced(scene.environment.prefix / "pyvenv.cfg", "home = /usr/bin\n"),
    "pyvenv.cfg edited in place": lambda scene, _: edited(scene.environment.prefix / "pyvenv.cfg"),
    "our .pth edited in place": lambda scene, _: edited(scene.site / "jupyter_envs.pth"),
    "a command edited in place": lambda scene, _: edited(scene.environment.bin / "apple", b"#!/bin/sh\n"),
    "a command put in": lambda scene, _: put(scene.environment.bin / "ls"),
    "python elsewhere": lambda scene, _: linked_elsewhere(scene.environment.python, Path("/usr/bin/env")),
    "a .pth put in": lambda scene, _: put(scene.site / "z.pth", "import os\n"),
    "a package's link elsewhere": lambda scene, tmp: linked_elsewhere(scene.site / "apple", tmp),
    "a wheel's link elsewhere": lambda scene, tmp: linked_elsewhere(scene.environment.prefix / ".w" / "0", tmp),
    "bytecode of the environment's own replaced": lambda scene, tmp: replaced(
        next((scene.site / "__pycache__").glob("apple_alone.*")), bytecode(EVIL, tmp)
    ),
    "the list of what was there taken away": lambda scene, _: (
        scene.environment.folder / f"{scene.environment.prefix.name}.json"
    ).unlink(),
}
AT_STARTS_FROM_THE_COMMAND_LINE: dict[str, Callable[[Scene, Path], object]] = {
    "a module edited in place": lambda scene, _: edited(scene.library / "apple" / "part.py"),
    "a module of one file edited in place": lambda scene, _: edited(scene.library / "apple_alone.py"),
    "data elsewhere edited in place": lambda scene, _: edited(scene.wheel.data / "share" / "apple" / "note.txt"),
    "bytecode edited in place": lambda scene, tmp: edited(scene.cache, bytecode(EVIL, tmp)),
}


def in_place_as_if_nothing_was(path: Path, content: bytes) -> None:
    status = path.stat()
    edited(path, content)
    os.truncate(path, status.st_size)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


BY_VERIFY_ALONE: dict[str, Callable[[Scene, Path], object]] = {
    "data edited in place": lambda scene, _: edited(scene.library / "apple" / "inner" / "data.txt"),
    "metadata edited in place": lambda scene, _: edited(scene.library / "apple-1.0.dist-info" / "METADATA"),
    "code put where there was none": lambda scene, _: put(scene.library / "apple" / "inner" / "new.so"),
    "a module of the same size and time": lambda scene, _: in_place_as_if_nothing_was(
        scene.library / "apple" / "part.py", b"y"
    ),
    "bytecode of the same size and time": lambda scene, tmp: in_place_as_if_nothing_was(
        scene.cache, b"".join((scene.cache.read_bytes()[:-1], b"Z"))
    ),
}


@pytest.fixture
def scene(settings: Settings) -> Scene:
    return Scene(replace(settings, compile="now"))


def looks(scene: Scene) -> tuple[bool, bool, bool]:
    """Whether a kernel's start notices, a start from the command line, and verify. Each takes out of use what it
    finds."""
    kernel = scene.store.health(scene.environment.id) == "env-drift"
    shell = kernel or scene.store.health(scene.environment.id, thorough=True) == "env-drift"
    return kernel, shell, shell or any(one.damage for one in verify(scene.store))


def built_anew(scene: Scene) -> None:
    assert scene.store.find(scene.environment.id) is None
    again = scene.build()
    assert again.prefix != scene.environment.prefix and works(again) == ""
    assert Store(scene.settings).health(again.id, thorough=True) is None
    assert [one.damage for one in verify(scene.store)] == [()]


@pytest.mark.parametrize("way", AT_EACH_START)
def test_each_start_notices(scene: Scene, tmp_path: Path, way: str) -> None:
    AT_EACH_START[way](scene, tmp_path)
    assert looks(scene) == (True, True, True)
    built_anew(scene)


def test_a_kernel_of_that_environment_notices_too(scene: Scene) -> None:
    """One that `kernelspec add` named: there is no notebook to build it from."""
    launch = of_environment("k", scene.environment.id, scene.settings)
    assert launch.environment["prefix"] == str(scene.environment.prefix)
    launch.lease.close()
    replaced(scene.library / "apple" / "part.py")
    launch = of_environment("k", scene.environment.id, scene.settings)
    assert launch.standin and "changed after it was made" in launch.status.sentence


@pytest.mark.parametrize("way", AT_STARTS_FROM_THE_COMMAND_LINE)
def test_a_start_from_the_command_line_notices(scene: Scene, tmp_path: Path, way: str) -> None:
    AT_STARTS_FROM_THE_COMMAND_LINE[way](scene, tmp_path)
    assert looks(scene) == (False, True, True)
    built_anew(scene)


@pytest.mark.parametrize("way", BY_VERIFY_ALONE)
def test_verify_notices_what_looks_as_it_was(scene: Scene, tmp_path: Path, way: str) -> None:
    BY_VERIFY_ALONE[way](scene, tmp_path)
    assert looks(scene) == (False, False, True)
    built_anew(scene)


@pytest.mark.parametrize("way", [way for way in {**AT_EACH_START, **AT_STARTS_FROM_THE_COMMAND_LINE, **BY_VERIFY_ALONE}
                                 if not way.startswith("the list")])  # fmt: skip
def test_verify_alone_notices_all_of_it(scene: Scene, tmp_path: Path, way: str) -> None:
    ({**AT_EACH_START, **AT_STARTS_FROM_THE_COMMAND_LINE, **BY_VERIFY_ALONE})[way](scene, tmp_path)
    assert any(one.damage for one in verify(scene.store))
    built_anew(scene)


@pytest.mark.parametrize("finished", [False, True])
@pytest.mark.parametrize("level", ["", ".opt-1", ".opt-2"])
def test_bytecode_that_python_makes_is_compared_with_its_source(
    settings: Settings, tmp_path: Path, finished: bool, level: str
) -> None:
    """Where it may write it: before a wheel is finished, with JUPYTER_ENVS_COMPILE=never, or as root."""
    scene = Scene(replace(settings, compile="never"))
    if finished:
        finishing.finish(replace(settings, compile="never"))
    flag = {"": [], ".opt-1": ["-O"], ".opt-2": ["-OO"]}[level]
    ran = subprocess.run([scene.environment.python, *flag, "-c", "import apple.part, apple_alone"], env={}, check=True)
    assert ran.returncode == 0
    made = list((scene.library / "apple" / "__pycache__").glob(f"part.*{level}.pyc"))
    if not made:
        pytest.skip("this user may not write there")
    assert scene.store.health(scene.environment.id, thorough=True) is None
    assert [one.damage for one in verify(scene.store)] == [()]
    replaced(made[0], bytecode(EVIL, tmp_path))
    ((damage,),) = (one.damage for one in verify(scene.store))
    assert "part" in damage and "does not match its source" in damage
    built_anew(scene)


def test_bytecode_that_ends_who_reads_it_is_changed_bytecode(scene: Scene) -> None:
    replaced(
        scene.cache.with_name(scene.cache.name.replace(".pyc", ".opt-1.pyc")),
        scene.cache.read_bytes()[:16] + b"\xff" * 40,
    )
    assert any(one.damage for one in verify(scene.store))


def test_what_a_package_writes_beside_its_code_is_borne_and_looked_at_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As numba's cached machine code, and fonts that matplotlib found: by root, others may not write there."""
    for path in (scene.library / "apple" / "found.cache", scene.library / "apple" / "__pycache__" / "part.py-3.nbi"):
        put(path, "data")
    assert scene.store.health(scene.environment.id) is None

    def again(*_: object) -> None:
        pytest.fail("it was looked at once more")

    from jupyter_envs.store import verify as looking

    monkeypatch.setattr(looking, "wheel_damage", again)
    assert scene.store.health(scene.environment.id, thorough=True) is None
    assert scene.build() == scene.environment


def test_what_was_finished_by_an_earlier_version_is_looked_at_too(scene: Scene, tmp_path: Path) -> None:
    """It wrote nothing down about bytecode: that is made anew and compared."""
    (scene.wheel.folder / "compiled").write_bytes(b"")
    assert [one.damage for one in verify(scene.store)] == [()]
    replaced(scene.cache, bytecode(EVIL, tmp_path))
    assert any("does not match its source" in line for one in verify(scene.store) for line in one.damage)
