"""What each option of pip's verbs that only look does here: `pip list`, `freeze`, `show`, `index` and `hash`."""

from __future__ import annotations

from typing import Iterable, Sequence

from .pip_options import MEANS, REFUSED, Row, accepted, means, refused

PLACE = "another-environment"
OWN = "Leave it out: this notebook's packages are listed."
SAME = "all packages are the notebook's own"

LOOKING: tuple[Row, ...] = (
    accepted("-l --local", SAME),
    refused("--user", "it names another place", OWN, code=PLACE),
    refused("--path", "it names another place", OWN, "FOLDER", code=PLACE),
)  # fmt: skip
LISTING: tuple[Row, ...] = (
    *LOOKING,
    means("--exclude", "exclude=", "leaves this package out", "NAME"),
    means("--exclude-editable", "exclude-editable", "leaves out what is installed in editable mode"),
)
LIST: tuple[Row, ...] = (
    *LISTING,
    means("--format", "format=", "a table, as always", "FORMAT", "columns"),
    means("--format", "format=", "`NAME==VERSION` lines", "FORMAT", "freeze"),
    means("--format", "format=", "JSON, as pip writes it", "FORMAT", "json"),
    refused("--format", "there is no such format", "Use columns, freeze or json.", "FORMAT"),
    means("-e --editable", "editable", "lists what is installed in editable mode"),
    accepted("--include-editable", "it is listed anyway"),
    means("--not-required", "not-required", "lists what no other package needs"),
    means("-o --outdated", "outdated", "asks your indexes, and lists what has a newer version there"),
    means("-u --uptodate", "uptodate", "asks your indexes, and lists what has none"),
)
FREEZE: tuple[Row, ...] = (
    *LISTING,
    means("--all", "all", "also lists pip, setuptools and wheel"),
    refused(
        "-r --requirement", "the order of a file is not kept", "Leave it out: what is installed is listed.", "FILE"
    ),
)
SHOW: tuple[Row, ...] = (means("-f --files", "files", "also lists the files of a package"),)
INDEX: tuple[Row, ...] = (
    means("--json", "format=json", "prints JSON, as pip does"),
    means("--pre", "pre", "also lists pre-releases and development versions"),
)
HASH: tuple[Row, ...] = (
    means("-a --algorithm", "algorithm=", "the hash that pip takes first", "ALGORITHM", "sha256"),
    means("-a --algorithm", "algorithm=", "another hash", "ALGORITHM", "sha384"),
    means("-a --algorithm", "algorithm=", "another hash", "ALGORITHM", "sha512"),
    refused("-a --algorithm", "there is no such algorithm", "Use sha256, sha384 or sha512.", "ALGORITHM"),
)
UNUSED = "unused="
DECIDED = "your configuration says where versions are looked for"
FINAL = "the newest final version of each package is listed"
PLACES = (
    "--index-url", "--extra-index-url", "--no-index", "--find-links", "--refresh-package", "--index", "--default-index",
    "--index-strategy",
)  # fmt: skip


def unused(forms: Sequence[str], value: str) -> Row:
    """For `pip list`."""
    shown = next((form for form in forms if form.startswith("--")), forms[0])
    says = f"changes nothing; with `--outdated` or `--uptodate` it is refused: {why_unused(shown)[0]}"
    return Row(tuple(forms), value, MEANS, says, UNUSED + shown)


def why_unused(option: str) -> tuple[str, str]:
    """Why an option is refused where the indexes are asked, and what to do."""
    pre = option in ("--pre", "--all-releases")
    hint = "`pip index versions NAME --pre` lists pre-releases." if pre else "Leave it out."
    return DECIDED if option in PLACES else FINAL, hint


def kinds(rows: Iterable[Row]) -> Iterable[tuple[tuple[str, ...], str]]:
    """Forms and value of each option."""
    return dict.fromkeys((row.forms, row.value) for row in rows)


def decided(rows: Iterable[Row]) -> tuple[Row, ...]:
    """For `pip index`."""
    own = {form for row in INDEX for form in row.forms}
    others = [(forms, value) for forms, value in kinds(rows) if own.isdisjoint(forms)]
    return tuple(Row(forms, value, REFUSED, DECIDED, "", "Leave it out.", "pip-option") for forms, value in others)
