"""A notebook that declares nothing: what it needs, with the evidence for each entry. Runs nothing, and asks nobody.

Public: `work_out`, `Proposal`, `Entry`."""

from .proposal import Entry, Proposal
from .work_out import work_out

__all__ = ["Entry", "Proposal", "work_out"]
