"""What an index says of a package, for somebody who looks closer."""

from __future__ import annotations

import json

import pytest

from tests.local_index import LocalIndex
from tests.wheels import wheel

from .rest import check

HOSTILE = "<img src=x onerror=alert(1)>\x1b]0;owned\x07\u202e evil\nsecond"


@pytest.fixture
def packages(monkeypatch, envs):
    """An index of its own: nothing but what a test puts there."""
    with LocalIndex() as index:
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"local={index.url}")
        envs.environments.__dict__.pop("indexes", None)
        yield index


async def told(ask, name, version, **more):
    answer = await ask("GET", f"packages/{name}", params={"version": version, **more})
    assert answer.status == 200, answer.json
    check(answer.json, "Opinion")
    return answer.json


async def test_it_tells_the_newest_the_age_and_what_was_withdrawn(ask, packages):
    packages.add(wheel("demo", "1.0"), upload_time="2026-01-01T00:00:00Z")
    packages.add(wheel("demo", "1.1"), yanked=HOSTILE)
    packages.add(wheel("demo", "2.0rc1"))
    one = await told(ask, "Demo", "1.0")
    assert (one["newest"], one["yanked"], one["uploaded"]) == ("1.0", None, "2026-01-01T00:00:00Z")
    other = await told(ask, "demo", "1.1")
    assert "<img src=x onerror=alert(1)>" in other["yanked"], "markup is text, for who shows it as text"
    assert other["yanked"].isprintable()


async def test_an_index_that_speaks_html_alone_tells_as_much(ask, packages):
    packages.json = False
    packages.add(wheel("demo", "1.0"), yanked="")
    packages.add(wheel("demo", "2.0"))
    one = await told(ask, "demo", "1.0")
    assert (one["newest"], one["yanked"]) == ("2.0", "")


async def test_a_version_that_is_gone_is_said_to_be(ask, packages):
    packages.add(wheel("demo", "2.0"))
    assert (await told(ask, "demo", "1.0"))["problem"]


async def test_advisories_are_told_where_the_index_knows_them(ask, packages):
    packages.add(wheel("demo", "1.0"))
    known = [{"id": "PYSEC-1", "details": HOSTILE}, {"id": "PYSEC-2", "withdrawn": "2026-01-01T00:00:00Z"}]
    packages.pages["/pypi/demo/1.0/json"] = json.dumps({"vulnerabilities": known})
    told_of = (await told(ask, "demo", "1.0"))["advisories"]
    assert [advisory["id"] for advisory in told_of] == ["PYSEC-1"]
    assert told_of[0]["summary"].isprintable()


@pytest.mark.parametrize(
    ("fault", "code", "status"),
    [
        ("404", "no-such-package", 502),
        ("401", "index-refused", 502),
        ("500", "index-refused", 502),
        ("garbage", "index-garbage", 502),
    ],
)
async def test_an_index_that_does_not_help_is_a_sentence(ask, packages, fault, code, status):
    packages.add(wheel("demo", "1.0"))
    packages.faults["simple/demo"] = fault
    answer = await ask("GET", "packages/demo", params={"version": "1.0"})
    assert (answer.status, answer.json["error"]["code"]) == (status, code)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"version": "1.0;x"},
        {"version": "9" * 5000},
        {"version": "1", "index": "http://evil/"},
        {"version": "1", "index": "../x"},
    ],
)
async def test_what_is_no_version_or_index_name_is_refused(ask, packages, params):
    answer = await ask("GET", "packages/demo", params=params)
    assert answer.status == 400
    assert packages.hits == []
