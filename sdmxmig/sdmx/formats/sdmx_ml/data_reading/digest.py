"""A reduced message with one element of each shape, for schema validation in constant memory."""

from __future__ import annotations

import tempfile
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import BinaryIO, cast

from sdmxmig.io.intake.files import LINE_FEED, count_byte
from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.formats.sdmx_ml import xsd
from sdmxmig.sdmx.formats.sdmx_ml.data_reading import read_data
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.records import NUMBER
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.regular import FastReader
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.tokens import ScannedRun
from sdmxmig.sdmx.formats.sdmx_ml.dialects import Dialect
from sdmxmig.sdmx.formats.sdmx_ml.simple_types import ValueType
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.references import Ref

MAX_HELD_BYTES = 8 << 20
"""Maximum number of bytes of a series held back to detect repetition."""


class Digest:
    """Writes the first element of each shape to a file during reading.

    Elements of the same shape have the same schema result; values must be checked separately. `is_whole` means read to
    the end. `has_cuts` means that content was omitted, so one fault may represent many.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.size = 0
        self._lines = self._original = 0
        self._starts, self._origins = [0], [0]
        self._is_cut = False
        self.is_whole = self.has_cuts = False
        self._repeats: RepeatedShapes | None = None
        self._held = bytearray()
        self._base = 0
        self._gaps: set[tuple[FastReader, int, str]] = set()

    def on_end(self) -> None:
        self._write_held_content(whole=True)
        self.is_whole = True

    def on_piece(self, piece: bytes) -> None:
        if self._repeats is None and not self._base and not self._held and b"\0" not in piece[:4]:  # not UTF-16
            self._repeats = RepeatedShapes()
        self._write_held_content(whole=self._repeats is None)
        self._held += piece

    def on_start(self, at: int, tag: str, attributes: dict[str, str], before: str) -> None:
        if self._repeats is not None:
            self._repeats.begun(at, tag, attributes, before)

    def on_close(self, at: int, text: str) -> None:
        if self._repeats is None or not self._repeats.ended(at, text):
            return
        here = at - self._base
        is_empty = self._repeats.may_be_empty and not text and self._held[here - 2 : here] == b"/>"
        self._repeats.closed(at if is_empty else self._base + self._held.find(b">", here) + 1)

    def on_run(self, run: bytes, parsed: ScannedRun, reader: FastReader) -> None:
        self._write_held_content(whole=True)
        self._begin()
        self._write(reader.shorten(run))
        for number in self._find_new_gaps(parsed, reader):
            self._write(reader.find_unit(run, number))
            self.has_cuts = True
        self._original += count_byte(run, LINE_FEED)
        self._is_cut = True

    def _find_new_gaps(self, parsed: ScannedRun, reader: FastReader) -> set[int]:
        """Find a unit without each attribute that no earlier run lacked."""
        units: set[int] = set()
        for level, table in enumerate((parsed.series, parsed.observations)):
            for column in table.iter_columns() if table is not None else ():
                gap = (reader, level, column.name)
                if column.null_count() and gap not in self._gaps:
                    self._gaps.add(gap)
                    row = column.is_null().arg_max() or 0
                    units.add(parsed.observations[NUMBER][row] if level and parsed.series is not None else row)
        return units

    def line(self, line: int) -> int:
        at = bisect_right(self._starts, line - 1) - 1
        return line + self._origins[at] - self._starts[at]

    def _write_held_content(self, *, whole: bool) -> None:
        repeats = self._repeats
        if repeats is not None and len(self._held) > MAX_HELD_BYTES and not whole:
            repeats.decide()
            if repeats.decided <= self._base:  # one longer element: nothing is left out from here on
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


def find_schema_problems(
    digest: Digest, flows: Mapping[str, Flow], again: Callable[[], BinaryIO]
) -> Iterable[tuple[int, str]]:
    if digest.is_whole:
        digest.file.seek(0)
        problems = xsd.validate_stream(digest.file, flows, any_values=True).problems
        if not (problems and digest.has_cuts):  # otherwise every element of a wrong shape is wrong
            return [(digest.line(line), message) for line, message in problems]
    return xsd.validate_stream(again(), flows, any_values=True).problems


def has_wrong_period(flow: Flow, texts: Iterable[str], dialect: Dialect) -> bool:
    time = flow.structure.time
    assert time is not None  # noqa: S101 - only its texts are collected
    any_period = ValueType(flow, replace(time, data_type=""), dialect, with_nan=False)
    return any(True for _ in any_period.wrong(sorted(texts)))


def find_first_problem(message: BinaryIO, flows: Mapping[str, Flow], dialect: Dialect) -> str:
    start = message.tell()

    def again() -> BinaryIO:
        message.seek(start)
        return message

    periods: dict[Ref, tuple[Flow, set[str]]] = {}
    with tempfile.SpooledTemporaryFile(MAX_HELD_BYTES) as spool:
        digest = Digest(cast("BinaryIO", spool))
        with suppress(InputError):  # then the schema judges the whole message
            for block in read_data("", message, flows, watch=digest):
                if time := block.flow.structure.time:
                    texts = periods.setdefault(block.flow.structure.ref, (block.flow, set()))[1]
                    texts.update(block.observations[time.id].unique().drop_nulls())
        digest.is_whole &= not any(has_wrong_period(flow, texts, dialect) for flow, texts in periods.values())
        return next((f"line {line}: {said}" for line, said in find_schema_problems(digest, flows, again)), "")


DATASET, CONTENT, OBSERVATION = 2, 3, 4
"""Element depths; the root is 1."""
CHECKED_ATTRIBUTES = ("id", "type", "REPORTING_YEAR_START_DAY")
"""Attributes whose values schemas check, besides those with a namespace."""
MAX_SHAPES = 10_000
"""Maximum number of shapes remembered; other data are validated unchanged."""
Shape = tuple[object, ...]


@dataclass(slots=True, kw_only=True)
class OpenElement:
    start: int
    shape: Shape
    children: list[Shape] = field(default_factory=list)
    is_plain: bool = True
    is_known: bool = True


class RepeatedShapes:
    """Finds the bytes of a message that repeat a shape.

    `cuts` are byte ranges that may be removed; `decided` is the extent analysed. Elements with text are kept.
    """

    def __init__(self) -> None:
        self.cuts: list[tuple[int, int]] = []
        self.decided = 0
        self._open: list[OpenElement] = []
        self._seen: set[Shape] = set()
        self._orders: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._is_in_data = False
        self._last_observation = 0
        self._before = ""  # the name of the content before, since elements have an order

    def begun(self, at: int, tag: str, attributes: dict[str, str], before: str) -> None:
        """Receive the start of an element at this byte; `before` is the text before it."""
        depth = len(self._open) + 1
        if depth == DATASET:
            self._seen, self._is_in_data, self._before = set(), tag.rpartition("}")[2] == "DataSet", ""
        elif depth == CONTENT:
            self.decided = at
        if before and self._open and not before.isspace():
            self._open[-1].is_plain = False
        names = "\n".join(attributes)
        if names not in self._orders:
            if len(self._orders) >= MAX_SHAPES:
                self._orders.clear()
            with_values = tuple(sorted(name for name in attributes if name in CHECKED_ATTRIBUTES or "}" in name))
            self._orders[names] = "\n".join(sorted(attributes)), with_values
        sorted_names, with_values = self._orders[names]
        values = [attributes[name] for name in with_values] if with_values else ()
        self._open.append(OpenElement(start=at, shape=(tag, sorted_names, *values)))

    def ended(self, at: int, text: str) -> bool:
        element = self._open[-1]
        if text and not text.isspace():
            element.is_plain = False
        if len(self._open) >= CONTENT and self._is_in_data:
            return True
        self._open.pop()
        self.decided = max(self.decided, at)
        return False

    @property
    def may_be_empty(self) -> bool:
        return not self._open[-1].children

    def closed(self, end: int) -> None:
        depth = len(self._open)
        element = self._open.pop()
        above, name = self._open[-1], str(element.shape[0])
        is_observation = depth == OBSERVATION and name.rpartition("}")[2] == "Obs"
        shape = (*element.shape, *element.children, *((self._before,) if depth == CONTENT else ()))
        is_repeated = element.is_plain and element.is_known and shape in self._seen
        if is_repeated and (depth == CONTENT or is_observation):
            self._cut(element.start, end)
        elif element.is_plain and (depth == CONTENT or is_observation) and len(self._seen) < MAX_SHAPES:
            self._seen.add(shape)
        if depth == CONTENT:
            self.decided, self._before = end, name
        elif is_observation:
            self._last_observation = end
            above.is_known &= is_repeated
            if not above.children or above.children[-1] != (name,):
                above.children.append((name,))
        else:
            above.is_plain &= element.is_plain
            above.is_known &= element.is_known
            above.children.append(shape)

    def decide(self) -> None:
        if len(self._open) >= CONTENT and self._is_in_data:
            self._open[CONTENT - 1].is_known = False
            self.decided = max(self.decided, self._last_observation)

    def cut_before(self, end: int) -> list[tuple[int, int]]:
        number = sum(after <= end for _, after in self.cuts)
        before, self.cuts = self.cuts[:number], self.cuts[number:]
        return before

    def _cut(self, start: int, end: int) -> None:
        while self.cuts and self.cuts[-1][0] >= start:
            self.cuts.pop()
        self.cuts.append((start, end))
