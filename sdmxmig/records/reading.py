"""The door for tables of records: CSV or Parquet in, checked, and a Parquet file with the declared columns out.

What is wrong is told by numbers of rows; no cell is quoted, since any may say who somebody is.
"""

from __future__ import annotations

from pathlib import Path

from sdmxmig.errors import InputError
from sdmxmig.lazily import pl
from sdmxmig.model.records import PERSONS, Column, RecordTable
from sdmxmig.places import Place

SHOWN = 5
"""So many rows are named where something is wrong with them."""
TRUTHS = {"true": True, "false": False, "1": True, "0": False}
CODES = {"direction": ("ENTRY", "EXIT")}
"""Columns in which only these texts stand."""
ROW = "#row"
KINDS = {"text": "a text", "date": "a day such as 2024-01-31", "whole": "a whole number", "truth": "true or false"}


def taken_in(path: Path, table: RecordTable, folder: Path) -> Path:
    """A table of records with the declared columns and types, as a Parquet file in the folder.

    Raises `InputError` if the file is no such table: a needed column is missing, or a cell is not what its column
    holds; or if persons are named twice. Rows count from 1, without the header.
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
        absent = {
            column.name: pl.lit(None, dtype=type_of(column)) for column in table.columns if column.name not in present
        }
        named = [pl.col(f"#{column.name}").alias(column.name) for column in columns]
        rows = typed.select(named).with_columns(**absent).select(column.name for column in table.columns)
        rows.sink_parquet(target)
        if table is PERSONS:
            check_persons(target, path.name)
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


def check_cells(typed: pl.LazyFrame, columns: list[Column], name: str) -> None:
    """Refuse cells that are not what their columns hold, and empty ones where none may be; rows are named alone."""
    for column in columns:
        empty = pl.col(column.name).is_null() | (pl.col(column.name).cast(pl.String).str.strip_chars() == "")
        lost = pl.col(f"#{column.name}").is_null()
        wrong = lost if column.needed else lost & ~empty
        counted = typed.select(
            wrong.sum().alias("count"),
            pl.col(ROW).filter(wrong).head(SHOWN).implode().alias("rows"),
        ).collect()
        count, rows = counted["count"].item(), counted["rows"].item()
        if count:
            holds = " or ".join(CODES[column.name]) if column.name in CODES else KINDS[column.kind]
            listed = ", ".join(map(str, rows)) + (" …" if count > SHOWN else "")
            raise InputError(
                f"{column.name} does not hold {holds} in {count:,} {'row' if count == 1 else 'rows'}: {listed}.",
                Place(name),
                "Correct the rows, or leave them out and say so.",
            )
