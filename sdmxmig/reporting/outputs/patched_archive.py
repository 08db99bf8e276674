"""Archives with replaced members; others are copied compressed."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping

from sdmxmig.io.intake.archives import Archive
from sdmxmig.io.intake.files import SAVE_AGAIN
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place

LOCAL = struct.Struct("<4s5H3L2H")
ENTRY = struct.Struct("<4s4B4H3L5H2L")
END = struct.Struct("<4s4H2LH")
LOCAL_MAGIC, ENTRY_MAGIC, END_MAGIC = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
UTF8_NAME = 0x800
LARGE_SIZES = 1
"""The number of the extra field with sizes of more than 32 bits; ours have none."""
VERSION = 20


def repacked(archive: Archive, content: bytes, changed: Mapping[str, Iterable[bytes]]) -> bytes:
    """Replace members of an archive; order, names and times stay; deterministic.

    Raises `InputError` for overlapping members.
    """
    members = sorted(archive.directory, key=lambda info: info.header_offset)
    ends = [*(info.header_offset for info in members[1:]), archive.directory_at]
    written = io.BytesIO()
    stored = memoryview(content)
    written.write(stored[: members[0].header_offset])
    entries: dict[str, bytes] = {}
    for info, end in zip(members, ends, strict=True):
        name = name_of(info, content, end=end, archive=archive.name)
        at = written.tell()
        if info.filename in changed:
            entries[info.filename] = entry(packed(info, name, changed[info.filename], written), name, at)
        else:
            written.write(stored[info.header_offset : end])
            entries[info.filename] = entry(info, name, at)
    at = written.tell()
    for info in archive.directory:
        written.write(entries[info.filename])
    count, size = len(entries), written.tell() - at
    numbers = (0, 0, count, count, size, at, len(archive.comment))
    written.write(END.pack(END_MAGIC, *numbers) + archive.comment)
    return written.getvalue()


def name_of(info: zipfile.ZipInfo, content: bytes, *, end: int, archive: str) -> bytes:
    header = content[info.header_offset : info.header_offset + LOCAL.size]
    if len(header) == LOCAL.size and header.startswith(LOCAL_MAGIC):
        *_, name_length, extra_length = LOCAL.unpack(header)
        begin = info.header_offset + LOCAL.size
        if begin + name_length + extra_length + info.compress_size <= end:
            return content[begin : begin + name_length]
    raise InputError("A member of the archive is damaged.", Place(archive, key=info.filename), SAVE_AGAIN)


def packed(old: zipfile.ZipInfo, name: bytes, chunks: Iterable[bytes], written: io.BytesIO) -> zipfile.ZipInfo:
    begin = written.tell()
    written.write(bytes(LOCAL.size) + name)
    packer = zlib.compressobj(zlib.Z_DEFAULT_COMPRESSION, zlib.DEFLATED, -zlib.MAX_WBITS)
    crc = size = 0
    for chunk in chunks:
        crc, size = zlib.crc32(chunk, crc), size + len(chunk)
        written.write(packer.compress(chunk))
    written.write(packer.flush())
    info = zipfile.ZipInfo(old.filename, old.date_time)
    for fact in ("create_system", "create_version", "internal_attr", "external_attr", "comment"):
        setattr(info, fact, getattr(old, fact))
    info.extract_version = VERSION
    info.compress_type, info.flag_bits = zipfile.ZIP_DEFLATED, old.flag_bits & UTF8_NAME
    info.CRC, info.file_size = crc, size
    info.compress_size = written.tell() - begin - LOCAL.size - len(name)
    end = written.tell()
    written.seek(begin)
    how = (VERSION, info.flag_bits, info.compress_type, *moment(info))
    sizes = (info.CRC, info.compress_size, info.file_size, len(name), 0)
    written.write(LOCAL.pack(LOCAL_MAGIC, *how, *sizes))
    written.seek(end)
    return info


def entry(info: zipfile.ZipInfo, name: bytes, at: int) -> bytes:
    extra = small_extra(info.extra)
    made_by = (info.create_version, info.create_system, info.extract_version, 0)
    how = (info.flag_bits, info.compress_type, *moment(info))
    sizes = (info.CRC, info.compress_size, info.file_size, len(name), len(extra), len(info.comment), 0)
    fields = (*made_by, *how, *sizes, info.internal_attr, info.external_attr, at)
    return ENTRY.pack(ENTRY_MAGIC, *fields) + name + extra + info.comment


def moment(info: zipfile.ZipInfo) -> tuple[int, int]:
    year, month, day, hour, minute, second = info.date_time
    return hour << 11 | minute << 5 | second // 2, (year - 1980) << 9 | month << 5 | day


def small_extra(extra: bytes) -> bytes:
    kept, at = b"", 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind != LARGE_SIZES:
            kept += extra[at : at + 4 + length]
        at += 4 + length
    return kept
