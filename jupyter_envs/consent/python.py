"""The consent to download a Python: part of the consent to what will run in it. Only `agree` and `typed` make an Agreed
download; nothing else is downloaded."""

from __future__ import annotations

from typing import Final

from ..errors import ConsentNeeded
from ..kernel.amounts import count
from ..machine.interpreters.download import Download
from ..model.closure import Closure
from ..model.digests import digest
from ..model.options import Options
from .consents import Consents
from .facts import facts
from .gate import describe_news
from .policy import forbidden

_SEAL: Final = object()


class Agreed:
    """A download that the user approved. Only `agree` and `typed` make one."""

    __slots__ = ("download",)

    def __init__(self, download: Download, *, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("Agreed is made by agree and typed only")
        self.download = download


def agree(
    download: Download,
    closure: Closure,
    consent_digest: str,
    consents: Consents,
    options: Options,
    to_fetch: int | None = None,
) -> Agreed:
    """The gate. `closure` is what will run in that Python, `consent_digest` its digest, `to_fetch` its bytes. A consent
    is a digest of both, or one to each: `--fetch-python`, and one to the closure, now or before. Raises ConsentNeeded
    `consent-needed`, PolicyError."""
    if refused := forbidden(consents.policy):
        raise refused
    knows = consents.knows(consent_digest, closure)  # before all else: raises what no yes would help against
    both = digest({"closure": consent_digest, "python": [download.version, download.source]})
    given = {options.accept, consents.settings.consent}
    apart = options.fetch_python == "yes" and (knows or options.accept == "yes" or consent_digest in given)
    if both not in given and not apart:
        raise _needed(download, closure, both, consents, to_fetch, knows=knows)
    if not knows:
        consents.remember(consent_digest, closure, "accepted")
    return Agreed(download, seal=_SEAL)


def typed(download: Download, own: bool, consents: Consents, options: Options) -> Agreed:
    """Somebody typed `--fetch-python` with a change. What will run in it is not known before it is installed, and the
    user is asked about that then. `own`: the user chose this Python; otherwise its version and origin are asked about
    first. Raises ConsentNeeded, PolicyError."""
    if refused := forbidden(consents.policy):
        raise refused
    if options.fetch_python != "yes":
        raise TypeError("nobody typed it")
    alone = digest({"python": [download.version, download.source]})
    if not own and options.accept not in ("yes", alone) and consents.settings.consent != alone:
        raise ConsentNeeded(
            "consent-needed",
            f"This notebook asks for Python {download.version}, which is not installed here and would be "
            f"downloaded from {download.source}. "
            f"Its digest is {alone}.",
            hint="If you trust it, run the command again with --accept --fetch-python, or set "
            "JUPYTER_ENVS_CONSENT to the digest.",
            data=facts(Closure(download.interpreter, ()), alone, new=()) | {"fetch": download.to_dict()},
        )
    return Agreed(download, seal=_SEAL)


def _needed(
    download: Download, closure: Closure, both: str, consents: Consents, to_fetch: int | None, *, knows: bool
) -> ConsentNeeded:
    new, fresh, building = describe_news(closure, consents)
    known = "you have approved before" if knows else "you have not approved"
    return ConsentNeeded(
        "consent-needed",
        f"This notebook brings an environment that {known}: Python {download.version}, which is not installed "
        f"here and would be downloaded from {download.source}, and {count(len(closure.rows), 'package')}{fresh}."
        f"{building} Its digest is {both}.",
        hint="If you trust it, run the command again with --accept --fetch-python, or set "
        "JUPYTER_ENVS_CONSENT to the digest.",
        data=facts(closure, both, new=new, fetch=to_fetch) | {"fetch": download.to_dict()},
    )
