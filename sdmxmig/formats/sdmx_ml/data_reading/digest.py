"""A message without what is regular in it: short enough to be held against its schemas, whatever its size."""

from __future__ import annotations

from bisect import bisect_right
from typing import BinaryIO

from sdmxmig.formats.sdmx_ml.data_reading.lanes import Lane
from sdmxmig.formats.sdmx_ml.data_reading.regular import LaneRun


class Digest:
    """Follows the reading of a message and writes it into a file, of each run of regular elements the first one.

    All elements of a run have the same names in the same order, so that a schema says of the first what it says of all;
    what their values may be has to be looked at elsewhere. `is_whole` when the message was read to its end.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.size = 0
        self._lines = self._original = 0
        self._starts, self._origins = [0], [0]
        self._is_cut = False
        self.is_whole = False

    def ended(self) -> None:
        """The message was read to its end."""
        self.is_whole = True

    def fed(self, piece: bytes) -> None:
        """What the parser is given stays as it is."""
        if self._is_cut:
            self._begin()
        self._write(piece)
        self._original += piece.count(b"\n")

    def passed(self, run: bytes, _: LaneRun, lane: Lane) -> None:
        """Of a run only its beginning is kept."""
        self._begin()
        self._write(lane.shortened(run))
        self._original += run.count(b"\n")
        self._is_cut = True

    def line(self, line: int) -> int:
        """The line of the message that is a line of the digest; both count from 1."""
        at = bisect_right(self._starts, line - 1) - 1
        return line + self._origins[at] - self._starts[at]

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
