"""Which file of a lock is for this machine."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from jupyter_envs.errors import InputError, InstallError
from jupyter_envs.model import closure as closures
from jupyter_envs.model.closure import Chosen, Closure, select
from jupyter_envs.model.interpreter import Interpreter
from jupyter_envs.model.lock import Directory, File, Lock, Package, Vcs
from jupyter_envs.store.wheel.wheels import identity_of

from .fakes import interpreter

PYTHON = interpreter("3.12.1")


def lock(*packages: Package) -> Lock:
    return Lock(
        lock_version="1.0", created_by="t", spec="sha256:" + "0" * 64, requires_python="==3.12.*", packages=packages
    )


def wheels(name: str, *tags: str) -> Package:
    files = {f"{name}-1.0-{tag}.whl": File(sha256=f"{i}" * 64) for i, tag in enumerate(tags)}
    return Package(name=name, version="1.0", wheels=files)


@pytest.mark.skipif(sys.platform != "linux", reason="the wheels are Linux's")
@pytest.mark.parametrize(
    ("tags", "best"),
    [
        (["py3-none-any", "cp312-cp312-manylinux_2_17_x86_64"], 1),
        (["cp312-cp312-win_amd64", "cp312-abi3-manylinux_2_17_x86_64", "py3-none-any"], 1),
        (["cp38-abi3-manylinux2014_x86_64", "cp312-cp312-macosx_11_0_arm64"], 0),
        (["cp311-cp311-manylinux_2_17_x86_64", "py2.py3-none-any"], 1),
        (["cp312-cp312-linux_x86_64"], 0),
    ],
)
def test_the_best_wheel_is_chosen(tags: list[str], best: int) -> None:
    (row,) = select(lock(wheels("a", *tags)), PYTHON).rows
    assert row.sha256 == f"{best}" * 64


def test_of_wheels_that_fit_as_well_one_is_chosen_in_whatever_order_they_are_listed() -> None:
    """A lock's digest does not know the order. Our engine writes files by name: of its locks, the first one."""
    names = [f"a-1.0-{build}py3-none-any.whl" for build in ("", "1-", "1x-", "10-", "2-")]
    files = {name: File(sha256=f"{i}" * 64) for i, name in enumerate(names)}
    ways = [{name: files[name] for name in way} for way in itertools.permutations(names)]
    locks = [lock(Package(name="a", version="1.0", wheels=way)) for way in ways]
    assert len({one.digest for one in locks}) == 1
    assert {select(one, PYTHON).rows[0].filename for one in locks} == {min(names)}


def test_a_package_without_a_file_for_this_machine_is_named() -> None:
    with pytest.raises(InstallError) as caught:
        select(lock(wheels("a", "py3-none-any"), wheels("b", "cp312-cp312-win32")), PYTHON)
    assert caught.value.code == "no-wheel-here"
    assert caught.value.data == {"packages": ["b"]}


def test_rows_of_one_name_are_chosen_by_the_full_version() -> None:
    old = Package(
        name="a", version="1.0", marker='python_full_version < "3.12.4"', wheels=wheels("a", "py3-none-any").wheels
    )
    new = Package(name="a", version="2.0", marker='python_full_version >= "3.12.4"',
                  wheels={"a-2.0-py3-none-any.whl": File(sha256="9" * 64)})  # fmt: skip
    assert select(lock(old, new), interpreter("3.12.1")).versions == {"a": "1.0"}
    assert select(lock(old, new), interpreter("3.12.9")).versions == {"a": "2.0"}


@pytest.mark.parametrize(
    "markers", [(None, 'python_version >= "3.12"'), ('sys_platform != "x"', 'python_version < "4"')]
)
def test_two_rows_of_one_name_for_this_machine_are_refused(markers: tuple[str | None, str]) -> None:
    """What was asked and answered about one of them would count for the other."""
    files = wheels("a", "py3-none-any").wheels, {"a-2.0-py3-none-any.whl": File(sha256="9" * 64)}
    rows = [Package(name="a", version=f"{n}.0", marker=markers[n - 1], wheels=files[n - 1]) for n in (1, 2)]
    with pytest.raises(InputError) as caught:
        select(lock(*rows, wheels("b", "py3-none-any")), PYTHON)
    assert (caught.value.code, caught.value.data) == ("lock-dup", {"packages": ["a"]})


def test_what_has_no_wheel_is_taken_as_source() -> None:
    sdist = Package(name="docopt", version="1", sdist={"docopt-1.tar.gz": File(sha256="1" * 64)})
    git = Package(name="g", version="1", vcs=Vcs(type="git", url="https://h/g", commit_id="c" * 40))
    local = Package(name="l", version="1", directory=Directory(id="d" * 16, editable=True))
    rows = {row.name: (row.kind, row.sha256, row.runs_code) for row in select(lock(sdist, git, local), PYTHON).rows}
    assert rows == {
        "docopt": ("sdist", "1" * 64, True),
        "g": ("vcs", f"git+https://h/g@{'c' * 40}#", True),
        "l": ("directory", "directory:" + "d" * 16, True),
    }


def test_the_id_is_computed_and_stable() -> None:
    closure = select(lock(wheels("a", "py3-none-any")), PYTHON)
    assert closure.id == select(lock(wheels("a", "py3-none-any")), PYTHON).id
    assert len(closure.id) == 26


def test_an_environment_of_this_machines_python_keeps_its_name_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """As version 0.1.0 computed it: an id that changes is an environment that is built again, a digest that changes is
    a consent that is asked for again."""
    python = Interpreter(Path("/opt/python3.12/bin/python"), "cpython", "3.12.4", "x86_64", "system")
    six = Chosen("six", "1.17.0", "wheel", "ab" * 32, filename="six-1.17.0-py2.py3-none-any.whl")
    mine = Chosen("mine", "1.0", "directory", "directory:" + "d" * 16, local_id="d" * 16, editable=True)
    monkeypatch.setattr(closures, "this_platform", lambda: "linux-x86_64")
    closure = Closure(python, (six, mine))
    assert closure.id == "dodmjziildrbg63624vptuhfct"
    digest = Closure(python, (six,)).consent_digest({})
    assert digest == "sha256:d8ddb20d9795132b5d9a0367ddcccc01502fa1dac62501e56f1df238418a3305"
    assert identity_of(six, python) == "jheb6jsd23nmneaa5pndlqpaybuqfb2xncpxm2jmxtvzq2zy7lra"
    assert closure.python_row is None and python.at(Path("/env")) == python.path


def test_a_closure_says_which_of_its_packages_brings_python() -> None:
    inside = Interpreter(Path("bin/python3.12"), "cpython", "3.12.4", "x86_64", "", package="python")
    python, six = Chosen("python", "3.12.4", "wheel", "cd" * 32), Chosen("six", "1.17.0", "wheel", "ab" * 32)
    closure = Closure(inside, (python, six))
    assert closure.python_row == python and inside.at(Path("/env")) == Path("/env/bin/python3.12")
    other = replace(closure, rows=(replace(python, sha256="ef" * 32), six))
    assert other.id != closure.id, "another Python is another environment"
