"""poetry.lock, uv.lock, pdm.lock and Pipfile.lock: their pins, with hashes, and what was asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_envs.dialects.found import Found
from jupyter_envs.dialects.table import dialect_of
from jupyter_envs.errors import InputError

from .project_samples import PDM_LOCK, PIPFILE, PIPFILE_LOCK, POETRY, POETRY_LOCK, UV_LOCK, A, B, C, D
from .test_projects import asked, found, texts


def pins(found: Found) -> dict[str, str]:
    return {pin.name: pin.version for pin in found.pins}


def test_poetry_lock_alone_lists_everything_of_its_main_group(tmp_path: Path) -> None:
    lock = found(tmp_path, POETRY_LOCK, name="poetry.lock")
    assert lock.everything and pins(lock) == {"colorama": "0.4.6", "humanize": "4.17.0", "private": "1.2.5"}
    by_name = {pin.name: pin for pin in lock.pins}
    assert by_name["colorama"].hashes == {A, B} and str(by_name["colorama"].marker) == 'sys_platform == "win32"'
    assert str(by_name["private"].marker) == 'python_version < "3.13"', "of the main group"
    assert lock.taken_from == {"private": "https://mine.example/simple"} and lock.requires_python == ">=3.11,<4.0"
    assert asked(lock) == [f"toml @ git+https://github.com/uiri/toml.git@{'3f' * 20}"]
    assert set(lock.groups) == {"dev", "old"} and "does not tell which" in lock.notes[0]


def test_poetry_lock_with_a_group_and_an_extra(tmp_path: Path) -> None:
    lock = found(tmp_path, POETRY_LOCK, "dev", "old", name="poetry.lock")
    assert {"iniconfig", "six"} <= pins(lock).keys()
    by_name = {pin.name: pin for pin in lock.pins}
    assert by_name["six"].marker is None, "its extra is taken"
    assert 'python_version >= "3.13"' in str(by_name["private"].marker)


def test_poetry_lock_beside_its_project(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(POETRY)
    lock = found(tmp_path, POETRY_LOCK, name="poetry.lock")
    assert not lock.everything and lock.where == "poetry.lock"
    assert "humanize<5.0,>=4.9" in asked(lock) and texts(lock, "dev") == ["iniconfig<3,>=2"]
    assert f"toml @ git+https://github.com/uiri/toml.git@{'3f' * 20}" in asked(lock), "the commit of the lock"
    assert lock.notes[0] == "What was asked for is taken from pyproject.toml beside poetry.lock."


def test_poetry_lock_of_older_versions(tmp_path: Path) -> None:
    text = (
        '[[package]]\nname = "Demo"\nversion = "1.0"\ncategory = "main"\noptional = false\n'
        '[[package]]\nname = "test-tool"\nversion = "1.0"\ncategory = "dev"\noptional = false\n'
        '[[package]]\nname = "extra-tool"\nversion = "1.0"\ncategory = "main"\noptional = true\n'
        '[extras]\nmore = ["extra-tool"]\n[metadata]\nlock-version = "1.1"\npython-versions = "^3.8"\n'
        f'[metadata.files]\nDemo = [{{file = "demo-1.0-py3-none-any.whl", hash = "sha256:{A}"}}]\n'
    )
    lock = found(tmp_path, text, name="poetry.lock")
    assert pins(lock) == {"demo": "1.0"} and lock.pins[0].hashes == {A}
    assert pins(found(tmp_path, text, "dev", "more", name="poetry.lock")).keys() == {"demo", "test-tool", "extra-tool"}


def test_an_index_of_the_lock_and_of_its_project(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(POETRY)
    lock = found(tmp_path, POETRY_LOCK.replace('name = "humanize"', 'name = "helper"').replace(
        'python-versions = ">=3.11"\ngroups = ["main"]\nfiles', 'source = {type = "legacy", url = "https://mine.example/simple"}\ngroups = ["main"]\nfiles'
    ), name="poetry.lock")  # fmt: skip
    assert {*lock.taken_from.values()} <= {index.name for index in lock.indexes}, "each is described"
    assert lock.taken_from["private"] == "mine" and lock.taken_from["helper"] == "https://mine.example/simple"


def test_uv_lock_says_itself_what_was_asked_for(tmp_path: Path) -> None:
    lock = found(tmp_path, UV_LOCK, name="uv.lock")
    assert not lock.everything and lock.requires_python == ">=3.11"
    assert asked(lock) == [
        'colorama ; sys_platform == "win32"', "humanize~=4.9", f"toml @ git+https://github.com/uiri/toml@{'3f' * 20}"
    ]  # fmt: skip
    assert texts(lock, "all") == ['six ; python_full_version < "3.14"', "tabulate[widechars]>=0.8"]
    assert texts(lock, "plot") == ["tabulate[widechars]>=0.8"] and texts(lock, "dev") == ["iniconfig>=2"]
    assert [(pin.name, pin.version, str(pin.marker), pin.hashes) for pin in lock.pins] == [
        ("colorama", "0.4.6", "None", {A, B}),
        ("humanize", "4.13.0", 'python_full_version < "3.13"', {C}),
        ("humanize", "4.17.0", 'python_full_version >= "3.13"', {D}),
    ]
    assert lock.exclude_newer == "2026-11-20T00:00:00Z"
    assert ([i.text for i in lock.limits], [i.text for i in lock.overrides]) == (["wcwidth<0.3"], ["pluggy<2"])


def test_uv_lock_follows_only_the_edges_of_what_is_taken(tmp_path: Path) -> None:
    assert {"tabulate", "wcwidth"} <= pins(found(tmp_path, UV_LOCK, "plot", name="uv.lock")).keys()
    dev = found(tmp_path, UV_LOCK, "dev", name="uv.lock")
    assert "iniconfig" in pins(dev) and "tabulate" not in pins(dev)
    assert dev.taken_from == {"iniconfig": "https://mine.example/simple"}
    assert found(tmp_path, UV_LOCK, name="uv.lock").taken_from == {}


def test_two_versions_that_nothing_divides_are_not_guessed(tmp_path: Path) -> None:
    text = UV_LOCK.replace("resolution-markers = [\n    \"python_full_version < '3.13'\",\n]\nwheels", "wheels")
    lock = found(tmp_path, text, name="uv.lock")
    assert "humanize" not in pins(lock) and any("only uv can tell" in note for note in lock.notes)


def test_the_lock_of_a_script(tmp_path: Path) -> None:
    text = UV_LOCK.replace("[manifest]", '[manifest]\nrequirements = [{ name = "six", specifier = ">=1" }]')
    text = text.replace('source = { virtual = "." }', 'source = { virtual = "elsewhere" }')
    lock = found(tmp_path, text, name="job.py.lock")
    assert asked(lock) == ["six>=1"] and pins(lock) == {"six": "1.17.0"}


def test_a_workspace_takes_what_its_members_need(tmp_path: Path) -> None:
    text = UV_LOCK.replace("[manifest]", '[manifest]\nmembers = ["study"]').replace(
        'virtual = "."', 'editable = "study"'
    )
    lock = found(tmp_path, text, name="uv.lock")
    assert "humanize~=4.9" in asked(lock) and any("workspace" in note for note in lock.notes)


def test_a_uv_lock_without_its_project_lists_everything(tmp_path: Path) -> None:
    text = UV_LOCK.replace('virtual = "."', 'registry = "https://pypi.org/simple"')
    lock = found(tmp_path, text, name="uv.lock")
    assert lock.everything and {"six", "wcwidth"} <= pins(lock).keys()
    assert asked(lock) == [f"toml @ git+https://github.com/uiri/toml@{'3f' * 20}"]


def test_an_unknown_version_of_uv_lock_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="its version is 2"):
        found(tmp_path, UV_LOCK.replace("version = 1\n", "version = 2\n", 1), name="uv.lock")


def test_a_lock_of_another_index_alone_needs_it_for_everything(tmp_path: Path) -> None:
    lock = found(tmp_path, UV_LOCK.replace("https://pypi.org/simple", "https://mirror.example/simple"), name="uv.lock")
    assert [(index.url, index.default) for index in lock.indexes] == [("https://mirror.example/simple", True)]
    assert lock.taken_from == {}


def test_pdm_lock(tmp_path: Path) -> None:
    lock = found(tmp_path, PDM_LOCK, name="pdm.lock")
    assert lock.everything and pins(lock) == {"colorama": "0.4.6", "tabulate": "0.10.0"} and len(lock.pins) == 2
    assert lock.pins[0].hashes == {A, B} and lock.requires_python == ">=3.11"
    assert asked(lock) == [f"toml @ git+https://github.com/uiri/toml.git@{'3f' * 20}"]
    assert "iniconfig" in pins(found(tmp_path, PDM_LOCK, "dev", name="pdm.lock"))
    old = (
        '[[package]]\nname = "six"\nversion = "1.0"\n[metadata.files]\n"six 1.0" = [{file = "x", hash = "sha256:%s"}]\n'
    )
    assert found(tmp_path, old % A, name="pdm.lock").pins[0].hashes == {A}


def test_pipfile_lock(tmp_path: Path) -> None:
    lock = found(tmp_path, PIPFILE_LOCK, name="Pipfile.lock")
    assert lock.everything and pins(lock) == {"humanize": "4.17.0", "private": "1.2.5"}
    assert lock.pins[0].hashes == {C, D} and lock.requires_python == "==3.11.*"
    assert lock.taken_from == {"private": "mine"}
    assert any("colorama has no version" in note for note in lock.notes)
    assert "iniconfig" in pins(found(tmp_path, PIPFILE_LOCK, "dev", name="Pipfile.lock"))


def test_pipfile_lock_beside_its_pipfile(tmp_path: Path) -> None:
    (tmp_path / "Pipfile").write_text(PIPFILE)
    lock = found(tmp_path, PIPFILE_LOCK, name="Pipfile.lock")
    assert "humanize~=4.9" in asked(lock) and not lock.everything and texts(lock, "docs") == ["six"]


def test_a_file_without_a_sha256_leaves_its_row_unchecked(tmp_path: Path) -> None:
    lock = found(tmp_path, POETRY_LOCK.replace(f"sha256:{B}", "md5:0"), name="poetry.lock")
    assert lock.pins[0].hashes == frozenset()


@pytest.mark.parametrize("name", ["poetry.lock", "uv.lock", "pdm.lock", "Pipfile", "Pipfile.lock", "pyproject.toml"])
def test_names_of_files_count_in_any_case(tmp_path: Path, name: str) -> None:
    assert name == dialect_of(tmp_path / name.upper()).NAME
