"""What was typed is what is recorded and what is said: lines of one name, extras, conditions, sources."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of
from hypothesis.strategies import SearchStrategy, composite, lists, sampled_from, sets
from packaging.markers import Marker

from jupyter_envs.dialects import requirements_txt
from jupyter_envs.dialects.pip_arguments import parse
from jupyter_envs.environments.plan import plan_install, plan_remove, plan_upgrade
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.errors import EnvsError, InputError
from jupyter_envs.model.block import EMPTY, VERSION, Block, parse_block
from jupyter_envs.model.merging import merge_requirements
from jupyter_envs.model.options import DEFAULTS
from jupyter_envs.model.requirement import MAX_REQUIREMENTS, Requirement, requirement_of

from .local_index import LocalIndex
from .test_cli import Cli, block_in, cli, made, notebook, signals  # noqa: F401  # fixtures
from .test_environments import imported
from .typed import texts, typed
from .wheels import folder_project, sdist, wheel

NAMES = ("alpha", "beta")
EXTRAS = ("a", "b-c", "d")
LIMITS = ("", "==1.0", ">=1,<3", "==2.0", "!=1.5", "~=1.4")
MARKERS = (
    "", "sys_platform == 'win32'", "sys_platform != 'win32'", "python_version < '3.12'", "python_version >= '3.12'",
    "os_name == 'nt' and python_version < '3.12'", "'arm' in platform_machine",
)  # fmt: skip
MACHINES = tuple(
    {"sys_platform": system, "os_name": "nt" if system == "win32" else "posix", "python_version": python,
     "python_full_version": f"{python}.1", "platform_machine": machine}
    for system in ("win32", "linux") for python in ("3.11", "3.13") for machine in ("arm64", "x86_64")
)  # fmt: skip
NAMED = {"setup.cfg": "[metadata]\nname = mine\n"}
MANY = settings_of(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


@composite
def lines(draw: Any) -> str:
    extras = ",".join(sorted(draw(sets(sampled_from(EXTRAS)))))
    marker = draw(sampled_from(MARKERS))
    end = f" ; {marker}" if marker else ""
    return f"{draw(sampled_from(NAMES))}{f'[{extras}]' if extras else ''}{draw(sampled_from(LIMITS))}{end}"


def applies(item: Requirement, machine: dict[str, str]) -> bool:
    return item.marker is None or item.marker.evaluate(machine)


def asked(items: Any, machine: dict[str, str]) -> dict[str, tuple[set[str], set[str]]]:
    """Name -> extras and limits that hold on a machine."""
    found: dict[str, tuple[set[str], set[str]]] = {}
    for item in items:
        if applies(item, machine):
            extras, limits = found.setdefault(item.name, (set(), set()))
            extras |= {*item.extras}
            limits |= {str(limit) for limit in item.specifier}
    return found


COMMANDS: SearchStrategy[list[list[str]]] = lists(lists(lines(), min_size=1, max_size=4), min_size=1, max_size=4)


@given(commands=COMMANDS)
@MANY
def test_what_was_typed_is_what_is_recorded_and_what_is_said(commands: list[list[str]]) -> None:
    block = EMPTY
    for words in commands:
        before = block
        try:
            plan = plan_install(block, parse(words), DEFAULTS)
        except InputError as refused:
            assert refused.code == "conflict" and len({word for word in words if "==" in word}) > 1
            continue
        block = parse_block(block.with_spec(plan.spec).to_dict())
        now, was, new = ([*spec.requirements] for spec in (block.spec, before.spec, before.spec))
        new = [requirement_of(word) for word in words]
        said = " ".join(plan.notes)
        for machine in MACHINES:
            have, had, want = (asked(items, machine) for items in (now, was, new))
            assert have.keys() == had.keys() | want.keys()
            for name, (extras, limits) in have.items():
                old, fresh = had.get(name, (set(), set())), want.get(name, (set(), set()))
                assert extras == old[0] | fresh[0], "extras add up"
                assert fresh[1] <= limits <= old[1] | fresh[1], "what was typed holds, and nothing else is made up"
                lost = [row for row in was if row.name == name and applies(row, machine) and row.specifier]
                for row in lost:
                    kept = {str(limit) for limit in row.specifier} <= limits
                    assert kept or f"{name}{row.specifier}" in said, (row.text, said)
                if not fresh[1]:
                    assert limits == old[1] or said


@composite
def sourced(draw: Any) -> tuple[str, bool, set[str], str]:
    """A word, whether it stands behind -e, and its extras and condition. The name is `mine`."""
    extras, marker = draw(sets(sampled_from(EXTRAS))), draw(sampled_from(MARKERS))
    end = f"[{','.join(sorted(extras))}]" if extras else ""
    form = draw(sampled_from([
        "mine{} @ file://{base}/folder", "mine{} @ ./folder", "./folder{}", "{base}/folder{}", "folder/{}",
        "file://{base}/folder{}", "file://{base}/folder#egg=Mine{}", "mine{} @ git+https://h.example/x@v1",
        "git+https://h.example/x@v1#egg=mine{}", "git+https://h.example/x#egg=Mine{}&subdirectory=py",
        "https://h.example/mine-1.0-py3-none-any.whl{}", "https://h.example/a.zip#egg=mine{}", "./mine-1.0.tar.gz{}",
        "mine-1.0.tar.gz{}", "mine{} @ https://h.example/a.zip", "mine{}",
    ]))  # fmt: skip
    editable = draw(sampled_from([False, "folder" in form or form.startswith("git")]))
    return form.replace("{}", end) + (f" ; {marker}" if marker else ""), bool(editable), extras, marker


def put(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir()
    for path, text in files.items():
        (folder / path).write_text(text)


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("projects")
    put(base / "folder", folder_project("mine", "1.0") | NAMED)
    sdist("mine", "1.0").write(base)
    return base


@given(word=sourced(), file=sampled_from([True, False]))
@MANY
def test_extras_and_condition_of_every_source_are_recorded(
    word: tuple[str, bool, set[str], str], file: bool, projects: Path
) -> None:
    text, editable, extras, marker = word
    text = text.replace("{base}", str(projects))
    if file:
        (projects / "r.txt").write_text(f"{'-e ' if editable else ''}{text}\n")
        (item,) = requirements_txt.read([projects / "r.txt"], projects).requirements
    else:
        (item,) = parse([] if editable else [text], editable=[text] if editable else [], base=projects)
    assert item.name == "mine" and {*item.extras} == extras, text
    assert str(item.marker or "") == (str(Marker(marker)) if marker else "")
    assert (item.source is None) == text.startswith(("mine[", "mine ;")) or text == "mine" or "@" in text
    assert item.source is None or not item.source.guessed
    plan = plan_install(EMPTY, [item], DEFAULTS)
    assert plan.spec.requirements == (requirement_of(item.text),)


@pytest.mark.parametrize(
    ("declared", "words", "result", "says"),
    [
        (["p[more]"], ["p>=1"], ["p[more]>=1"], ""),
        (["p[a]>=1"], ["p[b]"], ["p[a,b]>=1"], ""),
        (["p==1 ; python_version < '4'"], ["p"], ['p==1 ; python_version < "4"', "p"], ""),
        ([], ["p[a]", "p[b]>=1", "p<3", "P"], ["p[a,b]<3,>=1"], ""),
        (["p<2"], ["p>=2"], ["p>=2"], "p<2 no longer applies: p>=2 was typed later."),
        (["p[a]==1 ; os_name == 'nt'"], ["p>=2"], ['p[a] ; os_name == "nt"', "p>=2"], "no longer applies"),
        (["p==1"], ["p==2 ; os_name == 'nt'"], ['p==1 ; os_name != "nt"', 'p==2 ; os_name == "nt"'],
         'p==1 now applies only where os_name != "nt"'),
        (["p==1"], ["p==1 ; os_name != 'nt'", "p==2 ; os_name == 'nt'"],
         ['p==1 ; os_name != "nt"', 'p==2 ; os_name == "nt"'], 'p==1 now applies only where os_name != "nt"'),
        (["p==1"], ["p==2 ; os_name == 'nt'", "p==3 ; os_name != 'nt'"],
         ['p==2 ; os_name == "nt"', 'p==3 ; os_name != "nt"'], 'p==1 ; os_name != "nt" no longer applies'),
        (["p<3"], ["p>=3 ; platform_release >= '20'"], ["p<3", 'p>=3 ; platform_release >= "20"'], "p<3 still applies"),
        (["p<3"], ["p>=3 ; sys_platform < 'm'"], ["p<3", 'p>=3 ; sys_platform < "m"'], "p<3 still applies, too."),
        (["p<3"], ["p>=3 ; python_full_version < '3.14'"], ["p<3", 'p>=3 ; python_full_version < "3.14"'],
         "p<3 still applies, too."),
        (["p<3"], ["p>=3 ; '3.9' < python_version"], ['p<3 ; "3.9" >= python_version', 'p>=3 ; "3.9" < python_version'],
         "p<3 now applies only where"),
        (["p<3 ; python_version == '3.*'"], ["p>=3 ; python_version == '3.11'"],
         ['p<3 ; python_version == "3.*"', 'p>=3 ; python_version == "3.11"'], "still applies, too."),
        (["p<3 ; 'linux' == sys_platform"], ["p>=3 ; 'linux' == platform_system"],
         ['p<3 ; "linux" == sys_platform', 'p>=3 ; "linux" == platform_system'], "still applies, too."),
        (["p==2"], ["p==2 ; os_name == 'nt'"], ["p==2", 'p==2 ; os_name == "nt"'], ""),
        (["p<3"], ["p>=2 ; python_version > '3.8' and os_name == 'nt'"],
         ['p<3 ; python_version <= "3.8" or os_name != "nt"', 'p>=2 ; python_version > "3.8" and os_name == "nt"'],
         'p<3 now applies only where python_version <= "3.8" or os_name != "nt", since p>=2'),
        (["p<3"], ["p>=2 ; (python_version > '3.8' or 'x' in os_name) and os_name == 'nt'"],
         ['p<3 ; (python_version <= "3.8" and "x" not in os_name) or os_name != "nt"',
          'p>=2 ; (python_version > "3.8" or "x" in os_name) and os_name == "nt"'], "now applies only where"),
        (["p<3"], ["p>=2 ; python_version ~= '3.8'"], ["p<3", 'p>=2 ; python_version ~= "3.8"'],
         "p<3 still applies, too."),
        (["p<3 ; os_name == 'nt'"], ["p>=2 ; python_version > '3.8'"],
         ['p<3 ; os_name == "nt"', 'p>=2 ; python_version > "3.8"'], 'p<3 ; os_name == "nt" still applies, too.'),
        (["p<3 ; os_name == 'nt'"], ["p>=2 ; os_name == 'posix'"],
         ['p<3 ; os_name == "nt"', 'p>=2 ; os_name == "posix"'], ""),
        (["p<3 ; python_version < '3.9'"], ["p>=2 ; python_version >= '3.9'"],
         ['p<3 ; python_version < "3.9"', 'p>=2 ; python_version >= "3.9"'], ""),
    ],
)  # fmt: skip
def test_lines_of_one_name_add_up(declared: list[str], words: list[str], result: list[str], says: str) -> None:
    merged = merge_requirements(typed(*declared), typed(*words))
    assert sorted(texts(merged.requirements)) == sorted(result)
    assert says in " ".join(merged.notes) and bool(merged.notes) == bool(says)


def test_a_source_replaces_a_limit_and_that_is_said(projects: Path) -> None:
    merged = merge_requirements(typed("mine[a]>=2"), typed("./folder[d]", base=projects))
    assert texts(merged.requirements) == ("mine[a,d]",) and merged.requirements[0].source
    assert merged.notes == ("mine>=2 no longer applies: another source was named for it.",)


def test_a_source_and_the_name_alone_are_one_line(projects: Path) -> None:
    plan = plan_install(EMPTY, typed("mine[d]", "./folder[a]", base=projects), DEFAULTS)
    assert plan.spec.dependencies == ("mine[a,d]",) and plan.typed["mine"].source


def test_two_exact_versions_at_once_are_refused() -> None:
    with pytest.raises(InputError) as caught:
        plan_install(EMPTY, typed("p==1.0", "p==2.0", "q==1", "q==1.0"), DEFAULTS)
    assert (caught.value.code, caught.value.sentence) == ("conflict", "p is asked for in different versions: 1.0, 2.0.")


def test_no_list_is_made_that_could_not_be_read_again() -> None:
    block = Block(version=VERSION, dependencies=tuple(f"p{n}" for n in range(MAX_REQUIREMENTS)))
    with pytest.raises(InputError) as caught:
        plan_install(block, typed("one-more"), DEFAULTS)
    assert caught.value.code == "req-too-many"
    long = typed(*(f"p[{'x' * 60}{n}]" for n in range(20)))
    with pytest.raises(InputError) as caught:
        plan_install(plan_first(long[:5]), long[5:10], DEFAULTS)
    assert caught.value.code == "req-long"


def plan_first(items: Any) -> Block:
    return EMPTY.with_spec(plan_install(EMPTY, items, DEFAULTS).spec)


@pytest.mark.parametrize("word", ["p", "P[a]", "p==1"])
def test_a_removed_name_goes_with_all_its_lines(word: str) -> None:
    block = Block(version=VERSION, dependencies=('p==1 ; python_version < "4"', 'p[a]==2 ; python_version >= "4"', "q"))
    assert plan_remove(block, [word], DEFAULTS).spec.dependencies == ("q",)


@pytest.mark.parametrize("word", ["p[a]", "p==1", "p @ https://h.example/p.zip"])
def test_an_upgrade_takes_a_name_and_says_where_the_rest_belongs(word: str) -> None:
    with pytest.raises(InputError) as caught:
        plan_upgrade(Block(version=VERSION, dependencies=("p",)), [word], DEFAULTS)
    assert caught.value.code == "req-syntax" and "jupyter envs install NOTEBOOK" in caught.value.hint


# -- the whole way -------------------------------------------------------------------------------------------


def two_versions(index: LocalIndex) -> None:
    index.add(wheel("twover", "1.0"), wheel("twover", "2.0"), wheel("more", "1.0"))
    index.add(*(wheel("extrapkg", version, requires=["more ; extra == 'more'"]) for version in ("1.0", "1.1")))


@pytest.mark.parametrize("how", ["words", "file"])
def test_a_line_for_each_python_is_kept_and_the_one_for_this_is_installed(
    cli: Cli, notebook: Path, index: LocalIndex, tmp_path: Path, how: str
) -> None:
    two_versions(index)
    lines = ["twover==1.0 ; python_version < '4'", "twover==2.0 ; python_version >= '4'"]
    (tmp_path / "r.txt").write_text("\n".join(lines))
    words = lines if how == "words" else ["-r", str(tmp_path / "r.txt")]
    said = cli("install", notebook, *words, "--no-build-env", "--json")
    assert said.code == 0, said.err
    assert said.json["changed"]["twover"] == [None, "1.0"]
    assert block_in(notebook).dependencies == (
        'twover==1.0 ; python_version < "4"',
        'twover==2.0 ; python_version >= "4"',
    )
    assert said.json["notes"] == [
        'Recorded, but not installed, since the condition does not apply to this Python and system: twover==2.0 ; python_version >= "4".'
    ]
    shown = cli("status", notebook, "--json").json["dependencies"]
    assert [item["version"] for item in shown] == ["1.0", None]
    assert "not for this Python or system" in cli("status", notebook).out
    assert cli("remove", notebook, "twover", "--no-build-env").code == 0
    assert block_in(notebook).dependencies == ()


def test_each_system_has_its_own_version_and_everybody_says_the_one_of_here(
    cli: Cli, environments: Environments, notebook: Path, index: LocalIndex, tmp_path: Path
) -> None:
    two_versions(index)
    lines = ["twover==1.0 ; sys_platform != 'win32'", "twover==2.0 ; sys_platform == 'win32'", "demo==1.0"]
    said = cli("install", notebook, *lines)
    assert said.code == 0 and "twover 1.0" in said.out, said.err
    block = block_in(notebook)
    assert block.lock and [row.version for row in block.lock.packages if row.name == "twover"] == ["1.0", "2.0"]
    hits = len(index.hits)
    assert cli("upgrade", notebook, "twover").out.splitlines()[-1] == "twover is pinned to ==1.0."
    again = cli("install", notebook, *lines)
    assert again.out.startswith("demo 1.0, twover 1.0 is already installed"), again.out
    assert len(index.hits) > hits and block_in(notebook).dependencies == block.dependencies
    assert cli("install", notebook, "demo<2").code == 0
    assert "twover 2.0" not in cli("status", notebook).out
    exported = cli(
        "install", made(tmp_path / "b.ipynb", "1"), *map(str, block.dependencies), "--no-build-env", "--json"
    )
    assert exported.json["changed"]["twover"] == [None, "1.0"]
    assert cli("undo", notebook).code == 0 and block_in(notebook).dependencies == block.dependencies
    gone = cli("remove", notebook, "twover", "--json").json
    assert gone["changed"] == {"twover": ["1.0", None]} and "twover" not in str(gone["block"]["lock"])


def test_extras_stay_through_later_changes(
    cli: Cli, environments: Environments, notebook: Path, index: LocalIndex
) -> None:
    two_versions(index)
    for words in (["extrapkg[more]<1.1"], ["extrapkg>=1"], ["twover"], ["extrapkg[other]"], ["-U", "extrapkg"]):
        said = cli("install", notebook, *words, "--no-build-env")
        assert said.code == 0, said.err
        if words == ["extrapkg>=1"]:
            assert "extrapkg<1.1 no longer applies: extrapkg>=1 was typed later." in said.err
    assert block_in(notebook).dependencies == ("extrapkg[more,other]>=1", "twover")
    environment = environments.build(block_in(notebook))
    assert imported(environment.python, "import more, extrapkg; print(extrapkg.__version__)") == "1.1"


def test_extras_typed_later_leave_the_source_and_a_version_does_not(
    cli: Cli, notebook: Path, index: LocalIndex, tmp_path: Path
) -> None:
    index.add(wheel("more", "1.0"), wheel("mine", "7.0"))
    put(tmp_path / "mine", folder_project("mine", "1.5", requires=["more ; extra == 'more'"]) | NAMED)
    assert cli("install", notebook, tmp_path / "mine", "--no-build-env").code == 0
    said = cli("install", notebook, "mine[more]", "--no-build-env", "--json")
    assert said.json["changed"] == {"more": [None, "1.0"]}, said.err
    said = cli("install", notebook, "mine>=2", "--no-build-env", "--json")
    assert said.json["changed"] == {"mine": ["1.5", "7.0"], "more": ["1.0", None]}
    assert "mine now comes from an index, and no longer from the source that was named earlier." in said.json["notes"]


def test_a_failed_change_says_nothing_of_what_would_have_been_replaced(
    environments: Environments, index: LocalIndex
) -> None:
    first = environments.install(None, typed("demo<2"), options=DEFAULTS)
    with pytest.raises(EnvsError) as caught:
        environments.install(first.block, typed("demo>=9"), options=DEFAULTS)
    assert "no longer applies" not in caught.value.sentence
