"""Atomic exchange of folders."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from functools import cache
from pathlib import Path

AT_FDCWD, RENAME_EXCHANGE, RENAME_SWAP = -100, 2, 2
"""The present folder, and the flags of renameat2 (Linux) and renamex_np (macOS)."""
NOT_HERE = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EPERM)


def swap(new: Path, target: Path, old: Path) -> None:
    """Replace a folder, moving the other to `old`; raises `OSError` and reverts."""
    if exchange_paths(new, target):
        new.rename(old)
        return
    target.rename(old)
    try:
        new.rename(target)
    except OSError:
        old.rename(target)
        raise


def exchange_paths(new: Path, target: Path) -> bool:
    """Let two paths change places in one step; False where the system cannot do that."""
    call = exchange_of_the_system()
    if call is None:
        return False
    sys.audit("os.rename", str(new), str(target), -1, -1)
    if call(os.fsencode(new), os.fsencode(target)) == 0:
        return True
    number = ctypes.get_errno()
    if number in NOT_HERE:
        return False
    raise OSError(number, os.strerror(number), str(target))


class Exchange:
    """The call of the system that lets two paths change places; gives 0, or another number if it did not."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self.library = library
        self.on_linux = hasattr(library, "renameat2")

    def __call__(self, first: bytes, second: bytes) -> int:
        if self.on_linux:
            return int(self.library.renameat2(AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE))
        return int(self.library.renamex_np(first, second, RENAME_SWAP))


@cache
def exchange_of_the_system() -> Exchange | None:
    if sys.platform == "win32":
        return None
    try:
        library = ctypes.CDLL(None, use_errno=True)
    except OSError:
        return None
    is_available = any(hasattr(library, name) for name in ("renameat2", "renamex_np"))
    return Exchange(library) if is_available else None
