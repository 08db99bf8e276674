"""Header rows and label columns: relevant texts and their cells.

A line has ``position`` (column of a header, row of a label), ``text`` (folded) and ``row`` and ``column`` of the cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sdmxmig.conversion.mapping.grid import Grid, fitting, matches, overrides
from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.data import SectionTitle
from sdmxmig.sdmx.model.tables import Cell

INDENTED = re.compile(r"( +)@")
"""A cell format that shows a text behind blanks."""


def line_of(
    grid: Grid, positions: Sequence[int] | pl.Series, axis: str, fixed: int, covered: Mapping[Cell, Cell]
) -> pl.DataFrame:
    """Return the line of a fixed column (`axis` ``row``) or row (``column``)."""
    frame = pl.DataFrame({"position": pl.Series(positions, dtype=pl.UInt32)})
    if frame.is_empty():
        return frame.with_columns(text=pl.lit(""), row=pl.col("position"), column=pl.col("position"))
    span = (int(frame["position"][0]), int(frame["position"][-1]))
    cells = grid.part(span, (fixed, fixed)) if axis == "row" else grid.part((fixed, fixed), span)
    texts = cells.select(position=pl.col(axis), text="text")
    if texts["text"].str.contains(r"\s").any():
        texts = texts.with_columns(pl.col("text").str.replace_all(r"\s+", " ").str.strip_chars())
    other_axis = "column" if axis == "row" else "row"
    line = line_at(frame["position"], texts).with_columns(
        pl.col("text").fill_null(""),
        pl.col("position").alias(axis),
        pl.lit(fixed, pl.UInt32).alias(other_axis),
    )
    covering = overrides(covered, grid, axis, fixed)
    if covering.height:
        line = line.join(covering, on="position", how="left", maintain_order="left").with_columns(
            text=pl.coalesce("other", "text"),
            row=pl.coalesce("at_row", "row"),
            column=pl.coalesce("at_column", "column"),
        )
    return line.select("position", "text", "row", "column")


def line_at(positions: pl.Series, line: pl.DataFrame) -> pl.DataFrame:
    if positions.equals(line["position"]):
        return line
    return pl.DataFrame({"position": positions}).join(line, on="position", how="left", maintain_order="left")


def with_gaps_filled(line: pl.DataFrame) -> pl.DataFrame:
    names = ("text", "row", "column")
    last_cells = [
        pl.when(pl.col("text") != "").then(pl.col(name)).forward_fill().alias(f"last {name}") for name in names
    ]
    filled = line.with_columns(last_cells)
    return filled.select("position", *(pl.coalesce(f"last {name}", name).alias(name) for name in names))


def titles_of(
    grid: Grid, body: pl.DataFrame, titles: Sequence[SectionTitle], columns: Sequence[int]
) -> tuple[list[pl.DataFrame], pl.Series]:
    """Return the title lines by level, and rows that contain only a title.

    A title ends the titles of lower levels.
    """
    if not titles:
        return [], body["row"].clear()
    rows = body.group_by("row", maintain_order=True).agg(pl.len().alias("filled"))
    level = pl.Series([0] * rows.height, dtype=pl.UInt8)
    lone = pl.Series([False] * rows.height, dtype=pl.Boolean)
    positions = rows["row"]
    title_lines = [
        line_of(grid, positions, axis="row", fixed=columns[title.column - 1], covered={}) for title in titles
    ]
    for number, (title, line) in enumerate(zip(titles, title_lines, strict=True), start=1):
        fits = fitting(line["text"], lambda text, title=title: is_title(text, title))  # type: ignore[misc]
        if title.alone:
            fits &= rows["filled"] == 1
        if title.indent:
            fits &= depths(grid, positions, columns[title.column - 1]) == title.indent
        fits &= level == 0
        level = pl.select(pl.when(fits).then(pl.lit(number, pl.UInt8)).otherwise(level)).to_series()
        lone |= fits & title.alone
    lines = []
    for number, line in enumerate(title_lines, start=1):
        marked = line.with_columns(level=level)
        # A title of an upper level resets titles below it to “no title”: row 0.
        at = (
            pl.when(pl.col("level") == number)
            .then(pl.col("row"))
            .when((pl.col("level") < number) & (pl.col("level") > 0))
            .then(pl.lit(0, pl.UInt32))
        )
        at_each = marked.with_columns(at=at.forward_fill())
        texts = line.select(at=pl.col("row"), text=pl.col("text"))
        lines.append(
            at_each.select("position", "at", "column")
            .join(texts, on="at", how="left", maintain_order="left")
            .select("position", pl.col("text").fill_null(""), pl.col("at").fill_null(0).alias("row"), "column")
        )
    return lines, positions.filter(lone)


def is_title(text: str, title: SectionTitle) -> bool:
    return bool(text) and matches(text, title.match) and not (title.unless and matches(text, title.unless))


def depths(grid: Grid, rows: pl.Series, column: int) -> pl.Series:
    """Return the indentation level of each row: 1 is the outermost, 0 has no label.

    Levels are relative to labels above, since offices indent loosely. Blanks in text and in cell formats both count.
    """
    table = grid.table
    blanks_shown = [match.end(1) if (match := INDENTED.fullmatch(code)) else 0 for code in table.formats]
    by_format = pl.Series([*blanks_shown, 0], dtype=pl.UInt32)
    cells = table.cells.filter(pl.col("column") == column).select("row", "text", "format")
    labels = pl.DataFrame({"row": rows}).join(cells, on="row", how="left", maintain_order="left")
    text = labels["text"].str.replace_all(r"\s", " ")
    blanks = text.str.len_chars() - text.str.strip_chars_start(" ").str.len_chars()
    formats = by_format.gather(labels["format"].cast(pl.UInt32).fill_null(len(blanks_shown)))
    widths = (blanks + formats).set(text.str.strip_chars() == "", None)
    return pl.Series(list(depths_of_widths(widths)), dtype=pl.UInt32)


def depths_of_widths(widths: Iterable[int | None]) -> Iterator[int]:
    """Convert widths of indentation to levels.

    >>> list(depths_of_widths([0, 3, 5, 3, None, 0, 2]))
    [1, 2, 3, 2, 0, 1, 2]
    """
    above: list[int] = []
    for width in widths:
        if width is None:
            yield 0
            continue
        while above and above[-1] >= width:
            above.pop()
        above.append(width)
        yield len(above)
