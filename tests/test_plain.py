"""What others wrote can be shown anywhere."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_envs.errors import EnvsError, InstallError
from jupyter_envs.text import LONGEST_LINE, LONGEST_TEXT, holds_secret, one_line, plain, throughout

WRITTEN = {
    "\x1b]0;owned\x07name": "name",
    "\x1b]8;;http://evil/\x1b\\click\x1b]8;;\x1b\\": "click",
    "\x1b]0;never ended\nnext": "\nnext",
    "\x1b[2J\x1b[31mred\x1b[0m": "red",
    "\x9b31mred": "red",
    "\x9d0;owned\x9cname": "name",
    "\x1bP1;2|dcs\x1b\\rest": "rest",
    "\x1bcreset": "reset",
    "a\x08\x7f\x00b": "ab",
    "p\u202eandas\u2066x\u2069": "pandasx",
    "pan\u200b\u200ddas\ufeff\u00ad": "pandas",
    "\ud800half": "half",
    "10 %\r20 %\r100 %": "100 %",
    "done\r": "done",
    "windows\r\nlines": "windows\nlines",
    "one\u2028two\x85three": "one\ntwo\nthree",
    "größe · 空\tok": "größe · 空\tok",
    "<img src=x onerror=alert(1)>": "<img src=x onerror=alert(1)>",
}


@pytest.mark.parametrize(("text", "shown"), WRITTEN.items(), ids=[ascii(text) for text in WRITTEN])
def test_nothing_that_moves_hides_or_turns_text_is_left(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(st.text(st.characters() | st.sampled_from("\x1b\x9b\x9d\r\n\x07[]m;\u202e"), max_size=200))
def test_any_text_becomes_harmless_and_stays_as_it_is_then(text: str) -> None:
    shown = plain(text)
    assert plain(shown) == shown
    hidden = [c for c in shown if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cf", "Cs")]
    assert hidden == []
    shown.encode()


def test_a_line_and_a_log_have_an_end() -> None:
    assert len(plain("x" * 1_000_000)) == LONGEST_LINE
    log = plain("".join(f"line {i}\n" for i in range(500_000)))
    assert len(log) == LONGEST_TEXT and log.endswith("line 499999\n")


def test_one_line_is_one_and_hides_nothing() -> None:
    assert one_line("a\nb\x1b[1m\rc\u202e") == r"a\nb\x1b[1m\rc\u202e"
    assert len(one_line("x" * 1_000_000)) == LONGEST_LINE


def test_colours_stay_where_they_are_wanted() -> None:
    assert plain("\x1b[31mred\x1b[0m\x1b[2J \x1b]0;x\x07", colours=True) == "\x1b[31mred\x1b[0m "


def test_every_text_of_an_error_is_plain() -> None:
    bad = "a\x1b[31m\u202eb\r\nc"
    whole = r"a\x1b[31m\u202eb\r\nc"
    error = InstallError("engine-failed", bad, hint=bad, details=bad, data={"x\x1b[1m": [bad]})
    expected = {"sentence": whole, "hint": whole, "details": "ab\nc", "data": {"x": ["ab\nc"]}}
    assert expected.items() <= error.to_dict().items()
    again = EnvsError.from_dict(error.to_dict())
    assert again.sentence == EnvsError.from_dict({"code": "x", "sentence": bad}).sentence == whole


def test_json_is_cleaned_to_its_leaves() -> None:
    assert throughout({"a": ["\x1b[1mb", 1, None, {"c": "\u200bd"}]}) == {"a": ["b", 1, None, {"c": "d"}]}


TOKEN = "ghp_0123456789abcdefghij0123456789abcdef"


def test_no_error_says_a_secret() -> None:
    text = f"https://me:hunter2@host/x {TOKEN} ssh://git@host/x"
    told = InstallError("engine-failed", text, details=text).to_dict()
    assert "hunter2" not in str(told) and TOKEN not in str(told)
    assert "ssh://git@host/x" in told["sentence"] and "https://****@host/x" in told["details"]
    assert holds_secret(text) and not holds_secret("pandas>=2 https://host/me@x")
