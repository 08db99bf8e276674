"""Private scratch folders for records, removed after use."""

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


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Open a private scratch folder; removes leftovers of killed commands."""
    clear_left()
    while True:
        with tempfile.TemporaryDirectory(prefix=PREFIX) as name:
            folder = Path(name)
            with (folder / OWNER).open("xb") as file:
                if held(file, folder / OWNER):
                    yield folder
                    return


def held(file: BinaryIO, path: Path) -> bool:
    try:
        return take(file) and stands(file, path)
    except OSError:  # there are no locks on this disk: nobody can tell that the folder was left, and it stays
        return True


def clear_left() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if is_mine(folder):
                remove_left(folder)


def is_mine(folder: Path) -> bool:
    mine = folder.lstat().st_uid == os.getuid() if hasattr(os, "getuid") else True
    return mine and folder.is_dir() and not folder.is_symlink()


def remove_left(folder: Path) -> None:
    with (folder / OWNER).open("rb+") as file:
        if take(file):
            if sys.platform == "win32":  # where an open file cannot be removed
                file.close()
            shutil.rmtree(folder, ignore_errors=True)
