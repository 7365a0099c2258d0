"""What the panel understands of what somebody types, before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_envs.errors import EnvsError
from jupyter_envs.server.typed import Typed, understand

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
}
OPTIONS = {
    "-qU six": ["-U"],
    "six --upgrade --pre": ["-U", "--pre"],
    "pip --default-timeout 1000 install --only-binary :all: six": ["--prefer-binary"],
    "--override 'numpy<2'": ["--override=numpy<2"],
    "-r requirements.txt": ["--requirement=requirements.txt"],
    "-r file:requirements.txt": ["--requirement=file:requirements.txt"],
    "uv pip install --overrides o.txt": ["--overrides=o.txt"],
    "-e git+https://example.org/x.git#egg=six": ["--editable=git+https://example.org/x.git#egg=six"],
    "-e project": ["--editable=project"],
    "-e file:project": ["--editable=file:project"],
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
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "requirements.txt").write_text("six\n")
    (folder / "link.txt").symlink_to("/etc/passwd")
    (folder / "outside").symlink_to("/usr")
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


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("conda install numpy", "%conda install numpy"),
        ("!pip  uninstall six", "!pip uninstall six"),
        ("python3 -m pip uninstall six", "!python3 -m pip uninstall six"),
        ("install numpy", "%pip install numpy"),
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
