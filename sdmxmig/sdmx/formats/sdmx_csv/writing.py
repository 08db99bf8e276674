"""Datasets to SDMX-CSV.

Attributes for formats with only observation rows, such as SDMX-CSV 1.0. Rewriting of rows under a wider header that
became known later.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from itertools import chain
from typing import BinaryIO

import polars as pl

from sdmxmig.io.intake.incoming import Incoming
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats import Layout, UniformBlocks
from sdmxmig.sdmx.formats.message_header import DeferredHeader
from sdmxmig.sdmx.formats.sdmx_csv.cells import read_cells, write_cells
from sdmxmig.sdmx.formats.sdmx_csv.columns import DELETE, DELIMITERS, KEY_COLUMNS, LABEL, TIMES, Column, CsvVersion
from sdmxmig.sdmx.formats.sdmx_csv.report_columns import ReportRows
from sdmxmig.sdmx.formats.sdmx_csv.rows import distinct, merged, spread_over
from sdmxmig.sdmx.formats.sdmx_csv.text import PIECE, TextPiece, whole_records
from sdmxmig.sdmx.formats.sdmx_csv.written_columns import Head, head_of, named
from sdmxmig.sdmx.formats.shapes import partial_tables, tables
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.references import Ref

Dims = tuple[str, ...]
HINT = "Write SDMX-CSV 2.0, where attributes may stand in rows of their own."


@dataclass(slots=True)
class Replicated:
    """The attributes of key parts of one dataset, with those already used by observations."""

    waiting: dict[Dims, pl.DataFrame] = field(default_factory=dict)
    used: dict[Dims, pl.DataFrame] = field(default_factory=dict)
    _: KW_ONLY
    silent: dict[Dims, pl.DataFrame] = field(default_factory=dict)

    def fill(
        self, block: Dataset, rows: pl.DataFrame, alone: pl.DataFrame, partial: Mapping[Dims, pl.DataFrame]
    ) -> pl.DataFrame:
        """Add the attributes of key parts to their observations.

        Raises `SdmxmigError` for attributes of “any” dimension value and for contradictory values.
        """
        key = block.flow.structure.series_key
        for dims, frame in partial.items():
            whole = pl.concat([self.waiting[dims], frame], how="diagonal") if dims in self.waiting else frame
            self.waiting[dims] = one_each(block, whole, dims)
        for dims, frame in self.waiting.items():
            rows = filled(rows, frame, dims)
            self._use(dims, rows)
        if key:
            self._use(key, rows)
            if alone.height:
                known_silent = [self.silent[key]] if key in self.silent else []
                self.silent[key] = pl.concat([*known_silent, alone.select(key)])
        return rows

    def _use(self, dims: Dims, rows: pl.DataFrame) -> None:
        keys = distinct(rows, dims)
        self.used[dims] = pl.concat([self.used[dims], keys]).unique() if dims in self.used else keys

    def refuse_rest(self, dataset: Dataset, version: str) -> None:
        for dims, frame in (*self.waiting.items(), *self.silent.items()):
            unused = frame.join(self.used[dims], on=list(dims), how="anti", nulls_equal=True) if dims else frame.clear()
            if unused.height:
                part = ".".join(value or "*" for value in unused.select(dims).row(0))
                message = f"{version} holds observations alone, and {dataset.flow.id} has none for {part}."
                raise SdmxmigError(message, hint=HINT)


def one_each(dataset: Dataset, frame: pl.DataFrame, dims: Dims) -> pl.DataFrame:
    frame, twice = merged(frame, dims)
    if twice:
        raise SdmxmigError(f"{twice} of {dataset.flow.id} has two values for one part of the key.")
    if frame.select(pl.any_horizontal(pl.col(dims).is_null()).any()).item():
        message = f"An attribute of {dataset.flow.id} is for any value of one of {', '.join(dims)}."
        raise SdmxmigError(message, hint=HINT)
    return frame


def filled(rows: pl.DataFrame, frame: pl.DataFrame, dims: Dims) -> pl.DataFrame:
    names = [name for name in frame.columns if name not in dims]
    joined = rows.join(frame, on=list(dims), how="left", nulls_equal=True, maintain_order="left", suffix="#")
    shared = [name for name in names if name in rows.columns]
    return joined.with_columns(pl.coalesce(name, f"{name}#").alias(name) for name in shared).drop(
        f"{name}#" for name in shared
    )


SLICE = 100_000
"""How many rows are made at once."""

NO_KEY = pl.DataFrame({"": [None]})

Cells = Mapping[str, str | None]


def write_data(datasets: Iterable[Dataset], out: BinaryIO, layout: Layout, version: CsvVersion) -> None:
    """Write datasets as one table, block by block.

    Columns: structure and action, dimensions, measures, then attributes (observation, series, key part, dataset);
    structures share columns with the same name. UTF-8 with line feeds. Attributes of series and dataset are repeated in
    every row; in deletions, and for key parts where the version allows, they have their own rows. Reference metadata
    have rows at the end. The header, properties and annotations are not written (see `Format.losses`).

    Columns are determined from all datasets if these are a list or tuple, else from the first; if a later one needs
    more, earlier rows are rewritten at the end.

    Raises `SdmxmigError` if there is no dataset, if two could not be told apart on reading, or if something cannot be
    written.
    """
    check_layout(layout, version)
    blocks = iter(datasets)
    first_block = next(blocks, None)
    if first_block is None:
        raise SdmxmigError("There is no dataset to write.", hint="A message has at least one.")
    is_whole = isinstance(datasets, Sequence)
    certain = isinstance(datasets, Sequence) and all(dataset.reports is None for dataset in datasets)
    certain = certain or (isinstance(datasets, UniformBlocks) and first_block.reports is None)
    head = head_of(datasets if is_whole else [first_block], layout, version)
    with DeferredHeader(out, head.line(), certain=certain) as message:
        writer = Writer(message.body, head, part_start=0 if certain else message.body.tell())
        for block in chain([first_block], blocks):
            writer.add(block)
        writer.end()
        writer.report()
        message.finish(writer.head.line(), writer.rewritten)


def check_layout(layout: Layout, version: CsvVersion) -> None:
    """Reject labels and columns that the version lacks, and ambiguous delimiters."""
    if layout.labels not in version.labels:
        hint = f"It has {', '.join(version.labels)}."
        raise SdmxmigError(f"{version.name} has no labels “{layout.labels}”.", hint=hint)
    if layout.keys not in (KEY_COLUMNS if version.own_rows else ("none",)):
        hint = f"SDMX-CSV 2.0 and 2.1 have {', '.join(KEY_COLUMNS)}."
        raise SdmxmigError(f"{version.name} has no columns of keys “{layout.keys}”.", hint=hint)
    if layout.times not in TIMES:
        raise SdmxmigError(f"SDMX-CSV does not show times as “{layout.times}”.", hint=f"It has {', '.join(TIMES)}.")
    if len(layout.delimiter) != 1 or layout.delimiter not in DELIMITERS:
        hint = "Take a comma, a semicolon, a vertical bar or a tab."
        raise SdmxmigError(f"“{layout.delimiter}” cannot stand between the fields of SDMX-CSV.", hint=hint)


@dataclass(slots=True)
class Writer:
    """Writes blocks below the header. `begun` are the datasets so far, by structure and action.

    `head` is the current header; `parts` are rows written for narrower ones.
    """

    out: BinaryIO
    head: Head
    _: KW_ONLY
    parts: list[TableSlice] = field(default_factory=list)
    part_start: int = 0
    begun: list[tuple[Ref, str]] = field(default_factory=list)
    last: Dataset | None = None
    whole: dict[str, str | None] = field(default_factory=dict)
    replicated: Replicated = field(default_factory=Replicated)
    rows: int = 0
    reported: ReportRows = field(default_factory=ReportRows)

    def add(self, block: Dataset) -> None:
        """Write a block: observations, then series without observations, then attributes of key parts."""
        self._widen(block)
        self._begin(block)
        observations, series = tables(block)
        partial = partial_tables(block)
        fresh = self._of_dataset(block, partial.pop((), pl.DataFrame()))
        if block.action == DELETE:
            if fresh:
                self._write(block, NO_KEY, fresh)
            self._write(block, observations, {})
            self._alone(block, described(observations, series, block.flow.structure.series_key), {})
        else:
            rows, alone = spread_over(observations, series, block.flow.structure.series_key)
            if not self.head.version.own_rows:
                if not rows.height and block.flow.structure.time is not None:  # a row without a period is a series
                    rows, alone = alone, alone.clear()
                rows, alone, partial = self.replicated.fill(block, rows, alone, partial), alone.clear(), {}
            self._write(block, rows, self.whole)
            self._alone(block, alone, self.whole)
        for frame in partial.values():
            self._write(block, frame, {} if block.action == DELETE else self.whole)
        if block.reports is not None and self.head.version.own_rows:
            self.reported.add(*self.head.reports(block))
            self.rows += block.reports.height

    def end(self) -> None:
        if self.last is None:
            return
        self.replicated.refuse_rest(self.last, self.head.version.name)
        if not self.rows:
            if not self.head.version.own_rows:
                raise SdmxmigError(f"{self.head.version.name} needs observations: {self.last.flow.id} has none.")
            self._write(self.last, NO_KEY, self.whole)

    def report(self) -> None:
        columns = self.reported.columns
        if columns:
            end = self.out.tell()
            self.parts.append(TableSlice(self.head, end - self.part_start))
            self.head, self.part_start = replace(self.head, reported=tuple(columns)), end
            names = [column for name in self.head.columns for column in self._with_label(name)]
            self._pour(self.reported.table(names, self.head.inner))

    @property
    def rewritten(self) -> Callable[[BinaryIO], Iterable[bytes]] | None:
        if not self.parts:
            return None
        parts = [*self.parts, TableSlice(self.head, self.out.tell() - self.part_start)]
        return lambda body: widened(body, parts, self.head)

    def _widen(self, block: Dataset) -> None:
        """Go on under a wider header if a block needs it."""
        head = self.head.extended(block)
        if head is self.head:
            return
        end = self.out.tell()
        self.parts.append(TableSlice(self.head, end - self.part_start))
        if self.whole:
            row = pl.DataFrame({name: pl.Series([text], dtype=pl.String) for name, text in self.whole.items()})
            respelt_row = respelt(row, self.head, head)
            self.whole = {name: respelt_row[name][0] for name in self.whole}
        self.head, self.part_start = head, end

    def _begin(self, block: Dataset) -> None:
        """Close the dataset before, unless the block goes on with it."""
        key = (named(block), block.action)
        if self.last is not None and block.continues and key == (named(self.last), self.last.action):
            return
        self.end()
        if key in self.begun:
            message = f"SDMX-CSV cannot tell two datasets of {key[0].short} with the action {key[1]} apart."
            raise SdmxmigError(message, hint="Merge them first.")
        self.begun.append(key)
        self.last, self.rows, self.whole, self.replicated = block, 0, {}, Replicated()

    def _of_dataset(self, block: Dataset, several: pl.DataFrame) -> dict[str, str | None]:
        frame = pl.DataFrame({name: [value] for name, value in block.attributes.items()})
        frame = pl.concat([frame, several.head(1)], how="horizontal") if several.height else frame
        cells = {name: values[0] for name, values in self.head.cells(block.flow, frame).items()}
        fresh = {name: value for name, value in cells.items() if name not in self.whole}
        self.whole.update(cells)
        return fresh

    def _alone(self, block: Dataset, series: pl.DataFrame, whole: Cells) -> None:
        if series.height and block.flow.structure.time is None:
            message = f"{block.flow.id} has no time: a series without an observation could not be told from one."
            raise SdmxmigError(message, hint="Leave the series out.")
        self._write(block, series, whole)

    def _write(self, block: Dataset, frame: pl.DataFrame, whole: Cells) -> None:
        """Write a row for each of a frame; columns that it lacks come from `whole`, else they are empty."""
        if not frame.height:
            return
        leading = self.head.leading(block)
        names = [column for name in self.head.columns for column in self._with_label(name)]
        count = len(self.head.leading_titles()) + len(names)
        for part in frame.iter_slices(SLICE):
            cells = self.head.cells(block.flow, part.drop("", strict=False))
            fields: list[pl.Expr | pl.Series] = [pl.lit(text) for text in leading]
            fields += self.head.keys(block.flow, part)
            fields += [cells[name] if name in cells else pl.lit(whole.get(name), pl.String) for name in names]
            table = part.with_columns(values.alias(f"#{index}") for index, values in enumerate(fields))
            self._pour(table.select(f"#{index}" for index in range(count)))
        self.rows += frame.height

    def _with_label(self, name: str) -> tuple[str, ...]:
        return (name, f"{name}{LABEL}") if self.head.layout.labels == "name" else (name,)

    def _pour(self, rows: pl.DataFrame) -> None:
        if isinstance(self.out, (io.BufferedWriter, io.BufferedRandom, io.FileIO)):
            self.out.flush()
            rows.write_csv(self.out, include_header=False, separator=self.head.layout.delimiter)
            return
        buffer = io.BytesIO()
        rows.write_csv(buffer, include_header=False, separator=self.head.layout.delimiter)
        self.out.write(buffer.getbuffer())


def described(observations: pl.DataFrame, series: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """Return the series that need their own rows: with attributes, or without observations."""
    if not key:
        return series
    names = [name for name in series.columns if name not in key]
    has_attributes = series.select(
        pl.any_horizontal(pl.col(names).is_not_null()) if names else pl.lit(value=False)
    ).to_series()
    silent = spread_over(observations, series, key)[1].select(key).with_columns(_silent=True)
    marked = series.join(silent, on=list(key), how="left", nulls_equal=True, maintain_order="left")
    return marked.filter(pl.col("_silent").fill_null(value=False) | has_attributes).drop("_silent")


@dataclass(frozen=True, slots=True)
class TableSlice:
    """A part of a table: the header that it was written for and its size in bytes."""

    head: Head
    size: int


def widened(body: BinaryIO, parts: Sequence[TableSlice], head: Head) -> Iterator[bytes]:
    """All rows of a table under one header, from those of its parts."""
    for part in parts:
        pieces = pieces_of(body, part.size)
        if fields_of(part.head) == fields_of(head) and part.head.languages == head.languages:
            yield from pieces
            continue
        for content, line in whole_records("", Incoming(pieces, "")):
            table = TextPiece("", content, line=line, delimiter=head.layout.delimiter).rows(len(fields_of(part.head)))
            table.columns = fields_of(part.head)
            yield written(respelt(table, part.head, head), head)


def fields_of(head: Head) -> list[str]:
    leading = [f"#{index}" for index in range(len(head.leading_titles()))]
    names = [(name, f"{name}{LABEL}") if head.layout.labels == "name" else (name,) for name in head.columns]
    reported = [f"#report {index}" for index in range(len(head.reported))]
    return [*leading, *(field for pair in names for field in pair), *reported]


def respelt(rows: pl.DataFrame, old_head: Head, head: Head) -> pl.DataFrame:
    """Convert fields to another header: missing columns are empty, single values become lists where needed."""
    columns: list[pl.Series] = []
    for name in fields_of(head):
        if name not in rows.columns:
            columns.append(pl.repeat(None, rows.height, dtype=pl.String, eager=True).alias(name))
            continue
        component_id = name.removesuffix(LABEL)
        cells, languages = rows[name], head.languages.get(component_id)
        if old_head.languages.get(component_id) != languages:
            component, column = (
                old_head.columns[component_id],
                Column(0, component_id, labelled=False, languages=old_head.languages.get(component_id)),
            )
            values = read_cells(cells, component, column, head.inner)
            cells = write_cells(values, component, names=None, languages=languages, inner=head.inner).alias(name)
        columns.append(cells)
    return pl.DataFrame(columns)


def written(rows: pl.DataFrame, head: Head) -> bytes:
    buffer = io.BytesIO()
    rows.write_csv(buffer, include_header=False, separator=head.layout.delimiter)
    return buffer.getvalue()


def pieces_of(stream: BinaryIO, size: int) -> Iterator[bytes]:
    while size and (piece := stream.read(min(size, PIECE))):
        size -= len(piece)
        yield piece
