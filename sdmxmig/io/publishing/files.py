"""Atomic single files."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from sdmxmig.io.publishing.durable import sync_folder
from sdmxmig.io.publishing.lock import release, stands, take
from sdmxmig.io.publishing.refusing import writable
from sdmxmig.primitives.errors import OutputError
from sdmxmig.primitives.places import Place

STANDARD_OUTPUT = "-"
PACKING = 6
"""How hard to pack, from 1 to 9: beyond this it takes much longer and saves little."""
MODE = 0o644
BESIDE = ".sdmxmig-"
"""How the names of all files begin that are not whole yet."""


def publish_file(path: Path, content: bytes, option: str = "-o FOLDER") -> Path:
    with staged(path, option) as file:
        file.write(content)
    return path


@contextmanager
def staged(path: Path, option: str) -> Iterator[BinaryIO]:
    """Stage a file and replace it when complete.

    Links and devices stay. Raises `OutputError`.
    """
    if path.is_dir():
        raise OutputError("This is a folder, not a file.", Place(str(path)), f"Name a file with {option}.")
    if path.exists() and not path.is_file():
        with writable(path, option), path.open("wb") as device:
            yield device
        return
    with writable(path.parent, option):
        target = path.resolve() if path.is_symlink() else path
        target.parent.mkdir(parents=True, exist_ok=True)
        prefix = _prefix(target)
        _clear(target.parent, prefix)
        file, beside = _beside(target.parent, prefix)
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            beside.chmod(target.stat().st_mode & 0o777 if target.is_file() else MODE)
            if sys.platform == "win32":  # where an open file cannot be renamed
                file.close()
            beside.replace(target)
            sync_folder(target.parent)
            file.close()
        finally:
            release(file, beside, remove=True)


def _prefix(path: Path) -> str:
    return f"{BESIDE}{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:12]}-"


def _beside(folder: Path, prefix: str) -> tuple[BinaryIO, Path]:
    while True:
        handle, name = tempfile.mkstemp(prefix=prefix, dir=folder)
        file, path = cast("BinaryIO", os.fdopen(handle, "w+b")), Path(name)
        with contextlib.suppress(OSError):  # where there are no locks, nobody clears anything away
            if not take(file) or not stands(file, path):
                file.close()
                continue
        return file, path


def _clear(folder: Path, prefix: str) -> None:
    for path in folder.glob(f"{prefix}*"):
        with contextlib.suppress(OSError), path.open("rb+") as file:
            if take(file):
                release(file, path, remove=True)


def clear_left(folder: Path) -> None:
    _clear(folder, BESIDE)


@contextmanager
def open_result(path: Path, suffix: str, option: str = "-o FILE") -> Iterator[BinaryIO]:
    """Open a result: ``-`` or file; ``.gz`` and ``.zip`` compress deterministically."""
    if str(path) == STANDARD_OUTPUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with staged(path, option) as file, _packed(path, suffix, file) as packed:
        yield packed


@contextmanager
def _packed(path: Path, suffix: str, file: BinaryIO) -> Iterator[BinaryIO]:
    kind = path.suffix.lower()
    if kind == ".gz":
        with gzip.GzipFile("", "wb", PACKING, file, mtime=0) as packed:
            yield cast("BinaryIO", packed)
    elif kind == ".zip":
        member = zipfile.ZipInfo(path.stem if Path(path.stem).suffix else f"{path.stem}{suffix}")
        member.compress_type = zipfile.ZIP_DEFLATED
        with (
            zipfile.ZipFile(file, "w", compresslevel=PACKING) as archive,
            archive.open(member, "w", force_zip64=True) as packed,
        ):
            yield cast("BinaryIO", packed)
    else:
        yield file
