"""A Python that a notebook needs and this machine lacks: what uv can fetch, who said yes to it, and the fetch."""

from .agreeing import Agreed, agree, typed
from .complaints import TYPED, forbidden, offering, unknown
from .downloads import Download, fitting, known, learn, listed
from .fetch import fetch, left_behind

__all__ = [
    "TYPED", "Agreed", "Download", "agree", "fetch", "fitting", "forbidden", "known", "learn", "left_behind", "listed",
    "offering", "typed", "unknown",
]  # fmt: skip
