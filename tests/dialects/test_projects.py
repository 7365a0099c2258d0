"""pyproject.toml and Pipfile: what a project needs, as four tools say it."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from jupyter_envs.dialects.found import Found
from jupyter_envs.dialects.poetry_versions import python_of, specifier_of
from jupyter_envs.dialects.table import dialect_of
from jupyter_envs.errors import InputError

from .project_samples import PIPFILE, POETRY, PYPROJECT


def found(folder: Path, text: str, *groups: str, name: str = "pyproject.toml") -> Found:
    file = folder / name
    file.write_text(text)
    return dialect_of(file).read(file, groups)


def asked(found: Found) -> list[str]:
    return [item.line("").removesuffix(" ; ") if item.source else item.text for item in found.requirements]


def refused(folder: Path, text: str, *groups: str, name: str = "pyproject.toml") -> str:
    with pytest.raises(InputError) as error:
        found(folder, text, *groups, name=name)
    return f"{error.value.sentence} {error.value.hint}"


def texts(found: Found, group: str) -> list[str]:
    return [item.text for item in found.groups[group]]


def test_pep_621_with_extras_and_groups(tmp_path: Path) -> None:
    project = found(tmp_path, PYPROJECT)
    assert asked(project) == ["humanize~=4.9", 'colorama ; sys_platform == "win32"']
    assert project.requires_python == ">=3.11" and project.exclude_newer == "2026-11-01"
    assert texts(project, "plot") == ["tabulate[widechars]>=0.8"]
    assert texts(project, "all") == ["six", "tabulate[widechars]>=0.8"], "its own extra, not the index's `study`"
    assert texts(project, "dev") == ["iniconfig>=2", "toml"] and texts(project, "lint") == ["toml"]
    assert [item.text for item in project.limits] == ["wcwidth<0.3"]
    assert [item.text for item in project.overrides] == ["pluggy<2"]


def test_what_comes_from_one_index_or_a_repository_says_so(tmp_path: Path) -> None:
    project = found(tmp_path, PYPROJECT)
    assert project.taken_from == {"six": "wheels"}
    assert [(index.name, index.url, index.default) for index in project.indexes] == [
        ("wheels", "https://wheels.example/simple", False)
    ], "without the password"
    source = project.groups["lint"][0].source
    assert source and source.url == "git+https://github.com/uiri/toml@0.10.2"
    assert any("index-strategy" in note for note in project.notes)


@pytest.mark.parametrize(
    ("sources", "why"),
    [
        ("[{index = 'a', marker = 'sys_platform == \"linux\"'}, {index = 'b'}]", "depends on the system"),
        ("{index = 'a', marker = 'sys_platform == \"linux\"'}", "depends on the system"),
        ("{index = 'nobody'}", "there is no index 'nobody'"),
        ("{git = 'git://h.example/x'}", "https and ssh"),
        ("{git = 'https://me:secret@h.example/x'}", "password"),
        ("{git = 'https://h.example/x', rev = 'a; os_name'}", "not valid here"),
        ("{}", "no place"),
    ],
)
def test_a_source_that_a_notebook_cannot_say_is_refused(tmp_path: Path, sources: str, why: str) -> None:
    rows = "".join(f"[[tool.uv.index]]\nname = '{name}'\nurl = 'https://{name}.example/simple'\n" for name in "ab")
    text = f"[project]\nname = 'x'\nversion = '1'\ndependencies = ['demo']\n[tool.uv.sources]\ndemo = {sources}\n{rows}"
    said = refused(tmp_path, text)
    assert why in said and "pyproject.toml" in said and "secret" not in said


def test_a_source_for_an_extra_counts_where_the_extra_is_taken(tmp_path: Path) -> None:
    text = (
        "[project]\nname = 'x'\nversion = '1'\n[project.optional-dependencies]\ncpu = ['demo']\ngpu = ['demo>1']\n"
        "[tool.uv.sources]\ndemo = [{index = 'c', extra = 'cpu'}, {index = 'g', extra = 'gpu'}]\n"
        "[[tool.uv.index]]\nname = 'c'\nurl = 'https://c.example'\nexplicit = true\n"
        "[[tool.uv.index]]\nname = 'g'\nurl = 'https://g.example'\nexplicit = true\n"
    )
    assert found(tmp_path, text).taken_from == {}
    assert found(tmp_path, text, "cpu").taken_from == {"demo": "c"}
    assert "depends on the system" in refused(tmp_path, text, "cpu", "gpu")


def test_a_folder_is_taken_only_below_the_file(tmp_path: Path) -> None:
    inner, outer = tmp_path / "p" / "lib", tmp_path / "lib"
    for folder in (inner, outer):
        folder.mkdir(parents=True)
        (folder / "pyproject.toml").write_text("[project]\nname = 'lib'\nversion = '1'\n")
    text = "[project]\nname = 'x'\nversion = '1'\ndependencies = ['lib']\n[tool.uv.sources]\nlib = {path = 'PATH'}\n"
    inside = found(tmp_path / "p", text.replace("PATH", "lib"))
    assert inside.requirements[0].source and inside.requirements[0].source.path == inner.resolve()
    (tmp_path / "p" / "link").symlink_to(outer)
    for path in ("../lib", str(outer), "link", "missing", "lib/../../lib"):
        left = found(tmp_path / "p", text.replace("PATH", path))
        assert left.requirements == () and "lib is left out" in left.notes[0], path
    file = "[project]\nname = 'x'\nversion = '1'\ndependencies = ['lib @ file:///etc/passwd', 'lib @ ../lib']\n"
    assert found(tmp_path / "p", file).requirements == ()


def test_a_path_in_a_list_of_pep_508_is_no_requirement(tmp_path: Path) -> None:
    for text in ("./lib", "-e .", "-r x.txt", "https://h.example/x.whl", "."):
        assert "dependencies[0]" in refused(tmp_path, f"[project]\nname='x'\nversion='1'\ndependencies = ['{text}']\n")


def test_what_only_code_can_say_is_told(tmp_path: Path) -> None:
    (tmp_path / "setup.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    text = "[build-system]\nrequires = ['setuptools']\n[project]\nname = 'x'\ndynamic = ['version', 'dependencies']\n"
    project = found(tmp_path, text)
    assert project.empty and "code computes dependencies" in project.notes[0]
    assert not (tmp_path / "ran").exists()


def test_poetry(tmp_path: Path) -> None:
    project = found(tmp_path, POETRY)
    assert project.requires_python == ">=3.11,<4.0"
    assert asked(project) == [
        "tabulate[widechars]<0.9,>=0.8", "humanize<5.0,>=4.9", 'idna<4.0,>=3.4 ; python_version < "3.12"',
        'idna<4.0,>=3.6 ; python_version >= "3.12"', 'colorama ; sys_platform == "win32"', "black>=0.dev0",
        "private<1.3,>=1.2", "toml @ git+https://github.com/uiri/toml.git@0.10.2",
    ]  # fmt: skip
    assert texts(project, "old") == ["six"] and texts(project, "dev") == ["iniconfig<3,>=2"]
    assert project.taken_from == {"private": "mine"}
    assert [(index.name, index.default) for index in project.indexes] == [("mine", False)]


def test_poetrys_own_table_says_more_about_pep_621(tmp_path: Path) -> None:
    text = (
        "[project]\nname = 'x'\nversion = '1'\ndependencies = ['private>=1', 'demo']\n"
        "[tool.poetry.dependencies]\nprivate = {source = 'mine'}\nother = '^1'\n"
        "[[tool.poetry.source]]\nname = 'mine'\nurl = 'https://mine.example/simple'\n"
    )
    project = found(tmp_path, text)
    assert asked(project) == ["private>=1", "demo"]
    assert project.taken_from == {} and [index.default for index in project.indexes] == [True], "it replaces PyPI"


@pytest.mark.parametrize(
    ("constraint", "limits"),
    [
        ("*", ""), ("^1.2", "<2.0,>=1.2"), ("~1.2", "<1.3,>=1.2"), ("1.2", "==1.2"), ("==1.2.*", "==1.2.*"),
        (">=1 <2", "<2,>=1"), ("^1 || ^2", "<3,>=1"), ("!=1.5", "!=1.5"), ("^0.2.3", "<0.3.0,>=0.2.3"),
        ("1.*", "==1.*"), ("^2.0-beta", "<3.0,>=2.0b0"), ("~=1.4", "~=1.4"),
    ],
)  # fmt: skip
def test_constraints_of_poetry(constraint: str, limits: str) -> None:
    said = SpecifierSet(specifier_of(constraint, "x"))
    assert said == SpecifierSet(limits)
    assert not said.prereleases or "b" in limits, "no pre-release that nobody asked for"


@pytest.mark.parametrize("constraint", ["^1 || ^3", "latest", "^", "x" * 9999, "<2 | >3"])
def test_a_constraint_that_is_no_single_range_is_refused(constraint: str) -> None:
    with pytest.raises(InputError, match="cannot be written as one requirement"):
        specifier_of(constraint, "x")


def test_pythons_of_poetry() -> None:
    assert python_of("^3.9", "") == ">=3.9,<4.0"
    assert python_of(">=3.9,<3.11 || >=3.12", "") == ">=3.9,!=3.11.*"
    with pytest.raises(InputError):
        python_of(">=3.9,<3.11.4 || >=3.12", "")


def test_pipfile(tmp_path: Path) -> None:
    project = found(tmp_path, PIPFILE, name="Pipfile")
    assert project.requires_python == "==3.11.*" and project.prerelease
    assert asked(project) == [
        "tabulate[widechars]", "humanize~=4.9", 'colorama ; sys_platform == "win32"', 'tomli ; python_version < "3.11"',
        "private==1.2.5", "toml @ git+https://github.com/uiri/toml.git@0.10.2",
    ]  # fmt: skip
    assert texts(project, "dev") == ["iniconfig>=2"] and texts(project, "docs") == ["six"]
    assert project.taken_from == {"private": "mine"}
    assert [(index.name, index.url, index.default) for index in project.indexes] == [
        ("mine", "https://mine.example/simple", False)
    ]
    assert any("[scripts]" in note for note in project.notes)


def test_pipfile_whose_only_index_is_a_private_one(tmp_path: Path) -> None:
    text = "[[source]]\nname = 'mine'\nurl = 'https://mine.example/simple'\n[packages]\ndemo = {version = '*', index = 'mine'}\n"
    project = found(tmp_path, text, name="Pipfile")
    assert project.taken_from == {} and [index.default for index in project.indexes] == [True]
    assert "hg" in refused(tmp_path, "[packages]\ndemo = {hg = 'https://h.example/x'}\n", name="Pipfile")
    assert "index" in refused(tmp_path, "[packages]\ndemo = {version = '*', index = 'no'}\n", name="Pipfile")


def test_what_a_row_of_a_pipfile_says_is_kept_or_told(tmp_path: Path) -> None:
    ours, md5 = "sha256:" + "0" * 64, "md5:" + "0" * 32
    text = (
        f"[packages]\nsix = {{version = '==1.16.0', hashes = ['{ours}'], markers = \"os_name == 'nt'\"}}\n"
        f"demo = {{version = '<2', hashes = ['{ours}']}}\nshout = {{version = '==1.0', hashes = ['{ours}', '{md5}']}}\n"
        "old = {version = '*', no_binary = true}\n"
        f"[dev-packages]\ntest = {{version = '==1.0', hashes = ['{ours}']}}\n"
        "[pipenv]\ninstall_search_all_sources = true\n"
    )
    (pin,) = found(tmp_path, text, name="Pipfile").pins
    assert (pin.name, pin.version, str(pin.marker)) == ("six", "1.16.0", 'os_name == "nt"')
    assert pin.hashes == {"0" * 64}
    assert asked(found(tmp_path, text, name="Pipfile"))[0] == 'six==1.16.0 ; os_name == "nt"'
    assert {pin.name for pin in found(tmp_path, text, "dev", name="Pipfile").pins} == {"six", "test"}
    assert [note.partition("Pipfile: ")[2] for note in found(tmp_path, text, name="Pipfile").notes] == [
        "the hashes of demo cannot be checked: it does not name one version of an index.",
        "the hashes of shout cannot be checked: only sha256 is used.",
        "old: `no_binary` is left out: a notebook cannot say it.",
        "[pipenv] install_search_all_sources is left out: your configuration decides.",
    ]


def test_pdm(tmp_path: Path) -> None:
    text = (
        "[project]\nname = 'x'\nversion = '1'\ndependencies = ['demo']\n[tool.pdm.dev-dependencies]\n"
        "test = ['pytest', '-e file:///${PROJECT_ROOT}/sub#egg=sub']\n[tool.pdm.resolution.overrides]\nnumpy = '1.26'\n"
        "[[tool.pdm.source]]\nname = 'mine'\nurl = 'https://mine.example/simple'\ninclude_packages = ['demo']\n"
    )
    project = found(tmp_path, text)
    assert texts(project, "test") == ["pytest"] and project.taken_from == {"demo": "mine"}
    assert [item.text for item in project.overrides] == ["numpy==1.26"]
    assert any("-e file:" in note for note in project.notes)


def test_pixi_in_a_project(tmp_path: Path) -> None:
    text = (
        "[project]\nname = 'study'\nversion = '1'\ndependencies = ['demo']\nrequires-python = '>=3.11'\n"
        "[tool.pixi.workspace]\nchannels = ['conda-forge']\nplatforms = ['linux-64']\n"
        "[tool.pixi.dependencies]\nbwa = '*'\n[tool.pixi.pypi-dependencies]\nstudy = {path = '.', editable = true}\nshout = '*'\n"
    )
    project = found(tmp_path, text)
    assert asked(project) == ["demo", "shout"] and project.conda and "bwa" in project.conda.dependencies[0]
    assert any("study is this project itself" in note for note in project.notes)


def test_a_part_of_the_workspace_is_taken_from_its_folder(tmp_path: Path) -> None:
    inner = tmp_path / "packages" / "some-folder"
    inner.mkdir(parents=True)
    (inner / "pyproject.toml").write_text("[project]\nname = 'Inner_Part'\nversion = '1'\n")
    (tmp_path / "packages" / "no-project").mkdir()
    (tmp_path / "packages" / "loop").symlink_to(tmp_path)
    text = (
        "[project]\nname = 'x'\nversion = '1'\ndependencies = ['inner-part', 'other']\n[tool.uv.workspace]\n"
        "members = ['packages/*', '../*', '/*', '**', '[', '.']\n[tool.uv.sources]\n"
        "inner-part = {workspace = true}\nother = {workspace = true}\n"
    )
    project = found(tmp_path, text)
    assert [item.source.path for item in project.requirements if item.source] == [inner.resolve()]
    assert any("other: it is left out" in note for note in project.notes)
    odd = text.replace("'packages/*'", '"\\u0000", ""')
    assert found(tmp_path, odd).requirements == ()


def test_a_list_that_setuptools_takes_from_a_file_is_named(tmp_path: Path) -> None:
    text = "[project]\nname = 'x'\ndynamic = ['dependencies']\n[tool.setuptools.dynamic]\ndependencies = {file = ['my list.txt']}\n"
    assert any("jupyter envs import NOTEBOOK 'my list.txt'" in note for note in found(tmp_path, text).notes)
