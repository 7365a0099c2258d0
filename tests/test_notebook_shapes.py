"""The standing exam of notebooks: each shape of tests/habits/shapes.py works, or is refused in one sentence with a next
step, and no byte of it is lost."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_envs.cli.main import main
from jupyter_envs.environments import use_cases
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.errors import InputError
from jupyter_envs.launch.decision import KernelStart, decide
from jupyter_envs.model.kernelspec import KERNELSPEC
from jupyter_envs.notebook import NotebookFile
from jupyter_envs.notebook.merging import check_merged
from jupyter_envs.settings import Settings

from .habits.shapes import CELLS, METADATA, SHAPES, WRITTEN, Shape, cell, content, dumped, side
from .test_notebook import BLOCK, notary, outside_metadata
from .world import World, world

WORKS = {name: shape for name, shape in SHAPES.items() if not shape.code}
REFUSED = {name: shape for name, shape in SHAPES.items() if shape.code}
Say = Callable[..., tuple[int, Any]]


def each(shapes: dict[str, Shape]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("shape", shapes.values(), ids=shapes)


@pytest.fixture
def installs(home: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A user whose packages are in memory: an install takes milliseconds."""
    made = world(home, monkeypatch)
    monkeypatch.setattr(use_cases, "Environments", lambda settings: World(settings, made.log))
    return made


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Exit code and result of the command line."""

    def said(*words: str | Path) -> tuple[int, Any]:
        capsys.readouterr()
        code = main([*map(str, words), "--json"])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, json.loads(out)

    return said


def kept(folder: Path, shape: Shape) -> Path:
    """The file, a minute old: nobody is saving it."""
    path = folder / shape.file
    path.write_bytes(shape.data)
    os.utime(path, (time.time() - 60,) * 2)
    return path


def as_text(data: bytes) -> str:
    return data.decode("utf-8-sig")


def content_of(data: bytes) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(as_text(data))
    return value


def test_there_are_sixty_at_least() -> None:
    assert len(SHAPES) >= 60


@each(WORKS)
def test_it_is_installed_into_and_nothing_else_changes(shape: Shape, tmp_path: Path, installs: World, say: Say) -> None:
    path = kept(tmp_path, shape)
    code, status = say("status", path)
    assert (code, status["state"]) == (0, "no-block")
    assert path.read_bytes() == shape.data
    code, done = say("install", path, "apple")
    assert code == 0, done
    data = path.read_bytes()
    before, after = content_of(shape.data), content_of(data)
    written = after.pop("metadata")
    had = before.pop("metadata", {})
    assert written.pop("jupyter_envs")["dependencies"] == ["apple"]
    assert written.pop("kernelspec") == KERNELSPEC
    had.pop("kernelspec", None)
    assert json.dumps((after, written)) == json.dumps((before, had))  # NaN is not equal to itself
    if "metadata" in content_of(shape.data):
        assert outside_metadata(as_text(data)) == outside_metadata(as_text(shape.data))
    assert data.startswith(b"\xef\xbb\xbf") == shape.data.startswith(b"\xef\xbb\xbf")
    assert say("status", path)[1]["state"] != "no-block"


@each(WRITTEN)
def test_one_with_two_names_gets_the_same_bytes(shape: Shape, tmp_path: Path) -> None:
    """It is written in place, where others get a new file."""
    written = []
    for names in ([], ["other"]):
        folder = tmp_path / str(len(names))
        folder.mkdir()
        path = kept(folder, shape)
        for name in names:
            os.link(path, folder / name)
        for block in (BLOCK, None, BLOCK):
            NotebookFile.read(path).write_block(block)
        assert all(path.samefile(folder / name) for name in names)
        written.append(path.read_bytes())
    assert written[0] == written[1]


@each(WORKS)
def test_its_kernel_starts_in_an_environment(shape: Shape, tmp_path: Path, settings: Settings, installs: World) -> None:
    launch = decide(KernelStart("k", kept(tmp_path, shape), named=True), settings)
    assert launch.base and launch.status and launch.status.state == "no-block"
    json.dumps(launch.context(), allow_nan=False).encode()


@each(REFUSED)
def test_it_is_refused_in_one_sentence_with_a_next_step_and_left_alone(
    shape: Shape, tmp_path: Path, settings: Settings, installs: World, say: Say
) -> None:
    path = kept(tmp_path, shape)
    before = path.stat()
    for words in (["status", path], ["install", path, "apple"], ["run", path]):
        exit_code, result = say(*words)
        error = result["error"]
        assert (exit_code, error["code"]) == (1, shape.code), error
        assert error["sentence"].isprintable() and error["sentence"].endswith(".") and len(error["sentence"]) < 300
        assert error["hint"]
    assert path.read_bytes() == shape.data
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    launch = decide(KernelStart("k", path), settings)
    if shape.code == "not-python":
        assert launch.base
    else:
        assert launch.standin and launch.status and launch.status.error and launch.status.error.code == shape.code


@each({name: shape for name, shape in SHAPES.items() if shape.run})
def test_what_cannot_run_is_said_before_anything_runs(shape: Shape, tmp_path: Path, installs: World, say: Say) -> None:
    path = kept(tmp_path, shape)
    exit_code, result = say("run", path)
    assert (exit_code, result["error"]["code"]) == (1, shape.run), result
    assert result["error"]["hint"] and path.read_bytes() == shape.data


@each(WORKS)
def test_a_database_of_signatures_changes_nothing(
    shape: Shape, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where Jupyter itself cannot read the notebook."""
    data = tmp_path / "data"
    data.mkdir()
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(data))
    notary(data).close()
    (tmp_path / "nb").mkdir()
    path = kept(tmp_path / "nb", shape)
    NotebookFile.read(path).write_block(BLOCK)
    assert NotebookFile.read(path).block == BLOCK


def test_the_two_sides_of_a_merge_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What `status` says is its result."""
    assert main(["status", str(kept(tmp_path, SHAPES["nbdime could not merge the block"]))]) == 1
    said = capsys.readouterr()
    assert "one side asks for demo, six, the other for demo, idna." in said.out and not said.err


@pytest.mark.parametrize(
    ("about", "ending"),
    [
        ({"formats": "ipynb,py:percent"}, "py"),
        ({"formats": "notebooks///ipynb,text///md:myst"}, "md"),
        ({"formats": "ipynb,.auto:light", "notebook_metadata_filter": "-all"}, "auto"),
        ({"formats": "ipynb,py", "notebook_metadata_filter": "tags, jupyter_envs"}, ""),
        ({"formats": "ipynb,py", "notebook_metadata_filter": "all,-toc"}, ""),
        ({"formats": "ipynb,py", "notebook_metadata_filter": "all,-jupyter_envs"}, "py"),
        ({"formats": "notebooks//ipynb;scripts//py:percent"}, "py"),
        ({"formats": "ipynb"}, ""),
        ({"formats": {"py": 1}}, ""),
        ("x", ""),
    ],
)
def test_the_first_install_says_which_pair_of_the_notebook_leaves_the_environment_out(
    about: Any, ending: str, tmp_path: Path, installs: World, say: Say
) -> None:
    path = kept(tmp_path, Shape(dumped(content(metadata={"jupytext": about}))))
    notes = say("install", path, "apple")[1]["notes"]
    found = [note for note in notes if note.startswith(f"The .{ending} file that jupytext pairs")]
    assert len(found) == (1 if ending else 0) and ("jupytext" in str(notes)) == bool(ending)
    assert "jupytext" not in str(say("install", path, "berry")[1]["notes"])


def patch(key: Any, *diff: dict[str, Any]) -> dict[str, Any]:
    return {"op": "patch", "key": key, "diff": list(diff)}


@pytest.mark.parametrize(
    ("diff", "says"),
    [
        ([{"op": "addrange", "key": 1, "valuelist": ["six", "idna"]}], ": one side asks for demo==1, six, idna, the other for demo==1, six"),
        ([patch(0, {"op": "addrange", "key": 4, "valuelist": "<2"}, {"op": "removerange", "key": 4, "length": 3})], ": one side asks for demo<2, the other for demo==1, six"),
        ([{"op": "removerange", "key": 0, "length": 1}], ""),
        ([{"op": "addrange", "key": 0, "valuelist": [f"p{i}" for i in range(9)]}], ": one side asks for p0, p1, p2, p3, p4, p5 and 4 more, the other for demo==1, six"),
        ([{"op": "addrange", "key": 1, "valuelist": ["six"]}], ""),
        ([{"op": "addrange", "key": "x", "valuelist": 3}], ""),
        ([patch(7)], ""),
        ([{"op": "unknown"}], ""),
    ],
)  # fmt: skip
def test_what_nbdime_notes_is_read_as_far_as_it_can_be(diff: list[Any], says: str) -> None:
    marks = {"local_diff": [patch("jupyter_envs", patch("dependencies", *diff))], "remote_diff": side("six")}
    with pytest.raises(InputError) as caught:
        check_merged({"jupyter_envs": {"version": 1, "dependencies": ["demo==1"]}}, marks)
    assert caught.value.sentence == f"An unfinished merge (nbdime) of this notebook's environment{says}."


RUN = {
    name: (WRITTEN | METADATA | CELLS)[name]
    for name in ("no metadata", "language Python 3", "NaN in an output", "NaN in a parameter")
}


def test_they_run(tmp_path: Path, environments: Environments, say: Say, capsys: pytest.CaptureFixture[str]) -> None:
    """A choice of them, by real kernels."""
    environments.build(None)
    for number, (name, shape) in enumerate(RUN.items()):
        (tmp_path / str(number)).mkdir()
        path = kept(tmp_path / str(number), shape)
        code, done = say("run", path, "--output", path.with_name("out.ipynb"))
        assert code == 0, (name, done)
        assert [each["execution_count"] for each in content_of(path.with_name("out.ipynb").read_bytes())["cells"]] == [
            1
        ]
        assert path.read_bytes() == shape.data
    path = kept(tmp_path, Shape(dumped(content(cell("import absent")))))
    assert main(["run", str(path), "--output", str(path.with_name("out.ipynb")), "--json"]) == 1
    error = json.loads(capsys.readouterr().out)["error"]
    assert "no environment of its own" in error["hint"] and "jupytext" in error["hint"]
