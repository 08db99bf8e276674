"""Fast columnar reading of regular series and observations.

A run is read only if all its bytes are proved to be whole elements with known names (see `tokens`). The parser reads
everything else and locates faults.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import BinaryIO, Protocol

import numpy as np
import polars as pl

from sdmxmig.io.intake.files import AHEAD, CHUNK, worker_threads
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.datasets import DatasetRecords
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.reading import BLOCK, Element, ElementWatch, MessageReading
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.records import NUMBER, MessageLevel
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.tokens import Numbers, Tokens, tokens_of
from sdmxmig.sdmx.formats.xml_repair import Pieces
from sdmxmig.sdmx.model.data import Dataset

BLANK, GAP = rb"[ \t\r\n]", rb"[ \t\r\n\x01]*"
TAG = rb"[^ \t\r\n<>/=\"'\x01]+"
INSIDE = re.compile(rb"%b+(%b)%b*=%b*" % (BLANK, TAG, BLANK, BLANK))
BETWEEN = re.compile(
    rb"%b*(/?)>%b((?:</?%b%b*>%b)*)<(%b)(%b+.+)" % (BLANK, GAP, TAG, BLANK, GAP, TAG, BLANK), re.DOTALL
)
TAGS = re.compile(rb"<(/?)(%b)" % TAG)
SHOWN = 3
"""Number of observations sampled from a series."""
MAX_MARKUPS = 10_000
"""So many distinct texts between values are remembered."""


@dataclass(frozen=True, slots=True)
class LaneRun:
    """A run's series, and observations with their series numbers; or flat observations."""

    series: pl.DataFrame | None
    observations: pl.DataFrame


@dataclass(frozen=True, slots=True)
class State:
    """An element with values, by the elements around it in a unit; `columns` are those that it may fill."""

    path: tuple[bytes, ...]
    level: int
    columns: dict[bytes, int]


@dataclass(frozen=True, slots=True)
class Step:
    """The markup before a value: the state after each state where it is allowed, and the column of the value there."""

    after: tuple[int, ...]
    columns: tuple[int, ...]
    begun: tuple[bool, ...]  # elements of which levels

    @property
    def end(self) -> int:
        """The state after it; -1 if it is that before."""
        ends = set(self.after) - {-1}
        stays = not any(self.begun) and all(state in (-1, number) for number, state in enumerate(self.after))
        return -1 if stays or len(ends) != 1 else ends.pop()


class RegularLane(ABC):
    """Fast reader of one dataset; `levels` are those of its series and observations, `units` their elements."""

    passing = b""
    """How markup ends before quoted text that belongs to the markup."""
    tag_end = b""
    """What follows the name of a unit."""

    def __init__(self, levels: tuple[MessageLevel, ...], units: tuple[bytes, ...], states: tuple[State, ...]) -> None:
        self.levels = levels
        self.units = units
        self.states = states
        self.start, *_ = self.marks = [b"<" + unit + self.tag_end for unit in units]
        self.steps: dict[bytes, Step] = {}

    @abstractmethod
    def name(self, attribute: bytes) -> bytes:
        """Return the name of the value after this last part of its markup; no name if it is not regular."""

    def step(self, markup: bytes) -> Step | None:
        step = self.steps.get(markup) or self._step(markup)  # another thread may clear what is remembered
        if step is not None:
            if len(self.steps) > MAX_MARKUPS:
                self.steps.clear()
            self.steps[markup] = step
        return step

    def _step(self, markup: bytes) -> Step | None:
        if not self.passing and (inside := INSIDE.fullmatch(markup)):
            return self._made(inside[1], list(range(len(self.states))), [])
        match = BETWEEN.fullmatch(markup)
        if match is None:
            return None
        empty, between, tag, attribute = match.groups()
        tags = [*TAGS.findall(between), (b"", tag)]
        begun = [name for end, name in tags if not end and name in self.units]
        after = [self._after(number, bool(empty), tags, begun) for number in range(len(self.states))]
        return self._made(self.name(attribute), after, begun) if len(begun) <= 1 else None

    def _made(self, name: bytes, after: list[int], begun: list[bytes]) -> Step | None:
        columns = [
            self.states[state].columns.get(name, -1) if state >= 0 and name is not None else -1 for state in after
        ]
        allowed = [state if column >= 0 else -1 for state, column in zip(after, columns, strict=True)]
        if max(allowed) < 0:
            return None
        return Step(tuple(allowed), tuple(columns), tuple(unit in begun for unit in self.units))

    def _after(self, number: int, is_empty: bool, tags: list[tuple[bytes, bytes]], begun: list[bytes]) -> int:
        """Return the state after tags; -1 if they do not fit."""
        path = list(self.states[number].path)
        if is_empty:
            path.pop()
        for end, name in tags:
            if not end:
                path.append(name)
            elif not path or path.pop() != name:
                return -1
        after = next((number for number, state in enumerate(self.states) if state.path == tuple(path)), -1)
        if begun:
            level = self.units.index(begun[0])
            return after if after == next(n for n, state in enumerate(self.states) if state.level == level) else -1
        return after if after > number or (after == number and len(tags) == 1) else -1

    def shortened(self, run: bytes) -> bytes:
        end = run.find(self.start, 1)
        unit = run if end < 0 else run[:end]
        parts = unit.split(self.marks[-1], SHOWN + 1)
        if len(parts) <= SHOWN + 1:
            return unit
        return self.marks[-1].join(parts[: SHOWN + 1]) + b"</" + self.units[0] + b">"

    def read(self, run: bytes, /) -> LaneRun | None:
        """Read a run of whole elements; None if it is not proved regular."""
        tokens = tokens_of(run, self.passing)
        steps = [self.step(markup) for markup in tokens.markups] if tokens is not None else []
        regular = [step for step in steps if step is not None]
        if tokens is None or len(regular) < len(steps):
            return None
        numbers = tokens.numbers
        begun = [np.array([step.begun[level] for step in regular])[numbers] for level in range(len(self.levels))]
        ends = np.array([step.end for step in regular])[numbers]
        known = np.flatnonzero(ends >= 0)
        if not len(known) or known[0] or not begun[0][0]:
            return None
        after = np.repeat(ends[known], np.diff(known, append=len(ends)))
        before = np.roll(after, 1)
        if (np.array([step.after for step in regular])[numbers, before] != after).any():
            return None
        columns = np.array([step.columns for step in regular])[numbers, before]
        levels = np.array([state.level for state in self.states])[after]
        tables = []
        for number, level in enumerate(self.levels):
            places = np.flatnonzero(levels == number) if len(self.levels) > 1 else np.arange(len(levels))
            rows = np.cumsum(begun[number])
            cells = np.full((len(level.allowed), int(rows[-1])), -1)
            cells[columns[places], rows[places] - 1] = places
            table = self._table(tokens, cells, level) if np.count_nonzero(cells >= 0) == len(places) else None
            if table is None:
                return None
            tables.append(table)
        if len(tables) == 1:
            return LaneRun(None, tables[0])
        series = np.cumsum(begun[0])[begun[1]] - 1
        return LaneRun(tables[0], tables[1].with_columns(pl.Series(NUMBER, series, dtype=pl.UInt32)))

    def _table(self, tokens: Tokens, cells: Numbers, level: MessageLevel) -> pl.DataFrame | None:
        """Return the columns of a level; None if a required value is missing or a value is not allowed."""
        by_name = dict(zip(level.allowed, cells, strict=True))
        if any((by_name[name] < 0).any() for name in level.needed):
            return None
        return tokens.table({name: places for name, places in by_name.items() if (places >= 0).any()})


class SpecificLane(RegularLane):
    """Fast reader of structure-specific data. `names` differ between document and structure."""

    def __init__(self, names: dict[str, str], levels: tuple[MessageLevel, ...], *units: bytes) -> None:
        states = []
        for number, level in enumerate(levels):
            own = {name.encode(): index for index, name in enumerate(level.allowed)}
            own |= {name.encode(): own[key.encode()] for name, key in names.items() if key in level.names}
            states.append(State(units[: number + 1], number, own))
        super().__init__(levels, units, tuple(states))

    def name(self, attribute: bytes) -> bytes:
        match = INSIDE.fullmatch(attribute)
        return match[1] if match else b""


PIECE = 4 << 20
FIRST = 1 << 19
"""Shorter messages are read by the parser alone."""
SHORTEST = 1 << 12
LONGEST = 16 << 20


class Watch(Protocol):
    """Observer of reading: receives parsed bytes and skipped runs in order."""

    def fed(self, piece: bytes) -> None:
        """Called before a piece is parsed."""

    def passed(self, run: bytes, parsed: LaneRun, lane: RegularLane) -> None:
        """Called after reading a run without the parser."""

    def ended(self) -> None:
        """Called at the end of the message."""


def lane_of(element: Element) -> RegularLane | None:
    lane: RegularLane | None = getattr(element, "lane", None)
    return lane


class Turns:
    """Reads a stream with the parser, and runs of whole units with the fast reader."""

    def __init__(
        self, reading: MessageReading, stream: BinaryIO | Pieces, *, fast: bool = True, watch: Watch | None = None
    ) -> None:
        self.reading = reading
        self.stream = stream
        self.fast = fast
        self.watch = watch
        reading.watch = watch if isinstance(watch, ElementWatch) else None
        self.buffer = b""
        self.at = 0
        self.ended = False
        self.pending: deque[tuple[bytes, Future[LaneRun | None]]] = deque()

    def blocks(self) -> Iterator[Dataset]:
        if not self.fast:
            while piece := self.stream.read(CHUNK):
                self._parse(piece)
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
        if self.watch is not None:
            self.watch.ended()
        yield from self._ready()

    def _ready(self) -> Iterator[Dataset]:
        ready, self.reading.ready = self.reading.ready, []
        yield from ready

    def _more(self, least: int = 1) -> bool:
        while not self.ended and len(self.buffer) - self.at < least:
            piece = self.stream.read(PIECE)
            self.ended = not piece
            self.buffer = self.buffer[self.at :] + piece
            self.at = 0
        return bool(self.pending) or len(self.buffer) > self.at

    def _parse(self, piece: bytes) -> None:
        if self.watch is not None:
            self.watch.fed(piece)
        self.reading.feed.feed(piece)

    def _slowly(self, size: int) -> None:
        self._parse(self.buffer[self.at : self.at + size])
        self.at += size

    def _lane(self) -> RegularLane | None:
        return lane_of(self.reading.open[-1])

    def _run(self, lane: RegularLane, workers: ThreadPoolExecutor) -> bool:
        """Read runs fast as long as possible; False returns control to the parser."""
        if not self._reach(lane):
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
            if parsed is not None:
                self._add(run, parsed, lane)
            else:
                self._parse(run)
                if self._lane() is not lane or not self.reading.feed.settled:
                    self._put_back()
                    return True
            if self.reading.ready:
                return True

    def _put_back(self) -> None:
        self.buffer = b"".join(piece for piece, _ in self.pending) + self.buffer[self.at :]
        self.at = 0
        self.pending.clear()

    def _reach(self, lane: RegularLane) -> bool:
        if self.pending:
            return True
        last_start = self._last(lane)
        start = self.buffer.find(lane.start, self.at)
        if start < 0 or last_start < start + (SHORTEST if lane.steps else FIRST):
            return False
        self._slowly(start - self.at)
        return self._lane() is lane and self.reading.feed.settled

    def _last(self, lane: RegularLane) -> int:
        least = PIECE
        while True:
            self._more(least)
            first_start, last_start = self.buffer.find(lane.start, self.at), self.buffer.rfind(lane.start, self.at)
            if last_start > first_start or self.ended or least >= LONGEST:
                return last_start
            least *= 2

    def _next(self, lane: RegularLane) -> bytes:
        last_start = self._last(lane)
        if last_start < self.at + SHORTEST:
            return b""
        run = self.buffer[self.at : last_start]
        self.at = last_start
        return run

    def _add(self, run: bytes, parsed: LaneRun, lane: RegularLane) -> None:
        if self.watch is not None:
            self.watch.passed(run, parsed, lane)
        self.reading.feed.skip(run)
        records: DatasetRecords = self.reading.open[-1].records  # type: ignore[attr-defined]
        records.gather()
        if parsed.series is None:
            records.block.parts.append(parsed.observations)
        else:
            records.block.series.append(parsed.series)
            records.block.add_series(parsed.series, parsed.observations)
        if records.block.height >= BLOCK:
            records.hand_over()
