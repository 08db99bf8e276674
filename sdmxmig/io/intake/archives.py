"""Bounded zip archives, and the compound files (OLE) of .xls and encrypted workbooks."""

from __future__ import annotations

import io
import re
import stat
import struct
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, BinaryIO, cast

from sdmxmig.io.intake.files import CHUNK, MIB, SAVE_AGAIN_HINT, SAVE_XLSX_HINT, ZIP_ERRORS
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place

MEMBER_LIMIT = 20_000
INFLATED_LIMIT = 1024 * MIB
RATIO_LIMIT = 100
UNCHECKED_BYTES = MIB
ZIP_MAGIC = b"PK\x03\x04"
READ_LIMIT = 4 * MIB


class _Bounded(io.BufferedIOBase):
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = READ_LIMIT + 1 if size is None or size < 0 else size
        content = self._stream.read(min(wanted, READ_LIMIT + 1))
        if len(content) > READ_LIMIT:
            raise zipfile.BadZipFile("the directory is too large")
        return content


CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f]")
RESERVED_NAME = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)[ .]*(\..*)?")
UNIX_SYSTEM = 3


def is_special(info: zipfile.ZipInfo) -> bool:
    kind = stat.S_IFMT(info.external_attr >> 16)
    return info.create_system == UNIX_SYSTEM and kind not in (0, stat.S_IFREG, stat.S_IFDIR)


class Archive:
    """A zip file with limits: `limit` bytes, `ratio` of compression; sizes are counted, and names are safe."""

    def __init__(
        self, content: bytes | BinaryIO, name: str, *, limit: int = INFLATED_LIMIT, ratio: int = RATIO_LIMIT
    ) -> None:
        self.name = name
        self._limit, self._ratio = limit, ratio
        self._inflated = 0
        stream = io.BytesIO(content) if isinstance(content, bytes) else content
        try:
            self._zip = zipfile.ZipFile(cast("IO[bytes]", _Bounded(stream)))
        except ZIP_ERRORS as error:
            raise self._build_refusal("The file is damaged: it begins like a zip archive but is not one.") from error
        infos = self._zip.infolist()
        if len(infos) > MEMBER_LIMIT:
            raise self._build_refusal(f"The archive has {len(infos)} members; the limit is {MEMBER_LIMIT}.")
        self._infos = {info.filename: info for info in infos}
        folded_names: set[str] = set()
        for info in infos:
            self._check_member(info, folded_names)

    def _build_refusal(self, message: str, member: str = "") -> InputError:
        return InputError(message, Place(self.name, key=member), SAVE_AGAIN_HINT)

    def _check_member(self, info: zipfile.ZipInfo, folded_names: set[str]) -> None:
        name = info.filename
        folded = unicodedata.normalize("NFC", name).casefold()
        if folded in folded_names:
            raise self._build_refusal("The archive has two members of this name.", name)
        folded_names.add(folded)
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if (
            not parts
            or ".." in parts
            or parts[0].startswith("/")
            or CONTROL_CHARACTER.search(info.orig_filename)
            or ":" in name
        ):
            raise self._build_refusal("The archive has a member outside its own folder.", name)
        if any(RESERVED_NAME.fullmatch(part) for part in parts) or is_special(info):
            raise self._build_refusal(
                "The archive has a member that is a link or device, or has the name of one.", name
            )
        if info.flag_bits & 1:
            raise InputError(
                "The archive is protected by a password.", Place(self.name, key=name), "Save it without a password."
            )

    @property
    def members(self) -> tuple[str, ...]:
        return tuple(sorted(self._infos))

    @property
    def directory(self) -> tuple[zipfile.ZipInfo, ...]:
        return tuple(self._zip.infolist())

    @property
    def directory_at(self) -> int:
        return self._zip.start_dir

    @property
    def comment(self) -> bytes:
        return self._zip.comment

    def __contains__(self, member: object) -> bool:
        return member in self._infos

    def is_ordinary(self, member: str) -> bool:
        kind = stat.S_IFMT(self._infos[member].external_attr >> 16)
        return kind in (0, stat.S_IFREG)

    def chunks(self, member: str) -> Iterator[bytes]:
        if member not in self._infos:
            raise self._build_refusal("The archive lacks this member.", member)
        size, stored = 0, max(self._infos[member].compress_size, 1)
        try:
            with self._zip.open(self._infos[member]) as stream:
                while chunk := stream.read(CHUNK):
                    size += len(chunk)
                    self._inflated += len(chunk)
                    if self._inflated > self._limit:
                        raise self._build_refusal(f"The archive unpacks to more than {self._limit // MIB} MiB.")
                    if size > UNCHECKED_BYTES and size > self._ratio * stored:
                        raise self._build_refusal(
                            f"A member unpacks to more than {self._ratio} times its size.", member
                        )
                    yield chunk
        except ZIP_ERRORS as error:
            raise self._build_refusal("A member of the archive is damaged.", member) from error

    def read(self, member: str) -> bytes:
        return b"".join(self.chunks(member))


OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MIN_SPECIAL_SECTOR = 0xFFFFFFFA
ENTRY_BYTES = 128
STREAM_TYPE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    name: str
    kind: int
    left: int
    right: int
    child: int
    start: int
    size: int


class CompoundFile:
    """Top-level streams of a compound file (Microsoft, [MS-CFB]); raises `InputError` if damaged."""

    def __init__(self, content: bytes, name: str) -> None:
        self._content = content
        self.name = name
        try:
            self._open()
        except (struct.error, IndexError, ValueError) as error:
            raise InputError("The file is damaged: its parts cannot be found.", Place(name), SAVE_XLSX_HINT) from error

    def _open(self) -> None:
        head = self._content
        shift, mini_shift = struct.unpack_from("<HH", head, 30)
        if not (7 <= shift <= 16 and mini_shift < shift):
            raise ValueError("sector size")
        self._sector, self._mini_sector = 1 << shift, 1 << mini_shift
        directory, self._cutoff, mini_fat = (struct.unpack_from("<I", head, at)[0] for at in (48, 56, 60))
        self._fat = self._numbers(self._list_fat_sectors())
        self._mini_fat = self._numbers(self._follow_chain(mini_fat, self._fat))
        entries = list(self._entries(self._joined(self._follow_chain(directory, self._fat))))
        root = entries[0]
        self._mini = self._joined(self._follow_chain(root.start, self._fat))[: root.size]
        self._streams = {entry.name: entry for entry in self._beside(entries, root.child) if entry.kind == STREAM_TYPE}

    def _list_fat_sectors(self) -> list[int]:
        sectors = list(struct.unpack_from("<109I", self._content, 76))
        following, remaining = struct.unpack_from("<I", self._content, 68)[0], len(self._content) // self._sector + 1
        while following < MIN_SPECIAL_SECTOR:
            remaining -= 1
            if remaining < 0:
                raise ValueError("endless chain")
            *numbers, following = self._numbers([following])
            sectors += numbers
        return [number for number in sectors if number < MIN_SPECIAL_SECTOR]

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

    def _follow_chain(self, start: int, table: Sequence[int]) -> list[int]:
        chain: list[int] = []
        while start < MIN_SPECIAL_SECTOR:
            if len(chain) > len(table):
                raise ValueError("endless chain")
            chain.append(start)
            start = table[start]
        return chain

    @staticmethod
    def _entries(directory: bytes) -> Iterator[_Entry]:
        for at in range(0, len(directory) - ENTRY_BYTES + 1, ENTRY_BYTES):
            length, kind = struct.unpack_from("<HB", directory, at + 64)
            name = directory[at : at + max(min(length, 64) - 2, 0)].decode("utf-16-le", errors="replace")
            left, right, child = struct.unpack_from("<3I", directory, at + 68)
            start, size = struct.unpack_from("<II", directory, at + 116)
            yield _Entry(name=name, kind=kind, left=left, right=right, child=child, start=start, size=size)

    @staticmethod
    def _beside(entries: Sequence[_Entry], first: int) -> Iterator[_Entry]:
        waiting, visited = [first], set()
        while waiting:
            number = waiting.pop()
            if number < MIN_SPECIAL_SECTOR and number not in visited:
                visited.add(number)
                entry = entries[number]
                waiting += [entry.left, entry.right]
                yield entry

    def __contains__(self, stream: object) -> bool:
        return stream in self._streams

    def read(self, stream: str) -> bytes:
        try:
            entry = self._streams[stream]
            if entry.size >= self._cutoff:
                return self._joined(self._follow_chain(entry.start, self._fat))[: entry.size]
            size = self._mini_sector
            pieces = (self._mini[at * size : (at + 1) * size] for at in self._follow_chain(entry.start, self._mini_fat))
            return b"".join(pieces)[: entry.size]
        except (LookupError, ValueError) as error:
            raise InputError("The file is damaged: a part is incomplete.", Place(self.name), SAVE_XLSX_HINT) from error
