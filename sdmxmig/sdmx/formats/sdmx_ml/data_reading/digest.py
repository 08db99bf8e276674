"""A message reduced to its irregular parts, for schema validation in constant memory."""

from __future__ import annotations

from bisect import bisect_right
from typing import BinaryIO

from sdmxmig.sdmx.formats.sdmx_ml.data_reading.lanes import Lane
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.regular import LaneRun
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.repeats import Repeats

HELD = 8 << 20
"""Maximum number of bytes of a series held back to detect repetition."""


class Digest:
    """Writes the first element of each shape to a file during reading.

    Elements of one shape get the same schema result; values must be checked elsewhere. `is_whole`: read to the end.
    `has_cuts`: parsed content was left out, so one fault may represent many.
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
        self._let_go(whole=True)
        self.is_whole = True

    def fed(self, piece: bytes) -> None:
        if self._repeats is None and not self._base and not self._held and b"\0" not in piece[:4]:  # no UTF-16
            self._repeats = Repeats()
        self._let_go(whole=self._repeats is None)
        self._held += piece

    def begun(self, at: int, tag: str, attributes: dict[str, str], before: str) -> None:
        if self._repeats is not None:
            self._repeats.begun(at, tag, attributes, before)

    def closed(self, at: int, text: str) -> None:
        if self._repeats is None or not self._repeats.ended(at, text):
            return
        here = at - self._base
        is_empty = self._repeats.may_be_empty and not text and self._held[here - 2 : here] == b"/>"
        self._repeats.closed(at if is_empty else self._base + self._held.find(b">", here) + 1)

    def passed(self, run: bytes, _: LaneRun, lane: Lane) -> None:
        self._let_go(whole=True)
        self._begin()
        self._write(lane.shortened(run))
        self._original += run.count(b"\n")
        self._is_cut = True

    def line(self, line: int) -> int:
        at = bisect_right(self._starts, line - 1) - 1
        return line + self._origins[at] - self._starts[at]

    def _let_go(self, *, whole: bool) -> None:
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
        piece = bytes(self._held[start - self._base : end - self._base])
        if self._is_cut and not piece.isspace() and piece:
            self._begin()
        if not self._is_cut:
            self._write(piece)
        self._original += piece.count(b"\n")

    def _begin(self) -> None:
        self._write(b"\n")
        self._starts.append(self._lines)
        self._origins.append(self._original)
        self._is_cut = False

    def _write(self, piece: bytes) -> None:
        self.file.write(piece)
        self.size += len(piece)
        self._lines += piece.count(b"\n")
