"""Folder locks, released by the system."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from sdmxmig.primitives.errors import OutputError
from sdmxmig.primitives.places import Place

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK = "lock"
FAR = 1 << 30
"""Where the byte lies that is locked on Windows: behind the text, which others may read."""
BUSY = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
TRIES = 100


class Busy(OutputError):  # noqa: N818 - the name says what is the matter
    """Another command holds the lock."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder lock; raises `Busy` with the holder, `OutputError` if unsupported."""
    path = folder / LOCK
    file = _lock_file(path)
    try:
        with contextlib.suppress(OSError):  # only waiting commands read it
            file.truncate(0)
            file.write(json.dumps(_holder()).encode())
        yield
    finally:
        release(file, path, remove=True)
        with contextlib.suppress(OSError):  # it may have further content
            folder.rmdir()


def _lock_file(path: Path) -> BinaryIO:
    """Create and lock the lock file, again if another command removes it meanwhile."""
    for _ in range(TRIES):
        with contextlib.suppress(FileExistsError):  # it vanished during the check; for other cases see below
            path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):  # another command removed the folder with its lock
            file = _opened(path)
            try:
                if not take(file):
                    raise _busy(path)
                if stands(file, path):
                    return file
            except OSError as error:
                file.close()
                hint = "Choose a folder on another disk with -o FOLDER."
                message = f"Files on this disk cannot be locked ({error.strerror}): two commands could meet."
                raise OutputError(message, Place(str(path.parent.parent)), hint) from None
            except BaseException:
                file.close()
                raise
            file.close()
    raise _busy(path)


def _opened(path: Path) -> BinaryIO:
    """Open the lock file without following links, which might truncate others' files."""
    if path.is_symlink():
        raise OutputError("The lock is a link to another file.", Place(str(path)), "Remove it.")
    try:
        no_link: int = getattr(os, "O_NOFOLLOW", 0)
        return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | no_link, 0o644), "r+b", buffering=0)
    except PermissionError:
        if not path.is_file():
            raise
        return path.open("rb", buffering=0)


def take(file: BinaryIO) -> bool:
    """Lock an open file; False if locked by another process. Raises `OSError` without lock support."""
    try:
        if sys.platform == "win32":
            file.seek(FAR)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            file.seek(0)
        else:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in BUSY:
            return False
        raise
    return True


def stands(file: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def release(file: BinaryIO, path: Path, *, remove: bool) -> None:
    if sys.platform == "win32":  # systems that cannot remove open files
        file.close()
    if remove:
        with contextlib.suppress(OSError):
            path.unlink()
    file.close()


def _holder() -> dict[str, str]:
    since = datetime.now(UTC).astimezone().isoformat(sep=" ", timespec="seconds")
    return {"process": str(os.getpid()), "computer": platform.node(), "since": since}


def _busy(path: Path) -> Busy:
    try:
        holder = json.loads(path.read_bytes())
        who = f"process {holder['process']} on {holder['computer']}, since {holder['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        who = "it has just begun"
    hint = "Wait until it is done, or name another folder with -o FOLDER."
    return Busy(f"Another sdmxmig is at work here ({who}).", Place(str(path.parent.parent)), hint)
