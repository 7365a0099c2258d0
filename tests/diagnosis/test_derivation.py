"""Who needs what, read from the message in which uv derives that there is no solution."""

from __future__ import annotations

import pytest

from jupyter_envs.engines.uv.derivation import needs_in

HEAD = "error: No solution found when resolving dependencies\n  cause: "
CHAIN = (
    HEAD
    + """Because all versions of botocore depend on urllib3<1.27 and all versions of boto3 depend on botocore==1.31.0, we can conclude that all versions of boto3 depend on urllib3<1.27.
         And because notebook depends on boto3{python_full_version < '3.12'} and urllib3{python_full_version < '3.12'}>=2, we can conclude that your requirements are unsatisfiable."""
)
ONE_OF = (
    HEAD
    + """Because pandas>=2.2.0 depends on one of:
             numpy{python_full_version < '3.12'}>=1.22.4,<2
             numpy{python_full_version >= '3.12'}>=1.26.0,<2
         and you require pandas>=2.2 and you require numpy<1.20, we can conclude that your requirements are unsatisfiable."""
)
NOTEBOOK = (
    HEAD
    + """Because all of:
             notebook>=7.0.0,<=7.0.7
             notebook==7.1.0a0
         depend on jupyterlab>=4.0.2 and all versions of notebook depend on six, we can conclude that nothing is left.
         And because notebook depends on notebook{python_full_version < '3.12'}>=7 and jupyterlab<3, we can conclude that your requirements are unsatisfiable."""
)
OWN = HEAD + "notebook depends on six<1 and six>=2, which are incompatible"


def told(text: str) -> list[tuple[str, str, str]]:
    return [(f"{n.who}{n.versions}", n.name, str(n.limits)) for n in needs_in(text)]


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        (CHAIN, [("botocore", "urllib3", "<1.27"), ("boto3", "botocore", "==1.31.0"), ("", "boto3", ""), ("", "urllib3", ">=2")]),
        (ONE_OF, [("pandas>=2.2.0", "numpy", "<2,>=1.22.4"), ("pandas>=2.2.0", "numpy", "<2,>=1.26.0"), ("", "pandas", ">=2.2"),
                  ("", "numpy", "<1.20")]),
        (NOTEBOOK, [("notebook==7.1.0a0", "jupyterlab", ">=4.0.2"), ("notebook<=7.0.7,>=7.0.0", "jupyterlab", ">=4.0.2"),
                    ("notebook", "six", ""), ("", "notebook", ">=7"), ("", "jupyterlab", "<3")]),
        (OWN, [("", "six", "<1"), ("", "six", ">=2")]),
    ],
)  # fmt: skip
def test_each_need_is_read_and_no_conclusion(text: str, needs: list[tuple[str, str, str]]) -> None:
    assert told(text) == needs


@pytest.mark.parametrize(
    "text",
    ["", "error: something new", "depends on", "Because depends on on depends on,", "a depends on [", "you require"],
)
def test_any_other_text_gives_nothing(text: str) -> None:
    assert told(text) == []
