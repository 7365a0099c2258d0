"""Places that a file names: that no index may be asked is kept or refused, and no password is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_envs.dialects.found import Found
from jupyter_envs.dialects.table import dialect_of
from jupyter_envs.environments.importing import plan_import
from jupyter_envs.errors import InputError
from jupyter_envs.machine.indexes import Index, Indexes

NEVER = {
    "requirements.txt": "--no-index\n--find-links wheels\ndemo==1.0\n",
    "environment.yml": "dependencies:\n  - python\n  - pip:\n    - --no-index\n    - demo\n",
    "pyproject.toml": "[project]\nname = 'x'\nversion = '1'\ndependencies = ['demo']\n[tool.uv]\nno-index = true\n",
    "job.py": "# /// script\n# dependencies = ['demo']\n# [tool.uv]\n# no-index = true\n# ///\n",
}


def read(folder: Path, name: str, text: str) -> Found:
    file = folder / name
    file.write_text(text)
    return dialect_of(file).read(file, ())


@pytest.mark.parametrize("name", NEVER)
def test_where_no_index_may_be_asked_none_is(tmp_path: Path, name: str) -> None:
    found = read(tmp_path, name, NEVER[name])
    with pytest.raises(InputError, match="no-index says that no index may be asked") as caught:
        plan_import(None, [found], Indexes(()))
    assert caught.value.code == "index-not-configured" and name in caught.value.sentence and caught.value.hint
    assert plan_import(None, [found], Indexes((), no_index=True)).asked
    assert not any("no-index" in note for note in found.notes), "it is not left out"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("requirements.txt", "--find-links https://u:PASSW@h.example/all\ndemo\n"),
        ("environment.yml", "dependencies: [python, {pip: ['--find-links https://u:PASSW@h.example/all', demo]}]\n"),
    ],
)
def test_a_place_that_is_left_out_is_named_without_its_password(tmp_path: Path, name: str, text: str) -> None:
    (note,) = (note for note in read(tmp_path, name, text).notes if "--find-links" in note)
    assert "h.example/all is left out" in note and "PASSW" not in note


def pylock(url: str, kind: str, more: str = "") -> str:
    return (
        f"lock-version = '1.0'\ncreated-by = 'x'\n[[packages]]\nname = 'six'\nversion = '1.17.0'\n{more}"
        f"[[packages.wheels]]\nurl = '{url}/six-1.17.0-py2.py3-none-any.whl'\nhashes = {{{kind} = '{'0' * 64}'}}\n"
    )


def test_what_no_hash_can_check_never_comes_from_another_host_unsaid(tmp_path: Path) -> None:
    mine = Indexes(
        (Index("mine", "https://u@mine.example/simple", explicit=True), Index("m", "https://m.example", True))
    )
    found = read(tmp_path, "pylock.toml", pylock("https://far.example/f", "sha512"))
    assert "the hashes of six cannot be checked: only sha256 is used." in found.notes
    with pytest.raises(InputError, match=r"six from far\.example, and your configuration has no index there") as caught:
        plan_import(None, [found], mine)
    assert caught.value.code == "index-not-configured"
    for url in ("https://files.pythonhosted.org/p", "https://m.example/p", "https://pypi.org/p"):
        found = read(tmp_path, "pylock.toml", pylock(url, "sha512"))
        assert plan_import(None, [found], mine).spec.indexes == {}
    for kind in ("sha256", "sha512"):
        found = read(tmp_path, "pylock.toml", pylock("https://mine.example/f", kind))
        assert plan_import(None, [found], mine).spec.indexes == {"mine": ("six",)}
    checked = read(tmp_path, "pylock.toml", pylock("https://far.example/f", "sha256"))
    assert plan_import(None, [checked], mine).spec.indexes == {} and len(checked.notes) == 1
    said = read(
        tmp_path, "pylock.toml", pylock("https://far.example/f", "sha512", "index = 'https://pypi.org/simple'\n")
    )
    assert plan_import(None, [said], mine).spec.indexes == {}, "the lock says which index"


def test_an_archive_without_sha256_is_told(tmp_path: Path) -> None:
    text = "lock-version = '1.0'\ncreated-by = 'x'\n[[packages]]\nname = 'far'\nversion = '1.0'\n[packages.archive]\n"
    text += f"url = 'https://h.example/far-1.0.tar.gz'\nhashes = {{sha512 = '{'0' * 128}'}}\n"
    assert any("hashes of far cannot be checked" in note for note in read(tmp_path, "pylock.toml", text).notes)
