"""A home that somebody else owns or may write to is not used, by no door, and the user is told what mends it."""

from __future__ import annotations

import os
import re
import shlex
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_envs.cli.main import VERBS
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.errors import StoreError
from jupyter_envs.settings import Settings
from jupyter_envs.system import home as own
from jupyter_envs.system import scripts
from jupyter_envs.system.files import make_private, usable

from .test_cli import Cli, cli, notebook, signals  # noqa: F401  # fixtures
from .typed import typed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="owners and modes of POSIX")
KEPT = [*own.FOLDERS, *own.FILES]


def refusal(folder: Path) -> StoreError:
    with pytest.raises(StoreError) as caught:
        own.check(folder)
    assert caught.value.hint and str(folder) in caught.value.sentence
    return caught.value


def put(home: Path, name: str) -> Path:
    """One of what is kept in a home; "" is the home itself."""
    path = home / name
    if name in own.FILES:
        path.touch(mode=0o600)
    else:
        path.mkdir(mode=0o700, exist_ok=True)
    return path


@pytest.mark.parametrize("mode", [0o020, 0o002])
@pytest.mark.parametrize("name", ["", *KEPT])
def test_what_others_can_write_to_is_refused_and_the_hint_mends_it(home: Path, name: str, mode: int) -> None:
    path = put(home, name)
    own.check(home)
    path.chmod(path.stat().st_mode | mode)
    error = refusal(home)
    assert error.code == "store-unsafe" and str(path) in error.sentence
    command = error.hint.rpartition("run: ")[2]
    subprocess.run(shlex.split(command), check=True)
    own.check(home)


@pytest.mark.parametrize("name", ["", *KEPT])
def test_what_belongs_to_somebody_else_is_refused(home: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(put(home, name))
    real = os.stat

    def stat_of_another(place: str, **more: bool) -> os.stat_result:
        status = real(place, **more)
        fields = list(status)
        if str(place) == path:
            fields[stat.ST_UID] = os.getuid() + 1
        return os.stat_result(fields)

    with monkeypatch.context() as patched:
        patched.setattr(os, "stat", stat_of_another)
        error = refusal(home)
    assert error.code == "store-unsafe" and path in error.sentence and "chown" in error.hint


def test_each_folder_that_our_code_makes_in_a_home_is_looked_at() -> None:
    made = re.compile(r"""\bhome / "([a-z]+)"|\{home\}/([a-z]+)/|\(home, "([a-z]+)\"""")
    sources = "".join(path.read_text(encoding="utf-8") for path in scripts.PACKAGE.rglob("*.py"))
    found = {next(filter(None, names)) for names in made.findall(sources)}
    assert {"writing", "kept", "uses", "pending"} <= found and found <= {*own.FOLDERS}


def test_a_folder_with_an_odd_name_is_quoted_in_the_hint(home: Path, tmp_path: Path) -> None:
    odd = tmp_path / "my folder; touch PWNED"
    odd.mkdir(mode=0o700)
    odd.chmod(0o777)
    with pytest.raises(StoreError) as caught:
        usable(odd)
    for error in (refusal(odd), caught.value):
        assert shlex.split(error.hint.rpartition("run: ")[2])[-1] == str(odd)


def test_root_does_not_use_a_users_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: home.stat().st_uid + 1)
    assert refusal(home).code == "store-unsafe"


@pytest.mark.parametrize("name", ["", *own.FOLDERS])
@pytest.mark.parametrize("what", ["file", "loop", "dangling", "fifo", "device"])
def test_what_is_no_folder_is_named(home: Path, tmp_path: Path, name: str, what: str) -> None:
    path = tmp_path / "other" if name == "" else home / name
    exchange(path, what)
    with pytest.raises(StoreError) as caught:
        own.check(path if name == "" else home)
    assert caught.value.code == "home-unusable" and str(path) in caught.value.sentence


def exchange(path: Path, what: str) -> None:
    """Puts something else in the place of a file or folder."""
    if path.is_dir() and not path.is_symlink():
        path.rename(path.with_name(f"{path.name}.before"))
    match what:
        case "file":
            path.touch()
        case "loop":
            path.symlink_to(path)
        case "dangling":
            path.symlink_to(path.with_name("nowhere"))
        case "fifo":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")


def test_a_home_that_is_not_there_yet_and_links_of_ones_own_are_fine(home: Path, tmp_path: Path) -> None:
    own.check(tmp_path / "none" / "yet")
    (tmp_path / "scratch").mkdir(mode=0o700)
    (home / "built").symlink_to(tmp_path / "scratch")
    (tmp_path / "link").symlink_to(home)
    own.check(tmp_path / "link")
    (tmp_path / "scratch").chmod(0o777)
    assert refusal(home).code == "store-unsafe"


@pytest.mark.parametrize("name", ["", "v1"])
def test_a_store_elsewhere_is_looked_at_as_well(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The Python of an environment is started from there."""
    store = tmp_path / "elsewhere"
    (store / "v1").mkdir(parents=True)
    monkeypatch.setenv("JUPYTER_ENVS_STORE", str(store))
    Settings.load()
    (store / name).chmod(0o777)
    with pytest.raises(StoreError, match="other users can write to it") as caught:
        Settings.load()
    assert caught.value.code == "store-unsafe" and str(store / name) in caught.value.hint


WORDS: dict[str, tuple[str, ...]] = {
    "status": ("a.ipynb",), "install": ("a.ipynb", "six"), "remove": ("a.ipynb", "six"), "upgrade": ("a.ipynb",),
    "undo": ("a.ipynb",), "lock": ("a.ipynb",), "build": ("a.ipynb",), "run": ("a.ipynb",), "shell": ("a.ipynb", "--", "true"),
    "import": ("a.ipynb", "r.txt"), "export": ("a.ipynb", "--format", "pylock.toml"), "infer": ("a.ipynb",),
    "activate": ("a.ipynb",), "python": (), "consent": ("list",), "list": (), "gc": (), "verify": (), "doctor": (),
}  # fmt: skip


@pytest.mark.parametrize("verb", sorted({*VERBS} - {"kernelspec", "completion"}))
def test_every_verb_refuses_it_and_starts_nothing(
    home: Path,
    notebook: Path,
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
    verb: str,
) -> None:
    (notebook.parent / "r.txt").write_text("six\n")
    home.chmod(0o777)
    before = [*os.walk(home)], notebook.read_bytes()
    monkeypatch.setattr(subprocess, "Popen", lambda *words, **_: pytest.fail(f"started {words}"))
    said = cli(verb, *WORDS[verb])
    assert said.code == 1 and "chmod 700" in said.err + said.out, said
    assert verb == "doctor" or "error[store-unsafe]" in said.err
    assert ([*os.walk(home)], notebook.read_bytes()) == before


@pytest.fixture
def umask() -> Iterator[Callable[[int], int]]:
    before = os.umask(0o022)
    os.umask(before)
    yield os.umask
    os.umask(before)


@pytest.mark.parametrize("mask", [0o000, 0o002, 0o027, 0o077, 0o277, 0o777])
def test_what_is_made_is_for_the_user_alone_whatever_the_umask(
    tmp_path: Path, umask: Callable[[int], int], mask: int
) -> None:
    umask(mask)
    make_private(tmp_path / "a" / "b")
    assert [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "a", tmp_path / "a" / "b")] == [0o700, 0o700]


@pytest.mark.parametrize("mask", [0o000, 0o002])
def test_nothing_beside_the_store_in_a_used_home_can_be_written_by_others(
    environments: Environments, umask: Callable[[int], int], mask: int
) -> None:
    umask(mask)
    block = environments.install(None, typed("demo")).block
    environments.build(None)
    environments.undo(environments.install(block, typed("demo-dep")).block)
    home = environments.here.settings.home
    own.check(home)
    for place, folders, names in os.walk(home):
        folders[:] = [name for name in folders if name != "store"]  # test_shared_stores.py sees to that
        kept = [Path(place, name) for name in (*folders, *names)]
        loose = [path for path in kept if not path.is_symlink() and path.lstat().st_mode & 0o022]
        assert loose == []


def test_nobody_at_home_is_told_to_say_where(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def nobody() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nobody)
    monkeypatch.setattr(Path, "expanduser", lambda path: nobody() if str(path).startswith("~") else path)
    with pytest.raises(StoreError, match="HOME is not set") as caught:
        Settings.load({})
    assert caught.value.code == "home-unusable" and "JUPYTER_ENVS_HOME" in caught.value.hint
    assert Settings.load({"JUPYTER_ENVS_HOME": str(tmp_path / "x")}).home == tmp_path / "x"
    assert Settings.load({"XDG_DATA_HOME": str(tmp_path)}).home.is_relative_to(tmp_path)
