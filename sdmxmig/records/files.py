"""Tables of person records, declared in ``structures/record_tables.csv``, and their files, identified by content.

Errors never quote cells, which may be confidential.
"""

from __future__ import annotations

import codecs
import csv
import difflib
import io
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast

from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.io.encodings import BYTE_ORDER_MARKS, detect_wide_codec, find_named_delimiter
from sdmxmig.io.intake.files import FOREIGN_FORMATS, open_file
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import read_csv_rows
from sdmxmig.records.rows import LINE, RowNumbers, compute_shown_number, locate_row
from sdmxmig.sdmx.declarations import Declared

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


PARQUET_MAGIC = b"PAR1"
PACKED_MAGICS = (
    (b"PK\x03\x04", "a workbook or another packed file"),
    (b"\xd0\xcf\x11\xe0", "an old workbook or document"),
)
SEPARATORS = (",", ";", "\t", "|")
HEAD_BYTES, CHUNK = 1 << 16, 1 << 20
FORMAT_HINT = "Give a CSV or a Parquet file."
SAVE_AS_CSV = "Save its sheet as CSV, which Excel calls “CSV UTF-8”."
SAVE_AS_UTF_8 = "Save it as UTF-8, which Excel calls “CSV UTF-8”."


def open_table(path: Path, needed: Sequence[str] = ()) -> pl.LazyFrame:
    """Open a Parquet or delimited text file with all cells as text.

    The delimiter is detected from the `needed` columns. Raises `InputError` for unreadable files, other formats and
    duplicate columns.
    """
    head = read_head(path)
    if head.startswith(PARQUET_MAGIC):
        return pl.scan_parquet(path)
    refuse_other_files(path.name, head)
    separator, skipped, names = read_header(head, needed)
    refuse_same_names(names, path.name)
    scan = pl.scan_csv(path, infer_schema=False, separator=separator, skip_lines=skipped)
    blank = {name: name.strip() for name in scan.collect_schema().names() if name != name.strip()}
    return scan.rename(blank) if blank else scan


def read_head(path: Path) -> bytes:
    with open_file(path) as file:
        return file.read(HEAD_BYTES)


def number_rows(path: Path) -> RowNumbers:
    head = read_head(path)
    if head.startswith(PARQUET_MAGIC):
        return RowNumbers(file=path.name)
    _, skipped, _ = read_header(head)
    return RowNumbers(file=path.name, first=skipped + 2, noun=LINE)


def read_header(head: bytes, needed: Sequence[str] = ()) -> tuple[str, int, list[str]]:
    text = head.decode("utf-8", errors="replace").removeprefix("\ufeff")
    named = find_named_delimiter(text)
    skipped, lines = 1 if named else 0, text.split("\n")
    while len(lines) > skipped + 1 and not lines[skipped].strip("\r"):
        skipped += 1
    text = "\n".join(lines[skipped:])
    separator = named or detect_separator(lines[skipped].rstrip("\r"), needed)
    names = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
    return separator, skipped, [name.strip() for name in names]


def refuse_same_names(names: Sequence[str], file: str) -> None:
    for number, name in enumerate(names):
        if name and name in names[:number]:
            raise InputError(
                f"Columns {names.index(name) + 1} and {number + 1} have the same name.",
                Place(file),
                "Leave out one of them, or give it another name.",
            )


def detect_separator(header: str, needed: Sequence[str]) -> str:
    """Return a delimiter that gives the needed columns, else several columns, else a comma.

    >>> detect_separator("record;given_name", ["record"]), detect_separator("Name;Sex", ["name"])
    (';', ';')
    >>> detect_separator("x", ["name"])
    ','
    """
    for separator in SEPARATORS:
        columns = [name.strip() for name in next(csv.reader([header], delimiter=separator), [])]
        if len(columns) > 1 and set(needed) <= set(columns):
            return separator
    return detect_separator(header, ()) if needed else SEPARATORS[0]


def refuse_other_files(name: str, head: bytes) -> None:
    """Raise `InputError` with the file type if a file does not begin with UTF-8 text."""
    if not head:
        raise InputError("The file is empty.", Place(name), FORMAT_HINT)
    for magic, what in PACKED_MAGICS:
        if head.startswith(magic):
            raise InputError(f"This is {what}, not a table of records.", Place(name), SAVE_AS_CSV)
    for magic, what, _ in FOREIGN_FORMATS:
        if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(magic):
            raise InputError(f"This is {what}, not a table of records.", Place(name), FORMAT_HINT)
    marked = next((codec for mark, codec in BYTE_ORDER_MARKS if head.startswith(mark)), "")
    if codec := (marked if marked != "utf-8" else "") or detect_wide_codec(head):
        raise InputError(f"This is a text in {codec.upper()}, not in UTF-8.", Place(name), SAVE_AS_UTF_8)
    if b"\r" in head.partition(b"\n")[0].rstrip(b"\r\n"):
        raise InputError("Its lines end in carriage returns alone.", Place(name), SAVE_AS_UTF_8)
    if b"\0" in head:
        raise InputError("This is not text: it contains NUL bytes.", Place(name), FORMAT_HINT)


def refuse_other_encodings(path: Path) -> None:
    decoder, line = codecs.getincrementaldecoder("utf-8")(), 1
    with path.open("rb") as file:
        if file.read(len(PARQUET_MAGIC)) == PARQUET_MAGIC:
            return
        file.seek(0)
        while chunk := file.read(CHUNK):
            try:
                line += decoder.decode(chunk).count("\n")
            except UnicodeDecodeError as error:
                line += chunk[: error.start].count(b"\n")
                message = f"The text is not in UTF-8, as line {line} shows."
                raise InputError(message, Place(path.name, line=line), SAVE_AS_UTF_8) from None


def explain_read_error(path: Path, what: str = "table") -> InputError:
    try:
        refuse_other_encodings(path)
        refuse_longer_rows(path)
    except InputError as error:
        return error
    return InputError(f"This is not a {what}.", Place(path.name), FORMAT_HINT)


def refuse_longer_rows(path: Path) -> None:
    """Raise `InputError` for the first unterminated row or row with more cells than columns."""
    head = read_head(path)
    if head.startswith(PARQUET_MAGIC):
        return
    separator, skipped, names = read_header(head)
    numbers, number = number_rows(path), -skipped - 1
    with path.open(encoding="utf-8-sig", newline="") as lines:
        try:
            for number, row in enumerate(csv.reader(lines, delimiter=separator, strict=True), -skipped):
                if number > 0 and len(row) > len(names):
                    raise InputError(
                        f"Line {compute_shown_number(number, numbers)} has {len(row)} cells, but there are "
                        f"{len(names)} columns.",
                        locate_row(number, numbers),
                        "Correct the line: put texts that contain the delimiter in quotation marks.",
                    )
        except csv.Error:
            line = compute_shown_number(number + 1, numbers)
            message = f"Line {line} has no end: a quotation mark in it is not closed, or not doubled within a text."
            hint = "Correct the line; the one before it can be read."
            raise InputError(message, locate_row(number + 1, numbers), hint) from None


COLUMN_NAMES_FILE = "record_columns.toml"
ALIKE, MIN_LETTERS = 0.88, 5
NAMELESS_COLUMN = "“”"
MAX_SHOWN, MAX_SHOWN_LETTERS = 20, 40
"""Maximum number of names shown, and of signs of each."""


def check_names(names: Sequence[str], table: RecordTable, file: str) -> None:
    missing = [name for name in table.needed if name not in names]
    if missing:
        likely = {
            column: [name for name in names if column in find_likely_columns(name, missing)] for column in missing
        }
        shown = [f"“{name}” ({quote_names(likely[name])}?)" if likely[name] else f"“{name}”" for name in missing]
        there = [name for name in table.needed if name in names]
        raise InputError(
            f"There is no column {' or '.join(filter(None, (', '.join(shown[:-1]), shown[-1])))}.",
            Place(file),
            f"A table of {table.name} has: {', '.join(table.needed)}. "
            f"The file has: {', '.join(there) or 'none of them'}.{describe_other_table(names)}",
        )
    absent = [column.name for column in table.columns if column.name not in names]
    meant = {
        name: find_likely_columns(name, absent) or find_misspelt_columns(name, absent)
        for name in find_other_columns(names, table)
    }
    if any(meant.values()):
        listed = [f"{quote_names([name])} ({', '.join(columns)}?)" for name, columns in meant.items() if columns]
        raise InputError(
            f"These columns would be ignored: {', '.join(listed)}.",
            Place(file),
            "Rename each to the column in parentheses, in lower case. Remove columns with other contents.",
        )


def describe_other_table(names: Sequence[str]) -> str:
    """Name the table that has these columns, if the file was given for another one."""
    given = {*names} - {SIMULATED}
    for other in TABLES:
        if {*other.needed} <= given <= {column.name for column in other.columns}:
            return f" The file has the columns of {other.name}: check whether you swapped two files."
    return ""


def find_unread_columns(names: Iterable[str], table: RecordTable) -> list[str]:
    return [name for name in find_other_columns(names, table) if name != SIMULATED]


def describe_unread_columns(path: Path, table: RecordTable) -> str:
    names = find_unread_columns(open_table(path, table.needed).collect_schema().names(), table)
    return ", ".join(map(shorten_name, names[:MAX_SHOWN])) + (", …" if len(names) > MAX_SHOWN else "")


def find_other_columns(names: Iterable[str], table: RecordTable) -> list[str]:
    declared = {column.name for column in table.columns}
    return [name for name in names if name not in declared]


def find_likely_columns(name: str, absent: Iterable[str]) -> list[str]:
    letters = normalise_name(name)
    return [
        column
        for column in absent
        if letters and letters in {normalise_name(column), *read_other_names().get(column, ())}
    ]


def find_misspelt_columns(name: str, absent: Iterable[str]) -> list[str]:
    letters = normalise_name(name)
    columns = {normalise_name(column): column for column in absent if len(column) >= MIN_LETTERS}
    if len(letters) < MIN_LETTERS:
        return []
    return [columns[alike] for alike in difflib.get_close_matches(letters, columns, n=1, cutoff=ALIKE)]


@cache
def read_other_names() -> dict[str, frozenset[str]]:
    declared = Declared.parse(
        COLUMN_NAMES_FILE, (find_shipped_folder("structures") / COLUMN_NAMES_FILE).read_bytes()
    ).table("others")
    return {column: frozenset(map(normalise_name, declared.strings(column))) for column in declared.values}


def normalise_name(name: str) -> str:
    """Normalise a column name to lower-case letters and digits, without accents or plural s.

    >>> normalise_name("Birth dates"), normalise_name("Décès")
    ('birthdate', 'dece')
    """
    parts = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(sign for sign in parts if sign.isalnum())
    return letters.removesuffix("s") if len(letters) > 1 else letters


def quote_names(names: Iterable[str]) -> str:
    return ", ".join(f"“{shorten_name(name)}”" for name in names)


def shorten_name(name: str) -> str:
    seen = "".join(sign if sign.isprintable() else " " for sign in name) or NAMELESS_COLUMN
    return seen if len(seen) <= MAX_SHOWN_LETTERS else f"{seen[:MAX_SHOWN_LETTERS]}…"
