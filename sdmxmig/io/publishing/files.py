"""Single files that a user names: there whole and on the disk, or not at all."""

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
    """Write one file, whole or not at all; `option` is that with which the user chooses another place."""
    with staged(path, option) as file:
        file.write(content)
    return path


@contextmanager
def staged(path: Path, option: str) -> Iterator[BinaryIO]:
    """A file to be written, which is there when all of it was written and is on the disk, or not at all.

    It lies beside its place until then; what a command that was killed has left there is cleared away. A link to a
    file stays one, and a device or pipe stays what it is: it is written to. `option` is that with which the user
    chooses another place. Raises `OutputError` if it cannot be written.
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
    """How the names begin under which a file lies until it is whole; short, however long its own name is."""
    return f"{BESIDE}{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:12]}-"


def _beside(folder: Path, prefix: str) -> tuple[BinaryIO, Path]:
    """A new file in a folder, locked as long as it is written to, so that nobody clears it away."""
    while True:
        handle, name = tempfile.mkstemp(prefix=prefix, dir=folder)
        file, path = cast("BinaryIO", os.fdopen(handle, "w+b")), Path(name)
        with contextlib.suppress(OSError):  # where there are no locks, nobody clears anything away
            if not take(file) or not stands(file, path):
                file.close()
                continue
        return file, path


def _clear(folder: Path, prefix: str) -> None:
    """Remove what commands that were killed have left of a file: nobody holds its lock any more."""
    for path in folder.glob(f"{prefix}*"):
        with contextlib.suppress(OSError), path.open("rb+") as file:
            if take(file):
                release(file, path, remove=True)


def clear_left(folder: Path) -> None:
    """Remove from a folder what commands that were killed have left of any files; what is being written stays."""
    _clear(folder, BESIDE)


@contextmanager
def open_result(path: Path, suffix: str, option: str = "-o FILE") -> Iterator[BinaryIO]:
    """Where a result goes: standard output for ``-``, else a file as `staged` has it.

    A file whose name ends in ``.gz`` or ``.zip`` is packed while it is written, the same content always to the same
    bytes; the member of an archive is named like it, with `suffix` if it has none.
    """
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
