"""A requirement is parsed once, where it comes in, and has one text from there on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import packaging.requirements
import pytest
from msgspec.structs import replace

import jupyter_envs
from jupyter_envs.errors import InputError
from jupyter_envs.model.block import VERSION, Block
from jupyter_envs.model.lock import Vcs
from jupyter_envs.model.requirement import MAX_REQUIREMENTS, Source, checked_requirement, requirement_of
from jupyter_envs.notebook import NotebookFile

from .local_index import LocalIndex
from .test_cli import Cli, block_in, cli, notebook, signals  # noqa: F401  # fixtures
from .typed import texts, typed
from .wheels import folder_project, wheel

ROOT = Path(jupyter_envs.__file__).parent
BELOW = "python_full_version < '3.13'"


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each text was parsed, whoever did it."""
    count: Counter[str] = Counter()
    original = packaging.requirements.Requirement.__init__

    def counting(self: packaging.requirements.Requirement, text: str) -> None:
        count[text] += 1
        original(self, text)

    monkeypatch.setattr(packaging.requirements.Requirement, "__init__", counting)
    return count


@pytest.mark.parametrize("where", ["in the notebook", "in a file"])
def test_over_a_whole_install_no_text_is_parsed_twice(
    cli: Cli, notebook: Path, index: LocalIndex, tmp_path: Path, parsed: Counter[str], where: str
) -> None:
    """Of a stranger's notebook that has as many requirements as one may have, or of a file as long as that."""
    kind = where.rpartition(" ")[2]
    names, more = [f"{kind}-{number}" for number in range(MAX_REQUIREMENTS - 1)], f"{kind}-more>=1"
    index.add(*(wheel(name, "1.5") for name in [*names, f"{kind}-more"]))
    lines = tuple(f'{name}[all]<2,>=1 ; python_version >= "3.8"' for name in names)
    words: list[str | Path] = [more, "--no-build-env", "--accept", "--json"]
    if where == "in a file":
        (tmp_path / "r.txt").write_text("".join(f"{line}\n" for line in lines))
        words += ["-r", tmp_path / "r.txt"]
    else:
        NotebookFile.read(notebook).write_block(Block(version=VERSION, dependencies=lines))
    said = cli("install", notebook, *words)
    assert said.code == 0, said.err
    assert {*block_in(notebook).dependencies} == {*lines, more}
    assert {*lines, more} <= parsed.keys()
    assert [text for text, times in parsed.items() if times > 1] == []


def test_only_the_model_parses_requirements() -> None:
    """Whatever else needs one is handed it, or asks there; but for what installed packages say that they need, which a
    kernel reads where there is no model."""
    who = {path for path in ROOT.rglob("*.py") if "packaging.requirements" in path.read_text(encoding="utf-8")}
    assert who == {ROOT / "model" / "requirement.py", ROOT / "kernel" / "distributions.py"}


GIT = Source(Vcs("git", "https://h.example/x", requested_revision="v1", subdirectory="py"))
ARCHIVE = Source(Vcs("archive", "https://h.example/x-1.zip", sha256="ab" * 32))


@pytest.mark.parametrize(
    ("text", "source", "line"),
    [
        ("Pandas [B,a] >=2 , <3", None, f"pandas[a,b]<3,>=2 ; {BELOW}"),
        ("x", GIT, f"x @ git+https://h.example/x@v1#subdirectory=py ; {BELOW}"),
        ("x[a]>=1;os_name=='nt'", ARCHIVE,
         f'x[a] @ https://h.example/x-1.zip#sha256={"ab" * 32} ; (os_name == "nt") and {BELOW}'),
        ("x[a]", Source(path=Path("/here/x")), f"x[a] @ file:///here/x ; {BELOW}"),
        ("x[a]", Source(path=Path("/here/x"), editable=True), f"x[a] ; {BELOW}"),
    ],
)  # fmt: skip
def test_a_tool_is_told_the_source_and_a_block_is_not(text: str, source: Source | None, line: str) -> None:
    item = replace(checked_requirement(text, "here"), source=source)
    assert item.line(BELOW) == line
    assert requirement_of(item.text) == replace(item, source=None)


def test_a_limit_or_a_source_selects_and_extras_do_not() -> None:
    assert not any(requirement_of(text).selects for text in ("X", "x[a]", "x ; os_name == 'nt'"))
    assert requirement_of("x>=1").selects and replace(requirement_of("x"), source=GIT).selects


@pytest.mark.parametrize("word", ["x @ https://h.example/x-1.zip ; os_name == '$'", "x; os_name == '$'"])
def test_what_no_notebook_may_say_is_refused_beside_an_address_too(word: str) -> None:
    """It would make a block that cannot be read again."""
    with pytest.raises(InputError) as caught:
        typed(word)
    assert caught.value.code == "req-metachar"


def test_extras_and_a_condition_beside_a_file_are_kept(tmp_path: Path) -> None:
    for path, text in folder_project("mine", "1.5").items():
        (tmp_path / path).write_text(text)
    items = typed(f"Mine[Fast] @ {tmp_path.as_uri()} ; os_name == 'posix'")
    assert texts(items) == ('mine[fast] ; os_name == "posix"',)
    assert items[0].source == Source(path=tmp_path)
