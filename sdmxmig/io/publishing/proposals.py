"""Text files that sdmxmig proposes and people edit: written anew only as long as nobody has changed them.

The last line of such a file is a comment with a hash of all before it. Whoever edits the file need not care: the line
no longer fits then, and the file is theirs.
"""

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
    """Write a proposal in TOML with its sign; `option` is that with which the user chooses another place."""
    return publish_file(path, signed(content), option)


def signed(content: bytes) -> bytes:
    """A proposal with its sign as the last line."""
    return content + SIGN + _hash(content) + b"\n"


def unsigned(content: bytes) -> bytes:
    """A proposal without its sign."""
    return content.rpartition(SIGN)[0]


def is_untouched(content: bytes, replaceable: Collection[bytes] = ()) -> bool:
    """Whether nobody has changed a proposal since it was written, or it is one of those that may go as well."""
    before, _, sign = content.rpartition(SIGN)
    return sign == _hash(before) + b"\n" or content in replaceable


def check_proposal(path: Path, option: str = "-o FILE", replaceable: Collection[bytes] = ()) -> None:
    """Refuse to write a proposal where a file is that sdmxmig has not written, or that somebody has changed.

    `replaceable` are contents that may go as well, such as that of a template. Raises `OutputError`.
    """
    if not path.is_file() and not path.is_symlink():
        return
    content = path.read_bytes() if path.is_file() else b""
    if not is_untouched(content, replaceable):
        hint = f"Name another file with {option}, or move that one away."
        raise OutputError("There is a file of this name already, and somebody has edited it.", Place(str(path)), hint)


def _hash(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest()[:DIGITS].encode()
