"""Code that runs whenever Python starts is asked about once its wheel has shown it, before anything can start."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_envs.change import Options
from jupyter_envs.environments import Environments
from jupyter_envs.errors import ConsentNeeded, InstallError

from .local_index import LocalIndex
from .test_environments import elsewhere
from .wheels import wheel

EARLY = {"early.py": "", "early.pth": "import sys; sys.early = True\n"}


def test_what_the_user_typed_himself_asks_nothing(environments: Environments, index: LocalIndex) -> None:
    index.add(wheel("early", files=EARLY))
    assert environments.install(None, ["early"]).environment


def test_a_strangers_package_is_asked_about_after_download_and_not_again(
    environments: Environments, index: LocalIndex, tmp_path: Path
) -> None:
    index.add(wheel("early", files=EARLY))
    block = environments.install(None, ["early"]).block
    other = elsewhere(environments, tmp_path)
    with pytest.raises(ConsentNeeded) as refused:
        other.build(block, options=Options(accept="yes"))
    assert refused.value.code == "needs-review"
    assert refused.value.data == {"packages": {"early": ["early.pth"]}}
    assert other.store.list() == []

    allowed = other.build(block, options=Options(accept="yes", allow_startup=frozenset({"early"})))
    other.store.remove(allowed.id)
    assert other.build(block).id == allowed.id


@pytest.mark.parametrize(
    "files",
    [
        {"sitecustomize.py": ""},
        {"sitecustomize.pyc": "x"},
        {"usercustomize/__init__.py": ""},
        {"x.pth": "# a folder\nimport os\n"},
        {"y.pth": "\ufeffimport os\n"},
        {"z.pth": "zfolder\n", "zfolder/sitecustomize.py": ""},
    ],
    ids=["sitecustomize", "bytecode", "a package", "a later line", "a byte order mark", "a folder with one"],
)
def test_every_way_to_run_early_is_seen(
    files: dict[str, str], environments: Environments, index: LocalIndex, tmp_path: Path
) -> None:
    name = "early-" + str(abs(hash(tuple(files))) % 10_000)
    index.add(wheel(name, files=files))
    block = environments.install(None, [name]).block
    with pytest.raises(ConsentNeeded, match="run code whenever Python starts"):
        elsewhere(environments, tmp_path).build(block, options=Options(accept="yes"))


def test_a_machine_that_never_asks_does_not_ask_about_this_either(
    environments: Environments, index: LocalIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add(wheel("early-never", files=EARLY))
    block = environments.install(None, ["early-never"]).block
    (tmp_path / "policy.json").write_text('{"ask": "never"}')
    monkeypatch.setenv("JUPYTER_ENVS_POLICY", str(tmp_path / "policy.json"))
    assert elsewhere(environments, tmp_path).build(block)


def test_an_empty_path_file_is_no_code(environments: Environments, index: LocalIndex, tmp_path: Path) -> None:
    index.add(wheel("late", files={"late.py": "", "late.pth": "# import nothing\n\n"}))
    block = environments.install(None, ["late"]).block
    assert elsewhere(environments, tmp_path).build(block, options=Options(accept="yes"))


@pytest.mark.parametrize("path", ["data/lib64/python/x.pth", "data/.w/0/p/x", "data/pyvenv.cfg", "data/.W/0/x"])
def test_a_wheel_reaches_nothing_of_the_environments_own(path: str, environments: Environments, index: LocalIndex) -> None:
    name = "reaching-" + "".join(filter(str.isalnum, path)).lower()
    index.add(wheel(name, data={path: "import os\n"}))
    with pytest.raises(InstallError) as refused:
        environments.install(None, [name])
    assert refused.value.code == "wheel-escape"
    assert environments.store.list() == []


def test_data_that_a_package_writes_beside_its_code_does_no_harm(environments: Environments, index: LocalIndex) -> None:
    index.add(wheel("writing", files={"writing/__init__.py": ""}))
    change = environments.install(None, ["writing"])
    assert change.environment
    folder = (change.environment.site[0] / "writing").resolve()
    folder.chmod(0o755)
    (folder / "cache.db").write_text("mine")
    assert environments.store.health(change.environment.id) is None
    environments.store.remove(change.environment.id)
    again = environments.build(change.block)
    assert (again.site[0] / "writing" / "cache.db").read_text() == "mine"
    assert environments.store.health(again.id) is None
