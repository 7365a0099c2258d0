"""Notebooks as the ContentsManager has them: files, jupytext, remote stores. Never a path of the file system."""

from __future__ import annotations

import asyncio
import posixpath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_core.utils import ensure_async
from jupyter_server.utils import ApiPath, to_os_path
from msgspec import UNSET, UnsetType
from tornado.web import HTTPError

from .. import notebook as notebook_file
from ..errors import NotebookError
from ..kernel.pending import drop_pending, fitting, leave_pending, pending_file, recorded
from ..notebook.plain_text import keeps_block
from ..system import kept
from ..wire.notebooks import Pending
from .refusals import NotFound

if TYPE_CHECKING:
    from jupyter_server.services.contents.manager import ContentsManager


UNKEPT = (
    "{} is not an .ipynb file and does not keep an environment: what is installed here is lost when it is closed. Pair "
    "it with a notebook (in the menu of Jupytext), or add jupyter_envs to notebook_metadata_filter in its header."
)


class Notebooks:
    def __init__(self, contents: ContentsManager, home: Path) -> None:
        self._contents: Any = contents  # jupyter_server leaves its methods untyped
        self._home = str(home)
        root = getattr(contents, "root_dir", "")
        self._root = Path(root).absolute() if root else None

    async def block(self, path: str) -> Any:
        """The raw block of a notebook, or None. Raises NotFound; NotebookError for what is not a notebook. The text of
        a file is read by the same rules as when a kernel starts: Jupyter's own reader takes the last of two equal keys,
        so that panel and kernel would see two environments."""
        content = await self._text(path) if path.endswith(".ipynb") else None
        if isinstance(content, str):
            return await asyncio.to_thread(_raw, content)
        try:
            model = await ensure_async(self._contents.get(path, content=True, type="notebook"))
        except HTTPError as error:
            raise await self._why(path, error) from None
        return notebook_file.raw_block_of(model["content"])

    async def content(self, path: str) -> dict[str, Any]:
        """A saved notebook, by the rules of our own reader where it is an .ipynb file. Raises as `block` does."""
        text = await self._text(path) if path.endswith(".ipynb") else None
        if isinstance(text, str):
            return await asyncio.to_thread(lambda: notebook_file.parse(text.encode()))
        try:
            model = await ensure_async(self._contents.get(path, content=True, type="notebook"))
        except HTTPError as error:
            raise await self._why(path, error) from None
        return dict(model["content"])

    async def state(self, path: str) -> tuple[str, int]:
        """What changes when it is saved: when that was, and its size. Raises HTTPError."""
        model = await ensure_async(self._contents.get(path, content=False))
        return str(model.get("last_modified")), int(model.get("size") or 0)

    async def unkept(self, path: str) -> str | UnsetType:
        """Why a document of this kind loses the block when it is saved, and what to do."""
        if path.endswith(".ipynb"):
            return UNSET
        try:
            model = await ensure_async(self._contents.get(path, content=True, type="notebook"))
        except HTTPError:
            return UNSET  # what is wrong is said elsewhere
        return UNSET if keeps_block(model["content"].get("metadata") or {}) else UNKEPT.format(posixpath.basename(path))

    async def _text(self, path: str) -> object:
        """None if there is no text. Raises NotFound."""
        try:
            model = await ensure_async(self._contents.get(path, content=True, type="file", format="text"))
        except HTTPError as error:
            if error.status_code == 404:
                raise NotFound("notebook-not-found", "There is no such notebook.") from None
            return None
        return model["content"]

    async def _why(self, path: str, error: HTTPError) -> Exception:
        if error.status_code == 404:
            return NotFound("notebook-not-found", "There is no such notebook.")
        if error.status_code != 400:
            return error
        return await self._what_is_wrong(path)

    async def _what_is_wrong(self, path: str) -> Exception:
        """Jupyter only says "unreadable"; our own reader says what is wrong and where."""
        general = NotebookError("not-notebook", "This file is not a notebook that can be read.")
        try:
            model = await ensure_async(self._contents.get(path, content=True, type="file", format="text"))
            await asyncio.to_thread(notebook_file.parse, model["content"].encode())
        except NotebookError as error:
            return error
        except HTTPError as error:
            utf8 = "not UTF-8" in str(error.log_message)
            return NotebookError("not-utf8", "This file is not text in UTF-8.") if utf8 else general
        return general

    def pending(self, path: str, block: object) -> Pending | None:
        """The block that waits for this notebook. Once the saved notebook contains it, it no longer waits."""
        for file in self._pending_files(path):
            value = kept.recalled(file, dict[str, Any])
            if value is None or "block" not in value:
                continue
            if value["block"] == block:
                drop_pending(file, block)
                continue
            return Pending(before=value.get("before"), block=value["block"])
        return self._of_former_name(path, block)

    def _of_former_name(self, path: str, block: object) -> Pending | None:
        """A change that was made before the notebook was renamed or moved."""
        if not isinstance(block, dict):
            return None
        done = recorded(self._home, block)
        if len(done) == 1:
            drop_pending(done[0], block)
        file = self._former(path, block)
        value = kept.recalled(file, dict[str, Any]) if file else None
        return Pending(before=value.get("before"), block=value.get("block"), unsure=True) if value else None

    def _former(self, path: str, block: dict[str, Any]) -> Path | None:
        """The file of a change that was made from this block, for a notebook that is gone."""
        place = self.os_path(path)
        found = [Path(file) for file in fitting(self._home, str(place), block)] if place else []
        value = kept.recalled(found[0], dict[str, Any]) if len(found) == 1 else None
        return found[0] if value and not Path(str(value.get("notebook"))).exists() else None

    def decline(self, path: str, before: dict[str, Any] | None, block: object) -> None:
        """This change waits for the notebook no longer, whatever the notebook was called then."""
        former = self._former(path, before) if before else None
        for file in (*self._pending_files(path), *filter(None, [former])):
            drop_pending(file, block)

    def leave(self, path: str, before: Any, block: Any) -> None:
        """A change that no kernel has: it waits until the saved notebook contains it. Raises OSError."""
        place = self.os_path(path)
        if place and block != before:
            leave_pending(self._home, str(place), before, block, keep=True)

    def _pending_files(self, path: str) -> list[Path]:
        """Named by the digest of the notebook's absolute path, as given and with links resolved."""
        place = self.os_path(path)
        names = {str(place), str(place.resolve())} if place else set()
        return [Path(pending_file(self._home, name)) for name in sorted(names)]

    def os_path(self, path: str) -> Path | None:
        """The file of an API path; None if contents are not files here, or if the path leads outside of what is
        served."""
        if self._root is None or ".." in path.split("/"):
            return None
        return Path(to_os_path(ApiPath(path), str(self._root))).absolute()

    def shows(self, path: Path) -> bool:
        """Whether a path of this machine is in the folder that is served. Links count as what they lead to."""
        return self._root is not None and path.resolve().is_relative_to(self._root.resolve())

    def api_path(self, file: str | None) -> str | None:
        """None for places outside of what this server serves: they do not concern anybody here."""
        if file is None or self._root is None:
            return None
        for root in (self._root, self._root.resolve()):
            if Path(file).is_relative_to(root):
                return Path(file).relative_to(root).as_posix()
        return None


def _raw(text: str) -> Any:
    return notebook_file.raw_block_of(notebook_file.parse(text.encode()))
