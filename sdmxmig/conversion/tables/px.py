"""PC-Axis files (.px): cube and keywords as tables.

Sheet ``data`` begins with TITLE and UNITS, a row each. HEADING variables follow in rows and STUB variables in the first
columns, with a line of CODES (or TIMEVAL) before VALUES; the last row before the numbers names the columns. With h rows
before the numbers, s label columns and w numbers in a row, number n of DATA (from 0) is at row h + 1 + n // w, column
s + 1 + n % w; with KEYS, at its keys. Formats follow PRECISION, SHOWDECIMALS, DECIMALS. Sheet ``keywords`` lists
keyword, language, line, value and subject. Notes are attached to cells.

Source: Statistics Sweden, PC-Axis file format specification, version 2013.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from math import prod

from sdmxmig.conversion.tables.px_statements import (
    Cube,
    PxStatement,
    Variable,
    attach_notes,
    build_cube,
    map_positions,
    parse_statements,
    select_own_statements,
)
from sdmxmig.conversion.tables.readers import CELLS_HELD, READERS, TableReader
from sdmxmig.io.encodings import detect_encoding
from sdmxmig.io.intake.files import SAVE_AGAIN_HINT
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.frames import CellColumns
from sdmxmig.sdmx.model.tables import KINDS, Table

MAX_DECIMALS = 15


def build_format_code(decimals: int) -> str:
    return "0." + "0" * decimals if decimals else "0"


def find_decimals(cube: Cube, in_own_language: Sequence[PxStatement], cells: pl.DataFrame) -> pl.Series:
    """Determine the decimals, null if unstated: PRECISION overrides SHOWDECIMALS, which overrides DECIMALS."""
    by_keyword = {statement.keyword: statement for statement in reversed(in_own_language) if not statement.keys}
    counts = [_parse_integer(by_keyword[keyword]) for keyword in ("SHOWDECIMALS", "DECIMALS") if keyword in by_keyword]
    usual_count = next((count for count in counts if count is not None), None)
    content = by_keyword["CONTVARIABLE"].values[0] if "CONTVARIABLE" in by_keyword else ""
    by_variable = _read_precisions(in_own_language, content)
    columns: list[pl.Series] = []
    for variables, at in ((cube.stub, "line"), (cube.heading, "place")):
        for number, variable in enumerate(variables):
            decimals_by_value, places = by_variable.get(variable.name, {}), map_positions(variable)
            precise: list[int | None] = [None] * len(variable.values)
            for value in decimals_by_value.keys() & places.keys():
                for position in places[value]:
                    precise[position] = decimals_by_value[value]
            if any(count is not None for count in precise):
                repeats = prod(len(faster.values) for faster in variables[number + 1 :])
                positions = cells.select(pl.col(at) // repeats % len(variable.values)).to_series()
                columns.append(pl.Series(f"_{len(columns)}", precise, pl.UInt8).gather(positions))
    usually = pl.repeat(usual_count, cells.height, dtype=pl.UInt8, eager=True)
    return pl.DataFrame(columns).max_horizontal().fill_null(usually) if columns else usually


def _read_precisions(in_own_language: Sequence[PxStatement], content: str) -> Mapping[str, Mapping[str, int]]:
    by_variable: dict[str, dict[str, int]] = {}
    for statement in in_own_language:
        number = _parse_integer(statement) if statement.keyword == "PRECISION" and statement.keys else None
        if number is not None:
            variable, value = statement.keys[:2] if len(statement.keys) > 1 else (content, statement.keys[0])
            by_variable.setdefault(variable, {})[value] = number
    return by_variable


def _parse_integer(statement: PxStatement) -> int | None:
    text = statement.values[0].strip()
    return min(int(text), MAX_DECIMALS) if text.isascii() and text.isdigit() and len(text) < MAX_DECIMALS else None


FILE_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:CHARSET|AXIS-VERSION|CODEPAGE|LANGUAGES?|CREATION-DATE|SUBJECT-(?:AREA|CODE)|MATRIX|TITLE)"
    rb'(?:\[[^\]]{1,20}\])?\s*=\s*["A-Z]',
    re.IGNORECASE,
)
CODEPAGE = re.compile(rb'(?:^|[;\r\n])\s*CODEPAGE\s*=\s*"([A-Za-z0-9_.: -]{1,40})"', re.IGNORECASE)
HEAD_BYTES = 1 << 16
SIZE_LIMIT = 256 << 20
"""Maximum file size in bytes; the file is held in memory."""
BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
LATIN_1, BEYOND_LATIN_1 = "iso8859-1", frozenset(range(0x80, 0xA0))
"""An encoding, and the bytes that are letters in Windows-1252 only."""
DATA_ENTRY = r'"[^"]*"|[^\s,;"]+'
NUMBER = r"^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$"
COLUMNS = ("KEYWORD", "LANGUAGE", "LINE", "VALUE", "ABOUT")


def is_px(content: bytes) -> bool:
    head = content[:HEAD_BYTES]
    if head.startswith(BYTE_ORDER_MARKS[1:]):
        head = head.decode("utf-16", errors="ignore").encode()
    return bool(FILE_START.match(head))


def read(name: str, content: bytes) -> tuple[Table, ...]:
    """Read a PC-Axis file as ``data`` and ``keywords``; raise `InputError` with the line."""
    if len(content) > SIZE_LIMIT:
        raise InputError(f"The file is larger than {SIZE_LIMIT >> 20} MiB.", Place(name), "Split it.")
    encoding, text = decode_text(name, content)
    every_statement, begin = parse_statements(name, text)
    in_own_language = select_own_statements(every_statement)
    cube = build_cube(name, in_own_language)
    line = text.count("\n", 0, begin) + 1
    numbers = read_numbers(name, cube, text[begin:])
    decimals = find_decimals(cube, in_own_language, numbers)
    counts = decimals.unique().drop_nulls().sort().to_list()
    facts = [("encoding", encoding), ("DATA begin in line", str(line))]
    missing = cube.height - numbers["line"].n_unique()
    if missing:
        facts.append(("rows omitted from the file, which are zero in this format", str(missing)))
    formats = {count: at for at, count in enumerate(counts)}
    codes = decimals.replace_strict(formats, default=None, return_dtype=pl.UInt16)
    cells = pl.concat([build_label_cells(cube), build_cells(cube, numbers, codes)]).sort("row", "column")
    data = Table(
        name,
        "data",
        cells=cells,
        formats=tuple(map(build_format_code, counts)),
        notes=attach_notes(cube, in_own_language),
        detected=tuple(facts),
    )
    return data, build_keyword_table(name, every_statement)


def decode_text(name: str, content: bytes) -> tuple[str, str]:
    stated = CODEPAGE.search(content[:HEAD_BYTES])
    if content.startswith(BYTE_ORDER_MARKS) or stated is None or not _is_codec(stated[1].decode()):
        try:
            encoding = detect_encoding(name, lambda: [content])
        except InputError as error:
            raise InputError(error.message, error.place, 'State it in the file: CODEPAGE="windows-1252";') from None
        return encoding.name, content[encoding.mark :].decode(encoding.codec, errors="replace")
    codec = stated[1].decode()
    if codecs.lookup(codec).name == LATIN_1 and not BEYOND_LATIN_1.isdisjoint(content):
        codec = "windows-1252"  # many files declare one encoding and use the other
    try:
        return codec, content.decode(codec)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"The byte {content[error.start]:#04x} in line {line} is not valid in the stated encoding {codec}."
        raise InputError(message, Place(name, line=line), "Correct CODEPAGE, or save it again.") from None


def _is_codec(name: str) -> bool:
    try:
        return codecs.lookup(name)._is_text_encoding  # excludes rot13
    except LookupError:
        return False


def read_numbers(name: str, cube: Cube, content: str) -> pl.DataFrame:
    """Return the numbers of DATA and symbols for missing numbers: ``text``, ``line`` and ``place`` (from 0)."""
    series = pl.Series([content], dtype=pl.String)
    count = int(series.str.count_matches(DATA_ENTRY)[0])
    lead, width = len(cube.keys), cube.width
    wide = lead + width
    expected = (count // wide if lead else cube.height) * wide
    if count != expected or not expected:
        message = f"DATA has {count} entries, where STUB and HEADING ask for {expected or wide}."
        raise InputError(message, Place(name), SAVE_AGAIN_HINT)
    entries = series.str.extract_all(DATA_ENTRY).explode()
    frame = pl.DataFrame({"text": entries}).with_row_index("n")
    frame = frame.select(line=pl.col("n") // wide, place=pl.col("n") % wide, text=pl.col("text").str.strip_chars('"'))
    if lead:
        frame = frame.with_columns(line=_index_lines(name, cube, frame).gather(frame["line"]))
        frame = frame.filter(pl.col("place") >= lead).with_columns(place=pl.col("place") - lead)
    return frame


def build_cells(cube: Cube, numbers: pl.DataFrame, codes: pl.Series) -> pl.DataFrame:
    """Convert numbers to cells; `codes` are the positions of their formats."""
    is_number = pl.col("text").str.contains(NUMBER)
    cells = numbers.with_columns(codes.alias("format")).filter(pl.col("text") != "")
    return cells.select(
        row=(pl.col("line") + cube.head_rows + 1).cast(pl.UInt32),
        column=(pl.col("place") + cube.head_columns + 1).cast(pl.UInt32),
        text="text",
        kind=pl.when(is_number).then(pl.lit("number")).otherwise(pl.lit("text")).cast(pl.Enum(KINDS)),
        formula=pl.lit(value=False),
        format=pl.when(is_number).then("format"),
    )


def _index_lines(name: str, cube: Cube, frame: pl.DataFrame) -> pl.Series:
    line = pl.Series([0], dtype=pl.Int64).new_from_index(0, frame.height // (len(cube.keys) + cube.width))
    for at, (variable, kind) in enumerate(zip(cube.stub, cube.keys, strict=True)):
        labels = variable.codes if kind == "CODES" and variable.codes else variable.values
        keys = frame.filter(pl.col("place") == at)["text"]
        places = keys.replace_strict(list(labels), list(range(len(labels))), default=None, return_dtype=pl.Int64)
        if places.null_count():
            stranger = keys.filter(places.is_null())[0]
            message = f"The key “{stranger}” of DATA is not among the {kind} of “{variable.name}”."
            raise InputError(message, Place(name), SAVE_AGAIN_HINT)
        line = line * len(variable.values) + places
    if line.n_unique() < line.len():
        raise InputError("Two rows of DATA have the same keys.", Place(name), SAVE_AGAIN_HINT)
    return line


def build_label_cells(cube: Cube) -> pl.DataFrame:
    corner, parts = CellColumns(), []
    for at, title in enumerate(cube.titles, start=1):
        corner.add(at, 1, title)
    for at, (title, labels) in enumerate(_cross_variables(cube.heading), start=len(cube.titles) + 1):
        if at < cube.head_rows or not cube.stub:  # the last row names the columns of labels
            corner.add(at, 1, title)
        parts.append(_build_line(labels, row=pl.lit(at), column=pl.col("n") + cube.head_columns + 1))
    for at, (title, labels) in enumerate(_cross_variables(cube.stub), start=1):
        corner.add(cube.head_rows, at, title)
        parts.append(_build_line(labels, row=pl.col("n") + cube.head_rows + 1, column=pl.lit(at)))
    if not cube.heading:
        corner.add(cube.head_rows, cube.head_columns + 1, cube.contents)
    if not cube.stub:
        corner.add(cube.head_rows + 1, 1, cube.contents)
    return pl.concat([corner.frame(), *parts])


def _build_line(labels: pl.Series, **place: pl.Expr) -> pl.DataFrame:
    return _build_text_cells(pl.DataFrame({"text": labels}).with_row_index("n").with_columns(**place))


def _build_text_cells(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(
        pl.col("row", "column").cast(pl.UInt32),
        "text",
        kind=pl.lit("text", pl.Enum(KINDS)),
        formula=pl.lit(value=False),
        format=pl.lit(None, pl.UInt16),
    )


def _cross_variables(variables: Sequence[Variable]) -> Iterator[tuple[str, pl.Series]]:
    size = prod(len(variable.values) for variable in variables)
    repeats = size
    for variable in variables:
        repeats //= len(variable.values)
        places = pl.select(pl.int_range(size) // repeats % len(variable.values)).to_series()
        for title, labels in variable.lines():
            yield title, pl.Series(labels, dtype=pl.String).gather(places)


def build_keyword_table(name: str, every_statement: Sequence[PxStatement]) -> Table:
    """Write all statements as a sheet, one row per value; raise `InputError` if there are too many."""
    if (
        sum(len(statement.values) * (len(COLUMNS) - 1 + len(statement.keys)) for statement in every_statement)
        > CELLS_HELD
    ):
        raise InputError(f"The statements have more than {CELLS_HELD} values.", Place(name), "Split the file.")
    columns = [
        [statement.keyword for statement in every_statement],
        [statement.language for statement in every_statement],
        [str(statement.line) for statement in every_statement],
        [list(statement.values) for statement in every_statement],
        [list(statement.keys) for statement in every_statement],
    ]
    lists = pl.List(pl.String)
    schema = dict.fromkeys(COLUMNS[:3], pl.String()) | dict.fromkeys(COLUMNS[3:], lists)
    frame = pl.DataFrame(dict(zip(COLUMNS, columns, strict=True)), schema=schema)
    *simple, about = COLUMNS
    frame = frame.explode("VALUE").with_row_index("row", offset=2)
    keys = pl.int_ranges(len(COLUMNS), len(COLUMNS) + pl.col(about).list.len())
    cells = [
        pl.DataFrame({"row": 1, "column": at, "text": title} for at, title in enumerate(COLUMNS, start=1)),
        *(frame.select("row", column=pl.lit(at), text=title) for at, title in enumerate(simple, start=1)),
        frame.select("row", column=keys, text=about).explode("column", "text").drop_nulls(),
    ]
    all_cells = pl.concat([_build_text_cells(part) for part in cells]).filter(pl.col("text") != "")
    return Table(name, "keywords", cells=all_cells.sort("row", "column"))


READERS.add("px")(TableReader("px", (".px",), magic=b"", read=read, recognises=is_px))
