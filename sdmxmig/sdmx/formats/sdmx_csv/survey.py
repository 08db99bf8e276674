"""Survey of the columns of a table whose structure is unknown, and the locations of its values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import BinaryIO

import polars as pl

from sdmxmig.io.intake.incoming import KeptMessage
from sdmxmig.primitives.errors import DeclarationError, InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.faults import Faults, Sought, limit_places
from sdmxmig.sdmx.formats.flows import find_flow
from sdmxmig.sdmx.formats.sdmx_csv.columns import (
    DATAFLOW,
    FIXED_COLUMNS,
    HEADER,
    KINDS,
    LABEL,
    STRUCTURE,
    STRUCTURE_ID,
    STRUCTURE_NAME,
    V1_0,
    V2_0,
    V2_1,
    Column,
    TableHeader,
    parse_header,
)
from sdmxmig.sdmx.formats.sdmx_csv.text import BYTE_ORDER_MARK, decode_to_utf_8, open_text, read_piece_rows
from sdmxmig.sdmx.formats.surveyed import ID, MEASURE, TIMES, Survey, Surveyed
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.references import Ref

ROW_COLUMN = "#row"
MAX_PENDING = 8


def locate(message: KeptMessage, sought: Sequence[Sought], _: Mapping[str, Flow]) -> list[list[Place]]:
    """Return lines and columns of the values; values in no row get the place of the header."""
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


def find_candidates(rows: pl.DataFrame, pending: Mapping[int, Sought], header: TableHeader) -> list[int]:
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


def select_fitting(rows: pl.DataFrame, sought: Sought, header: TableHeader) -> list[int]:
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

    def survey(name: str, stream: BinaryIO, flows: Mapping[str, Flow]) -> Sequence[Surveyed]:
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


def build_surveyed(ref: Ref, header: TableHeader, columns: set[str], *, alone: bool) -> Surveyed:
    names = [name for name in header.columns if name not in FIXED_COLUMNS and (alone or name in columns)]
    measure_index = names.index(MEASURE) if MEASURE in names else len(names)
    surveyed = Surveyed(ref)
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
