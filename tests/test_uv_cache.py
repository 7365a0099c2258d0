"""What we take out of uv's cache is never missed: whatever a package came from, the same version comes again."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme
from msgspec.structs import replace

from jupyter_envs.engines.record import hashes_of
from jupyter_envs.engines.uv.builder import Builder
from jupyter_envs.engines.uv.cache import MENDED, mend_once, take_out
from jupyter_envs.engines.uv.tool import Engine
from jupyter_envs.environments.cleaning import clean
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.machine.indexes import load
from jupyter_envs.model.closure import Chosen
from jupyter_envs.model.progress import SILENT
from jupyter_envs.settings import Settings
from jupyter_envs.store import Store, finishing

from .fakes import HERE
from .leasing import taken
from .local_index import LocalIndex, wheelhouse
from .typed import typed
from .wheels import Dist, sdist, wheel

VERSIONS = [wheel("two", "1.0"), wheel("two", "2.0"), wheel("two", "3.0a1")]
Line = str
"""What uv is to install."""


def file_index(folder: Path, *dists: Dist) -> str:
    """An index of files, as a mirror on a disk."""
    for dist in dists:
        dist.write(folder / dist.name)
        links = "".join(f'<a href="{path.name}">{path.name}</a>' for path in sorted((folder / dist.name).glob("*.whl")))
        (folder / dist.name / "index.html").write_text(f"<!DOCTYPE html><html><body>{links}</body></html>")
    return folder.as_uri()


@contextmanager
def from_http(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Line]:
    with LocalIndex(VERSIONS) as index:
        patch.setenv("UV_DEFAULT_INDEX", index.url)
        yield "two"


@contextmanager
def from_files(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Line]:
    patch.setenv("UV_DEFAULT_INDEX", file_index(folder / "simple", *VERSIONS))
    yield "two"


@contextmanager
def from_a_folder(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Line]:
    patch.setenv("PIP_NO_INDEX", "1")
    patch.setenv("PIP_FIND_LINKS", str(wheelhouse(folder / "wheels", *VERSIONS)))
    yield "two"


@contextmanager
def from_an_address(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Line]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    patch.setenv("SSL_CERT_FILE", str(folder / "ca.pem"))
    with LocalIndex(VERSIONS, authority=authority) as index:
        patch.setenv("UV_DEFAULT_INDEX", index.url)
        yield f"two @ {index.url.removesuffix('/simple')}/files/two-2.0-py3-none-any.whl"


@contextmanager
def from_a_path(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Line]:
    yield f"two @ {VERSIONS[1].write(folder).as_uri()}"


@contextmanager
def from_source(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Line]:
    with LocalIndex([sdist("two", "1.0"), sdist("two", "2.0")]) as index:
        patch.setenv("UV_DEFAULT_INDEX", index.url)
        yield "two"


WAYS = (from_http, from_files, from_a_folder, from_an_address, from_a_path, from_source)


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
def install(
    request: pytest.FixtureRequest, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], str]]:
    """Puts the package into an empty folder, and says in which version."""
    with request.param(tmp_path, monkeypatch) as line, Engine(settings, load(settings)) as engine:

        def installed() -> str:
            target = tmp_path / "target"
            shutil.rmtree(target, ignore_errors=True)
            engine.run(["pip", "install", "--python", HERE.path, "--target", target, line])
            (found,) = target.glob("two-*.dist-info")
            return found.name

        yield installed


def archives(settings: Settings) -> list[Path]:
    return list((settings.cache / "uv").glob("archive-v*/*"))


def test_what_was_taken_out_comes_again_in_the_same_version(install: Callable[[], str], settings: Settings) -> None:
    assert install() == "two-2.0.dist-info"
    for _ in range(2):
        before = archives(settings)
        assert before and take_out(before, settings.cache / "uv") == before
        assert archives(settings) == []
        assert install() == "two-2.0.dist-info"


def test_what_an_earlier_version_left_is_mended_once(install: Callable[[], str], settings: Settings) -> None:
    install()
    for archive in archives(settings):
        shutil.rmtree(archive)
    cache = settings.cache / "uv"
    with taken(cache / ".lock"):
        mend_once(cache)
        assert not (cache / MENDED).exists()
    mend_once(cache)
    assert install() == "two-2.0.dist-info" and (cache / MENDED).exists()


def test_an_archive_that_nothing_is_seen_to_lead_to_stays(install: Callable[[], str], settings: Settings) -> None:
    """A later uv may write it down in another way: then it is better to have files twice than a package never again."""
    install()
    cache = settings.cache / "uv"
    for pattern in ("wheels-v*", "sdists-v*"):
        for folder in cache.glob(pattern):
            folder.rename(folder.with_name(f"unknown-{folder.name}"))
    before = archives(settings)
    assert take_out(before, cache) == [] == take_out(before, cache, orphans=True)
    assert archives(settings) == before


@pytest.mark.parametrize("kind", [from_a_folder, pytest.param(from_files, marks=pytest.mark.slow)])
def test_each_notebook_gets_the_same_version_and_can_be_built_again(
    settings: Settings,
    kernel_wheels: list[Dist],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: Callable[..., object],
) -> None:
    """The recipe for a machine without a network: all wheels in a folder."""
    if kind is from_a_folder:
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.setenv("PIP_FIND_LINKS", str(wheelhouse(tmp_path / "wheels", *kernel_wheels, *VERSIONS)))
    else:
        monkeypatch.setenv("UV_DEFAULT_INDEX", file_index(tmp_path / "simple", *kernel_wheels, *VERSIONS))
    rooms = Environments(replace(settings, compile="now"))
    blocks = []
    for _ in range(2):
        change = rooms.install(None, typed("two"))
        assert change.environment and change.environment.packages["two"] == "2.0"
        assert not any(finishing.unfinished(rooms.here.store.own)), "nothing of this is left to the background"
        blocks.append(change.block)
    assert rooms.install(blocks[0], typed("two<2")).environment
    clean(rooms.here, 0)
    assert Store(settings).list() == []
    assert rooms.build(blocks[0]).packages["two"] == "2.0"


def test_of_two_sources_of_one_name_and_version_each_gets_its_own_wheel(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """uv builds each once, and then has both: also when what we kept of them is gone."""
    sources = [sdist("two", "1.0", files={"two.py": f"x = {number}\n"}) for number in (1, 2)]
    with LocalIndex([sources[0]]) as one, LocalIndex([sources[1]]) as other:
        for number, index in ((0, one), (1, other), (0, one), (1, other)):
            row = Chosen("two", "1.0", "sdist", sources[number].sha256, filename=sources[number].filename)
            monkeypatch.setenv("UV_DEFAULT_INDEX", index.url)
            with Engine(settings, load(settings)) as engine:
                wheel = Builder(engine).wheel_of(row, HERE, SILENT)
            assert wheel
            with zipfile.ZipFile(wheel) as archive:
                assert archive.read("two.py") == f"x = {number + 1}\n".encode()
            shutil.rmtree(settings.home / "built")


def test_what_is_installed_is_compared_by_the_lists_of_files() -> None:
    text = 'a/x.py,sha256=abc,3\n"a/y, z.py",sha256=def,4\na-1.dist-info/RECORD,,\n'
    assert hashes_of(text) == {"a/x.py": "sha256=abc", "a/y, z.py": "sha256=def"}
    for odd in ("a/x.py,sha256=abc\n", f"{'x' * 200_000},,\n", "a,b,c,d\n"):
        with pytest.raises(ValueError):
            hashes_of(odd)
