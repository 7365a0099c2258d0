"""What all handlers share: who has access, JSON in and out, errors in one place."""

from __future__ import annotations

import asyncio
from http.client import responses
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec
from jupyter_server.base.handlers import APIHandler
from jupyter_server.extension.handler import ExtensionHandlerMixin
from tornado.web import HTTPError

from ...errors import EnvsError, InputError, UsageError
from ...system import strict_json
from ...system.os_errors import explain_os_error
from ...wire.errors import Refusal
from ...wire.values import Message
from ..refusals import CODES, NotJson, TooLarge

if TYPE_CHECKING:
    from types import TracebackType

    from ..envs import Envs

API = "/jupyter-envs/api/v1"
MAX_BODY = 4 * 1024 * 1024 + 64 * 1024
"""The largest block that we read, in bytes, and room for what is around it."""

T = TypeVar("T")


class Handler(ExtensionHandlerMixin, APIHandler):
    auth_resource = "jupyter_envs"

    @property
    def envs(self) -> Envs:
        return cast("Envs", self.extensionapp)

    async def prepare(self) -> None:  # type: ignore[override]  # Jupyter's own may be either
        """Nothing is read from a home that does not belong only to the user. A client that is not logged in learns
        nothing about that."""
        done = super().prepare()
        if done is not None:
            await done
        if self.current_user:
            await self.envs.home_in_order()

    async def read(self, kind: type[T]) -> T:
        """The body as `kind`, a closed schema. Raises NotJson, TooLarge, UsageError that says where, and InputError
        `json-dup-key`: the kernel and the panel must never read two different values."""
        media = self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        # A form can be posted across sites without a preflight, JSON cannot.
        if media != "application/json":
            raise NotJson("not-json", "The body must be JSON.", hint="Send Content-Type: application/json.")
        if len(self.request.body) > MAX_BODY:
            raise TooLarge("too-large", "The body is larger than any notebook environment can be.")
        return await asyncio.to_thread(_parsed, self.request.body, kind)

    def reply(self, value: Message, status: int = 200) -> None:
        self.set_status(status)
        self.finish(msgspec.json.encode(value))

    def reply_empty(self) -> None:
        self.set_status(204)
        self.finish()

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        problem = (kwargs.get("exc_info") or (None, None))[1]
        if isinstance(problem, OSError):
            problem = explain_os_error(problem)
            problem.details = ""  # where in our code that was is the log's business
        if isinstance(problem, EnvsError):
            self.set_status(problem.http_status)
            error = problem
        else:
            error = _foreign(problem, status_code)
        if status_code == 405:
            known = [verb for verb in self.SUPPORTED_METHODS if verb.lower() in vars(type(self))]
            self.set_header("Allow", ", ".join([*known, "OPTIONS"]))
        self.finish(msgspec.json.encode(Refusal.because(error)))

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """An error with a code is an answer, not a fault of the server: no traceback."""
        if isinstance(value, EnvsError):
            self.log.info("%s %s: error[%s]", self.request.method, self.request.path, value.code)
        else:
            super().log_exception(typ, value, tb)


def _parsed(body: bytes, kind: type[T]) -> T:
    try:
        value = strict_json.loads(strict_json.decoded(body), what="The body")
    except InputError as error:
        if error.code == "json-dup-key":
            raise
        raise UsageError("bad-json", "The body is not JSON.", details=error.sentence) from None
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise UsageError("bad-request", f"The request is not valid: {error}.") from None
    except UnicodeEncodeError:  # a key with one half of a character
        raise UsageError("bad-request", "The request is not valid: it contains a key that is not text.") from None


def _foreign(problem: BaseException | None, status: int) -> EnvsError:
    """What Jupyter or Python raised. Only the text of an HTTPError was written for other people."""
    code = CODES.get(status, f"http-{status}")
    sentence = problem.log_message if isinstance(problem, HTTPError) and problem.log_message else ""
    return EnvsError(code, sentence or f"{responses.get(status, 'Error')}.")
