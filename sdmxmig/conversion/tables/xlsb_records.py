"""The records of binary workbooks (.xlsb) and the strings in them. Source: Microsoft, [MS-XLSB]."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator

from sdmxmig.conversion.tables.biff import RichString

RECORD_LIMIT = 1 << 20
"""No record that says something about cells comes near to so many bytes."""


def records(pieces: Iterable[bytes], step: Callable[[], None]) -> Iterator[tuple[int, bytes]]:
    """The records of a part of a workbook that comes piece by piece: their numbers and their data."""
    unfinished = b""
    for piece in pieces:
        joined, at = unfinished + piece, 0
        while (head := record_head(joined, at)) and head[2] + head[1] <= len(joined):
            step()
            kind, size, start = head
            at = start + size
            yield kind, joined[start:at]
        unfinished = joined[at:]
    if unfinished:
        raise ValueError("the part ends within a record")


def record_head(data: bytes, at: int) -> tuple[int, int, int] | None:
    """The number and size of a record and where its data begin; None if its head is not whole.

    >>> record_head(bytes([0x9C, 0x01, 0x85, 0x01]), 0)
    (156, 133, 4)
    """
    values = []
    for longest in (2, 4):
        value = 0
        for shift in range(longest):
            if at >= len(data):
                return None
            value |= (data[at] & 0x7F) << (7 * shift)
            at += 1
            if data[at - 1] < 0x80:
                break
        values.append(value)
    kind, size = values
    if size > RECORD_LIMIT:
        raise ValueError("a record is too large")
    return kind, size, at


def text_at(data: bytes, at: int) -> tuple[str, int]:
    count = struct.unpack_from("<I", data, at)[0]
    if count == 0xFFFFFFFF:
        return "", at + 4
    end = at + 4 + 2 * count
    if end > len(data):
        raise ValueError("the record ends within a string")
    return data[at + 4 : end].decode("utf-16-le", errors="replace"), end


def rich_at(data: bytes, at: int) -> RichString:
    text, end = text_at(data, at + 1)
    if not data[at] & 1:
        return RichString(text)
    count = struct.unpack_from("<I", data, end)[0]
    runs = struct.iter_unpack("<HH", data[end + 4 : end + 4 + 4 * count])
    return RichString(text, tuple((int(start), int(font)) for start, font in runs))
