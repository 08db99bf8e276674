"""Packed files: a message that stands alone in a gzip or zip file, or comes from standard input."""

from __future__ import annotations

import sys
import zlib
from pathlib import Path

from sdmxmig.errors import InputError
from sdmxmig.intake.archives import INFLATED_LIMIT, RATIO_FREE, RATIO_LIMIT, ZIP_MAGIC, open_zip
from sdmxmig.intake.files import CHUNK, MIB, SAVE_AGAIN, read_bytes, read_limited
from sdmxmig.places import Place

GZIP_MAGIC = b"\x1f\x8b"
STANDARD_INPUT = "-"


def read_message(path: Path | str) -> tuple[str, bytes]:
    """Read a file, or standard input for ``-``, and unpack it if it is packed; gives its name and its bytes.

    Raises `InputError` as `read_bytes` does, and for a packed file that passes a limit, is damaged, or holds several
    members.
    """
    if str(path) == STANDARD_INPUT:
        name, content = "standard input", read_limited(sys.stdin.buffer, "standard input")
        if not content:
            raise InputError("Nothing came from standard input.", Place(name), "Send a message to it, or name a file.")
    else:
        name, content = Path(path).name, read_bytes(path)
    return unpacked(name, content)


def unpacked(name: str, content: bytes) -> tuple[str, bytes]:
    """The one file in a gzip or zip file, with its name; other content stays as it is."""
    if content.startswith(GZIP_MAGIC):
        return name.removesuffix(".gz"), _gunzip(name, content)
    if content.startswith(ZIP_MAGIC):
        archive = open_zip(content, name)
        members = [member for member in archive.members if not member.endswith("/")]
        if len(members) != 1:
            hint = "Unpack it, and name the file that is meant."
            raise InputError(f"The archive holds {len(members)} files, not one message.", Place(name), hint)
        return members[0].rpartition("/")[2], archive.read(members[0])
    return name, content


def _gunzip(name: str, content: bytes) -> bytes:
    """Inflate a gzip file, all of its members, within the limits that zip archives have."""
    limit = min(INFLATED_LIMIT, max(RATIO_FREE, RATIO_LIMIT * len(content)))
    pieces: list[bytes] = []
    size, rest = 0, content
    try:
        while rest:
            machine = zlib.decompressobj(wbits=31)
            while rest and not machine.eof:
                piece = machine.decompress(rest, CHUNK)
                size += len(piece)
                if size > limit:
                    raise InputError(f"The file unpacks to more than {limit // MIB} MiB.", Place(name), SAVE_AGAIN)
                pieces.append(piece)
                rest = machine.unconsumed_tail or machine.unused_data
                if not piece and not machine.eof:
                    raise InputError("The packed file ends too early.", Place(name), SAVE_AGAIN)
            rest = machine.unused_data
    except zlib.error as error:
        raise InputError("The packed file is damaged.", Place(name), SAVE_AGAIN) from error
    if not machine.eof:
        raise InputError("The packed file ends too early.", Place(name), SAVE_AGAIN)
    return b"".join(pieces)
