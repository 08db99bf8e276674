"""SDMX-CSV to datasets; the columns of tables whose structure is unknown, and the places of their values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import BinaryIO

import polars as pl

from sdmxmig.io.intake.files import compute_ahead
from sdmxmig.io.intake.incoming import KeptMessage
from sdmxmig.primitives.errors import DeclarationError, InputError, UnknownStructure
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.duplicates import AttributeContradiction, AttributeHistory
from sdmxmig.sdmx.formats.faults import ALIKE_LIMIT, Deviation, Faults, SoughtValues, limit_places, report_fault
from sdmxmig.sdmx.formats.flows import OtherFlow, find_flow
from sdmxmig.sdmx.formats.names_in_data import ID, MEASURE, TIMES, Survey, SurveyedNames
from sdmxmig.sdmx.formats.sdmx_csv.columns import (
    ACTION,
    DATAFLOW,
    DELETE,
    DISABLED_VALUE,
    FIXED_COLUMNS,
    HEADER,
    KEYS,
    KINDS,
    LABEL,
    STRUCTURE,
    STRUCTURE_ID,
    STRUCTURE_NAME,
    V1_0,
    V2_0,
    V2_1,
    Column,
    CsvVersion,
    SeveralValuesError,
    TableHeader,
    list_components,
    parse_header,
    read_cells,
    refuse_misspelt,
)
from sdmxmig.sdmx.formats.sdmx_csv.rows import ROW, DatasetRows, find_reporting_rows, format_value
from sdmxmig.sdmx.formats.sdmx_csv.text import BYTE_ORDER_MARK, TextPiece, decode_to_utf_8, open_text, read_piece_rows
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.sdmx.model.references import Ref

BLOCK = 200_000
"""Maximum number of rows of a block."""
VALUE = "OBS_VALUE"
"""Never ignored as a custom column, since a structure without this measure would lose the values."""

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
        if not flow.inferred:
            self._compare_keys(piece, flow, frame, rows)
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
            except SeveralValuesError as error:
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

    def _compare_keys(self, piece: TextPiece, flow: Flow, frame: pl.DataFrame, rows: pl.DataFrame) -> None:
        """Report keys that differ from the dimensions of their row; the key of an observation adds its period."""
        for name in KEYS:
            if name in self.header and flow.structure.series_key:
                own_key = pl.concat_str(flow.structure.series_key, separator=".").alias(name)
                cells = rows[str(self.header.columns[name].index)].alias("cell")
                differs = ~(pl.col("cell") + ".").str.starts_with(pl.col(name) + ".")
                for row in frame.with_columns(own_key, cells).filter(differs)[ROW].head(ALIKE_LIMIT + 1):
                    message = f"{name} differs from the dimensions of its row, which were read."
                    report_fault(
                        self.faults, Deviation(message, self._locate(piece, row, name), "Correct one of them.")
                    )

    def _refuse_foreign(self, piece: TextPiece, flow: Flow, rows: pl.DataFrame) -> None:
        """Reject values in columns of another structure, which would be lost."""
        for name, column in self.header.columns.items():
            if name not in self.component_ids or name in flow.structure:
                continue
            alike = next((own.id for own in flow.structure.components if own.id.casefold() == name.casefold()), "")
            hint = f"Name the column {alike}." if alike and alike not in self.header else "Leave the field empty."
            cells = rows[str(column.index)]
            if cells.null_count() < cells.len():
                for row in cells.is_not_null().arg_true():
                    message = f"{flow.id} has no {name}, but the field contains “{cells[row]}”."
                    place = self._locate(piece, rows[ROW][row], name)
                    report_fault(self.faults, InputError(message, place, hint))


ROW_COLUMN = "#row"
MAX_PENDING = 8


def locate(message: KeptMessage, sought: Sequence[SoughtValues], _: Mapping[str, Flow]) -> list[list[Place]]:
    """Return lines and columns of the values; values that no row has get the place of the header."""
    passed, name = Faults(), message.name  # faults were listed when the file was read
    version = V1_0 if DATAFLOW.encode() in message.again().read(len(DATAFLOW) + len(BYTE_ORDER_MARK) + 1) else V2_0
    places_by_number: list[list[Place]] = [[] for _ in sought]
    pending = dict(enumerate(sought))
    try:
        texts, pieces = open_text(name, decode_to_utf_8(name, message.again(), passed), version)
        header = parse_header(
            name, texts, {part for values in sought for part in (values.component, *values.where)}, faults=passed
        )
        for piece in pieces:
            readable_piece, rows = read_piece_rows(piece, len(texts), passed)
            rows = rows.with_row_index(ROW_COLUMN)
            for number in find_candidates(rows, pending, header):
                target, places = pending[number], places_by_number[number]
                column = header.columns.get(target.component)
                for row in select_fitting(rows, target, header)[: target.skipped + target.most - len(places)]:
                    places.append(
                        Place(name, line=readable_piece.line_of(row), column=column.index + 1 if column else 0)
                    )
                if len(places) >= target.skipped + target.most:
                    del pending[number]
            if not pending:
                break
    except InputError:
        pass
    return [places or [Place(name, line=1)] for places in limit_places(sought, places_by_number)]


def find_candidates(rows: pl.DataFrame, pending: Mapping[int, SoughtValues], header: TableHeader) -> list[int]:
    """Find the values that may be in these rows, a quick filter for thousands of values and pieces."""
    if len(pending) <= MAX_PENDING:
        return list(pending)
    present: dict[str, set[str | None]] = {}
    numbers = []
    for number, target in pending.items():
        column = header.columns.get(target.component)
        if column is not None and not column.labelled and column.languages is None:
            name = str(column.index)
            if name not in present:
                present[name] = set(rows[name].unique().to_list())
            if target.where.get(target.component) not in present[name]:
                continue
        numbers.append(number)
    return numbers


def select_fitting(rows: pl.DataFrame, sought: SoughtValues, header: TableHeader) -> list[int]:
    conditions = []
    for component, value in sought.where.items():
        column = header.columns.get(component)
        if column is not None:
            conditions.append(build_match_expression(column, value, header.inner))
        elif value is not None:
            return []
    if not conditions or not rows.height:
        return []
    return rows.filter(conditions)[ROW_COLUMN].to_list()


def build_match_expression(column: Column, value: str | None, inner: str) -> pl.Expr:
    cells = pl.col(str(column.index))
    if value is None:
        return cells.is_null()
    if column.languages is not None:
        return cells.str.split(inner).list.contains(value).fill_null(value=False)
    plain = cells == value
    return (plain | cells.str.starts_with(f"{value}{LABEL}")).fill_null(value=False) if column.labelled else plain


VERSION_BY_FORMAT = {f"sdmx-csv-{version.id}": version for version in (V1_0, V2_0, V2_1)}
Named = tuple[str | None, ...]


def build_survey(form: str) -> Survey:
    version = VERSION_BY_FORMAT[form]

    def survey(name: str, stream: BinaryIO, flows: Mapping[str, Flow]) -> Sequence[SurveyedNames]:
        """List the columns of unknown structures, by the name in their rows.

        Columns before the measure are dimensions, those after it attributes; without a measure, roles are unknown. Of
        several structures, each has the columns that its rows fill.
        """
        columns_by_structure: dict[Named, set[str]] = {}
        try:
            texts, pieces = open_text(name, decode_to_utf_8(name, stream, Faults()), version)
            header = read_header_row(name, texts)
            for piece in pieces:
                _, rows = read_piece_rows(piece, len(texts), Faults())
                for named, columns in list_filled_columns(rows, header):
                    columns_by_structure.setdefault(named, set()).update(columns)
        except InputError:  # reading reports it
            pass
        surveyed = []
        for named, columns in columns_by_structure.items():
            ref = parse_ref(named, header)
            if ref is not None and not is_known(ref, flows):
                surveyed.append(build_surveyed(ref, header, columns, alone=len(columns_by_structure) == 1))
        return surveyed

    return survey


def read_header_row(name: str, texts: Sequence[str]) -> TableHeader:
    columns = [text for text in texts if text.partition("[")[0].partition(LABEL)[0] not in FIXED_COLUMNS]
    if STRUCTURE_NAME in texts:  # each component is followed by a column of names
        columns = columns[::2]
    named = (HEADER.fullmatch(text) for text in columns)
    component_ids = {match["id"] for match in named if match and ID.fullmatch(match["id"])}
    return parse_header(name, texts, component_ids, faults=Faults())


def list_filled_columns(rows: pl.DataFrame, header: TableHeader) -> Iterable[tuple[Named, set[str]]]:
    leading = [str(header.columns[name].index) for name in (STRUCTURE, STRUCTURE_ID, DATAFLOW) if name in header]
    if not rows.height or not leading:
        return
    for part in rows.partition_by(leading, maintain_order=True):
        filled_columns = {
            name for name, column in header.columns.items() if part[str(column.index)].null_count() < part.height
        }
        yield part.select(leading).row(0), filled_columns


def parse_ref(named: Named, header: TableHeader) -> Ref | None:
    kind = KINDS.get((named[0] or "").lower(), "") if STRUCTURE in header else "Dataflow"
    try:
        return Ref.parse((named[-1] or "").partition(LABEL)[0], kind=kind) if kind else None
    except DeclarationError:
        return None


def is_known(ref: Ref, flows: Mapping[str, Flow]) -> bool:
    try:
        return bool(find_flow(flows, ref))
    except InputError:
        return False


def build_surveyed(ref: Ref, header: TableHeader, columns: set[str], *, alone: bool) -> SurveyedNames:
    names = [name for name in header.columns if name not in FIXED_COLUMNS and (alone or name in columns)]
    measure_index = names.index(MEASURE) if MEASURE in names else len(names)
    surveyed = SurveyedNames(ref)
    key = [name for name in names[:measure_index] if name not in TIMES]
    surveyed.observations[tuple(names[: measure_index + 1])] = ()
    surveyed.observations[tuple(names)] = ()
    if MEASURE in names:
        surveyed.keys[tuple(key)] = ()
    for name in names:
        languages = header.columns[name].languages
        if languages is not None:
            (surveyed.languages if languages else surveyed.several).add(name)
    return surveyed
