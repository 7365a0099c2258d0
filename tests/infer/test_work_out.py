"""From a notebook to a proposal with its evidence."""

from __future__ import annotations

import subprocess
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_envs.infer import work_out
from jupyter_envs.infer.ladder import ladder
from tests.infer.bare import bare

TODAY = date(2026, 11, 30)


def texts(content: dict[str, Any], file: Path | None = None) -> list[str]:
    return [entry.requirement.text for entry in work_out(content, file, today=TODAY).entries]


def day_of(content: dict[str, Any]) -> date | None:
    dated = work_out(content, None, today=TODAY).date
    return dated.day if dated else None


@pytest.mark.parametrize(
    ("cell", "packages"),
    [
        ("import pandas as pd\npd.read_excel('a.xlsx')", ["pandas", "openpyxl"]),
        ("import pandas as pd\npd.read_excel('a.xls')\nimport xlrd", ["pandas", "xlrd"]),
        ("import pandas\ndf.style.bar()", ["pandas", "jinja2"]),
        ("import matplotlib.pyplot as plt\nimport pandas\nplt.style.use('x')", ["matplotlib", "pandas"]),
        ("import pandas\ndf.to_parquet('x')", ["pandas", "pyarrow"]),
        ("import pandas\ndf.plot()", ["pandas", "matplotlib"]),
        ("import plotly.express as px\nfig.write_image('a.png')", ["plotly", "nbformat", "kaleido", "pandas"]),
        ("from bs4 import BeautifulSoup\nBeautifulSoup(x, 'lxml')", ["beautifulsoup4", "lxml"]),
        ("from tqdm.notebook import tqdm", ["tqdm", "ipywidgets"]),
        ("import dask.dataframe as dd", ["dask", "dask[dataframe]"]),
        ("import keras", ["keras", "tensorflow"]),
        ("import keras, torch", ["keras", "torch"]),
    ],
)
def test_what_no_import_shows(cell: str, packages: list[str]) -> None:
    assert texts(bare(cell)) == packages


def test_lines_of_pip_are_asked_for_with_their_versions() -> None:
    content = bare("!pip install -q seaborn==0.11.2 'scikit-learn<1' six", "import sklearn, seaborn, numpy")
    entries = work_out(content, None).entries
    wanted = {"seaborn==0.11.2", "scikit-learn<1", "six", "numpy"}
    assert {entry.requirement.text for entry in entries} == wanted
    why = {entry.requirement.name: entry.why for entry in entries}
    assert why["six"] == "a line in a cell installs it" and why["scikit-learn"].endswith("and a line installs it")


def test_optional_ones_are_offered_and_not_taken() -> None:
    found = work_out(bare("import six\ntry:\n    import xgboost\nexcept ImportError:\n    pass"), None).found()
    assert [item.name for item in found.requirements] == ["six"]
    assert [item.name for item in found.groups["optional"]] == ["xgboost"]


def test_versions_that_outputs_show_are_kept_where_they_fit() -> None:
    content = bare(
        "import numpy as np, pandas\nnp.__version__",
        "%watermark",
        "!pip install scipy",
        "import matplotlib",
        outputs=("'1.16.4'\n", "matplotlib 3.1.0\nPython 3.7.3\n", "Successfully installed scipy-1.3.0 other-2.0\n"),
    )
    pins = {pin.name: pin.version for pin in work_out(content, None).pins}
    assert pins == {"numpy": "1.16.4", "matplotlib": "3.1.0", "scipy": "1.3.0"}


def test_what_nobody_has_is_said() -> None:
    proposal = work_out(bare("import google.colab, week3_solutions, graphviz, urllib2, IPython, os"), None)
    assert {each.module: each.why for each in proposal.unknown} == {
        "google.colab": "exists in Google Colab alone",
        "week3_solutions": "nobody knows which package brings it",
    }
    assert any("graphviz also needs the program dot" in note for note in proposal.notes)
    assert any("urllib2: only Python 2" in note for note in proposal.notes)


def test_the_day_is_that_of_the_last_run_or_of_its_python() -> None:
    content = bare("import six", language_info={"name": "python", "version": "3.7.3"})
    day = day_of(content)
    assert day and day.year == 2019
    content["cells"][0]["metadata"] = {"execution": {"iopub.execute_input": "2021-03-04T05:06:07.8Z"}}
    assert day_of(content) == date(2021, 3, 4)
    content["cells"][0]["metadata"] = {"executionInfo": {"timestamp": 1600000000000, "status": "ok"}}
    assert day_of(content) == date(2020, 9, 13)
    content["cells"][0]["metadata"] = {"execution": {"iopub.execute_input": "2091-03-04"}}
    assert day_of(content) == day, "nobody ran it in the future"


def test_the_ladder_begins_with_its_time_and_ends_with_its_python() -> None:
    content = bare("!pip install numpy==1.16.4", language_info={"version": "3.8.5"})
    steps = list(ladder(work_out(content, None, day=date(2020, 9, 1)), ("3.13", "3.11"), "3.8", TODAY))
    assert [(step.name, step.found.exclude_newer, step.found.requires_python) for step in steps] == [
        ("era", "2022-12-15", "==3.11.*"),
        ("next-release", "2023-04-14", "==3.11.*"),
        ("newest", None, None),
        ("relaxed", None, None),
        ("python", "2020-11-15", "==3.8.*"),
    ]
    assert "the first day with packages for Python 3.11; the notebook is from 2020-09-01" in steps[0].why
    assert [item.text for item in steps[3].found.requirements] == ["numpy"]


def test_a_notebook_of_today_gets_what_is_newest() -> None:
    proposal = work_out(bare("import six"), None, day=date(2026, 11, 1))
    assert [step.name for step in ladder(proposal, ("3.11",), "3.8", TODAY)] == ["newest"]


def test_no_process_starts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(subprocess.Popen, "__init__", refuse)
    (tmp_path / "requirements.txt").write_text("six\n")
    assert texts(bare("!pip install six\n%time import numpy\nx = !ls"), tmp_path / "a.ipynb") == ["numpy", "six"]


def test_long_words_and_outputs_take_no_time() -> None:
    start = time.process_time()
    work_out(bare("x = '" + "a" * 900_000 + "'", "b" * 90_000, outputs=("six 1.2.3\n" * 200_000, "c" * 900_000)), None)
    assert time.process_time() - start < 5


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
ABOUT = st.fixed_dictionaries({}, optional={"execution": ANYTHING, "executionInfo": ANYTHING})
OUTPUT = st.fixed_dictionaries({}, optional={"text": ANYTHING, "data": ANYTHING})
CELL = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.just("code") | ANYTHING,
        "source": st.sampled_from(["import numpy", "!pip install six", "numpy.__version__"]) | ANYTHING,
        "metadata": ABOUT | ANYTHING,
        "outputs": st.lists(OUTPUT, max_size=2) | ANYTHING,
    },
)
METADATA = st.fixed_dictionaries({}, optional={"language_info": ANYTHING, "papermill": ANYTHING})
NOTEBOOK = st.fixed_dictionaries(
    {}, optional={"cells": st.lists(CELL | ANYTHING, max_size=3) | ANYTHING, "metadata": METADATA | ANYTHING}
)


@settings(max_examples=150, deadline=None)
@given(NOTEBOOK)
def test_whatever_is_in_it_a_proposal_comes_out(content: dict[str, Any]) -> None:
    proposal = work_out(content, None, today=TODAY)
    proposal.to_dict()
    list(ladder(proposal, ("3.11",), "3.8", TODAY))
