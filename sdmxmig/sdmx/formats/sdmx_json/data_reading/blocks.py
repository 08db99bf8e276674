"""Blocks of a dataset assembled from pieces, with attributes at the level of the structure, and notes by number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import polars as pl

from sdmxmig.sdmx.formats.dataset_notes import COMPONENT, NOTE, build_notes_frame, encode_note
from sdmxmig.sdmx.formats.duplicates import AttributeContradiction, AttributeHistory
from sdmxmig.sdmx.formats.faults import attempt, report_fault
from sdmxmig.sdmx.formats.sdmx_json.data_reading.facts import (
    SWITCHED_OFF,
    AttributeFact,
    DatasetReports,
    DimensionGroup,
    add_missing_dimensions,
    check_rest,
    group_facts,
    iterate_trailing_notes,
    read_groups,
    repeat_by_series,
)
from sdmxmig.sdmx.formats.sdmx_json.data_reading.listing import (
    DatasetPiece,
    DatasetReading,
    NoteNumbers,
    find_column_type,
    is_plain,
    read_column,
    walk,
)
from sdmxmig.sdmx.formats.sdmx_json.nodes import Node
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.artefacts import read_annotation
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.json_objects import Message, Part
from sdmxmig.sdmx.formats.sdmx_json.versions import PROPERTIES
from sdmxmig.sdmx.frames import build_origins
from sdmxmig.sdmx.model.artefacts import Annotation
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.data_structures import DataStructure
from sdmxmig.sdmx.model.references import Ref

EXTENSION_NAME = re.compile(r"x-([A-Za-z_]+)")


class DatasetBlocks:
    def __init__(self, reading: DatasetReading, reference: Ref | None) -> None:
        self.reading, self.reference = reading, reference
        structure, faults = reading.structure, reading.faults
        groups = read_groups(reading.node, reading.listing, structure=structure, names=reading.names, faults=faults)
        self.facts = [
            *read_dataset_facts(reading),
            *group_facts(groups, reading.listing, reading.names, structure, defaults=reading.defaults, faults=faults),
        ]
        self.reports = DatasetReports(reading, groups)
        self.properties = read_properties(reading.node)
        self.listed = ListedNotes(reading)
        self.annotations = tuple(self.listed.on_dataset())
        width = len(reading.listing.of("attribute", "dimensionGroup"))
        of_groups = iterate_trailing_notes((group.cells for group in groups), width, reading.listing)
        self.notes = self.listed.on_groups([(groups[row], number) for row, number in of_groups])
        self.deleted = [
            group.key for group in groups if reading.action == "D" and not any(c is not None for c in group.cells)
        ]
        self.attributes: dict[str, str] = {}
        self.partial: dict[tuple[str, ...], pl.DataFrame] = {}
        self.series_attributes: dict[str, pl.DataFrame] = {}
        self.coarse: list[AttributeFact] = []
        for fact in self.facts:
            self._take(fact)
        keys = list(structure.series_key)
        self.silent_series = pl.concat(
            [build_empty_keys(keys), *(table.select(keys) for table in self.series_attributes.values())]
        ).unique(maintain_order=True)
        self.began = False
        self.history = AttributeHistory()

    def _take(self, fact: AttributeFact) -> None:
        if fact.component.attachment == "series":
            keys = self.reading.structure.series_key
            if set(keys) <= set(fact.dimensions):
                table = repeat_by_series(fact, keys, pl.DataFrame(), self.reading.faults)
                name = fact.component.id
                self.series_attributes[name] = (
                    self._merge(self.series_attributes[name], table, keys, fact.node)
                    if name in self.series_attributes
                    else table
                )
            else:
                self.coarse.append(fact)
        else:
            self._add(self.partial, fact)

    def block(self, piece: DatasetPiece, *, last: bool) -> Dataset:
        reading, structure = self.reading, self.reading.structure
        keys = reading.decode_codes(piece.codes)
        observed_ids = {component.id for component in (*structure.measures, *structure.attributes("observation"))}
        lifted = [
            AttributeFact(reading.names[name], structure.key, table=keys.with_columns(column), node=reading.node)
            for name, column in piece.columns.items()
            if name not in observed_ids and name in reading.names
        ]
        observations = keys.with_columns(column for name, column in piece.columns.items() if name in observed_ids)
        facts = [*read_series_facts(piece, reading), *lifted]
        for fact in (*self.facts, *facts):
            if fact.component.attachment == "observation":
                table = repeat_by_series(fact, structure.key, keys, reading.faults)
                observations = observations.join(
                    table, on=list(structure.key), how="left", nulls_equal=True, maintain_order="left"
                )
        observations = complete(observations, structure, observed_ids)
        if self.deleted and not self.began:
            more = pl.DataFrame(self.deleted, schema=dict.fromkeys(structure.key, pl.String))
            observations = pl.concat([observations, more], how="diagonal")
        series = self._build_series(read_series_keys(piece, reading), facts)
        if last and self.silent_series.height:
            series = pl.concat([series, self._build_series(self.silent_series, [])], how="diagonal")
        own_partial: dict[tuple[str, ...], pl.DataFrame] = {} if self.began else dict(self.partial)
        for fact in facts:
            if fact.component.attachment not in ("series", "observation"):
                self._add(own_partial, fact)
        continues, self.began = self.began, True
        dataset = Dataset(
            reading.flow,
            observations,
            series=series,
            attributes=dict(self.attributes),
            origins=build_origins(),
            action=reading.action,
            partial=own_partial,
            properties=self.properties,
            refers_to=self.reference,
            continues=continues,
            annotations=self.annotations,
            notes=self.listed.on_parts(piece, None if continues else self.notes),
            reports=self.reports.on(piece),
        )
        return self.history.drop_contradictions(dataset, self._refuse)

    def _build_series(self, series: pl.DataFrame, facts: list[AttributeFact]) -> pl.DataFrame:
        keys, faults = list(self.reading.structure.series_key), self.reading.faults
        if self.silent_series.height and series.height:
            self.silent_series = self.silent_series.join(
                series, on=keys, how="anti", nulls_equal=True, maintain_order="left"
            )
        facts_on_series = [fact for fact in (*self.coarse, *facts) if fact.component.attachment == "series"]
        tables = [repeat_by_series(fact, keys, series, faults) for fact in facts_on_series]
        for table in (*self.series_attributes.values(), *tables):
            name = table.columns[-1]
            if name in series.columns:
                self._refuse_others(series, table, tuple(keys), self.reading.node)
            more = table.rename({name: f"{name} more"})  # an attribute may be stated at two levels
            series = series.join(more, on=keys, how="left", nulls_equal=True, maintain_order="left")
            columns = [column for column in (name, f"{name} more") if column in series.columns]
            series = series.with_columns(pl.coalesce(columns).alias(name)).drop(f"{name} more")
        return pl.concat([build_empty_series(self.reading.structure), series], how="diagonal")

    def _add(self, partial: dict[tuple[str, ...], pl.DataFrame], fact: AttributeFact) -> None:
        name, faults = fact.component.id, self.reading.faults
        if fact.component.attachment == "observation":
            return
        if fact.component.attachment == "dataset" and is_plain(fact.component):
            for value in repeat_by_series(fact, (), pl.DataFrame(), faults)[name].to_list():
                if self.attributes.setdefault(name, value) != value:
                    report_fault(faults, fact.node.wrong(f"The values of {name} contradict each other."))
            return
        dimensions = self.reading.structure.list_described(fact.component)
        finer = set(dimensions) <= set(fact.dimensions)
        table = (
            repeat_by_series(fact, dimensions, pl.DataFrame(), faults)
            if finer
            else add_missing_dimensions(fact, dimensions)
        )
        earlier = partial.get(dimensions)
        partial[dimensions] = table if earlier is None else self._merge(earlier, table, dimensions, fact.node)

    def _merge(self, earlier: pl.DataFrame, table: pl.DataFrame, keys: tuple[str, ...], node: Node) -> pl.DataFrame:
        name = table.columns[-1]
        if name in earlier.columns:
            self._refuse_others(earlier, table, keys, node)
        return merge_tables(earlier, table, keys)

    def _refuse_others(self, earlier: pl.DataFrame, table: pl.DataFrame, keys: tuple[str, ...], node: Node) -> None:
        name = table.columns[-1]
        tables = [table, earlier.select(*keys, name)]
        rows = pl.concat(tables).filter(pl.col(name).is_not_null()).unique(maintain_order=True)
        if rows.height > (rows.select(keys).n_unique() if keys else 1):
            report_fault(self.reading.faults, node.wrong(f"The values of {name} contradict each other."))

    def _refuse(self, contradiction: AttributeContradiction) -> None:
        report_fault(self.reading.faults, self.reading.node.wrong(str(contradiction)))


def merge_tables(earlier: pl.DataFrame, table: pl.DataFrame, keys: tuple[str, ...]) -> pl.DataFrame:
    if not keys:
        return pl.concat([earlier, table.drop(set(table.columns) & set(earlier.columns))], how="horizontal")
    if table.columns[-1] in earlier.columns:
        return pl.concat([earlier, table], how="diagonal").unique(subset=keys, maintain_order=True)
    return earlier.join(table, on=list(keys), how="full", coalesce=True, nulls_equal=True, maintain_order="left_right")


def read_properties(node: Node) -> dict[str, str]:
    properties = {SDMX: node.text(name) for name, SDMX in PROPERTIES.items()}
    for name, value in node.value.items():
        extension = EXTENSION_NAME.fullmatch(name)
        if extension and type(value) is str:
            properties[extension[1]] = value
    return {name: value for name, value in properties.items() if value}


def read_dataset_facts(reading: DatasetReading) -> Iterator[AttributeFact]:
    attributes = reading.listing.of("attribute", "dataSet")
    given_array = reading.node.get("attributes", list)
    if given_array is None and not (reading.defaults and any(attribute.default for attribute in attributes)):
        return
    array = given_array or reading.node.at("attributes")
    cells = list(given_array.value) if given_array is not None else []
    check_rest(array, cells, width=len(attributes), listing=reading.listing, faults=reading.faults)
    for index, (listed, column) in enumerate(zip(attributes, walk([cells], len(attributes)), strict=False)):
        if listed.id not in reading.names:
            continue
        component = reading.names[listed.id]

        def place(_: int, index: int = index) -> Node:
            return array.at(index)

        values = read_column(listed, component, column, place, defaults=reading.defaults, faults=reading.faults)
        if values[0] is not None:
            yield AttributeFact(component, (), table=pl.DataFrame([values]), node=array.at(index))


def read_series_facts(piece: DatasetPiece, reading: DatasetReading) -> Iterator[AttributeFact]:
    if piece.heads is None or not piece.attributes:
        return
    dimensions = tuple(name for name in reading.structure.key if name in piece.heads.columns)
    keys = reading.decode_codes(piece.heads)
    for name, column in piece.attributes.items():
        if name in reading.names:
            yield AttributeFact(
                reading.names[name], dimensions, table=keys.with_columns(column), node=reading.node.at("series")
            )


def read_series_keys(piece: DatasetPiece, reading: DatasetReading) -> pl.DataFrame:
    keys = list(reading.structure.series_key)
    table = piece.heads if piece.heads is not None and set(keys) <= set(piece.heads.columns) else piece.codes
    return reading.decode_codes(table.select(keys).unique(maintain_order=True))


def complete(table: pl.DataFrame, structure: DataStructure, component_ids: set[str]) -> pl.DataFrame:
    others = [component for component in structure.components if component.id in component_ids]
    absent = [
        pl.lit(None, find_column_type(component)).alias(component.id)
        for component in others
        if component.id not in table.columns
    ]
    return table.with_columns(absent).select(*structure.key, *(component.id for component in others))


def build_empty_keys(names: list[str]) -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys(names, pl.String))


def build_empty_series(structure: DataStructure) -> pl.DataFrame:
    column_types = {component.id: find_column_type(component) for component in structure.attributes("series")}
    return build_empty_keys(list(structure.series_key)).with_columns(
        pl.lit(None, kind).alias(name) for name, kind in column_types.items()
    )


class ListedNotes:
    """The list of annotations of a message; each is parsed on first use."""

    def __init__(self, reading: DatasetReading) -> None:
        self.reading = reading
        self.nodes = reading.listing.node.elements("annotations")
        self._read: dict[int, Annotation | None] = {}
        self._last: tuple[str | None, ...] | None = None  # the key of the last series of the previous block

    def note(self, number: int) -> Annotation | None:
        if number not in self._read:
            reading, node = self.reading, self.nodes[number]
            message = Message(node.file, reading.version, language=reading.language, faults=reading.faults)
            self._read[number] = attempt(reading.faults, read_annotation, Part(node.value, message, node.pointer))
        return self._read[number]

    def on_dataset(self) -> Iterator[Annotation]:
        for index in self.reading.node.elements("annotations", int):
            if not 0 <= index.value < len(self.nodes):
                message = f"There are {len(self.nodes)} annotations, but this is number {index.value}."
                report_fault(self.reading.faults, index.wrong(message))
                continue
            note = self.note(index.value)
            if note is not None:
                yield note

    def on_groups(self, named: Sequence[tuple[DimensionGroup, int]]) -> pl.DataFrame | None:
        rows = [
            ({name: value for name, value in group.key.items() if value != SWITCHED_OFF}, "", note)
            for group, number in named
            if (note := self.note(number)) is not None
        ]
        return build_notes_frame(self.reading.structure.key, rows)

    def on_parts(self, piece: DatasetPiece, others: pl.DataFrame | None) -> pl.DataFrame | None:
        """Return the notes of a piece and `others`; notes of a continued series appear once."""
        frames = [] if others is None else [others]
        if piece.heads is not None and piece.heads.height:
            heads = self.reading.decode_codes(piece.heads)
            if piece.head_notes is not None:
                notes = self._frame(heads, piece.head_notes)
                fresh = [row != self._last for row in notes.select(heads.columns).rows()]
                frames.append(notes.filter(pl.Series(fresh, dtype=pl.Boolean)))
            self._last = heads.row(-1)
        if piece.notes is not None:
            frames.append(self._frame(self.reading.decode_codes(piece.codes), piece.notes))
        together = pl.concat(frames).unique(maintain_order=True) if frames else None
        return together if together is not None and together.height else None

    def _frame(self, keys: pl.DataFrame, noted: NoteNumbers) -> pl.DataFrame:
        numbers = noted["note"].unique().to_list()
        texts = {number: encode_note(note) if (note := self.note(number)) is not None else None for number in numbers}
        rows = keys.select(pl.all().gather(noted["row"]))
        absent = (name for name in (*self.reading.structure.key, COMPONENT) if name not in keys.columns)
        whole = rows.with_columns(
            *(pl.lit(None, pl.String).alias(name) for name in absent),
            noted["note"].replace_strict(texts, return_dtype=pl.String).alias(NOTE),
        )
        return whole.select(*self.reading.structure.key, COMPONENT, NOTE).drop_nulls(NOTE)
