"""pip's options in a terminal do what they do in pip, as far as a notebook can have it."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path

import pytest

from jupyter_envs.cli.network import typed_network

from .local_index import LocalIndex
from .test_cli import Cli, block_in, cli, notebook, signals
from .wheels import folder_project, sdist, wheel

__all__ = ["cli", "notebook", "signals"]
LOCK = "--no-build-env"


def locked(notebook: Path) -> dict[str, str]:
    lock = block_in(notebook).lock
    return {package.name: package.version for package in lock.packages} if lock else {}


def test_short_options_together_are_one_line(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    (notebook.parent / "r.txt").write_text("demo<2\n")
    said = cli("install", notebook, "-qUr", "r.txt", "--default-timeout", "1000", "--no-warn-conflicts", LOCK)
    assert (said.code, said.out, said.err) == (0, "", "")
    assert block_in(notebook).dependencies == ("demo<2",)


def test_constraints_limit_one_change_and_are_not_recorded(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    (notebook.parent / "limits.txt").write_text("demo<2\nshout<1\n")
    said = cli("install", notebook, "demo", "-c", "limits.txt", LOCK, "--json")
    assert said.json["notes"] == [
        "The constraints in limits.txt applied to this change; the notebook does not record them."
    ]
    assert block_in(notebook).dependencies == ("demo",)
    assert locked(notebook)["demo"] == "1.0"
    assert cli("install", notebook, "-c", "nothing.txt", "demo").err.startswith("error[requirements-file]")


def test_only_what_was_published_before_is_taken(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    index.add(wheel("demo", "3.7"), upload_time="2026-06-01T00:00:00Z")
    assert cli("install", notebook, "demo", "--uploaded-prior-to=2026-01-01", LOCK).code == 0
    assert locked(notebook)["demo"] == "2.0"
    assert cli("install", notebook, "-U", "demo", "--uploaded-prior-to", "2026-06-01T12:00:00Z", LOCK).code == 0
    assert locked(notebook)["demo"] == "3.7"
    assert cli("install", notebook, "demo", "--uploaded-prior-to", "yesterday").err.startswith("error[timestamp]")
    assert cli("upgrade", notebook, "--uploaded-prior-to", "P99999999999999D").err.startswith("error[timestamp]")


def test_a_wheel_is_preferred_without_a_question(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    assert cli("install", notebook, "lagging", LOCK).code == 3
    assert cli("install", notebook, "lagging", "--only-binary=:all:", LOCK).code == 0
    assert locked(notebook)["lagging"] == "1.0"


def test_no_binary_builds_what_is_named(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    index.add(wheel("both", "1.0"), sdist("both", "1.0"))
    assert cli("install", notebook, "both", "--no-binary", "both", LOCK).code == 0
    lock = block_in(notebook).lock
    assert lock and next(package for package in lock.packages if package.name == "both").sdist


def test_an_eager_upgrade_also_moves_what_is_needed(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    cli("install", notebook, "demo", "demo-dep<1.1", "shout")
    cli("install", notebook, "demo-dep<9", LOCK)
    index.add(wheel("shout", "1.7"))
    assert locked(notebook)["demo-dep"] == "1.0"
    cli("install", notebook, "-U", "demo", LOCK)
    assert locked(notebook)["demo-dep"] == "1.0"
    cli("install", notebook, "-U", "demo", "--upgrade-strategy=eager", LOCK)
    assert (locked(notebook)["demo-dep"], locked(notebook)["shout"]) == ("1.1", "1.0")


def test_hashes_can_be_required(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    (notebook.parent / "r.txt").write_text("demo-dep==1.0\n")
    assert cli("install", notebook, "demo", "--require-hashes").err.startswith("error[requirements-hash]: demo has no")
    said = cli("install", notebook, "-r", "r.txt", "--require-hashes")
    assert said.err.startswith("error[requirements-hash]") and "r.txt:1" in said.err
    listed = next(each for each in index.listed["demo-dep"] if each.dist.version == "1.0")
    (notebook.parent / "r.txt").write_text(f"demo-dep==1.0 --hash=sha256:{listed.dist.sha256}\n")
    assert cli("install", notebook, "-r", "r.txt", "--require-hashes", LOCK).code == 0


@pytest.mark.parametrize("words", [("--no-index",), ("-f", "wheels"), ("--find-links=https://x.example/all",)])
def test_a_place_for_packages_is_configured_and_not_typed(
    cli: Cli, notebook: Path, index: LocalIndex, words: tuple[str, ...]
) -> None:
    said = cli("install", notebook, "demo", *words)
    assert (said.code, said.err.split(":")[0]) == (2, "error[index-not-configured]")
    assert "uv.toml" in said.err


def test_a_place_that_is_configured_may_be_typed(
    cli: Cli, notebook: Path, index: LocalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    (notebook.parent / "wheels").mkdir()
    monkeypatch.setenv("UV_FIND_LINKS", str(notebook.parent / "wheels"))
    assert cli("install", notebook, "demo", "-f", "wheels", LOCK).code == 0


def test_what_is_uninstalled_goes_and_what_is_not_there_is_skipped(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    cli("install", notebook, "demo", "shout", LOCK)
    (notebook.parent / "r.txt").write_text("demo>=1\nnosuch\n")
    said = cli("uninstall", notebook, "-yr", "r.txt", "Demo_Dep", LOCK, "--json")
    assert said.json["notes"] == ["Skipped nosuch: this notebook does not have it."]
    assert block_in(notebook).dependencies == ("shout",)
    assert "demo-dep" not in locked(notebook)
    assert cli("remove", notebook, "nosuch").err.startswith("error[not-declared]")
    assert cli("uninstall", notebook, "-y", "nosuch").code == 0


def test_what_another_package_needs_stays_and_that_is_said(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    cli("install", notebook, "demo", "shout", LOCK)
    said = cli("uninstall", notebook, "-y", "shout", "demo-dep", LOCK, "--json")
    assert said.json["notes"] == ["demo-dep stays: another package needs it."]
    assert cli("uninstall", notebook, "-y", "demo-dep").err.startswith("error[not-declared]")


def test_nothing_to_uninstall_leaves_the_file_alone(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    before = notebook.read_bytes()
    said = cli("uninstall", notebook, "-y", "demo")
    assert (said.code, said.out) == (0, "Nothing to remove.\n")
    assert "Skipped demo" in said.err
    assert notebook.read_bytes() == before


def test_a_package_without_what_it_needs_is_recorded_and_shown(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    assert cli("install", notebook, "--no-deps", "demo").code == 0
    assert "demo-dep" not in locked(notebook)
    assert block_in(notebook).no_deps == ("demo",)
    assert block_in(notebook).history[-1].did == "install --no-deps demo"
    assert "note     demo is installed without what it needs." in cli("status", notebook).out
    cli("install", notebook, "shout", LOCK)
    assert "demo-dep" not in locked(notebook), "what was recorded counts for later changes"
    cli("install", notebook, "demo", LOCK)
    assert block_in(notebook).no_deps == () and "demo-dep" in locked(notebook)
    cli("install", notebook, "--no-deps", "demo", LOCK)
    cli("uninstall", notebook, "-y", "demo", LOCK)
    assert block_in(notebook).no_deps == ()
    cli("undo", notebook, LOCK)
    assert block_in(notebook).no_deps == ("demo",)


def test_an_override_counts_in_place_of_what_packages_need(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    assert cli("install", notebook, "needs-old", "demo-dep>=1.1", LOCK).err.count("error[conflict]") == 1
    assert cli("install", notebook, "needs-old", "--override", "demo-dep==1.1").code == 0
    assert (locked(notebook)["demo-dep"], block_in(notebook).overrides) == ("1.1", ("demo-dep==1.1",))
    assert "note     demo-dep==1.1 overrides what packages require." in cli("status", notebook).out
    assert cli("install", notebook, "--override", "demo-dep==1.0", LOCK).code == 0
    assert locked(notebook)["demo-dep"] == "1.0"
    assert block_in(notebook).history[-1].did == "install --override demo-dep==1.0"
    assert cli("install", notebook, "--override", "demo-dep", LOCK).code == 0
    assert block_in(notebook).overrides == ()
    (notebook.parent / "over.txt").write_text("demo-dep==1.1\n")
    assert cli("install", notebook, "--overrides", "over.txt", "shout", LOCK).code == 0
    assert locked(notebook)["demo-dep"] == "1.1"
    assert cli("install", notebook, "--override", "demo-dep @ https://x.example/d-1-py3-none-any.whl").code == 1


def test_an_index_is_named_for_packages_that_are_named(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    """What only locks, or upgrades what is there, would not have taken it."""
    cli("install", notebook, "demo<2", LOCK)
    for option in ("-i", "--index-url", "--extra-index-url"):
        assert cli("upgrade", notebook, option, index.url).err.startswith("error[pip-option]")
        assert cli("lock", notebook, option, index.url).err.startswith("error[unknown-option]")


def test_only_what_comes_from_an_index_can_come_alone(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    """Nobody knows what others need without running their code; and they would be installed with it."""
    (notebook.parent / "mine").mkdir()
    for path, text in folder_project("mine", requires=["shout"]).items():
        (notebook.parent / "mine" / path).write_text(text)
    for words in (("-e", "mine"), ("./mine",), ("shout @ https://x.example/shout-1.0-py3-none-any.whl",)):
        assert cli("install", notebook, "--no-deps", *words, LOCK).err.count("error[pip-option]") == 1


def test_an_option_for_builds_is_refused_where_something_is_built(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    assert cli("install", notebook, "demo", "--no-build-isolation", LOCK).code == 0
    for words in (("only-source",), ("lagging",), ("both", "--no-binary=both"), ("-e", "mine")):
        (notebook.parent / "mine").mkdir(exist_ok=True)
        for path, text in folder_project("mine").items():
            (notebook.parent / "mine" / path).write_text(text)
        said = cli("install", notebook, *words, "-C", "fast=yes", LOCK)
        assert (said.code, said.err.count("error[pip-option]")) == (2, 1), said
        assert "--config-settings is not available here" in said.err


def test_a_proxy_and_certificates_are_for_one_change(
    cli: Cli, notebook: Path, index: LocalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://other.example:1")
    said = cli("install", notebook, "demo", "--proxy", "http://127.0.0.1:9", "--cert", "none.pem")
    assert (said.code, said.err.count("there is no file")) == (2, 1)
    (notebook.parent / "ca.pem").touch()
    args = Namespace(proxy="http://127.0.0.1:9", cert="ca.pem")
    with typed_network(args, notebook.parent):
        assert {os.environ[name] for name in ("HTTP_PROXY", "https_proxy")} == {"http://127.0.0.1:9"}
        assert os.environ["SSL_CERT_FILE"] == str(notebook.parent / "ca.pem")
    assert os.environ["HTTP_PROXY"] == "http://other.example:1"
    assert not os.environ.keys() & {"HTTPS_PROXY", "https_proxy", "SSL_CERT_FILE"}


def test_a_dry_run_says_what_would_change_and_changes_nothing(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    before = notebook.read_bytes()
    said = cli("install", notebook, "demo", "--dry-run")
    assert (said.code, said.out.splitlines()[0]) == (0, "Would change:")
    assert said.out.splitlines()[1].startswith("+ demo 2.0")
    assert notebook.read_bytes() == before
    said = cli("install", notebook, "demo<2", "--dry-run", "--json")
    assert said.json["changed"]["demo"] == [None, "1.0"] and said.json["block"] is None
    cli("install", notebook, "demo<2", LOCK)
    before = notebook.read_bytes()
    assert cli("install", notebook, "demo", "--dry-run").out == "Would change:\nnothing\n"
    assert "~ demo 1.0 → 2.0" in cli("install", notebook, "demo>=2", "--dry-run").out
    assert cli("upgrade", notebook, "--dry-run").code == 0
    assert notebook.read_bytes() == before


def test_pip_itself_is_left_out_of_a_line_with_packages(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    index.add(wheel("pip", "99.0"))
    said = cli("install", notebook, "-U", "pip", "demo", LOCK, "--json")
    assert said.json["notes"] == ["pip is left out: jupyter-envs takes its place here. Named alone, it is installed."]
    assert block_in(notebook).dependencies == ("demo",)
    assert cli("uninstall", notebook, "-y", "demo", "--dry-run").out.startswith("Would change:\n- ")
    cli("install", notebook, "pip", LOCK)
    assert block_in(notebook).dependencies == ("demo", "pip")


def test_what_a_kernel_needs_is_always_there(cli: Cli, notebook: Path, index: LocalIndex) -> None:
    before = notebook.read_bytes()
    for words in (
        ("--no-deps", "ipykernel"),
        ("--no-deps", "demo", "ipykernel>=1", "--dry-run"),
        ("--override", "ipykernel ; sys_platform == 'other'"),
    ):
        said = cli("install", notebook, *words, LOCK)
        assert said.err.count("error[needs-kernel]") == said.err.count("no kernel could start") == 1, said
        assert notebook.read_bytes() == before
    assert cli("install", notebook, "ipykernel ; sys_platform == 'other'", LOCK).code == 0
    assert "ipykernel" in locked(notebook), "a condition of the list does not leave it out either"
