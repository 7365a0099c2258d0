"""Files of projects that nobody's tool wrote: refused in a sentence that says the file, fast, and never by a crash."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_envs.dialects.table import dialect_of
from jupyter_envs.errors import InputError

from .project_samples import PDM_LOCK, PIPFILE, PIPFILE_LOCK, POETRY, POETRY_LOCK, PYPROJECT, UV_LOCK

FILES = {
    "pyproject.toml": PYPROJECT + POETRY.replace("[tool.poetry]", "[tool.poetry]\npackage-mode = false"),
    "poetry.lock": POETRY_LOCK,
    "uv.lock": UV_LOCK,
    "pdm.lock": PDM_LOCK,
    "Pipfile": PIPFILE,
    "Pipfile.lock": PIPFILE_LOCK,
}
SECONDS = 2
ODD: list[Any] = [None, True, -1, 1.5, "", "x", "[", "^", "a" * 5000, "../../etc/passwd", "/", "\x1b[2J", [], [[]], [1], [""],
                  ["x y z"], {}, {"": ""}, {"x": {}}, [{}], [{"name": 1}], "https://u:p@h/x", "git+file:///x", "(" * 500]  # fmt: skip


def structure_of(name: str) -> dict[str, Any]:
    from jupyter_envs.dialects.toml_file import loads

    text = FILES[name]
    return json.loads(text) if name == "Pipfile.lock" else loads(text, name)  # type: ignore[no-any-return]


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(path for key, item in inner for path in paths(item, (*at, key)))]


def replaced(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    if not path:
        return odd
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], odd)
    return copy


def written(name: str, value: Any) -> str:
    return json.dumps(value) if name == "Pipfile.lock" else tomli_w.dumps(value)


def read_or_refuse(file: Path) -> None:
    started = time.process_time()
    try:
        dialect_of(file).read(file, ["dev", "plot"])
    except InputError as error:
        assert file.name in error.sentence, error.sentence
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize("name", FILES)
def test_a_wrong_type_anywhere_is_read_or_refused(name: str, tmp_path: Path) -> None:
    """Each value in turn, and all kinds of odd ones in its place."""
    whole, file = structure_of(name), tmp_path / name
    for i, path in enumerate(paths(whole)):
        for odd in ODD[i % 6 :: 6]:
            try:
                file.write_text(written(name, replaced(whole, path, odd)))
            except (TypeError, AttributeError, ValueError):
                continue  # TOML has no null, and a table at the top
            read_or_refuse(file)


@pytest.mark.parametrize("name", FILES)
def test_what_is_cut_off_or_changed_is_read_or_refused(name: str, tmp_path: Path) -> None:
    text, file = FILES[name], tmp_path / name

    @settings(max_examples=20)
    @given(st.integers(0, len(text) - 1), st.sampled_from(["", "\0", "\n<<<<<<< HEAD\n", "[[", "{", "é", '"""', "}"]))
    def check(where: int, put: str) -> None:
        for changed in (text[:where] + put, text[:where] + put + text[where:]):
            file.write_text(changed)
            read_or_refuse(file)

    check()


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe\x00\xd8", b"\x00" * 100, b"a = " + b"[" * 100_000, b"[" + b"a." * 50_000 + b"b]", b"x" * (6 << 20),
        b"{" * 100_000, b'{"a":' * 50_000, b"1", b"[]", b'"x"', b"", b"a = 1" + b"0" * 10_000,
    ],
)  # fmt: skip
def test_what_is_made_to_be_slow_or_deep_is_refused_in_time(name: str, data: bytes, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(data)
    read_or_refuse(file)


def test_groups_that_include_themselves_or_double_at_each_step(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text("[dependency-groups]\na = [{include-group = 'b'}]\nb = [{include-group = 'a'}]\n")
    with pytest.raises(InputError, match="includes itself"):
        dialect_of(file).read(file, ())
    doubled = "".join(f"g{i + 1} = [{{include-group = 'g{i}'}}, {{include-group = 'g{i}'}}]\n" for i in range(15))
    file.write_text(f"[dependency-groups]\ng0 = ['demo']\n{doubled}")
    assert [item.text for item in dialect_of(file).read(file, ()).groups["g15"]] == ["demo"]


def test_extras_that_double_at_each_step(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    rows = "".join(f"e{i + 1} = ['x[e{i}]', 'x[e{i},e0]; os_name == \"a{i}\"']\n" for i in range(40))
    file.write_text(f"[project]\nname = 'x'\nversion = '1'\n[project.optional-dependencies]\ne0 = ['demo']\n{rows}")
    read_or_refuse(file)
