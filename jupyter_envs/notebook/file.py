"""One .ipynb file: read once, changed at most once."""

from __future__ import annotations

import codecs
import contextlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..block import KEY, Block
from ..errors import NotebookError
from ..strict_json import decoded
from . import trust
from .splice import REMOVED, with_metadata
from .text import MAX_BYTES, Content, block_of, parse

KERNELSPEC = {
    "display_name": "Python (notebook environment)",
    "language": "python",
    "name": "jupyter-envs",
}


@dataclass
class NotebookFile:
    """`path` absolute, as the user named it; `data` the bytes that were read or written last."""

    path: Path
    data: bytes
    content: Content

    @classmethod
    def read(cls, path: Path | str) -> NotebookFile:
        """Raises NotebookError that says what and where; the file is not touched."""
        place = Path(os.path.abspath(path))  # noqa: PTH100  # `..` is resolved without following links
        data = _bytes(place)
        return cls(place, data, parse(data))

    @property
    def block(self) -> Block | None:
        """Raises InputError that says where."""
        return block_of(self.content)

    @property
    def metadata(self) -> dict[str, Any]:
        value: dict[str, Any] = self.content.get("metadata", {})
        return value

    @property
    def kernelspec_name(self) -> str | None:
        return _text(_object(self.metadata.get("kernelspec")).get("name"))

    @property
    def language_info(self) -> dict[str, Any] | None:
        return _object(self.metadata.get("language_info")) or None

    @property
    def language(self) -> str | None:
        """In small letters; None where the notebook does not say."""
        spec = _text(_object(self.metadata.get("kernelspec")).get("language"))
        language = spec or _text((self.language_info or {}).get("name"))
        return language.lower() if language else None

    def write_block(self, block: Block | None) -> None:
        """Sets the block, and the kernel that understands it; None removes the block and leaves the kernel.

        All other bytes stay. Nothing is written when nothing differs. Raises NotebookError `changed-on-disk` when
        somebody else wrote the file since, `not-writable`."""
        changes: dict[str, Any] = {KEY: REMOVED if block is None else block.to_dict()}
        if block is not None and self.kernelspec_name != KERNELSPEC["name"]:
            changes["kernelspec"] = KERNELSPEC
        text = with_metadata(decoded(self.data), changes)
        mark = codecs.BOM_UTF8 if self.data.startswith(codecs.BOM_UTF8) else b""
        self.replace(mark + text.encode("utf-8"))

    def replace(self, data: bytes) -> None:
        """The file becomes `data`, at once or not at all. Raises as write_block."""
        if data == self.data:
            return
        content = parse(data)
        was_trusted = trust.trusted(decoded(self.data))
        _replace(self.path.resolve(), data, before=self.data)
        self.data, self.content = data, content
        if was_trusted:
            trust.sign(decoded(data))


def _bytes(path: Path) -> bytes:
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise NotebookError("not-notebook", f"{path} is not a file.")
        if about.st_size > MAX_BYTES:
            raise NotebookError("too-big", f"{path} is larger than {MAX_BYTES >> 20} MiB.")
        return path.read_bytes()
    except FileNotFoundError:
        raise NotebookError("not-found", f"There is no notebook {path}.", hint="Check the path.") from None
    except (OSError, ValueError) as error:
        raise NotebookError("not-readable", f"{path} cannot be read: {getattr(error, 'strerror', error)}.") from None


def _replace(path: Path, data: bytes, *, before: bytes) -> None:
    """Temp file in the same folder, sync, replace. `path` has no symlinks: the target of a link is what is written."""
    temporary: Path | None = None
    try:
        if not os.access(path, os.W_OK):
            raise PermissionError(13, "it is write-protected")
        import tempfile  # here, since it costs 4 ms and most commands only read

        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".tmp")
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _keep_ownership(path, temporary)
        if path.read_bytes() != before:
            raise NotebookError(
                "changed-on-disk", f"{path} was changed by somebody else meanwhile; it is left as it is.",
                hint="Run the command again.",
            )  # fmt: skip
        temporary.replace(path)
        temporary = None
        _sync_folder(path.parent)
    except OSError as error:
        raise NotebookError("not-writable", f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        if temporary:
            temporary.unlink(missing_ok=True)


def _keep_ownership(path: Path, temporary: Path) -> None:
    about = path.stat()
    if hasattr(os, "chown"):
        with contextlib.suppress(PermissionError):  # only root may give files away
            os.chown(temporary, about.st_uid, about.st_gid)
    temporary.chmod(stat.S_IMODE(about.st_mode))


def _sync_folder(folder: Path) -> None:
    """So that the new name survives a power loss; not every system lets a folder be opened."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
