"""What we rely on in uv: indexes, credentials, proxies and certificates reach it only in the ways that we choose."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from jupyter_envs.engines.uv.tool import Engine
from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.errors import EnvsError
from jupyter_envs.machine import interpreters
from jupyter_envs.machine.indexes import load
from jupyter_envs.model.block import parse_block
from jupyter_envs.model.options import Options
from jupyter_envs.settings import Settings

from ..local_index import Fault, LocalIndex, wheelhouse
from ..local_proxy import LocalProxy
from ..typed import typed
from ..wheels import Dist, wheel

WHO = ("me", "s3cret/+@word")
WRITTEN = "me:s3cret%2F%2B%40word"
Bring = Callable[..., str]


@pytest.fixture
def user(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's home, whose pip.conf counts."""
    monkeypatch.delenv("PIP_CONFIG_FILE")
    return Path(os.environ["HOME"])


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def bring(settings: Settings, tmp_path: Path) -> Bring:
    """Looks up and downloads by the configuration of this moment; gives the version that came."""

    def brought(name: str = "demo", *, offline: bool = False) -> str:
        python = interpreters.choose(None, settings).path
        with Engine(settings, load(settings)) as engine:
            target = tmp_path / f"target-{len(list(tmp_path.iterdir()))}"
            words: list[str | Path] = ["pip", "install", "--target", target, "--python", python]
            engine.run([*words, "--only-binary", ":all:", name], offline=offline)
        return next(target.glob("*.dist-info")).name.removesuffix(".dist-info").rpartition("-")[2]

    return brought


@pytest.fixture
def private() -> Iterator[LocalIndex]:
    with LocalIndex([wheel("demo", "1.5")], credentials=WHO) as index:
        yield index


def by_netrc(index: LocalIndex, user: Path, env: pytest.MonkeyPatch) -> None:
    write(user / ".netrc", f"machine 127.0.0.1 login {WHO[0]} password {WHO[1]}\n")
    (user / ".netrc").chmod(0o600)
    env.setenv("UV_DEFAULT_INDEX", index.url)


def by_uv_toml(index: LocalIndex, user: Path, env: pytest.MonkeyPatch) -> None:
    url = index.url.replace("://", f"://{WRITTEN}@")
    write(user / ".config/uv/uv.toml", f'[[index]]\nname = "corp"\nurl = "{url}"\ndefault = true\n')


def by_uv_variables(index: LocalIndex, user: Path, env: pytest.MonkeyPatch) -> None:
    write(user / ".config/uv/uv.toml", f'[[index]]\nname = "my.corp"\nurl = "{index.url}"\ndefault = true\n')
    env.setenv("UV_INDEX_MY_CORP_USERNAME", WHO[0])
    env.setenv("UV_INDEX_MY_CORP_PASSWORD", WHO[1])


def by_pip_conf(index: LocalIndex, user: Path, env: pytest.MonkeyPatch) -> None:
    write(user / ".config/pip/pip.conf", f"[global]\nindex-url = {index.url.replace('://', f'://{WRITTEN}@')}\n")


def by_pip_variable(index: LocalIndex, user: Path, env: pytest.MonkeyPatch) -> None:
    env.setenv("PIP_INDEX_URL", index.url.replace("://", f"://{WRITTEN}@"))


@pytest.mark.parametrize("by", [by_netrc, by_uv_toml, by_uv_variables, by_pip_conf, by_pip_variable])
def test_an_index_with_a_password(
    by: Callable[[LocalIndex, Path, pytest.MonkeyPatch], None],
    private: LocalIndex, bring: Bring, user: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    by(private, user, monkeypatch)
    assert bring() == "1.5"


def test_a_wrong_password_is_one_sentence_without_it(
    private: LocalIndex, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", private.url.replace("://", "://me:wrong-one@"))
    with pytest.raises(EnvsError) as caught:
        bring()
    assert caught.value.code == "index-auth"
    assert "wrong-one" not in str(caught.value.to_dict())


@pytest.mark.parametrize("credentials", [None, ("p", "w")])
def test_an_http_proxy(credentials: tuple[str, str] | None, bring: Bring, monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalIndex([wheel("demo", "1.5")]) as index, LocalProxy(credentials) as proxy:
        monkeypatch.setenv("UV_DEFAULT_INDEX", index.url)
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        assert bring() == "1.5"
        assert any(line.startswith(f"GET {index.url}/demo") for line in proxy.seen)


def test_a_proxy_of_pip_conf_for_https_with_a_private_certificate(bring: Bring, user: Path, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "corp.pem"))
    with LocalIndex([wheel("demo", "1.5")], authority=authority) as index, LocalProxy() as proxy:
        write(user / ".config/pip/pip.conf", f"[global]\nindex-url = {index.url}\nproxy = {proxy.url}\n"
              f"cert = {tmp_path / 'corp.pem'}\n")  # fmt: skip
        assert bring() == "1.5"
        assert f"CONNECT 127.0.0.1:{index.port}" in proxy.seen


def test_a_proxy_that_wants_a_password(bring: Bring, monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalIndex([wheel("demo", "1.5")]) as index, LocalProxy(("p", "w")) as proxy:
        monkeypatch.setenv("UV_DEFAULT_INDEX", index.url)
        monkeypatch.setenv("HTTP_PROXY", proxy.url.replace("p:w@", ""))
        with pytest.raises(EnvsError) as caught:
            bring()
    assert caught.value.code == "proxy-auth"


def test_a_certificate_that_nobody_here_knows(bring: Bring, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "corp.pem"))
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with LocalIndex([wheel("demo", "1.5")], authority=authority) as index:
        monkeypatch.setenv("UV_DEFAULT_INDEX", index.url)
        with pytest.raises(EnvsError) as caught:
            bring()
        assert caught.value.code == "index-certificate"
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "corp.pem"))
        assert bring() == "1.5"


def test_a_wheelhouse_without_network(
    settings: Settings, tmp_path: Path, kernel_wheels: list[Dist], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = wheelhouse(tmp_path / "wheels, and more" / "x", *kernel_wheels, wheel("demo", "1.5"))
    plain = tmp_path / "wheels"
    (plain).symlink_to(folder)
    monkeypatch.setenv("PIP_FIND_LINKS", str(plain))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    change = Environments(settings).install(None, typed("demo"), options=Options())
    assert change.environment and change.environment.packages["demo"] == "1.5"


def test_pips_extra_index_has_what_the_main_one_has_not_and_hides_nothing(bring: Bring, user: Path) -> None:
    with LocalIndex([wheel("demo", "2.0")]) as main, LocalIndex([wheel("demo", "1.0"), wheel("extra", "1.0")]) as extra:
        write(user / ".config/pip/pip.conf", f"[global]\nindex-url = {main.url}\nextra-index-url = {extra.url}\n")
        assert (bring("demo"), bring("extra")) == ("2.0", "1.0")


def test_uvs_extra_index_goes_first(bring: Bring, user: Path) -> None:
    with LocalIndex([wheel("demo", "2.0")]) as main, LocalIndex([wheel("demo", "1.0")]) as extra:
        text = f'[[index]]\nurl = "{main.url}"\ndefault = true\n[[index]]\nurl = "{extra.url}"\n'
        write(user / ".config/uv/uv.toml", text)
        assert bring("demo") == "1.0"


def test_an_extra_index_for_one_package(
    environments: Environments, index: LocalIndex, private: LocalIndex, user: Path
) -> None:
    """As torch's; with a password at that. Its other packages are never looked at."""
    private.add(wheel("demo-dep", "9.0"))
    url = private.url.replace("://", f"://{WRITTEN}@")
    write(user / ".config/uv/uv.toml", f'[[index]]\nname = "special"\nurl = "{url}"\nexplicit = true\n')
    before = environments.install(None, typed("demo")).block
    assert not private.hits
    assigned = parse_block(before.to_dict() | {"indexes": {"special": ["demo"]}})
    change = environments.upgrade(assigned, [], options=Options(accept="yes"))
    assert change.environment
    versions = change.environment.packages
    assert (versions["demo"], versions.get("demo-dep")) == ("1.5", None)
    assert change.block.lock
    assert [row.index for row in change.block.lock.packages if row.name == "demo"] == ["special"]
    assert WHO[1] not in str(change.block.to_dict()) and WRITTEN not in str(change.block.to_dict())


def test_an_index_without_hashes(
    settings: Settings, kernel_wheels: list[Dist], monkeypatch: pytest.MonkeyPatch
) -> None:
    demo = wheel("demo", "1.5")
    with LocalIndex([*kernel_wheels, demo], hashes=False) as index:
        monkeypatch.setenv("UV_DEFAULT_INDEX", index.url)
        change = Environments(settings).install(None, typed("demo"))
    assert change.environment and change.environment.packages["demo"] == "1.5"
    assert change.block.lock
    hashes = {f.sha256 for row in change.block.lock.packages if row.name == "demo" for f in row.wheels.values()}
    assert hashes == {demo.sha256}


@pytest.mark.parametrize("how", [{"json": False}, {"metadata": False}, {"json": False, "hashes": False}])
def test_old_kinds_of_indexes(bring: Bring, monkeypatch: pytest.MonkeyPatch, how: dict[str, bool]) -> None:
    with LocalIndex([wheel("demo", "1.5")], **how) as index:  # type: ignore[arg-type]  # fields by name
        monkeypatch.setenv("UV_DEFAULT_INDEX", index.url)
        assert bring() == "1.5"


@pytest.mark.parametrize(
    ("where", "fault", "code"),
    [
        ("/simple/", "401", "index-auth"),
        ("/simple/", "403", "index-auth"),
        ("/simple/", "404", "no-such-package"),
        ("/simple/", "500", "index-unavailable"),
        ("/simple/", "hang", "index-timeout"),
        ("/simple/", "garbage", "index-garbage"),
        ("/files/.*whl$", "404", "file-gone"),
        ("/files/.*whl$", "500", "index-unavailable"),
        ("/files/.*whl$", "hang", "index-timeout"),
        ("/files/.*whl$", "corrupt", "file-corrupt"),
        ("/files/.*whl$", "truncate", "file-corrupt"),
    ],
)
def test_what_an_index_does_wrong_is_a_typed_error(
    bring: Bring, monkeypatch: pytest.MonkeyPatch, where: str, fault: Fault, code: str
) -> None:
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("UV_HTTP_TIMEOUT", "1")
    with LocalIndex([wheel("demo", "1.5")], faults={where: fault}) as index:
        monkeypatch.setenv("UV_DEFAULT_INDEX", index.url)
        with pytest.raises(EnvsError) as caught:
            bring()
        assert caught.value.code == code, caught.value.details
        index.faults.clear()
        assert bring() == "1.5", "and it is over once the index is well again"


def test_a_file_that_is_not_the_listed_one_is_never_installed(environments: Environments, index: LocalIndex) -> None:
    index.faults["/simple/demo/"] = "wrong-hash"
    with pytest.raises(EnvsError) as caught:
        environments.install(None, typed("demo"))
    assert caught.value.code == "hash-mismatch" and environments.here.store.list() == []


def test_an_index_that_is_not_there(bring: Bring, monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalIndex() as index:
        monkeypatch.setenv("UV_DEFAULT_INDEX", index.url)
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with pytest.raises(EnvsError) as caught:
        bring()
    assert caught.value.code == "index-unavailable"


def test_offline_asks_nobody(bring: Bring, index: LocalIndex) -> None:
    index.add(wheel("whisper", "1.0"))
    with pytest.raises(EnvsError) as caught:
        bring("whisper", offline=True)
    assert caught.value.code == "offline" and index.hits == []
    assert bring("whisper") == "1.0" == bring("whisper", offline=True)


def test_files_near_the_notebook_are_never_obeyed(
    environments: Environments, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "notebooks"
    with LocalIndex([wheel("demo", "66.6"), wheel("demo-dep", "66.6")]) as evil:
        for place in (folder, tmp_path):
            write(place / "uv.toml", f'index-url = "{evil.url}"\nno-index = true\n[[index]]\nurl = "{evil.url}"\n')
            write(
                place / "pyproject.toml",
                f'[tool.uv]\nextra-index-url = ["{evil.url}"]\n[[tool.uv.index]]\nurl = "{evil.url}"\n',
            )
            write(place / "pip.conf", f"[global]\nindex-url = {evil.url}\n")
            write(place / ".env", f"UV_DEFAULT_INDEX={evil.url}\n")
            write(place / ".python-version", "3.1\n")
        monkeypatch.chdir(folder)
        change = environments.install(None, typed("demo", base=folder))
        assert change.environment and change.environment.packages["demo"] == "2.0"
        assert evil.hits == []


def test_shims_first_on_path_change_nothing(
    environments: Environments, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = tmp_path / "asked"
    for name in ("python", "python3", "uv", "pip"):
        write(tmp_path / "shims" / name, f"#!/bin/sh\ntouch {shlex.quote(str(asked))}\nexit 127\n")
        (tmp_path / "shims" / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'shims'}{os.pathsep}{os.environ['PATH']}")
    assert environments.install(None, typed("demo")).environment
    assert not asked.exists()


@pytest.mark.network
def test_the_configuration_of_this_machine_is_enough(bring: Bring) -> None:
    assert bring("six").startswith("1.")
