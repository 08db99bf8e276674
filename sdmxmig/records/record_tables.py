"""Tables of person records and their columns, declared in ``structures/record_tables.csv``.

A table is a Parquet or CSV file with the columns of a `RecordTable`; further columns are ignored and reported. `person`
is a pseudonym; names and numbers are only in `identities`, for linkage. Intervals include the first day and exclude the
last, so nights are the difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Literal, cast

from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.primitives.text import read_csv_rows

TABLES_FILE = "record_tables.csv"
AREA_LIST = "CL_PARTNER"
"""The codelist of countries of birth, citizenship and residence, with unknown and stateless."""
SIMULATED = "simulated"
"""The column that marks simulated persons; derived tables keep it."""
Kind = Literal["text", "date", "whole", "truth"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table of records.

    `needed` columns are required and never empty; `several` allows values separated by semicolons.
    """

    name: str
    kind: Kind
    _: KW_ONLY
    description: str
    codelist: str = ""
    needed: bool = False
    several: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTable:
    name: str
    row: str
    columns: tuple[Column, ...]

    @property
    def needed(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.needed)


def read_tables() -> dict[str, RecordTable]:
    """Read the tables by name; a row without a column describes the table itself."""
    rows = read_csv_rows(find_shipped_folder("structures") / TABLES_FILE)
    return {
        table["table"]: RecordTable(
            name=table["table"],
            row=table["description"],
            columns=tuple(read_column(row) for row in rows if row["table"] == table["table"] and row["column"]),
        )
        for table in rows
        if not table["column"]
    }


def read_column(row: Mapping[str, str]) -> Column:
    return Column(
        row["column"],
        cast(Kind, row["kind"]),
        description=row["description"],
        codelist=row["codelist"],
        needed=bool(row["needed"]),
        several=bool(row["several"]),
    )


TABLE_BY_NAME = read_tables()
MOVEMENTS = TABLE_BY_NAME["movements"]
PERSONS = TABLE_BY_NAME["persons"]
CITIZENSHIPS = TABLE_BY_NAME["citizenships"]
PERMITS = TABLE_BY_NAME["permits"]
NIGHTS = TABLE_BY_NAME["nights"]
DOCUMENTS = TABLE_BY_NAME["documents"]
IDENTITIES = TABLE_BY_NAME["identities"]
SIGNS = TABLE_BY_NAME["signs"]
LINKS = TABLE_BY_NAME["links"]
LISTED = TABLE_BY_NAME["listed"]
TRAINING = TABLE_BY_NAME["training"]
LINKAGE_ERRORS = TABLE_BY_NAME["linkage_errors"]
TABLES = tuple(table for table in TABLE_BY_NAME.values() if table is not LINKAGE_ERRORS)
