"""Modules beside the notebook come from no index, and what they import is needed."""

from __future__ import annotations

from pathlib import Path

from jupyter_envs.infer import Proposal, work_out
from tests.infer.bare import bare


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def needed(proposal: Proposal) -> list[str]:
    return [entry.requirement.text for entry in proposal.entries]


def test_a_module_beside_it_is_left_out_and_its_imports_are_followed(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "mine.py": "import yaml\nfrom other import x",
            "other.py": "import mine\nfrom PIL import Image",
            "pack/__init__.py": "from .deep import thing",
            "pack/deep.py": "from . import deeper",
            "pack/deeper.py": "import networkx",
            "seaborn.py": "",
        },
    )
    proposal = work_out(bare("import mine, seaborn\nfrom pack import thing"), tmp_path / "a.ipynb")
    assert sorted(needed(proposal)) == ["networkx", "pillow", "pyyaml"]
    assert proposal.local == {"mine": "mine.py", "other": "other.py", "pack": "pack", "seaborn": "seaborn.py"}
    assert not proposal.unknown


def test_folders_above_count_up_to_the_projects_and_those_that_cells_name(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "outside.py": "import sympy",
            "project/.git/HEAD": "",
            "project/src/lib_of_ours/__init__.py": "import dask",
            "project/notebooks/a.ipynb": "",
            "project/tools/helping.py": "import h5py",
        },
    )
    content = bare("import sys; sys.path.append('../tools')", "import lib_of_ours, helping, outside")
    proposal = work_out(content, tmp_path / "project" / "notebooks" / "a.ipynb")
    assert sorted(needed(proposal)) == ["dask", "h5py"]
    assert [each.module for each in proposal.unknown] == ["outside"]


def test_a_project_that_the_index_has_is_needed_itself_and_one_of_the_same_name_is_not(tmp_path: Path) -> None:
    write(tmp_path, {".git/HEAD": "", "setup.py": "setup(\n    name='seaborn',\n)", "seaborn/__init__.py": ""})
    proposal = work_out(bare("import seaborn"), tmp_path / "doc" / "a.ipynb")
    assert needed(proposal) == ["seaborn"] and proposal.library
    (tmp_path / "setup.py").write_text("setup(\n    name='our-plots',\n)")
    proposal = work_out(bare("import seaborn"), tmp_path / "doc" / "a.ipynb")
    assert not proposal.entries and proposal.local == {"seaborn": "../seaborn"}


def test_a_mere_folder_comes_after_a_package_of_its_name(tmp_path: Path) -> None:
    write(tmp_path, {"numpy/solution.py": "import sympy", "week1/solution.py": "import dask"})
    proposal = work_out(bare("import numpy\nfrom week1 import solution"), tmp_path / "a.ipynb")
    assert sorted(needed(proposal)) == ["dask", "numpy"] and proposal.local == {"week1": "week1"}


def test_links_out_of_the_project_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, {"secret/private.py": "import sympy", "project/.git/HEAD": ""})
    (tmp_path / "project" / "private.py").symlink_to(tmp_path / "secret" / "private.py")
    proposal = work_out(bare("import private"), tmp_path / "project" / "a.ipynb")
    assert not proposal.entries and not proposal.local
