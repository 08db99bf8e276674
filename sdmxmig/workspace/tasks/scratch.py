"""Folders for records while they are worked on: nobody else may read them, and what a killed command left goes away."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from sdmxmig.io.publishing.lock import stands, take

PREFIX = "sdmxmig-records-"
OWNER = "owner"
"""The file that a command holds locked as long as it is at work in its folder."""


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder for records, of this user alone, which goes away with everything in it when the work ends.

    A command that is killed cannot clear away: its lock ends with it, and whoever asks for a folder next removes what
    it left. Folders of other users, and of commands that are at work, stay.
    """
    clear_left()
    while True:
        with tempfile.TemporaryDirectory(prefix=PREFIX) as name:
            folder = Path(name)
            with (folder / OWNER).open("xb") as file:
                if held(file, folder / OWNER):
                    yield folder
                    return


def held(file: BinaryIO, path: Path) -> bool:
    """Lock the file of an owner; False if another command took the new folder for one that was left."""
    try:
        return take(file) and stands(file, path)
    except OSError:  # there are no locks on this disk: nobody can tell that the folder was left, and it stays
        return True


def clear_left() -> None:
    """Remove the folders that killed commands of this user have left."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if is_mine(folder):
                remove_left(folder)


def is_mine(folder: Path) -> bool:
    """Whether a folder is one of this user, and no link to another."""
    mine = folder.lstat().st_uid == os.getuid() if hasattr(os, "getuid") else True
    return mine and folder.is_dir() and not folder.is_symlink()


def remove_left(folder: Path) -> None:
    """Remove a folder if nobody holds its lock any more; while that is done nobody else can take it."""
    with (folder / OWNER).open("rb+") as file:
        if take(file):
            if sys.platform == "win32":  # where an open file cannot be removed
                file.close()
            shutil.rmtree(folder, ignore_errors=True)
