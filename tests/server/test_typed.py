"""What the panel understands of what somebody types, before anything starts."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest

from jupyter_envs.errors import EnvsError
from jupyter_envs.server.typed import Typed, understand

LONG = "a" * 300
WORDS = {
    "pandas>=2 numpy": ["pandas>=2", "numpy"],
    "  pandas ": ["pandas"],
    "pandas >= 2, <3 numpy": ["pandas>=2,<3", "numpy"],
    "pandas>=2,<3": ["pandas>=2,<3"],
    "pandas, numpy,six": ["pandas", "numpy", "six"],
    "\"pandas >=2\" 'six'": ["pandas >=2", "six"],
    "pip install six": ["six"],
    "!pip3 install six rich": ["six", "rich"],
    "%env-install six": ["six"],
    "%uv pip install six": ["six"],
    "python3 -m pip install six": ["six"],
    "pip install six  # for the tests": ["six"],
    "httpx[http2,brotli] rich": ["httpx[http2,brotli]", "rich"],
    "'httpx'[http2]": ["httpx[http2]"],
    "six @ https://example.org/six.whl": ["six @ https://example.org/six.whl"],
    "git+https://example.org/x.git#egg=six": ["git+https://example.org/x.git#egg=six"],
    "tomli; python_version < '3.11'": ["tomli; python_version < '3.11'"],
    "six 'tomli; python_version < \"3.11\"'": ["six", 'tomli; python_version < "3.11"'],
    "uv pip install --system --no-progress six": ["six"],
    "uv -q add six": ["six"],
    "pip": ["pip"],
    "conda # the package": ["conda"],
    "pip, six": ["pip", "six"],
    "pip >= 24 six": ["pip>=24", "six"],
    "pip --default-timeout 1000 install six": ["six"],
    "uv pip --no-progress install six": ["six"],
    "six # comment; with semicolon": ["six"],
    "tomli; python_version < '3.11' # for 3.10; say": ["tomli; python_version < '3.11'"],
    "-q six --no-cache-dir": ["six"],
    "numpy==1.26.4\npandas==2.2.0\n# foo\nsix": ["numpy==1.26.4", "pandas==2.2.0", "six"],
    "six  # for x\ntomli; python_version<'3.11'\nrich": ["six", "tomli; python_version<'3.11'", "rich"],
    "pip install six # see #12 - it fails": ["six"],
    "sudo -H pip install six": ["six"],
    "!{sys.executable} -m pip install six": ["six"],
    "py -s -m pip install six": ["six"],
    "py six": ["py", "six"],
    "ipython micropython six": ["ipython", "micropython", "six"],
    "/usr/bin/python3 -m pip install six": ["six"],
}
OPTIONS = {
    "-qU six": ["-U"],
    "six --upgrade --pre": ["-U", "--pre"],
    "pip --default-timeout 1000 install --only-binary :all: six": ["--prefer-binary"],
    "--override 'numpy<2'": ["--override=numpy<2"],
    "-r requirements.txt": ["--requirement=requirements.txt"],
    "-r within.txt": ["--requirement=within.txt"],
    "-r file:requirements.txt": ["--requirement=file:requirements.txt"],
    "uv pip install --overrides o.txt": ["--overrides=o.txt"],
    "-e git+https://example.org/x.git#egg=six": ["--editable=git+https://example.org/x.git#egg=six"],
    "-e project": ["--editable=project"],
    "-e file:project": ["--editable=file:project"],
    "pip --proxy http://x install six": ["--proxy=http://x"],
    "-f /srv/wheels six": ["--find-links=/srv/wheels"],
    "-rrequirements.txt -c sub/limits.txt six": ["--requirement=requirements.txt", "--constraint=sub/limits.txt"],
}
REFUSED = {
    "": "req-empty",
    "pip install": "req-empty",
    "# six": "req-empty",
    "-q": "req-empty",
    "--target lib six": "another-environment",
    "uv pip install -p 3.9 six": "another-environment",
    "--no-such-option six": "unknown-option",
    "--journal - six": "unknown-option",
    "--block - six": "unknown-option",
    "--accept yes six": "unknown-option",
    "--notebook /etc/passwd six": "unknown-option",
    "-- --journal": "usage",
    "--python /usr/bin/python3 six": "another-environment",
    "conda install numpy": "usage",
    "!mamba install numpy": "usage",
    "micromamba install numpy": "usage",
    "pip uninstall six": "usage",
    "python -m pip uninstall six": "usage",
    "uv pip uninstall six": "usage",
    "uv remove six": "usage",
    "install numpy": "usage",
    "uninstall numpy": "usage",
    "pip list": "usage",
    "pip -q wheel install six": "usage",
    "--dry-run six": "pip-option",
    "--help": "pip-option",
    "-r": "usage",
    "six --pre=no": "usage",
    "six --no-deps=x": "usage",
    "six --no-input=x": "usage",
    "-r /etc/passwd": "req-option-or-path",
    "-r file:///etc/passwd": "req-option-or-path",
    "-r file:../other.txt": "req-option-or-path",
    "-r file:link.txt": "req-option-or-path",
    "-r file://[": "req-syntax",
    "-r https://example.org/requirements.txt": "requirements-file",
    "-c file:///etc/passwd six": "req-option-or-path",
    "-e file:///usr": "req-option-or-path",
    "-e file:..": "req-option-or-path",
    "-e 'six @ file:///usr'": "req-option-or-path",
    "-e outside": "req-option-or-path",
    "--override 'six @ file:///usr'": "req-option-or-path",
    "uv pip install --overrides /etc/passwd six": "req-option-or-path",
    "uv pip install --overrides file:///etc/passwd": "req-option-or-path",
    "uv add --override link.txt six": "req-option-or-path",
    "-r ../other.txt": "req-option-or-path",
    "-r link.txt": "req-option-or-path",
    "--cert /etc/passwd six": "req-option-or-path",
    "-e ~nobody": "req-option-or-path",
    "./\0": "req-option-or-path",
    "file://[": "req-syntax",
    "-e /": "req-option-or-path",
    "/usr": "req-option-or-path",
    "six @ file:///usr": "req-option-or-path",
    "six = 1.0": "req-syntax",
    "six && rich": "req-syntax",
    "requirements.txt": "req-syntax",
    "pip install six  pip install tomli": "usage",
    "pip install six\n%pip install tomli": "usage",
    "pip install six && pip install tomli": "usage",
    "six pip install tomli": "usage",
    "six %env-install tomli": "usage",
    "poetry add six": "usage",
    "apt install six": "usage",
    "sudo apt install six": "usage",
    "python -m venv six": "usage",
    "python setup.py install": "usage",
    "!ls six": "usage",
    "six  # for x  tomli": "req-syntax",
    "numpy==1.26.4  # via x pandas==2.2.0": "req-syntax",
    "six # a # b": "req-syntax",
    "six # a -r requirements.txt": "req-syntax",
    "!pip install six # a !pip install tomli": "req-syntax",
    "-e 'file:project#subdirectory=../../outside-of-it'": "req-option-or-path",
    "-e 'file:project#subdirectory=../outside[x]'": "req-option-or-path",
    "'file:project#subdirectory=..%2Foutside'": "req-option-or-path",
    "./outside[x]": "req-option-or-path",
    "'./outside ; os_name>\"a\"'": "req-option-or-path",
    "-e 'file:project#subdirectory=../outside'": "req-option-or-path",
    "-e 'six @ /usr'": "req-option-or-path",
    "--cert file:///etc/passwd six": "req-option-or-path",
    "-r reads.txt": "req-option-or-path",
    "-r again.txt": "req-option-or-path",
    "-c reads.txt six": "req-option-or-path",
    "-r edits.txt": "req-option-or-path",
    "-r names.txt": "req-option-or-path",
    f"./{LONG}": "no-such-path",
    f"-e ./{LONG}": "no-such-path",
    f"six @ file:{LONG}": "no-such-path",
    "six " * 1025: "req-long",
}
SLOW = (" " * 8192, " " * 3000 + "pip" + " -a" * 1000 + " " * 2000, "pip" + " -a" * 1300, "pip " * 1023, "uv pip " * 585,
        "python" * 680 + " x", '"' * 4095, "'\"" * 2047, "six;" * 1023, "six ; " * 682, "a[" * 2047, "#" * 4095,
        "\n" * 4000 + "# " * 40, "six\n" * 1023)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "requirements.txt").write_text("six\n")
    (folder / "link.txt").symlink_to("/etc/passwd")
    (folder / "outside").symlink_to("/usr")
    (folder / "reads.txt").write_text("six\nx y z\n-r /etc/group\n")
    (folder / "again.txt").write_text("-r again.txt\n-r reads.txt\n")
    (folder / "edits.txt").write_text("-e ../../outside\n")
    (folder / "names.txt").write_text("six @ file:///usr ; python_version>'3'  # why\n")
    (folder / "within.txt").write_text("-r requirements.txt\n-e ./project\nsix @ file:project\nhttps://x.org/six.zip\n")
    (folder / "project").mkdir()
    (folder / "project" / "pyproject.toml").write_text('[project]\nname = "project"\nversion = "1"\n')
    return folder


def understood(text: str, folder: Path) -> Typed:
    return understand(text, folder, lambda path: path.resolve().is_relative_to(folder.resolve()))


@pytest.mark.parametrize("text", WORDS)
def test_lists_are_read_as_people_write_them(text: str, folder: Path) -> None:
    assert understood(text, folder) == Typed((), tuple(WORDS[text]))


@pytest.mark.parametrize("text", OPTIONS)
def test_options_mean_what_they_mean_in_a_cell(text: str, folder: Path) -> None:
    assert list(understood(text, folder).options) == OPTIONS[text]


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_list_of_packages_or_lies_outside_is_refused(text: str, folder: Path) -> None:
    with pytest.raises(EnvsError) as refused:
        understood(text, folder)
    assert refused.value.code == REFUSED[text], refused.value.sentence


@pytest.mark.parametrize("text", SLOW, ids=[text.split()[0][:8] if text.split() else "" for text in SLOW])
def test_whatever_is_typed_is_understood_or_refused_soon(text: str, folder: Path) -> None:
    begun = time.process_time()
    with contextlib.suppress(EnvsError):
        understood(text, folder)
    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize("text", ["numpy>=1,six", "numpy>=1,<2,six", "httpx[a,b],six>=1", "numpy; pandas"])
def test_a_list_with_signs_between_is_told_to_use_spaces(text: str, folder: Path) -> None:
    with pytest.raises(EnvsError) as refused:
        understood(text, folder)
    sign = "semicolons" if ";" in text else "commas"
    assert (refused.value.code, refused.value.hint) == (
        "req-syntax",
        f"Separate packages with spaces, not with {sign}.",
    )


@pytest.mark.parametrize("text", ["six; python_version<3.11", "numpy>=1.0,2"])
def test_a_condition_without_quotes_is_no_list(text: str, folder: Path) -> None:
    with pytest.raises(EnvsError) as refused:
        understood(text, folder)
    assert not refused.value.hint.startswith("Separate")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("conda install numpy", "%conda install numpy"),
        ("!pip  uninstall six", "!pip uninstall six"),
        ("python3 -m pip uninstall six", "!python3 -m pip uninstall six"),
        ("install numpy", "%pip install numpy"),
        ("sudo apt update", "!sudo apt update"),
        ("conda install numpy\nsix", "%conda install numpy"),
    ],
)
def test_another_command_is_for_a_cell(text: str, line: str, folder: Path) -> None:
    with pytest.raises(EnvsError) as refused:
        understood(text, folder)
    assert refused.value.hint == f"In a cell: {line}"


def test_a_document_that_is_no_file_has_no_paths() -> None:
    assert understand("six", None, Path.exists) == Typed((), ("six",))
    repository = "git+https://example.org/x.git#egg=six"
    assert understand(f"-e {repository}", None, Path.exists) == Typed((f"--editable={repository}",), ())
    for text in ("-r requirements.txt", "-e .", "./six"):
        with pytest.raises(EnvsError):
            understand(text, None, Path.exists)
