"""What people type after install."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_envs.dialects.pip_arguments import parse
from jupyter_envs.engines.local_folders import LocalSources
from jupyter_envs.errors import InputError, InstallError
from jupyter_envs.model.merging import merge_requirements
from jupyter_envs.model.requirement import Source

from .typed import texts, typed


def test_names_are_normalised_and_keep_limits() -> None:
    (item,) = parse(["Pandas[Excel] >= 2"])
    assert (item.text, item.name, item.source) == ("pandas[excel]>=2", "pandas", None)


@pytest.mark.parametrize(
    ("word", "name", "url", "revision", "subdirectory"),
    [
        ("git+https://host/org/thing.git@v1", "thing", "https://host/org/thing.git", "v1", None),
        ("git+https://host/org/thing#egg=Other", "other", "https://host/org/thing", None, None),
        ("x @ git+https://host/mono@main#subdirectory=py/x", "x", "https://host/mono", "main", "py/x"),
        ("git+ssh://git@host/org/thing.git", "thing", "ssh://git@host/org/thing.git", None, None),
    ],
)
def test_git_places(word: str, name: str, url: str, revision: str | None, subdirectory: str | None) -> None:
    (item,) = parse([word])
    assert item.source and item.source.vcs
    vcs = item.source.vcs
    found = (item.name, vcs.url, vcs.requested_revision, vcs.subdirectory)
    assert found == (name, url, revision, subdirectory)


def test_a_wheel_address_names_its_package() -> None:
    (item,) = parse(["https://host/a/six-1.16.0-py2.py3-none-any.whl"])
    assert item.source and item.source.vcs
    assert (item.name, item.source.vcs.type) == ("six", "archive")


def test_an_address_with_a_variable_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        parse(["https://host/${TOKEN}/six-1.16.0-py3-none-any.whl"])
    assert caught.value.code == "req-metachar"


def test_a_folder_is_named_by_its_project_file_without_running_it(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "pyproject.toml").write_text('[build-system]\nrequires=[]\n[project]\nname = "My_Lib"\n')
    (item,) = parse([], editable=["./lib"], base=tmp_path)
    assert (item.name, item.source) == ("my-lib", Source(path=tmp_path / "lib", editable=True))


LONG = "a" * 300


@pytest.mark.parametrize(
    "word",
    [
        "./missing",
        "missing/x.whl",
        "~/no such",
        f"./{LONG}",
        f"./{LONG}[x]; os_name == 'nt'",
        f"six @ file:///tmp/{LONG}",
    ],
)
def test_a_missing_path_says_so(word: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        parse([word], base=tmp_path)
    assert caught.value.code == "no-such-path"
    with pytest.raises(InputError) as caught:
        parse([], editable=[word], base=tmp_path)
    assert caught.value.code == "no-such-path"


def test_a_name_that_is_too_long_for_a_list_is_no_list(tmp_path: Path) -> None:
    (item,) = parse([f"{LONG}.txt"], base=tmp_path)
    assert item.name == f"{LONG}-txt"


def test_a_bare_name_leaves_a_declared_limit_alone_and_a_new_limit_replaces_it() -> None:
    declared = typed("pandas>=2", "six")
    assert merge_requirements(declared, typed("pandas")).requirements == declared
    assert texts(merge_requirements(declared, typed("pandas<3")).requirements) == ("pandas<3", "six")
    assert texts(merge_requirements(declared, typed("numpy")).requirements) == ("pandas>=2", "six", "numpy")


def test_a_folder_is_remembered_by_an_id_that_does_not_tell_its_path(tmp_path: Path) -> None:
    local = LocalSources(tmp_path / "home")
    directory = local.remember(tmp_path, editable=True)
    assert local.path_of("x", directory.id) == tmp_path
    assert LocalSources(tmp_path / "elsewhere").remember(tmp_path, editable=True).id != directory.id
    with pytest.raises(InstallError) as caught:
        LocalSources(tmp_path / "elsewhere").path_of("x", directory.id)
    assert caught.value.code == "machine-local"
