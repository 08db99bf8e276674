"""Fast columnar reading of regular series and observations.

A run is read only if all its bytes are proved to be whole elements with known names in one order (see `pieces`). The
parser reads everything else and locates faults.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from types import ModuleType
from typing import BinaryIO, Protocol

import polars as pl

from sdmxmig.io.intake.files import CHUNK, MAX_WAITING, start_worker_threads
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.datasets import DatasetRecords
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.pieces import (
    BESIDE,
    BLANK_PATTERN,
    COMMENT_PATTERN,
    GAP,
    NameSequence,
    Template,
    TemplateField,
    TemplatePiece,
    build_end_pattern,
    merge_name_orders,
    plan_pieces,
    read_rows,
    sort_attributes,
)
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.reading import BLOCK, Element, ElementObserver, MessageReading
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.records import NUMBER, MessageLevel
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.tokens import (
    MAX_COLUMNS,
    Grammar,
    ScannedRun,
    is_worthwhile,
    load_scanner,
    scan_units,
)
from sdmxmig.sdmx.formats.xml_repair import Pieces
from sdmxmig.sdmx.model.data import Dataset

VALUE_PATTERN = re.compile(rb'"[^"&]*(&?)[^"]*"')
NAME_PATTERN = re.compile(r"([^\s\"=<>/]+)\s*=\s*(&?)")
FIRST_ATTRIBUTE = r"<{}([ \t\r\n]+)[^\s\"=]+([ \t\r\n]*=[ \t\r\n]*)\"[^\"]*\"([ \t\r\n]*)"
"""The first attribute of an element, with the blanks before it, around its equals sign and after it."""
BLANK_BETWEEN = re.compile(r"(?<=\S)=&?(\s+)(?=[^\s/&])")
"""The blanks between attributes without their values."""
CLOSING_PATTERN = r"([^= \t\r\n]\")[ \t\r\n]+([^= \t\r\n/>])"
"""A quotation mark that certainly ends a value, and the blanks before the next attribute."""
DOUBLE_QUOTES = bytes.maketrans(b"'", b'"')
SINGLE_QUOTED = "='([^'\"]*)'"
LEARNING_LIMIT = 20
MAX_SHOWN = 3
"""Number of observations sampled from a series."""
MIN_OBSERVATIONS = 32
BLANK_SIGNS = f" \t\r\n{BESIDE}"

ObservedNames = Iterable[tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class RunMarks:
    series: str
    observation: str
    end: str

    def rows(self, text: pl.Series) -> tuple[pl.Series, pl.Series, pl.Series] | None:
        """Split text into series heads, observations and series numbers; None if elements are not closed."""
        if not self.series:
            observations = text.str.split(self.observation).explode().slice(1)
            return observations.clear(), observations, observations.clear()
        units = text.str.split(self.series).explode().slice(1).str.strip_chars_end(BLANK_SIGNS)
        closed = units.str.ends_with(self.end)
        parts = units.str.strip_suffix(self.end).str.split(self.observation)
        counts = parts.list.len()
        heads = parts.list.first().str.strip_chars_end(BLANK_SIGNS)
        if not ((closed != heads.str.ends_with("/>")) & (closed | (counts == 1))).all():
            return None
        numbers = pl.int_range(units.len(), dtype=pl.UInt32, eager=True).repeat_by(counts - 1).explode()
        return heads, parts.list.slice(1).explode().drop_nulls(), numbers.drop_nulls()

    def sample(self, text: str) -> list[str]:
        return [row.partition(self.end)[0] if self.end else row for row in text.split(self.observation)[1:-1]]


class FastReader(ABC):
    """Fast reader of one dataset; `levels` are those of its series and observations."""

    def __init__(self, levels: tuple[MessageLevel, ...], marks: RunMarks) -> None:
        self.levels = levels
        self.marks = marks
        self.start = (marks.series or marks.observation).encode()
        self.learnt: tuple[NameSequence, ...] = ()
        self.plans: tuple[tuple[TemplatePiece, ...], ...] = ()
        self.lessons = 0
        self.grammar: Grammar | None = None

    @abstractmethod
    def find_name_orders(self, sample: bytes) -> list[ObservedNames]:
        """Return the names that follow each other in a sample, by level."""

    @abstractmethod
    def is_possible(self, sequence: NameSequence, level: MessageLevel) -> bool:
        """Check whether names in this order are allowed and complete at a level."""

    @abstractmethod
    def build_templates(self, learnt: tuple[NameSequence, ...]) -> list[Template]:
        """Return the row templates of each level."""

    @abstractmethod
    def build_grammar(self, scanner: ModuleType) -> Grammar:
        """Return the grammar of the units for the compiled scanner."""

    def start_scanning(self) -> None:
        """Switch to the compiled scanner if it is installed."""
        if self.grammar is None and max(len(level.allowed) for level in self.levels) <= MAX_COLUMNS:
            scanner = load_scanner()
            self.grammar = self.build_grammar(scanner) if scanner is not None else None

    def learn(self, sample: bytes) -> bool:
        """Learn the order of names from a sample; False if no order is new."""
        self.lessons += 1
        if self.lessons > LEARNING_LIMIT:
            return False
        sample = re.sub(
            SINGLE_QUOTED.encode(), rb'="\1"', sample if b'"' in sample else sample.translate(DOUBLE_QUOTES)
        )
        learnt = []
        for number, names in enumerate(self.find_name_orders(sample)):
            sequence = merge_name_orders(self.learnt[number] if self.learnt else None, names)
            if sequence is None or not self.is_possible(sequence, self.levels[number]):
                return False
            learnt.append(sequence)
        if self.plans and tuple(learnt) == self.learnt:
            return False
        self.learnt = tuple(learnt)
        *heads, observation = self.build_templates(self.learnt)
        self.plans = (*((TemplatePiece(template),) for template in heads), self._plan(observation, sample))
        return True

    def shorten(self, run: bytes) -> bytes:
        end = run.find(self.start, 1)
        unit = run if end < 0 else run[:end]
        if not self.marks.series:
            return unit
        parts = unit.split(self.marks.observation.encode(), MAX_SHOWN + 1)
        if len(parts) <= MAX_SHOWN + 1:
            return unit
        return self.marks.observation.encode().join(parts[: MAX_SHOWN + 1]) + self.marks.end.encode()

    def find_unit(self, run: bytes, number: int) -> bytes:
        return self.start + run.split(self.start)[number + 1]

    def _plan(self, template: Template, sample: bytes) -> tuple[TemplatePiece, ...]:
        text = self.text(sample.decode("utf-8", "replace").encode())
        whole = TemplatePiece(template)
        sampled = pl.Series(self.marks.sample(text[0]) if text is not None else [], dtype=pl.String)
        rows = self.order_values(sampled, len(self.levels) - 1)
        table = whole.read(rows) if rows is not None and rows.len() >= MIN_OBSERVATIONS else None
        return (whole,) if table is None else plan_pieces(template, table)

    def text(self, run: bytes) -> pl.Series | None:
        """Return the text of a run in double quotation marks and without comments; None if it is not UTF-8."""
        if b'"' not in run:
            run = run.translate(DOUBLE_QUOTES)
        try:
            text = pl.Series([run], dtype=pl.Binary).cast(pl.String)
        except pl.exceptions.PolarsError:
            return None
        if BESIDE.encode() in run:
            return None
        text = text.str.replace_all(COMMENT_PATTERN, BESIDE) if b"!" in run else text
        if not text.str.contains("='", literal=True).item():  # faster than searching bytes
            return text
        text = text.str.replace_all(SINGLE_QUOTED, '="$1"')
        return None if text.str.contains('="[ \t\r\n]').any() else text  # apostrophes may belong to a value

    def order_values(self, rows: pl.Series, _level: int) -> pl.Series | None:
        """Put the values of each row in the learnt order; None if impossible."""
        return rows

    def read(self, run: bytes, /) -> ScannedRun | None:
        """Read whole elements; None if one may be irregular. The scanner reads those before an irregular one."""
        grammar = self.grammar  # another thread may remove it
        if grammar is not None and (scanned := scan_units(run, grammar)) is not None:
            return scanned
        plans, text = self.plans, self.text(run)
        rows = self.marks.rows(text) if plans and text is not None else None
        if rows is None:
            return None
        *texts, numbers = rows
        tables = []
        for number, plan in enumerate(plans):
            ordered = self.order_values(texts[number - len(plans)], number)
            table = read_rows(ordered, plan) if ordered is not None else None
            if table is None:
                return None
            tables.append(table)
        series, table = tables[0], tables[-1]
        if self.marks.series:
            return ScannedRun(series, table.with_columns(numbers.alias(NUMBER)), len(run))
        return ScannedRun(None, table, len(run))


class SpecificFastReader(FastReader):
    """Fast reader of structure-specific data. `names` differ between document and structure."""

    def __init__(
        self, names: dict[str, str], levels: tuple[MessageLevel, ...], series: bytes, observation: bytes
    ) -> None:
        self.names = names
        self.tags = [tag.decode() for tag in (series, observation) if tag]
        self.blanks = [(" ", "=", " ")] * len(levels)
        end = f"</{series.decode()}>" if series else ""
        super().__init__(levels, RunMarks(f"<{series.decode()}" if series else "", f"<{observation.decode()}", end=end))
        self.has_mixed_blanks = False

    def build_grammar(self, scanner: ModuleType) -> Grammar:
        columns = [level.allowed for level in self.levels]
        names = {name: name for ids in columns for name in ids} | self.names
        return Grammar(scanner, self.tags, columns, [level.required for level in self.levels], names)

    def find_name_orders(self, sample: bytes) -> list[ObservedNames]:
        bare = VALUE_PATTERN.sub(rb"\1", sample).decode("utf-8", "replace")
        tag_attributes = [set(re.findall(rf"<{re.escape(tag)}\s([^<>]*)>", bare)) for tag in self.tags]
        between = [
            {blank for attributes in texts for blank in BLANK_BETWEEN.findall(attributes)} for texts in tag_attributes
        ]
        if not self.has_mixed_blanks and any(len(blanks) > 1 for blanks in between):
            self.has_mixed_blanks, self.plans = True, ()
            self.blanks = [(" ", "=", " ")] * len(self.tags)
        if not self.plans and not self.has_mixed_blanks:
            text = sample.decode("utf-8", "replace")
            firsts = [re.search(FIRST_ATTRIBUTE.format(re.escape(tag)), text) for tag in self.tags]
            self.blanks = [(first[1], first[2], first[3] or first[1]) if first else (" ", "=", " ") for first in firsts]
        return [{tuple(NAME_PATTERN.findall(attributes)) for attributes in texts} for texts in tag_attributes]

    def is_possible(self, sequence: NameSequence, level: MessageLevel) -> bool:
        ids = [self.names.get(name, name) for name in sequence.names]
        always = {self.names.get(name, name) for name in sequence.always}
        return (
            (sequence.is_sorted or not always.isdisjoint(ids[:1]))
            and len(set(ids)) == len(ids)
            and level.names.issuperset(ids)
            and level.needed.issubset(always)
        )

    def text(self, run: bytes) -> pl.Series | None:
        text = super().text(run)
        if text is None or not self.has_mixed_blanks:
            return text
        opening = rf"(<(?:{'|'.join(map(re.escape, self.tags))}))[ \t\r\n]+"
        return text.str.replace_all(opening, "$1 ").str.replace_all(CLOSING_PATTERN, "$1 $2")

    def order_values(self, rows: pl.Series, level: int) -> pl.Series | None:
        if not self.learnt[level].is_sorted:
            return rows
        return sort_attributes(rows, self.blanks[level], self.tags[level])

    def build_templates(self, learnt: tuple[NameSequence, ...]) -> list[Template]:
        ends = [f"{BLANK_PATTERN}/?>", f"{build_end_pattern(self.tags[-1])}{GAP}"][-len(learnt) :]
        return [
            (*self._fields(sequence, blanks), end)
            for sequence, blanks, end in zip(learnt, self.blanks, ends, strict=True)
        ]

    def _fields(self, sequence: NameSequence, blanks: tuple[str, str, str]) -> list[TemplateField]:
        first, equals, between = blanks
        fields = [
            TemplateField(
                self.names.get(name, name),
                f'{between if index or sequence.is_sorted else first}{name}{equals}"',
                value=sequence.value(name),
                always=name in sequence.always,
            )
            for index, name in enumerate(sequence.names)
        ]
        return sorted(fields, key=lambda field: field.mark) if sequence.is_sorted else fields


PIECE_BYTES = 1 << 21
SAMPLE_BYTES = 1 << 17
FIRST_PIECE_BYTES = 1 << 19
"""Shorter messages are read by the parser alone."""
MIN_PIECE_BYTES = 1 << 12
MAX_PIECE_BYTES = 16 << 20
PART_COUNT = 8
MIN_PART = 1 << 15
"""Minimum size of parts, when a run is not regular."""


class ReadingObserver(Protocol):
    """Observer of reading: receives parsed bytes and skipped runs in order."""

    def on_piece(self, piece: bytes) -> None:
        """Called before a piece is parsed."""

    def on_run(self, run: bytes, parsed: ScannedRun, reader: FastReader) -> None:
        """Called after reading a run without the parser."""

    def on_end(self) -> None:
        """Called at the end of the message."""


def find_fast_reader(element: Element) -> FastReader | None:
    reader: FastReader | None = getattr(element, "reader", None)
    return reader


def split_run(run: bytes, start: bytes) -> list[bytes]:
    ends = [0]
    while (end := run.find(start, ends[-1] + max(len(run) // PART_COUNT, MIN_PART))) > 0:
        ends.append(end)
    return [run[at:end] for at, end in pairwise([*ends, len(run)])]


class AlternatingReader:
    """Reads a stream in turn with the parser and, for regular runs, the fast reader."""

    def __init__(
        self,
        reading: MessageReading,
        stream: BinaryIO | Pieces,
        *,
        fast: bool = True,
        watch: ReadingObserver | None = None,
    ) -> None:
        self.reading = reading
        self.stream = stream
        self.fast = fast
        self.watch = watch
        reading.watch = watch if isinstance(watch, ElementObserver) else None
        self.buffer = b""
        self.at = 0
        self.ended = False
        self.taken = 0
        self.careful_bytes = 0
        self.pending: deque[tuple[bytes, Future[ScannedRun | None]]] = deque()

    def blocks(self) -> Iterator[Dataset]:
        with start_worker_threads() as workers:
            while self._more():
                reader = next(filter(None, map(find_fast_reader, self.reading.open)), None) if self.fast else None
                if reader is None or not self._run(reader, workers):
                    self._read_slowly(SAMPLE_BYTES if reader else CHUNK)
                yield from self._ready()
        self.reading.feed.close()
        if self.watch is not None:
            self.watch.on_end()
        yield from self._ready()

    def _ready(self) -> Iterator[Dataset]:
        ready, self.reading.ready = self.reading.ready, []
        yield from ready

    def _more(self, least: int = 1) -> bool:
        while not self.ended and len(self.buffer) - self.at < least:
            piece = self.stream.read(PIECE_BYTES)
            self.ended = not piece
            self.buffer = self.buffer[self.at :] + piece
            self.at = 0
        return bool(self.pending) or len(self.buffer) > self.at

    def _parse(self, piece: bytes) -> None:
        if self.watch is not None:
            self.watch.on_piece(piece)
        self.reading.feed.feed(piece)

    def _read_slowly(self, size: int) -> None:
        self._parse(self.buffer[self.at : self.at + size])
        self.at += size

    def _run(self, reader: FastReader, workers: ThreadPoolExecutor) -> bool:
        """Read runs with the fast reader as long as possible; return False if the parser should continue."""
        if not self._reach(reader):
            return False
        if self.careful_bytes <= PIECE_BYTES and is_worthwhile(self.taken):
            reader.start_scanning()
        if not (reader.grammar or reader.learnt or reader.learn(self.buffer[self.at : self.at + SAMPLE_BYTES])):
            return False
        went_on = False
        while True:
            while len(self.pending) < MAX_WAITING and (run := self._next(reader)):
                self.pending.append((run, workers.submit(reader.read, run)))
            if not self.pending:
                return went_on
            went_on = True
            run, future = self.pending.popleft()
            parsed = future.result()
            if parsed is None and len(parts := split_run(run, reader.start)) > 1:
                self.pending.extendleft((part, workers.submit(reader.read, part)) for part in reversed(parts))
                continue
            if not self._take(run, parsed, reader, workers):
                self.buffer = b"".join(piece for piece, _ in self.pending) + self.buffer[self.at :]
                self.at = 0
                self.pending.clear()
                return True
            if self.reading.ready:
                return True

    def _take(self, run: bytes, parsed: ScannedRun | None, reader: FastReader, workers: ThreadPoolExecutor) -> bool:
        """Add a run or parse it; return False if the parser should continue."""
        if parsed is None:
            reader.learn(run)
            parsed = reader.read(run)
        size = parsed.size if parsed is not None else 0
        if parsed is not None and size:
            self._add(run[:size], parsed, reader)
        if size == len(run):
            return True
        rest = run[size:]
        if parsed is not None:
            end = rest.find(reader.start, max(self.careful_bytes, 1))
            if end > 0:
                self.pending.appendleft((rest[end:], workers.submit(reader.read, rest[end:])))
                rest = rest[:end]
            self.careful_bytes = 0 if size >= MIN_PART else max(2 * self.careful_bytes, MIN_PIECE_BYTES)
            if self.careful_bytes > PIECE_BYTES:
                reader.grammar = None
        self._parse(rest)
        return find_fast_reader(self.reading.open[-1]) is reader and self.reading.feed.settled

    def _reach(self, reader: FastReader) -> bool:
        if self.pending:
            return True
        last_start = self._last(reader)
        start = self.buffer.find(reader.start, self.at)
        if start < 0 or last_start < start + (MIN_PIECE_BYTES if reader.learnt else FIRST_PIECE_BYTES):
            return False
        self._read_slowly(start - self.at)
        return find_fast_reader(self.reading.open[-1]) is reader and self.reading.feed.settled

    def _last(self, reader: FastReader) -> int:
        least = PIECE_BYTES
        while True:
            self._more(least)
            first_start, last_start = self.buffer.find(reader.start, self.at), self.buffer.rfind(reader.start, self.at)
            if last_start > first_start or self.ended or least >= MAX_PIECE_BYTES:
                return last_start
            least *= 2

    def _next(self, reader: FastReader) -> bytes:
        last_start = self._last(reader)
        if last_start < self.at + MIN_PIECE_BYTES:
            return b""
        run = self.buffer[self.at : last_start]
        self.at = last_start
        return run

    def _add(self, run: bytes, parsed: ScannedRun, reader: FastReader) -> None:
        if self.watch is not None:
            self.watch.on_run(run, parsed, reader)
        self.taken += len(run)
        self.reading.feed.skip(run)
        records: DatasetRecords = self.reading.open[-1].records  # type: ignore[attr-defined]
        records.gather()
        if parsed.series is None:
            records.block.parts.append(parsed.observations)
        else:
            records.block.series.append(parsed.series)
            records.block.add_series(parsed.series, parsed.observations)
        if records.block.height >= BLOCK:
            records.finish_block()
