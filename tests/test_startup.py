"""Code that runs whenever Python starts is asked about once its wheel has shown it, before anything can start."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from msgspec.structs import replace

from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.errors import ConsentNeeded, InstallError
from jupyter_envs.model.environment import site_packages
from jupyter_envs.model.options import Options

from .fakes import HERE
from .local_index import LocalIndex
from .test_environments import elsewhere
from .typed import typed
from .wheels import wheel

SITE = site_packages(Path(), HERE.version).as_posix()
EARLY = {"early.py": "", "early.pth": "import sys; sys.early = True\n"}


def test_what_the_user_typed_himself_asks_nothing(environments: Environments, index: LocalIndex) -> None:
    index.add(wheel("early", files=EARLY))
    assert environments.install(None, typed("early")).environment


def test_a_strangers_package_is_asked_about_after_download_and_not_again(
    environments: Environments, index: LocalIndex, tmp_path: Path
) -> None:
    index.add(wheel("early", files=EARLY))
    block = environments.install(None, typed("early")).block
    other = elsewhere(environments, tmp_path)
    with pytest.raises(ConsentNeeded) as refused:
        other.build(block, options=Options(accept="yes"))
    assert refused.value.code == "needs-review"
    assert refused.value.data == {"packages": {"early": ["early.pth"]}}
    assert other.here.store.list() == []

    allowed = other.build(block, options=Options(accept="yes", allow_startup=frozenset({"early"})))
    other.here.store.remove(allowed.id)
    assert other.build(block).id == allowed.id


def test_what_is_typed_later_is_no_answer_for_what_the_notebook_had(
    environments: Environments, index: LocalIndex, tmp_path: Path
) -> None:
    index.add(wheel("early", files=EARLY))
    index.add(wheel("late", files={"late.py": "", "late.pth": "import sys\n"}))
    block = environments.install(None, typed("early")).block
    other = elsewhere(environments, tmp_path)
    with pytest.raises(ConsentNeeded):
        other.build(block, options=Options(accept="yes"))
    for change in (
        lambda: other.install(block, typed("late")),
        lambda: other.upgrade(block, []),
    ):
        with pytest.raises(ConsentNeeded) as refused:
            change()
        assert refused.value.data == {"packages": {"early": ["early.pth"]}}
    assert other.here.store.list() == []

    both = other.install(block, typed("late"), options=Options(allow_startup=frozenset({"early"})))
    assert both.environment
    assert other.install(both.block, typed("late")).satisfied, "and nobody is asked again"


WAYS = {
    "zz-folder": wheel("zz-folder", files={"z.pth": "zfolder\n", "zfolder/sitecustomize.py": ""}),
    "zz-ipython": wheel(
        "zz-ipython", data={"data/etc/ipython/startup/00.py": "", "data/etc/ipython/ipython_config.py": ""}
    ),
    "zz-kernel": wheel("zz-kernel", files={"comm/__init__.py": "raise SystemExit\n", "zmq/eventloop/more.py": ""}),
    "zz-program": wheel("zz-program", data={"scripts/uname": "#!/bin/sh\n"}),
    "zz-site": wheel(
        "zz-site",
        data={f"data/{SITE}/sitecustomize.py": "", "platlib/x.pth": "import os\n", "purelib/storemagic.py": ""},
    ),
}


def test_each_way_to_run_before_any_cell_is_named(
    environments: Environments, index: LocalIndex, tmp_path: Path
) -> None:
    """All that there are: `store/test_at_start.py`."""
    for dist in WAYS.values():
        index.add(dist)
    block = environments.install(None, typed(*WAYS)).block
    other = elsewhere(environments, tmp_path)
    with pytest.raises(ConsentNeeded, match="run code whenever Python or a kernel starts") as refused:
        other.build(block, options=Options(accept="yes"))
    assert refused.value.code == "needs-review" and other.here.store.list() == []
    assert refused.value.data == {"packages": {
        "zz-folder": ["z.pth"],
        "zz-ipython": ["etc/ipython/ipython_config.py", "etc/ipython/startup/00.py"],
        "zz-kernel": ["comm/__init__.py", "zmq/eventloop/more.py"],
        "zz-program": ["bin/uname"],
        "zz-site": ["sitecustomize.py", "storemagic.py", "x.pth"],
    }}  # fmt: skip
    with pytest.raises(ConsentNeeded) as still:
        other.build(block, options=Options(accept="yes", allow_startup=frozenset(WAYS) - {"zz-kernel"}))
    assert [*still.value.data["packages"]] == ["zz-kernel"]


def test_a_wheel_that_was_unpacked_under_older_rules_is_looked_at_anew(
    environments: Environments, index: LocalIndex, tmp_path: Path
) -> None:
    index.add(WAYS["zz-ipython"])
    change = environments.install(None, typed("zz-ipython"))
    assert change.environment
    environments.here.store.remove(change.environment.id)
    pointer = next(environments.here.store.own.wheels.root / wheel.key / "current.json"
                    for wheel in environments.here.store.own.wheels.all() if wheel.name == "zz-ipython")  # fmt: skip
    pointer.write_text(json.dumps({**json.loads(pointer.read_text()), "startup": []}))
    other = Environments(replace(environments.here.settings, home=tmp_path / "other"))
    with pytest.raises(ConsentNeeded) as refused:
        other.build(change.block, options=Options(accept="yes"))
    assert [*refused.value.data["packages"]] == ["zz-ipython"]


def test_what_is_not_asked_about_does_not_run(environments: Environments, index: LocalIndex, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    code = f"open({str(mark)!r}, 'a').close()\n"
    places = (Path(SITE).parent, "lib", "share/ipython", "etc/jupyter", "etc/ipython_config", "bin")
    names = ("sitecustomize.py", "usercustomize.py", "ipython_config.py", "os.py", "x.pth")
    data = {f"data/{place}/{name}": code for place in places for name in names}
    index.add(
        wheel(
            "beside",
            files={"beside/sitecustomize.py": code, "random.py": code, "late.pth": "# import nothing\n\n"},
            data=data,
        )
    )
    block = environments.install(None, typed("beside")).block
    built = elsewhere(environments, tmp_path).build(block, options=Options(accept="yes"))
    kernel = "from ipykernel.kernelapp import IPKernelApp as K; K.instance().initialize(['-f', 'k.json'])"
    for words in (["-c", "import random"], ["-c", kernel]):
        subprocess.run([built.python, *words], check=True, cwd=tmp_path, capture_output=True)
    assert not mark.exists()


def test_a_machine_that_never_asks_does_not_ask_about_this_either(
    environments: Environments, index: LocalIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add(wheel("early-never", files=EARLY))
    block = environments.install(None, typed("early-never")).block
    (tmp_path / "policy.json").write_text('{"ask": "never"}')
    monkeypatch.setenv("JUPYTER_ENVS_POLICY", str(tmp_path / "policy.json"))
    assert elsewhere(environments, tmp_path).build(block)


@pytest.mark.parametrize("path", [
    "data/lib64/python/x.pth", "data/.w/0/p/x", "data/pyvenv.cfg", "data/.W/0/x", "data/bin/python._pth", "scripts/python3._pth",
    "data/Bin/pyvenv.cfg", f"data/{SITE.upper()}/x.pth", f"data/{SITE.replace('python', 'Python')}/sitecustomize.py",
    f"data/{SITE.replace('site', 'Site')}/x/y.py",
])  # fmt: skip
def test_a_wheel_reaches_nothing_of_the_environments_own(
    path: str, environments: Environments, index: LocalIndex
) -> None:
    refused = refusal_of("reaching-" + "".join(filter(str.isalnum, path)).lower(), path, environments, index)
    assert refused.code == "wheel-escape"


@pytest.mark.parametrize("folder", ["scripts", "data/BIN", "data/Bin", "data/scripts", "data/SCRIPTS"])
@pytest.mark.parametrize("command", ["pip", "Python"])
def test_a_wheel_replaces_no_tool_of_the_environment(
    folder: str, command: str, environments: Environments, index: LocalIndex
) -> None:
    """On no disk, whether capital letters count there or not."""
    name = f"replacing-{command}-{folder.replace('data/', 'data-in-')}".lower()
    refused = refusal_of(f"{name}-{sum(map(str.isupper, folder))}", f"{folder}/{command}", environments, index)
    assert refused.code == "wheel-shadow"


def test_data_in_a_folder_that_is_called_like_that_of_commands_is_data(
    environments: Environments, index: LocalIndex
) -> None:
    index.add(wheel("scripted", data={"data/scripts/more.txt": "words", "data/share/BIN/pip": ""}))
    environment = environments.install(None, typed("scripted")).environment
    assert environment and (environment.prefix / "scripts" / "more.txt").read_text() == "words"


def refusal_of(name: str, path: str, environments: Environments, index: LocalIndex) -> InstallError:
    """Of a package of that name with this file."""
    index.add(wheel(name, data={path: "import os\n"}))
    with pytest.raises(InstallError) as refused:
        environments.install(None, typed(name))
    assert environments.here.store.list() == []
    return refused.value


def test_data_that_a_package_writes_beside_its_code_does_no_harm(environments: Environments, index: LocalIndex) -> None:
    index.add(wheel("writing", files={"writing/__init__.py": ""}))
    change = environments.install(None, typed("writing"))
    assert change.environment
    folder = (change.environment.site[0] / "writing").resolve()
    folder.chmod(0o755)
    (folder / "cache.db").write_text("mine")
    assert environments.here.store.health(change.environment.id) is None
    environments.here.store.remove(change.environment.id)
    again = environments.build(change.block)
    assert (again.site[0] / "writing" / "cache.db").read_text() == "mine"
    assert environments.here.store.health(again.id) is None
