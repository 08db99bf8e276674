"""Other formats as workbook copies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.io.workbooks import CELL_LENGTH
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, cell_name, column_name
from sdmxmig.reporting.outputs.office_copy.package import CopiedSheet, CopyLosses, CopySource, titled
from sdmxmig.reporting.outputs.office_copy.sheet import FIRST
from sdmxmig.reporting.outputs.office_copy.styles import FIRST as FIRST_STYLES
from sdmxmig.reporting.outputs.office_copy.styles import read_styles
from sdmxmig.sdmx.model.tables import Cell, Range, Table

BATCH = 100_000
"""So many cells are written at once."""
NARROWEST, WIDEST, BLANKS_BESIDE = 9, 40, 2
"""Widths of columns, in letters."""
NUMBER = r"^-?[0-9]{1,15}(\.[0-9]+)?$"
MOST_DIGITS = 15
"""Spreadsheets keep so many digits of a number; longer ones stay text."""
SIGNS = ("=", "+", "-", "@")
ESCAPED = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "_x000D_"))
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}]"
CODED = r"_(x[0-9A-Fa-f]{4}_)"


def read_tables(tables: Sequence[Table], instead: Mapping[tuple[str, Cell], str], *, looks: bool = False) -> CopySource:
    styles = read_styles(FIRST_STYLES, Place(""))
    sheets = []
    for table, title in zip(tables, titled(table.sheet for table in tables), strict=True):
        texts = {cell: text for (sheet, cell), text in instead.items() if sheet == table.sheet}
        merged = free(table.merged)
        numbers = [styles.formatted(code) for code in table.formats]
        sheets.append(
            CopiedSheet(
                title=title,
                original_name=table.sheet,
                place=Place(table.file, table.sheet),
                before=FIRST + wide_columns(table.cells),
                behind=merging(merged),
                wrapper=b"<r>",
                pieces=TableCells(table, texts, numbers=numbers, text=styles.quoted()).pieces,
                merged=merged,
                state="hidden" if table.hidden else "",
            )
        )
    return CopySource(sheets=sheets, styles=styles, losses=CopyLosses(looks=looks))


@dataclass(frozen=True, slots=True, eq=False)
class TableCells:
    """The cells of a table as rows; `numbers` are the styles of formats, `text` that of text."""

    table: Table
    instead: Mapping[Cell, str]
    _: KW_ONLY
    numbers: Sequence[int]
    text: int

    def pieces(self) -> Iterator[bytes]:
        cells = with_texts(self.table.cells, self.instead)
        begin = 0
        while begin < cells.height:
            end = min(begin + BATCH, cells.height)
            if end < cells.height:  # do not split rows
                last_row = cells["row"][end - 1]
                end = begin + int(cells["row"].slice(begin).search_sorted(last_row, "right"))
            piece = cells.slice(begin, end - begin).select("row", cell=self._written())
            rows = piece.group_by("row", maintain_order=True).agg(pl.col("cell").str.join(""))
            line = pl.format('<row r="{}">{}</row>', "row", "cell")
            yield str(rows.select(line.str.join("")).item()).encode()
            begin = end

    def _written(self) -> pl.Expr:
        columns = [column_name(column) for column in range(1, (self.table.last_column or 1) + 1)]
        letters = pl.col("column").replace_strict(range(1, len(columns) + 1), columns, return_dtype=pl.String)
        styles = {number: str(style) for number, style in enumerate(self.numbers)}
        style_numbers = pl.col("format").replace_strict(styles, default="0", return_dtype=pl.String)
        digits = pl.col("text").str.count_matches("[0-9]")
        is_number = (pl.col("kind") == "number") & pl.col("text").str.contains(NUMBER) & (digits <= MOST_DIGITS)
        text = pl.col("text").str.replace_all(CONTROL, "\ufffd").str.replace_all(CODED, "_x005F_${1}")
        text = pl.when(text.str.len_chars() > CELL_LENGTH).then(text.str.head(CELL_LENGTH - 1) + "…").otherwise(text)
        for sign, escape in ESCAPED:  # carriage returns must be escaped, or they are read as line feeds
            text = text.str.replace_all(sign, escape, literal=True)
        signed = pl.any_horizontal(pl.col("text").str.starts_with(sign) for sign in SIGNS)
        style = pl.when(signed).then(pl.lit(str(self.text))).otherwise(pl.lit("0"))
        at = pl.format('<c r="{}{}" s="', letters, "row")
        number = pl.format('{}"><v>{}</v></c>', style_numbers, "text")
        inline = pl.format('{}" t="inlineStr"><is><t xml:space="preserve">{}</t></is></c>', style, text)
        return at + pl.when(is_number).then(number).otherwise(inline)


def with_texts(cells: pl.DataFrame, instead: Mapping[Cell, str]) -> pl.DataFrame:
    if instead:
        rows = [(row, column, text) for (row, column), text in instead.items()]
        schema = {"row": pl.UInt32, "column": pl.UInt32, "other": pl.String}
        replacements = pl.DataFrame(rows, schema, orient="row")
        cells = cells.join(replacements, on=["row", "column"], how="left", maintain_order="left")
        cells = cells.with_columns(text=pl.coalesce("other", "text"))
    return cells.filter(pl.col("text") != "").select(["row", "column", "text", "kind", "format"])


def wide_columns(cells: pl.DataFrame) -> bytes:
    """Return columns in which the longest text fits; a text alone in its row, such as a title, runs over them."""
    beside = cells.filter(pl.len().over("row") > 1)
    lengths = beside.group_by("column").agg(size=pl.col("text").str.len_chars().max() + BLANKS_BESIDE)
    widths = [
        f'<col min="{column}" max="{column}" width="{min(size, WIDEST)}" customWidth="1"/>'
        for column, size in lengths.filter(pl.col("size") > NARROWEST).sort("column").iter_rows()
    ]
    return f"<cols>{''.join(widths)}</cols>".encode() if widths else b""


def free(merged: Sequence[Range]) -> tuple[Range, ...]:
    return tuple(
        rectangle
        for rectangle in merged
        if not any(overlap(rectangle, other) for other in merged if other != rectangle)
    )


def overlap(rectangle: Range, other: Range) -> bool:
    rows = rectangle.first_row <= other.last_row and other.first_row <= rectangle.last_row
    return rows and rectangle.first_column <= other.last_column and other.first_column <= rectangle.last_column


def merging(merged: Sequence[Range]) -> bytes:
    if not merged:
        return b""
    ends = (
        (cell_name(rectangle.first_row, rectangle.first_column), cell_name(rectangle.last_row, rectangle.last_column))
        for rectangle in merged
    )
    cells = "".join(f'<mergeCell ref="{first}:{last}"/>' for first, last in ends)
    return f"<mergeCells>{cells}</mergeCells>".encode()
