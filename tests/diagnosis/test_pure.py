"""A failure and facts make a diagnosis, without any network: what is in the index decides, whatever a tool said."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from packaging.specifiers import SpecifierSet

from jupyter_envs.environments.diagnosis import names
from jupyter_envs.environments.diagnosis.causes import diagnose
from jupyter_envs.environments.diagnosis.releases import contradictory, spans, wheel_pythons
from jupyter_envs.environments.diagnosis.values import Facts, Failure
from jupyter_envs.errors import ResolveError
from jupyter_envs.kernel.conda_names import RENAMED, SAME
from jupyter_envs.machine.indexes.facts import Known, releases_of
from jupyter_envs.model.requirement import requirement_of

from ..fakes import HERE
from .scene import PLATFORM

PYTHON = replace(HERE, version="3.11.7")


def known(name: str, *files: str, **more: str) -> Known:
    return Known(name, "pypi", releases_of({"filename": file, **more} for file in files))


def failed(*lines: str, code: str = "conflict", **data: object) -> Failure:
    items = tuple(map(requirement_of, lines))
    return Failure(ResolveError(code, "No.", data=data), PYTHON, items, items)


def wheels(name: str, version: str, *tags: str) -> list[str]:
    return [f"{name}-{version}-{tag}-{PLATFORM}.whl" for tag in tags]


OLD_NUMPY = wheels("numpy", "1.19.5", "cp36-cp36m", "cp37-cp37m", "cp38-cp38", "cp39-cp39")


def test_wheels_of_old_pythons_are_seen_too() -> None:
    release = known("numpy", *OLD_NUMPY, "numpy-1.19.5.zip").releases[0]
    assert wheel_pythons(release) == ("3.6", "3.7", "3.8", "3.9")
    assert spans(wheel_pythons(release)) == "3.6 to 3.9"


def test_a_python_that_no_notebook_can_have_is_not_offered() -> None:
    facts = Facts({"numpy": known("numpy", *OLD_NUMPY)}, pythons=("3.11", "3.6"))
    found = diagnose(failed("numpy"), facts)
    assert found and found.sentence == (
        "numpy 1.19.5 has wheels for Python 3.6 to 3.9, and this notebook uses Python 3.11."
    )
    assert [way.words for way in found.ways] == ["Use Python 3.9"], "to download, since 3.6 is too old for a notebook"


def test_a_python_that_is_here_comes_before_one_to_download() -> None:
    facts = Facts({"numpy": known("numpy", *OLD_NUMPY)}, pythons=("3.11", "3.8"))
    found = diagnose(failed("numpy"), facts)
    assert found and found.ways[0].words == "Use Python 3.8"


def test_a_stable_abi_counts_for_newer_pythons() -> None:
    facts = Facts({"crypt": known("crypt", *wheels("crypt", "1.0", "cp39-abi3"))})
    assert diagnose(failed("crypt"), facts) is None


@pytest.mark.parametrize("facts", [Facts(), Facts({"pandas": known("pandas", "pandas-1.0-py3-none-any.whl")})])
def test_without_a_fact_nothing_is_claimed(facts: Facts) -> None:
    assert diagnose(failed("pandas"), facts) is None


def test_a_name_is_meant_only_if_an_index_has_it() -> None:
    nowhere = Facts({"panads": None, "pandas": None}, indexes=("a", "b"))
    found = diagnose(failed("panads", code="no-such-package", package="panads"), nowhere)
    assert found and found.cause == "no-package" and not found.ways
    assert found.sentence == 'There is no package called "panads" in the indexes a, b.'


def test_no_list_of_names_contradicts_another() -> None:
    """What conda and the index both have is no program; what conda calls otherwise stands in one table."""
    habits, programs = names._pairs("other_managers.txt"), names._words("programs.txt")
    assert not programs & (SAME | RENAMED.keys() | habits.keys())
    assert not habits.keys() & (SAME | RENAMED.keys())
    assert names.of_other_manager("pytorch") == ("pytorch", "torch") and names.of_other_manager("mesa") is None
    assert names.of_other_manager("beautifulsoup") == ("beautifulsoup", "beautifulsoup4")


def test_hostile_names_and_versions_stay_what_they_are() -> None:
    facts = Facts({"x": known("x", "x-1.0-py3-none-any.whl", "x-9" * 50 + ".whl", "x-<img>-py3-none-any.whl")})
    found = diagnose(failed("x==2.0"), facts)
    assert found and found.sentence == "x has no version 2.0; the newest is 1.0."


@pytest.mark.parametrize(
    ("limits", "impossible"),
    [
        (">=2,<1", True), ("==1,==2", True), ("==1.*,>=2", True), (">1,<1.0.1", False), (">=1,<=1", False),
        (">1.0,<1.0.0.1", False), ("~=1.4,<1.4", True), ("!=1", False), ("==1.0,!=1.0", True), ("===x,>=1", False),
        ("", False), (">=1!2,<1", True), (">=0,<0", True), ("<1", False),
    ],
)  # fmt: skip
def test_limits_that_exclude_each_other(limits: str, impossible: bool) -> None:
    assert contradictory(SpecifierSet(limits)) is impossible
