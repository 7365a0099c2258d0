"""One tree of errors, and the table of their codes.

Public: the classes of `tree`, which this folder shows itself; `table.ACTIONS`, `table.TABLE`."""

from .tree import (
    Cancelled,
    CellError,
    ConsentNeeded,
    EnvsError,
    IndexError_,
    InputError,
    InstallError,
    JobError,
    NotebookError,
    PolicyError,
    PythonError,
    ResolveError,
    StoreError,
    UsageError,
)

__all__ = [
    "Cancelled",
    "CellError",
    "ConsentNeeded",
    "EnvsError",
    "IndexError_",
    "InputError",
    "InstallError",
    "JobError",
    "NotebookError",
    "PolicyError",
    "PythonError",
    "ResolveError",
    "StoreError",
    "UsageError",
]
