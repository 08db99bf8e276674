"""Messages whose header is only certain at the end, but that are written block by block."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Callable, Iterable
from typing import BinaryIO

COPIED = 1 << 20


def as_it_is(body: BinaryIO) -> Iterable[bytes]:
    return iter(lambda: body.read(COPIED), b"")


class DeferredHeader:
    """Writes a provisional header and the body, then replaces the header if necessary.

    A seekable file receives the body directly. For pipes and compressed files, the body waits in a temporary file
    unless the header is certain.

    Write the body to `body`, then call `finish`.
    """

    def __init__(self, out: BinaryIO, head: bytes, *, certain: bool = False) -> None:
        self._out, self._head, self._certain = out, head, certain
        self._at_once = certain or isinstance(out, io.BufferedRandom)
        self._start = out.tell() if isinstance(out, io.BufferedRandom) else 0
        if self._at_once:
            out.write(head)
            self.body = out
        else:
            self.body = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `__exit__`

    def __enter__(self) -> DeferredHeader:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._at_once:
            self.body.close()

    def finish(self, head: bytes, changed: Callable[[BinaryIO], Iterable[bytes]] | None = None) -> None:
        """Write the final header; `changed` adapts the body to it."""
        if self._certain or (self._at_once and head == self._head and changed is None):
            return
        pieces = changed or as_it_is
        if not self._at_once:
            self.body.seek(0)
            self._write(head, pieces(self.body))
            return
        with tempfile.TemporaryFile() as body_copy:
            self._out.seek(self._start + len(self._head))
            shutil.copyfileobj(self._out, body_copy, COPIED)
            body_copy.seek(0)
            self._out.seek(self._start)
            self._out.truncate()
            self._write(head, pieces(body_copy))

    def _write(self, head: bytes, pieces: Iterable[bytes]) -> None:
        self._out.write(head)
        self._out.writelines(pieces)
