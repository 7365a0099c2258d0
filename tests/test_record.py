"""The list of a distribution's files, however odd: read, or refused with one of our errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile, ZipInfo

import pytest

from jupyter_envs.engines.record import files
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.errors import EnvsError, InstallError
from jupyter_envs.model.closure import Closure
from jupyter_envs.model.environment import site_packages
from jupyter_envs.model.progress import SILENT, Report
from jupyter_envs.settings import Settings
from jupyter_envs.store import Store
from jupyter_envs.store.verification import verify

from .fakes import FakeInstaller, closure, row
from .local_index import LocalIndex
from .store.scene import approved
from .typed import typed
from .wheels import Dist, wheel

SITE = "lib/python3.12/site-packages"


def read(folder: Path, text: str) -> list[tuple[str, int | None]]:
    info = folder / "demo-1.0.dist-info"
    info.mkdir()
    (info / "RECORD").write_text(text, encoding="utf-8")
    return [(each.path, each.size) for each in files(info, SITE)]


@pytest.mark.parametrize(
    "size", ["", "\N{SUPERSCRIPT TWO}", "9" * 5000, "-1", "1_0", " 1", "\N{ARABIC-INDIC DIGIT ONE}"]
)
def test_a_size_that_is_no_number_is_not_known(size: str, tmp_path: Path) -> None:
    assert read(tmp_path, f"demo.py,sha256=x,{size}\n") == [(f"{SITE}/demo.py", None)]


@pytest.mark.parametrize("text", ["demo.py,,\n\n", "demo.py\n", "demo.py,\n", "demo.py,,,x\n"])
def test_rows_that_are_not_three_fields_are_refused(text: str, tmp_path: Path) -> None:
    """No engine leaves such: uv writes the list anew."""
    with pytest.raises(InstallError, check=lambda error: error.code == "incomplete"):
        read(tmp_path, text)


class Recorded(FakeInstaller):
    """`rows`: of each package, beside that of its list."""

    def __init__(self, rows: str) -> None:
        super().__init__()
        self.rows = rows

    def install(self, closure: Closure, prefix: Path, report: Report = SILENT) -> None:
        super().install(closure, prefix, report)
        for info in site_packages(prefix, closure.interpreter.version).glob("*.dist-info"):
            (info / "RECORD").write_text(f"{self.rows}{info.name}/RECORD,,\n")


@pytest.mark.parametrize("hashed", ["shake_128=x", "nobody-knows=x", "x", "=", "sha256"])
def test_a_hash_that_cannot_be_compared_is_no_proof(hashed: str, settings: Settings) -> None:
    store = Store(settings)
    store.ensure(approved(settings, closure(row("six"))), Recorded(f"six.py,{hashed},6\n"))
    assert [one.damage for one in verify(store)] == [("six: six.py differs from what was installed.",)]


def test_a_name_that_no_file_can_have_is_missing(settings: Settings) -> None:
    with pytest.raises(InstallError, check=lambda error: error.code == "incomplete"):
        Store(settings).ensure(approved(settings, closure(row("six"))), Recorded("six.py,,\na\0b,,\n"))


# -- what uv makes of it -------------------------------------------------------------------------------------------


def rewritten(dist: Dist, folder: Path, change: Callable[[str], str]) -> Dist:
    """The wheel with another list of its files."""
    folder.mkdir()
    before, after = dist.write(folder), folder / "new.whl"
    with ZipFile(before) as old, ZipFile(after, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(ZipInfo(name), change(content.decode()) if name.endswith("/RECORD") else content)
    return replace(dist, data=after.read_bytes())


ODD: dict[str, Callable[[str], str]] = {
    "odd-blank-lines": lambda text: text.replace("\n", "\n\n"),
    "odd-four-fields": lambda text: text.replace("\n", ",x\n"),
    "odd-all-twice": lambda text: text + text,
    "odd-without-a-name": lambda text: text + ",,\n",
}
SHORT: dict[str, Callable[[str], str]] = {
    "short-of-one": lambda text: text.replace(",,\n", ",\n"),
    "short-of-two": lambda text: text.replace(",,\n", "\n"),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_list_that_uv_bears_is_no_damage(
    environments: Environments, index: LocalIndex, tmp_path: Path, name: str
) -> None:
    index.add(rewritten(wheel(name), tmp_path / name, ODD[name]))
    assert environments.install(None, typed(name)).environment
    assert [each.damage for each in verify(environments.here.store)] == [()]


@pytest.mark.parametrize("name", SHORT)
def test_a_list_with_rows_that_are_too_short_is_refused_by_uv(
    environments: Environments, index: LocalIndex, tmp_path: Path, name: str
) -> None:
    index.add(rewritten(wheel(name), tmp_path / name, SHORT[name]))
    with pytest.raises(EnvsError):
        environments.install(None, typed(name))
    assert environments.here.store.list() == []
