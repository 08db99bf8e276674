"""Archives: zip files whose members are inflated only within limits."""

from __future__ import annotations

import io
import re
import stat
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, BinaryIO, cast

from sdmxmig.io.intake.files import CHUNK, MIB, SAVE_AGAIN, ZIP_TROUBLE
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place

MEMBER_LIMIT = 20_000
INFLATED_LIMIT = 1024 * MIB
RATIO_LIMIT = 100
RATIO_FREE = MIB
ZIP_MAGIC = b"PK\x03\x04"
READ_LIMIT = 4 * MIB
"""So much of an archive is read at once at most: its directory, which Python holds as objects, is no larger."""


class _Bounded(io.BufferedIOBase):
    """An open archive of which no one reads much at once, whatever it says of the size of its parts."""

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


CONTROL = re.compile(r"[\x00-\x1f\x7f]")
RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)[ .]*(\..*)?")
"""Names that are devices on Windows, whatever stands behind their first dot."""
UNIX = 3
"""The system that an archive names as its maker, where it says of what kind a member is."""


def is_special(info: zipfile.ZipInfo) -> bool:
    """Whether a member is neither a file nor a folder, but a link, a device or a pipe."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    return info.create_system == UNIX and kind not in (0, stat.S_IFREG, stat.S_IFDIR)


class Archive:
    """A zip file whose members are inflated only within limits: `limit` bytes in all, `ratio` times their size.

    It is given as bytes, or as an open file, which has to stay open. Names are those in the archive, with ``/`` between
    folders; none is absolute or leads outside. The inflated bytes are counted as they come, since what an archive says
    of its sizes may be false.
    """

    def __init__(
        self, content: bytes | BinaryIO, name: str, *, limit: int = INFLATED_LIMIT, ratio: int = RATIO_LIMIT
    ) -> None:
        self.name = name
        self._limit, self._ratio = limit, ratio
        self._inflated = 0
        stream = io.BytesIO(content) if isinstance(content, bytes) else content
        try:
            self._zip = zipfile.ZipFile(cast("IO[bytes]", _Bounded(stream)))
        except ZIP_TROUBLE as error:
            raise self._refusal("The file is damaged: it begins like a zip archive but is none.") from error
        infos = self._zip.infolist()
        if len(infos) > MEMBER_LIMIT:
            raise self._refusal(f"The archive has {len(infos)} members; {MEMBER_LIMIT} is the limit.")
        self._infos = {info.filename: info for info in infos}
        folded_names: set[str] = set()
        for info in infos:
            self._check_member(info, folded_names)

    def _refusal(self, message: str, member: str = "") -> InputError:
        return InputError(message, Place(self.name, key=member), SAVE_AGAIN)

    def _check_member(self, info: zipfile.ZipInfo, folded_names: set[str]) -> None:
        name = info.filename
        folded = unicodedata.normalize("NFC", name).casefold()
        if folded in folded_names:
            raise self._refusal("The archive has two members of this name.", name)
        folded_names.add(folded)
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if not parts or ".." in parts or parts[0].startswith("/") or CONTROL.search(info.orig_filename) or ":" in name:
            raise self._refusal("The archive has a member whose name leads outside of it.", name)
        if any(RESERVED.fullmatch(part) for part in parts) or is_special(info):
            raise self._refusal("The archive has a member that is a link or a device, or is called like one.", name)
        if info.flag_bits & 1:
            raise InputError(
                "The archive is protected by a password.",
                Place(self.name, key=name),
                "Save it without a password.",
            )

    @property
    def members(self) -> tuple[str, ...]:
        """The names of the members, sorted."""
        return tuple(sorted(self._infos))

    @property
    def directory(self) -> tuple[zipfile.ZipInfo, ...]:
        """What the directory says of the members, in its own order."""
        return tuple(self._zip.infolist())

    @property
    def directory_at(self) -> int:
        """The byte at which the directory begins, behind the last member."""
        return self._zip.start_dir

    @property
    def comment(self) -> bytes:
        """What somebody has written about the archive as a whole."""
        return self._zip.comment

    def __contains__(self, member: object) -> bool:
        return member in self._infos

    def is_ordinary(self, member: str) -> bool:
        """Whether a member is a file, and neither a link nor a device."""
        kind = stat.S_IFMT(self._infos[member].external_attr >> 16)
        return kind in (0, stat.S_IFREG)

    def chunks(self, member: str) -> Iterator[bytes]:
        """The bytes of a member, piece by piece; raises `InputError` beyond a limit or if it is damaged."""
        if member not in self._infos:
            raise self._refusal("The archive lacks this member.", member)
        size, stored = 0, max(self._infos[member].compress_size, 1)
        try:
            with self._zip.open(self._infos[member]) as stream:
                while chunk := stream.read(CHUNK):
                    size += len(chunk)
                    self._inflated += len(chunk)
                    if self._inflated > self._limit:
                        raise self._refusal(f"The archive unpacks to more than {self._limit // MIB} MiB.")
                    if size > RATIO_FREE and size > self._ratio * stored:
                        raise self._refusal(f"A member unpacks to more than {self._ratio} times its size.", member)
                    yield chunk
        except ZIP_TROUBLE as error:
            raise self._refusal("A member of the archive is damaged.", member) from error

    def read(self, member: str) -> bytes:
        """All bytes of a member, within the limits."""
        return b"".join(self.chunks(member))


def open_zip(content: bytes, name: str) -> Archive:
    """Open a zip archive that somebody else made; `name` is the file's name in messages.

    Raises `InputError` if it is none, has too many members, names that lead outside or twins, or a password.
    """
    return Archive(content, name)
