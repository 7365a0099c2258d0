"""Write what is made from the types in `jupyter_envs/wire/`: the schemas of the REST API and of the event, a JSON
Schema of all messages, and the front end's `wire.ts`. `--check`: only compare."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))  # the sources here, whatever is installed

from wire_schema import REF, Schema, messages_of, parents, reachable, references, schemas
from wire_typescript import typescript

from jupyter_envs.wire import journal
from jupyter_envs.wire.errors import Way
from jupyter_envs.wire.events import EVENTS, Hint
from jupyter_envs.wire.packages import Proposal

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "jupyter_envs"
REST = PACKAGE / "server" / "rest-api.yml"
EVENT = PACKAGE / "server" / "change.yaml"
PAGE = ROOT / "labextension" / "src" / "api" / "wire.ts"
ALL = PACKAGE / "wire" / "wire.schema.json"
OF_PROGRAMS = {"Line", *(kind.__name__ for kind in messages_of(journal))}
"""No front end reads a journal."""
MARK = "# From here on written by docs/wire.py from jupyter_envs/wire/: change it there.\n"


def files() -> dict[Path, str]:
    """What each file should say."""
    everything = schemas()
    return {
        REST: rest_api(everything),
        EVENT: event(everything[Hint.__name__]),
        ALL: all_of(everything),
        PAGE: typescript({name: everything[name] for name in everything if name not in OF_PROGRAMS}, parents(), EVENTS),
    }


def rest_api(everything: dict[str, Schema]) -> str:
    """What is written by hand says which schemas the addresses need; there, the data of an error is any object."""
    start = _by_hand(REST)
    wanted = {*references(yaml.safe_load(start)), Proposal.__name__, Way.__name__}
    return f"{start}  {MARK}{_yaml({'schemas': reachable(wanted, everything)}, 2)}"


def event(schema: Schema) -> str:
    return f"{_by_hand(EVENT)}{MARK}{_yaml({key: schema[key] for key in schema if key != 'description'}, 0)}"


def all_of(everything: dict[str, Schema]) -> str:
    value = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What goes over REST, the events, the comm and the journal of a job",
        "$defs": everything,
    }
    return json.dumps(value, indent=1).replace(f'"{REF}', '"#/$defs/') + "\n"


def _by_hand(file: Path) -> str:
    return re.split(rf" *{re.escape(MARK)}", file.read_text(encoding="utf-8"))[0]


class _Dumper(yaml.SafeDumper):
    """Writes a value that stands in two places twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:
        node = super().represent_mapping(tag, mapping, flow_style)
        node.flow_style = node.flow_style and sum(len(str(word)) + 4 for pair in mapping.items() for word in pair) < 110
        return node


def _yaml(value: object, indent: int) -> str:
    text: str = yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=118, default_flow_style=None
    )
    return "".join(" " * indent + line for line in text.splitlines(keepends=True))


if __name__ == "__main__":
    fresh = files()
    if "--check" in sys.argv:
        stale = [file.name for file, text in fresh.items() if text != file.read_text(encoding="utf-8")]
        sys.exit(f"{', '.join(stale)}: out of date: run docs/wire.py" if stale else 0)
    for file, text in fresh.items():
        file.write_text(text, encoding="utf-8")
