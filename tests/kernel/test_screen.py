"""What a change looks like in words."""

from __future__ import annotations

import pytest

from jupyter_envs.kernel import asking
from jupyter_envs.kernel.screen import Display, Screen, bar, complain, summary


def test_what_was_asked_for_comes_first_and_the_rest_is_counted() -> None:
    changed = {"numpy": (None, "2.5.5"), "pandas": (None, "3.1.1"), "pytz": (None, "1")}
    assert summary(changed, ["pandas"], 4) == "+ pandas 3.1.1 (+ 2 more)"


def test_removed_and_moved_packages() -> None:
    changed = {"six": ("1.17.0", None), "numpy": ("2.5.4", "2.5.5")}
    assert summary(changed, [], 4) == "~ numpy 2.5.4 → 2.5.5, - six"


def test_a_result_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    screen = Screen(["pandas"], {"ipykernel": "7.4.0"})
    screen.result({"changed": {"ipykernel": [None, "7.4.0"], "pandas": [None, "3.1.1"]}, "seconds": 0.31}, "install")
    assert capsys.readouterr().out == "+ pandas 3.1.1  0.3 s\n"


def test_a_plan_is_no_result(capsys: pytest.CaptureFixture[str]) -> None:
    screen = Screen(["pandas"])
    screen.result({"changed": {"pandas": [None, "3.1.1"]}, "seconds": 0.31}, "plan")
    screen.result({"changed": {}, "seconds": 0.31}, "plan")
    assert capsys.readouterr().out == "Would change: + pandas 3.1.1\nWould change: nothing\n"


def test_satisfied_already_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    Screen(["six"], {"six": "1.17.0"}).result({"changed": {}, "satisfied": True, "seconds": 0}, "install")
    assert capsys.readouterr().out == "six 1.17.0: already installed.\n"


def test_quiet_says_only_what_is_not_as_it_was_typed(capsys: pytest.CaptureFixture[str]) -> None:
    Screen(["six"], quiet=True).result({"changed": {"six": [None, "1"]}, "notes": ["a note"]}, "install")
    assert capsys.readouterr() == ("", "a note\n")


def test_the_moving_line() -> None:
    assert bar(12, 45, "Installing numpy") == "█████░░░░░░░░░░░░░░░ 12/45  Installing numpy"


NEEDS_BUILD = {
    "code": "needs-build",
    "sentence": "docopt has no wheel that fits: building docopt runs its code.",
    "data": {"packages": ["docopt"]},
}


def test_a_yes_is_asked_for_and_passed_on() -> None:
    asked: list[str] = []
    added = asking.more_arguments(NEEDS_BUILD, [], lambda text: asked.append(text) or "y")
    assert added == ["--allow-build=docopt"]
    assert asked == ["docopt has no wheel that fits: building docopt runs its code. Build it? [y/N] "]


@pytest.mark.parametrize("answer", ["", "n", "what?"])
def test_anything_but_yes_is_no(answer: str) -> None:
    assert asking.more_arguments(NEEDS_BUILD, [], lambda _: answer) is None


def test_nobody_there_to_ask_is_no() -> None:
    def ask(_: str) -> str:
        raise RuntimeError("this front end does not support input requests")

    assert asking.more_arguments(NEEDS_BUILD, [], ask) is None
    assert asking.hint(NEEDS_BUILD, "install", ["docopt"], None) == "%env-install --allow-build docopt docopt"


def test_the_same_question_is_not_asked_twice() -> None:
    assert asking.more_arguments(NEEDS_BUILD, ["--allow-build=docopt"], lambda _: "y") is None


def test_the_plan_stands_above_the_moving_line_and_gives_way_to_the_result() -> None:
    shown: list[str] = []
    display = Display(lambda text, update: shown.append(text), asked=["demo"])
    display.event({"event": "phase", "phase": "resolve", "text": "Resolving demo"})
    display.event({"event": "plan", "changed": {"demo": [None, "1.0"]}})
    display.event({"event": "progress", "done": 1, "total": 2, "text": ""})
    display.result({"changed": {"demo": [None, "1.0"]}, "seconds": 0.3}, "install")
    assert shown[0] == "Resolving demo…"
    assert shown[1].startswith("Plan: + demo 1.0\n█")
    assert shown[2] == "+ demo 1.0  0.3 s"


def test_what_a_tool_said_is_shown_to_who_asks_for_it(capsys: pytest.CaptureFixture[str]) -> None:
    error = {"sentence": "It did not work.", "hint": "Try again.", "details": "uv: no"}
    complain(error)
    assert capsys.readouterr().err == "It did not work.\nhint: Try again.\n-v shows the details.\n"
    complain(error, verbose=True)
    assert capsys.readouterr().err == "It did not work.\nhint: Try again.\nuv: no\n"
