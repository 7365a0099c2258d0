"""What a first start of the server does, and what it leaves alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from jupyter_core.paths import jupyter_path
from jupyter_server.gateway.gateway_client import GatewayClient

from jupyter_envs.engines.uv import pythons
from jupyter_envs.server.job_board import JobBoard

from ..pythons import ours
from .rest import check, until


class NoJobs(JobBoard):
    """Keeps what would have been started."""

    async def start(self, request):
        self.__dict__.setdefault("asked", []).append(request)
        return {}


@pytest.fixture
def board(envs):
    envs.jobs = NoJobs(envs.jobs._jobs, envs.announcer, envs._job_is_activity, envs._job_ended)
    return envs.jobs


async def test_the_kernel_is_registered_and_the_base_environment_built(envs, board, jp_serverapp):
    envs.build_base = True
    await envs._start_jupyter_server_extension(jp_serverapp)
    await until(lambda: "asked" in vars(board))
    assert [(request.action, request.block) for request in board.asked] == [("build", None)]
    places = [Path(sys.prefix, "share", "jupyter", "kernels"), *map(Path, jupyter_path("kernels"))]
    assert any((place / "jupyter-envs" / "kernel.json").is_file() for place in places)


async def test_an_offline_setup_can_leave_the_base_environment_alone(envs, board, jp_serverapp):
    await envs._start_jupyter_server_extension(jp_serverapp)
    await envs._start
    assert "asked" not in vars(board)


async def test_what_could_be_fetched_is_found_out_before_anybody_asks(envs, jp_serverapp, mirror):
    await envs._start_jupyter_server_extension(jp_serverapp)
    await envs._start
    assert [download.version for download in pythons.remembered_downloads(envs.core)] == [ours().version]


def test_importing_the_package_costs_nothing():
    """The command line starts in under 100 ms; the two hooks must not bring the server in."""
    code = "import sys, jupyter_envs; print([m for m in sys.modules if m.startswith(('jupyter_server', 'tornado'))])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_server_loads_nothing_for_looks_at_indexes_before_somebody_looks():
    code = "import sys, jupyter_envs.server.app; print([m for m in sys.modules if m in ('httpx', 'anyio', 'netrc')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "httpx" not in done.stdout


def test_the_extension_is_enabled_by_its_configuration():
    import jupyter_envs
    from jupyter_envs.server.app import JupyterEnvs

    assert jupyter_envs._jupyter_server_extension_points() == [
        {"module": "jupyter_envs.server.app", "app": JupyterEnvs}
    ]
    assert jupyter_envs._jupyter_labextension_paths() == [{"src": "labextension", "dest": "jupyter-envs"}]


class TestConfiguredPlaces:
    @pytest.fixture
    def jp_server_config(self, jp_server_config, tmp_path, monkeypatch):
        monkeypatch.setenv("JPY_SESSION_NAME", "outer.ipynb")
        jp_server_config["JupyterEnvs"] |= {
            "home": str(tmp_path / "h"),
            "store": str(tmp_path / "s"),
            "python": "3.9",
        }
        return jp_server_config

    def test_reach_kernels_and_jobs(self, envs, tmp_path):
        assert (envs.core.home, envs.core.store, envs.core.python) == (tmp_path / "h", tmp_path / "s", "3.9")
        assert os.environ["JUPYTER_ENVS_HOME"] == str(tmp_path / "h")
        assert os.environ["JUPYTER_ENVS_STORE"] == str(tmp_path / "s")
        assert "JPY_SESSION_NAME" not in os.environ, "a kernel that starts a server does not say what that one opens"


class TestBehindAGateway:
    @pytest.fixture
    def jp_server_config(self, jp_server_config):
        GatewayClient.clear_instance()  # one for all servers of a process
        jp_server_config["GatewayClient"] = {"url": "http://127.0.0.1:1"}
        yield jp_server_config
        GatewayClient.clear_instance()

    async def test_it_is_said_that_environments_do_not_work(self, ask, jp_create_notebook):
        jp_create_notebook("a.ipynb")
        answer = await ask("GET", "notebooks/a.ipynb")
        check(answer.json, "Notebook")
        assert "gateway" in answer.json["unsupported"]
