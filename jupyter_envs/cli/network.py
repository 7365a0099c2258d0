"""--proxy, --cert and --client-cert: for one change, as the variables that every tool reads."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import UsageError
from .arguments import Parser

VARIABLES = {
    "proxy": ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"),
    "cert": ("SSL_CERT_FILE",),
    "client_cert": ("SSL_CLIENT_CERT",),
}


def takes_network_options(parser: Parser) -> None:
    parser.add_argument("--proxy", metavar="ADDRESS", help="use this proxy, for this change only")
    parser.add_argument("--cert", metavar="FILE", help="trust the certificates in this file, for this change only")
    parser.add_argument("--client-cert", metavar="FILE", help="identify yourself with this certificate")


@contextmanager
def typed_network(args: argparse.Namespace, base: Path) -> Iterator[None]:
    """Raises UsageError for a file that is not there."""
    said = {option: value for option in VARIABLES if (value := getattr(args, option, None))}
    for option in said.keys() & {"cert", "client_cert"}:
        said[option] = str(base / said[option])
        if not Path(said[option]).is_file():
            raise UsageError("usage", f"--{option.replace('_', '-')}: there is no file {said[option]}.")
    new = {name: value for option, value in said.items() for name in VARIABLES[option]}
    before = {name: os.environ.get(name) for name in new}
    os.environ.update(new)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)  # on Windows, upper and lower case are one variable
            if value is not None:
                os.environ[name] = value
