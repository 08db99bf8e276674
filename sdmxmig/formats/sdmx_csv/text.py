"""The text of a CSV file as a table of text: encoding, quotation marks and row lengths are checked, with lines."""

from __future__ import annotations

import csv
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from sdmxmig.errors import InputError
from sdmxmig.places import Place

LINE = "line number"
"""The column that says in which line of the file a row begins; no component can have a name with a blank."""

SEPARATORS = (",", ";")
OTHER_ENCODINGS = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))
QUOTE, LINE_FEED, RETURN = ord('"'), ord("\n"), ord("\r")
SAVE_AS_UTF8 = "Save it as UTF-8; spreadsheets call it “CSV UTF-8”."

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class CsvText:
    """A table read as text: its column names, and its rows with the column LINE; a null is an empty field."""

    header: tuple[str, ...]
    rows: pl.DataFrame


def read_text(name: str, content: bytes) -> CsvText:
    """Read the text of an SDMX-CSV file; a byte order mark is fine, comma and semicolon are known.

    Raises `InputError` with line and column for another encoding, an unknown first column, quotation marks that do
    not match, a repeated column, and rows of other length than the header.
    """
    content = utf8(name, content).rstrip(b"\r\n") + b"\n"
    separator = separator_of(name, content)
    lines, fields = records(name, content, separator)
    first = content[: content.index(b"\n")].decode()
    header = tuple(next(csv.reader([first], delimiter=separator)))
    for index, column in enumerate(header):
        if column in header[:index]:
            raise InputError(f"The column “{column}” stands twice.", Place(name, line=1, column=index + 1))
    ragged = np.flatnonzero(fields != len(header))
    if ragged.size:
        row = int(ragged[0])
        what = f"Fields in this row: {fields[row]}; columns: {len(header)}."
        raise InputError(what, Place(name, line=int(lines[row])), "Every row needs one field for each column.")
    rows = pl.read_csv(
        content, schema=dict.fromkeys(header, pl.String), separator=separator, quote_char='"', encoding="utf8"
    )
    return CsvText(header, rows.with_columns(pl.Series(LINE, lines[1:])))


def utf8(name: str, content: bytes) -> bytes:
    """The bytes without a byte order mark; refuses everything but UTF-8."""
    for mark, encoding in OTHER_ENCODINGS:
        if content.startswith(mark):
            raise InputError(f"This file is in {encoding}.", Place(name, line=1), SAVE_AS_UTF8)
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        content.decode()
    except UnicodeDecodeError as error:
        before = content[: error.start]
        column = error.start - before.rfind(b"\n")
        place = Place(name, line=before.count(b"\n") + 1, column=column)
        raise InputError("This file is not in UTF-8.", place, SAVE_AS_UTF8) from None
    return content


def separator_of(name: str, content: bytes) -> str:
    """The character after the first column's name, which the standard fixes."""
    start = content[:100].decode(errors="replace").replace('"', "")
    if start.startswith("STRUCTURE["):
        hint = "Write one value in a field."
        raise InputError("Several values in one field are not read yet.", Place(name, line=1, column=1), hint)
    for separator in SEPARATORS:
        if start.startswith(f"STRUCTURE{separator}"):
            return separator
    hint = "The first column of SDMX-CSV 2.0 is STRUCTURE."
    if start.startswith("DATAFLOW"):
        hint += " This looks like SDMX-CSV 1.0."
    raise InputError("This is not SDMX-CSV 2.0.", Place(name, line=1, column=1), hint)


def records(name: str, content: bytes, separator: str) -> tuple[Positions, Positions]:
    """The line in which each record begins, and the number of its fields; the header is the first record.

    A field in quotation marks may hold separators and line ends, so both are counted outside of them only.
    """
    text = np.frombuffer(content, dtype=np.uint8)
    # Bytes overflow at 256, which does not change whether the number of quotation marks so far is odd.
    inside = (np.cumsum(text == QUOTE, dtype=np.uint8) & 1).astype(bool)
    line_ends = np.flatnonzero(text == LINE_FEED)
    check_quotes(name, text, inside, line_ends, separator)
    ends = line_ends[~inside[line_ends]]
    starts = np.concatenate(([0], ends[:-1] + 1))
    lines = np.searchsorted(line_ends, starts) + 1
    separators = np.flatnonzero((text == ord(separator)) & ~inside)
    fields = np.searchsorted(separators, ends) - np.searchsorted(separators, starts) + 1
    return lines, fields


def check_quotes(
    name: str, text: npt.NDArray[np.uint8], inside: npt.NDArray[np.bool_], line_ends: Positions, separator: str
) -> None:
    """Refuse quotation marks that neither begin nor end a field and are not doubled either (RFC 4180)."""
    quotes = np.flatnonzero(text == QUOTE)
    opening, closing = quotes[inside[quotes]], quotes[~inside[quotes]]
    around = [ord(separator), LINE_FEED, QUOTE]
    wrong_start = opening[(opening > 0) & ~np.isin(text[opening - 1], around)]
    wrong_end = closing[~np.isin(text[closing + 1], [*around, RETURN])]
    wrong = [int(found[0]) for found in (wrong_start, wrong_end) if found.size]
    if not wrong and inside[-1]:
        wrong = [int(opening[-1])]
    if wrong:
        position = min(wrong)
        line = int(np.searchsorted(line_ends, position))
        column = position - (int(line_ends[line - 1]) if line else -1)
        hint = "A field with quotation marks stands in quotation marks, with those inside it doubled."
        raise InputError("This quotation mark has no partner.", Place(name, line=line + 1, column=column), hint)
