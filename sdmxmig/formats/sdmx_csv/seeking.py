"""Where values stand in a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from sdmxmig.errors import InputError
from sdmxmig.formats.faults import Faults
from sdmxmig.formats.sdmx_csv.columns import Column, Header, parse_header
from sdmxmig.formats.sdmx_csv.leniency import in_utf_8, readable
from sdmxmig.formats.sdmx_csv.text import BYTE_ORDER_MARK, open_text
from sdmxmig.formats.sdmx_csv.versions import DATAFLOW, LABEL, V1_0, V2_0
from sdmxmig.formats.seeking import Sought, told
from sdmxmig.intake.incoming import KeptMessage
from sdmxmig.model.data import Flow
from sdmxmig.places import Place

ROW = "#row"
FEW = 8


def seek(message: KeptMessage, sought: Sequence[Sought], _: Mapping[str, Flow]) -> list[list[Place]]:
    """The lines and columns of what is sought; what stands in no row is at the header."""
    passed, name = Faults(), message.name  # faults were told when the file was read
    version = V1_0 if DATAFLOW.encode() in message.again().read(len(DATAFLOW) + len(BYTE_ORDER_MARK) + 1) else V2_0
    found: list[list[Place]] = [[] for _ in sought]
    wanted = dict(enumerate(sought))
    try:
        texts, pieces = open_text(name, in_utf_8(name, message.again(), passed), version)
        header = parse_header(
            name, texts, {part for one in sought for part in (one.component, *one.where)}, faults=passed
        )
        for piece in pieces:
            own, rows = readable(piece, len(texts), passed)
            rows = rows.with_row_index(ROW)
            for number in here(rows, wanted, header):
                one, places = wanted[number], found[number]
                column = header.columns.get(one.component)
                for row in fitting(rows, one, header)[: one.skipped + one.most - len(places)]:
                    places.append(Place(name, line=own.line_of(row), column=column.index + 1 if column else 0))
                if len(places) >= one.skipped + one.most:
                    del wanted[number]
            if not wanted:
                break
    except InputError:
        pass
    return [places or [Place(name, line=1)] for places in told(sought, found)]


def here(rows: pl.DataFrame, wanted: Mapping[int, Sought], header: Header) -> list[int]:
    """The numbers of what may stand in these rows: of its values, at least that of its component stands there.

    There may be thousands of things to seek and thousands of pieces to seek them in.
    """
    if len(wanted) <= FEW:
        return list(wanted)
    present: dict[str, set[str | None]] = {}
    found = []
    for number, one in wanted.items():
        column = header.columns.get(one.component)
        if column is not None and not column.labelled and column.languages is None:
            name = str(column.index)
            if name not in present:
                present[name] = set(rows[name].unique().to_list())
            if one.where.get(one.component) not in present[name]:
                continue
        found.append(number)
    return found


def fitting(rows: pl.DataFrame, sought: Sought, header: Header) -> list[int]:
    """The numbers of the rows in which all values stand."""
    conditions = []
    for component, value in sought.where.items():
        column = header.columns.get(component)
        if column is not None:
            conditions.append(holds(column, value, header.inner))
        elif value is not None:
            return []
    if not conditions or not rows.height:
        return []
    return rows.filter(conditions)[ROW].to_list()


def holds(column: Column, value: str | None, inner: str) -> pl.Expr:
    """Whether a field has a value, alone, with its label, or among others."""
    cells = pl.col(str(column.index))
    if value is None:
        return cells.is_null()
    if column.languages is not None:
        return cells.str.split(inner).list.contains(value).fill_null(value=False)
    plain = cells == value
    return (plain | cells.str.starts_with(f"{value}{LABEL}")).fill_null(value=False) if column.labelled else plain
