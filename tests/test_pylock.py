"""From uv's lock to ours: only what this Python may need, on the common platforms."""

from __future__ import annotations

from jupyter_envs import pylock

from .fakes import interpreter

HEAD = 'lock-version = "1.0"\ncreated-by = "uv"\nrequires-python = ">=3.12"\n'
SHA = "ab" * 32


def package(name: str, *tags: str, marker: str = "", version: str = "1.0", sdist: bool = False) -> str:
    files = ", ".join(f'{{url = "https://h/{name}-{version}-{tag}.whl", hashes = {{sha256 = "{SHA}"}}}}' for tag in tags)
    text = f'[[packages]]\nname = "{name}"\nversion = "{version}"\n'
    text += f'marker = "{marker}"\n' if marker else ""
    text += f'sdist = {{url = "https://h/{name}-{version}.tar.gz", hashes = {{sha256 = "{SHA}"}}}}\n' if sdist else ""
    return text + f"wheels = [{files}]\n"


def rows(*packages: str) -> dict[str, list[str]]:
    found = pylock.rows(pylock.read(HEAD + "".join(packages)), interpreter("3.12.1"), {})
    return {row.name: sorted(f.split("-", 2)[2].removesuffix(".whl") for f in (*row.wheels, *row.sdist)) for row in found}


def test_wheels_of_other_pythons_and_rare_platforms_are_left_out() -> None:
    kept = ["cp312-cp312-manylinux_2_28_aarch64", "cp312-cp312-macosx_11_0_arm64", "cp312-cp312-win_amd64",
            "cp39-abi3-manylinux_2_17_x86_64", "cp312-cp312-linux_x86_64", "py3-none-any"]  # fmt: skip
    dropped = ["cp311-cp311-manylinux_2_28_x86_64", "cp313-cp313-win_amd64", "cp312-cp312-win32", "cp313-abi3-win_amd64",
               "cp312-cp312-musllinux_1_2_aarch64", "cp312-cp312-manylinux_2_17_s390x", "cp312-cp312t-win_amd64",
               "cp312-cp312-macosx_10_9_x86_64"]  # fmt: skip
    assert rows(package("a", *kept, *dropped)) == {"a": sorted(kept)}


def test_rows_that_no_machine_with_this_python_needs_are_dropped() -> None:
    assert rows(
        package("always", "py3-none-any", marker="python_full_version < '3.13'"),
        package("later", "py3-none-any", marker="python_full_version >= '3.13'"),
        package("pypy", "py3-none-any", marker="implementation_name == 'pypy'"),
        package("mac", "py3-none-any", marker="sys_platform == 'darwin'"),
    ).keys() == {"always", "mac"}


def test_a_marker_that_always_holds_is_not_written() -> None:
    text = package("always", "py3-none-any", marker="python_full_version < '3.13'")
    text += package("mac", "py3-none-any", marker="sys_platform == 'darwin' and python_full_version < '3.13'")
    text += package("patch", "py3-none-any", marker="python_full_version < '3.12.4'")
    found = {r.name: r.marker for r in pylock.rows(pylock.read(HEAD + text), interpreter("3.12.1"), {})}
    assert found["always"] is None
    assert found["mac"] == 'sys_platform == "darwin"'
    assert found["patch"], "some machines have 3.12.4 or later"


def test_a_source_is_kept_only_where_no_wheel_is() -> None:
    assert rows(package("wheel", "py3-none-any", sdist=True)) == {"wheel": ["py3-none-any"]}
    found = pylock.rows(pylock.read(HEAD + package("src", sdist=True)), interpreter("3.12.1"), {})
    assert list(found[0].sdist) == ["src-1.0.tar.gz"]


def test_no_address_survives() -> None:
    found = pylock.rows(pylock.read(HEAD + package("a", "py3-none-any")), interpreter("3.12.1"), {"a": "mine"})
    assert "https://" not in repr(found)
    assert found[0].index == "mine"
