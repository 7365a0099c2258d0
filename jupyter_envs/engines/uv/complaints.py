"""What uv's error messages mean: a code, a sentence and an action; uv's own words are kept as details."""

from __future__ import annotations

import re
from collections.abc import Callable

from ...consent.questions import needs_build
from ...errors import EnvsError, IndexError_, InstallError, ResolveError
from ...text import plain
from .derivation import as_conflict

UNREACHABLE = ("index-unavailable", "index-timeout", "index-certificate", "index-auth")
"""Errors of an index that gave no answer, or none to us."""


def explain_error(stderr: str, returncode: int) -> EnvsError:
    """A typed error for an error message of uv; uv's own words are kept as details."""
    stderr = plain(stderr)
    flat = re.sub(r"\s+", " ", re.sub(r"(?m)^\s*cause: ", "", stderr))
    for pattern, make in _COMPLAINTS:
        match = re.search(pattern, flat)
        if match:
            return make(match, stderr)
    last = next((line for line in reversed(stderr.splitlines()) if line.strip()), f"exit code {returncode}")
    return InstallError("engine-failed", f"uv stopped: {last.strip()[:300]}", details=stderr)


Make = Callable[[re.Match[str], str], EnvsError]


def _fixed(kind: type[EnvsError], code: str, sentence: str, hint: str) -> Make:
    return lambda match, text: kind(code, sentence.format(*match.groups()), hint=hint, details=text)


def _needs_build(match: re.Match[str], text: str) -> EnvsError:
    names = sorted(set(re.findall(r"Wheels are required for `([^`]+)`", text)))
    return needs_build(names, text)


def _disk_full(_: re.Match[str], text: str) -> EnvsError:
    """uv names the file that it was writing; below its cache or our store that is a temporary file."""
    told = re.findall(r"`(/[^`]+)`", text.partition("No space left on device")[0])
    where = re.split(r"/\.tmp|/v1/", told[-1])[0] if told else "the environments or the packages"
    return InstallError(
        "disk-full",
        f"The disk that holds {where} is full.",
        hint="Make room, then try again; nothing has changed.",
        details=text,
    )


def _no_such_package(match: re.Match[str], text: str) -> EnvsError:
    name = re.sub(r"\{.*", "", match[1])
    return ResolveError(
        "no-such-package",
        f'There is no package called "{name}" in the indexes.',
        hint="Check the spelling, or name the index it comes from in your uv or pip configuration.",
        details=text,
        data={"package": name},
    )


def _too_new(match: re.Match[str], text: str) -> EnvsError:
    name, day = match[1], match[2]
    undated = "is missing an upload date" in text
    what = (
        f"The index does not say when {name} was published."
        if undated
        else f"Every version of {name} that fits is newer."
    )
    todo = "Take it from an index that says so" if undated else "Ask for an older version"
    return ResolveError(
        "too-new",
        f"{what} Only files that were published before {day} are allowed here.",
        hint=f"{todo}. The limit is `minimum-age-days` of this machine's policy, or `exclude-newer` of the notebook.",
        details=text,
        data={"package": name},
    )


def _other_name(found: str, given: str, text: str) -> EnvsError:
    """`given`: what the package was called when it was asked for."""
    return ResolveError(
        "name-differs",
        f"The package that was named for {given} is called {found}.",
        hint=f"Write its own name before the address or path: `{found} @ …`.",
        details=text,
        data={"given": given, "found": found},
    )


_INDEX_DOWN = "An index cannot be reached."
_COMPLAINTS: tuple[tuple[str, Make], ...] = (
    (r"No space left on device", _disk_full),
    (
        r"Package metadata name `([^`]+)` does not match given name `([^`]+)`",
        lambda match, text: _other_name(match[1], match[2], text),
    ),
    (
        r"Requested package name `([^`]+)` does not match `([^`]+)` in the distribution filename",
        lambda match, text: _other_name(match[2], match[1], text),
    ),
    (
        r"Hash mismatch for `?([^\s`]+)",
        _fixed(
            InstallError,
            "hash-mismatch",
            "The file of {0} is not the one that the lock names: its sha256 differs.",
            "Do not install it. Ask the index's owner; `jupyter envs lock` makes a new lock.",
        ),
    ),
    (
        r"Failed to read from zip file|invalid package format|Bad CRC|corrupt deflate|Failed to extract archive|"
        r"Invalid zip file structure|error decoding response body|end of file before message length",
        _fixed(
            InstallError,
            "file-corrupt",
            "A downloaded file is damaged.",
            "Try again; if it happens again, tell the index's owner.",
        ),
    ),
    (
        r"Failed to install: ([\w.]+)-.*Scripts must not use the reserved name `([^`]+)`",
        _fixed(
            InstallError,
            "wheel-shadow",
            "{0} installs a command called {1}, which would replace the real one.",
            "Do not install it; tell the owner of the index.",
        ),
    ),
    (
        r"(?:Failed to fetch|url|HTTP status).*404 Not Found",
        _fixed(
            IndexError_,
            "file-gone",
            "A file that the index lists does not exist.",
            "Lock again: `jupyter envs lock NOTEBOOK`.",
        ),
    ),
    (
        r"\(401|401 Unauthorized|403 Forbidden|authentication credentials",
        _fixed(
            IndexError_,
            "index-auth",
            "An index denied access: it requires a user name and a password.",
            "Put them into ~/.netrc, your uv.toml or UV_INDEX_<NAME>_PASSWORD.",
        ),
    ),
    (
        r"407 Proxy Authentication|proxy.*407",
        _fixed(
            IndexError_,
            "proxy-auth",
            "The proxy requires a user name and a password.",
            "Set HTTPS_PROXY=http://user:password@host:port.",
        ),
    ),
    (
        r"operation timed out|timed out",
        _fixed(IndexError_, "index-timeout", "An index did not answer in time.", "Try again later."),
    ),
    (
        r"invalid peer certificate|UnknownIssuer|certificate verify",
        _fixed(
            IndexError_,
            "index-certificate",
            "The certificate of an index is not trusted on this machine.",
            "Set SSL_CERT_FILE to your organisation's certificates.",
        ),
    ),
    (
        r"network (?:connectivity|was|is) disabled|not found in the cache|needed to be fetched|--offline",
        _fixed(
            IndexError_,
            "offline",
            "This needs the network, but offline mode is on.",
            "Try again without --offline.",
        ),
    ),
    (
        r"dns error|Connection refused|client error \(Connect\)|tcp connect error|Request failed after"
        r"|error sending request",
        _fixed(
            IndexError_, "index-unavailable", _INDEX_DOWN, "Check the network and the index's address, then try again."
        ),
    ),
    (
        r"5\d\d (?:Internal Server Error|Service Unavailable|Bad Gateway)",
        _fixed(IndexError_, "index-unavailable", _INDEX_DOWN, "Try again later."),
    ),
    (
        r"unexpected JSON|Received some unexpected",
        _fixed(
            IndexError_,
            "index-garbage",
            "An index returned a response that is not a package list.",
            "Check the index's address.",
        ),
    ),
    (
        r"`([^`\s]+)` was filtered by `exclude-newer` to only include packages uploaded before (\d{4}-\d\d-\d\d)",
        _too_new,
    ),
    (r"[Bb]ecause (\S+) was not found in the package registry", _no_such_package),
    (r"[Bb]ecause there are no versions of (\S+)", _no_such_package),
    (r"Wheels are required for `([^`]+)`", _needs_build),
    (
        r"no wheels with a matching (?:\S+ )*tag|no matching (?:\S+ )*ABI tag",
        _fixed(
            ResolveError,
            "no-wheel-here",
            "A package has no wheel for this Python on this machine.",
            "Choose another Python: `jupyter envs python NOTEBOOK VERSION`.",
        ),
    ),
    (
        r"(\S+) was yanked",
        _fixed(ResolveError, "yanked", "{0} was yanked (withdrawn by its authors).", "Choose another version."),
    ),
    (
        r"Failed to build|Build backend failed|build_wheel|Call to `",
        _fixed(
            InstallError,
            "build-failed",
            "A package could not be built from its source.",
            "See the details for the output of the build.",
        ),
    ),
    (r"No solution found", lambda _, text: as_conflict(text)),
    (
        r"Building source distributions is disabled",
        _fixed(
            ResolveError,
            "req-syntax",
            "One of the requirements is written in a way that uv cannot read.",
            "Look for an unusual version or address among them.",
        ),
    ),
    (
        r"Failed to parse|Couldn't parse",
        _fixed(InstallError, "engine-failed", "uv could not read its input.", "Please report this."),
    ),
)
