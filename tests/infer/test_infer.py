"""`infer`: proposes, says why, and takes it only when told to."""

from __future__ import annotations

from pathlib import Path

from jupyter_envs.notebook import NotebookFile
from tests.dialects.test_import import locked
from tests.local_index import LocalIndex
from tests.test_cli import Cli, block_in, cli, made, notebook, signals
from tests.wheels import wheel

__all__ = ["cli", "notebook", "signals"]
LOCK = "--no-build-env"


def yaml_in(index: LocalIndex) -> None:
    module = {"yaml/__init__.py": "__version__ = '1'\n"}
    index.add(wheel("pyyaml", "5.0", files=module), upload_time="2024-02-01T00:00:00Z")
    index.add(wheel("pyyaml", "6.0", files=module), upload_time="2025-06-01T00:00:00Z")


def test_it_proposes_with_evidence_and_records_nothing(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    made(notebook, "import yaml", "!pip install 'shout<2'", "import nobody_knows_this")
    before = notebook.read_bytes()
    said = cli("infer", notebook)
    assert said.code == 0, said.err
    assert "pyyaml" in said.out and "import yaml (cell 1); the most downloaded package that brings yaml" in said.out
    assert "shout<2" in said.out and "nobody_knows_this (cell 3): nobody knows" in said.out
    assert f"jupyter envs infer {notebook} --accept" in said.out
    answer = cli("infer", notebook, "--json").json
    assert [entry["requirement"] for entry in answer["entries"]] == ["pyyaml", "shout<2"]
    assert answer["unknown"][0]["module"] == "nobody_knows_this"
    assert notebook.read_bytes() == before and index.hits == []


def test_what_nobody_knows_is_told_when_the_rest_is_taken(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    yaml_in(index)
    made(notebook, "import yaml, nobody_knows_this")
    for how in (["--dry-run"], ["--accept", LOCK]):
        said = cli("infer", notebook, *how)
        assert said.code == 0 and "nobody_knows_this (cell 1): nobody knows" in said.err, said.err


def test_taken_with_the_versions_of_its_time(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    yaml_in(index)
    made(notebook, "import yaml")
    said = cli("infer", notebook, "--date", "2024-03-01", "--accept", LOCK, "--json")
    assert said.code == 0, said.err
    assert locked(notebook)["pyyaml"] == "5.0", said.json["notes"]
    block = block_in(notebook)
    assert block.dependencies == ("pyyaml",) and block.exclude_newer == "2024-03-01"
    assert any("as on 2024-03-01: as you say: taken" in note for note in said.json["notes"])


def test_where_its_time_does_not_do_a_later_rung_is_taken_and_said(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    yaml_in(index)
    made(notebook, "import yaml", "!pip install 'pyyaml>=6'")
    said = cli("infer", notebook, "--date", "2024-03-01", "--accept", LOCK, "--json")
    assert said.code == 0, said.err
    assert locked(notebook)["pyyaml"] == "6.0"
    assert any(note.startswith("the newest versions that fit: taken") for note in said.json["notes"])
    assert sum(note.startswith("as on 2024-") for note in said.json["notes"]) >= 2


def test_what_is_inferred_is_asked_about_as_a_strangers(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    yaml_in(index)
    made(notebook, "import yaml")
    before = notebook.read_bytes()
    said = cli("infer", notebook, "--accept", "sha256:" + "0" * 64, LOCK)
    assert said.code == 3 and "pyyaml" in said.err
    assert "pyyaml" in cli("infer", notebook, "--dry-run").out
    assert notebook.read_bytes() == before


def test_names_come_from_what_is_in_the_store(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    index.add(wheel("odd-name", "1.0", files={"quite_different/__init__.py": ""}))
    assert cli("install", notebook, "odd-name").code == 0
    other = made(notebook.with_name("b.ipynb"), "import quite_different.deep")
    (entry,) = cli("infer", other, "--json").json["entries"]
    assert (entry["requirement"], entry["why"]) == ("odd-name", "brings quite_different, on this machine")


def test_a_notebook_that_needs_nothing_is_told_so(cli: Cli, notebook: Path) -> None:
    made(notebook, "import os")
    assert cli("infer", notebook, "--json").json["error"]["code"] == "nothing-found"


def test_a_trial_keeps_the_first_environment_in_which_it_runs_and_learns_from_failures(
    cli: Cli, notebook: Path, index: LocalIndex
) -> None:
    module = {"yaml/__init__.py": "def new():\n    import humanize\n    return 'new ' + humanize.NAME\n"}
    index.add(wheel("pyyaml", "5.1", files={"yaml/__init__.py": ""}), upload_time="2024-02-01T00:00:00Z")
    index.add(wheel("pyyaml", "6.1", files=module), upload_time="2025-06-01T00:00:00Z")
    index.add(wheel("humanize", "1.0", files={"humanize.py": "NAME = 'one'"}), upload_time="2025-06-01T00:00:00Z")
    made(notebook, "!pip install pyyaml", "import yaml\nprint(yaml.new())\nopen('ran.txt', 'w').close()")
    said = cli("infer", notebook, "--date", "2025-05-01", "--try", "--accept", "--json")
    assert said.code == 0, said.err
    assert set(block_in(notebook).dependencies) == {"pyyaml", "humanize"} and locked(notebook)["pyyaml"] == "6.1"
    steps = [note for note in said.json["notes"] if note.startswith(("as on", "the newest"))]
    assert "has no attribute 'new'" in steps[0] and "No module named 'humanize'" in steps[1]
    assert steps[2].endswith("with humanize: taken")
    assert notebook.with_name("ran.txt").exists()
    assert not NotebookFile.read(notebook).content["cells"][1]["outputs"], "the copy ran, and the notebook is as it was"


def test_a_trial_that_no_package_mends_ends_at_once(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    yaml_in(index)
    made(notebook, "import yaml", "open('data-that-is-not-here.csv')")
    said = cli("infer", notebook, "--date", "2024-03-01", "--try", "--accept", "--json")
    assert said.code == 0, said.err
    steps = [note for note in said.json["notes"] if "2024-03-01" in note]
    assert "FileNotFoundError" in steps[0] and steps[1].startswith("The notebook ran to the end with none of them")
    assert locked(notebook)["pyyaml"] == "5.0"
