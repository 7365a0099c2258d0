"""Notebooks are read through the ContentsManager; what is none is said to be none, and why."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import nbformat
import pytest
from jupyter_server.services.contents.manager import ContentsManager
from tornado.web import HTTPError

from jupyter_envs.kernel.pending import leave_pending, pending_file

from ..habits.shapes import SHAPES
from .rest import check, wire


def notebook(block: object = None) -> str:
    made = nbformat.v4.new_notebook()
    if block is not None:
        made.metadata["jupyter_envs"] = block
    return nbformat.writes(made)


async def test_a_notebook_without_a_block(ask, jp_root_dir):
    (jp_root_dir / "plain.ipynb").write_text(notebook())
    answer = await ask("GET", "notebooks/plain.ipynb")
    assert answer.status == 200
    check(answer.json, "Notebook")
    assert answer.json["status"]["state"] == "no-block"
    assert answer.json["pending"] is None


async def test_a_notebook_in_a_folder_with_odd_letters(ask, jp_root_dir):
    folder = jp_root_dir / "año 1"
    folder.mkdir()
    (folder / "größe & maß.ipynb").write_text(notebook(wire("block")))
    answer = await ask("GET", "notebooks/año 1/größe & maß.ipynb")
    assert answer.status == 200
    check(answer.json, "Notebook")
    assert answer.json["path"] == "año 1/größe & maß.ipynb"
    assert [d["name"] for d in answer.json["status"]["dependencies"]] == ["numpy", "six"]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"conda": {"channels": ["conda-forge"], "dependencies": ["gdal>=3.9"]}}, "needs-conda"),
        ({"project": "../pyproject.toml"}, "needs-project"),
    ],
)
async def test_what_nobody_here_can_give_is_never_shown_as_ready_or_approved(ask, jp_root_dir, more, reason):
    for block in ({"version": 1, **more}, {**wire("block"), **more}):
        (jp_root_dir / "a.ipynb").write_text(notebook(block))
        answer = await ask("GET", "notebooks/a.ipynb")
        check(answer.json, "Notebook")
        status = answer.json["status"]
        assert (status["state"], status["error"]["code"], status["consent"]) == ("not-built", reason, None)
        assert status["sentence"] == status["error"]["sentence"]
    answer = await ask("POST", "consents", {"digest": "sha256:" + "0" * 64, "block": block})
    assert (answer.status, answer.json["reason"]) == (422, reason)


async def test_a_missing_notebook(ask):
    answer = await ask("GET", "notebooks/nowhere.ipynb")
    assert (answer.status, answer.json["reason"]) == (404, "notebook-not-found")


async def test_out_of_the_served_folder_is_not_found(ask, jp_root_dir):
    (jp_root_dir.parent / "secret.ipynb").write_text(notebook())
    answer = await ask("GET", "notebooks/..%2Fsecret.ipynb")
    assert answer.status == 404


@pytest.mark.parametrize(
    ("content", "reasons"),
    [
        (b'{"cells": [', {"not-json"}),
        (b"<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> x\n", {"merge-conflict"}),
        (b'{"cells": "\xff\xfe"}', {"not-utf8", "not-notebook"}),
        (b"[]", {"not-notebook"}),
    ],
)
async def test_what_is_no_notebook_is_said_to_be_none(ask, jp_root_dir, content, reasons):
    file = jp_root_dir / "broken.ipynb"
    file.write_bytes(content)
    answer = await ask("GET", "notebooks/broken.ipynb")
    assert answer.status == 422
    assert answer.json["reason"] in reasons
    check(answer.json, "Refusal")
    assert file.read_bytes() == content


async def test_each_shape_of_a_notebook_is_seen_as_the_command_line_sees_it(ask, jp_root_dir):
    file = jp_root_dir / "a.ipynb"
    for name, shape in SHAPES.items():
        if shape.file != file.name:
            continue
        file.write_bytes(shape.data)
        answer = await ask("GET", "notebooks/a.ipynb")
        if shape.code in ("", "not-python"):  # other languages have kernels of their own
            assert (answer.status, answer.json.get("status", {}).get("state")) == (200, "no-block"), name
        else:
            assert (answer.status, answer.json["reason"]) == (422, shape.code), name
        assert file.read_bytes() == shape.data


async def test_a_block_that_breaks_the_schema_is_refused_where_it_does(ask, jp_root_dir):
    (jp_root_dir / "odd.ipynb").write_text(notebook({"version": 1, "dependencies": ["-r /etc/passwd"]}))
    answer = await ask("GET", "notebooks/odd.ipynb")
    assert (answer.status, answer.json["reason"]) == (422, "req-option-or-path")
    assert "dependencies[0]" in answer.json["message"]


async def test_a_change_that_no_document_took_is_offered_until_it_is_saved(ask, envs, jp_root_dir):
    file = jp_root_dir / "a.ipynb"
    file.write_text(notebook(wire("block-before")))
    name = hashlib.sha256(str(file).encode()).hexdigest()[:32]
    waiting = envs.core.home / "pending" / f"{name}.json"
    waiting.parent.mkdir(parents=True)
    waiting.write_text(json.dumps({"notebook": str(file), "before": wire("block-before"), "block": wire("block")}))
    answer = await ask("GET", "notebooks/a.ipynb")
    check(answer.json, "Notebook")
    assert answer.json["pending"] == {"before": wire("block-before"), "block": wire("block")}
    file.write_text(notebook(wire("block")))
    assert (await ask("GET", "notebooks/a.ipynb")).json["pending"] is None
    assert not waiting.exists()


async def test_it_is_not_offered_to_who_has_declined_it(ask, envs, jp_root_dir):
    home, before, block = str(envs.core.home), wire("block-before"), wire("block")
    file = jp_root_dir / "a.ipynb"
    file.write_text(notebook(before))
    mine, former = (Path(pending_file(home, str(jp_root_dir / name))) for name in ("a.ipynb", "was.ipynb"))
    for waiting in (mine, former):
        for other in (block, {**block, "python": "3.9"}):
            waiting.unlink(missing_ok=True)
            leave_pending(home, str(jp_root_dir / ("a.ipynb" if waiting is mine else "was.ipynb")), before, other)
            no = {"notebook": "a.ipynb", "before": before, "block": block}
            assert (await ask("POST", "pending/declined", no)).status == 204
            left = (await ask("GET", "notebooks/a.ipynb")).json["pending"]
            assert (left is None, waiting.exists()) == (other is block, other is not block)
        waiting.unlink()
    leave_pending(home, str(jp_root_dir / "copied.ipynb"), before, block)
    (jp_root_dir / "copied.ipynb").write_text(notebook(before))
    assert (
        await ask("POST", "pending/declined", {"notebook": "a.ipynb", "before": before, "block": block})
    ).status == 204
    assert (await ask("GET", "notebooks/copied.ipynb")).json["pending"], "it is another notebook's"


async def test_it_is_offered_after_the_notebook_was_renamed(ask, envs, jp_root_dir):
    file = jp_root_dir / "now.ipynb"
    file.write_text(notebook(wire("block-before")))
    for name in ("was", "now"):
        leave_pending(str(envs.core.home), str(jp_root_dir / f"{name}.ipynb"), wire("block-before"), wire("block"))
        answer = await ask("GET", "notebooks/now.ipynb")
        unsure = {"unsure": True} if name == "was" else {}
        assert answer.json["pending"] == {"before": wire("block-before"), "block": wire("block"), **unsure}
    (jp_root_dir / "copy.ipynb").write_text(notebook(wire("block-before")))
    Path(pending_file(str(envs.core.home), str(jp_root_dir / "was.ipynb"))).unlink()
    assert (await ask("GET", "notebooks/copy.ipynb")).json["pending"] is None, "its own is still there"
    file.rename(jp_root_dir / "then.ipynb").write_text(notebook(wire("block")))
    assert (await ask("GET", "notebooks/then.ipynb")).json["pending"] is None
    assert not [*(envs.core.home / "pending").glob("*.json")]


class Elsewhere(ContentsManager):
    """Notebooks that are no files, as a database or another service keeps them; synchronous."""

    def get(self, path, content=True, type=None, format=None, require_hash=False):
        if path != "cloud/a.ipynb":
            raise HTTPError(404, "nothing there")
        body = json.loads(notebook(wire("block")))
        return {"name": "a.ipynb", "path": path, "type": "notebook", "content": body, "format": "json"}


@pytest.mark.filterwarnings("ignore:The synchronous ContentsManager:DeprecationWarning")
class TestNotebooksElsewhere:
    @pytest.fixture
    def jp_server_config(self, jp_server_config):
        jp_server_config["ServerApp"]["contents_manager_class"] = Elsewhere
        return jp_server_config

    async def test_are_read_where_they_are(self, ask):
        answer = await ask("GET", "notebooks/cloud/a.ipynb")
        assert answer.status == 200
        check(answer.json, "Notebook")
        assert answer.json["status"]["digest"] == wire("status-ready")["digest"]
        assert (await ask("GET", "notebooks/cloud/b.ipynb")).status == 404


class Texts(ContentsManager):
    """Text notebooks, as Jupytext reads them."""

    def get(self, path, content=True, type=None, format=None, require_hash=False):
        body = nbformat.v4.new_notebook(metadata=HEADERS[path])
        return {"name": path, "path": path, "type": "notebook", "content": body, "format": "json"}


HEADERS = {
    "plain.py": {"jupytext": {"text_representation": {"extension": ".py"}}},
    "plain.md": {},
    "but-ours.py": {"jupytext": {"notebook_metadata_filter": "all,-jupyter_envs"}},
    "paired.py": {"jupytext": {"formats": "ipynb,py:percent"}},
    "elsewhere.py": {"jupytext": {"formats": "notebooks//ipynb,scripts//py"}},
    "filtered.py": {"jupytext": {"notebook_metadata_filter": "kernelspec, jupyter_envs"}},
    "all.md": {"jupytext": {"notebook_metadata_filter": "all"}},
    "has.py": {"jupyter_envs": {"version": 1}},
}
LOSE = {"plain.py", "plain.md", "but-ours.py"}


@pytest.mark.filterwarnings("ignore:The synchronous ContentsManager:DeprecationWarning")
class TestTextNotebooks:
    @pytest.fixture
    def jp_server_config(self, jp_server_config):
        jp_server_config["ServerApp"]["contents_manager_class"] = Texts
        return jp_server_config

    async def test_that_do_not_keep_an_environment_say_so_before_anything_is_installed(self, ask):
        said = {path: (await ask("GET", f"notebooks/{path}")).json.get("unkept") for path in HEADERS}
        assert {path for path, sentence in said.items() if sentence} == LOSE
        assert all(path in said[path] and "notebook_metadata_filter" in said[path] for path in LOSE)


async def test_what_a_job_did_for_a_notebook_does_not_take_the_place_of_what_waits_for_it(ask, envs, jp_root_dir):
    """Neither was made from the other: both are offered, one after the other."""
    file = jp_root_dir / "a.ipynb"
    file.write_text(notebook(None))
    leave_pending(str(envs.core.home), str(file), None, {"version": 1, "dependencies": ["six"]})
    envs.notebooks.leave("a.ipynb", None, {"version": 1, "dependencies": ["rich"]})
    for name in ("rich", "six"):
        block = {"version": 1, "dependencies": [name]}
        assert (await ask("GET", "notebooks/a.ipynb")).json["pending"] == {"before": None, "block": block}
        file.write_text(notebook(block))
        await ask("GET", "notebooks/a.ipynb")
    assert (await ask("GET", "notebooks/a.ipynb")).json["pending"] is None
