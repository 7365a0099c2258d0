"""`wire.ts`: the messages as interfaces, made from their JSON Schemas, in the form that prettier gives them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from wire_schema import REF

Schema = dict[str, Any]
WIDTH = 120
SIMPLE = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
HEAD = """\
/** What goes over REST, events and the comm; `tests/wire/` holds examples. Written by docs/wire.py from the types
 * in `jupyter_envs/wire/`: change it there. It is one file, however long, because nobody writes it by hand. */

import type { PartialJSONObject } from '@lumino/coreutils';

export const EVENTS = 'ADDRESS';
"""


def typescript(schemas: dict[str, Schema], parents: dict[str, str], events: str) -> str:
    """A module. `parents`: message -> the one that it says more than; `events`: the address of our events."""
    parts = [
        _declared(name, schema, schemas, parents.get(name)) for name, schema in schemas.items() if not _is_text(schema)
    ]
    return "\n".join([HEAD.replace("ADDRESS", events), *parts])


def _declared(name: str, schema: Schema, schemas: dict[str, Schema], parent: str | None) -> str:
    words = _comment(schema.get("description", ""), "")
    if not _is_interface(schema):
        return words + _one_of(f"export type {name} =", _options(schema, schemas), "  ")
    if not schema["properties"]:
        return f"{words}export type I{name} = Readonly<Record<string, never>>;\n"
    inherited = schemas[parent]["properties"] if parent else {}
    lines = "".join(_fields(schema, schemas, inherited))
    return f"{words}export interface I{name} {f'extends I{parent} ' if parent else ''}{{\n{lines}}}\n"


def _fields(schema: Schema, schemas: dict[str, Schema], inherited: Schema) -> Iterator[str]:
    for name, field in schema["properties"].items():
        if name in inherited:
            continue
        optional = "" if name in schema.get("required", ()) else "?"
        yield _comment(field.get("description", ""), "  ")
        yield _one_of(f"  readonly {name}{optional}:", _options(field, schemas), "    ")


def _one_of(head: str, options: list[str], indent: str) -> str:
    """In one line, below the name of a type if it does not fit beside it, or each type on one of its own."""
    line, below = f"{head} {' | '.join(options)};\n", f"{indent}{' | '.join(options)};\n"
    if head.endswith("=") and len(line) > WIDTH + 1 >= len(below):
        return f"{head}\n{below}"
    return line if len(line) <= WIDTH + 1 else head + "".join(f"\n{indent}| {one}" for one in options) + ";\n"


def _joined(schema: Schema, schemas: dict[str, Schema]) -> str:
    return " | ".join(_options(schema, schemas))


def _options(schema: Schema, schemas: dict[str, Schema]) -> list[str]:
    if "$ref" in schema:
        return [_named(schema["$ref"].removeprefix(REF), schemas)]
    if "anyOf" in schema:
        return [option for one in schema["anyOf"] for option in _options(one, schemas)]
    if "enum" in schema:
        return [f"'{value}'" for value in schema["enum"]]
    if isinstance(schema.get("type"), list):
        return [option for kind in schema["type"] for option in _options({**schema, "type": kind}, schemas)]
    return [_plain(schema, schemas)]


def _plain(schema: Schema, schemas: dict[str, Schema]) -> str:
    kind = schema["type"]
    if kind == "array" and "prefixItems" in schema:
        return f"readonly [{', '.join(_joined(one, schemas) for one in schema['prefixItems'])}]"
    if kind == "array":
        items = _options(schema["items"], schemas)
        return f"readonly {items[0]}[]" if len(items) == 1 else f"readonly ({' | '.join(items)})[]"
    if kind == "object":
        values = schema.get("additionalProperties")
        return f"Readonly<Record<string, {_joined(values, schemas)}>>" if values else "PartialJSONObject"
    return SIMPLE[kind]


def _named(name: str, schemas: dict[str, Schema]) -> str:
    schema = schemas[name]
    return "string" if _is_text(schema) else f"I{name}" if _is_interface(schema) else name


def _is_interface(schema: Schema) -> bool:
    return "properties" in schema


def _is_text(schema: Schema) -> bool:
    """A form of text, which TypeScript cannot tell."""
    return schema.get("type") == "string" and "enum" not in schema


def _comment(words: str, indent: str) -> str:
    if not words:
        return ""
    lines = textwrap.wrap(words, WIDTH - len(indent) - 7)
    return f"{indent}/** " + f"\n{indent} * ".join(lines) + " */\n"
