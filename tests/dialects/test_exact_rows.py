"""Lists in which each row names one version: all that a row says is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_envs.dialects.found import Found
from jupyter_envs.dialects.table import dialect_of
from jupyter_envs.environments.importing import plan_import
from jupyter_envs.machine.indexes import Indexes

HASH = "--hash=sha256:" + "0" * 64
BOTH = ("six==1.15.0 ; python_version < '3.10'", "six==1.16.0 ; python_version >= '3.10'")
WRITTEN = ['six==1.15.0 ; python_version < "3.10"', 'six==1.16.0 ; python_version >= "3.10"']


def read(folder: Path, name: str, *rows: str) -> Found:
    file = folder / name
    pip = "".join(f'    - "{row}"\n' for row in rows)
    text = f"dependencies:\n  - gdal=3.9\n  - pip:\n{pip}" if name.endswith("yml") else "\n".join(rows)
    file.write_text(text)
    return dialect_of(file).read(file, ())


@pytest.mark.parametrize("name", ["requirements.txt", "environment.yml"])
@pytest.mark.parametrize("options", ["", f" {HASH}"])
def test_extras_are_kept(tmp_path: Path, name: str, options: str) -> None:
    wanted = plan_import(None, [read(tmp_path, name, f"requests[socks]==2.31.0{options}")], Indexes(()))
    assert [item.text for item in wanted.asked] == ["requests[socks]==2.31.0"]
    assert wanted.waiting().block.dependencies == ("requests[socks]==2.31.0",)


@pytest.mark.parametrize("name", ["requirements.txt", "environment.yml"])
def test_a_version_that_cannot_be_compared_is_kept(tmp_path: Path, name: str) -> None:
    wanted = plan_import(None, [read(tmp_path, name, "pytz===2004d-x!y", "six==1.16.0")], Indexes(()))
    assert [item.text for item in wanted.asked] == ["pytz===2004d-x!y", "six==1.16.0"]
    assert wanted.waiting().block.dependencies == ("pytz===2004d-x!y", "six==1.16.0")


@pytest.mark.parametrize("name", ["requirements.txt", "environment.yml"])
def test_each_row_keeps_its_own_version(tmp_path: Path, name: str) -> None:
    found = read(tmp_path, name, *BOTH)
    assert [pin.version for pin in found.pins] == ["1.15.0", "1.16.0"]
    wanted = plan_import(None, [found], Indexes(()))
    assert [item.text for item in wanted.asked] == WRITTEN
    assert list(wanted.waiting().block.dependencies) == WRITTEN


def test_one_row_without_an_exact_version_makes_it_a_list_of_what_is_asked_for(tmp_path: Path) -> None:
    found = read(tmp_path, "environment.yml", "six<2 ; python_version < '3.10'", BOTH[1])
    assert not found.pins and len(found.requirements) == 2
