"""Every listed bad input, through every door that needs no server: refused with its code, in one line that says where,
before anything is started; the file stays as it was."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from jupyter_envs.cli.main import main
from jupyter_envs.errors import EnvsError, InputError
from jupyter_envs.launch.decision import KernelStart, decide
from jupyter_envs.model.block import parse_block
from jupyter_envs.model.requirement import checked_requirement
from jupyter_envs.notebook import block_of, parse
from jupyter_envs.settings import Settings
from jupyter_envs.system import process, strict_json

from .bad_inputs import BLOCKS, FILES, GOOD, IDS, KERNELSPECS, REQUIREMENTS, Bad, notebook, row, written
from .test_cli import signals  # noqa: F401  # the handlers that main sets

every_block = pytest.mark.parametrize("bad", BLOCKS, ids=lambda bad: f"{bad.number}-{bad.code}")
every_file = pytest.mark.parametrize(
    ("data", "code"), FILES.values(), ids=[f"{n}-{code}" for n, (_, code) in FILES.items()]
)


@pytest.fixture(autouse=True)
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def started(*words: object, **_: object) -> None:
        pytest.fail(f"a process was started: {words}")

    monkeypatch.setattr(process, "run", started)
    monkeypatch.setattr(process, "detached", started)
    monkeypatch.setattr(subprocess, "Popen", started)


def kept(folder: Path, data: bytes) -> Path:
    """A notebook that nobody is just saving."""
    path = folder / "a.ipynb"
    path.write_bytes(data)
    os.utime(path, (time.time() - 60,) * 2)
    return path


def said_in_one_line(error: dict[str, Any]) -> None:
    assert error["sentence"].strip() and error["sentence"].isprintable() and len(error["sentence"]) < 500
    assert error["hint"], "what to do"


@every_block
def test_a_bad_block_is_refused(bad: Bad) -> None:
    started = time.process_time()
    with pytest.raises(InputError) as caught:
        parse_block(bad.block)
    assert caught.value.code == bad.code, caught.value.sentence
    assert caught.value.http_status == 422
    said_in_one_line(caught.value.to_dict())
    assert caught.value.sentence.startswith("metadata.jupyter_envs")
    assert time.process_time() - started < 1


@pytest.mark.parametrize(("block"), GOOD.values(), ids=GOOD)
def test_a_good_block_is_taken_and_normalised(block: dict[str, Any]) -> None:
    taken = parse_block(block).to_dict()
    assert parse_block(taken).to_dict() == taken


@pytest.mark.parametrize(("text", "code"), REQUIREMENTS.values(), ids=REQUIREMENTS)
def test_a_bad_requirement_is_refused_wherever_it_stands(text: Any, code: str) -> None:
    with pytest.raises(InputError) as caught:
        checked_requirement(text, "here")
    assert caught.value.code == code and caught.value.sentence.startswith("here: ")


@every_file
def test_a_bad_file_is_refused(data: bytes, code: str) -> None:
    started = time.process_time()
    with pytest.raises(InputError) as caught:
        block_of(parse(data))
    assert caught.value.code == code, caught.value.sentence
    said_in_one_line(caught.value.to_dict())
    assert time.process_time() - started < 1


def cli(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main([str(word) for word in words])
    return code, *capsys.readouterr()


def refused_by_every_verb(capsys: pytest.CaptureFixture[str], path: Path, code: str) -> None:
    before = path.read_bytes(), path.stat().st_mtime_ns, sorted(path.parent.iterdir())
    for words in (
        ("status", path, "--json"),
        ("run", path, "--json"),
        ("install", path, "six", "--json"),
        ("build", path, "--json"),
    ):
        exit_code, out, _ = cli(capsys, *words)
        error = json.loads(out)["error"]
        assert (exit_code, error["code"]) == (1, code), (words, error["sentence"])
        said_in_one_line(error)
    exit_code, _, err = cli(capsys, "status", path)
    assert exit_code == 1 and err.startswith(f"error[{code}]: ") and "Traceback" not in err
    assert (path.read_bytes(), path.stat().st_mtime_ns, sorted(path.parent.iterdir())) == before


@every_block
def test_by_the_command_line_on_a_notebook(bad: Bad, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused_by_every_verb(capsys, kept(tmp_path, written(bad.block)), bad.code)


@every_file
def test_a_bad_file_by_the_command_line(
    data: bytes, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused_by_every_verb(capsys, kept(tmp_path, data), code)


class Stdin:
    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)

    def isatty(self) -> bool:
        return False


def piped(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, data: bytes) -> str:
    codes = set()
    for verb, words in (("install", ["six"]), ("lock", []), ("build", []), ("remove", ["six"]), ("status", [])):
        monkeypatch.setattr(sys, "stdin", Stdin(data))
        exit_code, out, _ = cli(capsys, verb, "--block", "-", "--journal", "-", *words)
        lines = [json.loads(line) for line in out.splitlines()]
        assert exit_code == 1 and lines[-1]["event"] == "failed"
        said_in_one_line(lines[-1]["error"])
        codes.add(lines[-1]["error"]["code"])
    assert len(codes) == 1
    return str(codes.pop())


@every_block
def test_by_the_command_line_on_stdin(
    bad: Bad, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert piped(capsys, monkeypatch, json.dumps(bad.block).encode()) == bad.code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"version": 1, "version": 1}', "json-dup-key"),
        (b'{"version": NaN}', "not-json"),
        (b'{"version": 1', "not-json"),
        (b"", "not-json"),
        (b"\xff\xfe{}", "not-utf8"),
        ('{"version": 1}'.encode("utf-16"), "not-utf8"),
        (b"[" * 4_000_000, "too-deep"),
        (b" " * (4 * 1024 * 1024) + b"{}", "too-big"),
    ],
)
def test_what_is_no_json_on_stdin(
    data: bytes, code: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert piped(capsys, monkeypatch, data) == code


def stands_in(path: Path, settings: Settings, code: str) -> None:
    before = path.read_bytes()
    launch = decide(KernelStart("k", path), settings)
    assert launch.standin and launch.status and launch.status.state == "invalid"
    assert launch.status.error and launch.status.error.code == code
    said_in_one_line(launch.status.error.to_dict())
    argv = launch.how("connection.json", os.environ, settings).argv
    assert argv[0] == sys.executable and [Path(word).name for word in argv[1:]] == [
        "standin.py",
        "-f",
        "connection.json",
    ]
    json.dumps(launch.context()).encode()
    assert path.read_bytes() == before


@every_block
def test_by_the_start_of_a_kernel(bad: Bad, tmp_path: Path, settings: Settings) -> None:
    stands_in(kept(tmp_path, written(bad.block)), settings, bad.code)


@every_file
def test_a_bad_file_by_the_start_of_a_kernel(data: bytes, code: str, tmp_path: Path, settings: Settings) -> None:
    stands_in(kept(tmp_path, data), settings, code)


@pytest.mark.parametrize("name", IDS)
def test_an_id_that_is_none_names_no_place(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    exit_code, out, _ = cli(capsys, "verify", "--json", name)
    assert exit_code in (1, 2)
    assert json.loads(out)["error"]["code"] in ("environment-unknown", "no-notebook", "not-notebook", "not-found"), out


@pytest.mark.parametrize("name", KERNELSPECS)
def test_a_kernel_has_a_plain_name(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = kept(tmp_path, written({"version": 1}))
    exit_code, out, _ = cli(capsys, "kernelspec", "add", path, f"--name={name}", "--json")
    assert (exit_code, json.loads(out)["error"]["code"]) == (2, "kernelspec-name"), out


def test_a_lock_of_half_a_megabyte_is_checked_in_a_fifth_of_a_second() -> None:
    rows = [
        {"name": f"p{i}", "version": "1.2.3", "marker": f"python_full_version < '3.1{i % 9}'",
         "wheels": {f"p{i}-1.2.3-cp{p}-cp{p}-manylinux_2_17_x86_64.manylinux2014_x86_64.whl":
                    {"sha256": f"{i:064x}", "size": 1234567, "upload-time": "2026-01-01T00:00:00Z"} for p in range(310, 326)}}
        for i in range(150)
    ]  # fmt: skip
    block = notebook({"version": 1, "lock": lock_of(rows)})
    data = json.dumps(block).encode()
    assert len(data) > 500_000
    spent = []
    for _ in range(3):
        started = time.process_time()
        assert block_of(parse(data))
        spent.append(time.process_time() - started)
    assert min(spent) < 0.2


def lock_of(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "lock-version": "1.0",
        "created-by": "x",
        "spec": "sha256:" + "0" * 64,
        "requires-python": "==3.12.*",
        "packages": rows,
    }


MANY = ".".join(["a"] * 40)
COSTLY: dict[str, Any] = {
    "markers": lock_of([row(name=f"p{i}", marker=f"os_name == '{i}'" + " and os_name != 'x'" * 190) for i in range(900)]),
    "tags": lock_of([row(name=f"p{i}", wheels={f"p{i}-1.0-{MANY}-{MANY}-{MANY}.whl": {"sha256": "0" * 64}}) for i in range(900)]),
    "files": lock_of([row(name=f"p{i}", wheels={f"p{i}-1.0-{j}x-py3-none-any.whl": {"sha256": "0" * 64} for j in range(20)}) for i in range(1800)]),
}  # fmt: skip


@pytest.mark.parametrize("lock", COSTLY.values(), ids=COSTLY)
def test_no_block_of_the_largest_size_takes_long(lock: dict[str, Any]) -> None:
    started = time.process_time()
    with pytest.raises(EnvsError):
        parse_block({"version": 1, "lock": lock, "end": 1} if lock is COSTLY["files"] else {"version": 1, "lock": lock})
    assert time.process_time() - started < 1


def test_every_door_reads_json_by_one_function() -> None:
    with pytest.raises(InputError) as caught:
        strict_json.loads('{"a": {"b": 1, "b": 2}}')
    assert caught.value.code == "json-dup-key" and caught.value.data == {"line": 1, "column": 16}
