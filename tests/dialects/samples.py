"""A small file of each format, as its tool writes it, for tests that are about all of them. A format without one here
is read with the text of another one, which it has to refuse in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path

from jupyter_envs.dialects.table import PATTERNS, module_of

SHA = "ab" * 32
WHEEL = "six-1.17.0-py2.py3-none-any.whl"
_PYLOCK = f"""lock-version = "1.0"
created-by = "uv"
requires-python = ">=3.10"

[[packages]]
name = "six"
version = "1.17.0"
wheels = [{{ url = "https://files.example/{WHEEL}", hashes = {{ sha256 = "{SHA}" }} }}]
"""
_ENVIRONMENT = """name: analysis
channels:
  - conda-forge
dependencies:
  - python=3.11
  - numpy=1.26
  - pip
  - pip:
      - six>=1.16
"""
_PIPFILE = """[[source]]
url = "https://pypi.org/simple"
verify_ssl = true
name = "pypi"

[packages]
six = ">=1.16"

[dev-packages]

[requires]
python_version = "3.11"
"""
_PIPFILE_LOCK = f"""{{
    "_meta": {{
        "hash": {{"sha256": "{SHA}"}},
        "pipfile-spec": 6,
        "requires": {{"python_version": "3.11"}},
        "sources": [{{"name": "pypi", "url": "https://pypi.org/simple", "verify_ssl": true}}]
    }},
    "default": {{
        "six": {{"hashes": ["sha256:{SHA}"], "index": "pypi", "version": "==1.17.0"}}
    }},
    "develop": {{}}
}}
"""
_PYPROJECT = """[project]
name = "analysis"
version = "0.1.0"
requires-python = ">=3.10"
dependencies = ["six>=1.16"]

[project.optional-dependencies]
plots = ["matplotlib"]

[dependency-groups]
dev = ["pytest"]
"""
_POETRY_LOCK = f"""[[package]]
name = "six"
version = "1.17.0"
description = "Python 2 and 3 compatibility utilities"
optional = false
python-versions = "!=3.0.*,!=3.1.*,!=3.2.*,>=2.7"
groups = ["main"]
files = [
    {{file = "{WHEEL}", hash = "sha256:{SHA}"}},
]

[metadata]
lock-version = "2.1"
python-versions = ">=3.10"
content-hash = "{SHA}"
"""
_UV_LOCK = f"""version = 1
revision = 3
requires-python = ">=3.10"

[[package]]
name = "analysis"
version = "0.1.0"
source = {{ virtual = "." }}
dependencies = [{{ name = "six" }}]

[package.metadata]
requires-dist = [{{ name = "six", specifier = ">=1.16" }}]

[[package]]
name = "six"
version = "1.17.0"
source = {{ registry = "https://pypi.org/simple" }}
wheels = [{{ url = "https://files.example/{WHEEL}", hash = "sha256:{SHA}", size = 11050 }}]
"""
_PDM_LOCK = f"""[metadata]
groups = ["default"]
strategy = ["inherit_metadata"]
lock_version = "4.5.0"
content_hash = "sha256:{SHA}"

[[metadata.targets]]
requires_python = ">=3.10"

[[package]]
name = "six"
version = "1.17.0"
requires_python = ">=2.7"
groups = ["default"]
files = [{{file = "{WHEEL}", hash = "sha256:{SHA}"}}]
"""
_PIXI = """[workspace]
name = "analysis"
channels = ["conda-forge"]
platforms = ["linux-64"]

[dependencies]
python = "3.11.*"
numpy = "1.26.*"

[pypi-dependencies]
six = ">=1.16"
"""
_PIXI_LOCK = f"""version: 6
environments:
  default:
    channels:
    - url: https://conda.anaconda.org/conda-forge/
    indexes:
    - https://pypi.org/simple
    packages:
      linux-64:
      - conda: https://conda.anaconda.org/conda-forge/linux-64/python-3.11.9-hb806964_0_cpython.conda
      - pypi: https://files.example/{WHEEL}
packages:
- conda: https://conda.anaconda.org/conda-forge/linux-64/python-3.11.9-hb806964_0_cpython.conda
  sha256: {SHA}
- pypi: https://files.example/{WHEEL}
  name: six
  version: 1.17.0
  sha256: {SHA}
"""
_CONDA_LOCK = f"""version: 1
metadata:
  content_hash:
    linux-64: {SHA}
  channels:
  - url: conda-forge
    used_env_vars: []
  platforms:
  - linux-64
  sources:
  - environment.yml
package:
- name: six
  version: 1.17.0
  manager: pip
  platform: linux-64
  dependencies: {{}}
  url: https://files.example/{WHEEL}
  hash:
    sha256: {SHA}
  category: main
  optional: false
"""
_EXPLICIT = f"""# platform: linux-64
@EXPLICIT
https://conda.anaconda.org/conda-forge/linux-64/numpy-1.26.4-py311h64a7726_0.conda#{"ab" * 16}
"""
_SCRIPT = """# /// script
# requires-python = ">=3.10"
# dependencies = [
#     "six>=1.16",
# ]
# ///
import six
"""
BY_NAME: Mapping[str, str] = {
    "requirements.txt": f"six==1.17.0 --hash=sha256:{SHA}\n",
    "requirements.in": "six>=1.16\nnumpy ; python_version >= '3.10'\n",
    "pylock.toml": _PYLOCK,
    "pyproject.toml": _PYPROJECT,
    "pixi.toml": _PIXI,
    "pixi.lock": _PIXI_LOCK,
    "environment.yml": _ENVIRONMENT,
    "environment.yaml": _ENVIRONMENT,
    "conda-lock.yml": _CONDA_LOCK,
    "Pipfile": _PIPFILE,
    "Pipfile.lock": _PIPFILE_LOCK,
    "poetry.lock": _POETRY_LOCK,
    "uv.lock": _UV_LOCK,
    "pdm.lock": _PDM_LOCK,
    "script.py": _SCRIPT,
    ".python-version": "3.11\n",
    "runtime.txt": "python-3.11\n",
    "explicit.txt": _EXPLICIT,
    "apt.txt": "graphviz\n",
    "conda-linux-64.lock": _EXPLICIT,
}
"""Most names are those that their tools write."""


def _names() -> list[str]:
    """Each name here that some format has, and one for each pattern that none of these fits."""
    known = [name for name in BY_NAME if module_of(Path(name))]
    taken = {next(pattern for pattern, _ in PATTERNS if fnmatch(name.lower(), pattern)) for name in known}
    return known + [pattern.replace("*", "x").replace("?", "x") for pattern, _ in PATTERNS if pattern not in taken]


def text_of(name: str) -> str:
    own = BY_NAME.get(name)
    return own or next((text for other, text in BY_NAME.items() if Path(other).suffix == Path(name).suffix), _SCRIPT)


NAMES = _names()
"""Of files of each format in PATTERNS, also of those that have no sample yet."""
