"""What people take for an .ipynb file: text notebooks, scripts, what was saved in place of the notebook. Said what it
is, and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import NotebookError
from ..kernel.foreign import quoted
from ..model.block import KEY

HEAD = 1 << 14
"""Bytes that are looked at."""
JUPYTEXT = "Make a notebook of it: jupytext --to ipynb {file}"
TAKE = JUPYTEXT + ". Or take its packages over into another one: jupyter envs import NOTEBOOK {file}"


class Kind(NamedTuple):
    endings: tuple[str, ...]
    sign: re.Pattern[str]
    name: str
    hint: str


def _kind(endings: str, sign: str, name: str, hint: str = JUPYTEXT) -> Kind:
    return Kind(tuple(endings.split()), re.compile(sign, re.MULTILINE), name, hint)


KINDS = (
    _kind(".py", r"^app = marimo\.App\(", "a marimo notebook",
          "Make a notebook of it: marimo export ipynb {file} -o {stem}.ipynb. Or take its packages over into "
          "another one: jupyter envs import NOTEBOOK {file}"),
    _kind(".py", r"^# Databricks notebook source", "a Databricks notebook in its source form", TAKE),
    _kind(".py .md .r .jl .rmd .qmd .myst .markdown", r"^(# |#' )?\s*jupytext:", "a text notebook of jupytext"),
    _kind(".py", r"^# ?%%", "a script with cells"),
    _kind(".qmd", "", "a Quarto document", "Make a notebook of it: quarto convert {file}"),
    _kind(".rmd", "", "an R Markdown document"),
    _kind(".md .markdown .myst", "", "a Markdown document"),
    _kind(".py .pyw", r"^# /// script\s*$", "a script that lists its packages itself", TAKE),
    _kind(".py .pyw", "", "a Python script"),
)  # fmt: skip
"""The first that fits says what a file is."""

STRANGERS = (
    (re.compile(r"\s*(<!doctype html|<html)", re.IGNORECASE), "This is a web page, not the notebook that it shows.",
     "Download the notebook itself: on GitHub, the raw file."),
    (re.compile(r"version https://git-lfs\.github\.com/"), "This is a pointer of Git LFS, not the notebook.",
     "Fetch the notebook: git lfs pull"),
)  # fmt: skip


def known_stranger(text: str) -> NotebookError | None:
    """Why a file of any name is no JSON, where that can be said."""
    found = next((row for row in STRANGERS if row[0].match(text)), None)
    return NotebookError("not-json", found[1], hint=found[2]) if found else None


def refuse_plain_text(path: Path, data: bytes) -> None:
    """Raises NotebookError `text-notebook`, unless the file is of another kind."""
    head = data[:HEAD].decode("utf-8", "replace")
    kind = next((kind for kind in KINDS if path.suffix.lower() in kind.endings and kind.sign.search(head)), None)
    if kind is None:
        return
    pair = path.with_suffix(".ipynb")
    if pair.is_file():
        hint = f"Name the notebook beside it: {quoted(pair.name)}"
    else:
        hint = kind.hint.format(file=quoted(path.name), stem=path.stem)
    raise NotebookError(
        "text-notebook", f"{path.name} is {kind.name}: the environment of a notebook is in an .ipynb file.", hint=hint
    )


def keeps_block(metadata: Mapping[str, Any]) -> bool:
    """Whether a text notebook with this metadata, as jupytext writes them, keeps our block: it has one, lets it
    through, or is paired with a notebook."""
    return KEY in metadata or _lets_block_through(metadata) or "ipynb" in _paired(metadata)


def _jupytext(metadata: Mapping[str, Any], key: str) -> str:
    about = metadata.get("jupytext")
    found = about.get(key) if isinstance(about, Mapping) else None
    return found if isinstance(found, str) else ""


def _lets_block_through(metadata: Mapping[str, Any]) -> bool:
    let = {word.strip() for word in _jupytext(metadata, "notebook_metadata_filter").split(",")}
    return KEY in let or ("all" in let and f"-{KEY}" not in let)


def _paired(metadata: Mapping[str, Any]) -> list[str]:
    """Endings: `notebooks//ipynb,scripts//py:percent` -> ipynb, py."""
    forms = re.split(r"[,;]", _jupytext(metadata, "formats"))
    return [form.strip().split(":")[0].rpartition("/")[2].rpartition(".")[2] for form in forms]


def left_out_by_jupytext(metadata: Mapping[str, Any]) -> str:
    """A sentence if jupytext also writes this notebook as text, without its environment; else ""."""
    text = next((ending for ending in _paired(metadata) if ending and ending != "ipynb"), "")
    if not text or _lets_block_through(metadata):
        return ""
    more = """jupytext --update-metadata '{"jupytext": {"notebook_metadata_filter": "jupyter_envs"}}' NOTEBOOK"""
    return (
        f"The .{text} file that jupytext pairs with this notebook does not hold its environment. "
        f"To have it there, too: {more}"
    )
