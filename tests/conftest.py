"""Every test has a home of its own and sees none of the machine's configuration. Those marked `network` keep what
the machine says about package indexes, certificates and proxies."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.machine import interpreters
from jupyter_envs.settings import Settings, default_home

from .local_index import LocalIndex
from .pythons import Mirror, ours, packed
from .wheels import Dist, closure_of, needed_elsewhere, repack, sdist, wheel

OURS = re.compile(r"JUPYTER|JPY_|IPYTHON|PYTHON|VIRTUAL_ENV|CONDA_PREFIX")
MACHINE = re.compile(r"PIP_|UV_|XDG_|NETRC\Z|SSL_CERT_|(?:\w+_)?CA_BUNDLE\Z|(?:https?|all|no)_proxy\Z", re.IGNORECASE)
ELSEWHERE = {"appnope", "colorama", "pywin32", "cffi", "pycparser", "exceptiongroup", "typing-extensions"}
"""Needed by ipykernel on systems or Pythons other than ours: a lock for all of them has to find them."""
BROWSER = "tests/browser/"
REAL_HOME = Path.home()
REAL_ENVS_HOME = default_home(os.environ)

hypothesis.settings.register_profile("untimed", deadline=None)  # a busy machine is no fault
hypothesis.settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all", action="store_true", help="also the tests that take more than a minute")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Workers share the files of tests. One begins with all that needs a browser, which takes longest."""
    from xdist.scheduler import LoadScopeScheduling  # only where there are workers

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return BROWSER if nodeid.startswith(BROWSER) else nodeid.partition("::")[0]

    return ByFile(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)
    if config.getoption("--all"):
        return
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.skip(reason="takes more than a minute: --all runs it"))


@pytest.fixture(autouse=True)
def real_home_untouched() -> Iterator[None]:
    """A test that writes where a user's own notebooks and environments live fails."""
    before = _seen()
    yield
    assert _seen() == before, "this test wrote into the real home"


def _seen() -> dict[str, int | None]:
    places = (REAL_ENVS_HOME, REAL_ENVS_HOME.parent / "kernels", REAL_HOME / ".jupyter", REAL_HOME / ".ipython")
    return {str(place): place.stat().st_mtime_ns if place.exists() else None for place in places}


@pytest.fixture(autouse=True)
def home(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    known_interpreters: bytes,
) -> Iterator[Path]:
    """The JUPYTER_ENVS_HOME of this test, which knows the machine's Pythons already. It goes with the test: all of them
    together would fill a small disk."""
    network = request.node.get_closest_marker("network") is not None
    user = tmp_path_factory.mktemp("user")
    envs = user / "envs"
    for folder in (envs, envs / "cache"):
        folder.mkdir(mode=0o700)
    cached = envs / "cache" / "interpreters.json"
    cached.write_bytes(known_interpreters)
    cached.chmod(0o600)
    for name in [*os.environ]:
        if OURS.match(name) or (MACHINE.match(name) and not network):
            monkeypatch.delenv(name)
    here = {"JUPYTER_ENVS_HOME": envs, "JUPYTER_DATA_DIR": user / "data", "JUPYTER_CONFIG_DIR": user / "config",
            "JUPYTER_RUNTIME_DIR": user / "run", "IPYTHONDIR": user / "ipython"}  # fmt: skip
    if not network:
        here |= {"HOME": user, "XDG_CONFIG_HOME": user / ".config", "JUPYTER_ENVS_SYSTEM_CONFIG": user / "etc",
                 "PIP_CONFIG_FILE": Path(os.devnull)}  # fmt: skip
        if "PYENV_ROOT" not in os.environ:
            here["PYENV_ROOT"] = REAL_HOME / ".pyenv"
    for name, path in here.items():
        monkeypatch.setenv(name, str(path))
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    for name in ("COMPILE", "REFRESH"):
        monkeypatch.setenv(f"JUPYTER_ENVS_{name}", "never")  # no test leaves a process behind
    monkeypatch.setenv("JUPYTER_ENVS_INDEX_HOURS", "0")  # nor in uv's cache, which many share, what an index said
    yield envs
    shutil.rmtree(user, ignore_errors=True)


@pytest.fixture(scope="session")
def known_interpreters(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The cache of one discovery; asking every Python again in each test would cost more than most tests."""
    folder = tmp_path_factory.mktemp("interpreters")
    settings = Settings(home=folder, store=folder / "store")
    interpreters.discover(settings)
    return (settings.cache / "interpreters.json").read_bytes()


@pytest.fixture(scope="session")
def python_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python that runs the tests, as uv fetches one."""
    return packed(ours(), tmp_path_factory.mktemp("archive") / "python.tar.gz")


@pytest.fixture
def mirror(tmp_path: Path, python_archive: Path, monkeypatch: pytest.MonkeyPatch) -> Mirror:
    """Where uv fetches Pythons; there is one, like the one that runs the tests."""
    mirror = Mirror(tmp_path / "mirror")
    mirror.add(python_archive, ours().version)
    mirror.use(monkeypatch)
    return mirror


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings.load()


@pytest.fixture(scope="session")
def kernel_wheels(tmp_path_factory: pytest.TempPathFactory) -> list[Dist]:
    """ipykernel with all it needs, for the Python that runs the tests."""
    folder = tmp_path_factory.mktemp("wheels")
    names = closure_of("ipykernel")
    return [*(repack(name, folder) for name in names), *needed_elsewhere(names)]


@pytest.fixture(scope="session")
def served(kernel_wheels: list[Dist]) -> Iterator[LocalIndex]:
    with LocalIndex(
        [*kernel_wheels, *(wheel(name, "999") for name in ELSEWHERE - {dist.name for dist in kernel_wheels})]
    ) as index:
        yield index


@pytest.fixture(scope="session")
def wheel_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What uv has unpacked of ipykernel's wheels; doing that again in each test would take most of the time."""
    return tmp_path_factory.mktemp("uv")


@pytest.fixture
def index(served: LocalIndex, wheel_cache: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalIndex]:
    """The only index: ipykernel with all it needs, and some small packages made for tests."""
    (home / "cache" / "uv").symlink_to(wheel_cache)
    with served.borrowed() as index:
        index.add(
            wheel("demo", "1.0"),
            wheel("demo", "2.0", requires=["demo-dep>=1"]),
            wheel("demo-dep", "1.0"),
            wheel("demo-dep", "1.1"),
            wheel("needs-old", "1.0", requires=["demo-dep<1.1"]),
            wheel("old-python", "1.0", requires_python=">=3.99"),
            wheel("shout", "1.0", entry_points={"console_scripts": ["shout = shout:main"]},
                  files={"shout.py": "def main():\n    print('HELLO')\n"}),
            sdist("only-source", "1.0"),
            wheel("lagging", "1.0"),
            sdist("lagging", "2.0"),
        )  # fmt: skip
        index.add(wheel("withdrawn", "1.0"))
        index.add(wheel("withdrawn", "1.1"), yanked="broken")
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"local={index.url}")
        yield index
    for built in wheel_cache.glob("sdists-*"):
        shutil.rmtree(built)  # uv takes what it has built once without a word, and a test wants to see the question


@pytest.fixture
def environments(settings: Settings, index: LocalIndex) -> Environments:
    return Environments(settings)
