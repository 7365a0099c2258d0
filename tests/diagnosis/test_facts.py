"""Whom the indexes are asked about, and for how long."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_envs.environments.diagnosis import explaining
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.errors import EnvsError
from jupyter_envs.machine.indexes import listing, load
from jupyter_envs.machine.indexes.facts import Known, read_facts, releases_of
from jupyter_envs.model.block import parse_block
from jupyter_envs.model.options import Options
from jupyter_envs.settings import Settings

from ..local_index import LocalIndex, wheelhouse
from ..typed import typed
from ..wheels import sdist, wheel
from .conftest import refusal

SECONDS = 20.0


@pytest.fixture
def private() -> Iterator[LocalIndex]:
    with LocalIndex([wheel("corp-lib", "1.0"), wheel("numpy", "0.1")]) as index:
        yield index


def configure(home: Path, public: LocalIndex, private: LocalIndex, *, explicit: bool) -> None:
    """The private index comes first, or is for assigned packages only."""
    file = Path.home() / ".config" / "uv" / "uv.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    only = "explicit = true\n" if explicit else ""
    file.write_text(f'[[index]]\nname = "corp"\nurl = "{private.url}"\n{only}'
                    f'[[index]]\nname = "public"\nurl = "{public.url}"\ndefault = true\n')  # fmt: skip


@pytest.fixture
def settled(asking: Environments, monkeypatch: pytest.MonkeyPatch) -> Environments:
    monkeypatch.delenv("UV_DEFAULT_INDEX")
    return asking


def test_the_private_index_is_asked_first_and_what_it_has_stays_there(
    settled: Environments, home: Path, shop: LocalIndex, private: LocalIndex
) -> None:
    configure(home, shop, private, explicit=False)
    error = refusal(settled, "corp-lib==2.0")
    assert error.sentence == "corp-lib has no version 2.0; the newest is 1.0."
    assert not shop.asked_for("corp-lib"), "a name of the private index is nobody else's business"
    assert "0.1" in refusal(settled, "numpy==2.2.0").sentence, "as for the resolver, the first index that has it counts"


def test_an_assigned_package_is_asked_of_its_index_alone(
    settled: Environments, home: Path, shop: LocalIndex, private: LocalIndex
) -> None:
    configure(home, shop, private, explicit=True)
    error = refusal(settled, "corp-lib==2.0", options=Options(build=False, indexes={"corp": ("corp-lib",)}))
    assert "no version 2.0" in error.sentence
    assert not shop.asked_for("corp-lib")
    private.hits.clear()
    refusal(settled, "panads")
    assert private.hits == [], "an explicit index is asked about nothing else"


def test_nothing_is_guessed_at_an_index(asking: Environments, shop: LocalIndex) -> None:
    """Only what was typed, and the one or two well-known names that may have been meant."""
    shop.hits.clear()
    refusal(asking, "panads")
    asked = {hit.strip("/").split("/")[1] for hit in shop.hits if hit.startswith("/simple/")}
    assert asked == {"panads", "pandas", "numpy", "ipykernel"}, "numpy is what pandas needs"


def test_what_comes_from_elsewhere_is_asked_of_no_index(asking: Environments, shop: LocalIndex) -> None:
    shop.hits.clear()
    error = refusal(asking, "secret @ git+https://example.invalid/secret.git")
    assert error.code == "needs-build" and "ways" not in error.data
    assert not shop.asked_for("secret")


def test_offline_no_index_is_asked(asking: Environments, shop: LocalIndex) -> None:
    shop.hits.clear()
    error = refusal(asking, "panads", options=Options(build=False, offline=True))
    assert error.code != "internal" and shop.hits == []


def test_nor_where_uv_is_told_to_be_offline(
    asking: Environments, shop: LocalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    shop.hits.clear()
    error = refusal(Environments(asking.here.settings), "panads")
    assert error.code != "internal" and shop.hits == []


def test_a_name_that_is_for_more_machines_than_there_are_is_passed_over(shop: LocalIndex) -> None:
    tags = ".".join(f"a{n}" for n in range(30))
    files = [{"filename": f"x-1.0-{tags}-{tags}-{tags}.whl"}, {"filename": "x-1.0-" + "a" * 300 + "-none-any.whl"},
             {"filename": "x-1.0-py2.py3-none-any.whl"}]  # fmt: skip
    assert [listing._readable(file) for file in files] == [False, False, True]


def test_an_index_that_falls_silent_delays_the_error_only_for_so_long(
    asking: Environments, shop: LocalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explaining, "LOOK_UP", 0.5)
    monkeypatch.setattr(explaining, "TRIALS", 0.5)
    shop.faults["/simple/pandas/"] = "hang"
    started = time.monotonic()
    error = refusal(asking, "panads")
    assert error.sentence == 'There is no package called "panads" in the index shop.'
    assert time.monotonic() - started < 10


def test_a_page_of_nonsense_leaves_the_error_as_it_was(asking: Environments, shop: LocalIndex) -> None:
    facts = read_facts(load(asking.here.settings), {"boto3": None}, SECONDS)
    assert isinstance(facts["boto3"], Known)
    shop.faults["/simple/boto3/"] = "garbage"
    assert read_facts(load(asking.here.settings), {"boto3": None, "nobody": None}, SECONDS) == {"nobody": None}


def test_facts_of_a_folder_of_files(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = wheelhouse(tmp_path / "wheels", wheel("demo", "1.0"), sdist("demo", "2.0"), wheel("demo-other", "3.0"))
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_NO_INDEX", "1")
    known = read_facts(load(settings), {"demo": None, "nobody": None}, SECONDS)
    assert known["nobody"] is None and known["demo"]
    assert [(str(r.version), bool(r.wheels), r.source) for r in known["demo"].releases] == [
        ("1.0", True, False), ("2.0", False, True),
    ]  # fmt: skip


def test_what_an_index_lists_is_read_with_care() -> None:
    hostile = "\x1b]0;owned\x07 evil\nsecond"
    files = [
        {"filename": "x-1.0-py3-none-any.whl", "yanked": hostile, "requires-python": "nonsense", "upload-time": 5},
        {"filename": "x-1.0.tar.gz", "yanked": True},
        {"filename": "../../x.whl"},
        {"filename": 7},
        {"filename": "x-2.0-cp39-cp39-manylinux1_x86_64.whl", "requires-python": ">=3.9", "yanked": False},
    ]
    old, new = releases_of(files)
    assert old.yanked is not None and old.yanked.isprintable() and old.source and not old.uploaded
    assert new.yanked is None and new.pythons.contains("3.9") and not new.pythons.contains("3.8")


def test_a_date_limit_counts_for_what_is_offered(asking: Environments, shop: LocalIndex) -> None:
    shop.add(wheel("dated", "1.0"), upload_time="2020-01-01T00:00:00Z")
    shop.add(wheel("dated", "3.0"), upload_time="2026-01-01T00:00:00Z")
    shop.add(wheel("ipykernel", "6.0"), upload_time="2020-01-01T00:00:00Z")
    block = parse_block({"version": 1, "exclude-newer": "2021-01-01"})
    with pytest.raises(EnvsError, match=r"newest is 1\.0") as caught:
        asking.install(block, typed("dated==2.0"), options=Options(build=False))
    assert "3.0" not in str(caught.value)
