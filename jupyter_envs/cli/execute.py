"""Executes a notebook's cells with nbclient. Imported only by `run`, since it imports half of Jupyter."""

from __future__ import annotations

import json
import logging
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from ..errors import CellError, EnvsError, InstallError
from ..launch import headless
from ..model.kernelspec import NAME
from ..model.progress import Report
from ..system.folders import NOWHERE, user_folder


def read(text: str) -> Any:
    """nbformat's view of a notebook that we have already checked, without the outputs of an earlier run."""
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    notebook.setdefault("metadata", {})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return nbformat.reads(json.dumps(notebook), as_version=4)  # type: ignore[no-untyped-call]  # nbformat has no types


def notebook_bytes(notebook: Any) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    # Half a surrogate pair, which JSON may hold and UTF-8 not, becomes the escape that JSON has for it.
    return (text.rstrip("\n") + "\n").encode("utf-8", "backslashreplace")


def execute(notebook: Any, *, told: Path, path: Path, timeout: int | None, report: Report) -> EnvsError | None:
    """Fills in the outputs, in place; returns the error that stopped it, if any. `told`: the notebook file whose block
    the kernel uses; `path`: the notebook, in whose folder the cells run; `timeout`: seconds for each cell."""
    log = logging.getLogger("jupyter_envs.run")
    log.addHandler(logging.NullHandler())
    log.propagate = False
    # What the kernel's process itself complains about is of interest only when it dies.
    with somewhere(), headless.telling(told, path) as manager, tempfile.TemporaryFile() as complaints:
        client = NotebookClient(
            notebook,
            timeout=timeout,
            kernel_name=NAME,
            kernel_manager_class=manager,
            resources={"metadata": {"path": str(path.parent)}},
            log=log,
        )
        client.reset_execution_trackers()
        try:
            with client.setup_kernel(stderr=complaints):
                error = _cells(client, notebook, report)
        except RuntimeError as reason:
            error = InstallError("kernel-start", "The notebook's kernel did not start.", details=str(reason))
        if error and error.code in ("kernel-start", "kernel-died"):
            complaints.seek(0)
            error.details += complaints.read()[-4000:].decode("utf-8", "replace")
        return error


@contextmanager
def somewhere() -> Iterator[None]:
    """Without HOME and an entry in passwd, Jupyter does not start, here and in the kernel: an empty folder will do."""
    if user_folder() != NOWHERE:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="jupyter-envs-") as folder:
        os.environ["HOME"] = folder
        try:
            yield
        finally:
            del os.environ["HOME"]


def _cells(client: NotebookClient, notebook: Any, report: Report) -> EnvsError | None:
    assert client.kc
    info = client.wait_for_reply(client.kc.kernel_info())
    if info:
        notebook.metadata["language_info"] = info["content"]["language_info"]
    total = len(notebook.cells)
    for index, cell in enumerate(notebook.cells):
        report.progress(index, total, f"Running cell {index + 1}")
        error = _cell(client, cell, index)
        if error:
            return error
    client.set_widgets_metadata()
    return None


def _cell(client: NotebookClient, cell: Any, index: int) -> EnvsError | None:
    data = {"cell": index + 1}
    try:
        client.execute_cell(cell, index, execution_count=client.code_cells_executed + 1)
    except CellExecutionError as error:
        return CellError(
            "cell-failed", f"Cell {index + 1} failed: {error.ename}: {_first_line(error.evalue)}",
            details=str(error.traceback or error), data={**data, "ename": error.ename, "evalue": error.evalue},
        )  # fmt: skip
    except CellTimeoutError:
        return EnvsError(
            "cell-timeout", f"Cell {index + 1} did not finish within {client.timeout} s.",
            hint="Give it more time: --timeout SECONDS.", data=data,
        )  # fmt: skip
    except DeadKernelError:
        return EnvsError(
            "kernel-died", f"The kernel died in cell {index + 1}.",
            hint="Often the memory was full: let the cell process less data at a time.", data=data,
        )  # fmt: skip
    return None


def _first_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[0][:300] if lines else ""
