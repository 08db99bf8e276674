"""Import of records from CSV or Parquet to checked Parquet. Errors name rows but never quote cells."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_uppercase
from types import MappingProxyType

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.areas import suggest_area
from sdmxmig.primitives.errors import InputError, SdmxmigError, did_you_mean
from sdmxmig.primitives.lazily import pl
from sdmxmig.records.files import (
    AREA_LIST,
    DOCUMENTS,
    PERSONS,
    SIGNS,
    SIMULATED,
    TABLES,
    TRAINING,
    Column,
    RecordTable,
    check_names,
    explain_read_error,
    number_rows,
    open_table,
)
from sdmxmig.records.rows import MAX_SHOWN, ROW, UNKNOWN, RowNumbers, describe_rows, locate_row
from sdmxmig.sdmx.model.data import Dataset

OWN_AREAS = frozenset({"AA", "ZZ", *(f"Q{letter}" for letter in "MNOPQRSTUVWXYZ"), *(f"X{x}" for x in ascii_uppercase)})
"""User-assigned country codes of ISO 3166-1, used for made-up countries."""
COUNTRIES, SOURCE_TYPES = "CL_AREA", "CL_SRC_TYPE"
TOTAL = "_T"
"""The code of the total, which no person has."""
UNCHECKED_LISTS = frozenset({"CL_ADM_ITEM", "CL_DIRECTION", "CL_RES_OUTCOME", "CL_DUR_BASIS", "CL_INTEG_METHOD"})
"""Project lists of columns, and lists of which tables use a few codes."""


def index_codes_by_list(catalogue: Catalogue) -> Mapping[str, frozenset[str]]:
    named = {column.codelist for table in TABLES for column in table.columns if column.codelist} - UNCHECKED_LISTS
    codes = {name: frozenset(catalogue.item_scheme(name).ids) for name in sorted(named)}
    return {name: (listed | OWN_AREAS if name == AREA_LIST else listed) - {TOTAL} for name, listed in codes.items()}


def check_area(area: str, catalogue: Catalogue) -> None:
    codelist = catalogue.item_scheme(COUNTRIES)
    if area not in {*codelist.ids, *OWN_AREAS}:
        raise SdmxmigError(f"“{area}” is not a code of {COUNTRIES}.", hint=suggest_area(area, codelist))


def check_source_type(code: str, catalogue: Catalogue) -> None:
    types = catalogue.item_scheme(SOURCE_TYPES)
    if code not in types:
        hint = did_you_mean(code, types.ids) or f"See: sdmxmig show {SOURCE_TYPES}"
        raise SdmxmigError(f"“{code}” is not a code of {SOURCE_TYPES}.", hint=hint)


TRUE_WORDS = ("true", "yes", "y", "1", "1.0")
FALSE_WORDS = ("false", "no", "n", "0", "0.0")


SIMULATION_NOTICE = "Simulated records: the persons do not exist, and the figures say nothing about a country"
DETAIL_COLUMN = "SOURCE_DETAIL"


def is_simulated(path: Path) -> bool:
    scan = open_table(path, [SIMULATED])
    return SIMULATED in scan.collect_schema() and has_simulation_mark(scan.select(SIMULATED).collect())


def has_simulation_mark(table: pl.DataFrame) -> bool:
    if SIMULATED not in table.columns:
        return False
    return bool(table[SIMULATED].cast(pl.String).str.strip_chars().str.to_lowercase().is_in(TRUE_WORDS).any())


def is_marked_simulated(dataset: Dataset) -> bool:
    if SIMULATION_NOTICE in dataset.attributes.get("COMMENT_DSET", ""):
        return True
    frames = [frame for frame in (dataset.observations, dataset.series) if DETAIL_COLUMN in frame.columns]
    begins = pl.col(DETAIL_COLUMN).cast(pl.String).str.starts_with(f"{SIMULATED} records: ")
    return any(frame.select(begins.any()).item() for frame in frames)


def has_simulated(paths: Iterable[Path]) -> bool:
    return any(is_simulated(path) for path in paths)


def mark_simulated(table: pl.DataFrame, *, simulated: bool) -> pl.DataFrame:
    return table.with_columns(pl.lit(value=True).alias(SIMULATED)) if simulated else table


BOOLEAN_WORDS = dict.fromkeys(TRUE_WORDS, True) | dict.fromkeys(FALSE_WORDS, False)
CODES = {"direction": ("ENTRY", "EXIT")}
"""The only texts allowed in these columns."""
NO_LISTS: Mapping[str, Collection[str]] = MappingProxyType({})
ENTRY_SEPARATOR = r"[;|,]"
MAX_LISTED_CODES = 12
BEGIN, END = "begin", "end"
"""The columns of an interval, which ends on the day after its last night."""
DATES_HINT = "Write days as 2024-01-31. In Excel, give the column the format yyyy-mm-dd, then save as “CSV UTF-8”."
KIND_NAMES = {"text": "a text", "date": "a day such as 2024-01-31", "whole": "a whole number", "truth": "true or false"}


def import_table(path: Path, table: RecordTable, folder: Path, codes: Mapping[str, Collection[str]] = NO_LISTS) -> Path:
    """Import a table with declared columns and types.

    `codes` are the allowed codes by codelist; ``_U`` counts as empty. Raises `InputError` for missing, misnamed or
    invalid columns and cells, invalid intervals and duplicate persons. Trailing blank rows are ignored.
    """
    target = folder / f"{table.name}.parquet"
    try:
        scan = open_table(path, table.needed)
        present = scan.collect_schema()
        check_names(present.names(), table, path.name)
        columns = [column for column in table.columns if column.name in present]
        typed = scan.with_row_index(ROW, 1).with_columns(
            convert_cell(column, present[column.name]) for column in columns
        )
        checks = [
            *build_cell_checks(columns),
            *build_code_checks(columns, codes),
            *build_interval_checks(columns),
        ]
        numbers = number_rows(path)
        try:
            check_rows(typed, checks, numbers)
        except InputError:  # look for trailing blank rows only then, since it takes another reading
            typed = drop_blank_end(typed, present)
            check_rows(typed, checks, numbers)
        absent = {
            column.name: pl.lit(None, dtype=choose_type(column))
            for column in table.columns
            if column.name not in present
        }
        named = [select_kept_cell(column) for column in columns]
        rows = typed.select(named).with_columns(**absent).select(column.name for column in table.columns)
        rows.sink_parquet(target)
        check_rows(pl.scan_parquet(target).with_row_index(ROW, 1), [*build_table_checks(table)], numbers)
    except pl.exceptions.PolarsError:
        raise explain_read_error(path, "table of records") from None
    return target


def drop_blank_end(typed: pl.LazyFrame, present: pl.Schema) -> pl.LazyFrame:
    filled = [
        pl.col(name).str.strip_chars() != "" if kind == pl.String else pl.col(name).is_not_null()
        for name, kind in present.items()
    ]
    last = typed.filter(pl.any_horizontal(filled)).select(pl.col(ROW).max()).collect(engine="streaming").item()
    return typed.filter(pl.col(ROW) <= (last or 0))


def choose_type(column: Column) -> pl.DataType:
    types = {"text": pl.String(), "date": pl.Date(), "whole": pl.Int64(), "truth": pl.Boolean()}
    return types[column.kind]


def convert_cell(column: Column, present: pl.DataType) -> pl.Expr:
    """Convert a cell to its type (null if empty or invalid) in a column named with ``#``."""
    cell = pl.col(column.name)
    if column.kind == "date" and present.is_temporal():
        typed = cell.cast(pl.Date, strict=False)
    elif column.kind == "whole" and present.is_numeric():
        typed = cell.cast(pl.Int64, strict=False)
        typed = pl.when(typed == cell).then(typed)  # fractions are not numbers of days
    else:
        typed = compute_typed_text(cell.cast(pl.String).str.strip_chars(), column)
    if column.name in CODES:
        typed = pl.when(typed.is_in(CODES[column.name])).then(typed)
    return typed.alias(f"#{column.name}")


def compute_typed_text(text: pl.Expr, column: Column) -> pl.Expr:
    text = pl.when(text != "").then(text)
    if column.kind == "date":
        return text.str.to_date("%Y-%m-%d", strict=False)
    if column.kind == "truth":
        return text.str.to_lowercase().replace_strict(BOOLEAN_WORDS, default=None, return_dtype=pl.Boolean)
    return text.cast(choose_type(column), strict=False)


def select_kept_cell(column: Column) -> pl.Expr:
    cell = pl.col(f"#{column.name}")
    if column.codelist and not column.needed:
        cell = pl.when(cell != UNKNOWN).then(cell)
    return cell.alias(column.name)


@dataclass(frozen=True, slots=True)
class Check:
    wrong: pl.Expr
    what: str
    hint: str = "Correct the rows, or remove them and document it."


def build_cell_checks(columns: list[Column]) -> Iterator[Check]:
    for column in columns:
        empty = pl.col(column.name).is_null() | (pl.col(column.name).cast(pl.String).str.strip_chars() == "")
        lost = pl.col(f"#{column.name}").is_null()
        holds = " or ".join(CODES[column.name]) if column.name in CODES else KIND_NAMES[column.kind]
        wrong, message = lost if column.needed else lost & ~empty, f"{column.name} is not {holds}"
        yield Check(wrong, message, hint=DATES_HINT) if column.kind == "date" else Check(wrong, message)


def split_entries(column: str) -> pl.Expr:
    parts = pl.col(column).str.replace_all(ENTRY_SEPARATOR, ";").str.split(";")
    parts = parts.list.eval(pl.element().str.strip_chars())
    return parts.list.eval(pl.element().filter(pl.element() != ""))


def build_code_checks(columns: list[Column], codes: Mapping[str, Collection[str]]) -> Iterator[Check]:
    for column in columns:
        if column.codelist in codes and column.name not in CODES:
            cell, listed = pl.col(f"#{column.name}"), [*codes[column.codelist]]
            fitting = cell.is_in(listed)
            if column.several:
                fitting = split_entries(f"#{column.name}").list.eval(pl.element().is_in(listed)).list.all()
            few = len(listed) <= MAX_LISTED_CODES
            hint = f"Use one of: {', '.join(sorted(listed))}." if few else f"See: sdmxmig show {column.codelist}"
            yield Check(cell.is_not_null() & ~fitting, f"{column.name} is not a code of {column.codelist}", hint=hint)


def build_interval_checks(columns: list[Column]) -> Iterator[Check]:
    if {BEGIN, END} <= {column.name for column in columns}:
        yield Check(pl.col(f"#{END}") <= pl.col(f"#{BEGIN}"), f"{END} is not after {BEGIN}")


def build_table_checks(table: RecordTable) -> Iterator[Check]:
    if table is PERSONS:
        hint = "Keep one row for each person. Changes of citizenship have a separate table."
        yield Check(pl.col("person").is_duplicated(), "A person is listed more than once", hint=hint)
    elif table is DOCUMENTS:
        other = pl.col("person") != pl.col("person").first().over("document", order_by=ROW)
        yield Check(other, "A document belongs to two persons")
    elif table is SIGNS:
        yield Check(pl.col("date").dt.year() != pl.col("year"), "year differs from the year of date")
    elif table is TRAINING:
        what = "resident is true, and left has a day on which the person left for good"
        yield Check(pl.col("resident") & pl.col("left").is_not_null(), what)


def check_rows(typed: pl.LazyFrame, checks: Sequence[Check], numbers: RowNumbers) -> None:
    if not checks:
        return
    counted = typed.select(check.wrong.sum().alias(str(place)) for place, check in enumerate(checks))
    for check, count in zip(checks, counted.collect(engine="streaming").row(0), strict=True):
        if count:
            rows = typed.filter(check.wrong).select(pl.col(ROW).head(MAX_SHOWN)).collect()[ROW]
            message = f"{check.what} in {describe_rows(rows, count, numbers)}."
            raise InputError(message, locate_row(rows[0], numbers), check.hint)
