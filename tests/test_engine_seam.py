"""The seam between engines and the rest: an engine that knows no RECORD, and whose packages bring Python, goes through
build, start, verification, finishing and cleaning as uv does."""

from __future__ import annotations

import ast
import marshal
import math
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib.util import MAGIC_NUMBER
from pathlib import Path

import pytest
from msgspec import structs

from jupyter_envs import engines
from jupyter_envs.consent import gate
from jupyter_envs.engines.choice import OurEngines
from jupyter_envs.engines.installed import Installed, InstalledFile
from jupyter_envs.engines.protocols import NoInstaller, ResolveRequest
from jupyter_envs.engines.uv.engine import UvEngine
from jupyter_envs.environments.cleaning import clean
from jupyter_envs.environments.maker import Maker
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.errors import ConsentNeeded, InstallError
from jupyter_envs.machine import kernelspecs
from jupyter_envs.machine.interpreters import Interpreter
from jupyter_envs.model.closure import Closure
from jupyter_envs.model.progress import SILENT
from jupyter_envs.model.spec import Spec
from jupyter_envs.settings import Settings
from jupyter_envs.store import Environment, finishing
from jupyter_envs.store.gc import collect
from jupyter_envs.store.verification import verify

from .fakes import HERE
from .kernel.client import Kernel
from .other_engine import META, OtherEngine, Parcel, kernel_parcels, parcel, python_parcel
from .pythons import ours

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the layout of other systems")
LIBRARY = f"lib/python{ours().minor}"
DEMO = parcel("demo", {"demo/__init__.py": "from .part import x\n", "demo/part.py": "x = 5\n"})
BYTECODE = MAGIC_NUMBER + bytes([1, *bytes(11)]) + marshal.dumps(compile("x = 'evil'", "os.py", "exec"))
"""That Python runs without a look at the source."""
TOOL = Parcel("tool", {
    f"{LIBRARY}/site-packages/tool.py": b"y = 6\n",
    "bin/tool": b"#!@PREFIX@/python\nimport tool, sys\nprint(tool.y, sys.prefix)\n",
    "share/tool/note.txt": b"a note\n",
})  # fmt: skip

TOOL_OF_DEMO = replace(TOOL, name="demo")


@pytest.fixture(scope="module")
def python() -> Parcel:
    return python_parcel()


@dataclass
class World:
    engine: OtherEngine
    environments: Environments

    @property
    def store(self):  # type: ignore[no-untyped-def]
        return self.environments.here.store

    def closure(self, *names: str) -> Closure:
        request = ResolveRequest(Spec(dependencies=names), HERE)
        return self.engine.closure(Maker(self.environments.here).resolve(request, SILENT))

    def build(self, *names: str, startup: tuple[str, ...] = ()) -> Environment:
        here, closure = self.environments.here, self.closure(*names)
        digest = here.consent_digest(closure)
        approved = gate.approve(closure, digest, here.consents, gate.Answer(accept=digest, startup=startup))
        return Maker(here).build(approved, Spec(dependencies=names), SILENT)

    def refused(self, content: dict[str, bytes], name: str = "demo") -> InstallError:
        self.engine.channel[name] = replace(self.engine.channel[name], content=content)
        with pytest.raises(InstallError) as caught:
            self.build(name)
        assert self.store.list() == [] and not [*(self.store.own.root / "s").iterdir()]
        return caught.value

    def folder(self, name: str) -> Path:
        """Of its wheel."""
        (found,) = (wheel.folder for wheel in self.store.own.wheels.all() if wheel.name == name)
        return found


@pytest.fixture
def world(settings: Settings, tmp_path: Path, python: Parcel) -> World:
    engine = OtherEngine(tmp_path / "pkgs", {each.name: each for each in (python, DEMO, TOOL)})
    return World(engine, Environments(settings, engines=engine))


def said(environment: Environment, code: str) -> str:
    words = [environment.python, "-c", code]
    return subprocess.run(words, env={}, cwd="/", capture_output=True, text=True, check=True).stdout.strip()


# -- choosing ----------------------------------------------------------------------------------------------------


def test_one_place_chooses_the_engine(settings: Settings, world: World) -> None:
    assert isinstance(OurEngines(settings).engine_for(Spec(dependencies=("demo",))), UvEngine)
    world.build("demo")
    assert {spec.dependencies for spec in world.engine.asked} == {("demo",)}
    assert not (settings.cache / "uv").exists(), "uv was not asked"


# -- building ----------------------------------------------------------------------------------------------------


def test_an_environment_has_its_own_python_inside(world: World) -> None:
    environment = world.build("demo", "tool")
    where = said(environment, "import sys; print(sys.prefix, sys.base_prefix, sys._base_executable)").split()
    assert where == [str(environment.prefix), str(environment.prefix), str(environment.python)]
    assert said(environment, "import demo, os; print(demo.x, os.__file__)") == f"5 {environment.prefix}/{LIBRARY}/os.py"
    assert not (environment.prefix / "pyvenv.cfg").exists()
    command = subprocess.run([environment.bin / "tool"], env={}, capture_output=True, text=True, check=True)
    assert command.stdout.split() == ["6", str(environment.prefix)]
    assert (environment.prefix / "share" / "tool" / "note.txt").read_text() == "a note\n"
    assert environment.packages == {"demo": "1.0", "python": ours().version, "tool": "1.0"}
    assert world.store.find(environment.id) == environment and world.store.health(environment.id, thorough=True) is None


def test_what_is_here_is_not_brought_again(world: World) -> None:
    world.build("demo")
    assert sorted(world.engine.brought) == ["demo", "python"]
    second = world.build("demo", "tool")
    assert sorted(world.engine.brought) == ["demo", "python", "tool"]
    assert said(second, "import demo, tool; print(demo.x + tool.y)") == "11"
    alone = world.closure("tool")
    approved = gate.approve(alone, alone.consent_digest({}), world.environments.here.consents, gate.Answer(setup=True))
    third = world.store.ensure(approved, NoInstaller())
    assert said(third, "import tool; print(tool.y)") == "6", "in milliseconds, without an engine"


def test_code_that_runs_at_start_is_asked_about_whoever_brings_it(world: World) -> None:
    world.engine.channel["loud"] = parcel("loud", {"loud.pth": "import os\n"})
    with pytest.raises(ConsentNeeded) as caught:
        world.build("loud")
    assert "loud.pth" in str(caught.value.data)
    assert world.build("loud", startup=("loud",)).packages.keys() == {"loud", "python"}


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (f"{LIBRARY}/sitecustomize.py", "wheel-escape"),
        (f"{LIBRARY}/os.py", "wheel-escape"),
        (f"{LIBRARY.upper().lower()}/encodings/utf_8.py", "wheel-escape"),
        (f"{LIBRARY.replace('.', '')}.zip", "wheel-escape"),
        ("bin/python3", "wheel-shadow"),
        (f"bin/python{ours().minor}", "wheel-shadow"),
        ("bin/pip", "wheel-shadow"),
        ("BIN/pip", "wheel-shadow"),
        ("scripts/python", "wheel-shadow"),
        ("pyvenv.cfg", "wheel-escape"),
        (f"bin/python{ours().minor}._pth", "wheel-escape"),
        (".w/0/l/x.py", "wheel-escape"),
        ("lib64/x.py", "wheel-escape"),
        ("share/" + "deep/" * 101 + "x", "wheel-too-deep"),
    ],
)
def test_nobody_but_its_package_touches_python_or_what_is_the_environments(world: World, path: str, code: str) -> None:
    assert world.refused({path: b"print('mine')\n"}).code == code


# -- what an engine says is not believed ---------------------------------------------------------------------------


class Liar(OtherEngine):
    """`lie` changes what it says of `demo` in a prefix."""

    lie: Callable[[Installed, Path], Installed]

    def distributions(self, prefix: Path, interpreter: Interpreter) -> tuple[Installed, ...]:
        found = super().distributions(prefix, interpreter)
        return tuple(self.lie(each, prefix) if each.name == "demo" else each for each in found)


def names_outside(each: Installed, prefix: Path) -> Installed:
    (prefix.parents[1] / "outside.txt").write_text("another's")
    return replace(each, files=(*each.files, InstalledFile("share/../../../outside.txt")))


def names_absolute(each: Installed, prefix: Path) -> Installed:
    return replace(each, files=(*each.files, InstalledFile("/etc/hostname")))


def through_a_link(each: Installed, prefix: Path) -> Installed:
    (prefix / "share").symlink_to("/etc")
    return replace(each, files=(*each.files, InstalledFile("share/hostname")))


def a_link(each: Installed, prefix: Path) -> Installed:
    (prefix / "linked").symlink_to("/etc/hostname")
    return replace(each, files=(*each.files, InstalledFile("linked")))


def missing(each: Installed, prefix: Path) -> Installed:
    return replace(each, files=(*each.files, InstalledFile("share/none.txt")))


def another_size(each: Installed, prefix: Path) -> Installed:
    return replace(each, files=tuple(replace(file, size=7) for file in each.files))


def another_name(each: Installed, prefix: Path) -> Installed:
    return replace(each, name="other")


def odd_info(each: Installed, prefix: Path) -> Installed:
    return replace(each, info="../../../other")


LIES = {names_outside: "wheel-escape", names_absolute: "wheel-escape", through_a_link: "wheel-escape",
        a_link: "wheel-escape", missing: "incomplete", another_size: "incomplete", another_name: "incomplete",
        odd_info: "wheel-escape"}  # fmt: skip


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
def test_what_an_engine_says_wrongly_is_refused(
    settings: Settings, tmp_path: Path, python: Parcel, lie: Callable[[Installed, Path], Installed]
) -> None:
    engine = Liar(tmp_path / "pkgs", {"python": python, "demo": DEMO})
    engine.lie = lie
    world = World(engine, Environments(settings, engines=engine))
    assert world.refused(dict(DEMO.content)).code == LIES[lie]
    assert Path("/etc/hostname").exists()
    assert (lie is names_outside) == (world.store.own.root / "outside.txt").exists()


def test_a_package_that_it_names_twice_is_refused(settings: Settings, tmp_path: Path, python: Parcel) -> None:
    class Twice(OtherEngine):
        def distributions(self, prefix: Path, interpreter: Interpreter) -> tuple[Installed, ...]:
            return super().distributions(prefix, interpreter) * 2

    engine = Twice(tmp_path / "pkgs", {"python": python, "demo": DEMO})
    world = World(engine, Environments(settings, engines=engine))
    assert world.refused(dict(DEMO.content)).code == "incomplete"


def test_a_file_that_it_names_twice_is_brought_once(settings: Settings, tmp_path: Path, python: Parcel) -> None:
    engine = Liar(tmp_path / "pkgs", {"python": python, "demo": TOOL_OF_DEMO})
    engine.lie = lambda each, prefix: replace(each, files=each.files * 2)
    world = World(engine, Environments(settings, engines=engine))
    environment = world.build("demo")
    assert (environment.prefix / "share" / "tool" / "note.txt").read_text() == "a note\n"
    assert [each.damage for each in verify(world.store)] == [()]


def test_what_it_does_not_say_is_left_behind(settings: Settings, tmp_path: Path, python: Parcel) -> None:
    engine = Liar(tmp_path / "pkgs", {"python": python, "demo": DEMO})
    engine.lie = lambda each, prefix: replace(each, files=tuple(f for f in each.files if "part.py" not in f.path))
    world = World(engine, Environments(settings, engines=engine))
    world.build("demo")
    assert [path.name for path in (world.folder("demo") / "l" / "demo").iterdir() if path.is_file()] == ["__init__.py"]


def test_a_closure_whose_package_has_no_python_is_refused(world: World) -> None:
    assert "does not contain bin/python" in world.refused({"share/x": b""}, "python").sentence


# -- looking after it ------------------------------------------------------------------------------------------------


def damaged(file: Path, content: bytes) -> None:
    file.parent.chmod(0o755)
    file.chmod(0o644)
    file.write_bytes(content)


@pytest.mark.parametrize(
    ("wheel", "path"),
    [("demo", "l/demo/part.py"), ("python", f"p/{LIBRARY}/json/decoder.py"), ("tool", "p/share/tool/note.txt")],
)
def test_a_file_that_was_changed_is_found_and_brought_anew(world: World, wheel: str, path: str) -> None:
    """The engine's cache had the same file."""
    environment = world.build("demo", "tool")
    assert [each.damage for each in verify(world.store)] == [()]
    damaged(world.folder(wheel) / path, b"x = 'evil'\n")
    (found,) = verify(world.store)
    assert found.withdrawn and Path(path).name in found.damage[0]
    assert world.store.find(environment.id) is None
    again = world.build("demo", "tool")
    assert world.engine.brought.count(wheel) == 2
    assert [each.damage for each in verify(world.store)] == [()] and said(
        again, "import json, demo; print(demo.x)"
    ) == "5"


@pytest.mark.parametrize(
    "path",
    [
        f"{LIBRARY}/sitecustomize.py",
        f"{LIBRARY}/__pycache__/os.cpython-{ours().minor.replace('.', '')}.pyc",
        "bin/evil.so",
    ],
)
def test_code_that_was_put_beside_python_is_found(world: World, path: str) -> None:
    world.build("demo")
    file = world.folder("python") / "p" / path
    file.parent.chmod(0o755)
    file.unlink(missing_ok=True)
    file.write_bytes(BYTECODE if file.suffix == ".pyc" else b"evil")
    (found,) = verify(world.store)
    assert found.withdrawn and any(file.name in line for line in found.damage)


@pytest.mark.parametrize("brought", [False, True], ids=["none was brought", "older was brought"])
def test_bytecode_that_python_writes_beside_data_is_no_damage(world: World, brought: bool) -> None:
    path = f"share/carrier/__pycache__/mod.cpython-{ours().minor.replace('.', '')}.pyc"
    older = {path: MAGIC_NUMBER + bytes(12) + marshal.dumps(compile("x = 7\n", "mod.py", "exec"))}
    content = {"share/carrier/mod.py": b"x = 7\n"} | (older if brought else {})
    world.engine.channel["carrier"] = Parcel("carrier", content)
    environment = world.build("carrier")
    code = "import sys; sys.path.insert(0, sys.prefix + '/share/carrier'); import mod; print(mod.x)"
    assert said(environment, code) == "7"
    file = world.folder("carrier") / "p" / path
    assert file.read_bytes() != older[path], "Python has written it"
    assert [each.damage for each in verify(world.store)] == [()]
    file.write_bytes(BYTECODE)
    (found,) = verify(world.store)
    assert found.withdrawn and "does not match its source" in found.damage[0]


def test_a_list_of_files_that_is_gone_is_damage(world: World) -> None:
    world.build("demo")
    (world.folder("demo") / "files.json").unlink()
    (found,) = verify(world.store)
    assert found.withdrawn and "no list of its files" in found.damage[0]


def test_its_python_that_was_changed_ends_an_environment(world: World) -> None:
    environment = world.build("demo")
    python = environment.python.resolve()
    assert python == environment.prefix / "bin" / f"python{ours().minor}"
    os.utime(python)
    assert world.store.health(environment.id) == "env-stale-python" and world.store.find(environment.id) is None


def test_what_is_left_to_do_is_done_with_the_python_that_came_with_it(world: World, settings: Settings) -> None:
    world.build("demo")
    assert world.engine.cache.unpacked(DEMO).exists() and world.folder("demo").exists()
    finishing.finish(structs.replace(settings, compile="now"), world.engine)
    (made,) = (world.folder("demo") / "l" / "demo" / "__pycache__").glob("part.*.pyc")
    assert made.stat().st_size and not [*world.engine.folder.iterdir()], "the cache has forgotten what the store has"
    assert [each.damage for each in verify(world.store)] == [()]


def test_what_nobody_needs_goes_and_what_runs_stays(world: World) -> None:
    first, second = world.build("demo"), world.build("tool")
    held = world.store.hold(second.id)
    assert held
    with held[1]:
        gone = collect(world.store, {}, older_than=0)
    assert gone.environments == (first.id,) and not gone.kept
    assert {wheel.name for wheel in world.store.own.wheels.all()} == {"python", "tool"}
    assert said(second, "import tool; print(tool.y)") == "6"
    clean(world.environments.here, 0)
    assert world.store.list() == [] and [*world.store.own.wheels.all()] == []
    assert [*world.engine.folder.iterdir()] == [], "what the engine kept goes, too"


def test_nothing_goes_that_is_young(world: World) -> None:
    environment = world.build("demo")
    assert collect(world.store, {}, older_than=math.inf).wheels == ()
    assert said(environment, "import demo; print(demo.x)") == "5"


# -- a kernel --------------------------------------------------------------------------------------------------------


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[Environment], Kernel]]:
    kernels: list[Kernel] = []

    def started(environment: Environment) -> Kernel:
        argv = [*kernelspecs.general()["argv"], "--environment", environment.id]
        kernels.append(Kernel(argv, tmp_path, {**os.environ}))
        return kernels[-1]

    yield started
    for kernel in kernels:
        kernel.stop()


def test_a_kernel_starts_in_it(world: World, start: Callable[[Environment], Kernel]) -> None:
    world.engine.channel |= {each.name: each for each in kernel_parcels()}
    environment = world.build("demo", "ipykernel", startup=tuple(world.engine.channel))
    kernel = start(environment)
    told = kernel.run("import sys, demo, ssl; print(sys.prefix, sys.base_prefix, demo.x)").stdout.split()
    assert told == [str(environment.prefix), str(environment.prefix), "5"]
    assert f"{len(environment.packages)} packages" in kernel.run("%env-status").text
    assert world.store.health(environment.id, thorough=True) is None, "a start changes nothing in it"
    assert [each.damage for each in verify(world.store)] == [()]
    assert META in {path.name for path in environment.prefix.iterdir()}


def test_no_engine_is_steered_by_what_is_set_on_it() -> None:
    """What a call shall do, its arguments say; whoever has an engine sets nothing in it."""
    root = Path(engines.__file__).parent
    for path in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            for target in targets:
                if isinstance(node, (ast.Assign, ast.AugAssign)) and isinstance(target, ast.Attribute):
                    assert ast.unparse(target.value) == "self", f"{path.relative_to(root)}: {ast.unparse(target)}"
