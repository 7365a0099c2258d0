"""Notebooks as programs and people leave them, and what becomes of them. A report of a notebook that we treat wrongly is
one more row here; tests/test_notebook_shapes.py does the rest."""

from __future__ import annotations

import codecs
import json
from typing import Any, NamedTuple


class Shape(NamedTuple):
    """`code`: why it is refused, "" if it works. `run`: why only `run` refuses it. `file`: its name."""

    data: bytes
    code: str = ""
    run: str = ""
    file: str = "a.ipynb"


def cell(source: Any = "1", **more: Any) -> dict[str, Any]:
    about = {"cell_type": "code", "execution_count": None, "id": "c0", "metadata": {}, "outputs": [], "source": source}
    return {key: value for key, value in (about | more).items() if value is not ...}


def content(*cells: Any, **more: Any) -> dict[str, Any]:
    about = {"cells": list(cells or (cell(),)), "metadata": {"kernelspec": PYTHON3}, "nbformat": 4, "nbformat_minor": 5}
    return {key: value for key, value in (about | more).items() if value is not ...}


def dumped(value: Any, **how: Any) -> bytes:
    return json.dumps(value, **{"indent": 1, "ensure_ascii": False, **how}).encode()


def about(**metadata: Any) -> Shape:
    """A notebook with this metadata."""
    return Shape(dumped(content(metadata=metadata)))


def speaks(language: Any, name: str = "python3") -> Shape:
    return about(kernelspec={"display_name": str(language), "language": language, "name": name})


def with_output(**data: Any) -> bytes:
    return dumped(content(cell(outputs=[{"output_type": "display_data", "metadata": {}, "data": data}])))


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


PYTHON3 = {"display_name": "Python 3", "language": "python", "name": "python3"}
PLAIN = dumped(content())
OURS = {"version": 1, "dependencies": ["demo"]}
BOTH_ADDED = [{"op": "patch", "key": "jupyter_envs", "diff": [
    {"op": "patch", "key": "dependencies", "diff": [{"op": "addrange", "key": 1, "valuelist": ["NAME"]}]}]}]  # fmt: skip


def side(name: str) -> Any:
    return json.loads(json.dumps(BOTH_ADDED).replace("NAME", name))


WRITTEN: dict[str, Shape] = {
    "as Jupyter saves it": Shape(PLAIN + b"\n"),
    "no line end at the end": Shape(PLAIN),
    "on one line": Shape(dumped(content(), indent=None)),
    "without any space": Shape(dumped(content(), indent=None, separators=(",", ":"))),
    "four spaces": Shape(dumped(content(), indent=4)),
    "tabs": Shape(dumped(content(), indent="\t")),
    "CRLF": Shape(PLAIN.replace(b"\n", b"\r\n") + b"\r\n"),
    "byte order mark": Shape(codecs.BOM_UTF8 + PLAIN),
    "byte order mark, CRLF and tabs": Shape(codecs.BOM_UTF8 + dumped(content(), indent="\t").replace(b"\n", b"\r\n")),
    "spaces at the end": Shape(PLAIN + b"  \n\n\n"),
    "spaces before colons": Shape(dumped(content(), separators=(" , ", " : "))),
    "sorted": Shape(dumped(content(), sort_keys=True)),
    "metadata first": Shape(dumped(dict(reversed(content().items())))),
    "escapes": Shape(dumped(content(cell("print('ä 😀')")), ensure_ascii=True)),
    "not ASCII": Shape(dumped(content(cell("print('ä 😀')")))),
    "line separators that JSON allows": Shape(dumped(content(cell("a = '\u2028\u0085'")))),
    "empty cells": Shape(dumped(content(cells=[]))),
    "format 4.0": Shape(dumped(content(cell(id=...), nbformat_minor=0))),
    "format 4.4": Shape(dumped(content(cell(["a\n", "b"], id=...), nbformat_minor=4))),
    "a minor format of the future": Shape(dumped(content(nbformat_minor=99, more={"x": 1}))),
    "no minor format": Shape(dumped(content(nbformat_minor=...))),
    "minor format as text": Shape(dumped(content(nbformat_minor="5")), run="not-notebook"),
}

METADATA: dict[str, Shape] = {
    "no metadata": Shape(dumped(content(metadata=...))),
    "empty metadata": about(),
    "kernelspec null": about(kernelspec=None),
    "kernelspec a number": about(kernelspec=3),
    "kernelspec without a name": about(kernelspec={"display_name": "Python 3"}),
    "kernelspec without a language": about(kernelspec={"display_name": "Python 3", "name": "python3"}),
    "language_info only": about(language_info={"name": "python", "version": "3.12.1"}),
    "language_info says ipython": about(language_info={"name": "ipython", "version": "3"}),
    "language_info with NaN": about(language_info={"name": "python", "version": float("nan")}),
    "language python3": speaks("python3"),
    "language Python 3": speaks("Python 3"),
    "language Python 3.11.4": speaks("Python 3.11.4"),
    "language ipython": speaks("ipython"),
    "language IPython3": speaks("IPython3"),
    "language of a display name": speaks("Python 3 (ipykernel)"),
    "language of a conda kernel": speaks("Python [conda env:base] *"),
    "language empty": speaks(""),
    "language null": speaks(None),
    "language a number": speaks(3),
    "kernel of a conda environment": speaks("python", "conda-env-py311-py"),
    "Colab": about(accelerator="GPU", colab={"provenance": [], "gpuType": "T4"}, kernelspec={"name": "python3", "display_name": "Python 3"}),
    "VS Code": about(language_info={"name": "python"}, orig_nbformat=4, vscode={"interpreter": {"hash": "ab" * 32}}),
    "Databricks": about(**{"application/vnd.databricks.v1+notebook": {"language": "python", "widgets": {}}}),
    "Kaggle": about(kernelspec=PYTHON3, kaggle={"accelerator": "none", "dataSources": []}),
    "widgets": about(widgets={"application/vnd.jupyter.widget-state+json": {"state": {}, "version_major": 2}}),
    "a pair of jupytext": about(jupytext={"formats": "ipynb,py:percent"}, kernelspec=PYTHON3),
    "NaN in a parameter": about(papermill={"parameters": {"x": float("nan"), "y": float("-inf")}}),
    "infinity in the metadata": about(x=[float("inf")]),
    "90 levels deep": about(x=nested(90)),
    "150 levels deep": about(x=nested(150))._replace(code="too-deep"),
    "metadata null": Shape(dumped(content(metadata=None)), "not-notebook"),
    "metadata a list": Shape(dumped(content(metadata=[])), "not-notebook"),
    "language R": speaks("R", "ir")._replace(code="not-python"),
    "only the kernel of R": about(kernelspec={"display_name": "R", "name": "ir"})._replace(code="not-python"),
    "only the kernel of Julia": about(kernelspec={"name": "julia-1.9"})._replace(code="not-python"),
    "language_info says C#": about(language_info={"name": "C#"})._replace(code="not-python"),
    "only the kernel of .NET": about(kernelspec={"name": ".net-csharp"})._replace(code="not-python"),
    "MicroPython": speaks("micropython")._replace(code="not-python"),
    "NaN in the block": about(jupyter_envs={"version": float("nan")})._replace(code="not-json"),
    "nbdime could not merge the block": about(
        jupyter_envs=OURS, **{"nbdime-conflicts": {"local_diff": side("six"), "remote_diff": side("idna")}}
    )._replace(code="merge-conflict"),
    "nbdime: one side removed the block": about(
        jupyter_envs=OURS, **{"nbdime-conflicts": {"local_diff": [{"op": "remove", "key": "jupyter_envs"}], "remote_diff": side("six")}}
    )._replace(code="merge-conflict"),
    "nbdime: both sides added a block": about(
        **{"nbdime-conflicts": {"local_diff": [{"op": "add", "key": "jupyter_envs", "value": OURS}], "remote_diff": [{"op": "add", "key": "jupyter_envs", "value": OURS | {"dependencies": ["six"]}}]}}
    )._replace(code="merge-conflict"),
    "nbdime could not merge something else": about(
        **{"nbdime-conflicts": {"local_diff": [{"op": "replace", "key": "toc", "value": 1}], "remote_diff": [{"op": "replace", "key": "toc", "value": 2}]}}
    ),
}  # fmt: skip

CONFLICT = "a = 0\n<<<<<<< local\na = 1\n=======\na = 2\n>>>>>>> remote\n"
CELLS: dict[str, Shape] = {
    "a cell without metadata": Shape(dumped(content(cell(metadata=...))), run="not-notebook"),
    "a cell with a list as metadata": Shape(dumped(content(cell(metadata=[]))), run="not-notebook"),
    "a cell without outputs": Shape(dumped(content(cell(outputs=..., execution_count=...)))),
    "a cell that is null": Shape(dumped(content(None)), run="not-notebook"),
    "a cell of an unknown type": Shape(dumped(content(cell(cell_type="sql"))), run="not-notebook"),
    "NaN in an output": Shape(with_output(**{"application/json": {"y": [1, float("nan")]}})),
    "infinity in an output": Shape(with_output(**{"application/json": [float("inf"), float("-inf")]})),
    "a number that is too large for a float": Shape(with_output(x=1).replace(b'"x": 1', b'"x": 1e400')),
    "numbers as others write them": Shape(with_output(x=1).replace(b'"x": 1', b'"x": [1.50, 1E5, -0.0]')),
    "a number of 4000 digits": Shape(with_output(x=1).replace(b'"x": 1', b'"x": ' + b"9" * 4000)),
    "a number of 5000 digits": Shape(with_output(x=1).replace(b'"x": 1', b'"x": ' + b"9" * 5000), "not-json"),
    "half a character in an output": Shape(with_output(x="y").replace(b'"y"', b'"\\ud83d"')),
    "half a character in a key": Shape(with_output(x="y").replace(b'"x"', b'"\\ud83d"')),
    "half a character in a cell": Shape(dumped(content(cell("a = '\\ud83d'"))).replace(b"\\\\ud83d", b"\\ud83d"), run="not-notebook"),
    "zero characters": Shape(dumped(content(cell("a = '\0'")))),
    "3 MB of output": Shape(with_output(**{"text/plain": "x" * 3_000_000})),
    "deep outputs": Shape(with_output(**{"application/json": nested(200)})),
    "outputs that are too deep": Shape(PLAIN.replace(b'"outputs": []', b'"outputs": ' + b"[" * 100_000 + b"]" * 100_000), "too-deep"),
    "a key twice in an output": Shape(with_output(x=1).replace(b'"x": 1', b'"x": 1, "x": 2'), "json-dup-key"),
    "two metadata": Shape(PLAIN.replace(b'"nbformat": 4', b'"metadata": {}, "nbformat": 4'), "json-dup-key"),
    "attachments": Shape(dumped(content(cell("![x](attachment:x)", cell_type="markdown", outputs=..., execution_count=..., attachments={"x": {"image/png": "aaaa"}})))),
    "conflict markers in a cell": Shape(dumped(content(cell(CONFLICT))), run="merge-conflict"),
    "conflict markers between cells": Shape(
        dumped(content(cell('<span style="color:red"><b><<<<<<< local</b></span>', cell_type="markdown", outputs=..., execution_count=...), cell())),
        run="merge-conflict",
    ),
    "conflict markers that a cell is about": Shape(dumped(content(cell(f'text = """\n{CONFLICT}"""')))),
}  # fmt: skip

NONE: dict[str, Shape] = {
    "empty": Shape(b"", "not-json"),
    "only spaces": Shape(b" \n", "not-json"),
    "cut off": Shape(PLAIN[:-30], "not-json"),
    "bytes behind the end": Shape(PLAIN + b"}", "not-json"),
    "zeros behind the end": Shape(PLAIN + b"\0" * 512, "not-json"),
    "two notebooks": Shape(PLAIN + b"\n" + PLAIN, "not-json"),
    "git could not merge it": Shape(PLAIN.replace(b' "nbformat": 4', b'<<<<<<< HEAD\n "nbformat": 4'), "merge-conflict"),
    "git could not merge it, CRLF": Shape(PLAIN.replace(b' "nbformat": 4', b'<<<<<<< HEAD\n "nbformat": 4').replace(b"\n", b"\r\n"), "merge-conflict"),
    "UTF-16": Shape(json.dumps(content()).encode("utf-16"), "not-utf8"),
    "Latin-1": Shape(json.dumps(content(cell("ä")), ensure_ascii=False).encode("latin-1"), "not-utf8"),
    "format 3": Shape(dumped({"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": []}]}), "nbformat"),
    "format 2": Shape(dumped({"metadata": {"name": ""}, "nbformat": 2, "worksheets": []}), "nbformat"),
    "format 5": Shape(dumped(content(nbformat=5)), "nbformat"),
    "format as text": Shape(dumped(content(nbformat="4")), "not-notebook"),
    "format as a fraction": Shape(dumped(content(nbformat=4.0)), "not-notebook"),
    "an empty object": Shape(b"{}", "not-notebook"),
    "a list": Shape(b"[]", "not-notebook"),
    "no cells": Shape(dumped(content(cells=...)), "not-notebook"),
    "a web page": Shape(b"\n<!DOCTYPE html>\n<html></html>", "not-json"),
    "a pointer of Git LFS": Shape(b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 1\n", "not-json"),
    "a script in the name of a notebook": Shape(b"import six\n", "not-json"),
    "a script": Shape(b"import six\n", "text-notebook", file="a.py"),
    "a script with cells": Shape(b"# %%\nimport six\n", "text-notebook", file="a.py"),
    "a text notebook": Shape(b"# ---\n# jupyter:\n#   jupytext:\n#     text_representation: {}\n# ---\n1\n", "text-notebook", file="a.py"),
    "a text notebook in Markdown": Shape(b"---\njupytext:\n  formats: md:myst\n---\n\n# T\n", "text-notebook", file="a.md"),
    "a marimo notebook": Shape(b"import marimo\n\napp = marimo.App()\n", "text-notebook", file="a.py"),
    "a Quarto document": Shape(b"---\ntitle: x\n---\n", "text-notebook", file="a.qmd"),
    "an R Markdown document": Shape(b"---\ntitle: x\n---\n", "text-notebook", file="a.Rmd"),
    "a notebook with another ending": Shape(PLAIN, file="a.json"),
    "a notebook without an ending": Shape(PLAIN, file="notebook"),
}  # fmt: skip

SHAPES: dict[str, Shape] = WRITTEN | METADATA | CELLS | NONE
