"""Runs a copy of a notebook in an environment, to see whether it works there."""

from __future__ import annotations

import json
import re
from typing import Any

from ..environments.outcome import Outcome
from ..errors import EnvsError
from ..kernel.pending import what_waits
from ..launch.headless import build_and_hold, private_notebook, take_change
from ..model.block import KEY
from ..model.kernelspec import KERNELSPEC
from ..model.progress import Report
from ..notebook import NotebookFile
from ..notebook.cells import check_cells
from ..settings import Settings

INSTALLS = re.compile(
    r"^([ \t]*)(?:\w+[ \t]*=[ \t]*)?[!%][ \t]*(?:sudo|(?:\S*python[\d.]*[ \t]+-m[ \t]+)?"
    r"(?:pip[\d.]*|uv|conda|mamba|micromamba|apt|apt-get|yum|dnf|apk|brew))\b(?:\\\n|[^\n])*",
    re.M,
)
"""Lines that install something: packages are there already, and the machine stays as it is."""
SHELL = re.compile(r"%%(?:bash|sh|script)\b")
MACHINE = re.compile(r"\b(?:sudo|apt|apt-get|yum|dnf|apk|brew|pip|conda|mamba)\b")


class Trial:
    """`timeout`: seconds for each cell. Cells run in the notebook's folder, as with `run`."""

    def __init__(self, file: NotebookFile, settings: Settings, timeout: int | None, report: Report) -> None:
        check_cells(file.content)
        self.file, self.settings, self.timeout, self.report = file, settings, timeout, report

    def __call__(self, outcome: Outcome) -> EnvsError | None:
        """What went wrong. Nothing is saved, and what cells install counts for nothing."""
        from ..environments.use_cases import Environments  # here, like what runs cells: a proposal needs neither
        from .execute import execute, read

        notebook = read(json.dumps(harmless(self.file.content)))
        notebook.metadata[KEY] = outcome.block.to_dict()
        notebook.metadata["kernelspec"] = dict(KERNELSPEC)
        environments, path = Environments(self.settings), self.file.path.absolute()
        earlier = what_waits(str(self.settings.home), str(path))
        _, lease = build_and_hold(environments, lambda: environments.build(outcome.block, report=self.report))
        with lease, private_notebook(notebook.metadata, path.name) as told:
            try:
                return execute(notebook, told=told, path=path, timeout=self.timeout, report=self.report)
            finally:
                take_change(self.settings, path, outcome.block, earlier)


def harmless(content: dict[str, Any]) -> dict[str, Any]:
    """A copy without lines that install something."""
    cells = [dict(cell) for cell in content["cells"]]
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        source = "".join(cell["source"])
        shell = SHELL.match(source.lstrip()) and MACHINE.search(source)
        cell["source"] = "pass" if shell else INSTALLS.sub(r"\1pass", source)
    return {**content, "cells": cells}
