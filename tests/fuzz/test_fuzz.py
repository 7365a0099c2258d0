"""Requirements, blocks and locks that nobody thought of."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..bad_inputs import BLOCKS, FILES, GOOD, HUGE, SHA, notebook
from ..test_block import FULL
from .targets import TARGETS, a_block, a_change, a_marker, a_notebook, a_requirement

SECONDS = 2
"""Of atheris for each target; `python -m tests.fuzz block -max_total_time=600` goes on for longer."""
ROOT = Path(__file__).resolve().parents[2]
thorough = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))

ODD = st.sampled_from(list("-./~$`#\\{}()[]@;:,<>=!'\"\n\r\t\0\x1b\u202e\u200b\ud800aA0 _|&%*+^?"))
WORDS = st.sampled_from(
    [
        "pandas",
        ">=2",
        "[a,b]",
        " ; python_version<'3.13'",
        "@",
        "https://h/x",
        "-e",
        "===",
        "../",
        "${X}",
        "and",
        "or",
        "extra == 'x'",
    ]
)
REQUIREMENT = st.lists(ODD | WORDS | st.text(max_size=5), max_size=8).map("".join)
CONDITION = st.builds(
    "{} {} '{}'".format,
    st.sampled_from(["python_version", "python_full_version", "os_name", "sys_platform", "extra", "platform_release", "'3.1'", "implementation_version"]),
    st.sampled_from(["<", ">=", "==", "~=", "in", "not in", "===", "!="]),
    st.sampled_from(["3.12", "3.12.*", "", "win32", "x y", "1!2", "abc", "3.14.0rc1"]),
)  # fmt: skip
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([HUGE, -HUGE, 2**64])
    | st.floats(allow_nan=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def changed(draw: st.DrawFn, whole: Any) -> Any:
    """JSON like `whole`, in which something, somewhere, is something else."""
    if draw(st.integers(0, 12)) == 0:
        return draw(JSON)
    if isinstance(whole, dict):
        value = {key: draw(changed(item)) for key, item in whole.items() if draw(st.integers(0, 25))}
        return value | ({draw(st.text(max_size=8)): draw(JSON)} if draw(st.integers(0, 25)) == 0 else {})
    if isinstance(whole, list):
        return [draw(changed(item)) for item in whole] + ([draw(JSON)] if draw(st.integers(0, 25)) == 0 else [])
    if isinstance(whole, int) and draw(st.integers(0, 8)) == 0:
        return draw(JSON)
    if isinstance(whole, str) and draw(st.integers(0, 8)) == 0:
        at = draw(st.integers(0, len(whole)))
        return whole[:at] + draw(REQUIREMENT) + whole[at:]
    return whole


WHOLE = st.sampled_from([FULL, *GOOD.values(), *(bad.block for bad in BLOCKS if len(str(bad.block)) < 5000)])


@thorough
@given(REQUIREMENT)
def test_requirements(text: str) -> None:
    a_requirement(text.encode("utf-8", "surrogatepass"))


@thorough
@given(WHOLE.flatmap(changed))
def test_blocks(value: Any) -> None:
    a_block(json.dumps(value).encode())


@thorough
@given(st.lists(st.tuples(REQUIREMENT, REQUIREMENT, st.text(max_size=40)), max_size=3))
def test_locks(rows: list[tuple[str, str, str]]) -> None:
    packages = [
        {
            "name": name or "x",
            "version": version,
            "wheels": {f"{name}-{version}-py3-none-any.whl{more}": {"sha256": SHA}},
        }
        for name, version, more in rows
    ]
    value = FULL | {"lock": FULL["lock"] | {"packages": packages}}  # type: ignore[operator]
    a_block(json.dumps(value).encode())


@thorough
@given(WHOLE.flatmap(changed))
def test_changes_of_what_somebody_else_made(value: Any) -> None:
    a_change(json.dumps(value).encode())


@thorough
@given(st.lists(CONDITION | WORDS, max_size=7).map(" ".join))
def test_markers_of_lists_rows_and_histories(text: str) -> None:
    a_marker(text.encode())


@thorough
@given(WHOLE.flatmap(changed), st.integers(0, 5000), st.binary(max_size=4))
def test_notebooks(value: Any, at: int, more: bytes) -> None:
    data = json.dumps(notebook(value)).encode()
    a_notebook(data[:at] + more + data[at:])


@pytest.mark.parametrize("data", [data for data, _ in FILES.values()], ids=FILES)
def test_what_is_listed_keeps_the_rules_too(data: bytes) -> None:
    a_notebook(data)
    a_block(data)


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris has no wheel for this Python")
@pytest.mark.parametrize("target", TARGETS)
def test_a_short_run_of_the_fuzzer(target: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """The same inputs each time; with `--all` others each time, and for longer."""
    long = request.config.getoption("--all")
    how = [f"-max_total_time={SECONDS * 10}"] if long else [f"-max_total_time={SECONDS}", "-seed=1"]
    words = [target, *how, "-timeout=10", "-rss_limit_mb=2048", f"-artifact_prefix={tmp_path}/", "-verbosity=0"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", *words],
        capture_output=True, text=True, cwd=ROOT, env=os.environ | {"TMPDIR": str(tmp_path)}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, (done.stderr[-3000:], [path.read_bytes()[:500] for path in tmp_path.glob("crash-*")])
