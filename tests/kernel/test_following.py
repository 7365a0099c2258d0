"""What a child of the kernel installs is seen at once, wherever the notebook's code runs; and so is what the kernel
installs, by processes that it has started before.

A kernel starts once for many cells, each of which installs a package of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jupyter_envs.environments.use_cases import Environments
from tests.local_index import LocalIndex
from tests.wheels import Dist, wheel

from ..typed import typed
from .conftest import Start
from .real import ProvisionedKernel, write_notebook

EXTEND = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"


def fresh(name: str, version: str = "1.0") -> Dist:
    """It has a command `run-NAME` and an entry point."""
    code = f"version = {version!r}\ndef main(): print('ran {name} {version}')\n"
    groups = {"console_scripts": [f"run-{name} = {name}:main"], "following": [f"{name} = {name}"]}
    return wheel(name, version, files={f"{name}.py": code}, entry_points=groups)


SAME_CELL = {
    "a redirection": "!pip install {name} > /dev/null\nimport {name}",
    "a pipe": "!pip install {name} | tail -1\nimport {name}",
    "a second command": "!true && pip install -q {name}\nimport {name}",
    "get_ipython": "get_ipython().system('pip install -q {name}; true')\nimport {name}",
    "getoutput": "out = !pip install {name}\nimport {name}",
    "os.system": "import os\nos.system('pip install -q {name}')\nimport {name}",
    "subprocess": "import subprocess, sys\nsubprocess.check_call([sys.executable, '-m', 'pip', 'install', '-q', '{name}'])\nimport {name}",
    "a failed import before": "import subprocess\ntry:\n    import {name}\nexcept ImportError:\n    subprocess.check_call(['pip', 'install', '-q', '{name}'])\nimport {name}",
    "find_spec": "!pip install -q {name} | cat\nimport importlib.util\nassert importlib.util.find_spec('{name}')",
    "its version": "!pip install -q {name} | cat\nimport importlib.metadata as m\nassert m.version('{name}') == '1.0'",
    "its entry points": "!pip install -q {name} | cat\nimport importlib.metadata as m\nassert any('run-{name}' == e.name for d in m.distributions() for e in d.entry_points)",
    "a program after it": "!pip install -q {name} && run-{name}\n!run-{name}",
    "Python after it": "!pip install -q {name} && python -c 'import {name}' && echo ran {name}",
    "that Python in the kernel's own": "import subprocess, sys\n!pip install -q {name} | cat\nprint(subprocess.check_output([sys.executable, '-c', 'import {name}; {name}.main()']).decode())",
    "-m after it": "!pip install -q {name} && python -m {name} && echo ran {name}",
    "bash": "%%bash\nset -e\npip install -q {name}\npython -c 'import {name}'\nrun-{name}",
    "two in bash": "%%bash\nset -e\npip install -q {name}\npip install -q also_{name}\npython -c 'import {name}, also_{name}'\nrun-{name}\nrun-also_{name}",
}  # fmt: skip
RAN = {"a program after it": 2, "Python after it": 1, "that Python in the kernel's own": 1, "-m after it": 1, "bash": 1,
       "two in bash": 1}  # fmt: skip


def test_what_a_child_installs_can_be_used_in_the_same_cell(
    start: Start, base: Environments, index: LocalIndex, tmp_path: Path
) -> None:
    names = {f"fresh{number}": how for number, how in enumerate(SAME_CELL)}
    index.add(*map(fresh, names))
    index.add(fresh(f"also_{next(name for name, how in names.items() if how == 'two in bash')}"))
    kernel = start(write_notebook(tmp_path / "nb" / "a.ipynb"))
    wrong = {}
    for name, how in names.items():
        done = kernel.run(SAME_CELL[how].format(name=name))
        ran = done.stdout.count(f"ran {name}")
        if done.reply["status"] != "ok" or ran != RAN.get(how, 0):
            wrong[how] = done
    assert not wrong
    assert len(kernel.context["block"]["dependencies"]) == len(names) + 1
    folder = Path(os.environ["JUPYTER_ENVS_HOME"], "kernels", f"{kernel.context['kernel']}.bin")
    assert not [*folder.glob("run-*")], "those of the environment are on PATH by now"


def test_so_does_an_upgrade_of_what_is_not_loaded(
    start: Start, base: Environments, index: LocalIndex, tmp_path: Path
) -> None:
    """Nothing is missing then."""
    index.add(fresh("grows"), fresh("grows", "2.0"), fresh("loaded"), fresh("loaded", "2.0"), fresh("later"))
    block = base.install(None, typed("grows==1.0", "loaded==1.0")).block
    kernel = start(write_notebook(tmp_path / "nb" / "a.ipynb", block))
    child = "import subprocess, sys\nprint(subprocess.check_output([sys.executable, '-c', 'import {0}; {0}.main()']).decode())"
    upgraded = kernel.run(
        "!pip install -q grows==2.0 | cat\nimport grows; print(grows.version)\n" + child.format("grows")
    )
    assert upgraded.stdout.split()[-4:] == ["2.0", "ran", "grows", "2.0"], upgraded
    kept = kernel.run("import loaded\n!pip install -q loaded==2.0 later && run-loaded\nprint(loaded.version)")
    assert "loaded==1.0 no longer applies: loaded==2.0 was typed later." in kept.stdout, "a note, with -q, too"
    assert kept.stdout.partition("later.")[2].split()[:4] == ["ran", "loaded", "2.0", "1.0"], kept
    assert "restart to use loaded 2.0" in kept.stdout, "-q, too"
    assert "later is installed, but not in what this kernel uses: restart to use" in kernel.run("import later").stderr
    again = kernel.run(child.format("loaded"))
    assert again.stdout.strip() == "ran loaded 1.0", "what the kernel starts has what the kernel has"


HELPER = "import importlib\ndef load(name):\n    return importlib.import_module(name).__name__\ndef version(name):\n    return importlib.import_module(name).version\n"
POOLS = """
import multiprocessing, sys, helper
from concurrent.futures import ProcessPoolExecutor
spawn, fork = (ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(how)) for how in ('spawn', 'fork'))
plain = multiprocessing.get_context('spawn').Pool(1)
for pool in (spawn, fork):
    pool.submit(helper.load, 'json').result()
plain.apply(helper.load, ['json'])
"""
ASK = "print([spawn.submit(helper.{0}, '{1}').result(), fork.submit(helper.{0}, '{1}').result(), plain.apply(helper.{0}, ['{1}'])])"


def test_workers_that_were_there_before_see_it(
    start: Start, base: Environments, index: LocalIndex, tmp_path: Path
) -> None:
    index.add(*map(fresh, ("one", "two", "three", "four")), *(fresh("grows", number) for number in ("1.0", "2.0")))
    notebook = write_notebook(tmp_path / "nb" / "a.ipynb")
    (notebook.parent / "helper.py").write_text(HELPER)
    kernel = start(notebook)
    kernel.run(POOLS)
    for install in ("%pip install -q one", "!pip install -q two | cat", "%pip install -q three grows==1.0"):
        name = next(word for word in install.split() if word in ("one", "two", "three"))
        seen = kernel.run(f"{install}\n{ASK.format('load', name)}")
        assert str([name] * 3) in seen.stdout.splitlines(), seen
    assert kernel.run(ASK.format("version", "grows")).stdout.strip() == "['1.0', '1.0', '1.0']"
    told = kernel.run(f"%pip install -q four grows==2.0\n{ASK.format('load', 'four')}")
    assert told.ename == "ModuleNotFoundError" and "still has grows in the version from before" in told.traceback, told
    assert kernel.run("import grows; print(grows.version)").stdout == "2.0\n"
    anew = kernel.run(f"{POOLS}\n{ASK.format('version', 'grows')}")
    assert anew.stdout.strip() == "['2.0', '2.0', '2.0']", anew


def test_imported_packages_find_what_others_put_into_them(
    start: Start, base: Environments, index: LocalIndex, tmp_path: Path
) -> None:
    index.add(
        wheel("host", files={"host/__init__.py": "", "host/plugins/__init__.py": "", "host/plugins/first.py": ""}),
        wheel("host-more", files={"host/plugins/more.py": "", "host/late.py": ""}),
        wheel("space-one", files={"space/__init__.py": EXTEND, "space/one.py": ""}),
        wheel("space-two", files={"space/__init__.py": EXTEND, "space/two.py": ""}),
        wheel("open-one", files={"opened/one.py": ""}),
        wheel("open-two", files={"opened/two.py": ""}),
    )
    kernel = start(write_notebook(tmp_path / "nb" / "a.ipynb"))
    kernel.run("%pip install -q host space-one open-one")
    kernel.run("import host.plugins.first, space.one, opened.one, pkgutil")
    done = kernel.run(
        "%pip install -q host-more space-two open-two\n"
        "print(sorted(found.name for found in pkgutil.iter_modules(host.plugins.__path__)))\n"
        "import host.late, host.plugins.more, space.two, opened.two"
    )
    assert done.reply["status"] == "ok" and "['first', 'more']" in done.stdout, done
    assert "restart" not in done.stdout


def test_a_restart_starts_from_what_the_notebook_has(
    start: Start, base: Environments, index: LocalIndex, tmp_path: Path
) -> None:
    index.add(*map(fresh, ("one", "two")))
    kernel = start(write_notebook(tmp_path / "nb" / "a.ipynb"))
    kernel.run("%pip install -q one")
    kernel.restart()
    assert kernel.run("!python -c 'import one' && echo fine").stdout.strip() == "fine"
    assert kernel.run("!pip install -q two && run-two").stdout.startswith("ran two 1.0")


def test_pythonpath_is_for_the_users_code(start: Start, base: Environments, index: LocalIndex, tmp_path: Path) -> None:
    index.add(fresh("hidden"))
    block = base.install(None, typed("hidden")).block
    lib, ran = tmp_path / "lib", tmp_path / "ran"
    (lib / "hidden-0.1.dist-info").mkdir(parents=True)
    for name in ("random", "json", "traitlets", "IPython", "zmq", "mine"):
        (lib / f"{name}.py").write_text(f"open({str(ran)!r}, 'a').write({name!r})\n")
    (lib / "hidden.py").write_text("version = '0.1'\n")
    kernel = start(write_notebook(tmp_path / "nb" / "a.ipynb", block), PYTHONPATH=str(lib))
    assert not ran.exists()
    first = kernel.run("import mine, hidden, os; print(hidden.version, os.environ['PYTHONPATH'])")
    assert first.stdout == f"0.1 {lib}\n" and ran.read_text() == "mine", first
    assert f"this kernel imports hidden 0.1 in {lib}, not 1.0" in first.stderr
    assert kernel.run("!python -c 'import hidden; print(hidden.version)'").stdout.strip() == "0.1"
    ran.unlink()
    assert kernel.run("%pip install -q demo-dep").reply["status"] == "ok" and not ran.exists()


@pytest.mark.parametrize(
    "code", ["import pip", "from pip._internal import main", "import pip\npip.main(['install', 'demo'])"]
)
def test_importing_pip_says_what_to_do(kernel_without_pip: ProvisionedKernel, code: str) -> None:
    said = kernel_without_pip.run(code)
    assert said.ename == "ModuleNotFoundError" and "%pip install PACKAGE" in said.stderr, said
    child = kernel_without_pip.run(
        f"import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', {code!r}], stderr=-1).stderr.decode())"
    )
    assert "Use %pip in a cell" in child.stdout, child


@pytest.fixture
def kernel_without_pip(start: Start, base: Environments, tmp_path: Path) -> ProvisionedKernel:
    return start(write_notebook(tmp_path / "nb" / "a.ipynb"))
