"""Jobs: what is asked, and what became of it."""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, TypeVar

from msgspec import Meta, field

from .environments import Environment
from .errors import Problem
from .values import Block, Changed, Digest, Message, Time

ChangeAction = Annotated[
    Literal["lock", "install", "remove", "upgrade", "undo", "python", "build"],
    Meta(title="ChangeAction", description="What changes or builds one environment."),
]
Action = Annotated[
    Literal["lock", "install", "remove", "upgrade", "undo", "python", "build", "gc", "verify"],
    Meta(
        title="Action",
        description="`build` without a block builds the base environment. `gc` and `verify` are for the store; "
        "`verify` without block or environment compares all of it.",
    ),
]
JobState = Annotated[Literal["running", "done", "failed", "cancelled", "interrupted"], Meta(title="JobState")]
AllowedName = Annotated[str, Meta(max_length=128, extra_json_schema={"minLength": 1})]


class JobArguments(Message, frozen=True):
    """What an action needs besides."""

    packages: Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=512)], ...], Meta(max_length=300)] = ()
    """install, remove, upgrade. Requirements, or addresses that start with https or git+https."""
    python: Annotated[str, Meta(max_length=100)] | None = None
    """python: 3.12, or >=3.11"""
    accept: Digest | None = None
    """The consent digest that the user saw."""
    allow_build: Annotated[tuple[AllowedName, ...], Meta(max_length=300)] = ()
    """Names of packages whose code may run while they are built."""
    allow_startup: Annotated[tuple[AllowedName, ...], Meta(max_length=300)] = ()
    """Names of packages whose code may run whenever Python starts; asked for by the error `needs-review`."""
    days: Annotated[float, Meta(ge=0, le=36500)] | None = None
    """gc: so long nothing must have used what goes; null takes the setting."""
    dry_run: bool = False
    """gc: only tell what would go."""
    environment: Annotated[str, Meta(pattern=r"^[a-z2-7]{26}\Z")] | None = None
    """verify: only this one."""


class NewJob(Message, frozen=True):
    """A resolve, a change, a build, or work on the store."""

    action: Action
    notebook: Annotated[str, Meta(max_length=4096)] | None = None
    """API path; a label."""
    kernel: Annotated[str, Meta(max_length=80)] | None = None
    """The running kernel that it is for."""
    block: Block | None = None
    args: JobArguments = field(default_factory=JobArguments)


class Progress(Message, frozen=True):
    """How far a job is."""

    phase: str
    """python, resolve, download, build, install, verify or publish."""
    text: str
    done: int
    total: int
    """0 where it is not known."""
    fetched: tuple[int, int]
    """Bytes that are here, judged by what is unpacked while a package comes, and of how many; 0 where that is not
    known."""


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
    """What `gc` took away."""

    environments: list[str]
    wheels: int
    """Unpacked packages that nothing links to."""
    leftovers: int
    bytes: int
    days: float | None
    """The limit; null where there is none and nothing that was used goes."""
    dry_run: bool
    """Nothing went, this is what would."""


class VerifiedEnvironment(Message, frozen=True):
    """What `verify` found in one environment."""

    id: str
    damage: list[str]
    """A sentence for each file that differs."""
    withdrawn: bool
    """It is no longer used and will be built anew."""


class Verified(Message, frozen=True):
    """What `verify` found."""

    environments: list[VerifiedEnvironment]
    damaged: int
    """How many."""


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
    """Known before it is done."""
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
    """A comparison of the store with what was installed."""


AnyJob = Job | CleaningJob | VerifyingJob
"""Whatever was asked."""
KINDS: dict[str, type[AnyJob]] = {"gc": CleaningJob, "verify": VerifyingJob}
"""By action; all others are a Job."""


class Jobs(Message, frozen=True):
    """Jobs, newest first; those of earlier servers too."""

    jobs: list[Annotated[Any, Meta(title="AnyJob")]]
