"""The block in a notebook file: what is refused, what changes, and that nothing else does."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat.sign import NotebookNotary

from jupyter_envs.errors import InputError, NotebookError
from jupyter_envs.model.block import Block
from jupyter_envs.notebook import NotebookFile, block_of, parse, saving
from jupyter_envs.notebook.splice import REMOVED, with_metadata

BLOCK = Block(version=1, dependencies=("pandas>=2",))
EMPTY: dict[str, Any] = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
OURS = {"display_name": "Python (notebook environment)", "language": "python", "name": "jupyter-envs"}


def written(folder: Path, data: bytes | str) -> Path:
    path = folder / "a.ipynb"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


# -- refusals ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "code", "says"),
    [
        (b"", "not-json", "empty"),
        (b"  \n", "not-json", "empty"),
        (b"{", "not-json", "line 1, column 2"),
        (b'{"cells": [],\n "metadata": {,}}', "not-json", "line 2, column 15"),
        (b'{"nbformat": 4, "cells": ["\xff"]}', "not-utf8", "byte 27"),
        (b'\xef\xbb\xbf{"a": "\xff"}', "not-utf8", "byte 10"),
        (json.dumps(EMPTY).encode("utf-16"), "not-utf8", "byte 0"),
        (b'{\n<<<<<<< HEAD\n "nbformat": 4\n=======\n "nbformat": 5\n>>>>>>> x\n}', "merge-conflict", "line 2"),
        (b'{"nbformat": 3, "worksheets": [], "metadata": {}}', "nbformat", "old format 3"),
        (b'{"nbformat": 5, "cells": [], "metadata": {}}', "nbformat", "newer"),
        (b"[]", "not-notebook", "not an object"),
        (b'{"cells": []}', "not-notebook", "nbformat"),
        (b'{"nbformat": true, "cells": []}', "not-notebook", "nbformat"),
        (b'{"nbformat": 4, "cells": {}}', "not-notebook", "cells"),
        (b'{"nbformat": 4, "cells": [], "metadata": []}', "not-notebook", "metadata"),
        (b'{"nbformat": 4, "cells": [],\n "x": {"\\":{": 1, "a": 1, "a": 2}}', "json-dup-key", "'a' occurs twice in one object (line 2, column 27)"),
        (b'{"nbformat": 4, "cells": [12,\n -' + b"9" * 5000 + b"]}", "not-json", "A number of 5000 digits is longer than Python reads (line 2, column 3)"),
        (b'{"nbformat": 4, "cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "too-deep", "too deep"),
        (b'{"nbformat": 4, "cells": [], "metadata": {"a": ' + b"[" * 150 + b"]" * 150 + b"}}", "too-deep", "metadata"),
    ],
)  # fmt: skip
def test_what_is_no_notebook_is_refused_with_the_place_and_left_alone(
    tmp_path: Path, data: bytes, code: str, says: str
) -> None:
    path = written(tmp_path, data)
    before = path.stat()
    with pytest.raises(NotebookError) as caught:
        NotebookFile.read(path)
    assert caught.value.code == code
    assert says in caught.value.sentence
    assert code not in ("not-json", "json-dup-key") or caught.value.hint
    assert path.read_bytes() == data
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert [file.name for file in tmp_path.iterdir()] == ["a.ipynb"]


def test_places_that_are_no_files_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, code in (
        ("missing.ipynb", "not-found"),
        (".", "not-notebook"),
        ("pipe", "not-notebook"),
        ("\0", "not-readable"),
    ):
        with pytest.raises(NotebookError) as caught:
            NotebookFile.read(tmp_path / name)
        assert caught.value.code == code


def test_a_file_that_is_far_too_large_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "big.ipynb"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024 + 1)
    with pytest.raises(NotebookError, match="200 MiB"):
        NotebookFile.read(path)


def test_a_block_that_is_too_large_or_breaks_the_schema_says_so_and_the_notebook_can_still_be_looked_at(
    tmp_path: Path,
) -> None:
    large = EMPTY | {"metadata": {"jupyter_envs": {"version": 1, "dependencies": ["x" * 5_000_000]}}}
    with pytest.raises(NotebookError, match="4 MiB"):
        _ = NotebookFile.read(written(tmp_path, json.dumps(large))).block
    strange = EMPTY | {"metadata": {"jupyter_envs": {"version": 1, "dependencies": [float("nan")]}}}
    with pytest.raises(NotebookError, match=r"metadata.jupyter_envs: NaN and Infinity are not JSON"):
        _ = NotebookFile.read(written(tmp_path, json.dumps(strange))).block
    broken = EMPTY | {"metadata": {"jupyter_envs": {"version": 1, "dependencies": ["a", 3]}}}
    with pytest.raises(InputError, match=r"metadata.jupyter_envs.dependencies\[1\]"):
        _ = NotebookFile.read(written(tmp_path, json.dumps(broken))).block


def test_no_block_is_none() -> None:
    assert block_of({}) is None
    assert block_of(EMPTY) is None


# -- writing -------------------------------------------------------------------------------------------------


def test_only_the_block_and_the_kernel_change(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '{"cells" : [ {"source":"\\u00e4","n":1E5} ],\r\n "metadata": {\r\n  "a": 1.50\r\n }, "nbformat":4}\r\n\r\n',
    )
    NotebookFile.read(path).write_block(BLOCK)
    text = path.read_bytes().decode()
    assert text.startswith('{"cells" : [ {"source":"\\u00e4","n":1E5} ],\r\n "metadata": {\r\n  "a": 1.50,\r\n')
    assert text.endswith('}, "nbformat":4}\r\n\r\n')
    assert json.loads(text)["metadata"] == {"a": 1.5, "jupyter_envs": BLOCK.to_dict(), "kernelspec": OURS}


def test_a_notebook_as_jupyter_saves_it_stays_as_jupyter_would_save_it(tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 'ä'")])
    notebook.metadata.zzz = {"b": [], "a": {}}
    path = written(tmp_path, nbformat.writes(notebook) + "\n")
    NotebookFile.read(path).write_block(BLOCK)
    again = nbformat.writes(nbformat.read(path, as_version=4)) + "\n"
    assert path.read_text(encoding="utf-8") == again


def test_writing_the_same_block_again_does_not_touch_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, json.dumps(EMPTY))
    NotebookFile.read(path).write_block(BLOCK)
    before = path.stat()
    NotebookFile.read(path).write_block(BLOCK)
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_removing_the_block_leaves_the_rest(tmp_path: Path) -> None:
    path = written(tmp_path, json.dumps(EMPTY, indent=1))
    notebook = NotebookFile.read(path)
    notebook.write_block(BLOCK)
    notebook.write_block(None)
    assert notebook.block is None
    assert json.loads(path.read_bytes())["metadata"] == {"kernelspec": OURS}


def test_mode_and_symlink_are_kept(tmp_path: Path) -> None:
    path = written(tmp_path, json.dumps(EMPTY))
    path.chmod(0o640)
    link = tmp_path / "sub" / "link.ipynb"
    link.parent.mkdir()
    link.symlink_to("../a.ipynb")
    NotebookFile.read(link).write_block(BLOCK)
    assert link.is_symlink()
    assert NotebookFile.read(path).block == BLOCK
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_what_somebody_else_saved_meanwhile_stays_and_the_block_goes_into_it(tmp_path: Path) -> None:
    path = written(tmp_path, json.dumps(EMPTY))
    notebook = NotebookFile.read(path)
    path.write_text(json.dumps(EMPTY | {"cells": [{"theirs": 1.50}]}, indent=2))
    notebook.write_block(BLOCK)
    assert '"theirs": 1.5' in path.read_text()
    assert NotebookFile.read(path).block == BLOCK == notebook.block


@pytest.mark.parametrize("theirs", [Block(version=1, dependencies=("numpy",)), None])
def test_a_block_that_somebody_else_changed_meanwhile_is_not_overwritten(tmp_path: Path, theirs: Block | None) -> None:
    path = written(tmp_path, json.dumps(EMPTY))
    NotebookFile.read(path).write_block(Block(version=1))
    notebook = NotebookFile.read(path)
    NotebookFile.read(path).write_block(theirs)
    before = path.read_bytes()
    with pytest.raises(NotebookError) as caught:
        notebook.write_block(BLOCK)
    assert caught.value.code == "changed-on-disk"
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.ipynb"]


def test_what_cannot_be_merged_is_not_overwritten(tmp_path: Path) -> None:
    """As where a run has made all cells anew."""
    path = written(tmp_path, json.dumps(EMPTY))
    notebook = NotebookFile.read(path)
    path.write_text(json.dumps(EMPTY, indent=2))
    with pytest.raises(NotebookError) as caught:
        notebook.replace(json.dumps(EMPTY, indent=1).encode())
    assert caught.value.code == "changed-on-disk"
    assert path.read_text() == json.dumps(EMPTY, indent=2)


@pytest.mark.parametrize(("there", "code"), [(None, "not-found"), ("folder", "changed-on-disk"), ("{", "not-json")])
def test_a_notebook_that_became_something_else_is_left_alone(
    tmp_path: Path, there: str | None, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "SETTLING", 0.1)
    path = written(tmp_path, json.dumps(EMPTY))
    notebook = NotebookFile.read(path)
    path.unlink()
    if there == "folder":
        path.mkdir()
    elif there:
        path.write_text(there)
    with pytest.raises(NotebookError) as caught:
        notebook.write_block(BLOCK)
    assert caught.value.code == code
    assert [file.name for file in tmp_path.iterdir()] == ([] if there is None else ["a.ipynb"])
    assert not path.is_file() or path.read_text() == there


def test_a_byte_order_mark_stays(tmp_path: Path) -> None:
    path = written(tmp_path, b"\xef\xbb\xbf" + json.dumps(EMPTY).encode())
    NotebookFile.read(path).write_block(BLOCK)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf{")
    assert NotebookFile.read(path).block == BLOCK


def test_language_and_kernel_are_read(tmp_path: Path) -> None:
    metadata = {"kernelspec": {"name": "ir", "language": "R"}, "language_info": {"name": "R", "version": "4"}}
    notebook = NotebookFile.read(written(tmp_path, json.dumps(EMPTY | {"metadata": metadata})))
    assert (notebook.kernelspec_name, notebook.language) == ("ir", "r")
    assert notebook.language_info == {"name": "R", "version": "4"}
    strange = NotebookFile.read(written(tmp_path, json.dumps(EMPTY | {"metadata": {"kernelspec": 3}})))
    assert (strange.kernelspec_name, strange.language, strange.language_info) == (None, None, None)


# -- trust ---------------------------------------------------------------------------------------------------


def notary(folder: Path) -> NotebookNotary:
    return NotebookNotary(data_dir=str(folder))


def is_trusted(folder: Path, path: Path) -> bool:
    signer = notary(folder)
    try:
        return bool(signer.check_signature(nbformat.read(path, as_version=4)))
    finally:
        signer.close()


def test_a_trusted_notebook_stays_trusted_and_another_does_not_become_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(data))
    cells = [nbformat.v4.new_code_cell("1", id="a")]
    trusted = written(tmp_path, nbformat.writes(nbformat.v4.new_notebook(cells=cells)))
    stranger = tmp_path / "stranger.ipynb"
    stranger.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("2", id="b")])))
    signer = notary(data)
    signer.sign(nbformat.read(trusted, as_version=4))
    signer.close()
    for path in (trusted, stranger):
        NotebookFile.read(path).write_block(BLOCK)
    assert is_trusted(data, trusted)
    assert not is_trusted(data, stranger)


def test_where_nothing_was_ever_signed_nothing_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    NotebookFile.read(written(tmp_path, json.dumps(EMPTY))).write_block(BLOCK)
    assert not (tmp_path / "data").exists()


# -- any notebook --------------------------------------------------------------------------------------------

KEYS = st.one_of(
    st.sampled_from(["kernelspec", "jupyter_envs", "a", "z", "metadata", '"', "\\", "ä"]), st.text(max_size=6)
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


@st.composite
def notebooks(draw: st.DrawFn) -> str:
    content: dict[str, Any] = {
        "cells": draw(st.lists(st.dictionaries(KEYS, JSON, max_size=3), max_size=3)),
        "metadata": draw(st.dictionaries(KEYS, JSON, max_size=4)),
        "nbformat": 4,
    } | draw(st.dictionaries(st.text(max_size=5).filter(lambda k: k not in EMPTY), JSON, max_size=2))
    if not draw(st.booleans()):
        content = dict(draw(st.permutations(sorted(content.items()))))
    if draw(st.integers(0, 9)) == 0:
        del content["metadata"]
    text = json.dumps(
        content,
        indent=draw(st.sampled_from([None, 0, 1, 2, "\t", "   "])),
        ensure_ascii=draw(st.booleans()),
        sort_keys=draw(st.booleans()),
        separators=draw(st.sampled_from([None, (",", ":"), (", ", " : ")])),
    )
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return text + draw(st.sampled_from(["", "\n", "\r\n", " \n\n"]))


def outside_metadata(text: str) -> list[str]:
    """What stands before and after the value of the first-level metadata, found by another way than the code does."""
    marker = "\0metadata\0"
    decoder = json.JSONDecoder()
    for start in (i for i, c in enumerate(text) if c == "{"):
        try:
            _, end = decoder.raw_decode(text, start)
            replaced = json.loads(text[:start] + json.dumps(marker) + text[end:])
        except ValueError:  # this brace stands in a string
            continue
        if isinstance(replaced, dict) and replaced.get("metadata") == marker:
            return [text[:start], text[end:]]
    raise AssertionError("no metadata")


BLOCKS = st.sampled_from([BLOCK.to_dict(), {"version": 1}, {"version": 1, "dependencies": ["ä", '"'], "x": {}}])


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(text=notebooks(), block=BLOCKS)
def test_for_any_notebook_all_outside_of_metadata_stays_and_the_content_is_right(
    text: str, block: dict[str, Any]
) -> None:
    before = json.loads(text)
    changed = with_metadata(text, {"jupyter_envs": block, "kernelspec": OURS})
    expected = before.get("metadata", {}) | {"jupyter_envs": block, "kernelspec": OURS}
    assert json.loads(changed) == before | {"metadata": expected}
    if "metadata" in before:
        assert outside_metadata(changed) == outside_metadata(text)
    assert with_metadata(changed, {"jupyter_envs": block, "kernelspec": OURS}) == changed


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(text=notebooks(), block=BLOCKS)
def test_for_any_notebook_adding_and_removing_a_block_gives_back_every_byte(text: str, block: dict[str, Any]) -> None:
    metadata = json.loads(text).get("metadata")
    if not metadata or "jupyter_envs" in metadata:
        return
    there = with_metadata(text, {"jupyter_envs": block})
    assert with_metadata(there, {"jupyter_envs": REMOVED}) == text


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_no_bytes_make_the_reader_fail_otherwise(data: bytes) -> None:
    for prefix in (b"", b'{"nbformat": 4, "cells": [], "metadata": {'):
        try:
            parse(prefix + data)
        except NotebookError as error:
            assert error.sentence
