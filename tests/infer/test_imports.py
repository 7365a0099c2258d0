"""What code imports, by its syntax."""

from __future__ import annotations

import time

import pytest

from jupyter_envs.infer.imports import of_cells


def imported(*cells: str) -> list[str]:
    seen = of_cells((f"cell {n}", text) for n, text in enumerate(cells, 1))
    return [each.module + ("?" if each.optional else "") for each in seen.imports]


@pytest.mark.parametrize(
    ("text", "modules"),
    [
        ("import numpy as np, pandas", ["numpy", "pandas"]),
        ("from google.cloud import storage, bigquery as b", ["google.cloud.storage", "google.cloud.bigquery"]),
        ("from scipy.stats import *", ["scipy.stats"]),
        ("from . import near\nfrom .near import x\nfrom __future__ import division", []),
        ("def f():\n    import torch", ["torch"]),
        ("try:\n    import cupy\nexcept ImportError:\n    cupy = None", ["cupy?"]),
        (
            "try:\n    import cupy\nexcept (ImportError, OSError):\n    pass\nelse:\n    import cupyx",
            ["cupy?", "cupyx"],
        ),
        ("try:\n    import tables\nexcept ValueError:\n    pass", ["tables"]),
        ("try:\n    import sh\nexcept ImportError:\n    raise SystemExit('!')", ["sh"]),
        ("try:\n    import folium\nexcept:\n    !pip install folium\n    import folium", ["folium", "folium"]),
        ("try:\n    import simplejson as json\nexcept ImportError:\n    import json", ["simplejson?", "json?"]),
        ("try:\n    import lightgbm\nexcept ImportError:\n    import xgboost", ["lightgbm", "xgboost?"]),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import polars", ["typing.TYPE_CHECKING"]),
        ("import typing as t\nif t.TYPE_CHECKING:\n    import polars\nelse:\n    import dask", ["typing", "dask"]),
        ("import importlib\nm = importlib.import_module('sympy.core')", ["importlib", "sympy.core"]),
        ("m = __import__('sympy')\nn = __import__(name)", ["sympy"]),
        ("%matplotlib inline", ["matplotlib"]),
        ("%matplotlib widget\n1", ["matplotlib", "ipympl"]),
        ("%pylab inline", ["matplotlib", "numpy"]),
        ("%load_ext sql", ["sql"]),
        ("%%time\nimport dask", ["dask"]),
        ("%timeit import dask", ["dask"]),
        ("%%cython\ncdef int x = 1", ["Cython"]),
        ("%%R\nlibrary(x)", ["rpy2"]),
        ("%%html\n<script>import x from 'y'</script>", []),
        ("%%bash\nimport -window root x.png", []),
        ("!ls\nx = !pwd\nimport six\nsix?", ["six"]),
        ("%%writefile mine.py\nimport bokeh", ["bokeh"]),
        ("import numpy\nprint 'x'\nfrom scipy import stats", ["numpy", "scipy.stats"]),
        ("text = '''\nimport notthis\n'''", []),
        ("# import notthis\n'import notthis'", []),
        ("import ñandú", []),
    ],
)
def test_a_cell(text: str, modules: list[str]) -> None:
    assert imported(text) == modules


def test_cells_that_are_no_python_are_told_and_the_others_count() -> None:
    seen = of_cells([("cell 1", "print 'x'"), ("cell 2", "import six"), ("cell 3", "for (;;) {}")])
    assert seen.unread == ["cell 1", "cell 3"] and [each.module for each in seen.imports] == ["six"]


HOSTILE = [
    "(" * 100_000, "-" * 200_000 + "1", "a." * 100_000 + "b", "\0", "\ud800", "import " * 50_000, "%time " * 20_000,
    "!" * 100_000, "%x\n" * 100_000, "import a" + ",a" * 200_000, "x = '" + "\\" * 100_001,
    "if 1:\n" + "".join(" " * n + "if 1:\n" for n in range(1, 99)), "from " + "a" * 1_000_000 + " import",
    "import " + "a " * 200_000, "from a import " + "b, " * 100_000 + "!", "\n" * 500_000 + "%x",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_cells_take_no_time(text: str) -> None:
    start = time.process_time()
    of_cells([("cell 1", text)])
    assert time.process_time() - start < 2
