"""What uv says, in our words: one code, one sentence, one action, its own words kept."""

from __future__ import annotations

import pytest

from jupyter_envs.engines.uv.complaints import explain_error

SAID = {
    "no-such-package": """error: No solution found when resolving dependencies
  cause: Because there are no versions of panads{python_full_version < '3.12'} and notebook depends on panads, we can conclude""",
    "conflict": """error: No solution found when resolving dependencies
  cause: Because pandas{python_full_version < '3.12'}==2.2.0 depends on numpy>=1.26.0,<2 and you require
         numpy<1.22, we can conclude that your requirements are unsatisfiable.""",
    "needs-build": """error: No solution found
  cause: Because all versions of langdetect have no usable wheels and you require langdetect, we can conclude
hint: Wheels are required for `langdetect` because building from source is disabled for all packages""",
    "no-wheel-here": """error: No solution found
  cause: Because demo==1.0 has no wheels with a matching platform tag (e.g., `manylinux_2_36_x86_64`) and""",
    "hash-mismatch": """error: Hash mismatch for `cycler==0.12.1`\nExpected:\n  sha256:aa\nComputed:\n  sha256:bb""",
    "file-corrupt": """error: No solution found\n  cause: Because demo has an invalid package format\nhint: Failed to read from zip file""",
    "disk-full": "error: Failed to install: x.whl\n  cause: No space left on device (os error 28)",
    "file-gone": "error: Failed to fetch: `http://h/x.whl`\n  cause: HTTP status client error (404 Not Found) for url",
    "index-auth": "error: Failed to fetch\n  cause: lack of valid authentication credentials (401 Unauthorized)",
    "index-timeout": "error: Failed to fetch: `http://h/`\n  cause: Request failed after 3 retries\n  cause: operation timed out",
    "index-unavailable": "error: Request failed after 3 retries\n  cause: HTTP status server error (500 Internal Server Error)",
    "index-certificate": "error: error sending request\n  cause: invalid peer certificate: UnknownIssuer",
    "offline": "error: x was not found in the cache\nhint: Packages were unavailable because the network was disabled.",
    "index-garbage": "error: Received some unexpected JSON from http://h/",
    "yanked": "error: No solution found\n  cause: Because only demo==1.0 is available and demo==1.0 was yanked (reason: <img>)",
    "build-failed": "error: Failed to build `demo==1.0`\n  cause: The build backend returned an error",
    "engine-failed": "error: something new\n",
}  # fmt: skip


@pytest.mark.parametrize(("code", "text"), SAID.items())
def test_a_complaint_becomes_a_typed_error(code: str, text: str) -> None:
    error = explain_error(text, 1)
    assert error.code == code
    assert error.details == text
    assert "{" not in error.sentence and len(error.sentence) < 400


def test_a_conflict_says_who_wants_what() -> None:
    sentence = explain_error(SAID["conflict"], 1).sentence
    assert "pandas==2.2.0 needs numpy>=1.26.0,<2 and you ask for numpy<1.22" in sentence


def test_a_missing_package_is_named() -> None:
    assert explain_error(SAID["no-such-package"], 1).data == {"package": "panads"}


def test_a_build_question_names_the_packages_and_their_flag() -> None:
    error = explain_error(SAID["needs-build"], 1)
    assert (error.exit_code, error.data) == (3, {"packages": ["langdetect"]})
    assert "building langdetect runs its code" in error.sentence
    assert "--allow-build langdetect" in error.hint
