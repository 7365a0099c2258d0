"""What the failure of a run says about packages."""

from __future__ import annotations

import pytest

from jupyter_envs.cli.trying import harmless
from jupyter_envs.dialects.found import Found
from jupyter_envs.infer.learning import is_curable, lesson, with_lesson
from jupyter_envs.infer.names import Names
from jupyter_envs.model.requirement import requirement_of
from tests.infer.bare import bare


@pytest.mark.parametrize(
    ("ename", "evalue", "asked", "learned"),
    [
        ("ModuleNotFoundError", "No module named 'skimage'", "numpy", "scikit-image"),
        ("ModuleNotFoundError", "No module named 'mymodule'", "numpy", None),
        ("ModuleNotFoundError", "No module named 'numpy.nothing'", "numpy", None),
        ("AttributeError", "module 'numpy' has no attribute 'float'.", "numpy", "numpy<1.24"),
        ("AttributeError", "module 'numpy' has no attribute 'float'.", "numpy>=1.20", "numpy<1.24,>=1.20"),
        ("AttributeError", "module 'numpy' has no attribute 'float'.", "pandas", "numpy<1.24"),
        ("AttributeError", "module 'numpy' has no attribute 'float'.", "numpy<1.24", None),
        ("AttributeError", "'DataFrame' object has no attribute 'append'", "pandas", "pandas<2"),
        ("AttributeError", "'DataFrame' object has no attribute 'salary'", "pandas", None),
        ("ValueError", "No module named 'skimage'", "numpy", None),
    ],
)
def test_a_lesson(ename: str, evalue: str, asked: str, learned: str | None) -> None:
    found = Found("notebook", "x", requirements=(requirement_of(asked),))
    item = lesson({"ename": ename, "evalue": evalue}, found, Names())
    assert (item.text if item else None) == learned
    if item:
        again = with_lesson(found, item)
        assert item in again.requirements and lesson({"ename": ename, "evalue": evalue}, again, Names()) is None


def test_missing_data_is_not_mended_by_other_versions() -> None:
    assert not is_curable({"ename": "FileNotFoundError"}) and is_curable({"ename": "AttributeError"})


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("!pip install six", "pass"),
        ("    %pip install six\n    x", "    pass\n    x"),
        ("out = !sudo apt-get install gdal \\\n  more\nx", "pass\nx"),
        ("!python -m pip install six\n!ls", "pass\n!ls"),
        ("%%bash\napt install gdal", "pass"),
        ("%%bash\nls", "%%bash\nls"),
        ("!pipeline x", "!pipeline x"),
    ],
)
def test_a_trial_installs_nothing(line: str, left: str) -> None:
    assert harmless(bare(line))["cells"][0]["source"] == left
