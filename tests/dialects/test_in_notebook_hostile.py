"""Notebooks that were written to do harm, or are damaged: what they say in the ways of other tools."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_envs.dialects.found import Found
from jupyter_envs.dialects.in_notebook import INSIDE, look
from jupyter_envs.errors import InputError

from .notebooks import SCRIPT, UV_LOCK, content


@pytest.mark.parametrize(
    ("value", "where"),
    [
        (content(SCRIPT, SCRIPT), "cell 2"),
        (content(SCRIPT + SCRIPT), "cell 1"),
        (content("# /// script\n# dependencies = 7\n# ///"), "cell 1: dependencies"),
        (content("# /// script\n# dependencies = ['-r x']\n# ///"), "cell 1: dependencies[0]"),
        (content("# /// script\n# [[\n# ///"), "cell 1 is not TOML"),
        (
            content(SCRIPT.replace("# ///\n", "# [tool.uv.sources]\n# demo = { path = '../x' }\n# ///\n")),
            "sources.demo",
        ),
        (content(SCRIPT, **{"uv.lock": "version = 9"}), 'metadata["uv.lock"]'),
        (content(SCRIPT, **{"uv.lock": 7}), 'metadata["uv.lock"]'),
        (content(runt={"uv": {"dependencies": "demo"}}), "metadata.runt.uv.dependencies"),
        (content(runt={"conda": {"dependencies": [7]}}), "metadata.runt.conda.dependencies"),
        (content(requirements="{"), "metadata.requirements"),
        (content(requirements='{"packages": {"demo": {"git": "https://x.example/d"}}}'), "packages.demo"),
        (content(marimo={"header": 7}), "metadata.marimo.header"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_and_says_where(value: dict[str, Any], where: str) -> None:
    ((_, error),) = look(value, None)
    assert isinstance(error, InputError) and where in error.sentence, error


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from([SCRIPT, UV_LOCK, "{}", "demo", "[[", "\0"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["uv", "conda", "runt", "dependencies", "packages", "default", "channels", "python", "header", "requires",
             "sources", "version", "hashes", "url", "environmentMetadata", "provenance", "timestamp", "index", "git"]
        ),
        inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip
KEYS = ["uv.lock", "runt", "uv", "conda", "requirements", "requirements_lock", "marimo", "colab", "kaggle", "accelerator",
        "application/vnd.databricks.v1+notebook"]  # fmt: skip
CELLS = st.lists(
    st.fixed_dictionaries(
        {"cell_type": st.sampled_from(["code", "raw", 7]), "source": JSON | st.just("!pip install x")}
    )
    | JSON,
    max_size=3,
)


@given(st.fixed_dictionaries({"cells": CELLS | JSON, "metadata": st.dictionaries(st.sampled_from(KEYS), JSON) | JSON}))
def test_whatever_is_in_a_notebook_there_is_an_answer(value: dict[str, Any]) -> None:
    for name, found in look(value, None):
        assert name in INSIDE and isinstance(found, Found | InputError)


@given(JSON, JSON)
def test_whatever_is_in_a_pipfile_there_is_an_answer(wanted: object, lock: object) -> None:
    for _, found in look(content(requirements=json.dumps(wanted), requirements_lock=json.dumps(lock)), None):
        assert isinstance(found, Found | InputError)


@pytest.mark.parametrize(
    "cell",
    ["!pip install " + "a" * 10**6, "!pip install x\n" * 20_000, "# /// script\n" * 50_000, "'''\"\"\"" * 100_000,
     "!pip install " + "x>=1," * 3000, "# /// script\n# a" + ".a" * 5000 + " = 1\n# ///", "%%bash\n" + "pip\\\n" * 50_000,
     "%%bash\n" + "cat <<X1\n" * 30_000, "print 1\n" + ("system (" * 120 + "\n") * 1000, "os.system(" + "(" * 40_000],
    ids=range(10),
)  # fmt: skip
def test_a_long_cell_takes_no_long_time(cell: str) -> None:
    started = time.process_time()
    list(look(content(cell), None))
    assert time.process_time() - started < 2
