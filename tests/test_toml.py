"""What we write for uv is TOML, whatever people call their folders, indexes and users."""

from __future__ import annotations

import os
import string
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of
from hypothesis.strategies import characters, composite, dictionaries, lists, none, sampled_from, text

from jupyter_envs.dialects.pip_arguments import parse
from jupyter_envs.engines.protocols import ResolveRequest
from jupyter_envs.engines.uv.project import Compilation
from jupyter_envs.engines.uv.pylock import tomllib
from jupyter_envs.engines.uv.resolver import UvResolver
from jupyter_envs.engines.uv.tool import Engine
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.errors import IndexError_, InputError
from jupyter_envs.machine.indexes import Index, Indexes, load
from jupyter_envs.model.lock import File, Lock, Package
from jupyter_envs.model.options import Options
from jupyter_envs.model.progress import SILENT
from jupyter_envs.model.requirement import Source
from jupyter_envs.model.spec import Spec
from jupyter_envs.settings import Settings
from jupyter_envs.system.process import Done

from .fakes import HERE
from .typed import typed
from .wheels import folder_project

ODD = [
    "🚀",
    "é",
    "a b",
    "it's",
    'say "hi"',
    "back\\slash",
    "$HOME",
    "${HOME}",
    "[x]",
    "#x",
    "%41",
    "\x7f",
    "\x1b[2J",
    "a;b",
    "{x}",
    "'''",
    '"""',
]
"""What a folder may be called; all of it is UTF-8."""
TEXT = text(characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12)
NAMES = text(string.ascii_lowercase + string.digits, min_size=1, max_size=8)


@dataclass
class Reader(Engine):
    """Runs nothing: reads every TOML file that uv would be given, by its name."""

    read: dict[str, dict[str, Any]] = field(default_factory=dict)

    def found(self) -> Path:
        return Path("/no/uv")

    def _call(self, words: Sequence[str | Path], *_: Any) -> Done:
        for file in self.folder.rglob("*.toml"):
            self.read[file.name] = tomllib.loads(file.read_text(encoding="utf-8"))
        out = Path(words[words.index("-o") + 1])
        out.write_text('lock-version = "1.0"\ncreated-by = "uv"\n')
        return Done(0, "", "")


@composite
def indexes(draw: Any) -> Indexes:
    urls = draw(lists(TEXT, min_size=1, max_size=3, unique=True))
    named = [
        Index(
            f"i{n}",
            f"https://h/{url}",
            explicit=n > 0,
            flat=draw(sampled_from([False, True])),
            username=draw(none() | TEXT),
        )
        for n, url in enumerate(urls)
    ]
    return Indexes(tuple(named))


@given(
    found=indexes(),
    places=dictionaries(NAMES, TEXT, max_size=3),
    editable=sampled_from([True, False]),
    versions=dictionaries(NAMES, sampled_from(["1.0", "2!3.0+local"]), max_size=3),
)
@settings_of(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_file_for_uv_reads_back_as_what_it_says(
    found: Indexes, places: Mapping[str, str], editable: bool, versions: Mapping[str, str], settings: Settings
) -> None:
    folders = {name: Path("/") / path for name, path in places.items()}
    listed = tuple(index.name for index in found.indexes if index.explicit)
    spec = Spec(dependencies=tuple(places), indexes={name: (f"of-{name}",) for name in listed})
    packages = tuple(Package(name, version, wheels={"x": File("ab" * 32)}) for name, version in versions.items())
    previous = Lock("1.0", "x", "sha256:x", f"=={HERE.minor}.*", packages)
    request = ResolveRequest(spec, HERE, previous)
    with Reader(settings, found) as engine:
        UvResolver(engine).compile(
            Compilation(
                "lock",
                request,
                {name: Source(path=path, editable=editable) for name, path in folders.items()},
                spec.requirements,
                configuration={"dependency-metadata": [{"name": "x", "requires-dist": []}]},
            ),
            SILENT,
        )
    project, configuration, preferred = (
        engine.read[name] for name in ("pyproject.toml", "more.uv.toml", "pylock.lock.toml")
    )
    uv = project["tool"]["uv"]
    expected = {name: {"path": str(path), "editable": True} for name, path in folders.items() if editable}
    assert uv["sources"] == expected | {f"of-{name}": {"index": name} for name in listed}
    assert [(index["name"], index["url"]) for index in uv.get("index", ())] == [
        (index.name, index.url) for index in found.indexes if index.explicit
    ]
    assert [index["url"] for index in configuration["index"]] == [index.url for index in found.asked]
    assert configuration["dependency-metadata"] == [{"name": "x", "requires-dist": []}]
    assert {row["name"]: row["version"] for row in preferred["packages"]} == versions


@pytest.mark.skipif(sys.platform == "win32", reason="such names cannot be there")
@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("editable", [True, False], ids=["editable", "copied"])
def test_a_folder_can_be_installed_whatever_it_is_called(
    environments: Environments, tmp_path: Path, name: str, editable: bool
) -> None:
    folder = tmp_path / name
    folder.mkdir()
    for path, content in (folder_project("mine", "1.5") | {"setup.cfg": "[metadata]\nname = mine\n"}).items():
        (folder / path).write_text(content)
    wanted = typed(editable=(str(folder),)) if editable else typed(str(folder))
    change = environments.install(None, wanted, options=Options(build=False))
    assert change.changed["mine"] == (None, "1.5")
    more = environments.install(change.block, typed("demo"), options=Options(build=False))
    assert more.changed.keys() == {"demo", "demo-dep"}


@pytest.mark.skipif(sys.platform == "win32", reason="such names cannot be there")
@pytest.mark.parametrize("editable", [True, False], ids=["editable", "copied"])
def test_what_lies_in_a_folder_with_an_odd_name_can_be_imported(
    environments: Environments, tmp_path: Path, editable: bool
) -> None:
    folder = tmp_path / "🚀 #1 [${HOME}]"
    folder.mkdir()
    for path, content in (folder_project("mine", "1.5") | {"setup.cfg": "[metadata]\nname = mine\n"}).items():
        (folder / path).write_text(content, encoding="utf-8")
    name = folder.name
    wanted = typed(editable=(name,), base=tmp_path) if editable else typed(f"./{name}", base=tmp_path)
    change = environments.install(None, wanted)
    assert change.environment
    code = "import mine, pathlib; print(mine.__version__, pathlib.Path(mine.__file__).parent.name)"
    words = [change.environment.python, "-X", "utf8", "-I", "-c", code]
    version, place = (
        subprocess.run(words, capture_output=True, encoding="utf-8", check=True).stdout.strip().split(" ", 1)
    )
    assert version == "1.5" and (place == folder.name) == editable


@pytest.mark.skipif(sys.platform == "win32", reason="names are text there")
@pytest.mark.parametrize("editable", [True, False], ids=["editable", "copied"])
def test_a_folder_whose_name_is_not_text_is_refused_with_a_next_step(tmp_path: Path, editable: bool) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("no such names on this file system")
    (folder / "pyproject.toml").write_text("[project]\nname = 'mine'\n")
    words = {"editable": [str(folder)]} if editable else {}
    with pytest.raises(InputError) as caught:
        parse([] if editable else [str(folder)], base=tmp_path, **words)
    assert caught.value.code == "path-encoding" and "Rename" in caught.value.hint
    caught.value.sentence.encode("utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="variables are text there")
@pytest.mark.parametrize(
    "url",
    [os.fsdecode(b"https://h/caf\xe9"), os.fsdecode(b"/folder/\xff"), "https://h/\x00", "https://u:a%00b@h/simple"],
)
def test_an_address_that_is_not_text_is_refused_with_a_next_step(settings: Settings, url: str) -> None:
    for variable in ("UV_DEFAULT_INDEX", "PIP_INDEX_URL", "UV_FIND_LINKS"):
        with pytest.raises(IndexError_) as caught:
            load(
                settings,
                {
                    "PIP_CONFIG_FILE": os.devnull,
                    "HOME": "/nowhere",
                    "JUPYTER_ENVS_SYSTEM_CONFIG": "/nowhere",
                    variable: url,
                },
            )
        assert caught.value.code == "configuration-damaged" and caught.value.hint
        caught.value.sentence.encode("utf-8")
