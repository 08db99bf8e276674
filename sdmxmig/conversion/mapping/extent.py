"""The extent of a block: its corners, rows, columns and merged cells, and the texts around it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from itertools import combinations, pairwise

from sdmxmig.conversion.mapping.grid import (
    LAST,
    Grid,
    collapse_blanks,
    extract_expression,
    fitting,
    is_in,
    is_match,
    matches_any,
)
from sdmxmig.primitives.errors import DeclarationError, find_nearest
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.patterns import pattern as compiled
from sdmxmig.primitives.places import Place, format_cell, parse_cell
from sdmxmig.sdmx.frames import drop_repeats
from sdmxmig.sdmx.model.data import Block, Footnotes
from sdmxmig.sdmx.model.sources import Source
from sdmxmig.sdmx.model.tables import Cell, Range, Table


def select_body_rows(block: Block, grid: Grid, corner: Corner, where: Place) -> pl.DataFrame:
    """Return the places of a block's filled cells; raise `DeclarationError` if its end is missing."""
    span = (corner.side, corner.left) if block.labels_right else (corner.left, corner.side)
    first = corner.top + block.header_rows
    inside = grid.between(first, corner.bottom)
    body = inside.select("row", "column").filter(pl.col("column").is_between(*span))
    if block.until:
        labels = inside.filter(pl.col("column") == corner.left)
        ends = labels["row"].filter(fitting(labels["text"], lambda text: matches_any(text, block.until)))
        if ends.is_empty():
            raise build_end_error(block, grid, labels, where)
        return body.filter(pl.col("row") < ends[0])
    if block.gaps or block.last[-1:].isdigit():
        return body
    rows = drop_repeats(body, "row")
    numbers = grid.table.numbers
    start = bisect_left(numbers, first)
    broken = rows.filter(rows != pl.Series(numbers[start : start + len(rows)], dtype=pl.UInt32))
    return body.filter(pl.col("row") < broken[0]) if len(broken) else body


def build_end_error(block: Block, grid: Grid, labels: pl.DataFrame, where: Place) -> DeclarationError:
    texts = labels["text"].unique(maintain_order=True)
    guess = find_nearest(block.until[0], [collapse_blanks(text) for text in texts])
    hint = f"The nearest row is “{guess}”." if guess else "Correct or remove “until”."
    place = Place(where.file, key=f"{block.key}.until")
    ends = "” or “".join(block.until)
    return DeclarationError(f"No row of {grid.name} below its headers matches “{ends}”.", place, hint)


def find_columns(
    block: Block, grid: Grid, corner: Corner, below: Iterable[int], covered: Mapping[Cell, Cell]
) -> tuple[int, ...]:
    """Find the value columns up to the first empty one; with gaps, all filled columns and flag columns."""
    sign = -1 if block.labels_right else 1
    first = corner.left + sign * block.header_columns
    low, high = (first, corner.side) if sign > 0 else (corner.side, first)
    heads = (corner.top, corner.top + block.header_rows - 1)
    headed = {column for (row, column), cell in covered.items() if row <= heads[1] and grid.text(*cell)}
    if block.header_rows:
        headed |= set(grid.part(heads, (low, high))["column"].unique())
    filled = headed | set(below)
    filled |= {column + number for column in headed if column >= low for number in range(1, count_flags(block) + 1)}
    inside = sorted(column for column in filled if low <= column <= high)
    if block.gaps or block.last:
        return tuple(inside)
    ordered = inside if sign > 0 else inside[::-1]
    reached = [column for number, column in enumerate(ordered) if column == first + sign * number]
    return tuple(sorted(reached))


def count_flags(block: Block) -> int:
    return max(
        (
            component_map.source.number or 0
            for component_map in block.components
            if component_map.source.kind == "beside"
        ),
        default=0,
    )


def map_covered(table: Table, headers: Sequence[int], labels: Sequence[int], rows: pl.Series) -> dict[Cell, Cell]:
    """Map each header or label cell covered by another cell to that cell."""
    covered = find_covered_heads(table, headers)
    below = rows.to_list() if table.merged else []
    for merged in table.merged:
        cell = (merged.first_row, merged.first_column)
        inside = [column for column in labels if merged.first_column <= column <= merged.last_column]
        for row in below[bisect_left(below, merged.first_row) : bisect_right(below, merged.last_row)] if inside else ():
            covered |= {(row, column): cell for column in inside if (row, column) != cell}
    return covered


def find_covered_heads(table: Table, headers: Sequence[int]) -> dict[Cell, Cell]:
    """Map each header cell covered by a merged cell, or by the head above it, to that cell.

    A head covers the empty cell below it if other heads span several columns: “Total” beside “of which” above “men” and
    “women”. Otherwise the lower row may hold units or notes, and its empty cells stay empty.
    """
    covered: dict[Cell, Cell] = {}
    for merged in table.merged:
        cell = (merged.first_row, merged.first_column)
        for row in headers:
            if merged.first_row <= row <= merged.last_row:
                covered |= {(row, column): cell for column in range(merged.first_column, merged.last_column + 1)}
    covered = {at: cell for at, cell in covered.items() if at != cell}
    if len(headers) > 1:
        heads = Range(headers[0], 1, last_row=headers[-1], last_column=table.last_column)
        filled = {cell for cell, text in table.texts(heads).items() if text.strip()}
        for upper, lower in pairwise(headers):
            above = sorted(column for row, column in filled if row == upper)
            below = {column for row, column in filled.union(covered) if row == lower}
            wide = {column for column in above if column + 1 not in above}
            if any({column, column + 1} <= below for column in wide):
                deeper = {column - 1 for row, column in filled if row > lower}  # “2022” over men and women below
                hidden = {(lower, column): (upper, column) for column in above if column not in below | wide & deeper}
                covered |= {cell: covered.get(head, head) for cell, head in hidden.items()}
                filled.update(hidden)
        for upper, lower in combinations(headers, 2):
            covered |= find_centred_heads(table, upper, lower)
    return covered


def find_centred_heads(table: Table, upper: int, lower: int) -> dict[Cell, Cell]:
    """Map the cells beside each centred head, if all groups of columns have the same heads below."""
    rows = table.rows
    heads, below = (
        {column: text.strip() for column, text in sorted(rows.get(row, {}).items()) if text.strip()}
        for row in (upper, lower)
    )
    groups = find_centred_groups([*heads], below) or find_centred_groups(
        [*heads][1:], below
    )  # without the head of the labels
    return {(upper, at): (upper, head) for head, group in groups.items() for at in group if at != head}


def find_centred_groups(heads: Sequence[int], below: Mapping[int, str]) -> Mapping[int, range]:
    widths = {after - before for before, after in pairwise(heads)}
    if len(widths) != 1 or not below:
        return {}
    width, behind = widths.pop(), max(below) - heads[-1]
    groups = {head: range(head + behind - width + 1, head + behind + 1) for head in heads}
    texts = {tuple(below.get(column, "") for column in group) for group in groups.values()}
    is_full = len(texts) == 1 and len({*texts.pop()} - {""}) == width
    return groups if is_full and 0 < behind < width - 1 else {}


MAX_HEAD_ROWS = 2_000
"""Anchors are searched in these rows first."""
MAX_COMPARED_CELLS = 2_000


@dataclass(frozen=True, slots=True)
class Corner:
    """The anchor of a block, and its last possible row and column."""

    top: int
    left: int
    _: KW_ONLY
    bottom: int
    side: int


def find_corners(block: Block, grid: Grid, where: Place) -> list[Corner]:
    """Find the corners of a block; raise `DeclarationError` with the nearest text if it has none."""
    outermost = 1 if block.labels_right else LAST
    bottom, side = parse_last_cell(block.last) or (LAST, outermost)
    if block.cell:
        return [Corner(*parse_cell(block.cell), bottom=bottom, side=side)]
    anchor_cells: list[Cell] = []
    for anchor in block.anchors:
        cells = (cell for head in (True, False) for cell in find_matching_cells(anchor, grid, head=head))
        anchor_cells = sorted(cells) if block.every else list(next(([cell] for cell in cells), []))
        if anchor_cells:
            break
    if block.every:
        anchor_cells = [
            (row, column) for row, column in anchor_cells if row <= bottom and _is_within(column, side, block)
        ]
    if not anchor_cells:
        raise build_anchor_error(block, grid, where)
    corners = [Corner(*cell, bottom=bottom, side=side) for cell in anchor_cells]
    return [_limit_corner(corner, anchor_cells, block) for corner in corners] if block.every else corners


def parse_last_cell(last: str) -> tuple[int, int] | None:
    """Return the last row and column of a block; a column alone (``F``) does not limit rows.

    >>> parse_last_cell("F12"), parse_last_cell("F"), parse_last_cell("")
    ((12, 6), (2147483647, 6), None)
    """
    if last.isalpha():
        return LAST, parse_cell(f"{last}1")[1]
    return parse_cell(last) if last else None


def find_matching_cells(anchor: str, grid: Grid, *, head: bool) -> Iterator[Cell]:
    end = int(grid.cells["row"].search_sorted(MAX_HEAD_ROWS, "right"))
    cells = grid.cells.slice(0, end) if head else grid.cells.slice(end)
    if not (extract_expression(anchor) or set(anchor) & set("*?[")):
        word = max(anchor.split(), key=len, default="")
        if word.isascii():
            cells = cells.filter(pl.col("text").str.contains(word, literal=True))
    if cells.is_empty():
        return
    fitting_cells = cells.filter(fitting(cells["text"], lambda text: is_match(text, anchor)))
    yield from ((row, column) for row, column in fitting_cells.select("row", "column").iter_rows())


def _is_within(column: int, side: int, block: Block) -> bool:
    return column >= side if block.labels_right else column <= side


def _limit_corner(corner: Corner, anchor_cells: list[Cell], block: Block) -> Corner:
    top, left = corner.top, corner.left
    below = [row for row, column in anchor_cells if row >= top + max(block.header_rows, 1) and column == left]
    sign = -1 if block.labels_right else 1
    beside = [column for row, column in anchor_cells if row == top and (column - left) * sign > 0]
    nearest_beside = min(beside, key=lambda column: abs(column - left), default=0)
    side = nearest_beside - sign if nearest_beside else corner.side
    return replace(corner, bottom=min([corner.bottom, *(row - 1 for row in below)]), side=side)


def suggest_text(nearest_text: str, cell: str) -> str:
    nearest_cell = f"The nearest text is “{nearest_text}” in {cell}. " if nearest_text else ""
    return f"{nearest_cell}Restore the text, or map the table again: sdmxmig map TABLE --like MAPPING"


def build_anchor_error(block: Block, grid: Grid, where: Place) -> DeclarationError:
    texts: dict[str, Cell] = {}
    for row, column, text in grid.cells.head(MAX_COMPARED_CELLS).select("row", "column", "text").iter_rows():
        texts.setdefault(collapse_blanks(text), (row, column))
    guess = find_nearest(collapse_blanks(block.anchors[0]), texts)
    hint = suggest_text(guess, format_cell(*texts[guess]) if guess else "")
    anchors = "” or “".join(block.anchors)
    return DeclarationError(
        f"No cell of {grid.name} contains “{anchors}”.", Place(where.file, key=f"{block.key}.anchor"), hint
    )


TITLE_SEPARATOR = re.compile(r"[\s.:–=-]*")


def check_titles(block: Block, grid: Grid, rows: pl.Series, lines: Mapping[Source, pl.DataFrame], where: Place) -> None:
    """Check for required texts in titles or a label column; raise `DeclarationError` with the nearest text."""
    if not block.required_texts:
        return
    around = grid.cells.filter(~is_in("row", rows))
    rows_of_notes = around.sort("row", "column").group_by("row").agg(pl.col("text").str.join(" "))["text"]
    beside = [line.filter(is_in("position", rows)) for source, line in lines.items() if source.kind == "column"]
    for pattern in block.required_texts:

        def fits(texts: pl.Series, wanted: str = pattern) -> pl.Series:
            return fitting(texts, lambda text: is_match(text, wanted))

        if not (
            fits(around["text"]).any()
            or fits(rows_of_notes).any()
            or any(line.height and fits(line["text"]).all() for line in beside)
        ):
            raise _build_title_error(pattern, around, grid, Place(where.file, key=f"{block.key}.says"))


def _build_title_error(pattern: str, around: pl.DataFrame, grid: Grid, place: Place) -> DeclarationError:
    texts = {
        collapse_blanks(text): format_cell(row, column)
        for row, column, text in around.select("row", "column", "text").rows()
    }
    guess = find_nearest(pattern, texts)
    hint = suggest_text(guess, texts[guess] if guess else "")
    return DeclarationError(f"No cell around the block of {grid.name} matches “{pattern}”.", place, hint)


def add_footnote_marks(block: Block, grid: Grid, held_rows: pl.Series) -> Block:
    if block.footnotes is None:
        return block
    outside = grid.cells.filter(~is_in("row", held_rows))
    texts_by_mark = index_texts(block.footnotes, outside)
    declared = {mark for mark, _ in block.values.marks}
    more = tuple(
        (mark, ((block.footnotes.component, text),)) for mark, text in texts_by_mark.items() if mark not in declared
    )
    return replace(block, values=replace(block.values, marks=(*block.values.marks, *more)))


def index_texts(footnotes: Footnotes, cells: pl.DataFrame) -> dict[str, str]:
    """Return marks with texts, from one cell (``1) Provisional.``) or two adjacent cells."""
    marks = compiled(footnotes.marks)
    texts_by_mark: dict[str, str] = {}
    alone: dict[int, str] = {}
    for row, text in cells.select("row", "text").iter_rows():
        written = collapse_blanks(text)
        mark = marks.match(written)
        if row in alone and written:
            texts_by_mark.setdefault(alone.pop(row), written)
        elif mark and (text_of_note := TITLE_SEPARATOR.sub("", written[mark.end() :], count=1)):
            texts_by_mark.setdefault(written[: mark.end()], text_of_note)
        elif mark:
            alone[row] = written[: mark.end()]
    return texts_by_mark
