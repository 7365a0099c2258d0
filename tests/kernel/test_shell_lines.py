"""Lines that people write with pip in them: they go through the shell as anywhere else, and what they install is
recorded and can be imported. One kernel runs them all.

Its Python is not one of an environment: `python -m pip` in a child is tested with real ones (test_real_lines.py)."""

from __future__ import annotations

import platform
import sys
import sysconfig
from collections.abc import Iterator

import pytest

from .client import Kernel
from .conftest import FakeNotebook

DONE = "+ tiny 1.0"
LINES = [
    ("!pip install tiny", DONE),
    ("!pip install tiny  # a comment; > with | signs", DONE),
    ("!pip install \\\n    tiny", DONE),
    ("!pip install tiny; echo after", "after"),
    ("!pip install tiny && echo worked || echo failed", "worked"),
    ("!pip install tiny | cat", DONE),
    ("!pip install tiny 2>&1 | tail -1", DONE),
    ("!pip install -q tiny 2>&1 | tail -1", ""),
    ("!pip install tiny > log.txt\n!cat log.txt", DONE),
    ("!pip install tiny >/dev/null 2>&1", None),
    ("!pip install tiny > /dev/null", None),
    ("!pip install tiny | tee log.txt", DONE),
    ("!(pip install tiny)", DONE),
    ("!cd .. && pip install tiny", DONE),
    ("!true; pip install tiny", DONE),
    ("!yes | pip install tiny", DONE),
    ("!PIP_NO_INPUT=1 pip install tiny", DONE),
    ("!export A=1; pip install tiny", DONE),
    ("!pip3 install tiny", DONE),
    ("!uv pip install tiny | cat", DONE),
    ("!python -m pip install tiny", DONE),
    ("import sys\n!{sys.executable} -m pip install tiny", DONE),
    ("name = 'tiny'\n!pip install {name}", DONE),
    ("name = 'tiny'\n!pip install {name} | cat", DONE),
    ("name = 'tiny'\n!pip install $name && echo $name", DONE),
    ("!pip install \"$WANTED\"", DONE),
    ("!pip install $WANTED", DONE),
    ("%pip install $WANTED", DONE),
    ("%pip install tiny | tail -1", DONE),
    ("%pip install tiny > /dev/null", None),
    ("%pip install tiny > log.txt\n!cat log.txt", DONE),
    ("%pip install tiny && echo worked", "worked"),
    ("%pip install tiny 2>&1 | tail -1", DONE),
    ("%uv pip install tiny | cat", DONE),
    ("%%capture\n!pip install tiny", None),
    ("%%capture said\n%pip install tiny", None),
    ("%%capture said\n!pip install tiny | cat", None),
    ("%%bash\npip install tiny", DONE),
    ("%%sh\npip install tiny 2>&1 | tail -1", DONE),
    ("%%bash\npip install \\\n  tiny", DONE),
    ("%%bash\nset -e\nfor p in tiny; do pip install $p; done", DONE),
    ("%%script bash\npip install tiny", DONE),
    ("%system pip install tiny", DONE),
    ("%sx pip install tiny", DONE),
    ("!!pip install tiny", DONE),
    ("out = !pip install tiny\nprint(out[-1])", DONE),
    ("out = %sx pip install tiny\nprint(out[-1])", DONE),
    ("get_ipython().system('pip install tiny')", DONE),
    ("print(get_ipython().getoutput('pip install tiny')[-1])", DONE),
    ("get_ipython().run_line_magic('pip', 'install tiny')", DONE),
    ("import os\nassert os.system('pip install tiny > log.txt') == 0\nprint(open('log.txt').read())", DONE),
    ("import subprocess\nprint(subprocess.check_output('pip install tiny', shell=True, text=True))", DONE),
    ("import subprocess\nprint(subprocess.getoutput('pip install tiny | tail -1'))", DONE),
    ("if True:\n    !pip install tiny\n", DONE),
    ("if True:\n    !pip install tiny | cat\n", DONE),
    ("try:\n    import tiny\nexcept ImportError:\n    !pip install tiny\n", DONE),
    ("try:\n    import tiny\nexcept ImportError:\n    %pip install tiny 2>&1 | tail -1\n", DONE),
    ("for name in ['tiny']:\n    !pip install {name}\n", DONE),
    ("def f():\n    !pip install tiny\nf()", DONE),
    ("!pip uninstall -y tiny\n!pip install tiny", DONE),
]  # fmt: skip
CHECK = "import importlib.util as _u; print(_u.find_spec('tiny') is not None)"


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FakeNotebook, Kernel]]:
    root = tmp_path_factory.mktemp("lines")
    notebook = FakeNotebook(root, sys.executable, sysconfig.get_paths()["purelib"], platform.python_version())
    with pytest.MonkeyPatch.context() as patched:
        for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "HOME"):
            (root / name).mkdir()
            patched.setenv(name, str(root / name))
        patched.setenv("WANTED", "tiny")
        kernel = notebook.start()
    yield notebook, kernel
    notebook.stop()


def declared(notebook: FakeNotebook) -> list[str]:
    return list((notebook.kept()["block"] or {}).get("dependencies") or [])


@pytest.mark.parametrize(("cell", "shown"), LINES, ids=[cell.replace("\n", " / ") for cell, _ in LINES])
def test_it_goes_through_the_shell_and_is_recorded(
    one: tuple[FakeNotebook, Kernel], cell: str, shown: str | None
) -> None:
    """`shown`: what the output of the cell contains; None if it was sent elsewhere."""
    notebook, kernel = one
    done = kernel.run(cell)
    assert done.reply["status"] == "ok", done
    if shown is None:
        assert DONE not in done.text
    else:
        assert shown in done.text + str(done.result), done
    assert declared(notebook) == ["tiny"], done
    assert kernel.run(CHECK).stdout == "True\n"
    kernel.run("%env-remove tiny")


@pytest.mark.parametrize(
    "line", ["!pip install wheels/*.whl", "%pip install wheels/*.whl", "!pip install wheels/*.whl | cat"]
)
def test_the_shell_looks_for_files(one: tuple[FakeNotebook, Kernel], line: str) -> None:
    notebook, kernel = one
    (notebook.folder / "wheels").mkdir(exist_ok=True)
    files = [notebook.folder / "wheels" / f"{name}-1-py3-none-any.whl" for name in ("a", "b")]
    for file in files:
        file.touch()
    kernel.run(line)
    assert notebook.calls[-1][1][-2:] == list(map(str, files))


@pytest.mark.parametrize(
    ("line", "requirement"),
    [
        ("!pip install moves>=1", "moves>=1"),
        ("!pip install moves >= 1", "moves>=1"),
        ("!pip install moves>=1,<2 | tail -1", "moves>=1,<2"),
        ("%pip install moves>=1 -q > /dev/null", "moves>=1"),
        ("!pip install 'moves>=1' && echo done", "moves>=1"),
    ],
)
def test_a_limit_without_quotes_is_a_limit_and_no_file(
    one: tuple[FakeNotebook, Kernel], line: str, requirement: str
) -> None:
    notebook, kernel = one
    kernel.run(line)
    assert requirement in notebook.calls[-1][1]
    assert not [file.name for file in notebook.folder.iterdir() if file.name.startswith("=")]


def test_the_exit_code_is_that_of_the_install(one: tuple[FakeNotebook, Kernel]) -> None:
    _, kernel = one
    for line, code in (
        ("!pip install tiny", "0"), ("!pip install nosuch", "1"), ("!pip install --nonsense tiny", "2"),
        ("!pip install nosuch > /dev/null", "1"), ("%pip install nosuch | cat", "0"), ("!pip list", "0"),
    ):  # fmt: skip
        kernel.run(line)
        assert kernel.run("print(_exit_code)").stdout == f"{code}\n", line
    assert "failed" in kernel.run("!pip install nosuch >/dev/null 2>&1 || echo failed").stdout
    kernel.run("%env-remove tiny")
