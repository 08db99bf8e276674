"""Deterministic archives."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterable
from typing import BinaryIO

from sdmxmig.io.publishing.files import MODE, PACKING

BEGINNING = (1980, 1, 1, 0, 0, 0)
UNIX = 3
"""The system that an archive names as its maker, wherever it was made."""


def pack(files: Iterable[tuple[str, Iterable[bytes]]], out: BinaryIO) -> None:
    """Write a deterministic zip archive."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=PACKING) as archive:
        for name, pieces in files:
            entry = zipfile.ZipInfo(name, BEGINNING)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, UNIX
            entry.external_attr = (stat.S_IFREG | MODE) << 16
            with archive.open(entry, "w") as member:
                for piece in pieces:
                    member.write(piece)
