"""Folders on this machine that packages come from."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

from ..errors import InstallError, StoreError
from ..kernel.foreign import quoted
from ..kernel.writing import Busy, one_at_a_time
from ..model.lock import Directory
from ..system import kept
from ..system.files import atomically, make_private
from ..system.os_errors import explain_os_error


class LocalSources:
    """Which folder a machine-local package comes from: `<home>/local.json`, id -> path. Never in a notebook."""

    def __init__(self, home: Path) -> None:
        self._file = home / "local.json"

    def _read(self) -> dict[str, str]:
        try:
            return kept.stated(self._file, dict[str, str])
        except FileNotFoundError:
            return {}
        except kept.Damaged as error:
            raise StoreError(
                "local-damaged", f"{self._file} cannot be read.",
                hint="Move the file away, and install the folders again.",
                details=str(error),
            ) from None  # fmt: skip

    def remember(self, path: Path, *, editable: bool) -> Directory:
        """Raises StoreError `store-busy`, `local-damaged`; OSError."""
        import hashlib
        import secrets

        make_private(self._file.parent)
        with self._locked():
            known = self._read()
            salt = known.setdefault("salt", secrets.token_hex(16))
            local_id = hashlib.sha256(f"{salt}\0{path}".encode()).hexdigest()[:16]
            if known.get(local_id) != str(path):
                known[local_id] = str(path)
                atomically(self._file, json.dumps(known, indent=1).encode())
        return Directory(id=local_id, editable=editable)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            with one_at_a_time(self._file, for_certain=True):
                yield
        except Busy as error:
            raise explain_os_error(error) from None

    def path_of(self, name: str, local_id: str) -> Path:
        """Raises InstallError `machine-local` if the folder is not known, or gone."""
        path = self._read().get(local_id)
        if path is None or not Path(path).exists():
            raise InstallError(
                "machine-local",
                f"{name} was installed from a folder on the machine where this notebook was made.",
                hint=f"Install it from your own copy (jupyter envs install NOTEBOOK ./{quoted(name)}) or remove it "
                f"(jupyter envs remove NOTEBOOK {quoted(name)}).",
            )
        return Path(path)
