"""Of what people type in vain, the sentence names the true cause, and each way out that is offered works."""

from __future__ import annotations

import shlex

import pytest

from jupyter_envs.environments.use_cases import Environments

from .conftest import refusal
from .requests import CASES, Case


def test_there_are_enough_requests() -> None:
    assert len(CASES) >= 60 and len({case.typed for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.typed)
def test_the_sentence_names_the_true_cause(case: Case, asking: Environments) -> None:
    error = refusal(asking, *shlex.split(case.typed))
    assert error.data.get("cause") == case.cause, error.sentence
    assert not [words for words in case.says if words not in error.sentence], error.sentence
    assert error.code == (case.code or error.code)
    assert error.hint and len(error.sentence) < 300
    found = tuple(way["code"] for way in error.data["ways"])
    assert case.ways is None or found == case.ways, error.data["ways"]
    assert "build" not in found[:-1], "building from source is offered last"
