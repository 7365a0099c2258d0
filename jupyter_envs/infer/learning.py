"""What the failure of a run says about packages: one that is missing, or a version that is too new."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from ..dialects.found import Found
from ..model.requirement import Requirement, requirement_of
from .names import Names

MISSING = re.compile(r"No module named '([\w.]{1,200})'")
REMOVED = tuple(
    (re.compile(pattern), limit)
    for pattern, limit in (
        (r"module 'numpy' has no attribute '(?:float|int|bool|object|str|complex|long|typeDict)'", "numpy<1.24"),
        (r"`np\.\w+` was removed in the NumPy 2", "numpy<2"),
        (r"numpy\.(?:dtype|ndarray) size changed|compiled using NumPy 1\.x|numpy\.core\.multiarray failed", "numpy<2"),
        (r"'(?:DataFrame|Series)' object has no attribute '(?:append|iteritems|mad)'", "pandas<2"),
        (r"'(?:DataFrame|Series)' object has no attribute '(?:ix|as_matrix|get_value)'", "pandas<1"),
        (r"sklearn\.externals\.(?:joblib|six)|cannot import name '(?:joblib|six)' from 'sklearn\.externals'",
         "scikit-learn<0.23"),
        (r"No module named 'sklearn\.(?:cross_validation|grid_search|learning_curve)'", "scikit-learn<0.20"),
        (r"load_boston", "scikit-learn<1.2"),
        (r"has no attribute 'get_feature_names'|cannot import name 'plot_(?:confusion_matrix|roc_curve)'",
         "scikit-learn<1.2"),
        (r"cannot import name '(?:triu|tril|kron)' from 'scipy\.linalg'", "scipy<1.13"),
        (r"module 'scipy\.integrate' has no attribute '(?:trapz|simps|cumtrapz)'", "scipy<1.14"),
        (r"module 'matplotlib\.cm' has no attribute '(?:get_cmap|register_cmap)'", "matplotlib<3.9"),
        (r"is not a valid package style.*seaborn|'seaborn[\w-]*' (?:is )?not (?:found|a valid)", "matplotlib<3.8"),
        (r"module 'networkx' has no attribute '(?:info|to_numpy_matrix|from_numpy_matrix)'", "networkx<3"),
        (r"'networkx' has no attribute '(?:from_pandas_dataframe|connected_component_sub\w+)'", "networkx<2.4"),
        (r"module 'tensorflow' has no attribute '(?:placeholder|Session|get_default_graph|app)'", "tensorflow<2"),
        (r"cannot import name '(?:imread|imresize|imsave)' from 'scipy\.misc'|'scipy\.misc' has no attribute 'im",
         "scipy<1.2"),
    )
)  # fmt: skip
"""What an error says once a version has taken something away, and the versions that have it."""
_NOT_PACKAGES = """
FileNotFoundError NotADirectoryError PermissionError NameError KeyError SyntaxError AssertionError MemoryError
ConnectionError URLError HTTPError gaierror StdinNotImplementedError
"""
NOT_PACKAGES = frozenset(_NOT_PACKAGES.split())
"""Errors that no other version mends: missing data, no network, a fault of the code."""


def lesson(data: Mapping[str, Any], found: Found, names: Names) -> Requirement | None:
    """What would have to be asked for, too; None where nothing is known, or where it is asked for already. `data`: of
    the error of a cell."""
    kind, text = str(data.get("ename", "")), str(data.get("evalue", ""))[:2000]
    there = {item.name: item for item in found.requirements}
    for pattern, limit in REMOVED:
        if pattern.search(text):
            item = requirement_of(limit)
            before = there.get(item.name)
            if before is None:
                return item
            both = before.specifier & item.specifier
            return None if both == before.specifier else msgspec.structs.replace(before, specifier=both)
    missing = MISSING.search(text) if kind in ("ModuleNotFoundError", "ImportError") else None
    named = names.find(missing[1]) if missing else None
    return Requirement(named.package) if named and named.package not in there else None


def with_lesson(found: Found, item: Requirement) -> Found:
    others = tuple(each for each in found.requirements if each.name != item.name)
    return replace(found, requirements=(*others, item))


def is_curable(data: Mapping[str, Any]) -> bool:
    """Whether other versions may mend it."""
    return data.get("ename") not in NOT_PACKAGES
