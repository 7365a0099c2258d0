"""A line that only conda understands, as the conda part of a notebook."""

from __future__ import annotations

from collections.abc import Sequence

from ..kernel.conda_words import FLAGS
from ..kernel.scanning import scanned
from ..model.spec import CondaSpec
from .conda_specs import channel_of, checked_spec


def conda_spec(words: Sequence[str], where: str) -> CondaSpec | None:
    """What only conda has, for the notebook's conda part. None for another environment, or another verb."""
    found = list(scanned("conda", words, ("-n", "--name", "-p", "--prefix")))
    names = [str(word.value) for word in found if not word.form]
    channels = [word.value for word in found if word.form in ("-c", "--channel") and word.value]
    strange = [word for word in found if word.form and word.form not in (*FLAGS, "-c", "--channel", "--solver")]
    if strange or names[:1] not in (["install"], ["update"], ["upgrade"]):
        return None
    return CondaSpec(
        tuple(dict.fromkeys(channel_of(text, where) for text in channels)),
        tuple(dict.fromkeys(checked_spec(text, where) for text in names[1:])),
    )
