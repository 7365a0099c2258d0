"""From uv's lock to ours: only what this Python may need, on the common platforms."""

from __future__ import annotations

import re

from jupyter_envs.engines.uv import pylock
from jupyter_envs.model.lock import Package

from .fakes import interpreter

HEAD = 'lock-version = "1.0"\ncreated-by = "uv"\nrequires-python = ">=3.12"\n'
SHA = "ab" * 32


def package(name: str, *tags: str, marker: str = "", version: str = "1.0", sdist: bool = False) -> str:
    files = ", ".join(
        f'{{url = "https://h/{name}-{version}-{tag}.whl", hashes = {{sha256 = "{SHA}"}}}}' for tag in tags
    )
    text = f'[[packages]]\nname = "{name}"\nversion = "{version}"\n'
    text += f'marker = "{marker}"\n' if marker else ""
    text += f'sdist = {{url = "https://h/{name}-{version}.tar.gz", hashes = {{sha256 = "{SHA}"}}}}\n' if sdist else ""
    return text + f"wheels = [{files}]\n"


def read(text: str, index_of: dict[str, str] | None = None) -> tuple[Package, ...]:
    python = interpreter("3.12.1")
    return pylock.rows(pylock.read(HEAD + text, python), python, index_of or {})


def rows(*packages: str) -> dict[str, list[str]]:
    found = read("".join(packages))
    return {
        row.name: sorted(f.split("-", 2)[2].removesuffix(".whl") for f in (*row.wheels, *row.sdist)) for row in found
    }


def test_wheels_of_other_pythons_and_rare_platforms_are_left_out() -> None:
    kept = ["cp312-cp312-manylinux_2_28_aarch64", "cp312-cp312-macosx_11_0_arm64", "cp312-cp312-win_amd64",
            "cp39-abi3-manylinux_2_17_x86_64", "cp312-cp312-linux_x86_64", "py3-none-any"]  # fmt: skip
    dropped = ["cp311-cp311-manylinux_2_28_x86_64", "cp313-cp313-win_amd64", "cp312-cp312-win32", "cp313-abi3-win_amd64",
               "cp312-cp312-musllinux_1_2_aarch64", "cp312-cp312-manylinux_2_17_s390x", "cp312-cp312t-win_amd64",
               "cp312-cp312-macosx_10_9_x86_64"]  # fmt: skip
    assert rows(package("a", *kept, *dropped)) == {"a": sorted(kept)}


def test_a_tag_with_more_digits_than_python_makes_a_number_of_is_of_no_python() -> None:
    assert rows(package("a", "py3-none-any", f"cp3{'9' * 5000}-none-any")) == {"a": ["py3-none-any"]}


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
    found = {r.name: r.marker for r in read(text)}
    assert found["always"] is None
    assert found["mac"] == 'sys_platform == "darwin"'
    assert found["patch"], "some machines have 3.12.4 or later"


def test_a_source_is_kept_only_where_no_wheel_is() -> None:
    assert rows(package("wheel", "py3-none-any", sdist=True)) == {"wheel": ["py3-none-any"]}
    found = read(package("src", sdist=True))
    assert list(found[0].sdist) == ["src-1.0.tar.gz"]


def test_no_address_survives() -> None:
    found = read(package("a", "py3-none-any"), {"a": "mine"})
    assert "https://" not in repr(found)
    assert found[0].index == "mine"


def test_a_list_of_one_wheel_a_line_means_the_same() -> None:
    """As uv writes it; the lines that nobody needs are never parsed."""
    kept, dropped = (
        ["cp312-cp312-win_amd64", "cp312-cp312-manylinux_2_28_x86_64"],
        ["cp39-cp39-win_amd64", "cp312-cp312-win32"],
    )
    inline = package("a", *kept, *dropped) + package("b", *dropped, sdist=True)
    lines = re.sub(
        r"(?m)^wheels = \[(.*)\]$",
        lambda found: (
            "wheels = [\n"
            + found[1].replace("{url", "    { url").replace("}}, ", "} },\n").replace("}}", "} },\n")
            + "]"
        ),
        inline,
    )
    assert lines.count("\n    { url = ") == 6
    assert read(lines) == read(inline)
    slim = pylock.read(HEAD + lines, interpreter("3.12.1"))
    assert [len(found.wheels) for found in slim.packages] == [2, 0]


def test_a_file_name_is_what_its_address_says() -> None:
    text = package("a", "py3-none-any").replace("a-1.0", "a-1.0%2Bcpu").replace('"1.0"', '"1.0+cpu"')
    assert list(read(text)[0].wheels) == ["a-1.0+cpu-py3-none-any.whl"]
