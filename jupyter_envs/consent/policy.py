"""What an administrator decided about consent, for all doors alike.

One JSON file, the first that exists: `jupyter_envs_policy.json` in the system's Jupyter configuration, the file that
JUPYTER_ENVS_POLICY names, the one in `<sys.prefix>/etc/jupyter`, the one in the user's own Jupyter configuration.
Notebooks and their folders cannot influence it."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta, timezone
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from ..errors import EnvsError, IndexError_, InputError, PolicyError, PythonError
from ..kernel.amounts import named
from ..kernel.foreign import quoted
from ..machine.config_dirs import SYSTEM
from ..model.closure import Chosen, Closure
from ..system.folders import jupyter_config_dir, user_folder
from ..system.strict_json import decoded, loads
from .facts import age_of

NAME = "jupyter_envs_policy.json"
POLICY_VARIABLE = "JUPYTER_ENVS_POLICY"
DEFAULT_INDEX = "default"
LARGEST = 1 << 20
ASK = "Ask the administrator of this machine, or run the notebook without its environment."
NOT_LISTED = "are not on this machine's list of allowed packages"
NEVER = ("never", "false", "0")
"""Values of UV_PYTHON_DOWNLOADS."""
UNDATED = (
    "Lock it again with an index that says when files were published, as PyPI does, or ask the "
    "administrator of this machine."
)


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """`ask`: `new` asks about files that nobody approved here, `always` about each closure that was not itself
    accepted, `never` about none. `allow`: index name (`default` for packages that are assigned to none) -> patterns of
    package names that need no question; `others` is what happens to the rest. `startup`: packages that run code when
    Python starts are asked about, or refused but for those that are named here. `fetch_python`: whether a Python that
    is not here may be fetched, after a question."""

    version: Literal[1] = 1
    ask: Literal["new", "always", "never"] = "new"
    allow: dict[str, tuple[str, ...]] = {}
    others: Literal["ask", "refuse"] = "ask"
    minimum_age_days: Annotated[float, msgspec.Meta(ge=0, le=36_525)] = 0  # a hundred years
    startup: Literal["ask"] | tuple[str, ...] = "ask"
    fetch_python: Literal["ask", "never"] = "ask"

    def allows(self, row: Chosen) -> bool:
        """Whether a package needs no question. What does not come from an index always needs one, and so does building
        from source."""
        return self._lists(row) and not row.runs_code

    def _lists(self, row: Chosen) -> bool:
        return row.kind in ("wheel", "sdist") and self._names(row.name, row.index)

    def may_build(self, name: str, index: str | None) -> bool:
        """Whether the policy lets the user approve building it from source."""
        return self.others != "refuse" or self._names(name, index)

    def names(self, name: str, origin: str | None) -> bool:
        """Whether it needs no question from there, as `Chosen.origin`; None: if it comes from the right index."""
        if origin is None:
            return any(self._names(name, index) for index in self.allow)
        index = origin.removeprefix("index:")
        return (not origin or index != origin) and self._names(name, index or None)

    def _names(self, name: str, index: str | None) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in self.allow.get(index or DEFAULT_INDEX, ()))

    def check_sources(self, elsewhere: Iterable[str], building: Mapping[str, str | None]) -> None:
        """The check before any index is asked or anything is built for resolving. `elsewhere`: names of packages that
        do not come from an index; `building`: those that may be built from source, and the index that they are assigned
        to. Raises PolicyError."""
        if self.others == "refuse":
            refused = sorted({*elsewhere, *(name for name, index in building.items() if not self._names(name, index))})
            if refused:
                raise _refusal("policy-package", NOT_LISTED, refused)

    def check(self, closure: Closure, *, exempt: Collection[str] = (), now: datetime | None = None) -> None:
        """Raises PolicyError. `exempt`: sha256 of files that the set-up installed."""
        rows = [row for row in closure.rows if row.origin or row.sha256 not in exempt]
        if self.others == "refuse":
            _refuse("policy-package", NOT_LISTED, (row for row in rows if not self._lists(row)))
        if self.minimum_age_days > 0:
            young = [row for row in rows if self._too_young(row, now or datetime.now(timezone.utc))]
            days = f"{self.minimum_age_days:g} days"
            _refuse("policy-age", f"were published less than {days} ago", (row for row in young if row.uploaded))
            _refuse(
                "policy-undated",
                f"have no upload time in the lock, and the policy requires an age of {days}",
                young,
                UNDATED,
            )

    def check_elsewhere(self) -> None:
        """Before packages go to another environment, where nobody checks which they are. Raises PolicyError."""
        if self.others == "refuse" or self.ask == "always":
            raise PolicyError(
                "policy-package",
                "The policy of this machine decides about each package, so none is installed in another environment.",
                hint=ASK,
            )

    def check_names(self, origins: Mapping[str, str | None]) -> None:
        """`origins`: of each package, as `names` takes it. Raises PolicyError."""
        if self.others == "refuse":
            refused = sorted(name for name, origin in origins.items() if not self.names(name, origin))
            if refused:
                raise _refusal("policy-package", NOT_LISTED, refused)

    def check_startup(self, names: Iterable[str]) -> None:
        """Raises PolicyError for packages that run code when Python starts."""
        if self.startup != "ask":
            refused = sorted(set(names) - set(self.startup))
            if refused:
                raise _refusal("policy-startup", "run code whenever Python or a kernel starts", refused)

    def newest(self, now: datetime | None = None) -> str | None:
        """What was published after this moment is not allowed; ISO 8601, None without a limit."""
        if self.minimum_age_days <= 0:
            return None
        moment = (now or datetime.now(timezone.utc)) - timedelta(days=self.minimum_age_days)
        return moment.strftime("%Y-%m-%dT%H:00:00Z")  # by the hour: tools keep what they asked for the same moment

    def _too_young(self, row: Chosen, now: datetime) -> bool:
        """A lock may lie, so the index is asked again when files are downloaded. A file without a date does not count
        as old."""
        age = age_of(row, now)
        return row.kind in ("wheel", "sdist") and (age is None or age < timedelta(days=self.minimum_age_days))


def forbidden(policy: Policy, env: Mapping[str, str] | None = None, *, offline: bool = False) -> EnvsError | None:
    """Why no Python may be downloaded, or None. `env`: what the user's configuration tells uv."""
    told = env or {}
    if policy.fetch_python == "never":
        return PolicyError("policy-python", "The policy of this machine does not allow Python to be downloaded.")
    if told.get("UV_PYTHON_DOWNLOADS", "").lower() in NEVER:
        return PythonError("python-fetch-off", "Your configuration of uv does not allow Python to be downloaded.")
    if offline or told.get("UV_OFFLINE"):
        return IndexError_("offline", "Downloading Python needs the network, but offline mode is on.")
    return None


def load(environ: Mapping[str, str] | None = None) -> Policy:
    """Raises PolicyError `policy-damaged` or `policy-unsafe`: then it is not known what is allowed."""
    for path in places(os.environ if environ is None else environ):
        try:
            text = path.read_bytes()
            status = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise _damaged(path, error.strerror or str(error)) from None
        if sys.platform != "win32" and (status.st_uid not in (os.getuid(), 0) or status.st_mode & stat.S_IWOTH):
            raise PolicyError(
                "policy-unsafe",
                f"{path} belongs to another user, or other users can write to it.",
                hint=f"Run: chmod o-w {quoted(str(path))}",
            )
        return parse(text, path)
    return Policy()


def parse(text: bytes, path: Path) -> Policy:
    if len(text) > LARGEST:
        raise _damaged(path, "it is too large")
    try:
        loads(decoded(text))  # no key twice: nobody knows which of the two was meant
        return msgspec.json.decode(text, type=Policy)
    except InputError as error:
        raise _damaged(path, error.sentence) from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _damaged(path, str(error)) from None


def places(env: Mapping[str, str]) -> list[Path]:
    """Where the file may be; the first one that exists counts."""
    if env.get(SYSTEM):
        system = [Path(env[SYSTEM], "jupyter")]
    elif sys.platform == "win32":
        system = [Path(env.get("PROGRAMDATA") or r"C:\ProgramData", "jupyter")]
    else:
        system = [Path("/etc/jupyter"), Path("/usr/local/etc/jupyter")]
    # Version 0.1.0 looked in ~/.jupyter, whatever JUPYTER_PLATFORM_DIRS says: a policy there goes on holding.
    user = [jupyter_config_dir(env), Path(env.get("JUPYTER_CONFIG_DIR") or user_folder(env) / ".jupyter")]
    named = [Path(env[POLICY_VARIABLE])] if env.get(POLICY_VARIABLE) else []
    folders = dict.fromkeys([Path(sys.prefix, "etc", "jupyter"), *user])
    return [*(folder / NAME for folder in system), *named, *(folder / NAME for folder in folders)]


def _refuse(code: str, why: str, rows: Iterable[Chosen], hint: str = ASK) -> None:
    names = [row.name for row in rows]
    if names:
        raise _refusal(code, why, names, hint)


def _refusal(code: str, why: str, names: list[str], hint: str = ASK) -> PolicyError:
    return PolicyError(
        code,
        f"The policy of this machine does not allow this environment: {named(names, 5)} "
        f"{why if len(names) > 1 else _one(why)}.",
        hint=hint,
        data={"packages": names},
    )


def _one(why: str) -> str:
    for many, one in (("are ", "is "), ("were ", "was "), ("run ", "runs "), ("have ", "has ")):
        if why.startswith(many):
            return one + why.removeprefix(many)
    return why


def _damaged(path: Path, why: str) -> PolicyError:
    return PolicyError(
        "policy-damaged",
        f"The policy of this machine, {path}, cannot be read.",
        hint="Ask the administrator of this machine.",
        details=why,
    )
