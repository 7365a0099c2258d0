"""The tree of errors, and the table of their codes.

Public: the classes of `tree`, re-exported here; `table.ACTIONS`, `table.TABLE`."""

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
