"""pyproject.toml and Pipfile: what is written reads as the same list; what they cannot say is told."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_envs.dialects.table import WRITERS, dialect_of, writer_of
from jupyter_envs.environments.importing import plan_import
from jupyter_envs.errors import InputError
from jupyter_envs.machine.indexes import Index, Indexes
from jupyter_envs.model.lock import Lock, Package, Vcs
from jupyter_envs.model.spec import Spec, check_spec

URLS = {"corp": "https://corp.example/simple", "torch": "https://torch.example/whl"}
INDEXES = Indexes(
    (
        *(Index(name, url, explicit=True) for name, url in URLS.items()),
        Index("pypi", "https://pypi.org/simple", default=True),
    )
)
NAMES = st.from_regex(r"[a-z](?:[a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
LIMITS = st.sampled_from(["", "<3", ">=1.0,<2", "==1.5.*", "~=2.1", "!=1.3", "==2.0rc1", "===1.0"])
MARKERS = st.sampled_from(["", " ; sys_platform == 'win32'", " ; python_version < '3.12' or os_name == 'nt'"])
EXTRAS = st.sampled_from(["", "[a]", "[a,b-c]"])


@st.composite
def specs(draw: st.DrawFn, pythons: list[str | None], markers: st.SearchStrategy[str], more: bool) -> Spec:
    names = draw(st.lists(NAMES, max_size=6, unique=True))
    dependencies = tuple(f"{name}{draw(EXTRAS)}{draw(LIMITS)}{draw(markers)}" for name in names)
    taken = {index: tuple(name for i, name in enumerate(names) if i % 3 == n) for n, index in enumerate(URLS)}
    return check_spec(
        Spec(
            requires_python=draw(st.sampled_from(pythons)),
            dependencies=dependencies,
            indexes={index: names for index, names in taken.items() if names},
            exclude_newer=draw(st.sampled_from([None, "2026-11-01", "2026-11-01T10:00:00.5Z"])) if more else None,
            overrides=tuple(f"{name}<9" for name in draw(st.lists(NAMES, max_size=2, unique=True))) if more else (),
        ),
        "",
    )


def round_trip(form: str, spec: Spec, lock: Lock | None = None) -> Spec:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / writer_of(form).FILE
        file.write_text(writer_of(form).write(spec, lock, URLS).text)
        found = dialect_of(file).read(file, ())
        read = plan_import(None, [found], INDEXES).spec
    return check_spec(Spec(**{**{f: getattr(read, f) for f in read.__struct_fields__},
                              "dependencies": tuple(item.text for item in found.requirements)}), "")  # fmt: skip


@given(specs([None, ">=3.11", "<4,>=3.9", "==3.12.*", "!=3.10.*,>=3.9"], MARKERS, True))
def test_a_pyproject_loses_nothing(spec: Spec) -> None:
    assert round_trip("pyproject.toml", spec).digest == spec.digest


@given(specs([None, "==3.12.*", "==3.11.4"], MARKERS, False))
def test_a_pipfile_loses_nothing_that_it_can_hold(spec: Spec) -> None:
    assert round_trip("Pipfile", spec).digest == spec.digest


def test_what_comes_from_a_repository_is_written_with_its_address() -> None:
    vcs = Vcs("git", "https://git.example/r.git", "c" * 40, subdirectory="lib")
    archive = Vcs("archive", "https://h.example/far-1.0-py3-none-any.whl")
    rows = (Package("near", "1", vcs=vcs), Package("far", "1", vcs=archive))
    lock = Lock("1.0", "x", "", "==3.11.*", rows)
    spec = Spec(dependencies=("far", "near"))
    for form in ("pyproject.toml", "Pipfile"):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / form
            file.write_text(writer_of(form).write(spec, lock, {}).text)
            found = dialect_of(file).read(file, ())
        by_name = {item.name: item.source.url for item in found.requirements if item.source}
        assert by_name == {"near": f"git+https://git.example/r.git@{'c' * 40}#subdirectory=lib", "far": archive.url}


def test_what_they_cannot_say_is_told() -> None:
    spec = Spec(
        requires_python=">=3.11", dependencies=("demo",), indexes={"corp": ("demo", "below"), "unknown": ("demo2",)},
        overrides=("numpy<2",), no_deps=("demo",), exclude_newer="2026-01-01",
    )  # fmt: skip
    lock = Lock("1.0", "x", "", "==3.11.*", (Package("below", "1", index="corp"),))
    pyproject = "\n".join(writer_of("pyproject.toml").write(spec, lock, URLS).notes)
    for part in ("no lock", "demo is installed without", "below comes from your index corp", "unknown"):
        assert part in pyproject, part
    assert "numpy" not in pyproject and "demo comes from" not in pyproject and "2026" not in pyproject
    pipfile = "\n".join(writer_of("Pipfile").write(spec, lock, URLS).notes)
    for part in ("numpy<2", "2026-01-01", "Python >=3.11", "below comes from"):
        assert part in pipfile, part


def test_a_pipfile_has_one_row_for_a_package() -> None:
    spec = Spec(dependencies=("demo<2 ; python_version < '3.12'", "demo>=2 ; python_version >= '3.12'"))
    with pytest.raises(InputError, match="has several"):
        writer_of("Pipfile").write(spec, None, {})
    assert round_trip("pyproject.toml", check_spec(spec, "")) == check_spec(spec, "")


def test_both_are_offered() -> None:
    assert {"pyproject.toml", "Pipfile"} <= WRITERS.keys()
