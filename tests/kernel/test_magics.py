"""What a person meets who types `%env-install` or an old habit into a cell of a running kernel."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from jupyter_envs.kernel.context import update
from jupyter_envs.kernel.pending import leave_pending, pending_file
from jupyter_envs.kernel.writing import one_at_a_time

from .client import Comm, Kernel
from .conftest import DASH_M, FakeNotebook


def test_an_install_can_be_used_in_the_next_cell(kernel: Kernel, notebook: FakeNotebook) -> None:
    done = kernel.run("%env-install tiny")
    assert done.reply["status"] == "ok"
    assert list(done.displays.values()) == ["+ tiny 1.0  0.3 s"]
    assert "Plan:" not in done.stdout
    assert kernel.run("import tiny, tiny.lazy; print(tiny.version)").stdout == "1.0\n"
    assert notebook.kept()["block"]["dependencies"] == ["tiny"]


@pytest.mark.parametrize(
    "cell",
    [
        "!pip install tiny",
        "%pip install -q tiny",
        "!uv pip install tiny",
        "%uv add tiny",
        "!python -m pip install tiny",
        "import sys\n!{sys.executable} -m pip install tiny",
        "env-install tiny",
        "pip install tiny",
        "uv pip install tiny",
        "name = 'tiny'\n!pip install {name}",
        "name = 'tiny'\n%pip install {name}",
        "name = 'tiny'\n%pip install $name",
        "%%bash\npip install tiny",
        "%%bash\nuv pip install tiny",
        "!pip install tiny | cat",
        "import subprocess\nsubprocess.run(['pip', 'install', 'tiny'], check=True)",
    ],
)
def test_old_habits_do_the_right_thing(kernel: Kernel, cell: str) -> None:
    done = kernel.run(cell)
    assert done.reply["status"] == "ok", done
    assert kernel.run("import tiny; print(tiny.version)").stdout == "1.0\n"


def test_conda_installs_what_the_package_index_calls_the_same(kernel: Kernel, notebook: FakeNotebook) -> None:
    kernel.run("!conda install -y -c conda-forge toolz")
    assert kernel.run("import toolz; print(toolz.version)").stdout == "1.0\n"
    refused = kernel.run("!conda install -y -c bioconda tiny")
    assert "tiny was asked for from conda" in refused.stderr and "hint: If you mean" in refused.stderr
    assert notebook.kept()["block"]["dependencies"] == ["toolz"]


def test_python_m_pip_in_a_child(kernel: Kernel) -> None:
    """A `.pth` file of the environment finds the stub; here, where Python is not the environment's, a line does."""
    child = (
        f"import runpy, sys; sys.path.append({str(DASH_M)!r}); sys.argv = ['-m', 'install', 'tiny']; "
        "runpy.run_module('pip', run_name='__main__', alter_sys=False)"
    )
    done = kernel.run(
        f"import subprocess, sys; print(subprocess.check_output([sys.executable, '-S', '-c', {child!r}]))"
    )
    assert "+ tiny 1.0" in done.stdout, done
    assert kernel.run("import tiny; print(tiny.version)").stdout == "1.0\n"


def test_two_children_in_one_cell(kernel: Kernel, notebook: FakeNotebook) -> None:
    kernel.run("%%bash\npip install tiny\npip install moves")
    assert notebook.kept()["block"]["dependencies"] == ["tiny", "moves"]
    assert kernel.run("import tiny, moves; print(tiny.version)").stdout == "2.0\n"


@pytest.mark.parametrize(
    ("cell", "sentence", "hint"),
    [
        ("%env-install nosuch", 'There is no package called "nosuch" in the index pypi.', "Is it spelled so?"),
        (
            "%env-install --target x tiny",
            "The option --target is not available here: it names another place.",
            "Leave it out",
        ),
        ("%pip install --report x tiny", "The option --report is not available here: a change writes no report.", "In"),
        (
            "%pip download tiny",
            "`pip download` does not work in a notebook's environment: packages are installed, not collected in folders.",
            "In a terminal",
        ),
        ("%env-install 'tiny", "This line cannot be read: no closing quotation.", ""),
        (
            "x = 'tiny'\n%env-install {x}",
            "`{x}` cannot be read: variables are not expanded here.",
            "Write the value instead.",
        ),
        ("x = 'tiny'\n%env-remove $x", "`$x` cannot be read: variables are not expanded here.", "Write the value"),
        ("%pip install {nowhere}", "`{nowhere}` cannot be read: variables are not expanded here.", "Write the value"),
        (
            "x = '--root=/ tiny'\n%pip install {x}",
            "The option --root is not available here: it names another place.",
            "Leave it out",
        ),
        ("%env-install", "No package was named.", "For example: %env-install pandas"),
        ("%env-install dies", "jupyter-envs exited without reporting a result.", "Run it again."),
        (
            "%env-install docopt",
            "docopt has no wheel that fits: building docopt runs its code.",
            "%env-install --allow-build docopt docopt",
        ),
    ],
)
def test_a_failure_is_one_sentence_and_a_hint(
    kernel: Kernel, notebook: FakeNotebook, cell: str, sentence: str, hint: str
) -> None:
    done = kernel.run(cell)
    lines = done.stderr.splitlines()
    assert lines[0] == sentence
    assert (lines[1:] == []) if not hint else lines[1].startswith(f"hint: {hint}")
    assert "Traceback" not in done.text and "\x1b" not in done.text
    assert notebook.kept()["block"] is None
    assert kernel.run("print('alive')").stdout == "alive\n"


def test_a_package_without_a_wheel_is_asked_about(kernel: Kernel) -> None:
    done = kernel.run("%env-install docopt", answer="y")
    assert done.prompts == ["docopt has no wheel that fits: building docopt runs its code. Build it? [y/N] "]
    assert kernel.run("import docopt; print(docopt.version)").stdout == "1.0\n"


def test_a_no_leaves_everything_as_it_was(kernel: Kernel, notebook: FakeNotebook) -> None:
    kernel.run("%env-install docopt", answer="n")
    assert notebook.kept()["block"] is None


def test_an_interrupt_stops_the_child_and_not_the_kernel(kernel: Kernel, notebook: FakeNotebook) -> None:
    request = kernel.send("%env-install slow")
    until = time.monotonic() + 20
    while not (notebook.fake / "calls").exists():
        assert time.monotonic() < until
        time.sleep(0.05)
    time.sleep(0.3)
    kernel.manager.interrupt_kernel()
    done = kernel.collect(request, timeout=15)
    assert list(done.displays.values()) == ["Stopped. The environment has not changed."]
    assert (notebook.fake / "stopped").exists()
    assert notebook.kept()["block"] is None
    assert kernel.run("%env-install tiny").reply["status"] == "ok"


def test_what_is_loaded_and_would_change_needs_a_restart(kernel: Kernel, notebook: FakeNotebook) -> None:
    kernel.run("%env-install tiny")
    kernel.run("import tiny")
    done = kernel.run("%env-install moves")
    sentence = "restart to use moves 1.0 (tiny 1.0 is loaded and changes to 2.0)"
    assert sentence in done.stdout
    seen = kernel.run("import tiny.lazy; print(tiny.version, tiny.lazy.version)")
    assert seen.stdout == "1.0 1.0\n"
    assert kernel.run("import moves").ename == "ModuleNotFoundError"
    assert sentence in kernel.run("%env-status").stdout
    kept = notebook.kept()
    assert kept["block"]["dependencies"] == ["tiny", "moves"]
    assert (kept["seen"]["packages"], kept["restart"]) == ({"tiny": "1.0"}, sentence), "for a server that is asked"


def test_a_pending_restart_names_what_a_later_install_waits_for(kernel: Kernel, notebook: FakeNotebook) -> None:
    kernel.run("%env-install tiny")
    kernel.run("import tiny")
    kernel.run("%env-install moves")
    sentence = "restart to use docopt 1.0, moves 1.0 (tiny 1.0 is loaded and changes to 2.0)"
    assert sentence in kernel.run("%env-install --allow-build docopt docopt").stdout
    listed = kernel.run("%env-status").stdout
    assert "  tiny  1.0 (2.0 after a restart)\n  moves  1.0 after a restart\n  docopt  1.0 after a restart\n" in listed
    kernel.run("%env-remove moves tiny")
    assert notebook.kept()["restart"] == "restart to use docopt 1.0 (tiny 1.0 is loaded and is removed)"


def test_satisfied_already_says_so(kernel: Kernel) -> None:
    kernel.run("%env-install tiny")
    assert list(kernel.run("%env-install tiny").displays.values()) == ["tiny 1.0: already installed."]


def test_remove(kernel: Kernel) -> None:
    kernel.run("%env-install tiny")
    assert list(kernel.run("!pip uninstall -y tiny").displays.values()) == ["- tiny  0.3 s"]
    assert kernel.run("import tiny").ename == "ModuleNotFoundError"


def test_looking_needs_no_process(kernel: Kernel, notebook: FakeNotebook) -> None:
    kernel.run("%env-install tiny")
    assert kernel.run("%pip freeze").stdout == "tiny==1.0\n"
    assert "Name: tiny\nVersion: 1.0\nSummary: For tests\n" in kernel.run("!pip show tiny").stdout
    assert kernel.run("%pip list").stdout == "Package Version\n------- -------\ntiny    1.0\n"
    assert kernel.run("!pip list --format=json").stdout == '[{"name": "tiny", "version": "1.0"}]\n'
    assert kernel.run("lines = !pip list --format=freeze\nprint(lines)").stdout == "['tiny==1.0']\n"
    assert "not found: nosuch" in kernel.run("%pip show nosuch").stderr
    assert "No broken requirements found." in kernel.run("%pip check").stdout
    assert "  tiny  1.0\n" in kernel.run("%env-status").stdout
    assert "tiny==1.0 \\\n    --hash=sha256:000" in kernel.run("%env-export").stdout
    assert len(notebook.calls) == 1


def test_another_format_is_written_by_the_command_line(kernel: Kernel, notebook: FakeNotebook) -> None:
    kernel.run("%env-install tiny")
    said = kernel.run("%env-export --format requirements.in")
    assert said.stdout == "tiny\n" and "no lock" in said.stderr
    verb, words, *_ = notebook.calls[-1]
    assert verb == "export" and words[-2:] == ["--format", "requirements.in"]
    assert words[words.index("--base-dir") + 1] == str(notebook.folder)
    assert "no format called nosuch" in kernel.run("%env-export --format nosuch").stderr


def test_the_command_line_sees_nothing_of_the_notebooks_python(kernel: Kernel, notebook: FakeNotebook) -> None:
    kernel.run("%env-install tiny")
    _, words, unwanted, path, _ = notebook.calls[0]
    assert words == ["--block", "-", "--journal", "-", "--notebook", str(notebook.path), "tiny"]
    assert unwanted == []
    assert ".bin" not in path


def test_a_newer_pip_is_nobodys_wish(kernel: Kernel, notebook: FakeNotebook) -> None:
    for cell in ("%pip install --upgrade pip", "!pip install -U pip", "%%bash\npip install --upgrade pip"):
        assert kernel.run(cell).text.strip() == "jupyter-envs takes the place of pip here; there is nothing to do."
    assert not (notebook.fake / "calls").exists()


def test_paths_are_those_of_the_kernels_folder(kernel: Kernel, notebook: FakeNotebook) -> None:
    kernel.run("import os; os.makedirs('sub'); os.chdir('sub')")
    kernel.run("%pip install -r r.txt -e . tiny")
    kernel.run("%%bash\ncd ..\npip install -r r.txt")
    sub = notebook.folder / "sub"
    assert notebook.calls[0][1][-3:] == [f"--requirement={sub}/r.txt", f"--editable={sub}/.", "tiny"]
    assert notebook.calls[1][1][-1] == f"--requirement={notebook.folder}/r.txt"


def test_help_and_completion(kernel: Kernel) -> None:
    page = kernel.run("%env-install?").reply["payload"][0]["data"]["text/plain"]
    assert "Install packages for this notebook" in page
    assert "%env-install" in kernel.complete("%env-in")
    kernel.run("%env-install tiny")
    assert "tiny" in kernel.complete("%env-remove ")
    assert "tiny" in kernel.complete("%env-upgrade t")


def test_a_front_end_hears_of_each_change(kernel: Kernel, notebook: FakeNotebook) -> None:
    front_end = Comm(kernel)
    assert front_end.next("state")["block"] is None
    kernel.send("%env-install tiny")
    assert front_end.next("progress")["event"] == "phase"
    told = front_end.next("block")
    assert (told["before"], told["block"]["dependencies"]) == (None, ["tiny"])
    assert told["changed"] == {"tiny": [None, "1.0"]} and told["restart"] is None
    assert not (notebook.home / "pending").exists()


def test_without_a_front_end_the_block_waits_and_one_line_says_how_to_record_it(
    kernel: Kernel, notebook: FakeNotebook
) -> None:
    notebook.path.touch()
    done = kernel.run("%env-install tiny")
    assert f"jupyter envs lock {notebook.path} --pending" in done.stdout
    kernel.run("%env-install moves")
    (file,) = (notebook.home / "pending").iterdir()
    waiting = json.loads(file.read_text())
    assert waiting["before"] is None and waiting["block"]["dependencies"] == ["tiny", "moves"]
    told = Comm(kernel).next("block")
    assert (told["before"], told["block"]) == (None, waiting["block"])
    kernel.run("pass")  # the kernel answers this only when it is done with what it told
    assert not file.exists()


def test_what_it_replaces_is_said_and_so_is_a_notebook_that_is_elsewhere_by_now(
    kernel: Kernel, notebook: FakeNotebook
) -> None:
    """Another kernel of this notebook, which has ended, left a change; and the notebook was renamed since."""
    earlier = {"version": 1, "dependencies": ["six", "idna>=3"]}
    leave_pending(str(notebook.home), str(notebook.path), None, earlier)
    done = kernel.run("%env-install -q tiny")
    assert "replaces a change that was waiting to be recorded: it had added six, idna>=3." in done.stdout
    assert "(in a.ipynb, whatever its name is now): jupyter envs lock NOTEBOOK --pending" in done.stdout
    assert "replaces" not in kernel.run("%env-install moves").stdout


def test_that_it_replaces_an_upgrade_is_said_too(kernel: Kernel, notebook: FakeNotebook) -> None:
    earlier = {"version": 1, "dependencies": [], "lock": {"packages": [{"name": "six", "version": "1.17.0"}]}}
    leave_pending(str(notebook.home), str(notebook.path), None, earlier)
    done = kernel.run("%env-install -q tiny")
    assert "This replaces a change that was waiting to be recorded.\n" in done.stdout


def test_a_kernel_that_knows_no_notebook_says_that_nothing_records_it(notebook: FakeNotebook) -> None:
    kernel = notebook.start(notebook=None)
    assert "Nothing records this" in kernel.run("%env-install tiny").stdout
    assert "Nothing records this" not in kernel.run("%env-install moves").stdout
    assert kernel.run("import tiny").reply["status"] == "ok"


def test_a_block_that_cannot_wait_now_is_no_secret_and_waits_later(kernel: Kernel, notebook: FakeNotebook) -> None:
    """Another process has the file of the waiting change, and stands still."""
    path = Path(pending_file(str(notebook.home), str(notebook.path)))
    path.parent.mkdir(mode=0o700)
    with one_at_a_time(path):
        for package in ("tiny", "moves"):
            told = kernel.run(f"%env-install {package}")
            assert "for too long" in told.stderr and "hint: Run: %env-build" in told.stderr
            assert "--pending" not in told.stdout and told.reply["status"] == "ok"
    assert not path.exists() and kernel.run("import tiny").reply["status"] == "ok"
    assert "--pending" in kernel.run("%env-install moves").stdout, "as %env-build, which changes nothing"
    waiting = json.loads(path.read_text())
    assert waiting["before"] is None and waiting["block"]["dependencies"] == ["tiny", "moves"]


def test_a_change_made_in_the_panel_arrives(kernel: Kernel, notebook: FakeNotebook) -> None:
    kernel.run("%env-install tiny")
    built = notebook.kept()
    other = FakeNotebook(notebook.home / "other", *notebook.interpreter)
    second = other.start()
    front_end = Comm(second)
    front_end.next("state")
    update(str(other.context), block=built["block"])  # the server has said it before the page tells
    front_end.send({"type": "environment", "block": built["block"], "environment": built["environment"], "changed": {}})
    assert front_end.next("state")["block"] == built["block"]
    assert other.kept()["base"] is False
    assert second.run("import tiny; print(tiny.version)").stdout == "1.0\n"
    other.stop()


def test_a_kernel_that_was_busy_takes_no_later_block_back(kernel: Kernel, notebook: FakeNotebook) -> None:
    kernel.run("%env-install tiny")
    front_end, first = Comm(kernel), notebook.kept()
    front_end.next("state")
    update(str(notebook.context), block=None)  # reverted since the page told of the environment
    front_end.send({"type": "environment", "block": first["block"], "environment": first["environment"], "changed": {}})
    assert front_end.next("state")["block"] is None
    assert notebook.kept()["block"] is None


def test_without_a_context_the_magics_say_so(notebook: FakeNotebook) -> None:
    kernel = notebook.start(cli=[])
    assert "started without jupyter-envs" in kernel.run("%env-install tiny").stderr
