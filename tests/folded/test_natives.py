"""Libraries of one wheel that look for those of another, next to them in site-packages."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_envs.store.wheel import shared_libraries

from ..wheels import Dist, wheel
from .bench import Bench
from .sides import Side

COMPILER = shutil.which("cc") or shutil.which("gcc")
pytestmark = [
    pytest.mark.skipif(COMPILER is None, reason="no C compiler"),
    pytest.mark.skipif(sys.platform != "linux", reason="$ORIGIN is Linux'"),
]
CALL = """import ctypes, pathlib
def answer():
    return ctypes.CDLL(str(pathlib.Path(__file__).parent / "{library}")).answer()
"""
ASK = "import user; print(user.answer())"
TAG = "py3-none-linux_x86_64"


def compiled(folder: Path, source: str, *options: str) -> bytes:
    assert COMPILER
    (folder / "x.c").write_text(source)
    subprocess.run([COMPILER, "-o", folder / "out", folder / "x.c", *options], check=True)
    return (folder / "out").read_bytes()


def needed(folder: Path) -> bytes:
    content = compiled(folder, "int other(void) { return 42; }", "-shared", "-fPIC", "-Wl,-soname,libother.so")
    (folder / "libother.so").write_bytes(content)
    return content


def needing(folder: Path, run_path: str, *, program: bool = False) -> bytes:
    """Needs libother.so and looks for it in `run_path`."""
    main = '\n#include <stdio.h>\nint main(void) { printf("%d\\n", other()); return 0; }' if program else ""
    source = f"int other(void); int answer(void) {{ return other(); }}{main}"
    return compiled(
        folder, source, *([] if program else ["-shared", "-fPIC"]), f"-L{folder}", "-lother", f"-Wl,-rpath,{run_path}"
    )


def two(folder: Path) -> tuple[Dist, Dist]:
    other = wheel("other", files={"other/__init__.py": "", "other/lib/libother.so": needed(folder)}, tag=TAG)
    library = needing(folder, "$ORIGIN/../../other/lib")
    return other, wheel(
        "user",
        files={"user/__init__.py": CALL.format(library="lib/libuser.so"), "user/lib/libuser.so": library},
        tag=TAG,
    )


def real(folded: Side, name: str) -> bool:
    return not (folded.site / name).is_symlink()


def test_a_wheel_that_looks_into_another_is_not_linked(bench: Bench, tmp_path: Path) -> None:
    folded, other = bench.both(*two(tmp_path))
    assert folded.printed(ASK) == other.printed(ASK) == "42"
    assert real(folded, "user") and not real(folded, "other")
    (fallen,) = [wheel.facts for wheel in bench.store.own.wheels.all() if wheel.facts.why_real]
    assert fallen.name == "user" and "libuser.so" in fallen.why_real
    library = folded.site / "user" / "lib" / "libuser.so"
    assert library.stat().st_ino == (bench.wheel_folder("user") / "l" / "user" / "lib" / "libuser.so").stat().st_ino


def test_linked_it_would_not_work(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_libraries, "leaves", lambda library, files: None)
    done = bench.folded(*two(tmp_path)).run("-I", "-c", ASK)
    assert done.returncode == 1 and "libother.so" in done.stderr


def test_another_systems_library_is_left_alone(tmp_path: Path) -> None:
    """What would read it is installed where it could be loaded."""
    (tmp_path / "its.dylib").write_bytes(shared_libraries.MACH_O[0] + bytes(64))
    assert shared_libraries.leaves(tmp_path, ["its.dylib"]) is None
    assert "macholib" not in sys.modules


@pytest.mark.parametrize("mode", ["hardlink", "copy"])
def test_without_links_nothing_has_to_fall_back(mode: str, tmp_path: Path) -> None:
    folded = Bench(tmp_path, mode).folded(*two(tmp_path))
    assert folded.printed(ASK) == "42"


@pytest.mark.parametrize(
    "run_path", ["$ORIGIN/../user.libs", "${ORIGIN}/../user.libs:$ORIGIN", "/nowhere:$ORIGIN/../user.libs"]
)
def test_what_a_wheel_brings_itself_is_found_through_links(run_path: str, bench: Bench, tmp_path: Path) -> None:
    files = {"user.libs/libother.so": needed(tmp_path), "user/__init__.py": CALL.format(library="libuser.so")}
    folded = bench.folded(wheel("user", files={**files, "user/libuser.so": needing(tmp_path, run_path)}, tag=TAG))
    assert folded.printed(ASK) == "42"
    assert not real(folded, "user") and not real(folded, "user.libs")


def test_a_shared_folder_of_libraries(bench: Bench, tmp_path: Path) -> None:
    """As nvidia's wheels have one: each library finds the others beside it."""
    other = wheel("other", files={"pool/lib/libother.so": needed(tmp_path)}, tag=TAG)
    library = needing(tmp_path, "$ORIGIN")
    user = wheel(
        "user", files={"user.py": CALL.format(library="pool/lib/libuser.so"), "pool/lib/libuser.so": library}, tag=TAG
    )
    assert bench.folded(other, user).printed(ASK) == "42"


def test_a_library_in_a_folder_that_two_wheels_fill(bench: Bench, tmp_path: Path) -> None:
    """The wheel has the folder that its run path names, and what it needs there is another's: pinocchio's do so."""
    other = wheel("other", files={"pool/lib/libother.so": needed(tmp_path)}, tag=TAG)
    library = needing(tmp_path, "$ORIGIN/../pool/lib")
    files = {"user/__init__.py": CALL.format(library="libuser.so"), "user/libuser.so": library, "pool/lib/own.txt": ""}
    folded = bench.folded(other, wheel("user", files=files, tag=TAG))
    assert folded.printed(ASK) == "42" and real(folded, "user")


@pytest.mark.parametrize("place", ["user/bin/tool", "user-1.0.data/scripts/tool"])
def test_a_program_that_looks_into_another_wheel(place: str, bench: Bench, tmp_path: Path) -> None:
    """The loader takes the place of a program from the file that it really is."""
    other, _ = two(tmp_path)
    library = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages/"
    run_path = "$ORIGIN/../../other/lib" if place.startswith("user/") else f"$ORIGIN/../{library}other/lib"
    user = wheel(
        "user",
        files={"user/__init__.py": "", place: needing(tmp_path, run_path, program=True)},
        tag=TAG,
        executable=[place],
    )
    for side in bench.both(other, user):
        tool = side.site / place if place.startswith("user/") else side.prefix / "bin" / "tool"
        assert subprocess.run([tool], capture_output=True, text=True, check=True).stdout == "42\n"
