"""What files of conda ask for: it is recorded and waits, and nothing is called ready without it."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_envs.dialects.conda_specs import channel_of, in_pep440, subdir
from jupyter_envs.dialects.found import Found
from jupyter_envs.dialects.table import dialect_of
from jupyter_envs.errors import InputError
from tests.local_index import LocalIndex
from tests.test_cli import Cli, block_in, cli, notebook, signals

__all__ = ["cli", "notebook", "signals"]
LOCK = "--no-build-env"
GEO = """\
name: geo
channels:
  - conda-forge
  - nodefaults
dependencies:
  - python=3.11
  - gdal>=3.9,<4
  - conda-forge::numpy=1.26
  - pytorch=2.1=*cuda*
  - pip
  - pip:
      - shout
      - demo<2  # a comment
prefix: /home/me/miniconda3/envs/geo
variables:
  GDAL_DATA: /x
"""


def read(folder: Path, text: str, name: str = "environment.yml") -> Found:
    file = folder / name
    file.write_text(text)
    return dialect_of(file).read(file, ())


def test_an_environment_file_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, GEO)
    assert found.conda and found.conda.channels == ("conda-forge",)
    assert found.conda.dependencies == (
        "python=3.11", "gdal>=3.9,<4", "conda-forge::numpy=1.26", "pytorch=2.1=*cuda*", "pip",
    )  # fmt: skip
    assert found.requires_python == "==3.11.*"
    assert [item.text for item in found.requirements] == ["shout", "demo<2"]
    assert [note.partition(" is ")[0] for note in found.notes] == [
        "environment.yml:14: `prefix`", "environment.yml:15: `variables`",
    ]  # fmt: skip


def test_what_conda_has_to_give_waits_and_is_never_ready(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    (notebook.parent / "environment.yml").write_text(GEO)
    assert "5 packages from conda" in cli("import", notebook).out
    said = cli("import", notebook, "environment.yml", "--json")
    assert said.code == 0, said.err
    assert any("nothing was locked or installed" in note for note in said.json["notes"])
    block = block_in(notebook)
    assert block.dependencies == ("shout", "demo<2") and block.requires_python == "==3.11.*"
    assert block.spec.conda and "gdal>=3.9,<4" in block.spec.conda.dependencies and block.lock is None
    assert index.hits == []
    status = cli("status", notebook, "--json").json
    assert (status["state"], status["error"]["code"]) == ("not-built", "needs-conda")
    for verb in ("lock", "build"):
        assert "error[needs-conda]" in cli(verb, notebook).err


def test_where_conda_is_asked_for_python_alone_no_conda_is_needed(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    text = "channels: [defaults]\ndependencies: [python>=3.9, pip, {pip: [demo<2]}]\n"
    (notebook.parent / "environment.yml").write_text(text)
    said = cli("import", notebook, "environment.yml", LOCK, "--accept", "--json")
    assert said.code == 0, said.err
    assert any("asks conda only for python, pip: no conda is needed" in note for note in said.json["notes"])
    block = block_in(notebook)
    assert (block.dependencies, block.requires_python, block.spec.conda) == (("demo<2",), ">=3.9", None)
    assert block.locked


def test_the_tools_beside_python_come_from_the_index(tmp_path: Path) -> None:
    found = read(tmp_path, "dependencies: [python, setuptools<60, wheel=0.40, pip=23]\n")
    assert found.conda is None and [item.text for item in found.requirements] == ["setuptools<60", "wheel==0.40.*"]


def test_an_export_keeps_builds_and_the_versions_of_its_pip_part(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    text = (
        "name: x\nchannels: [conda-forge, pkgs/main]\ndependencies:\n  - _libgcc_mutex=0.1=conda_forge\n"
        "  - bwa=0.7.18=he4a0461_1\n  - python=3.10.2=h543edf9_0_cpython\n  - pip:\n    - demo==1.0\n    - demo-dep==1.1\n"
    )
    (notebook.parent / "environment.yml").write_text(text)
    said = cli("import", notebook, "environment.yml")
    assert said.code == 0, said.err
    block = block_in(notebook)
    assert block.spec.conda and block.spec.conda.dependencies == (
        "_libgcc_mutex=0.1=conda_forge", "bwa=0.7.18=he4a0461_1", "python=3.10.2=h543edf9_0_cpython",
    )  # fmt: skip
    assert block.dependencies == ("demo==1.0", "demo-dep==1.1") and block.requires_python == "==3.10.2"


def test_a_package_of_an_address_beside_conda_is_refused_since_no_list_can_have_it(
    cli: Cli, notebook: Path, index: LocalIndex
) -> None:
    before = notebook.read_bytes()
    text = "dependencies: [gdal, {pip: ['thing @ git+https://git.example/thing@v1']}]\n"
    (notebook.parent / "environment.yml").write_text(text)
    said = cli("import", notebook, "environment.yml")
    assert "error[needs-conda]" in said.err and "thing" in said.err
    assert notebook.read_bytes() == before


def test_a_package_of_an_index_that_nobody_configured_is_refused(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    text = "dependencies: [gdal, {pip: ['--index-url https://own.example/simple', demo]}]\n"
    (notebook.parent / "environment.yml").write_text(text)
    assert "error[index-not-configured]" in cli("import", notebook, "environment.yml").err


def test_what_is_written_is_read_again(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    assert cli("install", notebook, "demo<2", "shout ; sys_platform != 'zos'", LOCK).code == 0
    said = cli("export", notebook, "--format", "environment.yml", "--output", "environment.yml")
    assert said.code == 0, said.err
    found = read(notebook.parent, (notebook.parent / "environment.yml").read_text())
    lock = block_in(notebook).lock
    assert lock and found.requires_python == lock.requires_python and found.conda is None
    assert {pin.name: pin.version for pin in found.pins} == {row.name: row.version for row in lock.packages}


def test_what_waits_for_conda_is_written_as_it_came(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    (notebook.parent / "environment.yml").write_text(GEO)
    assert cli("import", notebook, "environment.yml").code == 0
    said = cli("export", notebook, "--format", "environment.yml")
    assert said.code == 0, said.err
    before, after = read(notebook.parent, GEO), read(notebook.parent, said.out)
    assert (after.conda, after.requirements, after.requires_python) == (
        before.conda, before.requirements, before.requires_python,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("spec", "limits"),
    [
        ("python", ""), ("python=3.11", "==3.11.*"), ("python=3", "==3.*"), ("python 3.11.*", "==3.11.*"),
        ("python==3.11.5", "==3.11.5"), ("python=3.11.5=h955ad1f_0_cpython", "==3.11.5"), ("python=3.10*", "==3.10.*"),
        ("python>=3.9,<3.13.0a0", "<3.13.0a0,>=3.9"), ("python >=3.8.*", ">=3.8"), ("python!=3.9.7", "!=3.9.7"),
        ("conda-forge::python=3.12", "==3.12.*"), ("python[version='>=3.9']", ">=3.9"), ("python=3.8|3.9", None),
        ("python >=3.9 *_cpython", None), ("python=*=*_pypy", None), ("python~=3.10", "~=3.10"),
    ],
)  # fmt: skip
def test_what_conda_says_about_python(spec: str, limits: str | None) -> None:
    assert in_pep440(spec) == limits


def test_a_python_that_only_conda_can_say_waits_for_conda(tmp_path: Path) -> None:
    found = read(tmp_path, "channels: [conda-forge]\ndependencies: ['python=3.8|3.9', pip]\n")
    assert found.conda and found.requires_python is None


def test_channels_are_names(tmp_path: Path) -> None:
    assert channel_of("https://conda.anaconda.org/conda-forge/linux-64", "x") == "conda-forge"
    assert channel_of("https://conda.anaconda.org/t/secret/mine/", "x") == "mine"
    assert channel_of("https://repo.anaconda.com/pkgs/main", "x") == "pkgs/main"
    assert channel_of("https://prefix.dev/conda-forge", "x") == "conda-forge"
    for text in ("https://me:secret@own.example/t/secret/x", "file:///srv/channel", "./channel", "https://[x/y"):
        with pytest.raises(InputError, match="has no name") as caught:
            channel_of(text, "environment.yml:3")
        assert caught.value.code == "conda-channel" and "secret" not in caught.value.sentence


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not an environment file"),
        ("a: 1\n", "is not an environment file"),
        ("dependencies: 7\n", "`dependencies` is not a list"),
        ("dependencies: [[a]]\n", "neither a name nor a part"),
        ("dependencies: [{pip: 7}]\n", "`pip` is not a list"),
        ("dependencies: [{pip: [{a: b}]}]\n", "an item of `pip` is not text"),
        ("dependencies:\n- {npm: [left-pad]}\n", ":2: the part 'npm' of the list is not known"),
        ("dependencies:\n- a\n- 'x;id'\n", ":3: 'x;id' is nothing that"),
        ("channels: [{a: b}]\ndependencies: []\n", "an item of `channels` is not text"),
        ("dependencies: &a [*a]\n", "contains itself"),
        ("dependencies: [a]\ndependencies: [b]\n", ":2: the key 'dependencies' is here for the second time"),
        ("<<<<<<< HEAD\ndependencies: []\n=======\n", ":2: this is not YAML"),
        ("dependencies:\n\t- a\n", ":2: this is not YAML"),
        ("a: !!python/object/apply:os.system [id]\n", "has no meaning here"),
        ("a: \x00\n", "null byte"),
        ("dependencies: " + "[" * 5000, "nested too deeply"),
        ("a: &a [x,x,x,x,x,x,x,x,x,x]\n"
         + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 10)}]\n" for i in range(9)),
         "too many values"),
        ("- x\n" * 60_000, "too many lines"),
    ],
)  # fmt: skip
def test_what_is_no_environment_file_is_refused_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, text)
    assert says in caught.value.sentence and "environment.yml" in caught.value.sentence


def test_a_version_stays_as_it_is_written(tmp_path: Path) -> None:
    found = read(tmp_path, "dependencies:\n- 3.10\n- python=3.10\n- numpy\n")
    assert found.conda and found.conda.dependencies == ("3.10", "python=3.10", "numpy")


# -- lists and locks ----------------------------------------------------------------------------------------
HERE = subdir()
FORGE = "https://conda.anaconda.org/conda-forge"
MD5 = "0123456789abcdef" * 2
EXPLICIT = f"""\
# This file may be used to create an environment using:
# $ conda create --name <env> --file <this file>
# platform: {HERE}
@EXPLICIT
{FORGE}/{HERE}/_libgcc_mutex-0.1-conda_forge.tar.bz2#{MD5}
{FORGE}/{HERE}/python-3.11.5-h955ad1f_0_cpython.conda
{FORGE}/noarch/geo-tools-2.1-pyhd8ed1ab_0.conda#{MD5}
"""
EXPORT = f"""\
# This file may be used to create an environment using:
# $ conda create --name <env> --file <this file>
# platform: {HERE}
gdal=3.9.1=py311h_0
python=3.11.5=h955ad1f_0_cpython
Demo_Dep=1.1=pypi_0
"""
PRINTED = """\
# packages in environment at /opt/conda:
#
# Name                    Version                   Build  Channel
gdal                      3.9.1                   py311h_0    conda-forge
demo                      1.0                      pypi_0    pypi
"""
CONDA_LOCK = f"""\
version: 1
metadata:
  content_hash: {{{HERE}: abc}}
  channels: [{{url: conda-forge, used_env_vars: []}}]
  platforms: [{HERE}, zos-z]
package:
- {{name: gdal, version: 3.10, manager: conda, platform: {HERE}, dependencies: {{python: '>=3.9'}},
    url: {FORGE}/{HERE}/gdal-3.10-py_0.conda, hash: {{md5: {MD5}, sha256: {MD5}{MD5}}}, category: main, optional: false}}
- {{name: gdal, version: 3.10, manager: conda, platform: zos-z, dependencies: {{}},
    url: {FORGE}/zos-z/gdal-3.10-py_1.conda, hash: {{md5: {MD5}}}, category: main, optional: false}}
- {{name: demo, version: 1.0, manager: pip, platform: {HERE}, dependencies: {{}},
    url: https://files.pythonhosted.org/demo-1.0-py3-none-any.whl, hash: {{sha256: {MD5}{MD5}}}, category: main, optional: false}}
- {{name: pytest, version: 8.0.0, manager: pip, platform: {HERE}, dependencies: {{}},
    url: https://files.pythonhosted.org/x.whl, hash: {{sha256: {MD5}{MD5}}}, category: dev, optional: true}}
- {{name: gdb, version: 15.1, manager: conda, platform: {HERE}, dependencies: {{}},
    url: {FORGE}/{HERE}/gdb-15.1-h_0.conda, hash: {{md5: {MD5}}}, category: dev, optional: true}}
"""
PIXI_LOCK = f"""\
version: 6
environments:
  default:
    channels:
    - url: {FORGE}/
    indexes:
    - https://pypi.org/simple
    packages:
      {HERE}:
      - conda: {FORGE}/{HERE}/python-3.12.4-h194c7f8_0_cpython.conda
      - conda: {FORGE}/noarch/geo-tools-2.1-pyhd8ed1ab_0.conda
      - pypi: https://files.pythonhosted.org/packages/demo-1.0-py3-none-any.whl
      zos-z:
      - conda: {FORGE}/zos-z/python-3.12.4-h_0.conda
packages:
- conda: {FORGE}/{HERE}/python-3.12.4-h194c7f8_0_cpython.conda
  sha256: {MD5}{MD5}
- pypi: https://files.pythonhosted.org/packages/demo-1.0-py3-none-any.whl
  name: demo
  version: 1.0
  sha256: {MD5}{MD5}
  requires_python: '>=3.9'
"""
PIXI = """\
[workspace]
name = "geo"
channels = ["conda-forge", {channel = "https://conda.anaconda.org/bioconda", priority = 1}]
platforms = ["linux-64"]
[tasks]
x = "rm -rf /"
[dependencies]
python = "3.11.*"
gdal = ">=3.9,<4"
numpy = {version = "1.26.*", build = "py311*", channel = "conda-forge"}
boost = "*"
[pypi-dependencies]
shout = "*"
demo = {version = ">=1,<2", extras = ["fast"]}
thing = {git = "https://git.example/thing.git", rev = "abc"}
lib = {path = "../lib"}
[target.HERE.dependencies]
here = "1.*"
[target.zos-z.dependencies]
there = "*"
[feature.test.dependencies]
gdb = "*"
[feature.test.pypi-dependencies]
pytest = "*"
[environments]
test = ["test"]
""".replace("HERE", HERE)


def test_an_explicit_list_keeps_versions_and_builds(tmp_path: Path) -> None:
    found = read(tmp_path, EXPLICIT, "spec-file.txt")
    assert found.conda and found.conda.channels == ("conda-forge",)
    assert found.conda.dependencies == (
        "_libgcc_mutex==0.1=conda_forge", "python==3.11.5=h955ad1f_0_cpython", "geo-tools==2.1=pyhd8ed1ab_0",
    )  # fmt: skip
    assert found.requires_python == "==3.11.5"
    assert any("hashes of 2 packages" in note for note in found.notes)


def test_lists_that_conda_prints_have_pips_packages_as_pins(tmp_path: Path) -> None:
    found = read(tmp_path, EXPORT, "packages.txt")
    assert found.conda and found.conda.dependencies == ("gdal==3.9.1=py311h_0", "python==3.11.5=h955ad1f_0_cpython")
    assert [(pin.name, pin.version) for pin in found.pins] == [("demo-dep", "1.1")]
    found = read(tmp_path, PRINTED, "list.txt")
    assert found.conda and found.conda.dependencies == ("gdal==3.9.1=py311h_0",)
    assert [pin.name for pin in found.pins] == ["demo"]


def test_a_list_of_python_alone_and_what_conda_puts_below_it_needs_no_conda(tmp_path: Path) -> None:
    text = "openssl=3.1=h_0\npython=3.11.5=h_0_cpython\nsetuptools=68.0=py_0\ndemo=1.0=pypi_0\n"
    found = read(tmp_path, text, "packages.txt")
    assert found.conda is None and found.requires_python == "==3.11.*"
    assert any("Python 3.11.5" in note for note in found.notes)
    assert [item.text for item in found.requirements] == ["setuptools==68.0"]
    assert read(tmp_path, "dependencies: [python, openssl]\n").conda, "somebody asks for openssl itself"


def test_two_channels_stay_with_their_packages(tmp_path: Path) -> None:
    text = f"@EXPLICIT\n{FORGE}/noarch/a-1-b_0.conda\nhttps://repo.anaconda.com/pkgs/main/{HERE}/c-2-d_0.conda\n"
    found = read(tmp_path, text, "x.txt")
    assert found.conda and found.conda.channels == ("conda-forge", "pkgs/main")
    assert found.conda.dependencies == ("conda-forge::a==1=b_0", "pkgs/main::c==2=d_0")


def test_a_list_for_another_system_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has packages for zos-z, and this machine is"):
        read(tmp_path, f"@EXPLICIT\n{FORGE}/zos-z/a-1-b_0.conda\n", "x.txt")


def test_a_lock_of_conda_lock_is_read_for_this_machine(tmp_path: Path) -> None:
    found = read(tmp_path, CONDA_LOCK, "conda-lock.yml")
    assert found.conda and found.conda.dependencies == ("gdal==3.10=py_0",)
    assert [(pin.name, pin.version, len(pin.hashes)) for pin in found.pins] == [("demo", "1.0", 1)]
    assert [item.text for item in found.groups["dev"]] == ["pytest==8.0.0"]
    file = tmp_path / "conda-lock.yml"
    with_dev = dialect_of(file).read(file, ["dev"])
    assert with_dev.conda and "gdb==15.1=h_0" in with_dev.conda.dependencies


def test_a_lock_of_pixi_is_read_for_this_machine(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    found = read(notebook.parent, PIXI_LOCK, "pixi.lock")
    assert found.conda and len(found.conda.dependencies) == 2 and found.requires_python == "==3.12.4"
    assert [(pin.name, pin.version, len(pin.hashes)) for pin in found.pins] == [("demo", "1.0", 1)]
    said = cli("import", notebook, "pixi.lock")
    assert said.code == 0, said.err
    assert block_in(notebook).dependencies == ("demo==1.0",) and index.hits == []


def test_a_manifest_of_pixi_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, PIXI, "pixi.toml")
    assert found.conda and found.conda.channels == ("conda-forge", "bioconda")
    assert found.conda.dependencies == (
        "python 3.11.*", "gdal >=3.9,<4", "conda-forge::numpy 1.26.* py311*", "boost", "here 1.*",
    )  # fmt: skip
    assert [(item.text, item.source is not None) for item in found.requirements] == [
        ("shout", False), ("demo[fast]<2,>=1", False), ("thing", True),
    ]  # fmt: skip
    assert found.requires_python == "==3.11.*" and [item.text for item in found.groups["test"]] == ["pytest"]
    notes = "\n".join(found.notes)
    for said in ("lib is left out", "zos-z is left out", "[tasks] is left out"):
        assert said in notes
    file = tmp_path / "pixi.toml"
    with_test = dialect_of(file).read(file, ["test"])
    assert with_test.conda and "gdb" in with_test.conda.dependencies


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.txt", "@EXPLICIT\nnonsense here\n"),
        ("x.txt", f"@EXPLICIT\n{FORGE}/noarch/x.zip\n"),
        ("x.txt", "a=1=b\nfoo\n"),
        ("conda-lock.yml", "version: 2\n"),
        ("conda-lock.yml", "[]\n"),
        ("conda-lock.yml", "version: 1\npackage: 7\n"),
        ("pixi.lock", "version: 99\n"),
        ("pixi.lock", f"version: 6\nenvironments: {{default: {{packages: {{{HERE}: [{{pypi: x}}]}}}}}}\n"),
        ("pixi.toml", "[dependencies]\nx = 7\n"),
        ("pixi.toml", "[dependencies]\nx = {git = 'https://git.example/x'}\n"),
        ("pixi.toml", "[workspace]\nchannels = [7]\n"),
        ("pixi.toml", "[pypi-dependencies]\nx = 'nonsense'\n"),
    ],
)
def test_what_is_no_list_is_refused(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, text, name)
    assert name in caught.value.sentence


SHAPES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(0, 9)
    | st.sampled_from(["", "1.0", "x", HERE, "git+x", "../a", "a b", "\\"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["version", "name", "x", HERE]), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = {
    "environment.yml": ["name", "channels", "dependencies", "prefix"],
    "conda-lock.yml": ["version", "package", "metadata"],
    "pixi.lock": ["version", "environments", "packages"],
    "pixi.toml": [
        "workspace",
        "dependencies",
        "pypi-dependencies",
        "target",
        "feature",
        "environments",
        "pypi-options",
    ],
}
ROW_KEYS = ["name", "version", "manager", "platform", "url", "hash", "category", "conda", "pypi", "packages", "default",
            HERE, "git", "path", "channel", "channels", "extras", "dependencies", "indexes", "pip"]  # fmt: skip


def without_none(value: object) -> object:
    if isinstance(value, dict):
        return {key: without_none(inner) for key, inner in value.items() if inner is not None}
    return [without_none(inner) for inner in value if inner is not None] if isinstance(value, list) else value


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), name=st.sampled_from([*KEYS]))
def test_whatever_shape_a_file_has_it_is_read_or_refused(tmp_path: Path, data: st.DataObject, name: str) -> None:
    row = st.dictionaries(st.sampled_from(ROW_KEYS), SHAPES, max_size=5)
    value = SHAPES | row | st.lists(row, max_size=2) | st.dictionaries(st.sampled_from(ROW_KEYS), row, max_size=2)
    content = data.draw(st.dictionaries(st.sampled_from(KEYS[name]), value, max_size=4))
    if name != "pixi.toml" and data.draw(st.booleans()):
        content["version"] = 1 if name == "conda-lock.yml" else 6
    text = tomli_w.dumps(without_none(content)) if name.endswith("toml") else json.dumps(content)  # type: ignore[arg-type]
    try:
        found = read(tmp_path, text, name)
    except InputError as error:
        assert error.code in (
            "foreign-file",
            "conda-channel",
            "conda-dependency",
            "no-such-path",
        ) or error.code.startswith("req")
    else:
        assert isinstance(found, Found)


@pytest.mark.parametrize("name", [*KEYS, "x.txt"])
@pytest.mark.parametrize(
    "data", [b"\xff\xfe\x00", b"\x80" * 100, b"a\x00b", b"x" * (6 << 20)], ids=["bom", "latin", "null", "long"]
)
def test_what_is_no_text_is_refused_at_once(tmp_path: Path, name: str, data: bytes) -> None:
    file = tmp_path / name
    file.write_bytes(data)
    started = time.process_time()
    with pytest.raises(InputError):
        dialect_of(file).read(file, ())
    assert time.process_time() - started < 2
