"""The door for tables of records: CSV or Parquet in, checked, and a Parquet file with the declared columns out.

What is wrong is told by numbers of rows; no cell is quoted, since any may say who somebody is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType

from sdmxmig.errors import InputError
from sdmxmig.lazily import pl
from sdmxmig.model.records import DOCUMENTS, PERSONS, Column, RecordTable
from sdmxmig.places import Place

SHOWN = 5
"""So many rows are named where something is wrong with them."""
TRUTHS = {"true": True, "false": False, "1": True, "0": False}
CODES = {"direction": ("ENTRY", "EXIT")}
"""Columns in which only these texts stand."""
NO_LISTS: Mapping[str, Collection[str]] = MappingProxyType({})
"""Where no codes are asked for."""
BEGIN, END = "begin", "end"
"""The columns of an interval, which ends on the day after its last night."""
ROW = "#row"
KINDS = {"text": "a text", "date": "a day such as 2024-01-31", "whole": "a whole number", "truth": "true or false"}


def taken_in(path: Path, table: RecordTable, folder: Path, codes: Mapping[str, Collection[str]] = NO_LISTS) -> Path:
    """A table of records with the declared columns and types, as a Parquet file in the folder.

    `codes` are the codes of lists by the id of the list; a cell of a column that has one of these lists is one of its
    codes, or empty. Raises `InputError` if the file is no such table: a needed column is missing, a cell is not what
    its column holds, an interval does not end after it begins; or if persons are named twice, or documents of two
    persons. Rows count from 1, without the header.
    """
    target = folder / f"{table.name}.parquet"
    try:
        scan = pl.scan_csv(path, infer_schema=False) if path.suffix.lower() == ".csv" else pl.scan_parquet(path)
        present = scan.collect_schema()
        missing = [name for name in table.needed if name not in present]
        if missing:
            raise InputError(
                f"There is no column {', '.join(missing)}.",
                Place(path.name),
                f"A table of {table.name} has: {', '.join(table.needed)}.",
            )
        columns = [column for column in table.columns if column.name in present]
        typed = scan.with_row_index(ROW, 1).with_columns(typed_cell(column, present[column.name]) for column in columns)
        check_cells(typed, columns, path.name)
        check_codes(typed, columns, path.name, codes)
        check_intervals(typed, columns, path.name)
        absent = {
            column.name: pl.lit(None, dtype=type_of(column)) for column in table.columns if column.name not in present
        }
        named = [pl.col(f"#{column.name}").alias(column.name) for column in columns]
        rows = typed.select(named).with_columns(**absent).select(column.name for column in table.columns)
        rows.sink_parquet(target)
        if table is PERSONS:
            check_persons(target, path.name)
        elif table is DOCUMENTS:
            check_documents(target, path.name)
    except pl.exceptions.PolarsError:
        raise InputError("This is no table of records.", Place(path.name), "Give a CSV or a Parquet file.") from None
    except OSError as error:
        raise InputError(f"It cannot be read: {error.strerror}.", Place(path.name), "Name a file.") from None
    return target


def check_persons(taken: Path, name: str) -> None:
    """Refuse a table that names a person twice: whatever happened to such a person would count twice."""
    again = pl.scan_parquet(taken).with_row_index(ROW, 1).filter(~pl.col("person").is_first_distinct())
    rows = again.select(ROW).collect()[ROW]
    if rows.len():
        listed = ", ".join(map(str, rows.head(SHOWN))) + (" …" if rows.len() > SHOWN else "")
        raise InputError(
            f"A person who is in an earlier row stands again in {rows.len():,} {'row' if rows.len() == 1 else 'rows'}: "
            f"{listed}.",
            Place(name),
            "Leave one row of each person; changes of citizenship have a table of their own.",
        )


def check_documents(taken: Path, name: str) -> None:
    """Refuse a table that gives a document to two persons: nobody knows whose its crossings are."""
    rows = pl.scan_parquet(taken).with_row_index(ROW, 1)
    other = pl.col("person") != pl.col("person").first().over("document", order_by=ROW)
    check_rows(rows, other, "A document that is another person's in an earlier row stands again", name)


def type_of(column: Column) -> pl.DataType:
    """The type in which a column is kept."""
    types = {"text": pl.String(), "date": pl.Date(), "whole": pl.Int64(), "truth": pl.Boolean()}
    return types[column.kind]


def typed_cell(column: Column, present: pl.DataType) -> pl.Expr:
    """A cell in its type, null where it is empty or cannot be; under its name with a #."""
    cell = pl.col(column.name)
    target = type_of(column)
    if present == target and present != pl.String():
        typed = cell
    elif present == pl.String():
        text = cell.str.strip_chars()
        text = pl.when(text != "").then(text)
        if column.kind == "date":
            typed = text.str.to_date("%Y-%m-%d", strict=False)
        elif column.kind == "truth":
            typed = text.str.to_lowercase().replace_strict(TRUTHS, default=None, return_dtype=pl.Boolean)
        else:
            typed = text.cast(target, strict=False)
    else:
        typed = cell.cast(target, strict=False)
    if column.name in CODES:
        typed = pl.when(typed.is_in(CODES[column.name])).then(typed)
    return typed.alias(f"#{column.name}")


def check_codes(typed: pl.LazyFrame, columns: list[Column], name: str, codes: Mapping[str, Collection[str]]) -> None:
    """Refuse texts that are no codes of the list of their column: they would stand in the figures that go out."""
    for column in columns:
        if column.codelist in codes and column.name not in CODES:
            cell = pl.col(f"#{column.name}")
            check_rows(
                typed,
                cell.is_not_null() & ~cell.is_in([*codes[column.codelist]]),
                f"{column.name} holds no code of {column.codelist}",
                name,
            )


def check_intervals(typed: pl.LazyFrame, columns: list[Column], name: str) -> None:
    """Refuse intervals that end before they begin, or on the same day: no night is in them."""
    if {BEGIN, END} <= {column.name for column in columns}:
        check_rows(typed, pl.col(f"#{END}") <= pl.col(f"#{BEGIN}"), f"{END} is not after {BEGIN}", name)


def check_cells(typed: pl.LazyFrame, columns: list[Column], name: str) -> None:
    """Refuse cells that are not what their columns hold, and empty ones where none may be; rows are named alone."""
    for column in columns:
        empty = pl.col(column.name).is_null() | (pl.col(column.name).cast(pl.String).str.strip_chars() == "")
        lost = pl.col(f"#{column.name}").is_null()
        wrong = lost if column.needed else lost & ~empty
        holds = " or ".join(CODES[column.name]) if column.name in CODES else KINDS[column.kind]
        check_rows(typed, wrong, f"{column.name} does not hold {holds}", name)


def check_rows(typed: pl.LazyFrame, wrong: pl.Expr, what: str, name: str) -> None:
    """Refuse rows of which something is wrong; some of them are named."""
    counted = typed.select(wrong.sum().alias("count"), pl.col(ROW).filter(wrong).head(SHOWN).implode().alias("rows"))
    count, rows = (column.item() for column in counted.collect())
    if count:
        listed = ", ".join(map(str, rows)) + (" …" if count > SHOWN else "")
        raise InputError(
            f"{what} in {count:,} {'row' if count == 1 else 'rows'}: {listed}.",
            Place(name),
            "Correct the rows, or leave them out and say so.",
        )
