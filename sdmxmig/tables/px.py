"""PC-Axis files (.px): the cube as a person sees it, and all that the file says of it.

A file gives two tables. The sheet ``data`` has the variables of HEADING in its first rows and those of STUB in its
first columns; a variable with CODES (or TIMEVAL) has a line of them before that of its VALUES. Numbers stand in the
file as one row after the other, wherever its lines end: with h rows and s columns of labels and w numbers in a row,
the number n of DATA, counted from 0, is the cell in row h + 1 + n // w and column s + 1 + n % w. Where the file names
its rows (KEYS), each is at the place of its keys, and rows that the file leaves out have no cells. Labels are in the
language of the file.

The sheet ``keywords`` has one row for each value of each statement, in all languages: keyword, language, line of the
file, value, and what the statement is about. Notes (CELLNOTE, VALUENOTE, NOTE and their kin) hang on their cells too: a
note of a value on the first label of it, a note of a variable on its name, a note of the whole on the first cell.

Source: Statistics Sweden, PC-Axis file format specification, version 2013.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from math import prod
from typing import TYPE_CHECKING

from sdmxmig.errors import InputError
from sdmxmig.frames import CellColumns
from sdmxmig.intake.files import SAVE_AGAIN
from sdmxmig.model.tables import KINDS, Table
from sdmxmig.places import Place
from sdmxmig.tables import READERS, Reader
from sdmxmig.tables.encodings import encoding_of
from sdmxmig.tables.px_cube import Cube, Variable, cube_of
from sdmxmig.tables.px_notes import notes_of
from sdmxmig.tables.px_statements import Statement, statements

if TYPE_CHECKING:
    import polars as pl

FIRST = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:CHARSET|AXIS-VERSION|CODEPAGE|LANGUAGES?|CREATION-DATE|SUBJECT-(?:AREA|CODE)|MATRIX|TITLE)"
    rb'(?:\[[^\]]{1,20}\])?\s*=\s*["A-Z]',
    re.IGNORECASE,
)
CODEPAGE = re.compile(rb'(?:^|[;\r\n])\s*CODEPAGE\s*=\s*"([A-Za-z0-9_.: -]{1,40})"', re.IGNORECASE)
LOOK_AT = 1 << 16
ENTRY = r'"[^"]*"|[^\s,;"]+'
NUMBER = r"^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$"
COLUMNS = ("KEYWORD", "LANGUAGE", "LINE", "VALUE", "ABOUT")


def recognises(content: bytes) -> bool:
    """Whether a file begins as those of PC-Axis do."""
    return bool(FIRST.match(content[:LOOK_AT]))


def read(name: str, content: bytes) -> tuple[Table, ...]:
    """Read a PC-Axis file as the tables ``data`` and ``keywords``.

    Raises `InputError`, with the line, for what is no statement, for a variable without values, for text in another
    encoding than the file says, and if there are more or fewer numbers than values.
    """
    encoding, text = decoded(name, content)
    found, begin = statements(name, text)
    cube = cube_of(name, found)
    numbers = numbers_of(name, cube, text[begin:])
    line = text.count("\n", 0, begin) + 1
    said = [("encoding", encoding), ("DATA begin in line", str(line))]
    missing = cube.height - numbers["row"].n_unique()
    if missing:
        said.append(("rows that the file leaves out", str(missing)))
    import polars as pl

    cells = pl.concat([labels_of(cube), numbers]).sort("row", "column")
    data = Table(name, "data", cells, notes=notes_of(cube, found), said=tuple(said))
    return data, Table(name, "keywords", keywords_of(found))


def decoded(name: str, content: bytes) -> tuple[str, str]:
    """The name of the encoding, and the text: as the file says, else by its letters."""
    stated = CODEPAGE.search(content[:LOOK_AT])
    if content.startswith(codecs.BOM_UTF8) or stated is None or not _is_codec(stated[1].decode()):
        encoding = encoding_of(name, lambda: [content])
        return encoding.name, content[encoding.mark :].decode(encoding.codec, errors="replace")
    said = stated[1].decode()
    try:
        return said, content.decode(said)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"The file says that it is {said}, but the byte {content[error.start]:#04x} in line {line} is not."
        raise InputError(message, Place(name, line=line), "Correct CODEPAGE, or save it again.") from None


def _is_codec(name: str) -> bool:
    try:
        return codecs.lookup(name)._is_text_encoding  # rot13 is none
    except LookupError:
        return False


def numbers_of(name: str, cube: Cube, data: str) -> pl.DataFrame:
    """The numbers of DATA, and the signs for those that are missing, as cells of a `Table`."""
    import polars as pl

    entries = pl.Series([data], dtype=pl.String).str.extract_all(ENTRY).explode().drop_nulls()
    lead, width = len(cube.keys), cube.width
    frame = pl.DataFrame({"text": entries}).with_row_index("n")
    wide = lead + width
    asked = (entries.len() // wide if lead else cube.height) * wide
    if entries.len() != asked or not asked:
        message = f"DATA has {entries.len()} entries, where STUB and HEADING ask for {asked or wide}."
        raise InputError(message, Place(name), SAVE_AGAIN)
    frame = frame.with_columns(
        line=pl.col("n") // wide, place=pl.col("n") % wide, text=pl.col("text").str.strip_chars('"')
    )
    if lead:
        frame = frame.with_columns(line=_lines_by_keys(name, cube, frame).gather(frame["line"]))
        frame = frame.filter(pl.col("place") >= lead).with_columns(place=pl.col("place") - lead)
    return frame.filter(pl.col("text") != "").select(
        row=(pl.col("line") + cube.head_rows + 1).cast(pl.UInt32),
        column=(pl.col("place") + cube.head_columns + 1).cast(pl.UInt32),
        text="text",
        kind=pl.when(pl.col("text").str.contains(NUMBER))
        .then(pl.lit("number"))
        .otherwise(pl.lit("text"))
        .cast(pl.Enum(KINDS)),
        formula=pl.lit(value=False),
        format=pl.lit(None, pl.UInt16),
    )


def _lines_by_keys(name: str, cube: Cube, frame: pl.DataFrame) -> pl.Series:
    """Which row of the cube each row of the file is, by the keys before its numbers."""
    import polars as pl

    line = pl.Series([0], dtype=pl.Int64).new_from_index(0, frame.height // (len(cube.keys) + cube.width))
    for at, (variable, kind) in enumerate(zip(cube.stub, cube.keys, strict=True)):
        known = variable.codes if kind == "CODES" and variable.codes else variable.values
        keys = frame.filter(pl.col("place") == at)["text"]
        places = keys.replace_strict(list(known), list(range(len(known))), default=None, return_dtype=pl.Int64)
        if places.null_count():
            stranger = keys.filter(places.is_null())[0]
            message = f"The key “{stranger}” of DATA is none of the {kind} of “{variable.name}”."
            raise InputError(message, Place(name), SAVE_AGAIN)
        line = line * len(variable.values) + places
    if line.n_unique() < line.len():
        raise InputError("Two rows of DATA have the same keys.", Place(name), SAVE_AGAIN)
    return line


def labels_of(cube: Cube) -> pl.DataFrame:
    """The labels of rows and columns, as cells of a `Table`."""
    cells = CellColumns()
    for at, (title, labels) in enumerate(_crossed(cube.heading), start=1):
        cells.add(at, 1, title)
        for place, label in enumerate(labels, start=cube.head_columns + 1):
            cells.add(at, place, label)
    for at, (title, labels) in enumerate(_crossed(cube.stub), start=1):
        cells.add(cube.head_rows, at, title)
        for place, label in enumerate(labels, start=cube.head_rows + 1):
            cells.add(place, at, label)
    if not cube.heading:
        cells.add(cube.head_rows, cube.head_columns + 1, cube.contents)
    if not cube.stub:
        cells.add(cube.head_rows + 1, 1, cube.contents)
    return cells.frame()


def _crossed(variables: Sequence[Variable]) -> Iterator[tuple[str, Iterator[str]]]:
    """The lines of labels of several variables, the last of which changes fastest."""
    size = prod(len(one.values) for one in variables)
    repeats = size
    for variable in variables:
        repeats //= len(variable.values)
        for title, labels in variable.lines():
            yield title, (labels[n // repeats % len(labels)] for n in range(size))


def keywords_of(found: Sequence[Statement]) -> pl.DataFrame:
    """All statements as cells: one row a value."""
    cells = CellColumns()
    for column, title in enumerate(COLUMNS, start=1):
        cells.add(1, column, title)
    row = 1
    for one in found:
        for value in one.values:
            row += 1
            texts = (one.keyword, one.language, str(one.line), value, *one.keys)
            for column, text in enumerate(texts, start=1):
                if text:
                    cells.add(row, column, text)
    return cells.frame()


READERS.add("px")(Reader("px", (".px",), b"", read, recognises))
