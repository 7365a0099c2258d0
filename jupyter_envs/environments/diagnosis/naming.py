"""The name is the cause: no index has it, or has something else under it."""

from __future__ import annotations

import re

from packaging.specifiers import SpecifierSet

from . import names
from .values import Cause, Diagnosis, Facts, Failure, Way

ELSEWHERE = "Check the spelling, or name the index it comes from in your uv or pip configuration."


def missing(name: str, failure: Failure, facts: Facts) -> Diagnosis:
    """No index has it."""
    if names.in_standard_library(name) and names.of_module(name) is None:
        return _diagnosis(
            "standard-library",
            f"{name} is a part of Python itself: there is nothing to install.",
            _leaving(name, failure),
            f"Import it: `import {name}`.",
        )
    if found := _other(name, failure, facts):
        return found
    if names.is_program(name):
        return program(name, failure)
    likely = [each for each in names.alike(name) if facts.packages.get(each)]
    nowhere = f'There is no package called "{name}" in {_indexes(facts)}.'
    if not likely:
        return _diagnosis("no-package", nowhere, (), ELSEWHERE)
    listed = " or ".join(likely)
    return _diagnosis("typo", f"{nowhere} Did you mean {listed}?", tuple(_take(name, each, failure) for each in likely))


def mistaken(name: str, failure: Failure, facts: Facts) -> Diagnosis | None:
    """An index has something under this name, as source alone: hardly what was meant if something better known is
    called so. None if nothing is."""
    if names.is_program(name):
        return program(name, failure, exists=True)
    return _other(name, failure, facts, exists=True)


def missing_need(name: str, who: str, facts: Facts) -> Diagnosis:
    sentence = f"{who} needs {name}, and there is no package called so in {_indexes(facts)}."
    return _diagnosis("no-package", sentence, (), ELSEWHERE)


def program(name: str, failure: Failure, *, exists: bool = False) -> Diagnosis:
    stranger = f" What the package index calls {name} is something else." if exists else ""
    return Diagnosis(
        "other-name" if exists else "no-such-package",
        "program",
        f"{name} is a program, not a Python package.{stranger}",
        _leaving(name, failure),
        "Install it with the package manager of your system.",
    )


def python_itself(limits: SpecifierSet, failure: Failure, facts: Facts) -> Diagnosis:
    minors = dict.fromkeys(m[1] for part in limits if (m := re.match(r"(3\.\d+)", part.version)))
    ways = [Way("python", f"Use Python {minor}", failure.with_python(minor, "python")) for minor in minors]
    chosen = (
        f" This notebook uses {failure.python.minor}." if not minors or minors != {failure.python.minor: None} else ""
    )
    return Diagnosis(
        "no-such-package",
        "python-itself",
        f"Python itself is not a package: a notebook chooses its version.{chosen}",
        tuple(ways) or tuple(_pythons(failure, facts)),
    )


def _pythons(failure: Failure, facts: Facts) -> list[Way]:
    others = [minor for minor in facts.pythons if minor != failure.python.minor]
    return [Way("python", f"Use Python {minor}", failure.with_python(minor, "python")) for minor in others[:1]]


def _other(name: str, failure: Failure, facts: Facts, *, exists: bool = False) -> Diagnosis | None:
    """What is known under another name in the index. Only one that an index has is named."""
    code = "other-name" if exists else "no-such-package"
    module, foreign = names.of_module(name), names.of_other_manager(name)
    found = module or foreign
    if found is None or facts.packages.get(found[1]) is None:
        return None
    shown, package = found
    cause: Cause = "module-name" if module else "other-system"
    how = f"{shown} is what you import" if module else f"{shown} has another name in the package index"
    return Diagnosis(code, cause, f"{how}: the package is called {package}.", (_take(name, package, failure),))


def _take(name: str, package: str, failure: Failure) -> Way:
    return Way("name", f"Install {package}", (failure.instead(name, package),))


def _leaving(name: str, failure: Failure) -> tuple[Way, ...]:
    rest = failure.without(name)
    return (Way("without", f"Install the rest, without {name}", (rest,)),) if rest else ()


def _diagnosis(cause: Cause, sentence: str, ways: tuple[Way, ...], hint: str = "") -> Diagnosis:
    return Diagnosis("no-such-package", cause, sentence, ways, hint)


def _indexes(facts: Facts) -> str:
    if not facts.indexes:
        return "the indexes"
    return f"the index {facts.indexes[0]}" if len(facts.indexes) == 1 else f"the indexes {', '.join(facts.indexes)}"
