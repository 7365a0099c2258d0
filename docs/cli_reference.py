"""Write what `jupyter envs VERB --help` says into reference.md, between its two marks. `--check`: only compare."""

from __future__ import annotations

import sys
from argparse import SUPPRESS
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the sources here, whatever is installed

from jupyter_envs.cli.arguments import parser_for
from jupyter_envs.cli.main import ALIASES, VERBS

HEAD = "\n| option | |\n|---|---|\n"

PAGE = Path(__file__).with_name("reference.md")
START, END = "<!-- cli: written by docs/cli_reference.py -->\n", "<!-- /cli -->"
COMMON = {
    "--json": "print the result as JSON",
    "--offline": "do not use the network",
    "--quiet": "print only errors and notes (`-q`)",
    "--verbose": "show the details of errors (`-v`)",
    "--block": "`--block -`: read the block as JSON from stdin, instead of a notebook; no file is written",
    "--journal": "`--journal -`: print progress and result, with the new block, as JSON lines to stdout",
    "--notebook": "with `--block -`: the notebook that the block belongs to",
}


def section(verb: str) -> str:
    parser = parser_for(verb, VERBS[verb])
    import_module(f"jupyter_envs.cli.{verb}").arguments(parser)
    usage = " ".join(parser.format_usage().removeprefix("usage: ").split())
    options = [
        f"| `{', '.join(action.option_strings)}{f' {action.metavar}' if action.metavar else ''}` | {action.help} |\n"
        for action in parser._actions
        if action.option_strings and action.help != SUPPRESS and not {*COMMON, "--help"} & set(action.option_strings)
    ]
    table = HEAD + "".join(options) if options else ""
    aliases = "".join(
        f"\n`{name}` is the same as `{' '.join(words)}`.\n" for name, words in ALIASES.items() if words[0] == verb
    )
    return f"### {verb}\n\n`{usage}`\n\n{parser.description}\n{aliases}{table}\n"


def common() -> str:
    return "Most verbs accept:\n" + HEAD + "".join(f"| `{name}` | {what} |\n" for name, what in COMMON.items()) + "\n"


def page() -> str:
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return before + START + "\n" + common() + "".join(section(verb) for verb in VERBS) + END + after


if __name__ == "__main__":
    fresh = page()
    if "--check" in sys.argv:
        sys.exit(
            fresh != PAGE.read_text(encoding="utf-8") and "docs/reference.md is out of date: run docs/cli_reference.py"
        )
    PAGE.write_text(fresh, encoding="utf-8")
