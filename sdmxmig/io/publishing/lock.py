"""One command at a time: a lock on a folder, which the system takes away from a program that has ended."""

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
    """Another command is at work on the folder."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder, which is made if need be, and goes away with its lock if nothing else is in it.

    The lock is the system's: of a program that was killed nothing is left but a file, which the next one takes over.
    Raises `Busy` with who holds it since when, and `OutputError` where files cannot be locked.
    """
    path = folder / LOCK
    file = _lock_file(path)
    try:
        with contextlib.suppress(OSError):  # only who has to wait would read it
            file.truncate(0)
            file.write(json.dumps(_holder()).encode())
        yield
    finally:
        release(file, path, remove=True)
        with contextlib.suppress(OSError):  # there may be more in it
            folder.rmdir()


def _lock_file(path: Path) -> BinaryIO:
    """The lock file, made and locked; another command may remove it meanwhile, then it is made again."""
    for _ in range(TRIES):
        with contextlib.suppress(FileExistsError):  # it went away while this looked what it is; no folder: see below
            path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):  # the folder has gone with the lock of another command
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
    """The lock file; one that a killed command of another user left can be locked without writing to it.

    A link in its place, as a workspace of others may have, is not followed: what it leads to would be emptied.
    """
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
    """Lock an open file; False if somebody else has locked it. Raises `OSError` where there are no locks."""
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
    """Whether an open file is still the one at its path."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def release(file: BinaryIO, path: Path, *, remove: bool) -> None:
    """Let go of a locked file; if it is to go away, then while it is locked, so that nobody takes it meanwhile."""
    if sys.platform == "win32":  # where an open file cannot be removed
        file.close()
    if remove:
        with contextlib.suppress(OSError):
            path.unlink()
    file.close()


def _holder() -> dict[str, str]:
    """Who holds a lock, for whoever has to wait."""
    since = datetime.now(UTC).astimezone().isoformat(sep=" ", timespec="seconds")
    return {"process": str(os.getpid()), "computer": platform.node(), "since": since}


def _busy(path: Path) -> Busy:
    """The error for a command that comes while another one is at work."""
    try:
        holder = json.loads(path.read_bytes())
        who = f"process {holder['process']} on {holder['computer']}, since {holder['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        who = "it has just begun"
    hint = "Wait until it is done, or name another folder with -o FOLDER."
    return Busy(f"Another sdmxmig is at work here ({who}).", Place(str(path.parent.parent)), hint)
