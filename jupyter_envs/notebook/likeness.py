"""A new file takes the place of another only if it can have the same owner, mode, access list and attributes."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

ACL = "system.posix_acl_access"
LABEL = "security.selinux"
"""Copied if that is allowed. Other `security.` attributes describe the content, or are managed by the system."""


def made_alike(new: Path, old: Path, about: os.stat_result) -> bool:
    """Whether `new` could be given everything that `old` (whose stat is `about`) has besides its bytes. Raises
    OSError."""
    if hasattr(os, "chown"):
        with contextlib.suppress(PermissionError):  # only root may give files away
            os.chown(new, about.st_uid, about.st_gid)
    wanted = _attributes(old)
    for name in _attributes(new).keys() - wanted.keys() - {LABEL}:
        os.removexattr(new, name)  # an access list that the folder gives to every new file
    new.chmod(stat.S_IMODE(about.st_mode))
    if not all(_set(new, name, value) for name, value in wanted.items()):
        return False
    now = new.stat()
    return (now.st_uid, now.st_gid, stat.S_IMODE(now.st_mode)) == (
        about.st_uid,
        about.st_gid,
        stat.S_IMODE(about.st_mode),
    )


def _attributes(path: Path) -> dict[str, bytes]:
    if not hasattr(os, "listxattr"):
        return {}
    found = {}
    with contextlib.suppress(OSError):  # a file system without any
        for name in os.listxattr(path):
            if name.startswith("user.") or name in (ACL, LABEL):
                found[name] = os.getxattr(path, name)
    return found


def _set(path: Path, name: str, value: bytes) -> bool:
    try:
        os.setxattr(path, name, value)
    except OSError:
        return name == LABEL
    return True
