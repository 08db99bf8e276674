"""Where the parser and the fast lane take turns with a message."""

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
"""What is shorter is read by the parser before a lane has learnt what to expect."""
SHORTEST = 1 << 12
LONGEST = 16 << 20


class Lane(RunReader[bytes, LaneRun], Protocol):
    """The fast reader of the runs of one dataset.

    `start` are the bytes with which a unit of them begins, `learnt` is what it has learnt, at first nothing.
    """

    start: bytes
    learnt: Sized

    def learn(self, sample: bytes) -> bool:
        """Learn what runs look like; False if nothing new was learnt."""

    def shortened(self, run: bytes) -> bytes:
        """The first unit of a run, with a few of its observations."""


class Watch(Protocol):
    """Follows a message while it is read: what the parser is given, and the runs that pass it by, in their order."""

    def fed(self, piece: bytes) -> None:
        """The parser is given this next."""

    def passed(self, run: bytes, parsed: LaneRun, lane: Lane) -> None:
        """A run of whole elements was read by a lane, without the parser."""

    def ended(self) -> None:
        """The message was read to its end."""


class Unwatched:
    """Nobody follows."""

    def ended(self) -> None:
        """Nothing is done."""

    def fed(self, piece: bytes) -> None:
        """Nothing is done."""

    def passed(self, run: bytes, parsed: LaneRun, lane: Lane) -> None:
        """Nothing is done."""


class Source(Protocol):
    """What a message is read from."""

    def read(self, size: int, /) -> bytes:
        """The next bytes; none at the end."""


class ParserReader:
    """The careful reader of SDMX-ML (`CarefulReader`): the parser, which puts what it reads into the open dataset."""

    def __init__(self, reading: MessageReading, watch: Watch) -> None:
        self.reading = reading
        self.watch = watch

    def read(self, run: bytes, /) -> LaneRun:
        """Parse a run, or any bytes that come next; nothing of it is left to be added to the dataset."""
        self.watch.fed(run)
        self.reading.feed.feed(run)
        return LaneRun(None, pl.DataFrame())


def lane_of(element: Element) -> Lane | None:
    """The lane of an element, if it is a dataset that has one."""
    lane: Lane | None = getattr(element, "lane", None)
    return lane


class Turns:
    """Reads a stream to its end: the parser, and for runs of whole units the lane of the open dataset."""

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
        """The blocks of the message as they are ready."""
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
        """Have this many unread bytes at hand, if the stream has them; whether there is anything to read."""
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
        """The lane of the dataset that is open, if nothing in it is."""
        return lane_of(self.reading.open[-1])

    def _run(self, lane: Lane, workers: ThreadPoolExecutor) -> bool:
        """Take runs as long as they come; False if the parser has to take the next piece."""
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
        """Leave what was prepared for the lane to the parser."""
        self.buffer = b"".join(piece for piece, _ in self.pending) + self.buffer[self.at :]
        self.at = 0
        self.pending.clear()

    def _reach(self, lane: Lane) -> bool:
        """Let the parser read on to the next unit; whether the lane may go on from there."""
        if self.pending:
            return True
        last_start = self._last(lane)
        start = self.buffer.find(lane.start, self.at)
        if start < 0 or last_start < start + (SHORTEST if lane.learnt else FIRST):
            return False
        self._slowly(start - self.at)
        return self._lane() is lane and self.reading.feed.settled

    def _last(self, lane: Lane) -> int:
        """Where the last unit begins that is at hand; reads on until it is not the only one, within limits."""
        least = PIECE
        while True:
            self._more(least)
            first_start, last_start = self.buffer.find(lane.start, self.at), self.buffer.rfind(lane.start, self.at)
            if last_start > first_start or self.ended or least >= LONGEST:
                return last_start
            least *= 2

    def _next(self, lane: Lane) -> bytes:
        """The next run of whole units, as long as a piece; empty if there is none."""
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
