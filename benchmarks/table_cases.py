"""What `table_speed` times: one wide table as a workbook and as a text file, read by us, by others, and by polars."""

# ruff: noqa: PLC0415 - each case loads its own library only, so that peak memory is its own

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from benchmarks import speed_table
from sdmxmig.sdmx.model.data import Flow, TableMapping

if TYPE_CHECKING:
    import polars as pl

    from sdmxmig.sdmx.model.tables import Table

YEARS = range(1999, 2025)
FILLED = 0.8
BLOCK = 5_000
"""What can be wrong with any table: dimensions, codes, keys, attributes, types, periods, status."""
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
FORMATS = ("General", "#,##0", "#,##0.0")
SHEET_PART, STRING_PART = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRING_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
LINKS = {
    "xl/_rels/workbook.xml.rels": (
        "</Relationships>",
        f'<Relationship Id="rS" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>',
    ),
    "[Content_Types].xml": ("</Types>", f'<Override PartName="/{STRING_PART}" ContentType="{STRING_TYPE}"/>'),
}
"""What has to be told of the part with the shared strings, and before which tag."""
WORKBOOK, TEXT, LONG_TEXT = "table.xlsx", "table.csv", "long.csv"
Run = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to be timed; `prepare` is given the folder of the tables and gives the function to be timed.

    `of` is the case that it is measured by, `goal` how many times as long as that it may take at most, `peak` how many
    MiB; 0 for neither.
    """

    name: str
    file: str
    _: KW_ONLY
    prepare: Callable[[Path], Run]
    goals: tuple[tuple[str, float], ...] = ()
    peak: float = 0


def labels(row: int) -> list[str]:
    codes = speed_table.CODES
    sex, age, rest = row % 3, row // 3 % 20, row // 60
    citizen, birth, area = rest % 200, rest // 200 % 200, rest // 40_000
    found = {"FREQ": 0, "REF_AREA": area, "INDICATOR": 0, "SEX": sex, "AGE": age}
    found |= {"CITIZENSHIP": citizen, "COUNTRY_BIRTH": birth, "UNIT_MEASURE": 0}
    return [codes[name][at] for name, at in found.items()]


def figures(chance: Random) -> Iterator[tuple[str, int]]:
    """The figures of a row as a spreadsheet program stores them, with the style of each; empty for none.

    Half of them are whole, three in ten have one decimal, two in ten are results with all their digits.
    """
    for _ in YEARS:
        value, kind = chance.randrange(2_000_000), chance.random()
        if chance.random() >= FILLED:
            yield "", 0
        elif kind < 0.5:
            yield str(value), 1
        else:
            yield (repr(value / 10), 2) if kind < 0.8 else (f"{value / 7:.17g}", 2)


def column_name(number: int) -> str:
    return ("" if number <= 26 else chr(64 + (number - 1) // 26)) + chr(65 + (number - 1) % 26)


def sheet_rows(rows: int, strings: dict[str, int]) -> Iterator[str]:
    chance = Random(1)  # noqa: S311 - it keeps no secret
    letters = [column_name(number) for number in range(1, 9 + len(YEARS))]

    def text(name: str, value: str) -> str:
        return f'<c r="{name}" t="s"><v>{strings.setdefault(value, len(strings))}</v></c>'

    heads = [*speed_table.DIMENSIONS, *map(str, YEARS)]
    yield f'<row r="1">{"".join(text(f"{letters[at]}1", head) for at, head in enumerate(heads))}</row>'
    for row in range(rows):
        cells = [text(f"{letters[at]}{row + 2}", label) for at, label in enumerate(labels(row))]
        for letter, (value, style) in zip(letters[8:], figures(chance), strict=True):
            if value:
                cells.append(f'<c r="{letter}{row + 2}" s="{style}"><v>{value}</v></c>')
        yield f'<row r="{row + 2}" spans="1:34">{"".join(cells)}</row>'


def write_workbook(path: Path, rows: int) -> None:
    from openpyxl import Workbook
    from openpyxl.comments import Comment

    book, frame = Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    for at, code in enumerate(FORMATS):
        sheet.cell(1, at + 1, 1).number_format = code
    sheet["J1"].comment = Comment("new definition", "office")
    book.save(frame)
    strings: dict[str, int] = {}
    with zipfile.ZipFile(frame) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        with new.open(SHEET_PART, "w") as part:
            part.write(f'<worksheet {MAIN}><cols><col min="8" max="8" hidden="1"/></cols><sheetData>'.encode())
            for row in sheet_rows(rows, strings):
                part.write(row.encode())
            part.write(b'</sheetData><mergeCells count="1"><mergeCell ref="A1:A1"/></mergeCells></worksheet>')
        texts = "".join(f"<si><t>{text}</t></si>" for text in strings)
        new.writestr(STRING_PART, f"<sst {MAIN}>{texts}</sst>")
        for name in old.namelist():
            end, link = LINKS.get(name, ("", ""))
            if name != SHEET_PART:
                new.writestr(name, old.read(name).replace(end.encode(), f"{link}{end}".encode(), 1 if end else 0))


def write_text(path: Path, rows: int) -> None:
    chance = Random(1)  # noqa: S311
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join([*speed_table.DIMENSIONS, *map(str, YEARS)]) + "\n")
        for row in range(rows):
            file.write(",".join([*labels(row), *(value for value, _ in figures(chance))]) + "\n")


def flow() -> Flow:
    own = speed_table.flow()
    return replace(own, dataflow=replace(own.dataflow, rules=()))


def mapping(own: Flow, file: str) -> TableMapping:
    from sdmxmig.conversion.mapping import load

    parts = ['id = "MAP_SPEED"', 'name.en = "Speed"', f'flow = "{own.id}"', f'file = "{file}"']
    parts += ["[[block]]", 'sheet = "*"', 'cell = "A1"']
    parts += [f"header_columns = {len(speed_table.DIMENSIONS)}", "[block.fixed]", 'OBS_STATUS = "A"', 'UNIT_MULT = "0"']
    for at, name in enumerate(speed_table.DIMENSIONS, start=1):
        parts += [f"[block.components.{name}]", f'from = "column {at}"']
    parts += ["[block.components.TIME_PERIOD]", 'from = "header 1"']
    return load("speed.toml", "\n".join(parts).encode(), {own.id: own})


def ours_read(folder: Path) -> Run:
    from sdmxmig.conversion.tables import read

    return lambda: cells_of(read(WORKBOOK, (folder / WORKBOOK).read_bytes()))


def cells_of(tables: tuple[Table, ...]) -> int:
    return sum(table.cells.height for table in tables)


def ours_whole(file: str, *, validated: bool = True) -> Callable[[Path], Run]:
    def prepare(folder: Path) -> Run:
        from sdmxmig.catalogue import load
        from sdmxmig.conversion.convert import convert
        from sdmxmig.conversion.tables import read
        from sdmxmig.quality.validation import validate

        own, catalogue = flow(), load()
        declared = mapping(own, file)

        def run() -> int:
            converted = convert(read(file, (folder / file).read_bytes()), declared, own, catalogue.rules)
            findings = validate(converted.dataset, catalogue).items if validated else ()
            if converted.findings.has_errors or findings:
                raise ValueError((*converted.findings.items, *findings)[0])
            return converted.dataset.observations.height

        return run

    return prepare


def ours_stream(folder: Path) -> Run:
    """Our conversion of a text file piece by piece; gives the number of observations."""
    from sdmxmig.conversion.convert import convert_pieces
    from sdmxmig.conversion.tables.text import pieces

    own = flow()
    declared = mapping(own, LONG_TEXT)

    def run() -> int:
        with (folder / LONG_TEXT).open("rb") as file:
            converted = convert_pieces(pieces(LONG_TEXT, file), declared, own)
            return sum(one.dataset.observations.height for one in converted)

    return run


def openpyxl_read(folder: Path) -> Run:
    """The read-only reading of openpyxl."""
    from openpyxl import load_workbook

    def run() -> int:
        book = load_workbook(folder / WORKBOOK, read_only=True)
        return sum(len(row) for row in book.worksheets[0].iter_rows(values_only=True))

    return run


def calamine_read(folder: Path) -> Run:
    """The plain reading of python-calamine, and the unpivoting of polars."""
    import polars as pl
    from python_calamine import CalamineWorkbook

    def run() -> int:
        rows = CalamineWorkbook.from_path(str(folder / WORKBOOK)).get_sheet_by_index(0).to_python()
        types = [pl.String] * len(speed_table.DIMENSIONS) + [pl.Float64] * len(YEARS)
        columns = list(zip(map(str, rows[0]), types, strict=True))
        empty = [[None if value == "" else value for value in row] for row in rows[1:]]
        frame = pl.DataFrame(empty, schema=columns, orient="row")
        return unpivoted(frame).height

    return run


def polars_scan(folder: Path) -> Run:
    """The scanning and unpivoting of polars, for the text file."""
    import polars as pl

    def run() -> int:
        lazy = pl.scan_csv(folder / TEXT, infer_schema=False)
        index = list(speed_table.DIMENSIONS)
        return (
            lazy.unpivot(index=index, variable_name="TIME_PERIOD")
            .filter(pl.col("value").is_not_null())
            .collect()
            .height
        )

    return run


def unpivoted(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.unpivot(index=list(speed_table.DIMENSIONS), variable_name="TIME_PERIOD").drop_nulls("value")


OPENPYXL, CALAMINE, SCAN = "openpyxl, read-only", "python-calamine and unpivot", "polars scan and unpivot"
CASES = (
    Case(OPENPYXL, WORKBOOK, prepare=openpyxl_read),
    Case(CALAMINE, WORKBOOK, prepare=calamine_read),
    Case("sdmxmig, read", WORKBOOK, prepare=ours_read, goals=((OPENPYXL, 1 / 8),)),
    Case(
        "sdmxmig, read, convert, validate",
        WORKBOOK,
        prepare=ours_whole(WORKBOOK),
        goals=((OPENPYXL, 1 / 3), (CALAMINE, 2)),
        peak=700,
    ),
    Case(SCAN, TEXT, prepare=polars_scan),
    Case("sdmxmig, text: read, convert", TEXT, prepare=ours_whole(TEXT, validated=False), goals=((SCAN, 2.5),)),
    Case("sdmxmig, text: read, convert, validate", TEXT, prepare=ours_whole(TEXT), goals=((SCAN, 2.5),)),
    Case("sdmxmig, text in pieces: read, convert", LONG_TEXT, prepare=ours_stream, goals=(), peak=1024),
)
