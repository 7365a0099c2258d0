"""What all messages are made of."""

from __future__ import annotations

from typing import Annotated, Any, Protocol, TypeVar

import msgspec

M = TypeVar("M", bound="Message")


class HasDict(Protocol):
    def to_dict(self) -> dict[str, Any]: ...


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A field without a default is always sent, as null where there is nothing to say."""

    @classmethod
    def of(cls: type[M], value: HasDict, **more: Any) -> M:
        """From a value's `to_dict`, which must have exactly these fields: otherwise this raises TypeError. What is
        nested stays a dict."""
        return cls(**value.to_dict(), **more)


Digest = Annotated[str, msgspec.Meta(title="Digest", pattern=r"\Asha256:[0-9a-f]{64}\Z")]
Time = Annotated[str, msgspec.Meta(title="Time", pattern=r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z", description="UTC.")]
Text = Annotated[str, msgspec.Meta(min_length=1)]
Block = Annotated[
    dict[str, Any],
    msgspec.Meta(
        title="Block",
        description="`metadata.jupyter_envs` of a notebook; block.schema.json, in the package, has its schema.",
        extra_json_schema={"required": ["version"]},
    ),
]
Changed = Annotated[
    dict[str, tuple[str | None, str | None]],
    msgspec.Meta(
        title="Changed",
        description="Package name: version before, version after; null where it was or will be absent.",
    ),
]


def as_written(raw: object) -> Any:
    """JSON that another process wrote, a kernel or a job, perhaps of another version. We pass it on unchanged and
    unchecked, whatever type the field has."""
    return raw
