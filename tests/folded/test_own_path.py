"""Python code that goes from its own path to its neighbours finds them: where a link would lead it elsewhere, its
package is real."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_envs.store.wheel import own_path

from ..wheels import wheel
from .bench import Bench

NEIGHBOUR = wheel("other", files={"other/__init__.py": "", "other/data.txt": "found"},
                  data={"data/share/other/data.txt": "found"})  # fmt: skip
IMPORTS = "import os, inspect\nfrom os.path import abspath, dirname, join, pardir, realpath\nfrom pathlib import Path\n"
LEAVE = {
    "by parent": "PATH = Path(__file__).resolve().parent.parent / 'other' / 'data.txt'",
    "in two steps": "HERE = Path(__file__).resolve().parent\nPATH = HERE.parent / 'other/data.txt'",
    "by parents": "PATH = Path(__file__).resolve().parents[1].joinpath('other', 'data.txt')",
    "resolved as a folder": "PATH = Path(__file__).parent.resolve().parent / 'other' / 'data.txt'",
    "by realpath": "PATH = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))), 'other', 'data.txt')",
    "by dots": "PATH = os.path.join(os.path.dirname(__file__), '..', 'other', 'data.txt')",
    "by dots in one text": "PATH = dirname(__file__) + '/../other/data.txt'",
    "by pardir": "PATH = join(dirname(__file__), pardir, 'other', 'data.txt')",
    "by dots of pathlib": "PATH = Path(__file__).parent / '..' / 'other' / 'data.txt'",
    "in a function": "def path(name):\n    root = Path(__file__).resolve().parent.parent\n    return root / name / 'data.txt'\nPATH = path('other')",
    "by a search": "PATH = next(Path(__file__).resolve().parent.parent.glob('oth*/data.txt'))",
    "by a list": "ROOT = dirname(dirname(realpath(__file__)))\nPATH = join(ROOT, [n for n in os.listdir(ROOT) if n == 'other'][0], 'data.txt')",
    "beside site-packages": "PATH = Path(__file__).resolve().parents[4] / 'share' / 'other' / 'data.txt'",
    "beside site-packages, by dots": "PATH = join(dirname(__file__), '../../../../share/other/data.txt')",
    "by a function": "def root():\n    return Path(__file__).resolve().parent.parent\nPATH = root() / 'other' / 'data.txt'",
    "by inspect": "PATH = join(dirname(dirname(realpath(inspect.getfile(inspect.currentframe())))), 'other', 'data.txt')",
    "by its entry in sys.modules": "import sys\nPATH = join(dirname(dirname(realpath(sys.modules[__name__].__file__))), 'other/data.txt')",
    "by __path__": "PATH = join(__path__[0], '..', 'other', 'data.txt')",
    "by __spec__": "PATH = Path(__spec__.origin).resolve().parents[1] / 'other' / 'data.txt'",
    "in an f-string": "PATH = f'{dirname(__file__)}/../other/data.txt'",
    "by os.sep": "PATH = os.sep.join([dirname(__file__), '..', 'other', 'data.txt'])",
    "upwards": "folder = realpath(__file__)\nwhile not os.path.exists(folder + '/other/data.txt'):\n    folder = dirname(folder)\nPATH = folder + '/other/data.txt'",
}  # fmt: skip
STAY = {
    "its own folder": "PATH = Path(__file__).resolve().parent / 'data.txt'",
    "its own other folder": "PATH = Path(__file__).resolve().parent.parent / 'more_user' / 'data.txt'",
    "not resolved": "PATH = Path(__file__).parent.parent / 'other' / 'data.txt'",
    "resolved where nothing is a link": "PATH = Path(__file__).parent.parent.resolve() / 'other' / 'data.txt'",
    "dots that are removed from the text": "PATH = abspath(join(dirname(__file__), '..', 'other', 'data.txt'))",
    "down and up again": "PATH = join(dirname(__file__), 'sub', '..', 'data.txt')",
    "for sys.path": "import sys\nsys.path.append(str(Path(__file__).resolve().parent.parent))",
    "not valid": "PATH = Path(__file__).resolve().parents[",
}


def files_of(code: str, name: str = "user") -> dict[str, str]:
    files = {f"{name}/sub/x.txt": "", f"{name}/data.txt": "", f"more_{name}/data.txt": ""}
    return {**files, f"{name}/__init__.py": IMPORTS + code + "\n"}


def test_code_that_leaves_its_wheel_by_its_own_path_finds_its_neighbours(tmp_path: Path) -> None:
    names = {f"user{number}": how for number, how in enumerate(LEAVE)}
    folded = Bench(tmp_path).folded(
        NEIGHBOUR, *(wheel(name, files=files_of(LEAVE[how], name)) for name, how in names.items())
    )
    read = f"for name in {[*names]}:\n    print(open(__import__(name).PATH).read())"
    assert folded.printed(read).split() == ["found"] * len(names)
    assert [how for name, how in names.items() if (folded.site / name).is_symlink()] == []
    assert (folded.site / "other").is_symlink()


@pytest.mark.parametrize("how", STAY)
def test_all_other_code_stays_a_link(how: str, tmp_path: Path) -> None:
    for path, text in files_of(STAY[how]).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    assert own_path.leaves(tmp_path, ["user/__init__.py"]) is None


@pytest.mark.parametrize("path", ["user/tests/test_a.py", "user/test/__init__.py", "user/conftest.py"])
def test_so_does_what_has_only_tests_that_look_for_their_project(path: str, tmp_path: Path) -> None:
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text("from pathlib import Path\nROOT = Path(__file__).resolve().parents[5] / 'x'")
    assert own_path.leaves(tmp_path, [path]) is None


def test_what_the_wheels_that_every_kernel_needs_do_is_harmless() -> None:
    """Real folders make each environment slower to build."""
    from importlib.metadata import files

    for name in (
        "ipykernel",
        "ipython",
        "pyzmq",
        "traitlets",
        "tornado",
        "jedi",
        "parso",
        "psutil",
        "debugpy",
    ):
        listed = [file for file in files(name) or () if file.suffix == ".py" and not str(file).startswith("..")]
        site = Path(str(listed[0].locate())).parents[len(listed[0].parts) - 1]
        assert own_path.leaves(site, [str(file) for file in listed]) is None, name
