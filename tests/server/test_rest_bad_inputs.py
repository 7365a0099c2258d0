"""Every listed bad input over REST: refused with its code and HTTP 422 before anything starts; files stay as they
were."""

from __future__ import annotations

import asyncio
import json
import os
import time

import pytest

from ..bad_inputs import BLOCKS, FILES, IDS, KERNELSPECS, REQUIREMENTS, asks, written
from .rest import KERNEL, check
from .test_rest_kernels import BASE

NO_OBJECT = (400, "bad-request")
"""What a body with something other than an object for a block is: it never was a block."""


@pytest.fixture
def nothing_starts(envs, monkeypatch):
    async def start(request):
        pytest.fail(f"a job was started: {request}")

    monkeypatch.setattr(envs.jobs, "start", start)


@pytest.fixture
def kernel(jp_serverapp, monkeypatch, write_context):
    """Its id and its file. The kernel itself is not needed here: the server only has to know it."""
    known = jp_serverapp.kernel_manager
    monkeypatch.setattr(type(known), "__contains__", lambda self, kernel_id: kernel_id == KERNEL)
    return KERNEL, write_context(KERNEL, BASE)


def body(**value):
    """Lone halves of characters and all, as a hostile client can send it."""
    return json.dumps(value).encode()


def refused(answer, bad):
    check(answer.json, "Refusal")
    expected = (422, bad.code) if isinstance(bad.block, dict) else NO_OBJECT
    told = (answer.status, answer.json["reason"])
    one_line = answer.json["message"].isprintable() and answer.json["error"]["hint"]
    return [] if told == expected and one_line else [(bad.number, expected, told, answer.json["message"])]


async def test_blocks_put_to_a_kernel(ask, kernel):
    kernel_id, file = kernel
    before = file.read_bytes()
    wrong = []
    for bad in BLOCKS:
        wrong += refused(await ask("PUT", f"kernels/{kernel_id}", body(block=bad.block)), bad)
    assert wrong == []
    assert file.read_bytes() == before


@pytest.mark.parametrize("action", ["install", "build"])
async def test_blocks_of_jobs(ask, nothing_starts, action):
    wrong = []
    for bad in BLOCKS:
        args = {"packages": ["six"]} if action == "install" else {}
        wrong += refused(await ask("POST", "jobs", body(action=action, block=bad.block, args=args)), bad)
    assert wrong == []


async def test_blocks_to_be_approved(ask, envs):
    wrong = []
    for bad in BLOCKS:
        sent = body(digest="sha256:" + "0" * 64, block=bad.block)
        wrong += refused(await ask("POST", "consents", sent), bad)
    assert wrong == []
    assert (await ask("GET", "consents")).json == {"consents": []}


async def test_requirements_of_jobs(ask, nothing_starts):
    """Here the user types, so that an address is one thing more that can be meant, and one that is not https is told
    as such."""
    wrong = []
    for number, (text, code) in REQUIREMENTS.items():
        if number in ("B22", "B23", "B24"):
            continue
        answer = await ask("POST", "jobs", body(action="install", args={"packages": [text]}))
        shape = not isinstance(text, str) or not text or len(text) > 512
        told = (answer.status, answer.json["reason"])
        code = "req-address" if number == "B34" else code
        if told != (NO_OBJECT if shape else (422, code)) and not code.startswith("req-metachar"):
            wrong.append((number, told, answer.json["message"]))
        assert answer.status in (400, 422)
    assert wrong == []


async def test_notebooks_with_bad_blocks_are_told_as_such(ask, jp_root_dir):
    """The answer says what is the matter with it, by the same code as everywhere, and where."""
    file = jp_root_dir / "a.ipynb"
    wrong = []
    for bad in BLOCKS:
        data = written(bad.block)
        file.write_bytes(data)
        answer = await ask("GET", "notebooks/a.ipynb")
        check(answer.json, "Refusal")
        if (answer.status, answer.json["reason"]) != (422, bad.code):
            wrong.append((bad.number, answer.status, answer.json["error"]))
        assert file.read_bytes() == data
    assert wrong == []


async def test_files_that_are_no_notebooks(ask, jp_root_dir):
    file = jp_root_dir / "a.ipynb"
    wrong = []
    for number, (data, code) in FILES.items():
        file.write_bytes(data)
        answer = await ask("GET", "notebooks/a.ipynb")
        check(answer.json, "Refusal")
        if (answer.status, answer.json["reason"]) != (422, code):
            wrong.append((number, code, answer.status, answer.json["reason"]))
        assert file.read_bytes() == data
    assert wrong == []


@pytest.mark.parametrize(
    ("sent", "status", "reason"),
    [
        (b'{"block": {"version": 1, "version": 1}}', 422, "json-dup-key"),
        (b'{"block": null, "block": null}', 422, "json-dup-key"),
        (b'{"block": NaN}', 400, "bad-json"),
        (b'{"block": ', 400, "bad-json"),
        (b"", 400, "bad-json"),
        (b"\xff\xfe{}", 400, "bad-json"),
        (b"[]", 400, "bad-request"),
        (b'{"blok": null}', 400, "bad-request"),
        (b'{"\\ud800": null}', 400, "bad-request"),
        (b'{"block": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", 400, None),
        (b'{"block": ' + b'{"a":' * 100_000, 400, "bad-json"),
        (b'{"block": "' + b"a" * (5 << 20) + b'"}', 413, "too-large"),
    ],
)
async def test_bodies_that_are_none(ask, kernel, sent, status, reason):
    kernel_id, file = kernel
    before = file.read_bytes()
    started = time.perf_counter()
    answer = await ask("PUT", f"kernels/{kernel_id}", sent)
    assert answer.status == status, answer.json
    assert reason is None or answer.json["reason"] == reason
    assert time.perf_counter() - started < 2
    check(answer.json, "Refusal")
    assert file.read_bytes() == before


async def test_the_server_answers_others_while_it_checks_a_large_block(ask, kernel):
    """The longest time in which nothing else was done, while a block of nearly 4 MiB is read and refused."""
    rows = [
        {"name": f"p{i}", "version": "1.0",
         "wheels": {f"p{i}-1.0-{j}x-py3-none-any.whl": {"sha256": f"{i:064x}"} for j in range(20)}}
        for i in range(1800)
    ]  # fmt: skip
    lock = {"lock-version": "1.0", "created-by": "x", "spec": "sha256:" + "0" * 64, "requires-python": "==3.12.*"}
    sent = body(block={"version": 1, "lock": lock | {"packages": rows}, "zz": 1})
    assert 3 << 20 < len(sent) < 4 << 20

    async def longest() -> float:
        found = 0.0
        put = asyncio.ensure_future(ask("PUT", f"kernels/{kernel[0]}", sent))
        while not put.done():
            started = time.perf_counter()
            await asyncio.sleep(0.001)
            found = max(found, time.perf_counter() - started)
        assert (await put).status == 422
        return found

    each = [await longest() for _ in range(3)]  # the machine may have been busy, but hardly each time
    assert min(each) < 0.25, each


@pytest.mark.parametrize("name", IDS)
async def test_what_is_no_id_is_an_unknown_address(ask, name):
    answer = await ask("DELETE", "environments/" + name.replace("/", "%2F").replace("\n", "%0A"))
    assert answer.status == 404


async def test_kernels_with_odd_names(ask, jp_root_dir):
    (jp_root_dir / "a.ipynb").write_bytes(written(asks("six")))
    for name in KERNELSPECS:
        answer = await ask("POST", "kernelspecs", body(notebook="a.ipynb", name=name))
        assert answer.status == 400, name
        assert answer.json["reason"] in ("kernelspec-name", "bad-request")
    assert (await ask("GET", "kernelspecs")).json == {"kernelspecs": []}


NAMES = [
    "a b.ipynb",
    'it\'s "quoted".ipynb',
    "new\nline.ipynb",
    "😀.ipynb",
    "%2e%2e.ipynb",
    "a;id.ipynb",
    "$(id).ipynb",
    "-r x.ipynb",
]


@pytest.mark.parametrize("name", NAMES)
async def test_notebooks_with_odd_names_work(ask, jp_root_dir, name):
    (jp_root_dir / name).write_bytes(written(asks("six")))
    answer = await ask("GET", f"notebooks/{name}")
    assert (answer.status, answer.json["path"]) == (200, name)
    assert answer.json["status"]["state"] == "changed"


@pytest.mark.parametrize(
    "path",
    [
        "a" * 4000 + ".ipynb",
        "a/../../../etc/passwd",
        "..",
        "%2e%2e/x.ipynb",
        "folder.ipynb",
        "link.ipynb",
        "fifo.ipynb",
    ],
)
async def test_paths_that_lead_nowhere(ask, jp_root_dir, path):
    (jp_root_dir / "folder.ipynb").mkdir()
    (jp_root_dir / "link.ipynb").symlink_to("/etc/passwd")
    os.mkfifo(jp_root_dir / "fifo.ipynb")
    answer = await ask("GET", f"notebooks/{path}")
    assert answer.status in (400, 404, 414, 422), answer.json
    assert "root:" not in json.dumps(answer.json)


LONG = "n" * 300 + ".ipynb"
"""No file system has a name of that length."""


@pytest.mark.parametrize(
    ("verb", "path", "value"),
    [
        ("POST", "kernelspecs", {"notebook": LONG, "name": "analysis"}),
        ("POST", "kernelspecs", {"notebook": f"a/{LONG}", "name": "analysis"}),
        ("GET", f"notebooks/{LONG}", None),
    ],
)
async def test_a_name_that_is_too_long_for_a_file_is_no_notebook(ask, verb, path, value):
    answer = await ask(verb, path, value)
    check(answer.json, "Refusal")
    assert answer.status in (404, 422), answer.json
    assert answer.json["reason"] in ("not-found", "notebook-not-found")


async def test_a_job_for_a_name_that_is_too_long_ends_as_others_do(index, finished):
    body = {"action": "install", "notebook": LONG, "args": {"packages": ["demo"]}}
    assert (await finished(body))["state"] == "done"
