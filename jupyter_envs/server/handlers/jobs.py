"""`jobs`: starts, watches and cancels what takes time."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_server.auth.decorator import authorized
from packaging.utils import canonicalize_name
from tornado import web

from ...dialects.in_notebook import INSIDE
from ...dialects.offers import files_beside
from ...dialects.pip_arguments import parse as parse_words
from ...dialects.sources import is_address, is_path
from ...environments.jobs import JobRequest
from ...errors import InputError, UsageError
from ...model.block import Block
from ...model.requirement import checked_requirement
from ...model.spec import PACKAGE_NAME
from ...wire.jobs import Action, JobArguments, Jobs, NewJob
from ...wire.notebooks import Nothing
from ..typed import Typed, understand
from .base import Handler

WITH_PACKAGES = ("install", "remove", "upgrade")
PYTHON = re.compile(r"[0-9.,<>=!~* ]{1,100}")


class JobsHandler(Handler):
    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.reply(Jobs(await asyncio.to_thread(self.envs.jobs.list)))

    @web.authenticated
    @authorized
    async def post(self) -> None:
        new = await self.read(NewJob)
        if new.kernel is not None:
            self.envs.running.file(new.kernel)
        place = self.envs.notebooks.os_path(new.notebook) if new.notebook else None
        block = await asyncio.to_thread(self.envs.states.block, new.block)
        content = await self.envs.offering.source(new.notebook) if new.action == "import" and new.notebook else None
        request = await asyncio.to_thread(to_request, new, block, place, self.envs.notebooks.shows, content)
        self.reply(await self.envs.jobs.start(request), 201)


class JobHandler(Handler):
    @web.authenticated
    @authorized
    async def get(self, job_id: str) -> None:
        self.reply(await asyncio.to_thread(self.envs.jobs.get, job_id))

    @web.authenticated
    @authorized
    async def delete(self, job_id: str) -> None:
        await self.envs.jobs.cancel(job_id)
        self.reply_empty()


class SeenHandler(Handler):
    @web.authenticated
    @authorized
    async def post(self, job_id: str) -> None:
        await self.read(Nothing)
        await asyncio.to_thread(self.envs.jobs.see, job_id)
        self.reply_empty()


def to_request(
    new: NewJob,
    block: Block | None,
    place: Path | None,
    shown: Callable[[Path], bool],
    content: dict[str, Any] | None = None,
) -> JobRequest:
    """Raises InputError or UsageError that says where. No option and no path on the machine is passed on, except what
    `typed` names: options of pip's, and paths that are `shown`; and files beside the notebook, for `import`. `place` is
    the notebook's file, which we have found, `content` what it says."""
    names = tuple(_name(name, f"args.allow_build[{i}]") for i, name in enumerate(new.args.allow_build))
    typed, source = _typed(new, place, shown), _source(new, place, shown, content)
    return JobRequest(
        action=new.action,
        words=typed.words if typed else source.words if source else _words(new.action, new.args),
        block=block.to_dict() if block else None,
        notebook=new.notebook,
        kernel=new.kernel,
        place=str(place) if place else None,
        accept=new.args.accept,
        allow_build=names,
        options=(*_options(new), *_startup(new.args), *(typed or source or NOTHING).options),
        content=content,
    )


def _typed(new: NewJob, place: Path | None, shown: Callable[[Path], bool]) -> Typed | None:
    if new.args.typed is None:
        return None
    if new.action != "install" or new.args.packages:
        raise UsageError("bad-request", "args.typed is only for the action `install`, and in place of args.packages.")
    return understand(new.args.typed, place.parent if place else None, shown)


NOTHING = Typed((), ())


def _source(
    new: NewJob, place: Path | None, shown: Callable[[Path], bool], content: dict[str, Any] | None
) -> Typed | None:
    """What `import` takes: something that the notebook itself says, or a file beside it. Raises InputError and
    UsageError."""
    if (new.args.source is not None) != (new.action == "import"):
        raise UsageError("bad-request", "The action `import` needs args.source; other actions do not take it.")
    if new.args.source is None:
        return None
    if content is None:
        raise UsageError("bad-request", "The action `import` needs the notebook.")
    if new.args.packages or new.args.python is not None:
        raise UsageError("bad-request", "The action `import` takes neither args.packages nor args.python.")
    if new.args.source in INSIDE:
        return Typed((f"--from={new.args.source}",), ())
    folder = place.parent if place and shown(place.parent) else None
    if folder is None or new.args.source not in {path.name for path in files_beside(folder)}:
        raise InputError(
            "no-such-path", f"args.source: {new.args.source!r} is neither in the notebook nor beside it.",
            hint="Look at the notebook again.",
        )  # fmt: skip
    return Typed((), (new.args.source,))


def _options(new: NewJob) -> tuple[str, ...]:
    """Raises UsageError for an argument that is not for this action."""
    args = new.args
    if new.action != "gc" and (args.days is not None or args.dry_run):
        raise UsageError("bad-request", "args.days and args.dry_run are only for the action `gc`.")
    if args.environment and (new.action != "verify" or new.block is not None):
        raise UsageError("bad-request", "args.environment is only for the action `verify` without a block.")
    if new.action == "verify" and not args.environment and new.block is None:
        return ("--all",)
    limit = () if args.days is None else (f"--unused-for={args.days:g}",)
    return (*limit, *(("--dry-run",) if args.dry_run else ()))


def _startup(args: JobArguments) -> tuple[str, ...]:
    names = (_name(name, f"args.allow_startup[{i}]") for i, name in enumerate(args.allow_startup))
    return tuple(f"--allow-startup={name}" for name in names)


def _words(action: Action, args: JobArguments) -> tuple[str, ...]:
    if args.packages and action not in WITH_PACKAGES:
        raise UsageError("bad-request", f"args.packages: `{action}` does not take packages.")
    if (args.python is not None) != (action == "python"):
        raise UsageError("bad-request", "The action `python` needs args.python; other actions do not take it.")
    if args.environment is not None:
        return (args.environment,)
    if args.python is not None:
        if not PYTHON.fullmatch(args.python):
            raise InputError("python-spec", "args.python is not a version of Python.", hint="Write it like 3.12.")
        return (args.python,)
    if action in ("install", "remove") and not args.packages:
        raise InputError("req-empty", f"args.packages: no package to {action} was named.")
    clean = _requirement if action == "install" else _name
    return tuple(clean(text, f"args.packages[{i}]") for i, text in enumerate(args.packages))


def _requirement(text: str, where: str) -> str:
    word = text.strip()
    if is_address(word):
        parse_words([word])
        return word
    item = checked_requirement(word, where)
    if is_path(word):
        raise InputError(
            "req-option-or-path", f"{where}: {word!r} is a path, and only packages can be named here.",
            hint="Install it with %env-install in a cell.",
        )  # fmt: skip
    return item.text


def _name(text: str, where: str) -> str:
    name = str(canonicalize_name(text.strip()))
    if not PACKAGE_NAME.fullmatch(name):
        raise InputError("package-name", f"{where}: {text[:60]!r} is not a package name.")
    return name
