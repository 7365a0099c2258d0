"""Whose configuration counts, what becomes of it, and that secrets stay out of command lines and messages."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from jupyter_envs.errors import IndexError_
from jupyter_envs.machine.indexes import Indexes, load
from jupyter_envs.settings import Settings

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="paths and files are those of POSIX")
SECRET = "hunter2+/x"
QUOTED = "hunter2%2B%2Fx"


@dataclass
class Machine:
    """The configuration files of a user and of a system, and an environment."""

    home: Path
    system: Path
    settings: Settings

    def write(self, path: str, text: str) -> None:
        root, rest = (self.home, path[2:]) if path.startswith("~/") else (self.system, path.removeprefix("/etc/"))
        (root / rest).parent.mkdir(parents=True, exist_ok=True)
        (root / rest).write_text(text)

    def load(self, env: Mapping[str, str] | None = None) -> Indexes:
        here = {"HOME": str(self.home), "JUPYTER_ENVS_SYSTEM_CONFIG": str(self.system)}
        return load(self.settings, here | dict(env or {}))


@pytest.fixture
def machine(tmp_path: Path, settings: Settings) -> Machine:
    return Machine(tmp_path / "me", tmp_path / "etc", settings)


def urls(indexes: Indexes) -> list[str]:
    return [index.url for index in indexes.indexes]


def asked(indexes: Indexes) -> list[str]:
    """What uv is told, in its order."""
    tables = msgspec.toml.decode(indexes.uv_toml(3600))["index"]
    assert all(table["cache-control"]["api"] == "max-age=3600" for table in tables)
    return [f"{table['name']}={table['url']}{' (default)' if table.get('default') else ''}" for table in tables]


def names(indexes: Indexes) -> list[str]:
    return [index.name for index in indexes.indexes]


def test_with_nothing_configured_there_is_pypi(machine: Machine) -> None:
    indexes = machine.load()
    assert asked(indexes) == ["pypi=https://pypi.org/simple (default)"]
    assert indexes.uv_arguments() == []
    assert (indexes.env, indexes.find_links) == ({}, ())


def test_uv_toml_of_user_and_system_are_joined_the_users_first(machine: Machine) -> None:
    machine.write(
        "~/.config/uv/uv.toml",
        """
        find-links = ["https://me/links"]
        [[index]]
        name = "Torch-CPU"
        url = "https://torch/whl/cpu/"
        explicit = true
        [[index]]
        name = "both"
        url = "https://mine/simple"
        """,
    )
    machine.write(
        "/etc/uv/uv.toml",
        """
        find-links = ["wheels"]
        [[index]]
        name = "both"
        url = "https://theirs/simple"
        [[index]]
        name = "corp"
        url = "https://corp/simple"
        default = true
        """,
    )
    indexes = machine.load()
    assert asked(indexes) == ["both=https://mine/simple", "corp=https://corp/simple (default)"]
    assert indexes.uv_arguments() == [
        "--find-links", "https://me/links", "--find-links", (machine.system / "uv" / "wheels").as_uri(),
    ]  # fmt: skip
    assert indexes.by_name("torch-cpu").url == "https://torch/whl/cpu"
    assert indexes.by_name("corp").default


def test_uvs_variables_come_before_its_files(machine: Machine) -> None:
    machine.write(
        "~/.config/uv/uv.toml", 'index-url = "https://file/simple"\nextra-index-url = ["https://second/simple"]'
    )
    indexes = machine.load(
        {"UV_DEFAULT_INDEX": "main=https://variable/simple", "UV_INDEX": "a=https://a/simple https://b/s"}
    )
    assert names(indexes) == ["a", "b", "second", "main"]
    assert [index.default for index in indexes.indexes] == [False, False, False, True]
    assert urls(machine.load({"UV_NO_CONFIG": "1"})) == ["https://pypi.org/simple"]
    assert (
        urls(machine.load({"UV_INDEX_URL": "https://old/simple", "UV_EXTRA_INDEX_URL": "https://e/s"}))[-1]
        == "https://old/simple"
    )


def test_a_uv_config_file_replaces_the_others(machine: Machine, tmp_path: Path) -> None:
    machine.write("~/.config/uv/uv.toml", 'index-url = "https://user/simple"')
    (tmp_path / "my.toml").write_text('[pip]\nindex-url = "https://chosen/simple"\nno-index = true')
    indexes = machine.load({"UV_CONFIG_FILE": str(tmp_path / "my.toml")})
    assert asked(indexes) == ["chosen=https://chosen/simple (default)"]
    assert indexes.uv_arguments() == ["--no-index"]


def test_pip_conf_of_system_and_user_with_folders_as_indexes(machine: Machine) -> None:
    wheels = machine.home / "wheels"
    wheels.mkdir(parents=True)
    machine.write("/etc/pip.conf", "[global]\ncert = /etc/ssl/corp.crt\nindex-url = https://system/simple\n")
    machine.write(
        "~/.config/pip/pip.conf",
        """[global]
find-links = ~/wheels
    /not/there
extra-index-url = file:///srv/pypi/simple file:///srv/pypi-more/simple
index_url = https://user/simple
[install]
timeout = 180
[download]
index-url = https://not-this/simple
""",
    )
    indexes = machine.load()
    assert asked(indexes) == [
        "user=https://user/simple", "local-pypi=file:///srv/pypi/simple",
        "local-pypi-more=file:///srv/pypi-more/simple (default)",
    ]  # fmt: skip
    assert indexes.uv_arguments() == ["--find-links", wheels.as_uri()]
    assert indexes.env == {"SSL_CERT_FILE": "/etc/ssl/corp.crt", "UV_HTTP_TIMEOUT": "180"}
    assert indexes.by_name("user").default, "the main index, though uv asks it first"


def test_pips_sections_and_variables_have_pips_order(machine: Machine) -> None:
    machine.write("/etc/pip.conf", "[install]\nindex-url = https://install/simple\n")
    machine.write("~/.pip/pip.conf", "[global]\nindex-url = https://global/simple\n")
    assert urls(machine.load()) == ["https://install/simple"]
    assert urls(machine.load({"PIP_INDEX_URL": "https://variable/simple"})) == ["https://variable/simple"]
    assert urls(machine.load({"PIP_CONFIG_FILE": os.devnull})) == ["https://pypi.org/simple"]


def test_a_pip_config_file_replaces_the_users(machine: Machine, tmp_path: Path) -> None:
    machine.write("~/.config/pip/pip.conf", "[global]\nindex-url = https://user/simple\n")
    (tmp_path / "my.conf").write_text("[global]\nindex-url = https://chosen/simple\nno-index = yes\n")
    indexes = machine.load({"PIP_CONFIG_FILE": str(tmp_path / "my.conf")})
    assert urls(indexes) == ["https://chosen/simple"] and indexes.no_index


def test_uvs_default_wins_and_pips_extras_come_last(machine: Machine) -> None:
    indexes = machine.load({
        "UV_DEFAULT_INDEX": "https://uv/simple", "UV_INDEX": "https://first/simple", "PIP_INDEX_URL": "https://pip/simple",
        "PIP_EXTRA_INDEX_URL": "https://last/simple https://uv/simple/",
    })  # fmt: skip
    assert urls(indexes) == ["https://first/simple", "https://uv/simple", "https://last/simple"]
    assert asked(indexes)[-1] == "last=https://last/simple (default)"


def test_names_are_unique_also_as_variables(machine: Machine) -> None:
    indexes = machine.load({"UV_INDEX": "a-b=https://1/s a.b=https://2/s https://host/1 https://host/2"})
    assert names(indexes) == ["a-b", "a.b-2", "host", "host-2", "pypi"]


def test_passwords_travel_in_the_environment_only(machine: Machine) -> None:
    machine.write("~/.config/uv/uv.toml", f'[[index]]\nname = "my-corp"\nurl = "https://me:{QUOTED}@corp/simple"')
    machine.write("~/.config/pip/pip.conf", f"[global]\nindex-url = https://you:{QUOTED}@pip.corp/simple\n")
    indexes = machine.load({"UV_INDEX_MY_CORP_USERNAME": "someone"})
    assert indexes.env == {
        "UV_INDEX_MY_CORP_USERNAME": "someone", "UV_INDEX_MY_CORP_PASSWORD": SECRET,
        "UV_INDEX_PIP_CORP_USERNAME": "you", "UV_INDEX_PIP_CORP_PASSWORD": SECRET,
    }  # fmt: skip
    for text in (" ".join(indexes.uv_arguments()), indexes.uv_toml(60), repr(indexes)):
        assert SECRET not in text and QUOTED not in text and "@" not in text


def test_find_links_with_a_password_stay_out_of_the_command_line(machine: Machine) -> None:
    indexes = machine.load({"PIP_FIND_LINKS": f"https://me:{QUOTED}@files/links"})
    assert "--find-links" not in indexes.uv_arguments() and indexes.find_links == ("https://files/links",)
    assert indexes.env["UV_FIND_LINKS"] == f"https://me:{QUOTED}@files/links"


def test_messages_lose_their_secrets(machine: Machine) -> None:
    indexes = machine.load({"PIP_INDEX_URL": f"https://me:{QUOTED}@corp/simple", "UV_INDEX_X_PASSWORD": "opensesame"})
    told = f"fetch http://a:b@proxy:80 failed; {SECRET} and {QUOTED} and opensesame; https://ok/simple"
    assert indexes.redact(told) == "fetch http://proxy:80 failed; **** and **** and ****; https://ok/simple"


def test_proxies_are_taken_from_whoever_speaks_first(machine: Machine) -> None:
    machine.write("~/.config/pip/pip.conf", "[global]\nproxy = user:pw@pip:1\n")
    assert machine.load({"no_proxy": "x"}).env == {"ALL_PROXY": "http://user:pw@pip:1", "no_proxy": "x"}
    machine.write("~/.config/uv/uv.toml", 'https-proxy = "http://uv:2"\nno-proxy = ["a", "b"]')
    assert machine.load().env == {"HTTPS_PROXY": "http://uv:2", "NO_PROXY": "a,b"}
    assert machine.load({"https_proxy": "http://env:3"}).env == {"https_proxy": "http://env:3"}


def test_certificates(machine: Machine) -> None:
    machine.write("~/.config/uv/uv.toml", "native-tls = true")
    assert machine.load({"CURL_CA_BUNDLE": "/c", "PIP_CLIENT_CERT": "/mine"}).env == {
        "UV_SYSTEM_CERTS": "1", "SSL_CERT_FILE": "/c", "SSL_CLIENT_CERT": "/mine",
    }  # fmt: skip
    env = {"SSL_CERT_FILE": "/a", "PIP_CERT": "/b", "NETRC": "/n", "UV_NATIVE_TLS": "1"}
    assert machine.load(env).env == {"UV_SYSTEM_CERTS": "1", "SSL_CERT_FILE": "/a", "NETRC": "/n"}


def test_what_else_uv_has_to_know(machine: Machine) -> None:
    machine.write(
        "~/.config/uv/uv.toml", 'offline = true\nkeyring-provider = "subprocess"\nallow-insecure-host = ["a"]'
    )
    env = {
        "PIP_TRUSTED_HOST": "b a",
        "DBUS_SESSION_BUS_ADDRESS": "bus",
        "PIP_TIMEOUT": "5",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }
    assert machine.load(env).env == {
        "UV_OFFLINE": "1", "UV_KEYRING_PROVIDER": "subprocess", "UV_INSECURE_HOST": "a b", "DBUS_SESSION_BUS_ADDRESS": "bus",
    }  # fmt: skip


def test_a_flat_index_is_a_place_of_files(machine: Machine) -> None:
    machine.write("~/.config/uv/uv.toml", '[[index]]\nname = "w"\nurl = "../wheels"\nformat = "flat"')
    indexes = machine.load()
    assert urls(indexes) == ["https://pypi.org/simple"]
    assert indexes.find_links == ((machine.home / ".config" / "wheels").as_uri(),)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("~/.config/uv/uv.toml", "index = ["),
        ("~/.config/uv/uv.toml", '[[index]]\nname = "no-url"'),
        ("~/.config/uv/uv.toml", "find-links = 1"),
        ("/etc/pip.conf", "index-url = x"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(machine: Machine, path: str, text: str) -> None:
    machine.write(path, text)
    with pytest.raises(IndexError_, match=Path(path).name) as caught:
        machine.load()
    assert caught.value.code == "configuration-damaged" and caught.value.details


@pytest.mark.parametrize(
    "env",
    [{"PIP_FIND_LINKS": "wheels"}, {"UV_FIND_LINKS": "./w"}, {"UV_INDEX": "a=../simple"}, {"UV_CONFIG_FILE": "uv.toml"},
     {"PIP_CONFIG_FILE": "pip.conf"}],
)  # fmt: skip
def test_what_would_depend_on_the_folder_we_run_in_is_refused(machine: Machine, env: dict[str, str]) -> None:
    with pytest.raises(IndexError_) as caught:
        machine.load(env)
    assert caught.value.code == "index-relative" and "absolute" in caught.value.hint


def test_files_near_a_notebook_and_in_an_environment_are_never_read(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package may put a pip.conf into the environment that a kernel runs in."""
    folder = tmp_path / "notebooks" / "deep"
    folder.mkdir(parents=True)
    for place in (folder, folder.parent):
        (place / "uv.toml").write_text('index-url = "https://evil/simple"')
        (place / "pyproject.toml").write_text('[tool.uv]\nindex-url = "https://evil/simple"')
        (place / "pip.conf").write_text("[global]\nindex-url = https://evil/simple\n")
        (place / ".env").write_text("UV_DEFAULT_INDEX=https://evil/simple\n")
    monkeypatch.chdir(folder)
    env = {"VIRTUAL_ENV": str(folder), "CONDA_PREFIX": str(folder), "XDG_CONFIG_HOME": "."}
    assert urls(machine.load(env)) == ["https://pypi.org/simple"]


def test_an_unknown_name_says_where_to_add_it(machine: Machine) -> None:
    with pytest.raises(IndexError_, match='an index called "torch"') as caught:
        machine.load().by_name("torch")
    assert caught.value.code == "index-unknown" and "uv.toml" in caught.value.hint


@pytest.mark.parametrize(
    "variable", ["UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS", "PIP_INDEX_URL", "PIP_FIND_LINKS"]
)
def test_an_address_that_is_none_is_said_to_be(machine: Machine, variable: str) -> None:
    for host in ("[", "\uff0fexample.org"):  # the text of the second error would contain all of it
        with pytest.raises(IndexError_) as caught:
            machine.load({variable: f"https://me:{QUOTED}@{host}/simple"})
        assert caught.value.code == "configuration-damaged"
        assert QUOTED not in str(caught.value.to_dict())


@pytest.mark.parametrize("text", ['[[index]]\nurl = "https://[/simple"', 'find-links = ["https://["]'])
def test_one_in_a_file_is_too(machine: Machine, text: str) -> None:
    machine.write("~/.config/uv/uv.toml", text)
    with pytest.raises(IndexError_, match=r"uv\.toml contains an address that is not valid") as caught:
        machine.load()
    assert caught.value.code == "configuration-damaged"
