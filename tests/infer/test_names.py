"""Which package brings a module: by evidence, and silence without any."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest

from jupyter_envs.infer.names import Names
from jupyter_envs.kernel.module_names import GENERIC, TABLE, Table

TRUTH = [
    line.split() for line in (Path(__file__).parent / "truth.txt").read_text().splitlines() if line and line[0] != "#"
]


def test_names_are_right_in_98_of_100_cases_and_nobodys_names_are_never_proposed() -> None:
    names = Names()
    found = {module: named.package if (named := names.find(module)) else "-" for module, *_ in TRUTH}
    wrong = {module: found[module] for module, *right in TRUTH if found[module] not in (*right, "-")}
    proposed = [package for package in found.values() if package != "-"]
    silent = [module for module, *right in TRUTH if found[module] == "-" and right != ["-"]]
    assert len(proposed) - len(wrong) >= 0.98 * len(proposed), wrong
    assert not [module for module, *right in TRUTH if right == ["-"] and found[module] != "-"]
    assert len(silent) <= 0.02 * len(TRUTH), silent


def test_the_table_is_sorted_and_small_and_has_no_everyday_names() -> None:
    data = Path(TABLE).read_bytes()
    lines = data.decode("ascii").split("\n")
    assert lines == sorted(set(lines)) and len(lines) > 10_000
    assert len(zlib.compress(data, 9)) <= 100_000
    assert not GENERIC & {line.partition("\t")[0] for line in lines}
    assert "BSD 3-Clause License" in Path(TABLE).with_name("modules.LICENSE").read_text()


def test_without_its_table_nothing_is_known_and_nothing_breaks(tmp_path: Path) -> None:
    assert Table.load(str(tmp_path / "none.txt")).package("numpy") is None
    assert Names(table=Table([])).find("numpy") is None


def test_what_is_on_this_machine_counts_for_more_than_the_table() -> None:
    here = {"ourlib": ["our-library"], "cv2": ["opencv-python-headless"], "skimage": ["scikit-image", "stranger"]}
    names = Names(installed=lambda module: here.get(module.partition(".")[0], ()))
    assert [(named.package, named.why) for module in here if (named := names.find(module))] == [
        ("our-library", "brings ourlib, on this machine"),
        ("opencv-python-headless", "brings cv2, on this machine"),
        ("scikit-image", "brings skimage, on this machine"),
    ]


def test_several_on_this_machine_are_no_evidence_unless_one_was_named() -> None:
    both = {"ourlib": ["one", "other"]}
    assert Names(installed=lambda module: both.get(module, ())).find("ourlib") is None
    named = Names(installed=lambda module: both.get(module, ()), listed={"other": "a.txt"}).find("ourlib")
    assert named and named.package == "other"


def test_a_name_that_a_file_beside_it_lists_is_evidence() -> None:
    named = Names(listed={"trackpy": "requirements.txt"}).find("trackpy.locate")
    assert named and (named.package, named.why) == ("trackpy", "named in requirements.txt")
    stub = Names(listed={"sklearn": "requirements.txt"}).find("sklearn")
    assert stub and stub.package == "scikit-learn"


@pytest.mark.parametrize("module", ["", ".", "..", "a" * 10_000, "ñandú", "numpy\t", "#", "\n"])
def test_odd_names_are_nobodys(module: str) -> None:
    assert Names().find(module) is None
