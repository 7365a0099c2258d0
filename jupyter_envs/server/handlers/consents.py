"""`consents`: what this user approved. Giving one needs the digest of exactly what was shown."""

from __future__ import annotations

import asyncio

from jupyter_server.auth.decorator import authorized
from tornado import web

from ...consent.consents import SEEN
from ...consent.facts import facts
from ...consent.ledger import Consent
from ...environments.here import Here
from ...errors import UsageError
from ...model.block import Block
from ...model.lock_rules import check_supported
from ...wire import consents as messages
from ..refusals import Conflict, NotFound
from .base import Handler


class ConsentsHandler(Handler):
    @web.authenticated
    @authorized
    async def get(self) -> None:
        given = await asyncio.to_thread(self.envs.environments.here.consents.all)
        self.reply(messages.Consents([_shown(digest, entry) for digest, entry in sorted(given.items())]))

    @web.authenticated
    @authorized
    async def post(self) -> None:
        new = await self.read(messages.NewConsent)
        block = await asyncio.to_thread(self.envs.states.block, new.block)
        entry = await asyncio.to_thread(_give, self.envs.environments.here, block, new.digest)
        self.reply(_shown(new.digest, entry), 201)


class ConsentHandler(Handler):
    @web.authenticated
    @authorized
    async def delete(self, digest: str) -> None:
        if not await asyncio.to_thread(self.envs.environments.here.consents.revoke, digest):
            raise NotFound("consent-unknown", "There is no such consent.")
        self.reply_empty()


def _shown(digest: str, given: Consent) -> messages.Consent:
    return messages.Consent(**given.to_dict(digest))


def _give(here: Here, block: Block | None, shown: str) -> Consent:
    """`shown`: the digest of what the user saw."""
    if block is None or block.lock is None:
        raise UsageError("not-locked", "This notebook has no lock, so there is nothing to approve yet.")
    check_supported(block.spec, block.lock)
    closure = here.closure(block.lock, requires=block.agreed_python)
    digest = here.consent_digest(closure)
    consents = here.consents
    if digest != shown:
        raise Conflict(
            "closure-changed",
            "The environment is not the one that was shown.",
            hint="Look at it again, then decide.",
            data=facts(
                closure,
                digest,
                new=consents.new_in(closure),
                declared=block.spec.names,
                fetch=here.to_fetch(closure),
            ),
        )
    consents.check(closure)
    consents.remember(digest, closure, SEEN)
    return consents.all()[digest]
