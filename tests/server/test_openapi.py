"""rest-api.yml against a real running server: whatever is sent, with a token and without."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from schemathesis import Case, openapi
from schemathesis.specs.openapi.checks import positive_data_acceptance

from .rest import description
from .running import TOKEN, Running, places, running

SCHEMA = openapi.from_dict(description())
NOT_TRUE_HERE = [positive_data_acceptance]
"""An id may fit its pattern and name nothing, a block its schema and mean nothing."""
few = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("server")
    with running(folder, places(folder) | {"JUPYTER_ENVS_OFFLINE": "1"}) as started:
        yield started


@SCHEMA.parametrize()
@few
def test_every_answer_is_one_that_is_described(case: Case, server: Running) -> None:
    case.call_and_validate(
        base_url=server.api, headers={"Authorization": f"token {TOKEN}"}, excluded_checks=NOT_TRUE_HERE, timeout=60
    )


@SCHEMA.parametrize()
@few
def test_nothing_is_answered_without_a_token(case: Case, server: Running) -> None:
    answer = case.call(base_url=server.api, timeout=60)
    if answer.request.method == "OPTIONS":  # what a browser asks before it asks, on Jupyter's own behalf
        assert answer.content == b""
        return
    # Verbs that there are not, and bodies that are none, are refused before anybody is asked who he is.
    assert answer.status_code in (400, 401, 403, 404, 405), answer.text


def test_the_server_has_no_traceback_to_tell(server: Running) -> None:
    """The last of this file: after all that was sent."""
    assert "Traceback" not in server.log.read_text()
