"""uv as a tool: where it is, how it is called, and when it is called again. resolver.py and installer.py decide what to
do."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...consent.policy import Policy, load
from ...errors import EnvsError, InstallError
from ...machine.indexes import Indexes
from ...model.progress import SILENT, Report
from ...settings import Settings
from ...system import process
from ...system.search_path import search_path
from . import version
from .cache import folder_of
from .complaints import explain_error

NOTHING: Mapping[str, Any] = {}
DEADLINE = 30 * 60.0
"""Seconds for one call; a slow index is stopped by uv's own read timeout long before."""


@dataclass
class Engine:
    settings: Settings
    indexes: Indexes
    program: Path | None = None
    """The path of uv; found on first use."""
    policy: Policy = field(default_factory=load)
    """Of this machine, as it is now. Raises PolicyError where nobody can read it."""
    other_cache: Path | None = None
    """A cache folder to use instead of uv's own."""
    cache: Path = field(init=False)
    """The cache folder of uv."""
    asked_again: bool = field(default=False, init=False)
    """Whether a call failed because of an old answer of an index: from then on each call asks the indexes again."""
    folder: Path = field(init=False)
    """The private, empty folder that calls run in; gone after `close`."""
    _checked: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.cache = self.other_cache or folder_of(self.settings)
        self.folder = Path(tempfile.mkdtemp(prefix="jupyter-envs-"))

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(
        self,
        arguments: Sequence[str | Path],
        *,
        offline: bool = False,
        configuration: Mapping[str, Any] = NOTHING,
        with_indexes: bool = True,
        only_index: str | None = None,
        fresh: bool = False,
        report: Report = SILENT,
        on_line: Callable[[str], None] | None = None,
    ) -> process.Done:
        """Calls uv once, without the user's uv.toml; `configuration` is added to ours. `fresh`: indexes are asked
        again, whatever they answered before. Raises a typed error if uv fails, but never because of an old answer of an
        index: then the index is asked again."""
        named = with_indexes and not only_index
        words = [*arguments, *(self.indexes.uv_arguments(only_index) if with_indexes else [])]
        fresh = fresh or self.asked_again
        if offline or self.offline:
            return self._call([*self._config(configuration, named, fresh), *words, "--offline"], report, on_line)
        if not fresh:
            try:
                return self._call([*self._config(configuration, named, fresh), *words], report, on_line)
            except EnvsError as error:
                if not self.settings.index_hours or not _by_hearsay(error):
                    raise
            self.asked_again = True
        return self._call([*self._config(configuration, named, True), *words, "--refresh"], report, on_line)

    def simple(
        self,
        arguments: Sequence[str | Path],
        *,
        env: Mapping[str, str] = NOTHING,
        report: Report = SILENT,
        on_line: Callable[[str], None] | None = None,
    ) -> process.Done:
        """Calls uv once for something that does not involve an index, without any configuration file; `env` takes
        precedence."""
        words = ["--no-config", *arguments, *(["--offline"] if self.offline else [])]
        return self._call(words, report, on_line, env)

    def _config(self, configuration: Mapping[str, Any], named: bool, fresh: bool) -> list[str | Path]:
        """Our uv.toml. uv ignores `--refresh` if the configuration says for how long the answers of an index are
        valid."""
        if not named:
            return ["--no-config"]
        text = self.indexes.uv_toml(None if fresh else self.settings.index_hours * 3600, configuration)
        return ["--config-file", self.write("more.uv.toml" if configuration else "uv.toml", text)]

    @property
    def offline(self) -> bool:
        return self.settings.offline or bool(self.indexes.env.get("UV_OFFLINE"))

    def _call(
        self,
        words: Sequence[str | Path],
        report: Report,
        on_line: Callable[[str], None] | None,
        env: Mapping[str, str] = NOTHING,
    ) -> process.Done:
        done = process.run(
            [self.found(), "--color", "never", "--no-progress", *words],
            env=self._environ({"UV_NO_PROGRESS": "1", **env}),
            cwd=self.folder,
            timeout=DEADLINE,
            on_stderr_line=on_line,
            cancelled=lambda: report.cancelled,
        )
        if done.returncode:
            raise explain_error(self.indexes.redact(done.stderr), done.returncode)
        return done

    def in_the_open(self, arguments: Sequence[str]) -> tuple[list[str], dict[str, str]]:
        """Command line and variables for a call whose output the user sees as it is. It is in the user's folder, has
        the indexes that we have, and changes nothing of ours."""
        words = [self.found(), *self._config(NOTHING, True, False), *arguments]
        if "install" in arguments[:2]:
            words += self.indexes.uv_arguments()
        return list(map(str, [*words, *(["--offline"] if self.offline else [])])), self._environ({})

    def _environ(self, more: Mapping[str, str]) -> dict[str, str]:
        ours = {"UV_CACHE_DIR": str(self.cache), "UV_PYTHON_DOWNLOADS": "never"}
        return process.scrubbed({**self.indexes.env, **ours, **self._limit(), **more})

    def _limit(self) -> dict[str, str]:
        """A lock may lie about when a file was published, so the index is asked."""
        newest = self.policy.newest()
        return {"UV_EXCLUDE_NEWER": newest} if newest else {}

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def found(self) -> Path:
        """The path of uv. Raises InstallError `engine-missing`, `engine-old`, `engine-failed`."""
        if self.program is None:
            try:
                from uv import find_uv_bin

                self.program = Path(find_uv_bin())
            except (ImportError, FileNotFoundError):
                found = shutil.which("uv", path=os.pathsep.join(map(str, search_path())))
                if not found:
                    raise InstallError(
                        "engine-missing",
                        "uv, which resolves and installs packages, is missing.",
                        hint="Run: pip install uv",
                    ) from None
                self.program = Path(found)
        if not self._checked:
            version.check(self.program, self.settings.cache)
            self._checked = True
        return self.program


def _by_hearsay(error: EnvsError) -> bool:
    """Whether an index may answer differently by now. That it does not have a package at all is never cached."""
    codes = ("conflict", "no-such-package", "no-wheel-here", "needs-build", "yanked", "file-gone")
    return error.code in codes and "not found in the package registry" not in re.sub(r"\s+", " ", error.details)
