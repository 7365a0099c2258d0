"""An index of packages that cannot be had, and the use cases of a user who has nothing yet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.errors import EnvsError
from jupyter_envs.model.options import Options
from jupyter_envs.settings import Settings

from ..local_index import LocalIndex
from ..typed import typed
from ..wheels import wheel
from .scene import YANKED, packages

LOCK_ONLY = Options(build=False)


@pytest.fixture(scope="session")
def shop() -> Iterator[LocalIndex]:
    with LocalIndex(packages()) as index:
        for name, (versions, reason) in YANKED.items():
            index.add(*(wheel(name, version) for version in versions), yanked=reason)
        index.add(wheel("half-gone", "1.0"))
        yield index


@pytest.fixture(scope="session")
def shop_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shop")


@pytest.fixture
def asking(
    settings: Settings, shop: LocalIndex, shop_cache: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Environments]:
    """The use cases, over that index."""
    (home / "cache" / "uv").symlink_to(shop_cache)
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"shop={shop.url}")
    with shop.borrowed():
        yield Environments(settings)


def refusal(environments: Environments, *words: str, options: Options = LOCK_ONLY) -> EnvsError:
    """Why this cannot be installed."""
    with pytest.raises(EnvsError) as caught:
        environments.install(None, typed(*words), options=options)
    return caught.value
