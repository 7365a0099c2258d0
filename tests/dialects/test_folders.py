"""Folders: what is installed in one, and what files in it ask for. Nothing in them is started."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from jupyter_envs.dialects.conda_specs import subdir
from jupyter_envs.dialects.found import Found
from jupyter_envs.dialects.table import dialect_of
from jupyter_envs.errors import InputError
from tests.local_index import LocalIndex
from tests.test_cli import Cli, block_in, cli, notebook, signals
from tests.wheels import Dist, wheel

__all__ = ["cli", "notebook", "signals"]
MINOR = f"{sys.version_info.major}.{sys.version_info.minor}"
SITE = f"lib/python{MINOR}/site-packages"


def put(site: Path, dist: Dist, *, requested: bool = False, installer: str = "pip", source: object = None) -> Path:
    """As an installer does it."""
    site.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(dist.write(site.parent)) as archive:
        archive.extractall(site)
    folder = next(
        path for path in site.glob("*.dist-info") if path.name.lower().startswith(f"{dist.name.replace('-', '_')}-")
    )
    (folder / "INSTALLER").write_text(f"{installer}\n")
    if requested:
        (folder / "REQUESTED").touch()
    if source:
        (folder / "direct_url.json").write_text(json.dumps(source))
    return folder


def environment(folder: Path, more: str = "") -> Path:
    """A virtual environment that has programs which must not be started; returns the folder of its packages."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").write_text(f"#!/bin/sh\ntouch {folder}/started\n")
    (folder / "bin" / "python").chmod(0o755)
    (folder / "pyvenv.cfg").write_text(f"home = /usr/bin\nversion = {MINOR}.9\n{more}")
    return folder / SITE


def read(folder: Path, groups: Sequence[str] = ()) -> Found:
    found = dialect_of(folder).read(folder, groups)
    assert not (folder / "started").exists()
    return found


def asked(found: Found) -> dict[str, bool | None]:
    return {pin.name: pin.asked for pin in found.pins}


def test_what_pip_was_asked_for_is_asked_for_and_the_rest_is_pinned(
    cli: Cli, notebook: Path, index: LocalIndex
) -> None:
    index.add(wheel("demo", "3.0", requires=["demo-dep"]))
    site = environment(notebook.parent / ".venv")
    put(site, wheel("demo", "2.0", requires=["demo-dep"]), requested=True)
    put(site, wheel("demo-dep", "1.1"))
    put(site, wheel("pip", "24.0"), requested=True)
    assert ".venv: 2 packages locked" in cli("import", notebook).out
    said = cli("import", notebook, ".venv", "--no-build-env", "--accept", "--json")
    assert said.code == 0, said.err
    block = block_in(notebook)
    assert block.dependencies == ("demo",) and block.requires_python == f"=={MINOR}.*"
    locked = {row.name: row.version for row in block.lock.packages} if block.lock else {}
    assert (locked["demo"], locked["demo-dep"]) == ("2.0", "1.1")
    assert not (notebook.parent / ".venv" / "started").exists()


def test_where_nobody_tells_what_nothing_needs_is_asked_for(tmp_path: Path) -> None:
    site = environment(tmp_path / "e")
    put(site, wheel("demo", "1.0", requires=["demo-dep", "shout; extra == 'loud'", "one; sys_platform == 'zos'"]))
    put(site, wheel("demo-dep", "1.1"))
    put(site, wheel("shout", "1.0"))
    put(site, wheel("one", "1.0", requires=["two"]))
    put(site, wheel("two", "1.0", requires=["one"]))
    put(site, wheel("setuptools", "70.0"))
    assert asked(read(tmp_path / "e")) == {
        "demo": True, "demo-dep": False, "shout": True, "one": True, "two": False, "setuptools": False,
    }  # fmt: skip


def test_sources_are_kept_or_told(tmp_path: Path) -> None:
    site = environment(tmp_path / "e", "include-system-site-packages = true\n")
    git = {"url": "https://git.example/thing", "vcs_info": {"vcs": "git", "commit_id": "a" * 40}}
    put(site, wheel("thing", "1.0"), source=git)
    put(site, wheel("archive", "1.0"), source={
        "url": "https://h.example/archive-1.0.zip", "archive_info": {"hashes": {"sha256": "0" * 64}},
    })  # fmt: skip
    put(site, wheel("mine", "1.0"), source={"url": "file:///home/me/mine", "dir_info": {"editable": True}})
    put(site, wheel("secret", "1.0"), source={**git, "url": "https://me:pass@git.example/secret"})
    put(site, wheel("broken", "1.0"), source={"url": 7})
    put(site, wheel("demo", "1.0"), requested=True)
    found = read(tmp_path / "e")
    assert {item.name: item.source.vcs.url for item in found.requirements if item.source and item.source.vcs} == {
        "thing": "https://git.example/thing", "archive": "https://h.example/archive-1.0.zip",
    }  # fmt: skip
    assert asked(found) == {"demo": True}
    notes = "\n".join(found.notes)
    for name in ("mine 1.0", "secret 1.0", "broken 1.0"):
        assert f"{name} is left out" in notes
    assert "also sees the packages of the Python" in notes and "pass" not in notes


def test_links_and_what_is_not_a_package_are_not_followed(tmp_path: Path) -> None:
    site = environment(tmp_path / "e")
    outside = put(tmp_path / "elsewhere", wheel("outside", "1.0"))
    put(site, wheel("demo", "1.0"))
    (site / "outside-1.0.dist-info").symlink_to(outside)
    (site / "half-1.0.dist-info").mkdir()
    odd = site / "odd-1.0.dist-info"
    odd.mkdir()
    os.mkfifo(odd / "METADATA")
    found = read(tmp_path / "e")
    assert asked(found) == {"demo": True}
    assert any("outside is left out" in note for note in found.notes)


def test_a_folder_of_packages_that_is_a_link_is_not_read(tmp_path: Path) -> None:
    site = environment(tmp_path / "e")
    put(tmp_path / "elsewhere" / "site-packages", wheel("outside", "1.0"))
    site.parent.mkdir(parents=True)
    site.symlink_to(tmp_path / "elsewhere" / "site-packages")
    with pytest.raises(InputError, match="No package is installed"):
        read(tmp_path / "e")


def test_an_environment_that_uv_made_is_read(tmp_path: Path, index: LocalIndex) -> None:
    """By the real tool, from files alone."""
    env = {**os.environ, "UV_CACHE_DIR": str(tmp_path / "cache"), "UV_OFFLINE": "1"}
    demo = wheel("demo", "1.0", requires=["demo-dep"]).write(tmp_path / "wheels")
    wheel("demo-dep", "1.1").write(tmp_path / "wheels")
    for words in (
        ["venv", "-q", "-p", sys.executable, tmp_path / "e"],
        ["pip", "install", "-q", "-p", tmp_path / "e", "--no-index", "-f", demo.parent, "demo"],
    ):
        subprocess.run([sys.executable, "-m", "uv", *words], check=True, env=env)
    assert asked(read(tmp_path / "e")) == {"demo": True, "demo-dep": False}


def conda_prefix(folder: Path) -> Path:
    (folder / "conda-meta").mkdir(parents=True)
    for name, version, files in (
        ("python", f"{MINOR}.4", []),
        ("gdal", "3.9.1", [f"{SITE}/gdal-3.9.1.dist-info/METADATA", "bin/gdalinfo"]),
    ):
        record = {"name": name, "version": version, "build": "h_0", "channel": f"https://conda.anaconda.org/conda-forge/{subdir()}",
                  "subdir": subdir(), "files": files, "sha256": "0" * 64}  # fmt: skip
        (folder / "conda-meta" / f"{name}-{version}-h_0.json").write_text(json.dumps(record))
    put(folder / SITE, wheel("gdal", "3.9.1"), installer="pip")
    put(folder / SITE, wheel("demo", "1.0"), requested=True)
    return folder


def test_a_prefix_of_conda_has_what_conda_gave_and_what_pip_gave(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    found = read(conda_prefix(notebook.parent / "e"))
    assert found.conda and found.conda.channels == ("conda-forge",)
    assert sorted(found.conda.dependencies) == ["gdal==3.9.1=h_0", f"python=={MINOR}.4=h_0"]
    assert asked(found) == {"demo": True}
    said = cli("import", notebook, "e")
    assert said.code == 0, said.err
    assert block_in(notebook).dependencies == ("demo==1.0",)
    assert cli("status", notebook, "--json").json["error"]["code"] == "needs-conda"


@pytest.mark.parametrize("text", ["{", "[]", '{"name": 7}', '{"name": "a", "version": "1", "files": 7}', "[" * 5000])
def test_a_damaged_prefix_of_conda_is_refused(tmp_path: Path, text: str) -> None:
    (conda_prefix(tmp_path / "e") / "conda-meta" / "x-1-0.json").write_text(text)
    with pytest.raises(InputError, match="is not a record of conda"):
        read(tmp_path / "e")


# -- Binder, and the like -----------------------------------------------------------------------------------


def test_a_folder_for_binder_is_read_and_what_it_would_run_is_told(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    folder = notebook.parent / "repository"
    (folder / "binder").mkdir(parents=True)
    for name, text in {
        "requirements.txt": "demo<2\n", "runtime.txt": f"python-{MINOR}\n", "apt.txt": "# system\nffmpeg\nlibgdal-dev\n",
        "postBuild": f"#!/bin/sh\ntouch {folder}/started\n", "start": "exec jupyter\n", "install.R": "x", "Dockerfile": "FROM x",
    }.items():  # fmt: skip
        (folder / "binder" / name).write_text(text)
    (folder / "requirements.txt").write_text("shout\n")
    found = read(folder)
    assert [item.text for item in found.requirements] == ["demo<2"] and found.requires_python == f"=={MINOR}.*"
    notes = "\n".join(found.notes)
    for name in ("postBuild", "start", "install.R", "Dockerfile"):
        assert f"{name} is left out, and was not run" in notes
    assert "it asks the system for ffmpeg, libgdal-dev" in notes
    said = cli("import", notebook, "repository", "--no-build-env", "--accept")
    assert said.code == 0, said.err
    assert block_in(notebook).dependencies == ("demo<2",)


def test_the_environment_file_of_a_folder_counts_before_its_requirements(tmp_path: Path) -> None:
    (tmp_path / "environment.yml").write_text("dependencies: [python=3.11, gdal]\n")
    (tmp_path / "requirements.txt").write_text("demo\n")
    found = read(tmp_path)
    assert found.conda and "gdal" in found.conda.dependencies and not found.requirements
    assert any("requirements.txt is left out: environment.yml counts" in note for note in found.notes)


def test_a_folder_with_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "setup.py").write_text("raise SystemExit('run')")
    with pytest.raises(InputError, match="is no environment, and no file in it") as caught:
        read(tmp_path)
    assert caught.value.code == "unknown-format"


def test_a_link_is_followed_only_inside_the_folder(tmp_path: Path) -> None:
    folder, other = tmp_path / "repository", tmp_path / "other"
    (folder / "lists").mkdir(parents=True)
    other.mkdir()
    for file in (folder / "lists" / "r.txt", other / "r.txt"):
        file.write_text("demo<2\n")
    (folder / "pyproject.toml").write_text("[project]\nname = 'x'\nversion = '1'\ndependencies = ['shout']\n")
    link = folder / "requirements.txt"
    link.symlink_to(Path("lists", "r.txt"))
    assert [item.text for item in read(folder).requirements] == ["demo<2"]
    link.unlink()
    for target in (other / "r.txt", Path("..", "nothing")):
        link.symlink_to(target)
        with pytest.raises(InputError, match=r"requirements\.txt is a link out of the folder, and was not followed"):
            read(folder)
        link.unlink()
    link.symlink_to("nothing")
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read(folder)
    link.unlink()
    (folder / "pixi.toml").symlink_to(other / "r.txt")
    (folder / "apt.txt").symlink_to(other / "r.txt")
    found = read(folder)
    assert [item.text for item in found.requirements] == ["shout"]
    assert {note for note in found.notes if "a link out" in note} == {
        "apt.txt is a link out of the folder, and was not followed.",
        "pixi.toml is a link out of the folder, and was not followed.",
    }


def test_a_binder_folder_that_is_a_link_is_followed_only_inside(tmp_path: Path) -> None:
    folder = tmp_path / "repository"
    (folder / "real").mkdir(parents=True)
    (folder / "real" / "requirements.txt").symlink_to(Path("..", "requirements.txt"))
    (folder / "requirements.txt").write_text("demo<2\n")
    (folder / "environment.yml").write_text("dependencies: [gdal]\n")
    (folder / "binder").symlink_to("real")
    assert [item.text for item in read(folder).requirements] == ["demo<2"]
    (folder / "binder").unlink()
    (folder / "binder").symlink_to(tmp_path)
    with pytest.raises(InputError, match="binder is a link out of the folder") as caught:
        read(folder)
    assert caught.value.hint and "folder itself" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "text", "limits"),
    [
        (".python-version", "3.12.1\n", "==3.12.1"), (".python-version", "# mine\n\n3.12\n3.11\n", "==3.12.*"),
        ("runtime.txt", "python-3.10\n", "==3.10.*"), ("runtime.txt", "python-3.10.13", "==3.10.13"),
        (".python-version", ">=3.11,<3.13\n", "<3.13,>=3.11"), (".python-version", "cpython-3.12\n", "==3.12.*"),
    ],
)  # fmt: skip
def test_the_python_of_a_folder_is_read(tmp_path: Path, name: str, text: str, limits: str) -> None:
    (tmp_path / name).write_text(text)
    file = tmp_path / name
    assert dialect_of(file).read(file, ()).requires_python == limits


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        (".python-version", "pypy3.10-7.3.12\n", "python-unsupported"), (".python-version", "3.13t\n", "python-unsupported"),
        (".python-version", "my-environment\n", "python-spec"), (".python-version", "\n", "foreign-file"),
        ("runtime.txt", "python-3.10; rm -rf /\n", "python-spec"),
    ],
)  # fmt: skip
def test_what_names_no_python_for_notebooks_is_refused(tmp_path: Path, name: str, text: str, code: str) -> None:
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        dialect_of(file).read(file, ())
    assert caught.value.code == code and name in caught.value.sentence


def test_a_runtime_of_another_language_is_told(tmp_path: Path) -> None:
    (tmp_path / "runtime.txt").write_text("r-4.1-2022-01-01\n")
    found = read(tmp_path)
    assert found.requires_python is None and "is no Python" in found.notes[0]
