"""Compound files (OLE) of .xls and encrypted workbooks."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.io.intake.files import SAVE_AGAIN
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
NO_SECTOR = 0xFFFFFFFA
ENTRY = 128
STREAM = 2


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry of the directory: the name of a stream and where it begins."""

    name: str
    kind: int
    _: KW_ONLY
    left: int
    right: int
    child: int
    start: int
    size: int


class CompoundFile:
    """Top-level streams of a compound file; raises `InputError` if damaged.

    Source: Microsoft, [MS-CFB] Compound File Binary File Format.
    """

    def __init__(self, content: bytes, name: str) -> None:
        self._content = content
        self.name = name
        try:
            self._open()
        except (struct.error, IndexError, ValueError) as error:
            raise InputError("The file is damaged: its parts cannot be found.", Place(name), SAVE_AGAIN) from error

    def _open(self) -> None:
        head = self._content
        shift, mini_shift = struct.unpack_from("<HH", head, 30)
        if not (7 <= shift <= 16 and mini_shift < shift):
            raise ValueError("sector size")
        self._sector, self._mini_sector = 1 << shift, 1 << mini_shift
        directory, self._cutoff, mini_fat = (struct.unpack_from("<I", head, at)[0] for at in (48, 56, 60))
        self._fat = self._numbers(self._fat_sectors())
        self._mini_fat = self._numbers(self._chain(mini_fat, self._fat))
        entries = list(self._entries(self._joined(self._chain(directory, self._fat))))
        root = entries[0]
        self._mini = self._joined(self._chain(root.start, self._fat))[: root.size]
        self._streams = {entry.name: entry for entry in self._beside(entries, root.child) if entry.kind == STREAM}

    def _fat_sectors(self) -> list[int]:
        """The sectors that hold the table of chains: 109 in the head, others in a chain of their own."""
        sectors = list(struct.unpack_from("<109I", self._content, 76))
        following, remaining = struct.unpack_from("<I", self._content, 68)[0], len(self._content) // self._sector + 1
        while following < NO_SECTOR:
            remaining -= 1
            if remaining < 0:
                raise ValueError("endless chain")
            *numbers, following = self._numbers([following])
            sectors += numbers
        return [number for number in sectors if number < NO_SECTOR]

    def _piece(self, number: int) -> bytes:
        start = (number + 1) * self._sector
        if start >= len(self._content):
            raise IndexError(number)
        return self._content[start : start + self._sector]

    def _joined(self, sectors: Sequence[int]) -> bytes:
        return b"".join(self._piece(number) for number in sectors)

    def _numbers(self, sectors: Sequence[int]) -> tuple[int, ...]:
        if len(sectors) > len(self._content) // self._sector + 1:
            raise ValueError("more sectors than the file has")
        whole = self._joined(sectors)
        return struct.unpack(f"<{len(whole) // 4}I", whole[: len(whole) // 4 * 4])

    def _chain(self, start: int, table: Sequence[int]) -> list[int]:
        chain: list[int] = []
        while start < NO_SECTOR:
            if len(chain) > len(table):
                raise ValueError("endless chain")
            chain.append(start)
            start = table[start]
        return chain

    @staticmethod
    def _entries(directory: bytes) -> Iterator[_Entry]:
        for at in range(0, len(directory) - ENTRY + 1, ENTRY):
            length, kind = struct.unpack_from("<HB", directory, at + 64)
            name = directory[at : at + max(min(length, 64) - 2, 0)].decode("utf-16-le", errors="replace")
            left, right, child = struct.unpack_from("<3I", directory, at + 68)
            start, size = struct.unpack_from("<II", directory, at + 116)
            yield _Entry(name, kind, left=left, right=right, child=child, start=start, size=size)

    @staticmethod
    def _beside(entries: Sequence[_Entry], first: int) -> Iterator[_Entry]:
        waiting, visited = [first], set()
        while waiting:
            number = waiting.pop()
            if number < NO_SECTOR and number not in visited:
                visited.add(number)
                entry = entries[number]
                waiting += [entry.left, entry.right]
                yield entry

    def __contains__(self, stream: object) -> bool:
        return stream in self._streams

    def read(self, stream: str) -> bytes:
        """The bytes of a stream; raises `InputError` if the file lacks it or its chain is broken."""
        try:
            entry = self._streams[stream]
            if entry.size >= self._cutoff:
                return self._joined(self._chain(entry.start, self._fat))[: entry.size]
            size = self._mini_sector
            pieces = (self._mini[at * size : (at + 1) * size] for at in self._chain(entry.start, self._mini_fat))
            return b"".join(pieces)[: entry.size]
        except (LookupError, ValueError) as error:
            raise InputError("The file is damaged: a part is not whole.", Place(self.name), SAVE_AGAIN) from error
