"""Old habits in a cell become our magics; strings, bodies of cell magics and shell lines stay what they are."""

from __future__ import annotations

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from jupyter_envs.kernel import transformers
from jupyter_envs.kernel.transformers import taken_over


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
    "text",
    [
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
