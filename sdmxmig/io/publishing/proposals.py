"""Proposed text files, protected by a hash comment once edited."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path

from sdmxmig.io.publishing.files import publish_file
from sdmxmig.primitives.errors import OutputError
from sdmxmig.primitives.places import Place

SIGN = b"# As sdmxmig wrote it; it is written anew only as long as this fits: "
DIGITS = 32


def publish_proposal(path: Path, content: bytes, option: str = "-o FILE") -> Path:
    return publish_file(path, signed(content), option)


def signed(content: bytes) -> bytes:
    return content + SIGN + _hash(content) + b"\n"


def unsigned(content: bytes) -> bytes:
    return content.rpartition(SIGN)[0]


def is_untouched(content: bytes, replaceable: Collection[bytes] = ()) -> bool:
    before, _, sign = content.rpartition(SIGN)
    return sign == _hash(before) + b"\n" or content in replaceable


def check_proposal(path: Path, option: str = "-o FILE", replaceable: Collection[bytes] = ()) -> None:
    """Refuse to overwrite edited proposals; raises `OutputError`."""
    if not path.is_file() and not path.is_symlink():
        return
    content = path.read_bytes() if path.is_file() else b""
    if not is_untouched(content, replaceable):
        hint = f"Name another file with {option}, or move that one away."
        raise OutputError("There is a file of this name already, and somebody has edited it.", Place(str(path)), hint)


def _hash(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest()[:DIGITS].encode()
