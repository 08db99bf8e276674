"""Fields of CSV files, found by column in blocks of whole records.

Field ends are found for a whole block if all quotation marks are at field edges; from the first other one, the file is
read record by record.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import KW_ONLY, dataclass
from functools import partial
from typing import TYPE_CHECKING

from sdmxmig.io.intake.files import ahead
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import np, pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.frames import CellColumns
from sdmxmig.sdmx.model.tables import KINDS

if TYPE_CHECKING:
    Bytes = np.ndarray[tuple[int], np.dtype[np.uint8]]
    Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]

LINE, QUOTE = 10, 34
SEPARATOR = b"\x1e"
RECORD_LIMIT = 16 << 20
FIELD_LIMIT = 65_536
CAREFUL_CELLS = 500_000


@dataclass(frozen=True, slots=True)
class RecordBlock:
    """Cells of consecutive records; `row` is the first."""

    row: int
    _: KW_ONLY
    cells: pl.DataFrame
    broken_fields: int = 0


def blocks(name: str, texts: Iterable[bytes], delimiter: str) -> Iterator[RecordBlock]:
    """Split UTF-8 text with line feeds into fields.

    Raises `InputError` for an unclosed quotation mark, an endless record or too many fields.
    """
    yield from ahead(lambda work: work(), _work(name, texts, delimiter))


def _work(name: str, texts: Iterable[bytes], delimiter: str) -> Iterator[Callable[[], RecordBlock]]:
    row, unfinished = 1, b""
    source = iter(texts)
    for text in source:
        unfinished += text
        ends = Ends(unfinished, delimiter)
        if ends.irregular:
            yield from map(ready_block, _carefully(name, _chained(unfinished, source), delimiter, row))
            return
        end = ends.last_record()
        if end:
            yield partial(ends.block, name, row, end)
            row += ends.records(end)
            unfinished = unfinished[end:]
        if len(unfinished) > RECORD_LIMIT:
            raise _endless(name, row, ends.open_quote)
    if unfinished:
        ends = Ends(unfinished + b"\n", delimiter)
        if ends.irregular or ends.open_quote:
            yield from map(ready_block, _carefully(name, iter([unfinished]), delimiter, row))
        else:
            yield partial(ends.block, name, row, len(unfinished) + 1)


def ready_block(block: RecordBlock) -> Callable[[], RecordBlock]:
    return lambda: block


class Ends:
    def __init__(self, text: bytes, delimiter: str) -> None:
        """Find the field ends; `text` begins with a record."""
        self.text = text
        self.irregular = SEPARATOR in text
        signs = np.frombuffer(text, np.uint8)
        self.lines = signs == LINE
        self.fields = signs == ord(delimiter)
        self.fields |= self.lines
        self.quoted = QUOTE in text
        self.open_quote = False
        if self.quoted:
            quotes = signs == QUOTE
            inside = np.bitwise_xor.accumulate(quotes)
            self.irregular |= _misplaced(quotes, inside, self.fields)
            self.open_quote = bool(inside[-1])
            self.inner_lines = self.lines & inside
            outside = np.logical_not(inside, out=inside)
            self.lines &= outside
            self.fields &= outside

    def last_record(self) -> int:
        if not self.lines.any():
            return 0
        return len(self.text) - int(self.lines[::-1].argmax())

    def records(self, end: int) -> int:
        return int(np.count_nonzero(self.lines[:end]))

    def block(self, name: str, row: int, end: int) -> RecordBlock:
        """Return the cells before `end`; `row` is the number of the first record."""
        places = np.flatnonzero(self.fields[:end])
        ends_record = self.lines[places]
        records = self.records(end)
        starts = np.zeros(records + 1, np.int64)
        np.add(np.flatnonzero(ends_record), 1, out=starts[1:])
        widths = np.diff(starts)
        if int(widths.max(initial=0)) > FIELD_LIMIT:
            raise InputError(f"A record has more than {FIELD_LIMIT} fields.", Place(name), "Split the table.")
        rows = np.repeat(np.arange(row, row + records, dtype=np.uint32), widths)
        columns = np.arange(1, len(places) + 1, dtype=np.uint32)
        columns -= np.repeat(starts[:-1].astype(np.uint32), widths)
        cut = np.frombuffer(self.text, np.uint8, end).copy()
        cut[places] = SEPARATOR[0]
        content = pl.Series([cut[:-1].tobytes()], dtype=pl.Binary).cast(pl.String)
        fields = content.str.split(SEPARATOR.decode()).explode()
        frame = pl.DataFrame({"row": rows, "column": columns, "text": fields})
        broken = 0
        if self.quoted:
            frame = frame.with_columns(text=_unquoted("text"))
            broken = _broken_fields(frame) if self.inner_lines[:end].any() else 0
        return RecordBlock(row, cells=as_cells(frame.filter(pl.col("text") != "")), broken_fields=broken)


def as_cells(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(
        kind=pl.lit("text", pl.Enum(KINDS)), formula=pl.lit(value=False), format=pl.lit(None, pl.UInt16)
    )


def _unquoted(column: str) -> pl.Expr:
    text = pl.col(column)
    inner = text.str.slice(1, text.str.len_chars() - 2).str.replace_all('""', '"', literal=True)
    return pl.when(text.str.starts_with('"')).then(inner).otherwise(text)


def _broken_fields(frame: pl.DataFrame) -> int:
    return int(frame.select(pl.col("text").str.contains("\n", literal=True).sum()).item())


def _misplaced(quotes: Flags, inside: Flags, ends: Flags) -> bool:
    places = np.flatnonzero(quotes)
    opens = inside[places]
    edges = ends | quotes
    opening, closing = places[opens], places[~opens]
    opening = opening[opening > 0]
    closing = closing[closing < len(quotes) - 1]
    return not (edges[opening - 1].all() and edges[closing + 1].all())


def _endless(name: str, row: int, quote: bool) -> InputError:
    hint = "Look for an unclosed quotation mark." if quote else "It does not seem to be a text table."
    return InputError(f"Record {row} is longer than {RECORD_LIMIT >> 20} MiB.", Place(name), hint)


def _chained(first: bytes, others: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from others


def _lines(name: str, texts: Iterable[bytes]) -> Iterator[str]:
    unfinished = b""
    for text in texts:
        *lines, unfinished = (unfinished + text).split(b"\n")
        for line in lines:
            yield line.decode() + "\n"
        if len(unfinished) > RECORD_LIMIT:
            raise _endless(name, 0, quote=False)
    if unfinished:
        yield unfinished.decode()


def _fields(lines: Iterator[str], delimiter: str) -> Iterator[list[str]]:
    """Split records into fields; a quoted line without delimiter is one field.

    Such lines follow tables: “"Scale":"Millions"”.
    """
    pending: list[str] = []

    def remembered() -> Iterator[str]:
        for line in lines:
            pending.append(line)
            yield line

    reader = csv.reader(remembered(), delimiter=delimiter, strict=True)
    while True:
        pending.clear()
        try:
            fields = next(reader, None)
        except csv.Error:
            if len(pending) != 1 or delimiter in pending[0] or pending[0].count(chr(QUOTE)) % 2:
                raise
            fields = [pending[0].strip()]
        if fields is None:
            return
        yield fields


def _carefully(name: str, texts: Iterable[bytes], delimiter: str, row: int) -> Iterator[RecordBlock]:
    cells, first, broken = CellColumns(), row, 0
    try:
        for fields in _fields(_lines(name, texts), delimiter):
            if len(fields) > FIELD_LIMIT:
                raise InputError(f"Record {row} has more than {FIELD_LIMIT} fields.", Place(name), "Split the table.")
            for column, text in enumerate(fields, start=1):
                if text:
                    cells.add(row, column, text)
                    broken += "\n" in text
            row += 1
            if len(cells) > CAREFUL_CELLS:
                yield RecordBlock(first, cells=cells.frame(), broken_fields=broken)
                cells, first, broken = CellColumns(), row, 0
    except csv.Error as error:
        hint = "Look for an unclosed quotation mark."
        message = f"This is not a text table: {error} in record {row}."
        raise InputError(message, Place(name, line=row), hint) from None
    yield RecordBlock(first, cells=cells.frame(), broken_fields=broken)
