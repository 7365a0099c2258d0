"""We look where Jupyter looks, on each system and with each variable: its own code is asked. What version 0.1.0 kept in
another place goes on being used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import jupyter_envs
from jupyter_envs.consent import policy
from jupyter_envs.errors import StoreError
from jupyter_envs.notebook import trust
from jupyter_envs.settings import default_home
from jupyter_envs.system.folders import jupyter_config_dir, jupyter_data_dir

ROOT = Path(jupyter_envs.__file__).parent.parent
ASKED = """
import json, os, sys
real_platform, sys.platform = sys.platform, sys.argv[1]
if sys.platform == "win32" != real_platform:  # nobody to ask here but the variables
    from platformdirs import windows
    windows.get_win_folder = windows.get_win_folder_from_env_vars
from pathlib import Path
from jupyter_envs.consent import policy
from jupyter_envs.system.folders import jupyter_config_dir, jupyter_data_dir
from jupyter_envs.machine.interpreters.candidates import kernel_folders
from jupyter_envs.notebook.trust import folder
from jupyter_envs.notebook import trust
from jupyter_envs.settings import default_home
ours = [jupyter_data_dir(os.environ), jupyter_config_dir(os.environ), default_home(os.environ).parent, folder()]
slow = "jupyter_core" in sys.modules
from jupyter_core import paths
data, config = paths.jupyter_data_dir(), paths.jupyter_config_dir()
real = lambda places: [os.path.realpath(place) for place in places]
print(json.dumps({
    "ours": real(ours), "theirs": real([data, config, data, data]), "slow": slow,
    "policy": real([config])[0] in real(file.parent for file in policy.places(os.environ)),
    "kernels": sorted({*real(kernel_folders(os.environ))} - {*real(paths.jupyter_path("kernels"))}),
    "own": real([Path(data, "kernels")])[0] in real(kernel_folders(os.environ)),
}))
"""
VARIABLES: dict[str, dict[str, str]] = {
    "nothing": {},
    "platform folders": {"JUPYTER_PLATFORM_DIRS": "1"},
    "platform folders, empty": {"JUPYTER_PLATFORM_DIRS": ""},
    "platform folders, no": {"JUPYTER_PLATFORM_DIRS": "No"},
    "platform folders, 0.0": {"JUPYTER_PLATFORM_DIRS": "0.0"},
    "data": {"JUPYTER_DATA_DIR": "{tmp}/data", "JUPYTER_PLATFORM_DIRS": "1"},
    "empty data": {"JUPYTER_DATA_DIR": ""},
    "configuration": {"JUPYTER_CONFIG_DIR": "{tmp}/config"},
    "configuration and platform folders": {"JUPYTER_CONFIG_DIR": "{tmp}/config", "JUPYTER_PLATFORM_DIRS": "1"},
    "xdg": {"XDG_DATA_HOME": "{tmp}/share", "XDG_CONFIG_HOME": "{tmp}/etc"},
    "xdg and platform folders": {
        "XDG_DATA_HOME": "{tmp}/share", "XDG_CONFIG_HOME": "{tmp}/etc", "JUPYTER_PLATFORM_DIRS": "1",
    },
    "empty xdg": {"XDG_DATA_HOME": "", "XDG_CONFIG_HOME": "", "JUPYTER_PLATFORM_DIRS": "1"},
    "relative xdg": {"XDG_DATA_HOME": "share", "XDG_CONFIG_HOME": "etc"},
    "relative xdg and platform folders": {
        "XDG_DATA_HOME": "share", "XDG_CONFIG_HOME": "etc", "JUPYTER_PLATFORM_DIRS": "1",
    },
    "blank xdg and platform folders": {
        "XDG_DATA_HOME": " ", "XDG_CONFIG_HOME": " {tmp}/etc ", "JUPYTER_PLATFORM_DIRS": "1",
    },
    "appdata": {"APPDATA": "{tmp}/roaming"},
    "appdata and platform folders": {"APPDATA": "{tmp}/roaming", "JUPYTER_PLATFORM_DIRS": "1"},
}  # fmt: skip


def asked(platform: str, variables: dict[str, str], tmp_path: Path) -> dict[str, object]:
    home = tmp_path / "user"
    home.mkdir()
    env = {"HOME": str(home), "USERPROFILE": str(home), "LOCALAPPDATA": str(home / "local"), "PATH": os.defpath}
    env["ALLUSERSPROFILE"] = str(tmp_path / "all")
    env |= {name: value.replace("{tmp}", str(tmp_path)) for name, value in variables.items()}
    if sys.platform == "win32":
        env |= {name: os.environ[name] for name in ("SYSTEMROOT", "SYSTEMDRIVE") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", ASKED, platform], env=env | {"PYTHONPATH": str(ROOT)}, cwd=tmp_path, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("name", VARIABLES)
@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_our_folders_are_jupyters(platform: str, name: str, tmp_path: Path) -> None:
    """Data, configuration, our home, the notary's; where the user's policy and kernels are looked for."""
    if sys.platform != "linux" and platform != sys.platform:
        pytest.skip("another system is played on Linux alone")
    answer = asked(platform, VARIABLES[name], tmp_path)
    assert answer["ours"] == answer["theirs"]
    assert answer["policy"] and answer["own"]
    # Elsewhere Jupyter has other folders of the system's; that we look for Pythons in these too does no harm.
    if platform == "linux" or (platform == "darwin" and "JUPYTER_PLATFORM_DIRS" not in VARIABLES[name]):
        assert answer["kernels"] == []


@pytest.mark.parametrize("name", ["nothing", "xdg", "data", "platform folders", "xdg and platform folders"])
def test_on_linux_nothing_of_jupyters_is_imported_to_know_that(name: str, tmp_path: Path) -> None:
    """Each start of a command would wait for it."""
    assert asked("linux", VARIABLES[name], tmp_path)["slow"] is False


# -- a home that is there already --------------------------------------------------------------------------------


def test_a_home_in_the_place_of_version_0_1_0_goes_on_being_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On macOS that took no notice of JUPYTER_PLATFORM_DIRS, and the consents are there; Jupyter's own signatures are
    looked for where Jupyter has them all the same."""
    here = {"HOME": str(tmp_path), "JUPYTER_PLATFORM_DIRS": "1"}
    for name in ("JUPYTER_DATA_DIR", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in here.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", "darwin")
    right = jupyter_data_dir(os.environ) / "jupyter_envs"
    before = tmp_path / "Library" / "Jupyter" / "jupyter_envs"
    assert right != before
    assert default_home(os.environ) == right
    before.mkdir(parents=True)
    assert default_home(os.environ) == before
    assert trust.folder() == right.parent
    right.mkdir(parents=True)
    assert default_home(os.environ) == right


def test_a_policy_in_the_folder_of_version_0_1_0_goes_on_holding(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path), "JUPYTER_PLATFORM_DIRS": "1"}
    folders = [file.parent for file in policy.places(env)]
    assert folders[-2:] == [jupyter_config_dir(env), tmp_path / ".jupyter"]
    if sys.platform == "linux":
        assert folders[-2] == tmp_path / ".config" / "jupyter"


def test_where_nobody_says_which_folder_is_the_users_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> Path:
        raise RuntimeError

    monkeypatch.setattr(Path, "home", unknown)
    for env in ({}, {"JUPYTER_PLATFORM_DIRS": "1"}):
        with pytest.raises(StoreError) as caught:
            default_home(env)
        assert caught.value.code == "home-unusable"
