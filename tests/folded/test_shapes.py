"""Whatever wheels look like, and however they share folders: the same files as in a plain environment."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from jupyter_envs.errors import InstallError
from jupyter_envs.store.verification import verify

from ..wheels import Dist, wheel
from .bench import Bench
from .sameness import different
from .sides import PROBE, imports

EXTENDED = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"


def parts(namespace: str, *names: str, init: str | None = None) -> list[Dist]:
    """A wheel for each name, with a module of that name in one namespace."""
    made = []
    for name in names:
        files = {f"{namespace}/{name}/__init__.py": f"name = {name!r}\n", f"{namespace}/{name}/data.txt": name}
        if init is not None:
            files[f"{namespace}/__init__.py"] = init
        made.append(wheel(f"{namespace.split('/')[0]}-{name}", files=files))
    return made


SETS = {
    "one module": [wheel("one")],
    "a namespace of one": parts("alone", "a"),
    "a namespace without __init__": parts("near", "a", "b", "c"),
    "a namespace in a namespace": [*parts("far/away", "a", "b"), *parts("far", "c")],
    "pkgutil's namespace": parts("old", "a", "b", init=EXTENDED),
    "a package that another wheel adds to": [
        wheel("whole", files={"whole/__init__.py": "x = 1\n", "whole/deep/__init__.py": "", "whole/deep/a.py": ""}),
        wheel("whole-more", files={"whole/deep/b.py": "y = 2\n", "whole/extra.py": ""}),
    ],
    "a folder with the name of another's module": [
        wheel("thing", files={"thing.py": "kind = 'module'\n"}),
        wheel("thing-folder", files={"thing/__init__.py": "kind = 'package'\n"}),
    ],
    "names that differ in case": [
        wheel("small", files={"same/__init__.py": "size = 'small'\n"}),
        wheel("tall", files={"Same/__init__.py": "size = 'tall'\n"}),
    ],
    "what else a wheel may bring": [
        wheel("everything", files={"everything.py": "def main():\n    print('here')\n", "with space/ü.txt": "x", "bin/x.py": "", "p/l.py": ""},
              entry_points={"console_scripts": ["every = everything:main", "some = everything:main [more]"],
                            "gui_scripts": ["window = everything:main"], "other.group": ["a = everything:main"]},
              data={"data/share/jupyter/kernels/x/kernel.json": "{}", "data/etc/x.conf": "", "headers/x.h": "int x;",
                    "scripts/here": "#!python\nimport sys; print(sys.prefix)\n", "scripts/shell": "#!/bin/sh\necho $0\n",
                    "purelib/pure.py": "", "platlib/plat.py": ""}),
        wheel("more", data={"data/share/jupyter/kernels/y/kernel.json": "{}", "data/share/man/man1/more.1": "", "headers/y.h": ""}),
    ],
    "path files": [
        wheel("paths", files={"paths.pth": "added\n", "added/found.py": "", "run.pth": "import sys; sys.flagged = True\n"}),
    ],
    "licenses and bytecode in the wheel": [
        wheel("licensed", files={"licensed/__init__.py": "", "licensed/__pycache__/old.cpython-35.pyc": "x",
                                 "licensed-1.0.dist-info/licenses/sub/LICENSE": "free"}),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", SETS)
def test_the_same_files_and_imports_as_in_a_plain_environment(name: str, bench: Bench) -> None:
    folded, other = bench.both(*SETS[name])
    assert different(folded, other) == []
    found = folded.probe("metadata")
    assert found == other.probe("metadata") and found
    modules = other.probe("modules")
    assert imports(folded, modules) == imports(other, modules)
    assert bench.notes == []


@pytest.mark.parametrize("name", ["what else a wheel may bring", "a package that another wheel adds to"])
def test_also_without_links(name: str, each_mode: Bench) -> None:
    folded, other = each_mode.both(*SETS[name])
    assert different(folded, other) == []
    linked = [path for path in folded.site.rglob("*") if path.is_symlink() and path.name != "__pycache__"]
    assert bool([path for path in linked if path.suffix != ".pyc"]) == (each_mode.mode == "links")


def test_commands_run_in_the_environment(each_mode: Bench) -> None:
    folded = each_mode.folded(*SETS["what else a wheel may bring"])
    for name in ("every", "some", "window"):
        assert folded.command(name).stdout == "here\n"
    assert folded.command("here").stdout.strip() == str(folded.prefix)
    assert folded.command("shell").stdout.strip() == str(folded.prefix / "bin" / "shell")


def test_an_entry_point_wins_over_a_script_of_its_name(each_mode: Bench) -> None:
    """As with pip and uv, which leave the script's row in the list of files."""
    dist = wheel("twice", files={"twice.py": "def main():\n    print('entry point')\n"}, entry_points={"console_scripts": ["twice = twice:main"]},
                 data={"scripts/twice": "#!python\nprint('script')\n", "scripts/other": "#!python\nprint('other')\n"})  # fmt: skip
    folded, other = each_mode.both(dist)
    for side in (folded, other):
        assert side.command("twice").stdout == "entry point\n"
        assert side.command("other").stdout == "other\n"
    assert [found.damage for found in verify(each_mode.store)] == [()]


def test_a_program_of_a_wheel_runs(bench: Bench) -> None:
    program = Path(shutil.which("cat") or "/bin/cat").read_bytes()
    folded = bench.folded(wheel("program", data={"scripts/copycat": program}))
    assert folded.command("copycat", PROBE).stdout == PROBE.read_text()


def test_code_of_path_files_runs_at_the_start(bench: Bench) -> None:
    folded = bench.folded(*SETS["path files"])
    assert folded.printed("import sys, found; print(sys.flagged)") == "True"


# -- files that two wheels bring ----------------------------------------------------------------------------------


def rivals(shared: str = "both/__init__.py") -> tuple[Dist, Dist]:
    def rival(name: str) -> Dist:
        return wheel(name, files={shared: f"winner = {name!r}\n", f"both/{name}.py": "", "both/same.txt": "same"})

    return rival("first"), rival("second")


@pytest.mark.parametrize(
    ("mode", "shared"),
    [
        ("links", "both/__init__.py"),
        ("links", "both/deep/er.py"),
        ("hardlink", "both.py"),
        ("copy", "both/__init__.py"),
    ],
)
def test_the_later_name_wins_and_a_note_says_so(mode: str, shared: str, tmp_path: Path) -> None:
    bench = Bench(tmp_path, mode)
    first, second = rivals(shared)
    folded = bench.folded(second, first)
    module = shared.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    assert folded.printed(f"import {module}; print({module}.winner)") == "second"
    (note,) = bench.notes
    assert "first" in note and "second" in note and shared in note
    assert (folded.site / "both" / "first.py").exists() and (folded.site / "both" / "second.py").exists()


@pytest.mark.parametrize(("mode", "finished"), [("links", 0), ("links", 1), ("hardlink", 0), ("copy", 0)])
def test_never_the_loser_s_bytecode(mode: str, finished: int, tmp_path: Path) -> None:
    """Which is never compared with its source. One of the two was compiled before."""
    bench, both = Bench(tmp_path, mode), rivals()
    bench.folded(both[finished])
    bench.finish()
    folded = bench.folded(*both)
    assert folded.printed("import both; print(both.winner)") == "second"
    bench.finish()
    assert folded.printed("import both; print(both.winner)") == "second"
    assert bench.folded(both[0]).printed("import both; print(both.winner)") == "first"


def test_a_third_in_the_same_folder_gets_nothing_of_theirs(bench: Bench) -> None:
    third = wheel("third", files={"both/third/__init__.py": ""})
    folded = bench.folded(*rivals(), third)
    assert folded.printed("import both, both.first, both.second, both.third; print(both.winner)") == "second"
    held = {path.name for path in (bench.wheel_folder("third") / "l" / "both").iterdir()}
    assert held == {"third"}
    assert [found.damage for found in verify(bench.store)] == [()]


# -- what is refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "package", "command"),
    [
        ("entry point", "evil", "python"),
        ("script", "evil", "Python3.11"),
        ("data", "evil", "uvx"),
        ("entry point", "p", "pip3"),
        ("data", "py", "python"),
    ],
)
def test_a_command_that_stands_in_for_a_tool_is_refused(how: str, package: str, command: str, bench: Bench) -> None:
    if how == "entry point":
        dist = wheel(package, entry_points={"console_scripts": [f"{command} = {package}:main"]})
    else:
        dist = wheel(package, data={f"scripts/{command}" if how == "script" else f"data/bin/{command}": "#!python\n"})
    with pytest.raises(InstallError, check=lambda error: error.code == "wheel-shadow"):
        bench.folded(dist)
    assert bench.store.list() == [] and not list(bench.store.own.wheels.all())


def test_a_wheel_writes_nothing_outside(bench: Bench) -> None:
    files = {"evil.py": "", "../../../../../evil.py": "", "/tmp/../evil.py": ""}
    folded = bench.folded(wheel("evil", files=files, data={"scripts/../../evil": "", "data/../../../evil": ""}))
    found = [path for path in bench.folder.rglob("*evil*") if path.suffix == ".py" and bench.cache not in path.parents]
    assert {path.resolve() for path in found} == {(folded.site / "evil.py").resolve()}
    assert not (bench.folder.parent / "evil.py").exists()


def test_links_in_a_wheel_are_no_links_here(bench: Bench) -> None:
    dist = wheel(
        "linking", files={"linking/__init__.py": "", "linking/passwords": "/etc/passwd"}, links=["linking/passwords"]
    )
    try:
        folded = bench.folded(dist)
    except InstallError as error:
        assert error.code == "wheel-escape"
    else:
        found = (folded.site / "linking").resolve() / "passwords"
        assert not found.is_symlink() and found.read_text() == "/etc/passwd"


def test_pip_may_bring_pip(bench: Bench) -> None:
    dist = wheel(
        "pip",
        files={"pip.py": "def main():\n    print('pip')\n"},
        entry_points={"console_scripts": ["pip3 = pip:main"]},
    )
    assert bench.folded(dist).command("pip3").stdout == "pip\n"
