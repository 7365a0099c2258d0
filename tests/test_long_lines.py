"""Files that somebody made so that reading them takes long: each is read, or refused, at once."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from jupyter_envs.dialects.pip_arguments import LONGEST, parse
from jupyter_envs.dialects.pip_lines import LONGEST_LINE, lines_of, options_of, requirement_and_options
from jupyter_envs.dialects.project_names import name_in_folder
from jupyter_envs.dialects.requirements_txt import read
from jupyter_envs.errors import InputError
from jupyter_envs.kernel.typed_paths import is_path

SOON = 2.0
"""Seconds. Each of these took minutes, or would have."""
SPACES = " " * 60_000
FILES = {
    f"six{SPACES * 2}x": "requirements-file",
    f"six{SPACES}x": "req-long",
    f"./x[{SPACES}y": "req-long",
    f"-e ./x{SPACES};y": "req-long",
    f"-e{SPACES}x": "no-such-path",
    f"# coding: punycode\n{'ü' * 150_000}": "requirements-file",
    f"--x {'a ' * 30_000}": "requirements-option",
    f"x/{'[' * 60_000}]": "req-long",
    f"./x[{' ' * 4000}y;\n" * 250: "no-such-path",
}


@pytest.mark.parametrize("text", FILES, ids=[text[:10] for text in FILES])
def test_a_list_is_refused_soon_with_file_and_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "r.txt"
    file.write_text(text)
    begun = time.monotonic()
    with pytest.raises(InputError) as refused:
        read([file], tmp_path)
    assert time.monotonic() - begun < SOON
    assert refused.value.code == FILES[text]
    assert "r.txt" in refused.value.sentence


@pytest.mark.parametrize("coding", ["utf8", "latin-1", "cp1252", "gbk", "Shift_JIS", "koi8-r"])
def test_codings_of_text_are_read(tmp_path: Path, coding: str) -> None:
    (tmp_path / "r.txt").write_bytes(f"# coding: {coding}\nsix\n".encode(coding))
    (item,) = read([tmp_path / "r.txt"], tmp_path).requirements
    assert item.name == "six"


def test_a_line_may_have_hundreds_of_hashes(tmp_path: Path) -> None:
    hashes = "".join(f" \\\n    --hash=sha256:{number:064x}" for number in range(300))
    (tmp_path / "r.txt").write_text(f"six==1.16.0{hashes}\n")
    assert len(read([tmp_path / "r.txt"], tmp_path).hashes["six"]) == 300


@pytest.mark.parametrize("line", ["six   # why", "six\t#", "   six", "six # a # b"])
def test_a_comment_begins_behind_a_space(line: str) -> None:
    assert [*lines_of(line)] == [(1, "six")]
    assert [*lines_of("six#x\n#six")] == [(1, "six#x")]


def test_options_begin_behind_a_space() -> None:
    assert requirement_and_options("a-b   --hash=x -e") == ("a-b", [("--hash", "x"), ("--editable", "")])
    assert options_of("-e  a b --pre") == [("--editable", "a b"), ("--pre", "")]


def test_a_word_may_be_as_long_as_a_path(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        parse([f"./{'a/' * LONGEST}"], base=tmp_path)
    assert refused.value.code == "req-long"
    assert LONGEST < LONGEST_LINE


def test_brackets_are_extras_only_at_the_end() -> None:
    begun = time.monotonic()
    assert is_path(f"x/{'[' * 100_000}y")
    assert is_path("a.whl[x]")
    assert not is_path("[" * 100_000 + "]")
    assert not is_path("six[x/y]")
    assert time.monotonic() - begun < SOON


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", f"{'a.' * 10_000}a = 1\n"),
        ("pyproject.toml", f"[{'a.' * 10_000}a]\n"),
        ("setup.cfg", f"[metadata]\na{' ' * 200_000}b\n"),
        ("setup.py", "setup(name=x)\n" * 80_000),
    ],
)
def test_a_project_that_takes_long_to_read_has_no_name(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "setup.py").touch()
    (tmp_path / name).write_text(text)
    begun = time.monotonic()
    assert name_in_folder(tmp_path) is None
    assert time.monotonic() - begun < SOON


def test_a_project_of_many_parts_keeps_its_name(tmp_path: Path) -> None:
    text = '[project]\nname = "thing"\ndescription = "a.b.c' + "." * 100 + '"\n[tool.a.b.c.d]\n"x.y.z" = 1\n'
    (tmp_path / "pyproject.toml").write_text(text)
    assert name_in_folder(tmp_path) == "thing"
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "setup.cfg").write_text("[metadata]\nname   =   thing\nx =\n    a\n    b\n")
    assert name_in_folder(tmp_path) == "thing"
