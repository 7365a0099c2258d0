"""Indexes, lists and constraints that the lines of a notebook name."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_envs.dialects.found import Found
from jupyter_envs.dialects.in_notebook import look
from jupyter_envs.environments.importing import plan_import
from jupyter_envs.errors import InputError
from jupyter_envs.machine.indexes import Index, Indexes

from .notebooks import HASH, content, lines, texts


@pytest.mark.parametrize(
    "cell",
    ["!PIP_INDEX_URL=https://own.example/simple pip install demo", "%env PIP_INDEX_URL=https://own.example/simple\n!pip install demo",
     "%set_env PIP_INDEX_URL https://own.example/simple\n%pip install demo", "!UV_DEFAULT_INDEX=own=https://own.example/simple uv pip install demo",
     "import os\nos.environ['PIP_INDEX_URL'] = 'https://own.example/simple'\n!pip install demo",
     "%%bash\nexport PIP_INDEX_URL=https://own.example/simple\npip install demo", "!export PIP_INDEX_URL=https://own.example/simple; pip install demo",
     "!pip config set global.index-url https://own.example/simple\n!pip install demo",
     "!pip install -i https://u:secret@own.example/simple --extra-index-url https://more.example demo"],
)  # fmt: skip
def test_an_index_that_a_variable_names_counts_too(cell: str) -> None:
    found = lines(cell)
    (name,) = found.taken_from.values()
    assert {index.name: index.url for index in found.indexes}[name] == "https://own.example/simple"
    with pytest.raises(InputError, match=r"own\.example/simple, which is not an index") as caught:
        plan_import(None, [found], Indexes((Index("pypi", "https://pypi.org/simple", default=True),)))
    assert caught.value.code == "index-not-configured" and texts(found) == ["demo"]
    assert "secret" not in str(found)


@pytest.mark.parametrize(
    "cell", ["!pip install --no-index -f /mnt/w demo", "!PIP_NO_INDEX=1 pip install demo", "!pip install -r closed.txt"]
)
def test_no_index_is_refused_unless_the_user_says_it_too(tmp_path: Path, cell: str) -> None:
    (tmp_path / "closed.txt").write_text("--no-index\ndemo\n")
    ((_, found),) = look(content(cell), tmp_path)
    assert isinstance(found, Found) and texts(found) == ["demo"]
    pypi = (Index("pypi", "https://pypi.org/simple", default=True),)
    with pytest.raises(InputError, match="says that no index may be asked") as caught:
        plan_import(None, [found], Indexes(pypi))
    assert caught.value.code == "index-not-configured"
    assert plan_import(None, [found], Indexes(pypi, no_index=True)).asked == found.requirements


def test_an_exact_list_beside_the_notebook_keeps_versions_extras_and_hashes(tmp_path: Path) -> None:
    own = "--extra-index-url https://own.example/simple\n--pre\n"
    (tmp_path / "requirements.txt").write_text(f"{own}demo[more]==1.0 --hash=sha256:{HASH}\nshout==2.1.0 # via x\n")
    ((_, found),) = look(content("!pip install -r requirements.txt six"), tmp_path)
    assert isinstance(found, Found) and found.prerelease
    assert texts(found) == ["six", "demo[more]==1.0", "shout==2.1.0"]
    assert [(pin.name, pin.version, pin.hashes) for pin in found.pins] == [("demo", "1.0", frozenset({HASH}))]
    assert [index.url for index in found.indexes] == ["https://own.example/simple"]


def test_exact_constraints_limit(tmp_path: Path) -> None:
    (tmp_path / "constraints.txt").write_text(f"demo-dep==1.0 --hash=sha256:{HASH}\nshout==2.0\n")
    ((_, found),) = look(content("!pip install demo -c constraints.txt"), tmp_path)
    assert isinstance(found, Found) and texts(found) == ["demo"]
    assert [item.text for item in found.limits] == ["demo-dep==1.0", "shout==2.0"]
    assert [(pin.name, pin.version) for pin in found.pins] == [("demo-dep", "1.0")]
