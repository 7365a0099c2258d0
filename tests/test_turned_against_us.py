"""What lies beside a notebook, what is in the environment and what is typed cannot turn our tools against the user."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import trustme

from jupyter_envs.launch.decision import KernelStart, decide
from jupyter_envs.settings import Settings
from jupyter_envs.system import process

from .local_index import LocalIndex
from .test_cli import Cli, block_in, cli, made, signals  # noqa: F401  # fixtures
from .wheels import folder_project, sdist, wheel

SECRETS = ("LD_PRELOAD", "PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "UV_INDEX_STRATEGY", "UV_CONFIG_FILE", "PIP_TARGET",
           "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "VIRTUAL_ENV", "CONDA_PREFIX")  # fmt: skip


@pytest.mark.parametrize("place", ["beside", "above"])
def test_no_configuration_near_the_notebook_is_obeyed(
    cli: Cli,
    index: LocalIndex,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
) -> None:
    folder = tmp_path / "above" / "work"
    folder.mkdir(parents=True)
    lies = folder if place == "beside" else folder.parent
    with LocalIndex([wheel("demo", "9.9"), wheel("demo-dep", "9.9"), wheel("ipykernel", "99")]) as evil:
        table = f'[[index]]\nname = "evil"\nurl = "{evil.url}"\ndefault = true\n'
        (lies / "uv.toml").write_text(table)
        (lies / "pyproject.toml").write_text("[tool.uv]\n" + table.replace("[[index]]", "[[tool.uv.index]]"))
        (lies / "pip.conf").write_text(f"[global]\nindex-url = {evil.url}\n")
        (lies / ".env").write_text(f"UV_DEFAULT_INDEX={evil.url}\nPIP_INDEX_URL={evil.url}\n")
        (lies / ".python-version").write_text("2.7\n")
        (lies / ".netrc").write_text("machine 127.0.0.1 login x password y\n")
        monkeypatch.chdir(folder)
        notebook = made(folder / "a.ipynb", "1")
        said = cli("install", notebook, "demo", "--no-build-env")
        assert said.code == 0, said.err
        assert evil.hits == []
    lock = block_in(notebook).lock
    assert (
        lock and {"demo": "2.0", "demo-dep": "1.1"}.items() <= {row.name: row.version for row in lock.packages}.items()
    )


def test_a_tool_sees_nothing_of_the_environment_that_it_has_no_need_of(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRETS:
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("PATH", f".{os.pathsep}relative/bin{os.pathsep}{os.environ['PATH']}")
    seen = process.scrubbed({})
    assert not seen.keys() & set(SECRETS)
    assert all(Path(folder).is_absolute() for folder in seen["PATH"].split(os.pathsep))


@pytest.mark.parametrize(
    "word",
    [
        "demo; rm -rf /",
        "$(id)",
        "`id`",
        "demo && id",
        "demo # x",
        "demo\n--index-url http://evil",
        "x @ https://h/${HOME}",
        "demo|id",
    ],
)
def test_no_word_is_for_a_shell(
    cli: Cli,
    index: LocalIndex,
    tmp_path: Path,
    word: str,
) -> None:
    notebook = made(tmp_path / "a.ipynb", "1")
    before = notebook.read_bytes()
    said = cli("install", notebook, word, "--json")
    assert said.code == 1 and said.json["error"]["code"].startswith("req-"), said.out
    assert notebook.read_bytes() == before and index.hits == []


@pytest.mark.parametrize(
    "line",
    [
        "--index-url http://evil/",
        "--extra-index-url=http://evil/",
        "-f http://evil/",
        "-i http://evil",
        "--pre -i http://evil",
        "--find-links evil",
        "--no-index",
        "--no-binary :all:",
        "--config-settings x=y",
    ],
)
@pytest.mark.parametrize("through", ["{line}", "-r more.txt", "-c more.txt"])
def test_a_requirements_file_chooses_neither_an_index_nor_what_is_built(
    cli: Cli,
    index: LocalIndex,
    tmp_path: Path,
    line: str,
    through: str,
) -> None:
    notebook = made(tmp_path / "a.ipynb", "1")
    (tmp_path / "more.txt").write_text(f"\n{line}\n")
    (tmp_path / "r.txt").write_text(f"demo\n{through.format(line=line)}\n")
    said = cli("install", notebook, "-r", tmp_path / "r.txt", "--json")
    assert said.code == 1
    error = said.json["error"]
    assert error["code"] == "requirements-option" and ".txt:2: " in error["sentence"], error
    assert index.hits == []


LOCAL = ["-e ./mine", "./mine", "mine @ {folder}", "-e {folder}", "./mine-1.0.tar.gz", "mine @ {archive}"]


def noisy_source(folder: Path, marker: Path) -> dict[str, str]:
    """A folder and an archive of `mine`, which leave a mark when they are built. The words that name them in LOCAL."""
    code = f"open({str(marker)!r}, 'a').write('x')"
    (folder / "mine").mkdir()
    for path, text in (folder_project("mine", setup=code) | {"setup.cfg": "[metadata]\nname = mine\n"}).items():
        (folder / "mine" / path).write_text(text)
    archive = sdist("mine", "1.0", static=False, setup=code).write(folder)
    return {"folder": (folder / "mine").as_uri(), "archive": archive.as_uri()}


@pytest.mark.parametrize("line", LOCAL)
@pytest.mark.parametrize("through", ["{line}", "-r more.txt"])
def test_source_of_this_machine_that_a_requirements_file_names_is_built_after_a_yes_by_name(
    cli: Cli, index: LocalIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, through: str
) -> None:
    marker = tmp_path / "ran"
    monkeypatch.chdir(tmp_path)
    line = line.format(**noisy_source(tmp_path, marker))
    notebook = made(tmp_path / "a.ipynb", "1")
    (tmp_path / "more.txt").write_text(f"{line}\n")
    (tmp_path / "r.txt").write_text(through.format(line=line))
    before = notebook.read_bytes()
    said = cli("install", notebook, "-r", "r.txt", "--no-build-env", "--json")
    error = said.json["error"]
    assert (said.code, error["code"], error["data"]) == (3, "needs-build", {"packages": ["mine"]})
    assert not marker.exists() and index.hits == [] and notebook.read_bytes() == before
    said = cli("install", notebook, "-r", "r.txt", "--allow-build", "mine", "--no-build-env", "--json")
    assert said.code == 0 and said.json["changed"]["mine"] == [None, "1.0"], said.out
    assert marker.exists()


@pytest.mark.parametrize("line", LOCAL)
@pytest.mark.parametrize("also", [False, True])
def test_source_of_this_machine_that_was_typed_is_the_users_own(
    cli: Cli, index: LocalIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, also: bool
) -> None:
    """`also`: a file names it, too."""
    marker = tmp_path / "ran"
    monkeypatch.chdir(tmp_path)
    line = line.format(**noisy_source(tmp_path, marker))
    (tmp_path / "r.txt").write_text(f"{line}\n")
    words = ["-e", line[3:]] if line.startswith("-e ") else [line]
    more = ["-r", "r.txt"] if also else []
    said = cli("install", made(tmp_path / "a.ipynb", "1"), *words, *more, "--no-build-env", "--json")
    assert said.code == 0 and said.json["changed"]["mine"] == [None, "1.0"], said.out
    assert marker.exists()


def test_a_folder_that_is_called_like_a_wheel_is_source(
    cli: Cli, index: LocalIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = tmp_path / "ran"
    monkeypatch.chdir(tmp_path)
    noisy_source(tmp_path, marker)
    (tmp_path / "mine").rename(tmp_path / "mine-1.0-py3-none-any.whl")
    (tmp_path / "r.txt").write_text("./mine-1.0-py3-none-any.whl\n")
    said = cli("install", made(tmp_path / "a.ipynb", "1"), "-r", "r.txt", "--json")
    assert said.json["error"]["code"] == "needs-build" and not marker.exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files here")
@pytest.mark.parametrize("kind", ["fifo", "folder", "passwd", "device", "loop"])
def test_what_is_no_ordinary_file_is_not_read(
    cli: Cli,
    settings: Settings,
    tmp_path: Path,
    kind: str,
) -> None:
    path = tmp_path / "a.ipynb"
    {
        "fifo": lambda: os.mkfifo(path),
        "folder": path.mkdir,
        "passwd": lambda: path.symlink_to("/etc/passwd"),
        "device": lambda: path.symlink_to("/dev/zero"),
        "loop": lambda: path.symlink_to(path),
    }[kind]()
    said = cli("status", path, "--json")
    assert said.code == 1 and said.json["error"]["code"] in ("not-notebook", "not-json", "not-readable", "not-found")
    assert "root:" not in said.out + said.err
    assert decide(KernelStart("k", path), settings).standin


def test_a_requirements_file_makes_no_address_trusted(
    cli: Cli, index: LocalIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    with LocalIndex([wheel("demo", "9.9")], authority=authority) as untrusted:
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"local={untrusted.url}")
        (tmp_path / "r.txt").write_text("--trusted-host 127.0.0.1\ndemo\n")
        said = cli("install", made(tmp_path / "a.ipynb", "1"), "-r", tmp_path / "r.txt", "--json")
    assert said.json["error"]["code"] == "index-certificate", said.out
    assert not any("demo" in hit for hit in untrusted.hits)
