"""Column names of records, and detection of misnamed ones."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from sdmxmig.catalogue.folders import shipped
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.records.files import opened
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.records import SIMULATED, RecordTable

OTHER_NAMES = "record_columns.toml"
"""Which other names a column has in the files of offices."""
ALIKE, LEAST_LETTERS = 0.88, 5
NAMELESS = "“”"
SHOWN, LONGEST = 20, 40
"""So many names are shown, and so many signs of each."""


def check_names(names: Sequence[str], table: RecordTable, file: str) -> None:
    """Reject missing or misnamed columns.

    Raises `InputError` with the expected name; quotes only names of other columns, since there may be no header.
    """
    missing = [name for name in table.needed if name not in names]
    if missing:
        likely = {column: [name for name in names if column in surely_meant(name, missing)] for column in missing}
        shown = [f"{column} ({quoted(likely[column])}?)" if likely[column] else column for column in missing]
        raise InputError(
            f"There is no column {', '.join(shown)}.",
            Place(file),
            f"A table of {table.name} has: {', '.join(table.needed)}.",
        )
    absent = [column.name for column in table.columns if column.name not in names]
    meant = {name: surely_meant(name, absent) or slips_of(name, absent) for name in others_in(names, table)}
    if any(meant.values()):
        listed = [f"{quoted([name])} ({', '.join(columns)}?)" for name, columns in meant.items() if columns]
        raise InputError(
            f"Columns would go unread under these names: {', '.join(listed)}.",
            Place(file),
            "Call each by the name that it is meant to have, in small letters; leave it out if it is something else.",
        )


def unread(names: Iterable[str], table: RecordTable) -> list[str]:
    return [name for name in others_in(names, table) if name != SIMULATED]


def unread_in(path: Path, table: RecordTable) -> str:
    names = unread(opened(path, table.needed).collect_schema().names(), table)
    return ", ".join(map(in_short, names[:SHOWN])) + (", …" if len(names) > SHOWN else "")


def others_in(names: Iterable[str], table: RecordTable) -> list[str]:
    declared = {column.name for column in table.columns}
    return [name for name in names if name not in declared]


def surely_meant(name: str, absent: Iterable[str]) -> list[str]:
    letters = letters_of(name)
    return [column for column in absent if letters and letters in {letters_of(column), *other_names().get(column, ())}]


def slips_of(name: str, absent: Iterable[str]) -> list[str]:
    letters = letters_of(name)
    columns = {letters_of(column): column for column in absent if len(column) >= LEAST_LETTERS}
    if len(letters) < LEAST_LETTERS:
        return []
    return [columns[alike] for alike in difflib.get_close_matches(letters, columns, n=1, cutoff=ALIKE)]


@cache
def other_names() -> dict[str, frozenset[str]]:
    declared = Declared.parse(OTHER_NAMES, (shipped("structures") / OTHER_NAMES).read_bytes()).table("others")
    return {column: frozenset(map(letters_of, declared.strings(column))) for column in declared.values}


def letters_of(name: str) -> str:
    """The letters and digits of the name of a column, small, without accents and without an s at its end.

    >>> letters_of("Birth dates"), letters_of("Décès")
    ('birthdate', 'dece')
    """
    parts = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(sign for sign in parts if sign.isalnum())
    return letters.removesuffix("s") if len(letters) > 1 else letters


def quoted(names: Iterable[str]) -> str:
    return ", ".join(f"“{in_short(name)}”" for name in names)


def in_short(name: str) -> str:
    seen = "".join(sign if sign.isprintable() else " " for sign in name) or NAMELESS
    return seen if len(seen) <= LONGEST else f"{seen[:LONGEST]}…"
