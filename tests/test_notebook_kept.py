"""A notebook's file stays what it was, beside its bytes; where no new file can take its place, it is written itself;
and what a killed writer leaves is swept."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_envs.errors import NotebookError
from jupyter_envs.model.block import Block
from jupyter_envs.notebook import NotebookFile, in_place, leftovers, replacing, saving
from jupyter_envs.notebook.seeing import look
from jupyter_envs.settings import Settings
from jupyter_envs.system import leases

from .moments import moments
from .store.mounts import fill, read_only, tmpfs

BLOCK = Block(version=1, dependencies=("pandas>=2",))
OTHER = Block(version=1)
ACL = "system.posix_acl_access"
FOLDER_ACL = "system.posix_acl_default"
ENTRIES = "0200000001000600ffffffff02000400fffe000004000400ffffffff10000600ffffffff20000400ffffffff"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return notebook(folder / "a.ipynb")


@pytest.fixture
def root() -> None:
    if os.name != "posix" or os.getuid() != 0:
        pytest.skip("needs root")


def notebook(path: Path, text: str = "x" * 9000) -> Path:
    cell = {"cell_type": "markdown", "metadata": {}, "source": text, "id": "a"}
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n")
    return path


def write(path: Path, block: Block | None = BLOCK) -> None:
    NotebookFile.read(path).write_block(block)


def kept() -> list[Path]:
    folder = Settings.load().home / "kept"
    return list(folder.iterdir()) if folder.exists() else []


def with_attribute(path: Path, name: str, value: bytes) -> None:
    try:
        os.setxattr(path, name, value)
    except (OSError, AttributeError) as error:
        pytest.skip(f"no such attributes here: {error}")


# -- what stays ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "value"), [("user.note", b"mine"), (ACL, bytes.fromhex(ENTRIES))])
def test_attributes_and_access_lists_are_kept(path: Path, name: str, value: bytes) -> None:
    with_attribute(path, name, value)
    mode = path.stat().st_mode
    write(path)
    assert os.getxattr(path, name) == value
    assert path.stat().st_mode == mode


def test_a_notebook_without_an_access_list_gets_none_from_its_folder(path: Path) -> None:
    with_attribute(path.parent, FOLDER_ACL, bytes.fromhex(ENTRIES))
    write(path)
    assert ACL not in os.listxattr(path)


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("mode", [0o640, 0o2664, 0o600, 0o4755])
def test_owner_group_and_mode_are_kept(path: Path, mode: int) -> None:
    os.chown(path, 1234, 4321)
    path.chmod(mode)
    write(path)
    about = path.stat()
    assert (about.st_uid, about.st_gid, stat.S_IMODE(about.st_mode)) == (1234, 4321, mode)


def test_a_file_that_cannot_be_made_alike_is_written_itself(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where it belongs to a colleague who lets us write."""
    before = path.stat().st_ino
    monkeypatch.setattr(replacing, "made_alike", lambda *_: False)
    write(path)
    assert path.stat().st_ino == before
    assert NotebookFile.read(path).block == BLOCK
    assert kept() == [] and os.listdir(path.parent) == ["a.ipynb"]  # noqa: PTH208


# -- written in place ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", [BLOCK, None])
def test_all_names_of_a_file_have_the_change(path: Path, block: Block | None) -> None:
    write(path)
    os.link(path, path.with_name("b.ipynb"))
    write(path, block and OTHER)
    assert path.samefile(path.with_name("b.ipynb"))
    text = path.read_text()
    assert text.endswith("}\n") and NotebookFile.read(path).block == (block and OTHER)
    assert kept() == []


@pytest.mark.parametrize("number", [errno.EBUSY, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT, errno.EXDEV])
@pytest.mark.parametrize("step", ["make", "swap"])
def test_where_no_new_file_can_take_its_place_it_is_written_itself(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int, step: str
) -> None:
    def fails(*_: object) -> bool:
        raise OSError(number, os.strerror(number))

    before = path.stat().st_ino
    monkeypatch.setattr(replacing, step, fails)
    write(path)
    assert (path.stat().st_ino, NotebookFile.read(path).block) == (before, BLOCK)
    assert os.listdir(path.parent) == ["a.ipynb"] and kept() == []  # noqa: PTH208


@pytest.mark.usefixtures("root")
def test_a_notebook_that_is_a_mount_of_its_own_is_changed(path: Path) -> None:
    source = notebook(path.with_name("source.ipynb"))
    if subprocess.run(["mount", "--bind", source, path], capture_output=True, check=False).returncode:
        pytest.skip("cannot mount here")
    try:
        write(path)
        assert NotebookFile.read(source).block == BLOCK
    finally:
        subprocess.run(["umount", path], check=True)
    assert sorted(file.name for file in path.parent.iterdir()) == ["a.ipynb", "source.ipynb"]


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("links", [1, 2])
@pytest.mark.parametrize("leave", [0, 1 << 13])
def test_on_a_full_disk_it_is_changed_or_stays_as_it_is(tmp_path: Path, links: int, leave: int) -> None:
    with tmpfs(tmp_path / "small", "256k") as folder:
        path = notebook(folder / "a.ipynb", "x" * 40_000)
        if links > 1:
            os.link(path, folder / "b.ipynb")
        before = path.read_bytes()
        fill(folder, leave)
        room = Block(version=1, dependencies=tuple(f"package-{i}" for i in range(500)))
        if leave:
            write(path, BLOCK)
            assert NotebookFile.read(path).block == BLOCK
        else:
            with pytest.raises(NotebookError, match="No space left"):
                write(path, room)
            assert path.read_bytes() == before
        assert {file.name for file in folder.iterdir()} <= {"a.ipynb", "b.ipynb", "filling"}
    assert kept() == []


@pytest.mark.usefixtures("root")
def test_on_a_read_only_disk_it_is_refused(tmp_path: Path) -> None:
    with tmpfs(tmp_path / "small", "1m") as folder:
        path = notebook(folder / "a.ipynb")
        read_only(folder)
        with pytest.raises(NotebookError) as caught:
            write(path)
    assert caught.value.code == "not-writable"


def test_it_is_json_at_each_moment_in_which_it_is_written_itself(path: Path) -> None:
    """Whoever is killed there leaves the old or the new one, be it with white space behind."""
    os.link(path, path.with_name("b.ipynb"))
    seen: list[object] = []

    def looked() -> None:
        seen.append(json.loads(path.read_bytes())["metadata"].get("jupyter_envs"))

    for block in (BLOCK, OTHER):
        before = NotebookFile.read(path).content["metadata"].get("jupyter_envs")
        with moments(path.parent, dict.fromkeys(range(1, 1000), looked)) as passed:
            write(path, block)
        assert set(passed.calls) >= {"write", "fsync"}
        assert all(there in (before, block.to_dict()) for there in seen[-len(passed.calls) :])


def test_what_was_there_before_an_interrupted_write_is_named(path: Path) -> None:
    os.link(path, path.with_name("b.ipynb"))
    with leftovers.alone(path) as names:
        copy = in_place.copy_of(names.key)
    copy.parent.mkdir(exist_ok=True)
    copy.write_bytes(path.read_bytes())
    whole = path.read_bytes()
    path.write_bytes(whole[:500])
    with pytest.raises(NotebookError) as caught:
        NotebookFile.read(path)
    assert str(copy) in caught.value.hint
    path.write_bytes(copy.read_bytes())
    write(path)
    assert kept() == []


def test_a_write_that_fails_half_way_is_taken_back(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.link(path, path.with_name("b.ipynb"))
    before = path.read_bytes()
    fill_in = in_place._fill

    def fails(fd: int, old: bytes, new: bytes) -> bool:
        fill_in(fd, old, new)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(in_place, "_fill", fails)
    with pytest.raises(NotebookError, match="Input/output error"):
        write(path)
    assert path.read_bytes() == before
    assert kept() == []


@pytest.mark.parametrize("step", ["_appended", "_fill"])
def test_a_save_before_a_write_that_fails_stays(path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    os.link(path, path.with_name("b.ipynb"))
    theirs = json.dumps({"cells": [], "metadata": {"theirs": 1}, "nbformat": 4, "nbformat_minor": 5}).encode()

    def fails(*_: object) -> bool:
        path.write_bytes(theirs)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(in_place, step, fails)
    with pytest.raises(NotebookError, match="No space left"):
        write(path)
    assert path.read_bytes() == theirs
    assert kept() == []


@pytest.mark.parametrize("room", [0, 7, 100])
def test_a_disk_that_becomes_full_while_it_is_made_longer_changes_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    os.link(path, path.with_name("b.ipynb"))
    before = path.read_bytes()
    write_all, left = in_place._write, [room]

    def fills(fd: int, data: bytes) -> None:
        if left:
            write_all(fd, data[: left.pop()])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write_all(fd, data)

    monkeypatch.setattr(in_place, "_write", fills)
    with pytest.raises(NotebookError, match="No space left"):
        write(path)
    assert path.read_bytes() == before
    assert kept() == []


# -- one at a time -------------------------------------------------------------------------------------------


def test_another_command_that_hangs_is_an_error(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "OTHER_WRITER_TIMEOUT", 0.05)
    with leftovers.alone(path), pytest.raises(NotebookError, match="Another command has been writing") as caught:
        write(path)
    assert caught.value.code == "notebook-busy"
    assert NotebookFile.read(path).block is None


def test_all_names_of_a_file_have_one_lock(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "OTHER_WRITER_TIMEOUT", 0.05)
    other, link = path.with_name("b.ipynb"), path.with_name("link.ipynb")
    os.link(path, other)
    link.symlink_to(path)
    for name in (other, link):
        with leftovers.alone(path), pytest.raises(NotebookError, match="Another command"):
            write(name)


def test_without_a_home_it_is_written_all_the_same(path: Path, home: Path) -> None:
    (home / "writing").write_text("no folder")
    write(path)
    assert NotebookFile.read(path).block == BLOCK


# -- what is left --------------------------------------------------------------------------------------------


def left(path: Path) -> Iterator[tuple[str, Path]]:
    """What killed writers leave: (why it may go or not, file)."""
    with leftovers.alone(path) as names:
        made = names.new()
    seen = look(path)
    made.write_bytes(b"half")
    yield "gone", made
    whole = names.new()
    whole.write_bytes(b"our new one")
    ready = names.ready(whole.stat(), seen.about)
    whole.rename(ready)
    yield "gone", ready
    saved = names.new()
    saved.write_bytes(b"what somebody saved")
    theirs = names.ready(ready.stat(), seen.about)
    saved.rename(theirs)
    yield "kept", theirs


def test_the_next_write_sweeps_what_a_killed_one_left_and_keeps_what_somebody_saved(path: Path) -> None:
    files = list(left(path))
    strangers = [
        path.with_name(name) for name in (".a.ipynb.tmp", ".a.ipynb.abcdefgh.tmp", ".b.ipynb.je12345678-12345678.tmp")
    ]
    for stranger in strangers:
        stranger.touch()
    write(path)
    assert not any(file.exists() for _, file in files)
    saved = path.with_name("a-saved-1.ipynb")
    assert saved.read_bytes() == b"what somebody saved"
    assert {file.name for file in path.parent.iterdir()} == {"a.ipynb", saved.name, *(file.name for file in strangers)}


def test_the_old_notebook_goes_unless_it_was_written_since(path: Path) -> None:
    seen = look(path)
    with leftovers.alone(path) as names:
        old = names.ready(seen.about, seen.about)
    path.rename(old)
    assert [nothing_else for _, nothing_else in names.left()] == [True]
    made = names.ready(Path(__file__).stat(), seen.about)
    old.rename(made)
    assert [nothing_else for _, nothing_else in names.left()] == [True]
    made.write_bytes(b"saved")
    assert [nothing_else for _, nothing_else in names.left()] == [False]


def test_gc_sweeps_it_too_but_not_while_somebody_writes(path: Path, home: Path) -> None:
    files = list(left(path))
    with leftovers.alone(path.with_name("other.ipynb")):
        pass
    (lock,) = [file for file in (home / "writing").iterdir() if file.read_bytes() == os.fsencode(path)]
    with leases.exclusive(lock) as claim:
        assert claim
        assert leftovers.left(home, dry_run=False) == {}
    assert set(leftovers.left(home, dry_run=True)) == {file for why, file in files if why == "gone"}
    assert set(leftovers.left(home, dry_run=False)) == {file for why, file in files if why == "gone"}
    assert [file.exists() for _, file in files] == [False, False, True]
    os.utime(lock, (0, 0))
    assert list(leftovers.left(home, dry_run=False)) == [lock]


KILLED = """
import json, os, sys
from pathlib import Path
from jupyter_envs.model.block import Block
from jupyter_envs.notebook import NotebookFile, replacing, saving
from tests.moments import moments
path, how = Path(sys.argv[1]), sys.argv[2]
whole = path.read_bytes()
if how == "no swap":
    replacing.swap = lambda *_: False

def write(name):
    if how == "new file":
        saving.save(path.with_name("out.ipynb"), whole)
    else:
        NotebookFile.read(path).write_block(Block(version=1, dependencies=(name,)))

def names():
    return [name for name in os.listdir(path.parent) if name.startswith(".")]

for number in range(1, 1000):
    for name in os.listdir(path.parent):
        (path.parent / name).unlink()
    path.write_bytes(whole)
    if how == "two names":
        os.link(path, path.with_name("b.ipynb"))
    child = os.fork()
    if not child:
        with moments(path.parent, {number: lambda: os._exit(9)}):
            write("pandas")
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    block = json.loads(path.read_bytes())["metadata"].get("jupyter_envs")
    left = names()
    if path.with_name("out.ipynb").exists():
        assert path.with_name("out.ipynb").read_bytes() == whole
    write("numpy")
    links = (path if how != "new file" else path.with_name("out.ipynb")).stat().st_nlink
    print(json.dumps([number, code, block and block["dependencies"], len(left), names(), links]))
    if code == 0:
        break
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize("how", ["swap", "no swap", "two names", "new file"])
def test_whoever_is_killed_leaves_the_old_or_the_new_one_and_the_next_sweeps(path: Path, how: str) -> None:
    words = [sys.executable, "-c", KILLED, path, how]
    done = subprocess.run(words, capture_output=True, text=True, cwd=Path(__file__).parent.parent, check=False)
    assert done.returncode == 0, done.stderr
    rounds = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rounds) > 8 and rounds[-1][1] == 0
    assert {str(block) for _, code, block, *_ in rounds if code} == (
        {"None"} if how == "new file" else {"None", "['pandas']"}
    )
    assert [after for *_, after, _ in rounds if after] == []
    assert {links for *_, links in rounds} == {2 if how == "two names" else 1}
    assert any(left for _, _, _, left, *_ in rounds) is (how != "two names")


# -- outputs -------------------------------------------------------------------------------------------------


def test_a_new_file_is_for_whoever_may_read_what_is_made_here(path: Path) -> None:
    new = path.with_name("new.ipynb")
    before = os.umask(0o027)
    try:
        saving.save(new, b"1")
    finally:
        os.umask(before)
    assert (new.read_bytes(), stat.S_IMODE(new.stat().st_mode)) == (b"1", 0o640)
    with pytest.raises(FileExistsError):
        saving.save(new, b"2", over=False)
    saving.save(new, b"3")
    assert new.read_bytes() == b"3"
    assert sorted(os.listdir(path.parent)) == ["a.ipynb", "new.ipynb"]  # noqa: PTH208


def test_an_output_that_is_there_keeps_its_names_and_mode(path: Path) -> None:
    path.chmod(0o604)
    os.link(path, path.with_name("b.ipynb"))
    saving.save(path, b"{}")
    assert path.with_name("b.ipynb").read_bytes() == b"{}"
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


def test_outputs_that_can_be_kept_nowhere_in_the_home_are_kept_among_temporary_files(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert saving.keep("a.ipynb", b"1").parent == home / "kept"
    for file in (home / "kept").iterdir():
        file.unlink()
    (home / "kept").rmdir()
    (home / "kept").touch()
    place = saving.keep("a.ipynb", b"1")
    assert place.read_bytes() == b"1" and place.is_relative_to(tmp_path)
    assert place.name.startswith("a-outputs-")
