"""One .ipynb file: read once, changed at most once."""

from __future__ import annotations

import codecs
import os
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ..errors import NotebookError
from ..model.block import KEY, Block
from ..model.kernelspec import KERNELSPEC, kernelspec_name_of, language_info_of, language_of
from ..system.strict_json import decoded
from .text import MAX_BYTES, SETTLING, Content, block_of, parse, raw_block_of

if TYPE_CHECKING:
    from .saving import Edit


class NotebookFile(msgspec.Struct):
    """`path` absolute, as the user named it; `data` the bytes that were read or written last."""

    path: Path
    data: bytes
    content: Content

    @classmethod
    def read(cls, path: Path | str, *, until: float | None = None) -> NotebookFile:
        """Raises NotebookError that says what and where; the file is not changed. Waits for a save that is under way,
        for SETTLING seconds or `until` (of the monotonic clock)."""
        place = Path(os.path.abspath(path))  # noqa: PTH100  # `..` is resolved without following links
        data = _bytes(place)
        try:
            return cls(place, data, parse(data))
        except NotebookError as error:
            if error.code == "not-json" and place.suffix.lower() != ".ipynb":
                from .plain_text import refuse_plain_text  # this is not what people usually name

                refuse_plain_text(place, data)
            until = time.monotonic() + SETTLING if until is None else until
            return cls(place, *_second_look(Path(os.path.realpath(place)), data, error, until))

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
        return kernelspec_name_of(self.metadata)

    @property
    def language_info(self) -> dict[str, Any] | None:
        return language_info_of(self.metadata)

    @property
    def language(self) -> str | None:
        """In lower case; None if the notebook does not say."""
        return language_of(self.metadata)

    def write_block(self, block: Block | None) -> None:
        """Sets the block, and the kernel that understands it; None removes the block and keeps the kernel. All other
        bytes stay, also those that somebody saved since this was read. Nothing is written if nothing differs. Raises
        NotebookError `changed-on-disk` if somebody else changed the block since, `not-writable`."""
        from .splice import REMOVED, with_metadata  # here: to look at a notebook takes no writer

        known, wanted = raw_block_of(self.content), None if block is None else block.to_dict()

        def change(data: bytes, content: Content) -> bytes:
            if raw_block_of(content) not in (known, wanted):
                raise NotebookError(
                    "changed-on-disk",
                    f"Another program changed the environment of {self.path} meanwhile; the file was not written.",
                )
            changes: dict[str, Any] = {KEY: REMOVED if wanted is None else wanted}
            if wanted is not None and kernelspec_name_of(content.get("metadata") or {}) != KERNELSPEC["name"]:
                changes["kernelspec"] = KERNELSPEC
            mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
            return mark + with_metadata(decoded(data), changes).encode("utf-8")

        self._change(change)

    def replace(self, data: bytes) -> None:
        """The file becomes `data`, at once or not at all. Raises NotebookError `changed-on-disk` if somebody else wrote
        anything since, `not-writable`."""
        known = self.data

        def change(there: bytes, _: Content) -> bytes:
            if there not in (known, data):
                raise NotebookError(
                    "changed-on-disk", f"Another program changed {self.path} meanwhile; the file was not written."
                )
            return data

        self._change(change)

    def _change(self, change: Edit) -> None:
        if change(self.data, self.content) == self.data:
            return
        from .leftovers import alone  # most commands, and every kernel's start, only read
        from .saving import apply_edit

        place = Path(os.path.realpath(self.path))
        try:
            with alone(place) as names:
                self.data, self.content = apply_edit(names, self.data, self.content, change)
        except FileNotFoundError:
            raise NotebookError(
                "not-found", f"{self.path} no longer exists.", hint="Was it moved, or renamed?"
            ) from None
        except OSError as error:
            raise NotebookError("not-writable", f"{self.path} cannot be written: {error.strerror or error}.") from error


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


def _second_look(place: Path, data: bytes, error: NotebookError, until: float) -> tuple[bytes, Content]:
    """Reads again while somebody writes into it. Raises the error, or the newer one if the file has changed."""
    from .saving import in_place_copy
    from .seeing import glance

    while True:
        try:
            seen = glance(place)
        except (OSError, NotebookError):
            break
        if seen.data != data:
            try:
                return seen.data, parse(seen.data)
            except NotebookError as newer:
                data, error = seen.data, newer
        if not (seen.held and time.time() - seen.about.st_mtime < SETTLING and time.monotonic() < until):
            break
        time.sleep(0.02)
    copy = in_place_copy(place)
    error.hint = f"Writing the file was interrupted; its previous content is in {copy}" if copy else error.hint
    raise error
