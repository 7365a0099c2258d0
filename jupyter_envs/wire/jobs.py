"""Jobs: requests and results."""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, TypeVar

from msgspec import Meta, field

from .environments import Environment
from .errors import Problem
from .values import Block, Changed, Digest, Message, Time

ChangeAction = Annotated[
    Literal["lock", "install", "import", "remove", "upgrade", "undo", "python", "build"],
    Meta(title="ChangeAction", description="An action that changes or builds one environment."),
]
Action = Annotated[
    Literal["lock", "install", "import", "remove", "upgrade", "undo", "python", "build", "gc", "verify"],
    Meta(
        title="Action",
        description="`import` takes a list that was offered. `build` without a block builds the base environment. `gc` "
        "cleans the store, `verify` checks its files: those of one environment, or all if there is neither a block nor "
        "an environment.",
    ),
]
JobState = Annotated[Literal["running", "done", "failed", "cancelled", "interrupted"], Meta(title="JobState")]
AllowedName = Annotated[str, Meta(max_length=128, extra_json_schema={"minLength": 1})]


class JobArguments(Message, frozen=True):
    """Further arguments of an action."""

    packages: Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=512)], ...], Meta(max_length=300)] = ()
    """For install, remove and upgrade: requirements, or addresses that start with https or git+https."""
    typed: Annotated[str, Meta(min_length=1, max_length=4096)] | None = None
    """For install, in place of packages: what somebody typed, as it stands behind `pip install`. Paths start from the
    notebook's folder."""
    python: Annotated[str, Meta(max_length=100)] | None = None
    """For python: a version like 3.12, or >=3.11."""
    source: Annotated[str, Meta(min_length=1, max_length=255)] | None = None
    """For import: the name of a list that was offered."""
    accept: Digest | None = None
    """The consent digest that the user saw."""
    allow_build: Annotated[tuple[AllowedName, ...], Meta(max_length=300)] = ()
    """Names of packages that may be built from source, which runs their code."""
    allow_startup: Annotated[tuple[AllowedName, ...], Meta(max_length=300)] = ()
    """Names of packages whose code may run whenever Python starts; the error `needs-review` asks for this."""
    days: Annotated[float, Meta(ge=0, le=36500)] | None = None
    """For gc: delete what has not been used for this many days; null uses the setting."""
    dry_run: bool = False
    """For gc: only report what would be deleted."""
    environment: Annotated[str, Meta(pattern=r"^[a-z2-7]{26}\Z")] | None = None
    """For verify: check only this one."""


class NewJob(Message, frozen=True):
    """A request to change or build an environment, or to clean or check the store."""

    action: Action
    notebook: Annotated[str, Meta(max_length=4096)] | None = None
    """API path; only to label the job."""
    kernel: Annotated[str, Meta(max_length=80)] | None = None
    """The id of the running kernel that it is for."""
    block: Block | None = None
    args: JobArguments = field(default_factory=JobArguments)


class Progress(Message, frozen=True):
    """The progress of a job."""

    phase: str
    """python, resolve, download, build, install, verify or publish."""
    text: str
    done: int
    total: int
    """0 if unknown."""
    fetched: tuple[int, int]
    """Bytes downloaded, estimated from what is unpacked, and bytes in total; 0 if unknown."""


class JobResult(Message, frozen=True):
    """What a change or a build did."""

    block: Block | None
    changed: Changed
    environment: Environment | None
    notes: list[str]
    satisfied: bool
    """There was nothing to do."""
    seconds: float


class Cleaned(Message, frozen=True):
    """What `gc` deleted."""

    environments: list[str]
    wheels: int
    """Unpacked packages that no environment uses."""
    leftovers: int
    bytes: int
    days: float | None
    """Environments that were not used for this many days were deleted; null if there is no limit."""
    dry_run: bool
    """Nothing was deleted; this is what would be."""


class VerifiedEnvironment(Message, frozen=True):
    """What `verify` found in one environment."""

    id: str
    damage: list[str]
    """A sentence for each file that has changed."""
    withdrawn: bool
    """It is no longer used, and will be rebuilt."""


class Verified(Message, frozen=True):
    """What `verify` found."""

    environments: list[VerifiedEnvironment]
    damaged: int
    """How many of them."""


A = TypeVar("A")
R = TypeVar("R")


class JobOf(Message, Generic[A, R], frozen=True):
    id: str
    action: A
    notebook: str | None
    """API path."""
    kernel: str | None
    state: JobState
    progress: Progress | None
    changed: Changed | None
    """What will change; known before anything is installed."""
    notes: list[str]
    result: R | None
    error: Problem | None
    started: Time
    ended: Time | None


class Job(JobOf[ChangeAction, JobResult], frozen=True):
    """A change or a build."""


class CleaningJob(JobOf[Literal["gc"], Cleaned], frozen=True):
    """A cleaning of the store."""


class VerifyingJob(JobOf[Literal["verify"], Verified], frozen=True):
    """A check of the files in the store."""


AnyJob = Job | CleaningJob | VerifyingJob
"""A job of any kind."""
KINDS: dict[str, type[AnyJob]] = {"gc": CleaningJob, "verify": VerifyingJob}
"""By action; for all others, a Job."""


class Jobs(Message, frozen=True):
    """Jobs, the newest first; also those that earlier servers started."""

    jobs: list[Annotated[Any, Meta(title="AnyJob")]]
