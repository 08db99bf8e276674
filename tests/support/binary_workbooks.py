"""Writes small binary workbooks, record by record, as the specifications of their formats say."""

from __future__ import annotations

import struct
from collections.abc import Mapping

SECTOR, END, FREE, FAT = 512, 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def compound(streams: Mapping[str, bytes]) -> bytes:
    """A compound file with these streams ([MS-CFB]); each is filled up with zeros to at least 4096 bytes."""
    padded = {name: data.ljust(4096, b"\0") for name, data in streams.items()}
    counts = {name: -(-len(data) // SECTOR) for name, data in padded.items()}
    tables = next(many for many in range(1, 109) if many + 1 + sum(counts.values()) <= many * SECTOR // 4)
    chains = [FAT] * tables + [END]
    entries = [directory_entry("Root Entry", 5, child=1, start=END, size=0)]
    for number, (name, data) in enumerate(padded.items(), start=1):
        start = len(chains)
        chains += [*range(start + 1, start + counts[name]), END]
        beside = number + 1 if number < len(padded) else FREE
        entries.append(directory_entry(name, 2, right=beside, start=start, size=len(data)))
    chains += [FREE] * (tables * SECTOR // 4 - len(chains))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    head += struct.pack("<5I", tables, tables, 0, 4096, END) + struct.pack("<3I", 0, END, 0)
    head += struct.pack("<109I", *range(tables), *[FREE] * (109 - tables))
    body = b"".join(data.ljust(counts[name] * SECTOR, b"\0") for name, data in padded.items())
    return head + struct.pack(f"<{len(chains)}I", *chains) + b"".join(entries).ljust(SECTOR, b"\0") + body


def directory_entry(name: str, kind: int, *, start: int, size: int, right: int = FREE, child: int = FREE) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<HBB3I", len(text), kind, 1, FREE, right, child)
    return text.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)


def record(kind: int, data: bytes = b"") -> bytes:
    """A record of an .xls workbook."""
    return struct.pack("<HH", kind, len(data)) + data


def part(version: int, kind: int, *records: bytes) -> bytes:
    """A part of an .xls workbook: the globals (5) or a sheet (16)."""
    return record(0x809, struct.pack("<4H", version, kind, 0, 0)) + b"".join(records) + record(0x0A)


def xls(*records: bytes, shared: bytes = b"") -> bytes:
    """An .xls workbook with one sheet of these records; `shared` are records of the globals."""

    def globals_with(start: int) -> bytes:
        return part(0x600, 5, shared, record(0x85, struct.pack("<IBB", start, 0, 0) + b"\5\0Sheet"))

    return compound({"Workbook": globals_with(len(globals_with(0))) + part(0x600, 16, *records)})


def cell(row: int, column: int, data: bytes, style: int = 0) -> bytes:
    """The beginning of the records of cells of .xls workbooks, and what follows; rows and columns count from 0."""
    return struct.pack("<HHH", row, column, style) + data
