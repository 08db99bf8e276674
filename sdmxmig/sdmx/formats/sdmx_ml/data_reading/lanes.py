"""Alternation between the parser and the fast reader."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sized
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

import polars as pl

from sdmxmig.io.intake.ahead import AHEAD, worker_threads
from sdmxmig.io.intake.files import CHUNK
from sdmxmig.sdmx.formats.run_reading import CarefulReader, RunReader
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.datasets import DatasetRecords
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.reading import BLOCK, Element, ElementWatch, MessageReading
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.regular import LaneRun
from sdmxmig.sdmx.model.data import Dataset

PIECE = 4 << 20
SAMPLE = 1 << 17
FIRST = 1 << 19
"""Shorter messages are read by the parser alone."""
SHORTEST = 1 << 12
LONGEST = 16 << 20


class Lane(RunReader[bytes, LaneRun], Protocol):
    """The fast reader of one dataset.

    `start` are the bytes that begin a unit; `learnt` is the learned shape, initially None.
    """

    start: bytes
    learnt: Sized

    def learn(self, sample: bytes) -> bool:
        """Learn the shape of runs; returns False if there is nothing new."""

    def shortened(self, run: bytes) -> bytes:
        """Return the first unit of a run with a few observations."""


class Watch(Protocol):
    """Observer of reading: receives parsed bytes and skipped runs in order."""

    def fed(self, piece: bytes) -> None:
        """Called before a piece is parsed."""

    def passed(self, run: bytes, parsed: LaneRun, lane: Lane) -> None:
        """Called after reading a run without the parser."""

    def ended(self) -> None:
        """Called at the end of the message."""


class Unwatched:
    def ended(self) -> None:
        """Do nothing."""

    def fed(self, piece: bytes) -> None:
        """Do nothing."""

    def passed(self, run: bytes, parsed: LaneRun, lane: Lane) -> None:
        """Do nothing."""


class Source(Protocol):
    def read(self, size: int, /) -> bytes:
        """Read the next bytes; empty at the end."""


class ParserReader:
    """The careful reader of SDMX-ML (`CarefulReader`): the parser, which adds to the open dataset."""

    def __init__(self, reading: MessageReading, watch: Watch) -> None:
        self.reading = reading
        self.watch = watch

    def read(self, run: bytes, /) -> LaneRun:
        """Parse a run; its content is already in the dataset."""
        self.watch.fed(run)
        self.reading.feed.feed(run)
        return LaneRun(None, pl.DataFrame())


def lane_of(element: Element) -> Lane | None:
    lane: Lane | None = getattr(element, "lane", None)
    return lane


class Turns:
    """Reads a stream with the parser, and runs of whole units with the fast reader."""

    def __init__(
        self, reading: MessageReading, stream: Source, *, fast: bool = True, watch: Watch | None = None
    ) -> None:
        self.reading = reading
        self.stream = stream
        self.fast = fast
        self.watch: Watch = watch or Unwatched()
        reading.watch = watch if isinstance(watch, ElementWatch) else None
        self.careful: CarefulReader[bytes, LaneRun] = ParserReader(reading, self.watch)
        self.buffer = b""
        self.at = 0
        self.ended = False
        self.pending: deque[tuple[bytes, Future[LaneRun | None]]] = deque()

    def blocks(self) -> Iterator[Dataset]:
        if not self.fast:
            while piece := self.stream.read(CHUNK):
                self.careful.read(piece)
                yield from self._ready()
        else:
            with worker_threads() as workers:
                while self._more():
                    lane = next(
                        (element_lane for element in self.reading.open if (element_lane := lane_of(element))), None
                    )
                    if lane is None or not self._run(lane, workers):
                        self._slowly(PIECE if lane else CHUNK)
                    yield from self._ready()
        self.reading.feed.close()
        self.watch.ended()
        yield from self._ready()

    def _ready(self) -> Iterator[Dataset]:
        ready, self.reading.ready = self.reading.ready, []
        yield from ready

    def _more(self, least: int = 1) -> bool:
        """Buffer unread bytes; returns whether any are left."""
        while not self.ended and len(self.buffer) - self.at < least:
            piece = self.stream.read(PIECE)
            self.ended = not piece
            self.buffer = self.buffer[self.at :] + piece
            self.at = 0
        return bool(self.pending) or len(self.buffer) > self.at

    def _slowly(self, size: int) -> None:
        self.careful.read(self.buffer[self.at : self.at + size])
        self.at += size

    def _lane(self) -> Lane | None:
        return lane_of(self.reading.open[-1])

    def _run(self, lane: Lane, workers: ThreadPoolExecutor) -> bool:
        """Read runs fast as long as possible; False returns control to the parser."""
        if not self._reach(lane):
            return False
        if not lane.learnt and not lane.learn(self.buffer[self.at : self.at + SAMPLE]):
            return False
        went_on = False
        while True:
            while len(self.pending) < AHEAD and (run := self._next(lane)):
                self.pending.append((run, workers.submit(lane.read, run)))
            if not self.pending:
                return went_on
            went_on = True
            run, future = self.pending.popleft()
            parsed = future.result()
            if parsed is None and lane.learn(run):
                parsed = lane.read(run)
            if parsed is not None:
                self.watch.passed(run, parsed, lane)
                self.reading.feed.skip(run)
                self._add(parsed)
            else:
                self.careful.read(run)
                if self._lane() is not lane or not self.reading.feed.settled:
                    self._put_back()
                    return True
            if self.reading.ready:
                return True

    def _put_back(self) -> None:
        self.buffer = b"".join(piece for piece, _ in self.pending) + self.buffer[self.at :]
        self.at = 0
        self.pending.clear()

    def _reach(self, lane: Lane) -> bool:
        if self.pending:
            return True
        last_start = self._last(lane)
        start = self.buffer.find(lane.start, self.at)
        if start < 0 or last_start < start + (SHORTEST if lane.learnt else FIRST):
            return False
        self._slowly(start - self.at)
        return self._lane() is lane and self.reading.feed.settled

    def _last(self, lane: Lane) -> int:
        least = PIECE
        while True:
            self._more(least)
            first_start, last_start = self.buffer.find(lane.start, self.at), self.buffer.rfind(lane.start, self.at)
            if last_start > first_start or self.ended or least >= LONGEST:
                return last_start
            least *= 2

    def _next(self, lane: Lane) -> bytes:
        last_start = self._last(lane)
        if last_start < self.at + SHORTEST:
            return b""
        run = self.buffer[self.at : last_start]
        self.at = last_start
        return run

    def _add(self, run: LaneRun) -> None:
        """Put what a run held into the block."""
        records: DatasetRecords = self.reading.open[-1].records  # type: ignore[attr-defined]
        records.gather()
        if run.series is None:
            records.block.parts.append(run.observations)
        else:
            records.block.series.append(run.series)
            records.block.add_series(run.series, run.observations)
        if records.block.height >= BLOCK:
            records.hand_over()
