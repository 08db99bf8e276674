"""Bounded zip archives."""

from __future__ import annotations

import io
import re
import stat
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, BinaryIO, cast

from sdmxmig.io.intake.files import CHUNK, MIB, SAVE_AGAIN_HINT, ZIP_ERRORS
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place

MEMBER_LIMIT = 20_000
INFLATED_LIMIT = 1024 * MIB
RATIO_LIMIT = 100
UNCHECKED_BYTES = MIB
ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
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
    """A zip file with limits: `limit` bytes, `ratio` of compression; actual sizes are checked, and names are safe."""

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
