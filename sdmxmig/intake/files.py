"""Files: read whole, within a limit, or refused by one message that names the file."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from sdmxmig.errors import InputError, nearest
from sdmxmig.places import Place

MIB = 1 << 20
FILE_LIMIT = 1024 * MIB
CHUNK = 1 << 16
SAVE_AGAIN = "Save it again from the program that made it."
ZIP_TROUBLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,  # also NotImplementedError: a compression or version that Python does not know
    ValueError,  # also UnicodeDecodeError in a name
    OverflowError,
    LookupError,
)


def read_bytes(path: Path | str, *, limit: int = FILE_LIMIT) -> bytes:
    """Read a whole file, or say clearly why that is not possible.

    `limit` is the largest size in bytes. Raises `InputError` for a missing file (with the nearest name in its
    folder), a folder, an empty or too large file, or one that may not be read.
    """
    path = Path(path)
    place = Place(str(path))
    try:
        if path.is_dir():
            raise InputError("This is a folder, not a file.", place, "Name a file in it.")
        if not path.exists():
            raise InputError("There is no such file.", place, _nearest_name(path))
        if not path.is_file():
            raise InputError("This is not an ordinary file.", place, "Copy the data into a file and name that one.")
        with path.open("rb") as stream:
            content = stream.read(limit + 1)
    except PermissionError as error:
        raise InputError("The file may not be read.", place, "Ask for the right to read it, or copy it.") from error
    except (OSError, ValueError) as error:
        raise InputError(f"The file cannot be read ({error}).", place, "Check its name and its disk.") from error
    if len(content) > limit:
        raise InputError(
            f"The file is larger than {limit // MIB or 1} MiB.",
            place,
            "Split it, or leave out what is not data.",
        )
    if not content:
        raise InputError("The file is empty.", place, SAVE_AGAIN)
    return content


def _nearest_name(path: Path) -> str:
    if not path.parent.is_dir():
        return f"There is no folder {path.parent} either."
    names = sorted(found.name for found in path.parent.iterdir() if found.is_file())
    guess = nearest(path.name, names)
    return f"Did you mean {guess}?" if guess else "Check the name and the folder."


def read_stream(stream: IO[bytes], *, chunk: int = CHUNK) -> Iterator[bytes]:
    """The bytes of an open file, piece by piece, for `stream_xml`."""
    while piece := stream.read(chunk):
        yield piece


def read_limited(stream: IO[bytes], name: str, *, limit: int = FILE_LIMIT) -> bytes:
    """All bytes of an open file; raises `InputError` if there are more than `limit`, or if it cannot be read."""
    try:
        content = stream.read(limit + 1)
    except (*ZIP_TROUBLE, MemoryError) as error:
        raise InputError(f"The file cannot be read ({error}).", Place(name), SAVE_AGAIN) from error
    if len(content) > limit:
        hint = "Split it, or leave out what is not data."
        raise InputError(f"The file is larger than {limit // MIB or 1} MiB.", Place(name), hint)
    return content
