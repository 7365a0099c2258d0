"""What a user has approved."""

from __future__ import annotations

from .values import Block, Digest, Message, Time


class Consent(Message, frozen=True):
    """What this user approved, when, and how."""

    digest: Digest
    at: Time
    how: str
    python: str
    packages: int


class Consents(Message, frozen=True):
    """What this user has approved."""

    consents: list[Consent]


class NewConsent(Message, frozen=True):
    """The user approves exactly what was shown."""

    digest: Digest
    block: Block
