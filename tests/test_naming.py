"""The name of a package from an address or a path: what its project says, whatever the address looks like."""

from __future__ import annotations

import io
import subprocess
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from jupyter_envs.dialects import project_names, requirements_txt
from jupyter_envs.dialects.pip_arguments import parse
from jupyter_envs.dialects.project_names import guess
from jupyter_envs.engines.uv.complaints import explain_error
from jupyter_envs.engines.uv.remarks import remarks_in
from jupyter_envs.environments.naming import Named, distinct
from jupyter_envs.errors import InputError, ResolveError
from jupyter_envs.model.options import Options
from jupyter_envs.server.handlers.jobs import to_request
from jupyter_envs.wire.jobs import JobArguments, NewJob

from .local_index import LocalIndex
from .test_cli import Cli, block_in, cli, made, notebook, signals  # noqa: F401  # fixtures
from .wheels import folder_project, sdist, wheel

SETUP = "from setuptools import setup\n"


def put(folder: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


SAID: list[tuple[dict[str, str], str]] = [
    ({"pyproject.toml": "[project]\nname = 'Own_Name'\n"}, "own-name"),
    ({"pyproject.toml": '[project]\ndescription = """\nname = "no"\n"""\nname = "own-name"\n'}, "own-name"),
    ({"pyproject.toml": "[tool.poetry]\nname = 'own-name'\n"}, "own-name"),
    ({"pyproject.toml": "[build-system]\n", "setup.cfg": "[metadata]\nname = own-name\n"}, "own-name"),
    ({"setup.py": "", "setup.cfg": "[options]\nname = no\n[metadata]\nname= own_name # really\n"}, ""),
    ({"setup.py": SETUP + "setup(\n    name='own-name',\n    version='1')\n"}, "own-name"),
    ({"setup.py": "import setuptools\nN = 'own-name'\nsetuptools.setup(name=N)\n"}, "own-name"),
    ({"setup.py": SETUP + "# name = 'no'\nsetup(name='own-name')\n"}, "own-name"),
    ({"setup.py": SETUP + "N = 'a'\nif 1:\n    N = 'b'\nsetup(name=N)\n"}, ""),
    ({"setup.py": SETUP + "setup(name='a' + 'b')\n"}, ""),
    ({"setup.py": SETUP + "setup(name='{{ cookiecutter }}')\n"}, ""),
    ({"setup.py": SETUP + "print 'Python 2'\nsetup(name='a')\n"}, ""),
    ({"setup.py": "(" * 5000}, ""),
    ({"setup.py": SETUP + "setup()\n", "PKG-INFO": "Metadata-Version: 2.1\nName: own-name\n"}, "own-name"),
    ({"pyproject.toml": "[project\n", "setup.py": ""}, ""),
]


@pytest.mark.parametrize(("files", "name"), SAID)
@pytest.mark.parametrize("kind", ["folder", "tar", "zip"])
def test_the_name_is_what_the_project_says(tmp_path: Path, files: dict[str, str], name: str, kind: str) -> None:
    """Without a word of it being run. Where only code knows it, the name is made up, and known to be."""
    put(tmp_path / "another-1.0", files)
    word = {"folder": "another-1.0", "tar": "another-1.0.tar.gz", "zip": "another-1.0.zip"}[kind]
    if kind == "tar":
        with tarfile.open(tmp_path / word, "w:gz") as archive:
            archive.add(tmp_path / "another-1.0", "top")
    elif kind == "zip":
        with zipfile.ZipFile(tmp_path / word, "w") as zipped:
            for path, text in files.items():
                zipped.writestr(f"top/{path}", text)
                zipped.writestr(f"top/tests/{path}", "[project]\nname = 'inner'")
    (item,) = parse([f"./{word}"], base=tmp_path)
    assert item.source
    assert (item.name, item.source.guessed) == ((name, False) if name else ("another", True))


def test_an_archive_that_cannot_be_read_is_guessed(tmp_path: Path) -> None:
    (tmp_path / "thing-1.0.tar.gz").write_bytes(b"no archive")
    (tmp_path / "other.zip").write_bytes(b"PK\x03\x04")
    items = parse(["./thing-1.0.tar.gz", "other.zip"], base=tmp_path)
    assert [item.name for item in items] == ["thing", "other"]


@pytest.mark.parametrize("ending", ["tar.gz", "tar.bz2", "tar.xz"])
def test_an_archive_that_would_become_huge_is_guessed_from_its_beginning(
    tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project_names, "MAX_UNPACKED", 1 << 20)
    with tarfile.open(tmp_path / f"thing-1.0.{ending}", f"w:{ending[4:]}") as archive:
        entry = tarfile.TarInfo("top/data")
        entry.size, entry.pax_headers = 0, {"comment": "x" * (4 << 20)}
        archive.addfile(entry)
        named = tarfile.TarInfo("top/PKG-INFO")
        named.size = len(text := b"Name: inner\n")
        archive.addfile(named, io.BytesIO(text))
    (item,) = parse([f"./thing-1.0.{ending}"], base=tmp_path)
    assert item.name == "thing"
    monkeypatch.setattr(project_names, "MAX_UNPACKED", 1 << 23)
    assert parse([f"./thing-1.0.{ending}"], base=tmp_path)[0].name == "inner"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("git+https://h.example/me/My.Repo.git@main", "my-repo"),
        ("https://h.example/me/repo/archive/refs/heads/main.zip", "repo"),
        ("https://h.example/me/repo/-/archive/v1/x.tar.gz", "repo"),
        ("https://h.example/dist/thing-1.0.tar.gz", "thing"),
        ("https://h.example/master.tar.bz2", "master"),
        ("https://h.example/%C3%B6", "package"),
    ],
)
def test_an_address_gives_a_name_that_is_known_to_be_made_up(address: str, name: str) -> None:
    (item,) = parse([address])
    assert item.source and (item.name, item.source.guessed) == (name, True)


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("x @ git+https://h.example/y#egg=z", "egg=z"),
        ("git+https://h.example/y#egg=z==1", "egg=z==1"),
        ("https://h.example/x.zip#md5=abc", "md5"),
        ("https://h.example/x.zip#subdirectory=py", "folder 'py' of an archive"),
        ("file://host/x", "another computer"),
        ("hg+https://h.example/x", "hg+https"),
        ("https://h.example/x.whl", "not a valid file name of a wheel"),
    ],
)
def test_no_part_of_an_address_is_dropped(word: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        parse([word])
    assert says in caught.value.sentence and caught.value.hint


def test_a_wheel_under_another_file_name_is_said_not_to_be_installable(tmp_path: Path) -> None:
    (tmp_path / "mine.whl").write_bytes(wheel("mine").content)
    for word in ("./mine.whl", "mine @ ./mine.whl"):
        with pytest.raises(InputError) as caught:
            parse([word], base=tmp_path)
        assert "'mine.whl' is not a valid file name of a wheel" in caught.value.sentence and caught.value.hint


def test_an_extra_that_a_folder_does_not_have_is_said() -> None:
    said = "warning: The package `mine @ file:///x y/z` does not have an extra named `nope`\nResolved"
    assert remarks_in(said) == ("mine has no extra called nope, so nothing was installed for it.",)


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("Pandas[Excel] >=2 ; python_version < '4'", 'pandas[excel]>=2 ; python_version < "4"'),
        ("git+https://h.example/x#egg=y[a]", "git+https://h.example/x#egg=y[a]"),
        ("y[a] @ https://h.example/y.zip ; os_name == 'nt'", "y[a] @ https://h.example/y.zip ; os_name == 'nt'"),
        ("https://h.example/y-1-py3-none-any.whl[a] ; os_name == 'nt'",) * 2,
    ],
)
def test_what_is_typed_in_the_panel_is_whole_where_it_is_read(typed: str, sent: str) -> None:
    new = NewJob(action="install", args=JobArguments(packages=[typed]))
    words = to_request(new, None, None, Path.exists).words
    assert words == (sent,)
    one, other = parse([typed])[0], parse(words)[0]
    assert (one.text, one.source) == (other.text, other.source)


@pytest.mark.parametrize("typed", ["./x[a]", "x.whl[a]", "x @ ./x", "x @ file:///x", "file:x", "-e ."])
def test_the_panel_takes_nothing_of_this_machine(typed: str) -> None:
    with pytest.raises(InputError):
        to_request(NewJob(action="install", args=JobArguments(packages=[typed])), None, None, Path.exists)


def test_two_addresses_have_two_names() -> None:
    words = ["https://h.example/a/main.zip", "https://h.example/b/main.zip", "main @ https://h.example/c.zip"]
    assert [item.name for item in distinct(parse(words))] == ["main-2", "main-3", "main"]
    assert [item.name for item in distinct(parse(["git+https://h.example/x", "git+https://h.example/x@v1", "x"]))] == [
        "x"
    ] * 3


def test_everything_typed_for_a_made_up_name_is_for_the_own_one() -> None:
    """And not for a package of an index that has the made-up name: nobody has allowed that one's code to run."""
    items = parse(["git+https://h.example/x", "y"])
    error = ResolveError("name-differs", "x", data={"given": "x", "found": "own"})
    named = Named(items, Options(allow_build=frozenset({"x"}), indexes={"a": ("x", "y")})).renamed(error)
    assert named and [item.name for item in named.requirements] == ["own", "y"]
    assert named.options.allow_build == {"own"} and named.options.indexes == {"a": ("own", "y")}
    assert named.renamed(error) is None
    assert Named(parse(["x @ git+https://h.example/x"]), Options()).renamed(error) is None, "it was typed"


@pytest.mark.parametrize(
    ("text", "given", "found"),
    [
        ("error: x\n  cause: Package metadata name `own` does not match\n  given name `typed`", "typed", "own"),
        (
            "error: Requested package name `typed` does not match `own` in the distribution filename: file:///x",
            "typed",
            "own",
        ),
    ],
)
def test_what_uv_says_about_another_name_is_one_sentence(text: str, given: str, found: str) -> None:
    error = explain_error(text, 1)
    assert (error.code, error.data) == ("name-differs", {"given": given, "found": found})


# -- the whole way -------------------------------------------------------------------------------------------


def dynamic(folder: Path, name: str = "own-name") -> Path:
    """A project whose name only its code knows."""
    return put(folder, folder_project(name, "1.5"))


def test_a_folder_whose_name_only_its_code_knows_is_installed_under_that_name(
    cli: Cli, notebook: Path, index: LocalIndex, tmp_path: Path
) -> None:
    dynamic(tmp_path / "my repo")
    said = cli("install", notebook, tmp_path / "my repo", "--no-build-env", "--json")
    assert said.code == 0, said.err
    assert block_in(notebook).dependencies == ("own-name",)
    assert said.json["changed"]["own-name"] == [None, "1.5"]
    assert f"The package in {tmp_path / 'my repo'} is called own-name." in said.json["notes"]
    assert cli("upgrade", notebook, "own-name", "--no-build-env").code == 0


def test_so_is_an_archive_in_editable_mode_and_from_a_file(
    cli: Cli, notebook: Path, index: LocalIndex, tmp_path: Path
) -> None:
    index.add(wheel("other", "1.0"))
    dynamic(tmp_path / "one", "first")
    dynamic(tmp_path / "two" / "main", "second")
    with tarfile.open(tmp_path / "main.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "two" / "main", "top")
    (tmp_path / "r.txt").write_text(f"{tmp_path / 'one'}\nother\n")
    words = ["-r", tmp_path / "r.txt", "-e", tmp_path / "two" / "main", "--no-build-env", "--json"]
    asked = cli("install", notebook, *words).json["error"]
    assert (asked["code"], asked["data"]["packages"]) == ("needs-build", ["one"])
    assert "its own name is not known before" in asked["sentence"]
    said = cli("install", notebook, *words, "--allow-build", "one")
    assert said.code == 0, said.err
    assert {"first", "second", "other"} <= said.json["changed"].keys()
    assert block_in(notebook).dependencies == ("first", "other", "second")
    other = made(tmp_path / "other.ipynb", "1")
    assert cli("install", other, tmp_path / "main.tar.gz", "--no-build-env").code == 0
    assert block_in(other).dependencies == ("second",)


@pytest.mark.parametrize("kind", ["folder", "wheel", "sdist"])
def test_a_wrong_name_is_said_with_both_names_and_how_to_write_it(
    cli: Cli, notebook: Path, index: LocalIndex, tmp_path: Path, kind: str
) -> None:
    dist: Any = {"wheel": wheel, "sdist": sdist}.get(kind)
    place = dist("own-name", "1.5").write(tmp_path) if dist else dynamic(tmp_path / "x")
    error = cli("install", notebook, f"typed @ {place.as_uri()}", "--no-build-env", "--json").json["error"]
    assert error["code"] == "name-differs", error
    assert error["sentence"] == f"The package in {place} is called own-name, and not typed."
    assert error["hint"] == f"Write: own-name @ {place.as_uri()}"
    assert "own-name" not in str(block_in(notebook) if "jupyter_envs" in notebook.read_text() else "")


def test_a_repository_is_asked_for_once_and_installed_under_its_own_name(
    cli: Cli, notebook: Path, index: LocalIndex, tmp_path: Path
) -> None:
    dynamic(tmp_path / "another-name")
    for words in (["-c", "init.defaultBranch=main", "init", "-q"], ["add", "."],
                  ["-c", "user.name=x", "-c", "user.email=x@h.example", "commit", "-qm", "1"]):  # fmt: skip
        subprocess.run(["git", *words], cwd=tmp_path / "another-name", check=True)
    Path.home().joinpath(".gitconfig").write_text(f'[url "file://{tmp_path}/"]\n\tinsteadOf = https://git.example/\n')
    word = "git+https://git.example/another-name"
    asked = cli("install", notebook, word, "--no-build-env", "--json").json["error"]
    assert (asked["code"], asked["data"]["packages"]) == ("needs-build", ["another-name"])
    said = cli("install", notebook, "-e", word, "--allow-build", "another-name", "--no-build-env", "--json")
    assert said.code == 0, said.err
    assert block_in(notebook).dependencies == ("own-name",)
    assert "The package in https://git.example/another-name is called own-name." in said.json["notes"]
    assert (
        "https://git.example/another-name is installed from its repository, not as an editable checkout."
        in said.json["notes"]
    )


def test_a_hash_in_a_typed_path_is_compared(cli: Cli, notebook: Path, index: LocalIndex, tmp_path: Path) -> None:
    dist = wheel("own-name", "1.5")
    place = dist.write(tmp_path).as_uri()
    error = cli("install", notebook, f"{place}#sha256={'ab' * 32}", "--no-build-env", "--json").json["error"]
    assert error["code"] == "requirements-hash"
    assert cli("install", notebook, f"{place}#sha256={dist.sha256}", "--no-build-env").code == 0


@pytest.mark.parametrize("editable", [True, False])
@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("file://{folder}#sha256=" + "ab" * 32, "requirements-hash"),
        ("own-name @ file://{folder}#egg=own-name&sha256=" + "ab" * 32, "requirements-hash"),
        ("file://otherhost{folder}", "no-such-path"),
        ("own-name @ file://otherhost{folder}", "no-such-path"),
        ("file://user@{folder}", "no-such-path"),
    ],
)
def test_what_an_address_of_this_machine_says_is_heeded_or_refused(
    cli: Cli, notebook: Path, tmp_path: Path, word: str, code: str, editable: bool
) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "pyproject.toml").write_text('[project]\nname = "own-name"\nversion = "1"\n')
    words = (["-e"] if editable else []) + [word.format(folder=tmp_path / "own")]
    assert cli("install", notebook, *words, "--no-build-env", "--json").json["error"]["code"] == code


# -- files ---------------------------------------------------------------------------------------------------


def read(folder: Path, content: str | bytes) -> requirements_txt.Listed:
    (folder / "r.txt").write_bytes(content if isinstance(content, bytes) else content.encode())
    return requirements_txt.read([folder / "r.txt"], folder)


CONDA = (
    "file:///home/conda/feedstock_root/build_artifacts/numpy_1707225342954/work/dist/numpy.whl",
    "file:///tmp/build/80754af9/x_1606/work",
    "file:///croot/x_1690232220950/work",
    "file:///C:/ci_311/x_1676/work",
    "file:///C:/b/abs_a1/croots/recipe/x_1/work",
    "file:///opt/concourse/worker/volumes/live/1/volume/x_1/work",
    "file:///Users/runner/miniforge3/conda-bld/x_1/work",
    "file:///D:/bld/x_1/work",
)


@pytest.mark.parametrize("address", CONDA)
def test_of_what_conda_built_the_name_is_taken_and_that_no_version_is_told_is_said(
    tmp_path: Path, address: str
) -> None:
    found = read(tmp_path, f"six==1.16.0\nNum_Py[a] @ {address} ; python_version > '3'\n")
    assert [item.text for item in found.requirements] == ["six==1.16.0", 'num-py[a] ; python_version > "3"']
    assert found.requirements[1].source is None
    assert found.notes == (
        "The list gives only the folder in which conda built num-py, and no version: the newest that fits is taken.",
    )


def test_the_version_in_the_name_of_a_wheel_counts(tmp_path: Path) -> None:
    folder = "file:///home/conda/feedstock_root/build_artifacts/x_1707/work/dist"
    found = read(tmp_path, f"x @ {folder}/x-1.26.4-cp311-cp311-linux_x86_64.whl\n")
    assert [item.text for item in found.requirements] == ["x==1.26.4"] and found.notes == ()


def test_an_address_that_is_none_is_said_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, "x @ file://[croot/x")
    assert caught.value.code == "req-syntax" and "r.txt:1: " in caught.value.sentence


ELSEWHERE = ("/home/me/ci/x", "/tmp/build/x", "/tmp/build/x-1.0-py3-none-any.whl", "/work/bld/x", "/data/feedstock/x")


@pytest.mark.parametrize("address", [*(f"file://{path}" for path in ELSEWHERE), "file:./ci_311/x"])
def test_a_folder_that_anybody_may_have_is_none_of_condas(tmp_path: Path, address: str) -> None:
    """The index may have another package of that name."""
    with pytest.raises(InputError) as caught:
        read(tmp_path, f"x @ {address}")
    assert caught.value.code == "no-such-path" and "r.txt:1: " in caught.value.sentence


@pytest.mark.parametrize(
    "line", ["x @ file:///home/me/x", f"x @ {CONDA[0]}#sha256={'ab' * 32}", f"x @ {CONDA[0]} --hash=sha256:{'ab' * 32}"]
)
def test_another_folder_that_is_missing_is_refused_and_so_is_a_hash_of_it(tmp_path: Path, line: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, line)
    assert caught.value.code == "no-such-path" and ":1: " in caught.value.sentence


@pytest.mark.parametrize(
    ("path", "version"), [("x-1.5.1-py3-none-any.whl", "1.5.1"), ("x-2.0.tar.gz", "2.0"), ("work", "VERSION")]
)
def test_a_file_of_another_machine_may_be_replaced_by_a_version(tmp_path: Path, path: str, version: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, f"six\nX[a] @ file:///home/me/{path} ; os_name == 'nt'")
    assert caught.value.code == "no-such-path" and "r.txt:2: " in caught.value.sentence
    assert caught.value.hint.endswith(f"x=={version}")


@pytest.mark.parametrize(
    "content",
    [
        "six\r\n".encode("utf-16-le"),
        "six\r\n".encode("utf-16-be"),
        b"# -*- coding: latin-1 -*-\n# Gr\xf6\xdfe\nsix\n",
        b"\n# vim: set fileencoding=cp1252 :\n# \x93quoted\x94\nsix\n",
    ],
)
def test_a_file_in_another_coding_is_read_where_the_coding_can_be_known(tmp_path: Path, content: bytes) -> None:
    assert [item.text for item in read(tmp_path, content).requirements] == ["six"]


@pytest.mark.parametrize("coding", ["no-such", "rot13", "hex"])
def test_a_coding_that_is_none_is_said(tmp_path: Path, coding: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, f"# coding: {coding}\nsix\n")
    assert caught.value.code == "requirements-file" and coding in caught.value.sentence


def test_pips_newer_options_are_decided(tmp_path: Path) -> None:
    found = read(tmp_path, "--pypi-url https://h.example/simple\n--no-require-hashes\n--only-final :all:\nsix\n")
    assert not found.prerelease and [place.option for place in found.places] == ["--pypi-url"]
    assert read(tmp_path, "--all-releases :all:\nsix\n").prerelease
    for option in ("--all-releases six", "-C a=b"):
        with pytest.raises(InputError) as caught:
            read(tmp_path, f"{option}\nsix\n")
        assert caught.value.code == "requirements-option"


def test_an_address_of_a_list_is_refused_with_what_to_do(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    error = cli("install", notebook, "-r", "https://h.example/requirements.txt", "--json").json["error"]
    assert error["code"] == "requirements-file" and "is an address" in error["sentence"]


def test_a_guess_is_a_name() -> None:
    assert [guess(text) for text in ("a-1.0.tgz", "x.git", "ö", "-", "v1.0.zip")] == [
        "a",
        "x",
        "package",
        "package",
        "v1.0",
    ]
