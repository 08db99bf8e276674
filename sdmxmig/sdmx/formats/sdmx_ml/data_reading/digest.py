"""A message without what is regular in it: short enough to be held against its schemas, whatever its size."""

from __future__ import annotations

from bisect import bisect_right
from typing import BinaryIO

from sdmxmig.sdmx.formats.sdmx_ml.data_reading.lanes import Lane
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.regular import LaneRun
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.repeats import Repeats

HELD = 8 << 20
"""So many bytes of one series wait for its end to show whether all of it repeats another one."""


class Digest:
    """Follows the reading of a message and writes it into a file, of all elements of one shape the first one.

    All elements of a run have the same names in the same order, and so have those that the parser reads and that repeat
    a shape; a schema says of the first what it says of all. What their values may be has to be looked at elsewhere.
    `is_whole` when the message was read to its end; `has_cuts` if the parser has read what is left out here, so that a
    fault of the first may be that of many.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.size = 0
        self._lines = self._original = 0
        self._starts, self._origins = [0], [0]
        self._is_cut = False
        self.is_whole = self.has_cuts = False
        self._repeats: Repeats | None = None
        self._held = bytearray()
        self._base = 0

    def ended(self) -> None:
        """The message was read to its end."""
        self._let_go(whole=True)
        self.is_whole = True

    def fed(self, piece: bytes) -> None:
        """What the parser is given stays as it is, but for what repeats what stands already."""
        if self._repeats is None and not self._base and not self._held and b"\0" not in piece[:4]:  # no UTF-16
            self._repeats = Repeats()
        self._let_go(whole=self._repeats is None)
        self._held += piece

    def begun(self, at: int, tag: str, attributes: dict[str, str], before: str) -> None:
        """The parser has come to an element, which begins at this byte of what it was given."""
        if self._repeats is not None:
            self._repeats.begun(at, tag, attributes, before)

    def closed(self, at: int, text: str) -> None:
        """The element ends: at this byte its end tag stands, or it has none and ended before."""
        if self._repeats is None or not self._repeats.ended(at, text):
            return
        here = at - self._base
        is_empty = self._repeats.may_be_empty and not text and self._held[here - 2 : here] == b"/>"
        self._repeats.closed(at if is_empty else self._base + self._held.find(b">", here) + 1)

    def passed(self, run: bytes, _: LaneRun, lane: Lane) -> None:
        """Of a run only its beginning is kept."""
        self._let_go(whole=True)
        self._begin()
        self._write(lane.shortened(run))
        self._original += run.count(b"\n")
        self._is_cut = True

    def line(self, line: int) -> int:
        """The line of the message that is a line of the digest; both count from 1."""
        at = bisect_right(self._starts, line - 1) - 1
        return line + self._origins[at] - self._starts[at]

    def _let_go(self, *, whole: bool) -> None:
        """Write what is decided of what the parser was given; at its end, or before a run, all of it is."""
        repeats = self._repeats
        if repeats is not None and len(self._held) > HELD and not whole:
            repeats.decide()
            if repeats.decided <= self._base:  # one element that is longer: nothing is left out from here on
                self._repeats, whole = None, True
        end = self._base + len(self._held) if whole or repeats is None else max(self._base, repeats.decided)
        at = self._base
        for start, after in repeats.cut_before(end) if repeats is not None else ():
            self._keep(at, start)
            self._original += self._held.count(b"\n", start - self._base, after - self._base)
            self._is_cut = self.has_cuts = True
            at = after
        self._keep(at, end)
        del self._held[: end - self._base]
        self._base = end

    def _keep(self, start: int, end: int) -> None:
        """Write a part of what is held; blanks between what is left out are left out too."""
        piece = bytes(self._held[start - self._base : end - self._base])
        if self._is_cut and not piece.isspace() and piece:
            self._begin()
        if not self._is_cut:
            self._write(piece)
        self._original += piece.count(b"\n")

    def _begin(self) -> None:
        """Begin a line, which stands elsewhere in the message."""
        self._write(b"\n")
        self._starts.append(self._lines)
        self._origins.append(self._original)
        self._is_cut = False

    def _write(self, piece: bytes) -> None:
        self.file.write(piece)
        self.size += len(piece)
        self._lines += piece.count(b"\n")
