"""The one tree of errors.

    EnvsError                 exit 1
    ├── InputError            bad requirement, block or lock: nothing was started
    │   └── NotebookError     the file is not a notebook that we can read
    ├── UsageError            exit 2; a command or request that is not valid
    ├── ConsentNeeded         exit 3; the user has to approve first
    ├── PolicyError           an administrator's policy says no
    ├── PythonError           no interpreter fits, or it is gone
    ├── IndexError_           an index is unknown, unreachable, denies access or gives wrong data
    ├── ResolveError          the requirements cannot be satisfied together
    ├── InstallError          files could not be downloaded, built, verified or written
    ├── StoreError            the folder of environments cannot be used
    ├── JobError              a job is unknown, or exited without a result
    ├── CellError             a cell raised an exception
    └── Cancelled             exit 130; the user stopped it, nothing has changed

Each has a stable `code`, one `sentence` for people and a `hint`, which is an action; without a hint of its own, it gets
the one in table.py for its code. Parts of it may be foreign text, so all of it is made plain. Each door turns errors
into output in one place; the core never prints.
"""

from __future__ import annotations

from typing import Any, ClassVar

from ..text import LONGEST_LINE, one_line, plain, throughout, without_secrets
from .table import ACTIONS


class EnvsError(Exception):
    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500
    colours: ClassVar[bool] = False
    """Whether terminal colours stay in the details."""
    longest: ClassVar[int] = LONGEST_LINE
    """Maximum length of the sentence, in characters."""

    def __init__(
        self,
        code: str,
        sentence: str,
        *,
        hint: str = "",
        details: str = "",
        data: dict[str, Any] | None = None,
    ) -> None:
        self.code = code
        self.sentence = one_line(without_secrets(sentence), self.longest)
        self.hint = one_line(hint) or ACTIONS.get(code, "")
        self.details = without_secrets(plain(details, colours=self.colours))
        self.data: dict[str, Any] = throughout(data or {})
        super().__init__(self.sentence)

    def to_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "sentence": self.sentence,
            "hint": self.hint,
            "details": self.details,
            "data": self.data,
        }

    @staticmethod
    def from_dict(value: dict[str, Any]) -> EnvsError:
        """An error that crossed a process boundary. Its class is lost, except for ConsentNeeded and Cancelled."""
        code = str(value.get("code", "unknown"))
        kind: type[EnvsError] = {
            "consent-needed": ConsentNeeded,
            "needs-build": ConsentNeeded,
            "needs-review": ConsentNeeded,
            "cancelled": Cancelled,
        }.get(code, EnvsError)
        data = value.get("data")
        return kind(
            code,
            str(value.get("sentence", "")),
            hint=str(value.get("hint", "")),
            details=str(value.get("details", "")),
            data=data if isinstance(data, dict) else {},
        )


class InputError(EnvsError):
    http_status = 422
    longest = 480
    """Keys and numbers that somebody else wrote may be as long as a file."""


class NotebookError(InputError):
    pass


class UsageError(EnvsError):
    exit_code = 2
    http_status = 400


class ConsentNeeded(EnvsError):
    exit_code = 3
    http_status = 409


class PolicyError(EnvsError):
    http_status = 403


class PythonError(EnvsError):
    http_status = 422


class IndexError_(EnvsError):
    http_status = 502


class ResolveError(EnvsError):
    http_status = 422


class InstallError(EnvsError):
    http_status = 502


class StoreError(EnvsError):
    http_status = 507


class JobError(EnvsError):
    http_status = 404


class CellError(EnvsError):
    colours = True


class Cancelled(EnvsError):
    exit_code = 130
    http_status = 409

    def __init__(
        self,
        code: str = "cancelled",
        sentence: str = "Stopped. The environment has not changed.",
        *,
        hint: str = "",
        details: str = "",
        data: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(code, sentence, hint=hint, details=details, data=data)
