"""Positions of blocks in a sheet.

A line has ``position`` (column of a header, row of a label), ``text`` (folded) and ``row`` and ``column`` of the cell.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import PurePath

from sdmxmig.conversion.mapping.extent import (
    Corner,
    add_footnote_marks,
    check_titles,
    count_flags,
    find_columns,
    find_corners,
    map_covered,
    select_body_rows,
)
from sdmxmig.conversion.mapping.grid import Grid, fitting, is_in, is_match, matches_any, read_overrides
from sdmxmig.primitives.errors import DeclarationError, find_nearest
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, format_cell, name_column
from sdmxmig.sdmx.frames import drop_repeats, list_values
from sdmxmig.sdmx.model.data import Block, ComponentMap, SectionTitle, Skip
from sdmxmig.sdmx.model.sources import COLUMN_KINDS, ROW_KINDS, Kind, Source
from sdmxmig.sdmx.model.tables import Cell, Table

INDENTED = re.compile(r"( +)@")
"""A cell format that shows a text behind blanks."""


def build_line(
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
    line = select_line(frame["position"], texts).with_columns(
        pl.col("text").fill_null(""),
        pl.col("position").alias(axis),
        pl.lit(fixed, pl.UInt32).alias(other_axis),
    )
    covering = read_overrides(covered, grid, axis, fixed)
    if covering.height:
        line = line.join(covering, on="position", how="left", maintain_order="left").with_columns(
            text=pl.coalesce("other", "text"),
            row=pl.coalesce("at_row", "row"),
            column=pl.coalesce("at_column", "column"),
        )
    return line.select("position", "text", "row", "column")


def select_line(positions: pl.Series, line: pl.DataFrame) -> pl.DataFrame:
    if positions.equals(line["position"]):
        return line
    return pl.DataFrame({"position": positions}).join(line, on="position", how="left", maintain_order="left")


def fill_gaps(line: pl.DataFrame) -> pl.DataFrame:
    names = ("text", "row", "column")
    last_cells = [
        pl.when(pl.col("text") != "").then(pl.col(name)).forward_fill().alias(f"last {name}") for name in names
    ]
    filled = line.with_columns(last_cells)
    return filled.select("position", *(pl.coalesce(f"last {name}", name).alias(name) for name in names))


def find_section_titles(
    grid: Grid, body: pl.DataFrame, titles: Sequence[SectionTitle], columns: Sequence[int]
) -> tuple[list[pl.DataFrame], pl.Series]:
    """Return the title lines by level, where a title ends lower ones, and the rows with only a title."""
    if not titles:
        return [], body["row"].clear()
    rows = body.group_by("row", maintain_order=True).agg(pl.len().alias("filled"))
    level = pl.Series([0] * rows.height, dtype=pl.UInt8)
    lone = pl.Series([False] * rows.height, dtype=pl.Boolean)
    positions = rows["row"]
    title_lines = [
        build_line(grid, positions, axis="row", fixed=columns[title.column - 1], covered={}) for title in titles
    ]
    for number, (title, line) in enumerate(zip(titles, title_lines, strict=True), start=1):
        fits = fitting(line["text"], lambda text, title=title: is_title(text, title))  # type: ignore[misc]
        if title.alone:
            fits &= rows["filled"] == 1
        if title.indent:
            fits &= compute_depths(grid, positions, columns[title.column - 1]) == title.indent
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
    return bool(text) and is_match(text, title.match) and not (title.unless and is_match(text, title.unless))


def compute_depths(grid: Grid, rows: pl.Series, column: int) -> pl.Series:
    """Return the indentation level of each row relative to the labels above: 1 is outermost, 0 has no label."""
    table = grid.table
    blanks_shown = [match.end(1) if (match := INDENTED.fullmatch(code)) else 0 for code in table.formats]
    by_format = pl.Series([*blanks_shown, 0], dtype=pl.UInt32)
    cells = table.cells.filter(pl.col("column") == column).select("row", "text", "format")
    labels = pl.DataFrame({"row": rows}).join(cells, on="row", how="left", maintain_order="left")
    text = labels["text"].str.replace_all(r"\s", " ")
    blanks = text.str.len_chars() - text.str.strip_chars_start(" ").str.len_chars()
    formats = by_format.gather(labels["format"].cast(pl.UInt32).fill_null(len(blanks_shown)))
    widths = (blanks + formats).set(text.str.strip_chars() == "", None)
    return pl.Series(list(rank_widths(widths)), dtype=pl.UInt32)


def rank_widths(widths: Iterable[int | None]) -> Iterator[int]:
    """Convert widths of indentation to levels.

    >>> list(rank_widths([0, 3, 5, 3, None, 0, 2]))
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


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """A block found in a table; rows and columns count from 1.

    `skipped_rows` and `skipped_columns` have ``number`` and ``reason``. `lines` are headers, labels, titles and named
    notes by source. `held_rows` and `held_columns` include headers and labels.
    """

    grid: Grid
    block: Block
    _: KW_ONLY
    corner: Corner
    rows: pl.Series
    columns: tuple[int, ...]
    skipped_rows: pl.DataFrame
    skipped_columns: pl.DataFrame
    lines: Mapping[Source, pl.DataFrame]
    held_rows: pl.Series
    held_columns: tuple[int, ...]

    @property
    def table(self) -> Table:
        return self.grid.table

    @property
    def held(self) -> pl.Expr:
        return is_in("row", self.held_rows) & is_in("column", self.held_columns)

    def values(self) -> pl.DataFrame:
        if not (len(self.rows) and self.columns):
            return self.grid.cells.clear()
        inside = self.grid.between(self.rows[0], self.rows[-1])
        return inside.filter(is_in("row", self.rows) & is_in("column", self.columns))

    def skipped(self) -> pl.DataFrame:
        """Return filled value cells that are left out: ``row``, ``column``, ``reason``."""
        if self.skipped_rows.is_empty() and self.skipped_columns.is_empty():
            return pl.DataFrame(schema={"row": pl.UInt32, "column": pl.UInt32, "reason": pl.String})
        rows = sorted({*self.rows, *self.skipped_rows["number"]})
        columns = sorted({*self.columns, *self.skipped_columns["number"]})
        cells = self.grid.part((rows[0], rows[-1]), (columns[0], columns[-1])).select("row", "column")
        cells = cells.filter(is_in("row", rows) & is_in("column", columns))
        by_row = self.skipped_rows.select(row="number", first="reason")
        by_column = self.skipped_columns.select(column="number", second="reason")
        named = cells.join(by_row, on="row", how="left", maintain_order="left")
        named = named.join(by_column, on="column", how="left", maintain_order="left")
        return named.select("row", "column", reason=pl.coalesce("first", "second")).drop_nulls()


def locate_block(block: Block, grid: Grid, where: Place) -> list[Layout]:
    """Locate a block in a table, once or repeatedly; raise `DeclarationError` with the nearest text."""
    layouts = [find_layout(block, grid, corner, where) for corner in find_corners(block, grid, where)]
    for layout in layouts:
        check_titles(block, grid, rows=layout.rows, lines=layout.lines, where=where)
    return layouts


def find_layout(block: Block, grid: Grid, corner: Corner, where: Place) -> Layout:
    sign = -1 if block.labels_right else 1
    labels = [corner.left + sign * number for number in range(block.header_columns)]
    headers = [corner.top + number for number in range(block.header_rows)]
    body = select_body_rows(block, grid, corner, where)
    rows = drop_repeats(body, "row")
    covered = map_covered(grid.table, headers, labels, rows)
    every_column = find_columns(block, grid, corner=corner, below=list_values(body, "column"), covered=covered)
    if not (len(rows) and every_column):
        raise _build_empty_error(block, grid, corner, where)
    lines: dict[Source, pl.DataFrame] = {}
    over = sorted({*labels, *every_column})
    for number, row in enumerate(headers, start=1):
        lines[Source("header", number)] = build_line(grid, over, axis="column", fixed=row, covered=covered)
    for number, column in enumerate(labels, start=1):
        lines[Source("column", number)] = build_line(grid, rows, axis="row", fixed=column, covered=covered)
    carry_forward(block, lines, every_column)
    titles, lone = find_section_titles(grid, body, block.sections, labels)
    lines |= {Source("section", number): line for number, line in enumerate(titles, start=1)}
    named, noted_rows, noted_columns = find_named_lines(block, grid, lines, headers, labels, rows, where=where)
    lines |= named
    table = grid.table
    hidden_rows, hidden_columns = (
        (table.hidden_rows, table.hidden_columns - noted_columns) if block.skip_hidden else (frozenset(), frozenset())
    )
    skipped_rows = find_skipped_lines(block.skip_rows, lines, "column", rows, hidden_rows)
    skipped_columns = find_skipped_lines(block.skip_columns, lines, "header", every_column, hidden_columns)
    columns = [
        column
        for column in every_column
        if column not in noted_columns and column not in set(skipped_columns["number"])
    ]
    columns, flags = find_value_columns(block, lines, columns)
    if not columns and not skipped_columns.height and block.values.columns:
        raise _build_values_error(block, grid, lines, every_column, where=where)
    leave = {*noted_rows, *skipped_rows["number"], *lone}
    value_rows = rows.filter(~rows.is_in(pl.Series(sorted(leave), dtype=pl.UInt32).implode())) if leave else rows
    held = sorted({*labels, *columns, *flags, *noted_columns, *skipped_columns["number"]})
    held_rows = pl.Series(headers, dtype=pl.UInt32).append(rows)
    block = add_footnote_marks(block, grid, held_rows)
    return Layout(
        grid=grid,
        block=block,
        corner=corner,
        rows=value_rows,
        columns=tuple(columns),
        skipped_rows=skipped_rows,
        skipped_columns=skipped_columns,
        lines=lines,
        held_rows=held_rows,
        held_columns=tuple(held),
    )


def carry_forward(block: Block, lines: dict[Source, pl.DataFrame], columns: Sequence[int]) -> None:
    carried = [component_map.source for component_map in block.components if component_map.carried]
    carried += [skip.source("header") for skip in block.skip_columns if skip.carried]
    carried += [skip.source("column") for skip in block.skip_rows if skip.carried]
    for source in dict.fromkeys(part for each in carried for part in each.parts):
        line = lines.get(source)
        if line is not None:
            value_line = line.filter(is_in("position", columns)) if source.kind == "header" else line
            lines[source] = fill_gaps(value_line)


def find_value_columns(
    block: Block, lines: Mapping[Source, pl.DataFrame], columns: Sequence[int]
) -> tuple[list[int], list[int]]:
    flags: set[int] = set()
    for component_map in block.components:
        if is_named_flag(component_map):
            flags |= find_headed_columns(find_last_header(block, lines, columns), component_map)
    wanted = [column for column in columns if column not in flags]
    if block.values.columns and block.header_rows:
        line = find_last_header(block, lines, columns)
        fits = fitting(line["text"], lambda text: matches_any(text, block.values.columns))
        named = set(line["position"].filter(fits))
        wanted = [column for column in columns if column in named]
    values = []
    for column in wanted:
        if column not in flags:
            values.append(column)
            flags |= {column + number for number in range(1, count_flags(block) + 1)}
    return values, sorted(flags)


def find_last_header(block: Block, lines: Mapping[Source, pl.DataFrame], columns: Sequence[int]) -> pl.DataFrame:
    headers = [lines[Source("header", number)] for number in range(block.header_rows, 0, -1)]
    filled = (line for line in headers if any(line.filter(is_in("position", columns))["text"]))
    return next(filled, headers[0])


def _build_values_error(
    block: Block, grid: Grid, lines: Mapping[Source, pl.DataFrame], columns: Sequence[int], *, where: Place
) -> DeclarationError:
    texts = find_last_header(block, lines, columns)["text"].unique(maintain_order=True)
    guess = find_nearest(block.values.columns[0], [text for text in texts if text])
    hint = f"The nearest header is “{guess}”." if guess else "Look at the headers of the block."
    headers = "” or “".join(block.values.columns)
    place = Place(where.file, key=f"{block.key}.values.columns")
    return DeclarationError(f"No column of figures of {grid.name} is headed “{headers}”.", place, hint)


def is_named_flag(component_map: ComponentMap) -> bool:
    return component_map.source.kind == "beside" and component_map.source.is_named


def find_headed_columns(line: pl.DataFrame, component_map: ComponentMap) -> set[int]:
    fits = fitting(line["text"], lambda text: bool(text) and is_match(text, component_map.source.name))
    return set(line["position"].filter(fits))


def map_flag_columns(layout: Layout, component_map: ComponentMap) -> dict[int, int]:
    if not is_named_flag(component_map):
        return {column: column + (component_map.source.number or 0) for column in layout.columns}
    flags = sorted(find_headed_columns(find_last_header(layout.block, layout.lines, layout.columns), component_map))
    return {column: flags[at] for column in layout.columns if (at := bisect_right(flags, column)) < len(flags)}


def find_named_lines(
    block: Block,
    grid: Grid,
    lines: Mapping[Source, pl.DataFrame],
    headers: Sequence[int],
    labels: Sequence[int],
    rows: pl.Series,
    where: Place,
) -> tuple[dict[Source, pl.DataFrame], set[int], set[int]]:
    lines_by_source: dict[Source, pl.DataFrame] = {}
    places: dict[str, set[int]] = {"row": set(), "column": set()}
    for source, key in {
        part: component_map.key for component_map in block.components for part in component_map.source.parts
    }.items():
        if not source.is_named:
            continue
        kind, label = source.kind, source.name
        over = [lines[Source("header", number)] for number in range(len(headers), 0, -1)]
        names = [lines[Source("column", 1)]] if kind == "row" else over[:1] if kind == "beside" else over
        position = next(filter(None, (_find_position(line, label) for line in names)), 0)
        if not position:
            guess = find_nearest(label, dict.fromkeys(text for line in names for text in line["text"] if text))
            direction = "row" if kind == "row" else "column"
            hint = f"Did you mean “{kind} {guess}”?" if guess else f"Look at the {direction}s of the block."
            place = Place(where.file, key=f"{key}.from")
            raise DeclarationError(f"The block in {grid.name} has no {direction} “{label}”.", place, hint)
        if kind == "beside":
            continue
        if kind == "column" and position in labels:
            lines_by_source[source] = lines[Source("column", labels.index(position) + 1)]
            continue
        along = rows if kind == "column" else lines[Source("header", len(headers))]["position"]
        lines_by_source[source] = build_line(grid, along, "row" if kind == "column" else "column", position, covered={})
        places[kind].add(position)
    return lines_by_source, places["row"], places["column"]


def _find_position(names: pl.DataFrame, label: str) -> int:
    exact = names["position"].filter(names["text"] == label)
    if len(exact):
        return int(exact[0])
    fits = names["position"].filter(fitting(names["text"], lambda text: bool(text) and is_match(text, label)))
    return int(fits[0]) if len(fits) else 0


def find_skipped_lines(
    skips: Iterable[Skip],
    lines: Mapping[Source, pl.DataFrame],
    kind: Kind,
    numbers: Sequence[int] | pl.Series,
    hidden: frozenset[int],
) -> pl.DataFrame:
    reasons = dict.fromkeys(hidden.intersection(numbers), "hidden in the workbook")
    for skip in skips:
        line = join_lines(lines, skip.source(kind)).filter(is_in("position", select_positions(skip, numbers)))
        fits: Callable[[str], bool] = lambda text, skip=skip: is_match(text, skip.match)  # type: ignore[misc]  # noqa: E731
        reasons |= dict.fromkeys(line["position"].filter(fitting(line["text"], fits)), skip.reason)
    schema = {"number": pl.UInt32, "reason": pl.String}
    return pl.DataFrame(sorted(reasons.items()), schema=schema, orient="row")


def join_lines(lines: Mapping[Source, pl.DataFrame], source: Source) -> pl.DataFrame:
    first, *others = (lines[part.line] for part in source.parts)
    return first.with_columns(text=join_texts([first["text"], *(line["text"] for line in others)]))


def join_texts(texts: Iterable[pl.Series | pl.Expr]) -> pl.Series:
    joined = pl.concat_str(list(texts), separator=" ").str.strip_chars().str.replace_all(r"\s+", " ")
    return pl.select(joined).to_series()


def select_positions(skip: Skip, numbers: Sequence[int] | pl.Series) -> Sequence[int] | pl.Series:
    return [number for number in numbers if name_column(number) == skip.column] if skip.column else numbers


def _build_empty_error(block: Block, grid: Grid, corner: Corner, where: Place) -> DeclarationError:
    size = f"{block.header_rows} header row(s) and {block.header_columns} label column(s)"
    return DeclarationError(
        f"The block at {format_cell(corner.top, corner.left)} of {grid.name} has no values beside its {size}.",
        Place(where.file, key=f"{block.key}.header_rows"),
        "Correct header_rows and header_columns, or “until”.",
    )


Axis = tuple["pl.Series", "pl.Series"]
"""The rows or columns of a layout, and at which of them each observation stands."""
CellPosition = tuple[int | None, int | None]
"""Row and column of a cell; none for the name of a sheet or file."""


def build_axes(layout: Layout, cells: pl.DataFrame) -> Mapping[tuple[Kind, ...], Axis]:
    columns = pl.Series(layout.columns, dtype=pl.UInt32)
    return {
        ROW_KINDS: (layout.rows, locate_positions(layout.rows, cells["row"])),
        COLUMN_KINDS: (columns, locate_positions(columns, cells["column"])),
    }


def locate_positions(positions: pl.Series, at: pl.Series) -> pl.Series:
    if not len(positions):
        return at.clear()
    first = int(positions[0])
    return at - first if int(positions[-1]) - first + 1 == len(positions) else positions.search_sorted(at)


def select_flags(component_map: ComponentMap, layout: Layout, cells: pl.DataFrame) -> pl.DataFrame:
    column = pl.col("column").replace_strict(
        map_flag_columns(layout, component_map), default=None, return_dtype=pl.UInt32
    )
    at = cells.select("row", column)
    return at.join(layout.grid.cells, on=["row", "column"], how="left", maintain_order="left")


def read_block_text(layout: Layout, source: Source) -> tuple[str, CellPosition]:
    table = layout.table
    if source.kind in ("sheet", "file"):
        return table.sheet if source.kind == "sheet" else PurePath(table.file).stem, (None, None)
    if source.kind == "cell":
        return layout.grid.text(*source.cell), source.cell
    return read_text_above(layout, source.number or 0)


def list_block_cells(layout: Layout) -> list[tuple[int, int]]:
    parts = [
        part for component_map in layout.block.components for part in component_map.source.parts if part.is_of_block
    ]
    cells = [read_block_text(layout, part)[1] for part in parts]
    return [(row, column) for row, column in cells if row is not None and column is not None]


def read_text_above(layout: Layout, number: int) -> tuple[str, CellPosition]:
    corner = layout.corner
    row = corner.top - number
    low, high = sorted((corner.left, corner.side))
    cells = layout.grid.part((row, row), (low, high)) if row > 0 else layout.grid.cells.clear()
    if cells.is_empty():
        return "", (None, None)
    return cells["text"][0], (row, cells["column"][0])


def join_line_texts(component_map: ComponentMap, layout: Layout, axes: Mapping[tuple[Kind, ...], Axis]) -> pl.DataFrame:
    """Join the texts of several lines with blanks in mapping order; the cell is that of the last line."""
    by_kind = {kind: axis for kinds, axis in axes.items() for kind in kinds}
    texts, cell = [], dict[str, pl.Series]()
    for part in component_map.source.parts:
        if part.is_of_block:
            texts.append(pl.lit(read_block_text(layout, part)[0]))
            continue
        positions, index = by_kind[part.kind]
        line = select_line(positions, layout.lines[part.line])
        texts.append(pl.lit(line["text"].fill_null("").gather(index)))
        cell = {name: line[name].gather(index) for name in ("row", "column")}
    return pl.DataFrame({"text": join_texts(texts), **cell})


def list_read_texts(component_map: ComponentMap, layout: Layout, cells: pl.DataFrame) -> Iterator[tuple[str, Place]]:
    table = layout.table
    if component_map.source.is_of_block:
        text, (row, column) = read_block_text(layout, component_map.source)
        yield text, Place(table.file, table.sheet) if row is None or column is None else table.place(row, column)
        return
    for text, row, column in select_distinct_texts(component_map, layout, cells).iter_rows():
        yield text, table.place(row, column)


def select_distinct_texts(component_map: ComponentMap, layout: Layout, cells: pl.DataFrame) -> pl.DataFrame:
    """Return the distinct texts that a component reads, each with its first cell: ``text``, ``row``, ``column``."""
    texts = select_cells(component_map, layout, cells).select("text", "row", "column").drop_nulls()
    return texts[texts["text"].arg_unique()]


def select_cells(component_map: ComponentMap, layout: Layout, cells: pl.DataFrame) -> pl.DataFrame:
    if component_map.source.is_joined:
        return join_line_texts(component_map, layout, build_axes(layout, cells))
    if component_map.source.kind == "beside":
        return select_flags(component_map, layout, cells)
    line = layout.lines[component_map.source.line]
    return line.filter(is_in("position", layout.columns if component_map.source.is_of_columns else layout.rows))
