"""`python -m tests.fuzz block [-max_total_time=600 …]`: fuzzes one target with atheris; other words go to libFuzzer.

Targets: block, notebook, requirement, change, marker. The listed bad inputs are where it begins."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["jupyter_envs", "packaging"]):
    from jupyter_envs.model import block, lock_rules, spec  # noqa: F401
    from jupyter_envs.notebook import text  # noqa: F401
    from jupyter_envs.system import strict_json  # noqa: F401

from ..bad_inputs import BLOCKS, FILES, GOOD, REQUIREMENTS
from ..test_block import FULL
from .targets import TARGETS

MOST = 100_000
MARKERS = (
    "python_version < '3.13'", "sys_platform == 'win32' or os_name > 'a'", "extra == 'x'", "'3' in python_version", "python_full_version ~= '3.x'",
)  # fmt: skip


def seeds(target: str) -> list[bytes]:
    if target == "requirement":
        return [
            value.encode("utf-8", "surrogateescape") for value, _ in REQUIREMENTS.values() if isinstance(value, str)
        ]
    if target == "marker":
        return [text.encode() for text in MARKERS]
    found = [json.dumps(value).encode() for value in (FULL, *GOOD.values(), *(bad.block for bad in BLOCKS))]
    return [data for data, _ in FILES.values()] if target == "notebook" else found


def main(words: list[str]) -> None:
    target, *options = words
    with tempfile.TemporaryDirectory() as folder:
        for number, data in enumerate(seeds(target)):
            if len(data) < MOST:
                Path(folder, str(number)).write_bytes(data)
        # libFuzzer leaves by _exit, so that the folder stays for the system to clear.
        atheris.Setup([sys.argv[0], folder, *options], TARGETS[target])
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
