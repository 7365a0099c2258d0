"""How often a block is parsed and its status computed: each may take a stranger's block 0.2 s, and a server looks at what
waits once a second."""

from __future__ import annotations

import gc
import io
import json
import sys
import weakref

import nbformat
import pytest

from jupyter_envs.cli.main import main
from jupyter_envs.consent.consents import SEEN
from jupyter_envs.environments import sight
from jupyter_envs.environments.jobs import JobRequest
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.errors import InputError
from jupyter_envs.machine import kernelspecs
from jupyter_envs.model import block as blocks
from jupyter_envs.model.block import EMPTY, parse_block
from jupyter_envs.model.closure import select
from jupyter_envs.server.kernels import KernelFile
from jupyter_envs.server.parsed import ParsedBlocks
from jupyter_envs.settings import Settings

from ..fakes import interpreter
from ..typed import typed
from .environments import publish
from .rest import until, wire
from .test_standin_real import evaluated

PARSES, STATUSES = 3, 3
"""In the server, from the opening of a stranger's notebook until its kernel runs. A status is computed as it is first
seen, once that is approved, and when the environment is there."""
JOB_PARSES, JOB_STATUSES = 1, 0
"""In the process that builds it."""
MOST_PARSES, MOST_STATUSES = 4, 3


class Counted:
    parses = 0
    statuses = 0


@pytest.fixture
def counted(monkeypatch) -> Counted:
    """Whoever asks: each parse looks once how deep the block is. Nothing is remembered from other tests."""
    count = Counted()
    deeper_than, compute = blocks.deeper_than, sight.compute

    def parsing(value, levels):
        count.parses += 1
        return deeper_than(value, levels)

    def computing(seen):
        count.statuses += 1
        return compute(seen)

    monkeypatch.setattr(blocks, "deeper_than", parsing)
    monkeypatch.setattr(sight, "compute", computing)
    monkeypatch.setattr(sight, "REMEMBERED", sight.Remembered())
    return count


@pytest.fixture
def raw():
    """What any Python of this minor can run: one pure wheel."""
    row = wire("block")["lock"]["packages"][2] | {"index": None}
    del row["index"]
    minor = f"{sys.version_info[0]}.{sys.version_info[1]}"
    lock = wire("block")["lock"] | {"packages": [row], "requires-python": f"=={minor}.*", "spec": EMPTY.spec.digest}
    return {"version": 1, "lock": lock}


def waiting(raw) -> KernelFile:
    """As it is read each second: never the same object."""
    return KernelFile(block=json.loads(json.dumps(raw)), standin=True)


async def test_a_stand_in_that_waits_costs_one_failing_read_a_second(envs, raw, counted):
    assert [envs.states.built(waiting(raw)) for _ in range(20)] == [None] * 20
    assert (counted.parses, counted.statuses) == (1, 0)


async def test_as_soon_as_it_is_there_and_approved_that_is_seen(envs, raw, counted):
    assert envs.states.built(waiting(raw)) is None
    block = parse_block(raw)
    closure = envs.environments.here.closure(block.lock)
    prefix = publish(envs.core, closure.id, {})
    assert envs.states.built(waiting(raw)) is None
    envs.environments.here.consents.remember(envs.environments.here.consent_digest(closure), closure, SEEN)
    assert envs.states.built(waiting(raw)) == str(prefix)
    assert (counted.parses, counted.statuses) == (2, 0)


async def test_what_one_lock_means_is_not_taken_for_another_with_the_same_digest(envs, raw):
    """The same files, and each has the hash of the other."""
    row = raw["lock"]["packages"][0]
    ((name, file),) = row["wheels"].items()
    names, hashes = [name.replace("-py", f"-{n}-py", 1) for n in "12"], ["1" * 64, "2" * 64]
    one, other = (
        raw | {"lock": raw["lock"] | {"packages": [row | {"wheels": wheels}]}}
        for wheels in (
            {name: file | {"sha256": sha256} for name, sha256 in zip(names, way, strict=True)}
            for way in (hashes, hashes[::-1])
        )
    )
    assert parse_block(one).lock.digest == parse_block(other).lock.digest
    assert envs.states.built(waiting(one)) is None
    closure = envs.environments.here.closure(parse_block(other).lock)
    prefix = publish(envs.core, closure.id, {})
    envs.environments.here.consents.remember(envs.environments.here.consent_digest(closure), closure, SEEN)
    assert [envs.states.built(waiting(block)) for block in (one, other)] == [None, str(prefix)]


async def test_a_block_that_is_wrong_is_found_so_once(envs, counted):
    for _ in range(20):
        with pytest.raises(InputError) as caught:
            envs.states.built(waiting({"version": 1, "dependencies": [5]}))
        assert caught.value.code == "req-type"
    assert counted.parses == 1


def test_of_parsed_blocks_those_that_were_asked_for_last_are_kept(counted: Counted) -> None:
    raws = [{"version": 1, "dependencies": [f"demo=={n}"]} for n in range(3)]
    known = ParsedBlocks(most=2 * len(json.dumps(raws[0])))
    for n in (0, 1, 0, 2, 0):
        assert known.parse(raws[n]) == parse_block(raws[n])
    assert counted.parses == 5 + 3
    known.parse(raws[1])
    assert counted.parses == 5 + 4
    assert ParsedBlocks(most=1).parse(raws[0]) == parse_block(raws[0])


def test_one_block_that_is_told_for_another_means_the_same():
    """Equal but for the order of their keys, as Jupyter changes it: what was approved of one is what starts."""
    wheels = {f"demo-1.0-{n}-py3-none-any.whl": {"sha256": n * 64} for n in "21"}
    row = {"name": "demo", "version": "1.0", "wheels": wheels}
    lock = {"lock-version": "1.0", "created-by": "t", "spec": "sha256:" + "0" * 64, "requires-python": "==3.12.*"}
    raw = {"version": 1, "dependencies": ["demo"], "lock": lock | {"packages": [row]}}
    known, python = ParsedBlocks(), interpreter("3.12.1")
    for value in (raw, json.loads(json.dumps(raw, sort_keys=True))):
        one, plainly = known.parse(value).lock, parse_block(value).lock
        assert one and plainly and select(one, python) == select(plainly, python)


def test_what_was_refused_before_is_refused_again_by_an_error_of_its_own(counted: Counted) -> None:
    """One that is kept would keep whoever it was raised for: their frames, with the request in them."""
    wrong, known = {"version": 1, "dependencies": ["demo", "no requirement"]}, ParsedBlocks()

    class Request:
        pass

    def refused() -> tuple[weakref.ref[Request], dict[str, object]]:
        request = Request()
        try:
            known.parse(wrong)
        except InputError as error:
            return weakref.ref(request), error.to_dict()
        raise AssertionError("it was taken")

    with pytest.raises(InputError) as plainly:
        parse_block(wrong)
    said = [refused() for _ in range(3)]
    gc.collect()
    assert [error for _, error in said] == [plainly.value.to_dict()] * 3
    assert [request() for request, _ in said] == [None] * 3
    assert counted.parses == 1 + 1


def test_what_is_said_of_a_refused_block_takes_room_too(counted: Counted) -> None:
    wrong = {"version": 1, "dependencies": ["no requirement"]}
    for most, parses in ((2000, 1), (len(json.dumps(wrong)), 2)):
        known, counted.parses = ParsedBlocks(most), 0
        for _ in range(2):
            with pytest.raises(InputError):
                known.parse(wrong)
        assert counted.parses == parses


def test_what_is_no_json_is_refused_as_everywhere() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    for wrong in ({"version": 1, "dependencies": deep}, {"version": 1, "project": "\ud800"}, [], 5, "x"):
        with pytest.raises(InputError):
            ParsedBlocks().parse(wrong)
    while deep:  # so deep that Python must not take it apart by itself
        deep = deep[0]  # type: ignore[assignment]


@pytest.fixture
def registered(jp_data_dir):
    folder = jp_data_dir / "kernels" / kernelspecs.NAME
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(kernelspecs.general()))


def test_the_process_that_builds_parses_once(index, jp_environ, tmp_path, counted, monkeypatch, capsys):
    """What a job is: the command line with the block on stdin. Together with the server that is no more than it may
    be."""
    stranger = Environments(Settings(home=tmp_path / "stranger", store=tmp_path / "stranger" / "store"))
    block = stranger.install(None, typed("demo")).block.to_dict()
    counted.parses = counted.statuses = 0
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(block).encode())))
    assert main([*JobRequest("build", block=block).arguments(), "--accept"]) == 0
    assert '"event": "done"' in capsys.readouterr().out
    assert (counted.parses, counted.statuses) == (JOB_PARSES, JOB_STATUSES)
    assert PARSES + JOB_PARSES <= MOST_PARSES
    assert STATUSES + JOB_STATUSES <= MOST_STATUSES


async def test_from_a_strangers_notebook_to_its_kernel(
    index, registered, envs, ask, new_session, jp_root_dir, jp_fetch, jp_serverapp, events, tmp_path, counted
):
    """All that the page asks on the way, as it does, until a cell runs in the environment."""
    stranger = Environments(Settings(home=tmp_path / "stranger", store=tmp_path / "stranger" / "store"))
    block = stranger.install(None, typed("demo")).block.to_dict()
    made = nbformat.v4.new_notebook(metadata={"jupyter_envs": block})
    (jp_root_dir / "a.ipynb").write_text(nbformat.writes(made))
    counted.parses = counted.statuses = 0

    session = await new_session("a.ipynb", kernelspecs.NAME)
    first = session["kernel"]["id"]
    assert await evaluated(jp_serverapp, first, "1 + 1") == "EnvironmentNotReady"
    shown = (await ask("GET", f"kernels/{first}")).json["status"]
    assert (await ask("GET", "notebooks/a.ipynb")).json["status"] == shown
    assert shown["state"] == "not-built"
    digest = shown["consent"]["digest"]
    assert (await ask("POST", "consents", {"digest": digest, "block": block})).status == 201
    build = {"action": "build", "notebook": "a.ipynb", "kernel": first, "block": block, "args": {"accept": digest}}
    started = await ask("POST", "jobs", build)
    assert started.status == 201
    put = await ask("PUT", f"kernels/{first}", {"block": block})
    assert (put.status, put.json["status"]["consent"]["approved"]) == (200, True)
    await until(lambda: {"what": "kernel", "id": first, "state": "switched"} in events, 120)
    second = json.loads((await jp_fetch("api", "sessions", session["id"])).body)["kernel"]["id"]
    now = (await ask("GET", f"kernels/{second}")).json
    assert (now["standin"], now["status"]["state"]) == (False, "ready")
    assert (await ask("GET", "notebooks/a.ipynb")).json["status"] == now["status"]
    assert (counted.parses, counted.statuses) == (PARSES, STATUSES)

    assert second != first and now["environment"] == now["status"]["environment"]
    assert (await ask("GET", f"jobs/{started.json['id']}")).json["state"] == "done"
    assert await evaluated(jp_serverapp, second, "import demo, sys; sys.prefix") == repr(now["environment"]["prefix"])
