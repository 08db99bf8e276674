"""SDMX-CSV to datasets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import BinaryIO

import polars as pl

from sdmxmig.io.intake.files import compute_ahead
from sdmxmig.primitives.errors import InputError, UnknownStructure
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.duplicates import AttributeContradiction, AttributeHistory
from sdmxmig.sdmx.formats.faults import ALIKE_LIMIT, Faults, report_fault
from sdmxmig.sdmx.formats.flows import OtherFlow, find_flow
from sdmxmig.sdmx.formats.sdmx_csv.columns import (
    ACTION,
    DATAFLOW,
    DELETE,
    DISABLED_VALUE,
    KINDS,
    LABEL,
    STRUCTURE,
    STRUCTURE_ID,
    CsvVersion,
    NotOneValueError,
    TableHeader,
    list_components,
    parse_header,
    read_cells,
    refuse_misspelt,
)
from sdmxmig.sdmx.formats.sdmx_csv.rows import ROW, DatasetRows, find_reporting_rows, format_value
from sdmxmig.sdmx.formats.sdmx_csv.text import TextPiece, decode_to_utf_8, open_text, read_piece_rows
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.sdmx.model.references import Ref

BLOCK = 200_000
"""Maximum number of rows of a block."""
VALUE = "OBS_VALUE"
"""Never ignored as a custom column: a structure without this measure has no place for it."""

AGENCY_ID = re.compile(r"[A-Za-z][\w.-]*:[A-Za-z0-9_@$-]+(\([^()\s]+\))?")


def read_data(
    name: str,
    content: BinaryIO,
    flows: Mapping[str, Flow],
    version: CsvVersion,
    faults: Faults | None = None,
) -> Iterator[Dataset]:
    """Read a table as datasets, one per structure and action, in blocks.

    Values stay text (``01``, ``NA``). Attributes of a series, key part or dataset may appear in only some of their
    rows. If rows of a large file alternate between structures or actions, each stretch is a dataset. Origins are empty.

    Raises `InputError` with line and column for a wrong encoding, ragged rows, missing, repeated or misspelt columns,
    unknown structures or actions, contradictory attributes (beyond 500,000 series only within a block), and columns of
    reference metadata. With `faults`, these are recorded and left out.
    """
    texts, pieces = open_text(name, content if faults is None else decode_to_utf_8(name, content, faults), version)
    component_ids = {component.id for flow in flows.values() for component in flow.structure.components} | {VALUE}
    reported = {component.id for flow in flows.values() for component in flow.structure.select_role("metadata")}
    component_ids -= reported
    loose = any(flow.structure.metadata is not None for flow in flows.values())
    header = parse_header(name, texts, component_ids, reported_ids=reported, loose=loose, faults=faults)
    for column in version.leading:
        if column not in header and column != ACTION:
            hint = f"{version.name} begins with the columns {', '.join(version.leading)}."
            raise InputError(f"The column {column} is missing.", Place(name, line=1), hint)
    reader = Reader(flows, version, header=header, component_ids=component_ids, faults=faults)
    width = len(texts)
    if faults is None:
        tables = compute_ahead(lambda piece: read_piece_rows(piece, width), pieces)
    else:
        tables = (read_piece_rows(piece, width, faults) for piece in pieces)
    for piece, rows in tables:
        for part in rows.with_row_index(ROW).iter_slices(BLOCK):
            yield from reader.blocks(piece, part)


@dataclass(slots=True)
class Reader:
    """Builds datasets from rows; `last` is the previous block with its reference and action."""

    flows: Mapping[str, Flow]
    version: CsvVersion
    _: KW_ONLY
    header: TableHeader
    component_ids: set[str]
    faults: Faults | None = None
    last: tuple[tuple[str, str, str], Dataset] | None = None
    structures: dict[tuple[str, str], tuple[Flow, Ref | None]] = field(default_factory=dict)
    history: AttributeHistory = field(default_factory=AttributeHistory)

    def blocks(self, piece: TextPiece, rows: pl.DataFrame) -> Iterator[Dataset]:
        columns = [name for name in (STRUCTURE, STRUCTURE_ID, DATAFLOW, ACTION) if name in self.header]
        fields = [str(self.header.columns[name].index) for name in columns]
        if all(rows.select((pl.col(fields) == pl.col(fields).first()).all(ignore_nulls=False)).row(0)):
            parts = [rows]
        else:
            parts = rows.partition_by(fields, maintain_order=True)
        named = []
        for part in parts if rows.height else ():
            values = dict(zip(columns, part.select(fields).row(0), strict=True))
            try:
                named.append((self._named(piece, values, part), part))
            except InputError as error:
                self._leave_out(piece, part, error)
        if self.last is not None:
            named.sort(key=lambda pair: pair[0] != (self.last or pair)[0])
        for key, part in named:
            yield self._build_block(piece, key, part)

    def _leave_out(self, piece: TextPiece, rows: pl.DataFrame, error: InputError) -> None:
        if self.faults is None or error.place is None:
            raise error
        once = isinstance(error, (UnknownStructure, OtherFlow))
        if once and self.faults.counted[error.message]:
            for fault in self.faults.listed:
                if isinstance(fault, OtherFlow) and fault.message == error.message:
                    fault.rows += rows.height
            return
        if isinstance(error, OtherFlow):
            error.rows = rows.height
            self.faults.note(error)
            return
        for row in rows[ROW].head(1 if once else ALIKE_LIMIT + 1):
            place = Place(piece.name, line=piece.line_of(row), column=error.place.column)
            self.faults.note(type(error)(error.message, place, error.hint))

    def _named(self, piece: TextPiece, fields: Mapping[str, str | None], rows: pl.DataFrame) -> tuple[str, str, str]:
        row = rows[ROW][0]
        structure_word = fields.get(STRUCTURE, "dataflow") or ""
        if structure_word.lower() not in KINDS:
            hint = f"It is one of {', '.join(KINDS)}."
            raise InputError(
                f"“{structure_word}” is not a known {STRUCTURE}.", self._locate(piece, row, STRUCTURE), hint
            )
        action = fields.get(ACTION, self.version.default_action) or ""
        if action not in self.version.actions:
            hint = f"It is one of {', '.join(self.version.actions)}."
            raise InputError(f"“{action}” is not a known {ACTION}.", self._locate(piece, row, ACTION), hint)
        column = DATAFLOW if DATAFLOW in fields else STRUCTURE_ID
        name = (fields[column] or "").partition(LABEL)[0]
        kind = KINDS[structure_word.lower()]
        if (kind, name) not in self.structures:
            if not AGENCY_ID.fullmatch(name):
                hint = "Write AGENCY:ID(VERSION), for example SDMX:CL_SEX(2.1)."
                raise InputError(f"“{name}” does not name a structure.", self._locate(piece, row, column), hint)
            ref = Ref.parse(name, kind=kind)
            flow = find_flow(self.flows, ref, self._locate(piece, row, column))
            refuse_misspelt(self.header, flow.structure, self.component_ids, self.faults)
            refers_to = {"DataStructure": flow.structure.ref, "ProvisionAgreement": ref}.get(kind)
            self.structures[kind, name] = (flow, refers_to)
        return kind, name, self.version.actions[action]

    def _locate(self, piece: TextPiece, row: int, name: str) -> Place:
        return Place(piece.name, line=piece.line_of(row), column=self.header.columns[name].index + 1)

    def _build_block(self, piece: TextPiece, key: tuple[str, str, str], rows: pl.DataFrame) -> Dataset:
        flow, refers = self.structures[key[:2]]
        self._refuse_foreign(piece, flow, rows)
        frame = self._read_components(piece, flow, rows, deletion=key[2] == DELETE)
        if self.header.reported:
            frame = frame.filter(~find_reporting_rows(rows, frame, self.header.reported, flow.structure))
        if self._lacks_key(piece, flow, frame, deletion=key[2] == DELETE):
            frame = frame.clear()

        def refuse(name: str, value: str, row: int) -> None:
            message = f"The attribute {name} is “{value}” here and differs above."
            hint = "Give its one value in one row, or the same value in all rows."
            report_fault(self.faults, InputError(message, self._locate(piece, row, name), hint))

        previous = self.last[1] if self.last is not None and self.last[0] == key else None

        def contradicts(contradiction: AttributeContradiction) -> None:
            conditions = [pl.col(name).eq_missing(pl.lit(value)) for name, value in contradiction.part.items()]
            first_row = frame.filter(pl.col(contradiction.name).is_not_null(), *conditions).row(0, named=True)
            refuse(contradiction.name, format_value(first_row[contradiction.name]), first_row[ROW])

        block = DatasetRows(flow=flow, frame=frame, refuse=refuse).dataset(
            key[2], refers, continues=previous is not None, previous=previous
        )
        block = self.history.drop_contradictions(block, contradicts)
        self.last = (key, block)
        return block

    def _read_components(self, piece: TextPiece, flow: Flow, rows: pl.DataFrame, *, deletion: bool) -> pl.DataFrame:
        """Return the values of a structure's columns and ROW; dimensions missing from the header are null."""
        columns: list[pl.Series] = [rows[ROW]]
        marked = not deletion and DISABLED_VALUE.encode() in piece.content
        for component in list_components(flow.structure):
            column = self.header.columns.get(component.id)
            if column is None:
                if component.id in flow.structure.key:
                    columns.append(pl.repeat(None, rows.height, dtype=pl.String, eager=True).alias(component.id))
                continue
            cells = rows[str(column.index)]
            values = self._read_values(piece, rows[ROW], cells, component)
            if marked and component.id in flow.structure.key:
                values = values.set(values == DISABLED_VALUE, None)
            columns.append(values.alias(component.id))
        return pl.DataFrame(columns)

    def _read_values(self, piece: TextPiece, numbers: pl.Series, cells: pl.Series, component: Component) -> pl.Series:
        while True:
            try:
                return read_cells(cells, component, self.header.columns[component.id], self.header.inner)
            except NotOneValueError as error:
                wrong = cells == str(error)
                for row in numbers.filter(wrong):
                    message = f"{component.id} has one value, but “{error}” contains several."
                    place = self._locate(piece, row, component.id)
                    report_fault(self.faults, InputError(message, place, "Write one of them."))
                cells = cells.set(wrong, None)

    def _lacks_key(self, piece: TextPiece, flow: Flow, frame: pl.DataFrame, *, deletion: bool) -> bool:
        structure = flow.structure
        lacking = next((name for name in structure.key if name not in self.header), "")
        observation_ids = [c.id for c in (*structure.measures, *structure.attributes("observation"))]
        has_values = any(frame[name].null_count() < frame.height for name in observation_ids if name in frame.columns)
        wrong = bool(lacking) and has_values and not deletion
        if wrong:
            hint = f"{flow.id} has the columns {', '.join(component.id for component in list_components(structure))}."
            report_fault(self.faults, InputError(f"The column {lacking} is missing.", Place(piece.name, line=1), hint))
        return wrong

    def _refuse_foreign(self, piece: TextPiece, flow: Flow, rows: pl.DataFrame) -> None:
        """Reject values in columns of another structure, which would be lost."""
        for name, column in self.header.columns.items():
            if name not in self.component_ids or name in flow.structure:
                continue
            cells = rows[str(column.index)]
            if cells.null_count() < cells.len():
                for row in cells.is_not_null().arg_true():
                    message = f"{flow.id} has no {name}, but the field contains “{cells[row]}”."
                    place = self._locate(piece, rows[ROW][row], name)
                    report_fault(self.faults, InputError(message, place, "Leave the field empty."))
