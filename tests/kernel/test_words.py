"""What people type, understood as one order or refused with a sentence."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis.strategies import from_regex, sampled_from, text

from jupyter_envs.dialects import pip_arguments, sources
from jupyter_envs.errors import InputError
from jupyter_envs.kernel import distributions
from jupyter_envs.kernel.orders import Order, Refused, is_path, name_of, resolve_path
from jupyter_envs.kernel.pip_words import order, parse

NAMES: list[list[str]] = json.loads((Path(__file__).parents[1] / "wire" / "words.json").read_text())["requirements"]


def pip(line: str) -> Order:
    return parse("pip", shlex.split(line))


@pytest.mark.parametrize(
    ("line", "verb", "arguments"),
    [
        ("install pandas 'numpy>=2'", "install", ["pandas", "numpy>=2"]),
        ("install -q -U --pre pandas", "install", ["-U", "--pre", "pandas"]),
        ("-q install pandas", "install", ["pandas"]),
        ("install -r requirements.txt", "install", ["--requirement=requirements.txt"]),
        ("install -rrequirements.txt", "install", ["--requirement=requirements.txt"]),
        ("install --requirement=requirements.txt six", "install", ["--requirement=requirements.txt", "six"]),
        ("install --no-cache-dir --progress-bar off six", "install", ["six"]),
        ("install -e ../mine", "install", ["--editable=../mine"]),
        (
            "install --index-url https://mirror/simple six",
            "install",
            ["--index-url=https://mirror/simple", "six"],
        ),
        ("uninstall -y six", "remove", ["--skip-missing", "six"]),
    ],
)
def test_pips_everyday_words_mean_what_they_mean_in_pip(line: str, verb: str, arguments: list[str]) -> None:
    typed = pip(line)
    assert (typed.verb, typed.arguments) == (verb, arguments)


@pytest.mark.parametrize(
    "line",
    [
        "install --target lib six",
        "install",
        "download six",
        "config list",
        "install --user six",
        "uninstall",
        "install -r",
    ],
)
def test_all_else_is_refused_with_a_sentence(line: str) -> None:
    with pytest.raises(Refused) as refused:
        pip(line)
    assert refused.value.sentence.endswith(".")


def test_quiet_is_about_the_output_only() -> None:
    assert pip("install -q six").quiet
    assert pip("install -q six").arguments == ["six"]


@pytest.mark.parametrize(
    ("program", "line", "verb", "arguments"),
    [
        ("uv", "pip install --system six", "install", ["six"]),
        ("uv", "add 'six>=1'", "install", ["six>=1"]),
        ("uv", "pip uninstall six", "remove", ["--skip-missing", "six"]),
        ("conda", "install -y -c conda-forge numpy=1.26 six", "install", ["numpy==1.26.*", "six"]),
        ("mamba", "update six", "upgrade", ["six"]),
    ],
)
def test_uv_and_conda_too(program: str, line: str, verb: str, arguments: list[str]) -> None:
    typed = parse(program, shlex.split(line))
    assert (typed.verb, typed.arguments) == (verb, arguments)


@pytest.mark.parametrize(
    ("line", "verb", "arguments"),
    [
        ("install --upgrade pip", "pip", []),
        ("install -q 'pip>=24' uv", "pip", []),
        ("install uv", "uv", []),
        ("install --index-url=https://mirror/simple pip", "pip", []),
        ("install -U pip setuptools pipx", "install", ["-U", "setuptools", "pipx"]),
        ("install pip -r requirements.txt", "install", ["--requirement=requirements.txt"]),
        ("uninstall pip", "remove", ["--skip-missing", "pip"]),
    ],
)
def test_pip_itself_is_here_already(line: str, verb: str, arguments: list[str]) -> None:
    typed = pip(line)
    assert (typed.verb, typed.arguments) == (verb, arguments)


def test_uv_run_is_not_ours() -> None:
    with pytest.raises(Refused):
        parse("uv", ["run", "x.py"])


def test_a_yes_to_code_that_runs_while_building_is_passed_on() -> None:
    typed = order("install", ["--allow-build", "docopt", "docopt"])
    assert typed.arguments == ["--allow-build=docopt", "docopt"]
    assert typed.without_consent().arguments == ["docopt"]


@pytest.mark.parametrize(
    ("word", "seen"),
    [
        (".", "/here/."),
        ("../mine", "/here/../mine"),
        ("wheels/six-1.whl", "/here/wheels/six-1.whl"),
        ("six-1.whl", "/here/six-1.whl"),
        ("/there/mine", "/there/mine"),
        ("--requirement=r.txt", "--requirement=/here/r.txt"),
        ("--editable=.", "--editable=/here/."),
        ("--editable=git+https://example.org/x", "--editable=git+https://example.org/x"),
        ("--index-url=https://mirror/simple", "--index-url=https://mirror/simple"),
        ("numpy>=2", "numpy>=2"),
        ("ruamel.yaml", "ruamel.yaml"),
        ("git+https://example.org/x", "git+https://example.org/x"),
        ("six @ https://example.org/six.whl", "six @ https://example.org/six.whl"),
        ("-U", "-U"),
        ("./my folder", "/here/./my folder"),
        ("../my@home/x.zip", "/here/../my@home/x.zip"),
        (".hidden", "/here/.hidden"),
        ("~/mine", "~/mine"),
        ("six;sys_platform=='a/b'", "six;sys_platform=='a/b'"),
    ],
)
def test_paths_start_where_they_were_typed(word: str, seen: str) -> None:
    assert resolve_path(word, "/here") == seen


@pytest.mark.parametrize("word", ["--accept", "--accept=-q", "--accept=sha256:00"])
@pytest.mark.parametrize("verb", ["build", "install", "remove", "upgrade"])
def test_consent_is_nothing_that_can_be_typed(verb: str, word: str) -> None:
    with pytest.raises(Refused, match=r"--accept does not work in a cell, which asks you instead\."):
        order(verb, [word, "six"])


def test_a_value_never_becomes_an_option() -> None:
    assert pip("install -r --accept=yes -e --accept six").arguments == [
        "--requirement=--accept=yes",
        "--editable=--accept",
        "six",
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ruamel.Yaml>=0.1", "ruamel-yaml"),
        ("pandas[excel] ; python_version > '3'", "pandas"),
        ("six @ https://example.org/six.whl", "six"),
        ("./folder", ""),
        ("git+https://example.org/x", ""),
    ],
)
def test_the_package_that_a_requirement_names(text: str, name: str) -> None:
    assert name_of(text) == name


@pytest.mark.parametrize(("text", "name"), NAMES)
def test_the_page_the_kernel_and_the_server_see_the_same_name_in_a_requirement(text: str, name: str) -> None:
    """The page's half reads the same table, in labextension/tests/words.test.ts."""
    (item,) = pip_arguments.parse([text])
    assert name_of(text) == item.name == name and item.source is None
    assert name_of(item.text) == name


ADDRESSES = {
    "six @ https://example.org/six.whl": "six",
    "Six[a]@https://example.org/six.whl ; os_name == 'nt'": "six",
    "x @ git+ssh://git@example.org/x@main#subdirectory=a/b": "x",
    "git+https://example.org/x": "",
    "https://example.org/six-1.16.0-py3-none-any.whl": "",
}


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("./p[dev]", "/f/./p[dev]"),
        ("sub/p [dev]", "sub/p [dev]"),
        ("dist/x-1.whl[dev] ; os_name == 'nt'", "/f/dist/x-1.whl[dev] ; os_name == 'nt'"),
        ("mine[dev] @ ./p", "mine[dev] @ /f/./p"),
        ("mine @ sub/p.tgz", "mine @ /f/sub/p.tgz"),
        ("mine @ git+https://h.example/x", "mine @ git+https://h.example/x"),
        ("--editable=.[dev]", "--editable=/f/.[dev]"),
    ],
)
def test_a_path_starts_in_the_folder_where_it_was_typed(word: str, found: str) -> None:
    assert resolve_path(word, "/f") == found


def test_a_line_for_another_system_is_not_for_this_one() -> None:
    lines = ["a", "a[b]>=1", "a ; python_version >= '3'", "a ; python_version < '3'", "a ; no marker at all"]
    assert [distributions.applies(text) for text in lines] == [True, True, True, False, True]


PATHS = [
    *(".", "..", ".hidden", "./a", "../a b", "/a", "~/a", "~", "a/b", "a-1.whl", "A-1.WHL", "a.tar.gz", "a.Zip"),
    *("./a@b", "./a;b", "/a @ b", "a@b/c", "./https://x"),
]


@pytest.mark.parametrize(
    "word", [*ADDRESSES, *PATHS, *(text for text, _ in NAMES), "", "-", "-e .", "--x=a/b", "file:///a"]
)
def test_a_kernel_and_the_command_line_see_the_same_paths(word: str) -> None:
    """The kernel has a rule of its own, since the command line's is not there; each word means the same to both."""
    assert is_path(word) == sources.is_path(word) == (word in PATHS)
    assert sources.is_address(word) == (word in ADDRESSES)
    if word in ADDRESSES:
        assert name_of(word) == ADDRESSES[word] and pip_arguments.parse([word])[0].name == (
            ADDRESSES[word] or word.rpartition("/")[2].partition("-")[0]
        )


LIKE_WORDS = from_regex(
    r"[-.~/\\a-zA-Z0-9\[\]@:;#= ]{0,4}[A-Za-z0-9_.-]{0,6}([@:/;. ]|://)?[A-Za-z0-9/.@]{0,6}", fullmatch=True
)


@given(text(max_size=12) | LIKE_WORDS, sampled_from(["", ".whl", ".Tar.gz", "/", " ; os_name == 'a/b'"]))
def test_a_kernel_and_the_command_line_never_differ_about_a_word(word: str, end: str) -> None:
    """About what it names they only differ where the kernel does not say."""
    word += end
    assert is_path(word) == sources.is_path(word)
    if is_path(word):
        assert name_of(word) == ""
        return
    try:
        (item,) = pip_arguments.parse([word])
    except InputError:
        return
    assert name_of(word) in (item.name, "" if item.source else item.name)


@pytest.mark.parametrize("line", ["install -v six", "install six --verbose", "uninstall -vv six"])
def test_v_asks_for_the_details_of_errors_and_is_no_option_of_ours(line: str) -> None:
    typed = pip(line)
    assert typed.verbose and typed.without_consent().verbose
    assert typed.arguments[-1] == "six" and not set(typed.arguments) & {"-v", "--verbose"}
    assert not pip("install six").verbose
