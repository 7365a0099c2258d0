"""Kernels in the oldest and the newest Python, and with real packages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_envs.engines.uv import pythons
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.machine import interpreters
from jupyter_envs.model.block import Block
from jupyter_envs.model.options import Options
from jupyter_envs.settings import Settings

from ..pythons import Mirror, packed
from ..typed import typed
from .client import Comm
from .real import ProvisionedKernel, write_notebook

pytestmark = pytest.mark.network


@pytest.fixture
def rooms(settings: Settings) -> Environments:
    return Environments(settings)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[list[ProvisionedKernel]]:
    kernels: list[ProvisionedKernel] = []
    yield kernels
    for kernel in kernels:
        kernel.stop()


def start(opened: list[ProvisionedKernel], folder: Path, block: Block) -> ProvisionedKernel:
    opened.append(ProvisionedKernel(write_notebook(folder / "a.ipynb", block), folder))
    return opened[-1]


@pytest.mark.parametrize("minor", ["3.8", "3.13"])
def test_the_oldest_and_the_newest_python(
    opened: list[ProvisionedKernel], rooms: Environments, tmp_path: Path, minor: str
) -> None:
    if minor not in {interpreter.minor for interpreter in interpreters.discover(rooms.here.settings)}:
        pytest.skip(f"there is no Python {minor} here")
    block = rooms.python(None, minor).block
    kernel = start(opened, tmp_path, block)
    assert kernel.run("import sys; print(sys.version_info[:2])").stdout == f"({minor.replace('.', ', ')})\n"
    done = kernel.run("!pip install iniconfig")
    assert "+ iniconfig" in done.text, done
    assert kernel.run("import iniconfig, sys; print(iniconfig.__file__.startswith(sys.prefix))").stdout == "True\n"
    assert "There is no package" in kernel.run("%env-install iniconfig-which-does-not-exist").stderr
    kernel.run("%%bash\npip install toolz")
    assert kernel.run("import toolz").reply["status"] == "ok"
    kernel.restart()
    assert kernel.run("import toolz, iniconfig").reply["status"] == "ok"


def test_numpy_is_loaded_and_an_install_moves_it(
    opened: list[ProvisionedKernel], rooms: Environments, tmp_path: Path
) -> None:
    minor = "3.11" if interpreters.choose(None, rooms.here.settings).minor not in ("3.11", "3.12") else None
    block = rooms.python(None, minor).block if minor else None
    first = rooms.install(block, typed("numpy==2.2.0"))
    assert first.environment
    kernel = start(opened, tmp_path, first.block)
    assert kernel.run("import numpy; print(numpy.__version__)").stdout == "2.2.0\n"
    done = kernel.run("%env-install numpy==2.2.1 toolz")
    assert "restart to use numpy 2.2.1" in done.text, done
    seen = kernel.run("import numpy.polynomial.hermite as h, numpy as n; print(h.__file__, n.ones(3).sum())").stdout
    assert seen == f"{first.environment.site[0]}/numpy/polynomial/hermite.py 3.0\n"
    assert kernel.run("import toolz").ename == "ModuleNotFoundError"
    kernel.restart()
    assert kernel.run("import numpy, toolz; print(numpy.__version__)").stdout == "2.2.1\n"


def test_the_python_half_of_a_widget(opened: list[ProvisionedKernel], rooms: Environments, tmp_path: Path) -> None:
    kernel = start(opened, tmp_path, rooms.install(None, typed("toolz")).block)
    front_end = Comm(kernel)
    front_end.next("state")
    kernel.run("%env-install ipywidgets")
    done = kernel.run("import ipywidgets; slider = ipywidgets.IntSlider(value=3); slider")
    assert done.reply["status"] == "ok" and "IntSlider(value=3" in done.result + "".join(done.displays.values()), done
    kernel.run("slider.value = 7")
    assert kernel.run("print(slider.value)").stdout == "7\n"


def test_the_stand_in_fetches_a_python_that_is_not_here_after_a_yes(
    opened: list[ProvisionedKernel], rooms: Environments, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = interpreters.choose(None, rooms.here.settings).minor
    others = [
        python
        for python in interpreters.discover(rooms.here.settings)
        if python.source == "pyenv" and python.minor != mine
    ]
    if not others:
        pytest.skip("there is no other Python here that could be hidden")
    block = rooms.python(None, others[0].minor, options=Options(build=False)).block
    mirror = Mirror(tmp_path / "mirror")
    mirror.add(packed(others[0], tmp_path / "python.tar.gz"), others[0].version)
    mirror.use(monkeypatch)
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "nothing"))
    monkeypatch.setenv("JUPYTER_ENVS_HOME", str(tmp_path / "second"))
    second = Settings.load()
    if others[0].minor in {python.minor for python in interpreters.discover(second)}:
        pytest.skip("it cannot be hidden")
    with Environments(second).here.engine() as engine:
        pythons.learn(engine)  # as the set-up does it
    opened.append(ProvisionedKernel(write_notebook(tmp_path / "nb" / "a.ipynb", block), tmp_path))
    kernel = opened[-1]
    told = kernel.run("1").traceback
    assert f"Python {others[0].version} can be downloaded from {mirror.source}" in told and "%env-build" in told
    assert kernel.run("%env-build", answer="n").reply["status"] == "error"
    assert not (second.home / "pythons").exists()
    done = kernel.run("%env-build", answer="y")
    assert (
        f"Python {others[0].version} is not installed here: it will be downloaded from {mirror.source}"
        in done.prompts[0]
    ), done
    assert done.reply["status"] == "ok", done
    kernel.restart()
    assert (
        kernel.run("import sys; print(sys.version.split()[0], 'pythons' in sys.base_prefix)").stdout
        == f"{others[0].version} True\n"
    )
