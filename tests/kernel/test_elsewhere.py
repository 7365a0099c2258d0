"""Lines that name another environment: they go there, and what names this notebook's own says nothing new."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jupyter_envs.cli.main import main
from jupyter_envs.kernel.context import Context
from jupyter_envs.kernel.elsewhere import Place, for_python, is_for_notebook, outside, sort_out, uv_verb, uv_words
from jupyter_envs.kernel.pip_words import parse
from jupyter_envs.kernel.refused import Refused
from jupyter_envs.kernel.remarks import remarks
from jupyter_envs.kernel.stub_folder import KERNEL_VARIABLE, PLACES_VARIABLE, PREFIX_VARIABLE, install

STORE = "store/v1/e/aaaabbbbccccddddeeeeffff22/b-00000001"


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The notebook's environment; another one, and a folder, are beside it. The notebook's Python is first on PATH."""
    monkeypatch.chdir(tmp_path)
    for name in ("own", "other", STORE):
        (tmp_path / name / "bin").mkdir(parents=True)
        (tmp_path / name / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / "own" / "bin" / "python3").symlink_to("python")
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path / "own" / "bin"), os.environ["PATH"]]))
    return {"prefix": str(tmp_path / "own"), "python": str(tmp_path / "own" / "bin" / "python"), "version": "3.11.7"}


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("uv pip install --python other/bin/python six", ("--python", "other/bin/python")),
        ("uv pip install -p other six", ("-p", "other")),
        ("uv pip install -pother six", ("-p", "other")),
        ("uv pip install --python=other six", ("--python", "other")),
        ("uv pip install -qp other six", ("-p", "other")),
        ("uv -q pip install --python 3.9 six", ("--python", "3.9")),
        ("uv pip uninstall --python other six", ("--python", "other")),
        ("uv pip list --python other", ("--python", "other")),
        ("uv pip install --target lib six", ("--target", "lib")),
        ("uv add --project ../x six", ("--project", "../x")),
        ("uv add --script job.py six", ("--script", "job.py")),
        ("uv add --group dev six", ("--group", "dev")),
        ("pip --python other install six", ("--python", "other")),
        ("pip install --python=other six", ("--python", "other")),
        ("pip --python /usr/bin/python3 install six", ("--python", "/usr/bin/python3")),
        ("pip install --target lib six", ("--target", "lib")),
        ("pip install -t lib six", ("-t", "lib")),
        ("pip install -qt lib six", ("-t", "lib")),
        ("pip install -tlib six", ("-t", "lib")),
        ("pip install -t lib -- six", ("-t", "lib")),
        ("pip install -vUqt lib six", ("-t", "lib")),
        ("pip install -r r.txt -ct.txt -qqt lib", ("-t", "lib")),
        ("pip install --targ lib six", ("--target", "lib")),
        ("conda install -yqn other six", ("-n", "other")),
        ("conda install -n other -- six", ("-n", "other")),
        ("pip install six --target=/tmp/lib", ("--target", "/tmp/lib")),
        ("pip install --prefix /opt/x six", ("--prefix", "/opt/x")),
        ("conda install -y -n other six", ("-n", "other")),
        ("conda install -n base -c conda-forge six", ("-n", "base")),
        ("mamba install --name=other six", ("--name", "other")),
        ("micromamba install -p ./other six", ("-p", "./other")),
        ("conda remove -n other six", ("-n", "other")),
        ("conda list -n other", ("-n", "other")),
    ],
)
def test_another_environment_is_seen(own: dict[str, Any], line: str, place: tuple[str, str]) -> None:
    program, *words = shlex.split(line)
    assert sort_out(program, words, [own]) == (words, Place(*place))


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("uv pip install --python {python} six", "pip install six"),
        ("uv pip install --python={prefix} six", "pip install six"),
        ("uv pip install -p python3 six", "pip install six"),
        ("uv pip install --python 3.11 six", "pip install six"),
        ("uv pip install --python python3.11 six", "pip install six"),
        ("uv pip install --prefix {prefix} six", "pip install six"),
        ("pip --python {python} install six", "install six"),
        ("pip install --prefix={prefix} six", "install six"),
        ("conda install --yes --prefix {prefix} numpy", "install --yes numpy"),
        ("conda install -p {prefix} numpy", "install numpy"),
        ("uv pip install --system six", "pip install --system six"),
        ("uv add six", "add six"),
        ("pip install six -- --target", "install six -- --target"),
        ("pip install -r -t six", "install -r -t six"),
        ("pip install -qr-t six", "install -qr-t six"),
        ("uv pip install -qUp python3 -- six", "pip install -q -U -- six"),
        ("uv run --python 3.9 x.py", "run --python 3.9 x.py"),
    ],
)
def test_what_names_the_notebooks_own_says_nothing_new(own: dict[str, Any], line: str, kept: str) -> None:
    program, *words = shlex.split(line.format(**own))
    assert sort_out(program, words, [own]) == (shlex.split(kept), None)


@pytest.mark.parametrize(
    "line",
    [
        f"uv pip install --python {STORE}/bin/python six", f"pip --python {STORE} install six", f"pip install --target {STORE}/lib six",
        f"conda install -p {STORE} six", "pip install --target {prefix}/lib six", "pip install --target", "uv pip install six -p",
    ],
)  # fmt: skip
def test_no_environment_of_ours_is_changed(own: dict[str, Any], line: str) -> None:
    program, *words = shlex.split(line.format(**own))
    with pytest.raises(Refused) as refused:
        sort_out(program, words, [own])
    assert refused.value.code == "another-environment" and refused.value.sentence.endswith(".")


@pytest.mark.parametrize(
    "line",
    [
        "pip install --target link six", "pip install -t link/new six", "pip install --prefix=link six", "pip install --target up/../lib six",
        "pip install -qt ../{here}/link six", "pip install --target chain six", "pip install --target dangling six",
        "pip install --target wheel six", "pip install --target store six", "pip install --target stores six",
        "uv pip install --target link six", "uv pip install --prefix link six", "uv pip install --python there six",
        "uv --directory link pip install --target new six", "uv --directory=up/.. pip install --target lib six",
        "uv pip install --python there/bin/python six", "pip --python there install six", "conda install -p there six",
        "conda install -p link six", "pip install --target ownlib six",
    ],
)  # fmt: skip
def test_no_environment_of_ours_is_changed_through_a_link(own: dict[str, Any], tmp_path: Path, line: str) -> None:
    wheel, mine = tmp_path / "store/v1/w/aaaabbbbccccdddd/12345678/l/six", tmp_path / STORE.replace("aaaa", "zzzz")
    for folder in (tmp_path / STORE / "lib", wheel, mine / "lib"):
        folder.mkdir(parents=True)
    links = {"link": f"{STORE}/lib", "up": f"{STORE}/bin", "chain": "link", "dangling": f"{STORE}/none", "wheel": wheel,
             "there": STORE, "stores": "store", "ownlib": mine / "lib"}  # fmt: skip
    for name, target in links.items():
        (tmp_path / name).symlink_to(target)
    program, *words = shlex.split(line.format(here=tmp_path.name))
    with pytest.raises(Refused) as refused:
        sort_out(program, words, [{**own, "prefix": str(mine)}])
    assert refused.value.code == "another-environment" and "is an environment of jupyter-envs" in refused.value.sentence


def test_a_link_elsewhere_is_another_place(own: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "libraries").mkdir()
    (tmp_path / "lib").symlink_to("libraries")
    for line in ("install --target lib six", "install --prefix lib/../other six"):
        words = line.split()
        assert sort_out("pip", words, [own]) == (words, Place(words[1], words[2]))


@pytest.mark.parametrize(
    ("variables", "line", "option"),
    [
        ({"PIP_TARGET": "lib"}, "install six", "--target=lib"),
        ({"PIP_PREFIX": "/opt/x"}, "-q install six", "--prefix=/opt/x"),
        ({"PIP_PYTHON": "other"}, "install six", "--python=other"),
        ({"PIP_TARGET": "lib"}, "install -t mine six", ""),
        ({"PIP_TARGET": "lib"}, "list", ""),
        ({"PIP_TARGET": "/machine"}, "install six", ""),
        ({"PIP_NO_INPUT": "1"}, "install six", ""),
    ],
)
def test_a_variable_that_a_line_sets_names_a_place_as_its_option_does(
    own: dict[str, Any], variables: dict[str, str], line: str, option: str
) -> None:
    """One that the machine sets for every pip is not about this notebook."""
    environ = {"JUPYTER_ENVS_PLACES": "PIP_TARGET=/machine", **variables}
    words = line.split()
    kept, place = sort_out("pip", words, [own], environ)
    if option:
        assert (kept, place) == ([*words, option], Place(*option.split("=")))
    else:
        assert kept == words and place == (Place("-t", "mine") if "-t" in words else None)
    assert sort_out("pip", ["install", "six"], [own], variables) == (["install", "six"], None), "an older kernel"


@pytest.mark.parametrize(
    ("variables", "line", "option"),
    [
        ({"UV_PYTHON": "3.12"}, "pip install six", "--python=3.12"),
        ({"UV_PYTHON": "/opt/py"}, "-q pip install six", "--python=/opt/py"),
        ({"UV_PYTHON": "/opt/py"}, "pip install -p mine six", ""),
        ({"UV_PYTHON": "/machine"}, "pip install six", ""),
        ({"UV_PYTHON": "/opt/py"}, "pip list", ""),
        ({"UV_SYSTEM_PYTHON": "1"}, "pip install six", ""),
    ],
)
def test_a_variable_of_uv_names_a_python_as_its_option_does(
    own: dict[str, Any], variables: dict[str, str], line: str, option: str
) -> None:
    words = line.split()
    kept, place = sort_out("uv", words, [own], {"JUPYTER_ENVS_PLACES": "UV_PYTHON=/machine", **variables})
    if option:
        assert (kept, place) == ([*words, option], Place(*option.split("=")))
    else:
        assert kept == words and place == (Place("-p", "mine") if "-p" in words else None)
    kept, place = sort_out("pip", ["install", "six"], [own], {"JUPYTER_ENVS_PLACES": "", **variables})
    assert (kept, place) == (["install", "six"], None), "pip does not know it"


def test_nothing_stands_behind_the_end_of_the_options(own: dict[str, Any]) -> None:
    environ = {"JUPYTER_ENVS_PLACES": "", "PIP_TARGET": "lib"}
    kept, place = sort_out("pip", ["install", "--", "six"], [own], environ)
    assert (kept, place) == (["install", "--target=lib", "--", "six"], Place("--target", "lib"))
    words = ["pip", "-q", "install", "-t", "lib", "--", "six"]
    said = ["pip", "-q", "install", "--python", "/own", "-t", "lib", "--", "six"]
    assert for_python(words, Place("-t", "lib"), "/own") == said


def test_a_variable_that_leads_into_an_environment_of_ours_is_refused(own: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(STORE)
    for name in ("PIP_TARGET", "PIP_PREFIX"):
        with pytest.raises(Refused, match="is an environment of jupyter-envs"):
            sort_out("pip", ["install", "six"], [own], {"JUPYTER_ENVS_PLACES": "", name: "link"})
    kept, place = sort_out("pip", ["install", "six"], [own], {"JUPYTER_ENVS_PLACES": "", "PIP_ROOT": "link"})
    assert place is None
    with pytest.raises(Refused) as refused:
        parse("pip", kept)
    assert refused.value.code == "another-environment"


@pytest.mark.parametrize("program", ["pip", "uv"])
def test_one_that_somebody_has_activated_is_another_one(own: dict[str, Any], program: str) -> None:
    words = ["install", "six"] if program == "pip" else ["pip", "install", "six"]
    activated = {"VIRTUAL_ENV": "/x/other", "JUPYTER_ENVS_PREFIX": own["prefix"]}
    assert sort_out(program, words, [own], activated)[1] == Place("VIRTUAL_ENV", "/x/other")
    for environ in ({"VIRTUAL_ENV": own["prefix"], "JUPYTER_ENVS_PREFIX": "/x/former"}, {}, {"VIRTUAL_ENV": "/x/other"},
                    {"VIRTUAL_ENV": str(Path(STORE).absolute()), "JUPYTER_ENVS_PREFIX": own["prefix"]}):  # fmt: skip
        assert sort_out(program, words, [own], environ)[1] is None, environ


def test_what_is_not_about_packages_is_the_programs_own() -> None:
    for line in ("uv run x.py", "uv venv other", "uv tool install ruff", "uv sync", "uv -q lock", "uv --version", "uv",
                 "conda env list", "conda activate x", "conda create -n x six", "conda", "poetry add six"):  # fmt: skip
        program, *words = shlex.split(line)
        assert not is_for_notebook(program, words), line
    for line in (
        "uv pip install six",
        "uv -q --project x add six",
        "conda install six",
        "mamba list",
        "pip install six",
    ):
        program, *words = shlex.split(line)
        assert is_for_notebook(program, words), line
    assert uv_verb(["--color", "never", "-q", "pip"]) == "pip"


@pytest.mark.parametrize(
    ("words", "place", "said"),
    [
        ("install --target lib six", ("--target", "lib"), "pip install --python PYTHON --target lib six"),
        ("-q install --target lib six", ("--target", "lib"), "pip install --python PYTHON -q --target lib six"),
        ("--python other install -U six", ("--python", "other"), "pip install --python other -U six"),
        ("install six", ("VIRTUAL_ENV", "other"), "pip install --python other six"),
        ("list", ("VIRTUAL_ENV", "other"), "pip list --python other"),
        ("install -t lib -- six", ("-t", "lib"), "pip install --python PYTHON -t lib -- six"),
        ("install -t lib -- --log six", ("-t", "lib"), "pip install --python PYTHON -t lib -- --log six"),
        ("install --timeo 3 --targ install six", ("--target", "install"), "pip install --python PYTHON --target install six"),
        (
            "--disable-pip-version-check install --progress-bar off --root-user-action=ignore --retries 3 -t lib six",
            ("-t", "lib"), "pip install --python PYTHON -t lib six",
        ),
    ],
)  # fmt: skip
def test_uv_does_what_pip_was_asked_for(words: str, place: tuple[str, str], said: str) -> None:
    assert uv_words(shlex.split(words), Place(*place), "PYTHON") == shlex.split(said)


def test_a_folder_is_filled_for_the_notebooks_python() -> None:
    """uv would take one that it finds: the system's, or a `.venv` beside the notebook."""
    words, python = ["-q", "pip", "install", "--target", "lib", "six"], ["--python", "/own"]
    assert for_python(words, Place("--target", "lib"), "/own") == [*words[:3], *python, *words[3:]]
    words = ["--directory", "install", "pip", "install", "-t", "lib", "six"]
    assert for_python(words, Place("-t", "lib"), "/own") == [*words[:4], *python, *words[4:]]
    assert for_python(words, Place("--python", "3.9"), "/own") == words
    assert for_python(["add", "x"], Place("--project", "."), "/own") == ["add", "x"]


def test_a_policy_that_decides_about_each_package_holds_elsewhere_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = tmp_path / "policy.json"
    monkeypatch.setenv("JUPYTER_ENVS_POLICY", str(policy))
    for text in ('{"version": 1, "others": "refuse"}', '{"version": 1, "ask": "always"}'):
        policy.write_text(text)
        assert main(["elsewhere", "--", "pip", "install", "--target", str(tmp_path / "lib"), "six"]) == 1
        assert "error[policy-package]" in capsys.readouterr().err and not (tmp_path / "lib").exists()


def test_what_uv_cannot_do_is_refused() -> None:
    with pytest.raises(Refused):
        uv_words(["download", "--python", "other", "six"], Place("--python", "other"), "PYTHON")


def test_a_tool_elsewhere_does_not_see_the_notebooks_environment_as_active() -> None:
    kernels = "/home/kernels/0f8fad5b-d9cb-469f-a165-70867728950e.bin"
    environ = {"VIRTUAL_ENV": "/own", "JUPYTER_ENVS_PREFIX": "/own", "PATH": f"{kernels}:/own/bin:/usr/bin", "A": "1"}
    assert outside(environ, "/own/bin") == {"JUPYTER_ENVS_PREFIX": "/own", "PATH": "/usr/bin", "A": "1"}
    assert outside({**environ, "VIRTUAL_ENV": "/other"})["VIRTUAL_ENV"] == "/other"


@pytest.mark.parametrize(
    ("cell", "program"),
    [
        ("!other/bin/python -m pip install six", "other/bin/python"),
        ("!./other/bin/python -m pip install -q six  # mine", "./other/bin/python"),
        ("x = 1\n  !other/bin/pip install six", "other/bin/pip"),
        ("out = !other/bin/python -m pip install six", "other/bin/python"),
        ("%%bash\ncd .\nother/bin/python -m pip install six", "other/bin/python"),
        ("!cd . && other/bin/python -m pip -q install six", "other/bin/python"),
        ("!pip9.8 install six", "pip9.8"),
        ("!sudo python9.8 -m pip install six", "python9.8"),
        ("!own/bin/python -m pip install six", ""),
        ("!python3 -m pip install six", ""),
        ("!nowhere/python -m pip install six", ""),
        ("!python7.7 -m pip install six", ""),
        (f"!{STORE}/bin/python -m pip install six", ""),
        ("!{sys.executable} -m pip install six", ""),
        ("!$PYTHON -m pip install six", ""),
        ("!pip install six", ""),
        ("print('other/bin/python -m pip install six')", ""),
        ("# !other/bin/python -m pip install six", ""),
        ("!other/bin/python -m pip list", ""),
    ],
)
def test_what_went_to_another_python_is_said(own: dict[str, Any], cell: str, program: str) -> None:
    tools = Path(own["prefix"]).parent / "tools"
    tools.mkdir()
    for name in ("pip9.8", "python9.8"):
        (tools / name).write_text("#!/bin/sh\n")
        (tools / name).chmod(0o755)
    (tools.parent / "other" / "bin" / "pip").symlink_to(tools / "pip9.8")
    os.environ["PATH"] += os.pathsep + str(tools)
    said = list(remarks(cell, [own]))
    assert len(said) == bool(program) and all(
        text.startswith(f"{program} is not this notebook's Python") for text in said
    )


@pytest.mark.parametrize(
    ("cell", "program"),
    [
        ("!. other/bin/activate && pip install -q six", "other/bin/pip"),
        ("!true && source other/bin/activate; python -m pip install six", "other/bin/python"),
        ("%%bash\nsource 'other/bin/activate'\npip install six", "other/bin/pip"),
        ("!bash -c '. other/bin/activate && pip install six'", "other/bin/pip"),
        ("!PATH=$PWD/other/bin:$PATH pip install six", "other/bin/pip"),
        ('!export PATH="other/bin:${PATH}"; pip -q install six', "other/bin/pip"),
        ("%%sh\nPATH=other/bin:$PATH\npip install six", "other/bin/pip"),
        ("!bash -lc 'pip install six'", "home/bin/pip"),
        ("!bash --login -c 'python9.8 -m pip install six'", "home/bin/python9.8"),
        ("%%bash -l\npip install six", "home/bin/pip"),
        ("%%script bash --login\npip install six", "home/bin/pip"),
        ("!env -i pip install six", "system/pip"),
        ("!env - A=1 pip install six", "system/pip"),
        ("!env -i PATH=$PATH pip install six", ""),
        ("!PATH=$PATH:other/bin pip install six", ""),
        ("!. other/bin/activate && uv pip install six", ""),
        ("!. other/bin/activate && pip list", ""),
        ("!. other/bin/activate && deactivate && pip install six", ""),
        ("!. own/bin/activate && pip install six", ""),
        ("!bash -c 'pip install six'", ""),
        ("!bash -lc 'pip list'", ""),
    ],
)
def test_what_went_to_another_pip_by_another_search_path_is_said(
    own: dict[str, Any], cell: str, program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("own/bin/pip", "other/bin/pip", "home/bin/pip", "home/bin/python9.8", "system/pip"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "home" / ".bash_profile").write_text('echo hello; PATH="$HOME/bin:$PATH"\n')
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PWD", str(tmp_path))
    monkeypatch.setattr(os, "defpath", str(tmp_path / "system"))
    said = [os.path.relpath(text.partition(" is not this notebook's Python")[0]) for text in remarks(cell, [own])]
    assert said == ([program] if program else [])


@pytest.mark.skipif(not shutil.which("bash"), reason="uses bash")
@pytest.mark.parametrize("cell", ["!bash -lc make", "!bash -lc 'pip list'", "%%bash -l\nmake", "!pip install six"])
def test_no_shell_is_started_to_ask_for_its_search_path_where_nothing_is_installed_by_it(
    own: dict[str, Any], cell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".bash_profile").write_text('touch "$HOME/started"\n')
    monkeypatch.setenv("HOME", str(tmp_path))
    list(remarks(cell, [own]))
    assert not (tmp_path / "started").exists()


@pytest.mark.skipif(not shutil.which("bash"), reason="uses bash")
@pytest.mark.parametrize(("name", "active"), [("", False), ("base", False), ("root", False), ("science", True)])
def test_a_server_in_condas_base_is_never_activated_and_another_environment_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, active: bool
) -> None:
    for folder in ("conda/bin", "conda/conda-meta", "kernels"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "conda" / "bin" / "activate").write_text('echo "active: $1"\n')
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path / "conda" / "bin"), os.environ["PATH"]]))
    for variable in (KERNEL_VARIABLE, PLACES_VARIABLE, PREFIX_VARIABLE):
        monkeypatch.setenv(variable, "")
    install(Context(str(tmp_path / "kernels" / "k.json"), {"cli": [str(tmp_path / "conda" / "bin" / "python")]}))
    line = ["bash", "-c", f"source activate {name} && echo $?"]
    done = subprocess.run(line, capture_output=True, text=True)
    assert done.stdout == ("active: science\n0\n" if active else "")
    assert ("another environment" if active else "Nothing was activated") in done.stderr


def test_uv_add_changes_the_notebook_and_says_that_the_project_has_not(own: dict[str, Any]) -> None:
    assert list(remarks("!uv add six", [own])) == []
    (Path(own["prefix"]).parent / "pyproject.toml").touch()
    for cell in ("!uv add six", "%uv -q add six", "import x\n!uv remove six"):
        assert ["pyproject.toml has not changed" in text for text in remarks(cell, [own])] == [True]
    assert list(remarks("!uv pip install six", [own])) == []
