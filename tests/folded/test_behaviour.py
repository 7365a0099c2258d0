"""What Python and its tools do with an installed package does not depend on how its files are reached."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from jupyter_envs.engines.uv.tool import Engine
from jupyter_envs.machine.indexes import Indexes

from ..wheels import closure_of, repack, wheel
from .bench import Bench
from .sides import Side

DEEP = {
    "deep/__init__.py": "def square(x):\n    return x * x\n\nclass Thing:\n    'A thing.'\n    def fail(self):\n        raise RuntimeError('deep')\n",
    "deep/__main__.py": "import sys\nprint('main', __file__, sys.argv[1:])\n",
    "deep/inner/__init__.py": "from .. import square\n",
    "deep/inner/data/words.txt": "hello\n",
    "deep/inner/data/__init__.py": "",
    "space/one/__init__.py": "",
    "space/one/text.txt": "one\n",
}  # fmt: skip
PACKAGES = [
    wheel("deep", files=DEEP, requires=["space-two"], entry_points={"console_scripts": ["deep = deep:square"]},
          data={"data/share/jupyter/kernels/deep/kernel.json": '{"argv": [], "display_name": "Deep", "language": "x"}',
                "data/share/jupyter/labextensions/deep/package.json": "{}", "headers/deep.h": "int deep;"}),
    wheel("space-two", files={"space/two/__init__.py": "", "space/two/text.txt": "two\n"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> tuple[Side, Side]:
    """The same packages in an environment of ours and in a plain one."""
    folder = tmp_path_factory.mktemp("behaviour")
    jupyter = [repack(name, folder) for name in closure_of("jupyter_core")]
    return Bench(folder, compile="now").both(*PACKAGES, *jupyter)


def same(sides: tuple[Side, Side], code: str, *flags: str) -> str:
    """What both print, with their prefix written PREFIX."""
    told = [side.printed(code, *flags).replace(str(side.prefix), "PREFIX") for side in sides]
    assert told[0] == told[1]
    return told[0]


@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
def test_functions_of_a_package_run_in_other_processes(method: str, sides: tuple[Side, Side]) -> None:
    code = f"""if __name__ == "__main__":
    import multiprocessing, deep
    with multiprocessing.get_context({method!r}).Pool(2) as pool:
        print(pool.map(deep.square, range(4)))
"""
    assert same(sides, code) == "[0, 1, 4, 9]"


def test_sources_and_tracebacks_name_the_environment(sides: tuple[Side, Side]) -> None:
    code = """import inspect, traceback, deep
print(inspect.getsource(deep.Thing), inspect.getfile(deep.square), deep.__file__, deep.__spec__.origin, deep.__cached__)
print(deep.square.__code__.co_filename, deep.Thing.fail.__code__.co_filename)
try:
    deep.Thing().fail()
except RuntimeError:
    print(traceback.format_exc())"""
    told = same(sides, code)
    assert "def fail(self)" in told and 'deep/__init__.py", line 7, in fail' in told
    assert "/w/" not in told and ".w/" not in told


def test_metadata(sides: tuple[Side, Side]) -> None:
    folded, other = (side.probe("metadata") for side in sides)
    assert folded == other and len(folded["deep"]["files"]) > len(DEEP)
    assert all(there for about in folded.values() for _, there in about["files"])
    same(sides, "from importlib.metadata import packages_distributions as p; print(sorted(p().items()))")
    same(sides, "from importlib.metadata import files; print([(str(f.locate()), f.size) for f in files('space-two')])")


def test_resources_and_namespaces(sides: tuple[Side, Side]) -> None:
    code = """import importlib.resources as r, pkgutil, space, space.one, space.two
print((r.files('deep.inner') / 'data' / 'words.txt').read_text(), (r.files('space') / 'two' / 'text.txt').read_text())
with r.as_file(r.files('deep.inner.data') / 'words.txt') as path:
    print(path)
print(pkgutil.get_data('deep', 'inner/data/words.txt'), list(space.__path__))
print([(m.name, m.ispkg) for m in pkgutil.walk_packages(space.__path__, 'space.')])
print(sorted(m.name for m in pkgutil.iter_modules() if "dash_m" not in str(m.module_finder)))"""
    assert "space.one" in same(sides, code)


@pytest.mark.parametrize("flags", [["-I"], ["-E"], ["-s"], ["-P"], ["-O"], ["-X", "importtime"], ["-B"]])
def test_ways_to_start(flags: list[str], sides: tuple[Side, Side]) -> None:
    if flags == ["-P"] and sys.version_info < (3, 11):
        pytest.skip("new in 3.11")
    same(
        sides, "import sys, deep; print(sys.prefix, deep.__file__, [p for p in sys.path if 'dash_m' not in p])", *flags
    )


@pytest.mark.parametrize("mode", ["hardlink", "copy"])
def test_the_same_without_links(mode: str, tmp_path: Path) -> None:
    sides = Bench(tmp_path, mode).both(*PACKAGES)
    test_functions_of_a_package_run_in_other_processes("fork", sides)
    test_sources_and_tracebacks_name_the_environment(sides)
    test_metadata(sides)
    test_resources_and_namespaces(sides)


def test_python_path_comes_first_as_ever(sides: tuple[Side, Side], tmp_path: Path) -> None:
    (tmp_path / "deep.py").write_text("name = 'mine'\n")
    for side in sides:
        done = side.run("-c", "import deep; print(deep.name)", env={**os.environ, "PYTHONPATH": str(tmp_path)})
        assert done.stdout == "mine\n"


def test_modules_run_by_name(sides: tuple[Side, Side]) -> None:
    for side in sides:
        done = side.run("-I", "-m", "deep", "x")
        assert done.stdout == f"main {side.site}/deep/__main__.py ['x']\n"


def test_uv_on_the_environment(sides: tuple[Side, Side], bench: Bench) -> None:
    with Engine(bench.settings, Indexes(())) as engine:
        for words in (["list"], ["check"], ["freeze"], ["tree"], ["show", "--files", "deep"]):
            told = [engine.run(["pip", *words, "--python", side.python], offline=True).stdout for side in sides]
            folded, other = (text.replace(str(side.prefix), "PREFIX") for text, side in zip(told, sides, strict=True))
            assert folded == other and (folded or words == ["check"])


def test_data_files_are_found_by_jupyter(sides: tuple[Side, Side]) -> None:
    code = """import sysconfig, os
from jupyter_core.paths import jupyter_path, ENV_JUPYTER_PATH
found = [p for p in jupyter_path("kernels", "deep", "kernel.json") if os.path.exists(p)]
print(found, ENV_JUPYTER_PATH, os.listdir(os.path.join(ENV_JUPYTER_PATH[0], "labextensions")))
print(open(os.path.join(sysconfig.get_path("data"), "include", "site", f"python{sysconfig.get_python_version()}", "deep", "deep.h")).read())"""
    assert "PREFIX/share/jupyter/kernels/deep/kernel.json" in same(sides, code)


def test_a_breakpoint_by_file_name(sides: tuple[Side, Side]) -> None:
    code = """import bdb, deep
class Stops(bdb.Bdb):
    def user_line(self, frame):
        if self.break_here(frame):
            print(frame.f_code.co_filename, frame.f_lineno, frame.f_locals)
        self.set_continue()
stops = Stops()
assert stops.set_break(deep.__file__, 2) is None
stops.runcall(deep.square, 7)"""
    assert same(sides, code) == f"PREFIX/{sides[0].site.relative_to(sides[0].prefix)}/deep/__init__.py 2 {{'x': 7}}"


def test_zip_files_on_the_path(sides: tuple[Side, Side], tmp_path: Path) -> None:
    code = f"""import sys, zipfile
with zipfile.ZipFile({str(tmp_path / "z.zip")!r}, "w") as z:
    z.writestr("zipped.py", "import deep; answer = deep.square(5)")
sys.path.insert(0, {str(tmp_path / "z.zip")!r})
import zipped
print(zipped.answer, type(zipped.__loader__).__name__)"""
    assert same(sides, code) == "25 zipimporter"
