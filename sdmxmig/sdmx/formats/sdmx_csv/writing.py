"""Datasets to SDMX-CSV, with rows rewritten if a later dataset needs a wider header."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import BinaryIO

import polars as pl

from sdmxmig.io.intake.incoming import Incoming
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats import Layout, UniformBlocks
from sdmxmig.sdmx.formats.faults import check_column_characters
from sdmxmig.sdmx.formats.message_header import DeferredHeader
from sdmxmig.sdmx.formats.sdmx_csv.columns import (
    DATAFLOW,
    DELETE,
    DELIMITERS,
    KEY_COLUMNS,
    KINDS,
    LABEL,
    SERIES_KEY,
    STRUCTURE_ID,
    STRUCTURE_NAME,
    TIME_FORMATS,
    Column,
    CsvVersion,
    find_first_days,
    has_codes,
    join,
    list_components,
    read_cells,
    write_cells,
)
from sdmxmig.sdmx.formats.sdmx_csv.rows import drop_duplicates, merge_rows, spread_over
from sdmxmig.sdmx.formats.sdmx_csv.text import PIECE_BYTES, TextPiece, iterate_records
from sdmxmig.sdmx.formats.shapes import (
    choose_observation_dimension,
    choose_type,
    find_text_type,
    split_partial_tables,
    split_tables,
)
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.sdmx.model.references import Ref

ROLE_ORDER = {"dimension": 0, "time": 0, "measure": 1, "attribute": 2}
LIST_HINT = "Give the datasets as a list, so that all of them are known when the columns are written."


def find_structure(dataset: Dataset) -> Ref:
    return dataset.refers_to or dataset.flow.dataflow.ref


@dataclass(slots=True, kw_only=True)
class Head:
    version: CsvVersion
    layout: Layout
    inner: str
    columns: Mapping[str, Component] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    several: Mapping[str, Set[str]] = field(default_factory=dict)
    languages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Columns with several values per field, with the languages of their texts."""
    _flow: Flow | None = None
    _names: dict[tuple[int, str], dict[str, str]] = field(default_factory=dict)

    def extend_head(self, dataset: Dataset) -> Head:
        """Add the columns that a dataset needs; raise `SdmxmigError` if the version lacks lists of values."""
        text_languages = collect_texts(dataset)
        if dataset.flow is self._flow and all(
            text_languages[name] <= self.several.get(name, set()) for name in text_languages
        ):
            return self
        needed, titles = list_columns(dataset.flow, self.layout)
        lists = {component.id: set[str]() for component in needed.values() if choose_type(component) != pl.String}
        several = {
            name: self.several.get(name, set()) | text_languages.get(name, set())
            for name in {**self.several, **lists, **text_languages}
        }
        self._flow = dataset.flow
        if needed.keys() <= self.columns.keys() and several == self.several:
            return self
        columns = {**needed, **self.columns}  # of two structures, the first defines a column
        every = sorted((*self.columns, *needed), key=lambda name: ROLE_ORDER[columns[name].role])
        wider = replace(
            self,
            columns={name: columns[name] for name in every},
            titles={**titles, **self.titles},
            several=several,
            languages={name: self._listed(columns[name], languages) for name, languages in several.items()},
        )
        if wider.languages and not self.version.own_rows:
            message = f"{self.version.name} cannot contain several values in a field ({', '.join(wider.languages)})."
            raise SdmxmigError(message, hint="Write SDMX-CSV 2.0.")
        return wider

    def _listed(self, component: Component, languages: Set[str]) -> tuple[str, ...]:
        return tuple(sorted(languages or ({self.layout.language} if component.is_multilingual else ())))

    def line(self) -> bytes:
        texts = self.list_leading_titles()
        if self.languages:
            texts[0] += f"[{self.inner}]"
        for name in self.columns:
            several = f"[{self.inner.join(self.languages[name])}]" if name in self.languages else ""
            label = f"{LABEL}{self.titles[name]}" if self.layout.labels == "both" else ""
            texts.append(f"{name}{several}{label}")
            if self.layout.labels == "name":
                texts.append(self.titles[name])
        record = pl.DataFrame({str(index): [text] for index, text in enumerate(texts)})
        return record.write_csv(include_header=False, separator=self.layout.delimiter).encode()

    def list_leading_titles(self) -> list[str]:
        names = [*self.version.leading, *KEY_COLUMNS[self.layout.keys]]
        if self.layout.labels == "name":
            names.insert(names.index(STRUCTURE_ID) + 1, STRUCTURE_NAME)
        return names

    def leading(self, dataset: Dataset) -> list[str]:
        """Return the first fields of each row; raise `SdmxmigError` for actions that the version does not have."""
        ref, title = find_structure(dataset), dataset.flow.dataflow.name.in_language(self.layout.language)
        if dataset.refers_to is not None and dataset.refers_to.kind == "ProvisionAgreement":
            title = ""
        structure_field = f"{ref.short}{LABEL}{title}" if self.layout.labels == "both" and title else ref.short
        if not ref.version:
            structure_field = structure_field.replace("()", "", 1)
        word = next((word for word, kind in KINDS.items() if kind == ref.kind), "")
        if self.version.first == DATAFLOW:
            if ref.kind != "Dataflow" or dataset.action == "D":
                content = "a deletion" if dataset.action == "D" else f"data of a {ref.kind}"
                raise SdmxmigError(f"{self.version.name} cannot contain {content}.", hint="Write SDMX-CSV 2.0.")
            return [structure_field]
        if dataset.action not in self.version.actions:
            hint = f"It is one of {', '.join(self.version.actions)}."
            raise SdmxmigError(f"{self.version.name} has no action “{dataset.action}”.", hint=hint)
        names = [title] if self.layout.labels == "name" else []
        return [word, structure_field, *names, self.version.actions[dataset.action]]

    def keys(self, flow: Flow, frame: pl.DataFrame) -> list[pl.Series]:
        """Return the columns that repeat each key, its codes joined by dots; empty if incomplete."""
        structure, fields = flow.structure, []
        at = choose_observation_dimension(structure, self.layout.dimension_at_observation)
        of_series = tuple(name for name in structure.key if name != at) if at in structure.key else ()
        for title in KEY_COLUMNS[self.layout.keys]:
            key = of_series if title == SERIES_KEY else structure.key
            if key and set(key) <= set(frame.columns):
                fields.append(frame.select(pl.concat_str(pl.col(key), separator=".").alias(title)).to_series())
            else:
                fields.append(pl.repeat(None, frame.height, dtype=pl.String, eager=True).alias(title))
        return fields

    def cells(self, flow: Flow, frame: pl.DataFrame) -> dict[str, pl.Series]:
        """Return the columns of a frame as fields; raise `SdmxmigError` for columns that the header lacks."""
        fields: dict[str, pl.Series] = {}
        for values in frame:
            name = values.name
            if name not in self.columns:
                raise SdmxmigError(f"The table has no column for {name} of {flow.id}.", hint=LIST_HINT)
            self._refuse_unknown(name, values)
            component = flow.structure[name]
            labels = self._labels(flow, component) if self.layout.labels != "id" else {}
            shown = labels if self.layout.labels == "both" else None
            is_normalized = component.role == "time" and self.layout.times == "normalized"
            shown_values = find_first_days(values) if is_normalized else values
            languages = self.languages.get(name)
            cells = write_cells(shown_values, component, names=shown, languages=languages, inner=self.inner)
            fields[name] = cells if has_codes(component) else check_column_characters(cells, f"{name} of {flow.id}")
            if self.layout.labels == "name":
                fields[f"{name}{LABEL}"] = label_values(values, labels, self.inner)
        return fields

    def _refuse_unknown(self, name: str, values: pl.Series) -> None:
        if values.dtype in (pl.String, pl.Null):
            return
        if name not in self.languages:
            raise SdmxmigError(f"The header declares one value per field for {name}.", hint=LIST_HINT)
        unknown = collect_languages(values) - set(self.languages[name]) if values.dtype == find_text_type() else set()
        if unknown:
            raise SdmxmigError(f"The header has no language {min(unknown)} of {name}.", hint=LIST_HINT)

    def _labels(self, flow: Flow, component: Component) -> dict[str, str]:
        names = self._names.get((id(flow), component.id))
        if names is None:
            scheme = flow.codelist(component)
            pairs = [(item.id, item.name.in_language(self.layout.language)) for item in scheme or ()]
            names = self._names[id(flow), component.id] = {code: name for code, name in pairs if name}
        return names


def build_head(datasets: Iterable[Dataset], layout: Layout, version: CsvVersion) -> Head:
    head = Head(version=version, layout=layout, inner=next(mark for mark in ";|" if mark != layout.delimiter))
    for dataset in datasets:
        head = head.extend_head(dataset)
    return head


def list_columns(flow: Flow, layout: Layout) -> tuple[dict[str, Component], dict[str, str]]:
    columns, titles = {}, {}
    for component in list_components(flow.structure):
        title = flow.concepts.get(component.id) or flow.concepts.get(component.concept.item)
        columns[component.id] = component
        titles[component.id] = title.in_language(layout.language) if title else component.id
    return columns, titles


def collect_texts(dataset: Dataset) -> dict[str, set[str]]:
    languages_by_component: dict[str, set[str]] = {}
    for frame in (dataset.observations, dataset.series, *dataset.partial.values()):
        for values in frame:
            if values.dtype == find_text_type():
                languages_by_component.setdefault(values.name, set()).update(collect_languages(values))
    return languages_by_component


def collect_languages(values: pl.Series) -> set[str]:
    return set(values.explode().struct.field("language").drop_nulls().unique().to_list())


def label_values(values: pl.Series, names: Mapping[str, str], inner: str) -> pl.Series:
    if values.dtype in (find_text_type(), pl.Null) or not names:
        return pl.repeat(None, values.len(), dtype=pl.String, eager=True)
    if values.dtype == pl.String:
        distinct = values.drop_nulls().unique()
        return values.replace_strict(distinct, [names.get(code) for code in distinct], return_dtype=pl.String)
    fields = [None if cell is None else join([names.get(code) for code in cell], inner) or None for cell in values]
    return pl.Series(values.name, fields, dtype=pl.String)


Dims = tuple[str, ...]
VERSION_HINT = "Write SDMX-CSV 2.0, where attributes can have their own rows."


@dataclass(slots=True, kw_only=True)
class PartialKeyAttributes:
    """The attributes of key parts of one dataset, with those already used by observations."""

    waiting: dict[Dims, pl.DataFrame] = field(default_factory=dict)
    used: dict[Dims, pl.DataFrame] = field(default_factory=dict)
    silent: dict[Dims, pl.DataFrame] = field(default_factory=dict)

    def fill(
        self, block: Dataset, rows: pl.DataFrame, alone: pl.DataFrame, partial: Mapping[Dims, pl.DataFrame]
    ) -> pl.DataFrame:
        """Add the attributes of key parts to their observations; raise `SdmxmigError` for contradictions."""
        key = block.flow.structure.series_key
        for dims, frame in partial.items():
            whole = pl.concat([self.waiting[dims], frame], how="diagonal") if dims in self.waiting else frame
            self.waiting[dims] = join_once(block, whole, dims)
        for dims, frame in self.waiting.items():
            rows = join_missing_values(rows, frame, dims)
            self._use(dims, rows)
        if key:
            self._use(key, rows)
            if alone.height:
                known_silent = [self.silent[key]] if key in self.silent else []
                self.silent[key] = pl.concat([*known_silent, alone.select(key)])
        return rows

    def _use(self, dims: Dims, rows: pl.DataFrame) -> None:
        keys = drop_duplicates(rows, dims)
        self.used[dims] = pl.concat([self.used[dims], keys]).unique() if dims in self.used else keys

    def refuse_rest(self, dataset: Dataset, version: str) -> None:
        for dims, frame in (*self.waiting.items(), *self.silent.items()):
            unused = frame.join(self.used[dims], on=list(dims), how="anti", nulls_equal=True) if dims else frame.clear()
            if unused.height:
                part = ".".join(value or "*" for value in unused.select(dims).row(0))
                message = f"{version} contains observations only, but {dataset.flow.id} has none for {part}."
                raise SdmxmigError(message, hint=VERSION_HINT)


def join_once(dataset: Dataset, frame: pl.DataFrame, dims: Dims) -> pl.DataFrame:
    frame, twice = merge_rows(frame, dims)
    if twice:
        raise SdmxmigError(f"{twice} of {dataset.flow.id} has two values for one part of the key.")
    if frame.select(pl.any_horizontal(pl.col(dims).is_null()).any()).item():
        message = f"An attribute of {dataset.flow.id} is for any value of one of {', '.join(dims)}."
        raise SdmxmigError(message, hint=VERSION_HINT)
    return frame


def join_missing_values(rows: pl.DataFrame, frame: pl.DataFrame, dims: Dims) -> pl.DataFrame:
    names = [name for name in frame.columns if name not in dims]
    joined = rows.join(frame, on=list(dims), how="left", nulls_equal=True, maintain_order="left", suffix="#")
    shared = [name for name in names if name in rows.columns]
    return joined.with_columns(pl.coalesce(name, f"{name}#").alias(name) for name in shared).drop(
        f"{name}#" for name in shared
    )


ROWS_PER_SLICE = 100_000
"""Number of rows made at once."""

EMPTY_KEY = pl.DataFrame({"": [None]})

Cells = Mapping[str, str | None]


def write_data(datasets: Iterable[Dataset], out: BinaryIO, layout: Layout, version: CsvVersion) -> None:
    """Write datasets as one table, block by block.

    Columns: structure and action, dimensions, measures, then attributes (observation, series, key part, dataset);
    structures share columns with the same name. UTF-8 with line feeds. Attributes of series and dataset are repeated in
    every row; in deletions, and for key parts where the version allows, they have their own rows. The header,
    properties, annotations and reference metadata are not written (see `Format.losses`).

    Columns are determined from all datasets if these are a list or tuple, else from the first; if a later one needs
    more, earlier rows are rewritten at the end.

    Raises `SdmxmigError` if there is no dataset, if two would be indistinguishable on reading, or if something
    cannot be written.
    """
    check_layout(layout, version)
    blocks = iter(datasets)
    first_block = next(blocks, None)
    if first_block is None:
        raise SdmxmigError("There is no dataset to write.", hint="Give at least one.")
    is_whole = isinstance(datasets, Sequence)
    certain = is_whole or isinstance(datasets, UniformBlocks)
    head = build_head(datasets if is_whole else [first_block], layout, version)
    with DeferredHeader(out, head.line(), certain=certain) as message:
        writer = Writer(out=message.body, head=head, part_start=0 if certain else message.body.tell())
        for block in chain([first_block], blocks):
            writer.add(block)
        writer.end()
        message.finish(writer.head.line(), writer.rewritten)


def check_layout(layout: Layout, version: CsvVersion) -> None:
    if layout.labels not in version.labels:
        hint = f"It has {', '.join(version.labels)}."
        raise SdmxmigError(f"{version.name} has no labels “{layout.labels}”.", hint=hint)
    if layout.keys not in (KEY_COLUMNS if version.own_rows else ("none",)):
        hint = f"SDMX-CSV 2.0 and 2.1 have {', '.join(KEY_COLUMNS)}."
        raise SdmxmigError(f"{version.name} has no columns of keys “{layout.keys}”.", hint=hint)
    if layout.times not in TIME_FORMATS:
        raise SdmxmigError(
            f"SDMX-CSV has no times “{layout.times}”.", hint=f"Possible values: {', '.join(TIME_FORMATS)}."
        )
    if len(layout.delimiter) != 1 or layout.delimiter not in DELIMITERS:
        hint = "Use a comma, a semicolon, a vertical bar or a tab."
        raise SdmxmigError(f"“{layout.delimiter}” cannot separate the fields of SDMX-CSV.", hint=hint)


@dataclass(slots=True, kw_only=True)
class Writer:
    """Writes blocks below the header. `begun` are the datasets so far, by structure and action.

    `head` is the current header; `parts` are rows written for narrower ones: header and size in bytes.
    """

    out: BinaryIO
    head: Head
    parts: list[tuple[Head, int]] = field(default_factory=list)
    part_start: int = 0
    begun: list[tuple[Ref, str]] = field(default_factory=list)
    last: Dataset | None = None
    whole: dict[str, str | None] = field(default_factory=dict)
    replicated: PartialKeyAttributes = field(default_factory=PartialKeyAttributes)
    rows: int = 0

    def add(self, block: Dataset) -> None:
        self._widen(block)
        self._begin(block)
        observations, series = split_tables(block)
        partial = split_partial_tables(block)
        fresh = self._describe_dataset(block, partial.pop((), pl.DataFrame()))
        if block.action == DELETE:
            if fresh:
                self._write(block, EMPTY_KEY, fresh)
            self._write(block, observations, {})
            self._write_alone(block, select_filled_series(observations, series, block.flow.structure.series_key), {})
        else:
            rows, alone = spread_over(observations, series, block.flow.structure.series_key)
            if not self.head.version.own_rows:
                if not rows.height and block.flow.structure.time is not None:  # a row without period is a series
                    rows, alone = alone, alone.clear()
                rows, alone, partial = self.replicated.fill(block, rows, alone, partial), alone.clear(), {}
            self._write(block, rows, self.whole)
            self._write_alone(block, alone, self.whole)
        for frame in partial.values():
            self._write(block, frame, {} if block.action == DELETE else self.whole)

    def end(self) -> None:
        if self.last is None:
            return
        self.replicated.refuse_rest(self.last, self.head.version.name)
        if not self.rows:
            if not self.head.version.own_rows:
                raise SdmxmigError(f"{self.head.version.name} needs observations: {self.last.flow.id} has none.")
            self._write(self.last, EMPTY_KEY, self.whole)

    @property
    def rewritten(self) -> Callable[[BinaryIO], Iterable[bytes]] | None:
        if not self.parts:
            return None
        parts = [*self.parts, (self.head, self.out.tell() - self.part_start)]
        return lambda body: rewrite_rows(body, parts, self.head)

    def _widen(self, block: Dataset) -> None:
        head = self.head.extend_head(block)
        if head is self.head:
            return
        end = self.out.tell()
        self.parts.append((self.head, end - self.part_start))
        if self.whole:
            row = pl.DataFrame({name: pl.Series([text], dtype=pl.String) for name, text in self.whole.items()})
            respelt_row = convert_fields(row, self.head, head)
            self.whole = {name: respelt_row[name][0] for name in self.whole}
        self.head, self.part_start = head, end

    def _begin(self, block: Dataset) -> None:
        key = (find_structure(block), block.action)
        if self.last is not None and block.continues and key == (find_structure(self.last), self.last.action):
            return
        self.end()
        if key in self.begun:
            message = f"SDMX-CSV cannot tell two datasets of {key[0].short} with the action {key[1]} apart."
            raise SdmxmigError(message, hint="Merge them first, or write SDMX-ML or SDMX-JSON.")
        self.begun.append(key)
        self.last, self.rows, self.whole, self.replicated = block, 0, {}, PartialKeyAttributes()

    def _describe_dataset(self, block: Dataset, several: pl.DataFrame) -> dict[str, str | None]:
        frame = pl.DataFrame({name: [value] for name, value in block.attributes.items()})
        frame = pl.concat([frame, several.head(1)], how="horizontal") if several.height else frame
        cells = {name: values[0] for name, values in self.head.cells(block.flow, frame).items()}
        fresh = {name: value for name, value in cells.items() if name not in self.whole}
        self.whole.update(cells)
        return fresh

    def _write_alone(self, block: Dataset, series: pl.DataFrame, whole: Cells) -> None:
        if series.height and block.flow.structure.time is None:
            message = f"{block.flow.id} has no time: a series without observations would look like an observation."
            raise SdmxmigError(message, hint="Leave the series out.")
        self._write(block, series, whole)

    def _write(self, block: Dataset, frame: pl.DataFrame, whole: Cells) -> None:
        """Write each row of a frame; columns that it lacks come from `whole`, else are empty."""
        if not frame.height:
            return
        leading = self.head.leading(block)
        endings = ("", LABEL)[: 1 + (self.head.layout.labels == "name")]
        names = [name + ending for name in self.head.columns for ending in endings]
        count = len(self.head.list_leading_titles()) + len(names)
        for part in frame.iter_slices(ROWS_PER_SLICE):
            cells = self.head.cells(block.flow, part.drop("", strict=False))
            fields: list[pl.Expr | pl.Series] = [pl.lit(text) for text in leading]
            fields += self.head.keys(block.flow, part)
            fields += [cells[name] if name in cells else pl.lit(whole.get(name), pl.String) for name in names]
            table = part.with_columns(values.alias(f"#{index}") for index, values in enumerate(fields))
            self._write_rows(table.select(f"#{index}" for index in range(count)))
        self.rows += frame.height

    def _write_rows(self, rows: pl.DataFrame) -> None:
        if isinstance(self.out, (io.BufferedWriter, io.BufferedRandom, io.FileIO)):
            self.out.flush()
            rows.write_csv(self.out, include_header=False, separator=self.head.layout.delimiter)
            return
        buffer = io.BytesIO()
        rows.write_csv(buffer, include_header=False, separator=self.head.layout.delimiter)
        self.out.write(buffer.getbuffer())


def select_filled_series(observations: pl.DataFrame, series: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
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


def rewrite_rows(body: BinaryIO, parts: Sequence[tuple[Head, int]], head: Head) -> Iterator[bytes]:
    for part_head, size in parts:
        pieces = read_pieces(body, size)
        if list_fields(part_head) == list_fields(head) and part_head.languages == head.languages:
            yield from pieces
            continue
        for content, line in iterate_records("", Incoming(pieces, "")):
            table = TextPiece("", content, line=line, delimiter=head.layout.delimiter).rows(len(list_fields(part_head)))
            table.columns = list_fields(part_head)
            yield write_csv_rows(convert_fields(table, part_head, head), head)


def list_fields(head: Head) -> list[str]:
    leading = [f"#{index}" for index in range(len(head.list_leading_titles()))]
    names = [(name, f"{name}{LABEL}") if head.layout.labels == "name" else (name,) for name in head.columns]
    return [*leading, *(field for pair in names for field in pair)]


def convert_fields(rows: pl.DataFrame, old_head: Head, head: Head) -> pl.DataFrame:
    """Convert fields to another header: missing columns are empty, single values become lists where needed."""
    columns: list[pl.Series] = []
    for name in list_fields(head):
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


def write_csv_rows(rows: pl.DataFrame, head: Head) -> bytes:
    buffer = io.BytesIO()
    rows.write_csv(buffer, include_header=False, separator=head.layout.delimiter)
    return buffer.getvalue()


def read_pieces(stream: BinaryIO, size: int) -> Iterator[bytes]:
    while size and (piece := stream.read(min(size, PIECE_BYTES))):
        size -= len(piece)
        yield piece
