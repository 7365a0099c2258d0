"""The arguments after a verb. pip's common options mean the same as in pip; unknown options are refused by name."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from functools import cache
from typing import NoReturn

from ..errors import UsageError
from ..settings import Settings


@cache
def _width() -> int:
    """As shutil.get_terminal_size, which argparse asks for each option; importing that takes 4 ms."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return int(columns) - 2
    try:
        return (os.get_terminal_size(sys.__stdout__.fileno()).columns or 80) - 2  # type: ignore[union-attr]  # None: below
    except (AttributeError, ValueError, OSError):
        return 78


class _Help(argparse.HelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_width())


class Parser(argparse.ArgumentParser):
    takes_command = False
    """Whether everything after `--` is a separate command line: `args.command`."""
    pip_verb = ""
    """Which verb's options of pip it accepts, too."""

    def parse(self, words: Sequence[str]) -> argparse.Namespace:
        """Raises UsageError `unknown-option` or `usage`."""
        if self.takes_command and "--" in words:
            at = list(words).index("--")
            self.set_defaults(command=list(words[at + 1 :]))
            words = words[:at]
        if self.pip_verb:
            words = self._without_pip(words)
        args, unknown = self.parse_known_intermixed_args(_accept_with_value(words))
        option = next((word for word in unknown if word.startswith("-")), None)
        if option:
            name = option.split("=")[0]
            raise UsageError(
                "unknown-option", f"`{self.prog}` does not have the option {name[:60]}.",
                hint=f"`{self.prog} --help` lists the options.",
            )  # fmt: skip
        if unknown:
            raise UsageError("usage", f"Unexpected argument: {unknown[0]!r}.", hint=self._usage())
        return args

    def _without_pip(self, words: Sequence[str]) -> list[str]:
        from ..kernel.pip_table import rows_of
        from .pip_options import in_our_words

        return in_our_words(self, rows_of(self.pip_verb), words)

    def error(self, message: str) -> NoReturn:
        raise UsageError("usage", f"{message[:1].upper()}{message[1:]}.", hint=self._usage())

    def _usage(self) -> str:
        return " ".join(self.format_usage().split())


def _accept_with_value(words: Sequence[str]) -> list[str]:
    """`--accept` alone approves; followed by a digest, it approves only that. argparse would accept any argument
    there."""
    result: list[str] = []
    for word in words:
        if result and result[-1] == "--accept=yes" and word.startswith("sha256:"):
            result[-1] = f"--accept={word}"
        else:
            result.append("--accept=yes" if word == "--accept" else word)
    return result


def parser_for(verb: str, what: str) -> Parser:
    parser = Parser(
        prog=f"jupyter envs {verb}",
        description=f"{what[0].upper()}{what[1:]}.",
        allow_abbrev=False,
        formatter_class=_Help,
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("-q", "--quiet", action="count", default=0, help="print only errors and notes")
    parser.add_argument("-v", "--verbose", action="count", default=0, help="show the details of errors")
    parser.add_argument("--offline", action="store_true", default=None, help="do not use the network")
    return parser


def settings_of(args: argparse.Namespace) -> Settings:
    return Settings.load(offline=args.offline, python=python_of(args))


def python_of(args: argparse.Namespace) -> str | None:
    """What was typed after --python; a path is absolute. Raises InputError."""
    word: str | None = getattr(args, "python", None)
    if word is None:
        return None
    from ..machine.interpreters.naming import is_path
    from ..model.python_words import python_limits

    if is_path(word):
        return os.path.abspath(os.path.expanduser(word))  # noqa: PTH100, PTH111  # without following links
    python_limits(word, "--python")
    return word


def takes_notebook(parser: Parser, words: str = "") -> None:
    """A notebook file, or a block on stdin whose new version is written to the journal; then `words`."""
    parser.usage = f"{parser.prog} NOTEBOOK {words}".rstrip() + " [options]"
    parser.add_argument(
        "words", nargs="*", metavar="NOTEBOOK", help="the notebook" + (f", then {words}" if words else "")
    )
    parser.add_argument(
        "--block", choices=["-"], help="read the block from stdin instead of a notebook; no file is written"
    )
    parser.add_argument("--notebook", metavar="PATH", help="with --block: the notebook that the block belongs to")
    parser.add_argument("--base-dir", metavar="PATH", help=argparse.SUPPRESS)  # for kernels: where relative paths start
    parser.add_argument("--journal", choices=["-"], help="print progress and result to stdout as JSON lines")


def runs_as_job(parser: Parser) -> None:
    """The arguments of a job's process, for a verb that needs no notebook."""
    parser.add_argument("--block", choices=["-"], help=argparse.SUPPRESS)
    parser.add_argument("--notebook", help=argparse.SUPPRESS)
    parser.add_argument("--journal", choices=["-"], help=argparse.SUPPRESS)


def takes_consent(parser: Parser) -> None:
    parser.add_argument("--accept", metavar="DIGEST", help="approve what the notebook brings (or only this digest)")
    parser.add_argument(
        "--fetch-python", action="store_true", help="allow downloading a Python that is not installed here"
    )
    parser.add_argument(
        "--allow-build",
        action="append",
        default=[],
        metavar="NAME",
        help="allow this package's code to run while it is built",
    )
    parser.add_argument(
        "--allow-startup",
        action="append",
        default=[],
        metavar="NAME",
        help="allow this package's code to run when Python starts",
    )


def takes_change_options(parser: Parser) -> None:
    takes_consent(parser)
    parser.add_argument(
        "--python", metavar="VERSION", help="the Python to use: a version (3.12), a range ('>=3.11,<3.13'), or a path"
    )
    parser.add_argument("--no-build-env", action="store_true", help="only lock; do not build the environment")
    parser.add_argument("--pre", action="store_true", help="also allow pre-releases and development versions")
    parser.add_argument(
        "--prefer-binary", action="store_true", help="take the newest wheel, and do not ask if only sources are newer"
    )
    parser.add_argument(
        "--uploaded-prior-to",
        metavar="MOMENT",
        help="take what was published before: 2026-11-21, or P30D for 30 days ago",
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would change")
    parser.add_argument("--refresh", action="store_true", help="ask the indexes again")


def takes_indexes(parser: Parser) -> None:
    """Only for a verb that names packages to take from there."""
    parser.add_argument(
        "-i", "--index-url", metavar="URL", help="take the named packages from this index of your configuration"
    )
    parser.add_argument(
        "--extra-index-url",
        action="append",
        default=[],
        metavar="URL",
        help="also take the named packages from this index of your configuration",
    )


def seconds(word: str) -> int:
    if not word.isascii() or not word.isdigit() or not int(word):
        raise argparse.ArgumentTypeError("must be a whole number of seconds, more than 0")
    return int(word)
