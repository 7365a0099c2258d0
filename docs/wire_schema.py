"""JSON Schemas of the messages in `jupyter_envs/wire/`, made from the types and from the sentences below their fields.

What versions of msgspec say in different ways is said in one."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType, UnionType
from typing import Any, get_args

import msgspec

from jupyter_envs import wire
from jupyter_envs.wire.values import Message

Schema = dict[str, Any]
REF = "#/components/schemas/"
ORDER = ("$ref", "description", "type", "enum", "anyOf", "additionalProperties", "required", "properties")
"""The keys that come first, in this order."""
DROPPED = ("title", "default", "description")


def modules() -> list[ModuleType]:
    return [importlib.import_module(f"{wire.__name__}.{module.name}") for module in pkgutil.iter_modules(wire.__path__)]


def types() -> list[type[Message]]:
    """Each message, in the order of the files; not what only several have in common."""
    return [kind for module in modules() for kind in messages_of(module)]


def messages_of(module: ModuleType) -> list[type[Message]]:
    return [
        value
        for value in vars(module).values()
        if _is_message(value) and value.__module__ == module.__name__ and not getattr(value, "__parameters__", ())
    ]


def parents() -> dict[str, str]:
    """Message -> the one that it says more than."""
    known = types()
    return {kind.__name__: base.__name__ for kind in known for base in kind.__bases__ if base in known}


def unions() -> dict[str, tuple[type[Message], ...]]:
    """Name -> the messages that it may be."""
    return {
        name: get_args(value)
        for module in modules()
        for name, value in vars(module).items()
        if isinstance(value, UnionType) and all(map(_is_message, get_args(value)))
    }


def schemas() -> dict[str, Schema]:
    """Name -> JSON Schema. References are those of an OpenAPI description."""
    messages = types()
    _, raw = msgspec.json.schema_components(messages, ref_template=REF + "{name}")
    found: dict[str, Schema] = {}
    for message in messages:
        schema = _plain(raw[message.__name__], found)
        for name, words in _descriptions(message).items():
            schema["properties"][name] = _ordered({**schema["properties"][name], "description": words})
        found[message.__name__] = _ordered({"description": _joined(inspect.cleandoc(message.__doc__ or "")), **schema})
    for name, members in unions().items():
        words = _below(name)
        found[name] = {"description": words, "anyOf": [{"$ref": REF + member.__name__} for member in members]}
    return found


def reachable(roots: set[str], everything: dict[str, Schema]) -> dict[str, Schema]:
    """Those that `roots` need, in the order of `everything`."""
    seen: set[str] = set()
    while roots:
        name = roots.pop()
        seen.add(name)
        roots |= set(references(everything[name])) - seen
    return {name: schema for name, schema in everything.items() if name in seen}


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        ref = value.get("$ref")
        if isinstance(ref, str) and ref.startswith(REF):
            yield ref.removeprefix(REF)
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from references(inner)


def _is_message(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Message) and value is not Message


def _plain(schema: Schema, found: dict[str, Schema], *, top: bool = True) -> Schema:
    """Without words; a type with a name of its own is put into `found`, and referred to."""
    kept = {key: value for key, value in schema.items() if key not in DROPPED}
    for key in ("anyOf", "prefixItems"):
        if key in kept:
            kept[key] = [_plain(one, found, top=False) for one in kept[key]]
    for key in ("items", "additionalProperties"):
        if isinstance(kept.get(key), dict):
            kept[key] = _plain(kept[key], found, top=False)
    if "properties" in kept:
        kept["properties"] = {name: _plain(one, found, top=False) for name, one in kept["properties"].items()}
    if "pattern" in kept:
        kept["pattern"] = kept["pattern"].replace("\\A", "^").replace("\\Z", "$")
    if kept.get("items") is False:
        del kept["items"]
    if "enum" in kept:
        kept["enum"] = sorted(kept["enum"])
    kept = _ordered(_nullable(kept))
    name = schema.get("title")
    if top or not name:
        return kept
    if name not in unions():
        found.setdefault(name, _ordered({**_described(schema), **kept}))
    return {"$ref": REF + name}


def _described(schema: Schema) -> Schema:
    return {"description": _joined(schema["description"])} if "description" in schema else {}


def _nullable(schema: Schema) -> Schema:
    """Null comes last; with a plain type it is one of two types."""
    if "anyOf" not in schema:
        return schema
    some = sorted(schema["anyOf"], key=lambda one: one == {"type": "null"})
    one = some[0]
    simple = len(some) == 2 and some[1] == {"type": "null"} and isinstance(one.get("type"), str)
    if simple and not {"enum", "properties"} & one.keys():
        return {**schema, **one, "type": [one["type"], "null"], "anyOf": None}
    return {**schema, "anyOf": some}


def _ordered(schema: Schema) -> Schema:
    keys = [*(key for key in ORDER if key in schema), *(key for key in schema if key not in ORDER)]
    return {key: schema[key] for key in keys if schema[key] not in (None, [])}


def _descriptions(message: type[Message]) -> dict[str, str]:
    """Field -> the sentence below it, also below those that it inherits."""
    found: dict[str, str] = {}
    for kind in reversed(message.__mro__):
        if _is_message(kind):
            tree = ast.parse(inspect.cleandoc("\n" + inspect.getsource(kind)))
            body = tree.body[0]
            assert isinstance(body, ast.ClassDef)
            found |= _sentences(body.body)
    return found


def _below(name: str) -> str:
    """The sentence below what a module gives a name to."""
    for module in modules():
        tree = ast.parse(Path(module.__file__ or "").read_text(encoding="utf-8"))
        if name in (words := _sentences(tree.body)):
            return words[name]
    raise ValueError(f"There is no sentence below {name}.")


def _sentences(body: list[ast.stmt]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one, after in pairwise(body):
        target = (
            one.target if isinstance(one, ast.AnnAssign) else one.targets[0] if isinstance(one, ast.Assign) else None
        )
        said = after.value if isinstance(after, ast.Expr) else None
        if isinstance(target, ast.Name) and isinstance(said, ast.Constant) and isinstance(said.value, str):
            found[target.id] = _joined(said.value)
    return found


def _joined(text: str) -> str:
    return " ".join(text.split())
