"""Old habits in a cell become our magics; strings, bodies of cell magics and shell lines stay what they are."""

from __future__ import annotations

import sys

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from jupyter_envs.kernel import transformers
from jupyter_envs.kernel.shell_lines import taken_over


@pytest.fixture
def cell() -> TransformerManager:
    manager = TransformerManager()
    transformers.register(type("Shell", (), {"input_transformer_manager": manager}))
    return manager


def magic(name: str, words: str) -> str:
    return f"get_ipython().run_line_magic({name!r}, {words!r})\n"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("!pip install six", magic("pip", "install six")),
        ("! pip3 install six", magic("pip", "install six")),
        ("!pip -q install six", magic("pip", "-q install six")),
        ("!python -m pip install six", magic("pip", "install six")),
        ("!{sys.executable} -m pip install six", magic("pip", "install six")),
        ('!"{sys.executable}" -m pip install six', magic("pip", "install six")),
        ("!uv pip install six", magic("uv", "pip install six")),
        ("!pip check", magic("pip", "check")),
        ("!uv pip check", magic("uv", "pip check")),
        ("!conda install -y six", magic("conda", "install -y six")),
        ('!pip install "numpy>=2"', magic("pip", 'install "numpy>=2"')),
        ("!pip install numpy>=2", magic("pip", "install numpy>=2")),
        ("!pip install {name}", magic("pip", "install {name}")),
        ("if 1:\n    !pip install six", "if 1:\n    " + magic("pip", "install six")),
        ("# first\n!pip install six\nimport six", "# first\n" + magic("pip", "install six") + "import six\n"),
    ],
)
def test_it_becomes_the_magic(cell: TransformerManager, line: str, expected: str) -> None:
    assert cell.transform_cell(line) == expected


def test_a_line_that_goes_on_is_one_line(cell: TransformerManager) -> None:
    assert cell.transform_cell("!pip install \\\n    six\nx = 1\n") == magic("pip", "install      six") + "x = 1\n"


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("!pip install numpy>=2 | tail -1", "pip install 'numpy>=2' | tail -1"),
        ("!pip install -q numpy>=2,<3 six > log.txt", "pip install -q 'numpy>=2,<3' six > log.txt"),
        ("!pip install numpy >= 2 && echo done", "pip install 'numpy>=2' && echo done"),
        ("!pip install six[a]<2; echo done", "pip install 'six[a]<2'; echo done"),
        ("!pip install {name}>={version} | cat", "pip install '{name}>={version}' | cat"),
        ("!pip install numpy>=$version | cat", 'pip install "numpy>=$version" | cat'),
        ("!uv pip install numpy<2 > /dev/null 2>&1", "uv pip install 'numpy<2' > /dev/null 2>&1"),
    ],
)
def test_a_limit_keeps_its_meaning_in_a_line_for_the_shell(cell: TransformerManager, line: str, command: str) -> None:
    assert cell.transform_cell(line) == f"get_ipython().system({command!r})\n"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("!pip install {name}>=2", magic("pip", "install {name}>=2")),
        ("!pip install numpy>={version} six<$limit", magic("pip", "install numpy>={version} six<$limit")),
        ("!pip install numpy==1.*", magic("pip", "install numpy==1.*")),
        ("!sudo -H pip3 install six", magic("pip", "install six")),
        ("!conda list", magic("conda", "list")),
        (f"!pip{sys.version_info[0]}.{sys.version_info[1]} install six", magic("pip", "install six")),
    ],
)
def test_it_is_still_the_magic(cell: TransformerManager, line: str, expected: str) -> None:
    assert cell.transform_cell(line) == expected


@pytest.mark.parametrize(
    "text",
    [
        "!python9.9 -m pip install six\n",
        "!pip9.9 install six\n",
        "!pip install six > 1.txt\n",
        "!pip install six>log.txt\n",
        "!pip install wheels/*.whl\n",
        "!pip install $(cat packages.txt)\n",
        "!conda env list\n",
        "!cd x && pip install six\n",
        'x = """\n!pip install six\n"""\n',
        "%%writefile notes.md\n!pip install six\n",
        "%%bash\n!pip install six\n",
        "!pip install six > log.txt\n",
        "!pip list | head\n",
        "!pip install six && echo done\n",
        "!pip install six 2>/dev/null\n",
        "!pipenv install six\n",
        "!/usr/bin/python3 -m pip install six\n",
        "!uv run x.py\n",
        "!echo pip install six\n",
        "x = !pip freeze\n",
    ],
)
def test_it_is_left_alone(cell: TransformerManager, text: str) -> None:
    plain = TransformerManager()
    assert cell.transform_cell(text) == plain.transform_cell(text)


def test_help_for_a_magic_with_a_hyphen(cell: TransformerManager) -> None:
    assert cell.transform_cell("%env-install?") == "get_ipython().run_line_magic('pinfo', '%env-install')\n"
    assert cell.transform_cell("env-install??") == "get_ipython().run_line_magic('pinfo2', '%env-install')\n"


def test_without_percent_it_sets_no_variable(cell: TransformerManager) -> None:
    assert cell.transform_cell("env-install six\n") == magic("env-install", "six")


@pytest.mark.parametrize("text", ["env-install\n", "env-install = 3\n", "a\nenv-install six\n", "env-install(1)\n"])
def test_a_subtraction_stays_one(cell: TransformerManager, text: str) -> None:
    assert cell.transform_cell(text) == text


def test_pip_version_is_ours() -> None:
    assert taken_over("!pip --version") == "pip --version"
