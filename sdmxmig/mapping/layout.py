"""Where a declared block lies in a sheet: its header rows, label columns, rows and columns of values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from sdmxmig.errors import DeclarationError, nearest
from sdmxmig.mapping.texts import folded, matches
from sdmxmig.model.data import Block, Skip
from sdmxmig.model.tables import Table
from sdmxmig.places import Place, cell_name, cell_position

LOOK_AT = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """A block found in a table. Rows and columns are numbers from 1, in order.

    `rows` and `columns` hold values; `skipped_rows` and `skipped_columns` give the reason for those left out;
    `sections` names for each row the row of its section title; `noted_rows` and `noted_columns` are those that
    hold no values but the texts of a component, by their label. `covered` leads from a header or label cell that a
    merged cell hides, or that takes the text before it, to the cell whose text counts.
    """

    table: Table
    block: Block
    top: int
    left: int
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    skipped_rows: Mapping[int, str]
    skipped_columns: Mapping[int, str]
    sections: Mapping[int, int]
    noted_rows: Mapping[str, int]
    noted_columns: Mapping[str, int]
    covered: Mapping[tuple[int, int], tuple[int, int]]
    all_rows: frozenset[int]
    all_columns: frozenset[int]

    def origin(self, row: int, column: int) -> tuple[int, int]:
        """The cell whose text counts for this one: the merged cell that covers it, the one it repeats, else itself."""
        return self.covered.get((row, column), (row, column))

    def text(self, row: int, column: int) -> str:
        """The folded text that counts for a cell."""
        return folded(self.table.text(*self.origin(row, column)))

    def holds(self, row: int, column: int) -> bool:
        """Whether a cell lies in the block: header, label, value, or left out with a reason."""
        return row in self.all_rows and column in self.all_columns

    def values(self) -> Iterator[tuple[int, int]]:
        """The filled value cells, also those that are left out; labels and notes are none."""
        noted = set(self.noted_columns.values())
        for row in sorted(self.all_rows):
            if row < self.top + self.block.header_rows or row in self.noted_rows.values():
                continue
            for column, text in sorted(self.table.rows.get(row, {}).items()):
                value = column in self.all_columns and column >= self.left + self.block.header_columns
                if value and column not in noted and text.strip():
                    yield row, column

    def reason(self, row: int, column: int) -> str:
        """Why a cell of the block is left out, empty if it is not."""
        return self.skipped_rows.get(row) or self.skipped_columns.get(column, "")


def find_tables(tables: Iterable[Table], block: Block, where: Place) -> list[Table]:
    """The tables whose sheet the block names; `where` is the mapping file.

    Raises `DeclarationError` with the nearest sheet if there is none.
    """
    listed = list(tables)
    found = [table for table in listed if matches(table.sheet, block.sheet)]
    if not found:
        sheets = [table.sheet for table in listed]
        guess = nearest(block.sheet, sheets)
        hint = f"Did you mean “{guess}”?" if guess else f"Its sheets are: {', '.join(sheets)}."
        if not any(sheets):
            hint = 'A text file has one sheet without a name: write sheet = "*".'
        file = listed[0].file if listed else "the workbook"
        place = Place(where.file, key=f"{block.key}.sheet")
        raise DeclarationError(f"There is no sheet “{block.sheet}” in {file}.", place, hint)
    return found


def locate(block: Block, table: Table, where: Place) -> Layout:
    """Find a block in a table; `where` is the mapping file.

    Raises `DeclarationError` naming the sheet and the nearest text if the anchor, the end, or a row or column that
    the mapping names is not there.
    """
    top, left = _corner(block, table, where)
    covered = _covered(block, table, top, left)
    every_row = _body_rows(block, table, top, left, where)
    every_column = _value_columns(block, table, (top, left), every_row, covered)
    if not (every_row and every_column):
        raise _empty(block, table, (top, left), where)
    covered |= _carried(block, table, (top, left), every_row, every_column, covered)

    def text(row: int, column: int) -> str:
        return folded(table.text(*covered.get((row, column), (row, column))))

    labels = {row: text(row, left) for row in every_row}
    heads = {column: text(top + block.header_rows - 1, column) for column in every_column}
    noted_rows = dict(_noted(block, table, "row", labels, where))
    noted_columns = dict(_noted(block, table, "column", heads, where))
    skipped_rows = dict(_skipped(block.skip_rows, every_row, lambda row, n: text(row, left + n - 1)))
    skipped_columns = dict(_skipped(block.skip_columns, every_column, lambda column, n: text(top + n - 1, column)))
    sections, titles = _sections(block, table, left, every_row)
    leave = {*noted_rows.values(), *skipped_rows, *titles}
    return Layout(
        table,
        block,
        top,
        left,
        tuple(row for row in every_row if row not in leave),
        tuple(c for c in every_column if c not in skipped_columns and c not in noted_columns.values()),
        skipped_rows,
        skipped_columns,
        sections,
        noted_rows,
        noted_columns,
        covered,
        frozenset({*range(top, top + block.header_rows), *every_row}),
        frozenset({*range(left, left + block.header_columns), *every_column}),
    )


def _corner(block: Block, table: Table, where: Place) -> tuple[int, int]:
    if block.cell:
        return cell_position(block.cell)
    wanted = folded(block.anchor)
    texts: dict[str, tuple[int, int]] = {}
    for row in sorted(table.rows):
        for column in sorted(table.rows[row]):
            text = folded(table.rows[row][column])
            if text == wanted:
                return row, column
            if len(texts) < LOOK_AT:
                texts.setdefault(text, (row, column))
    guess = nearest(wanted, texts)
    hint = f"The nearest text is “{guess}” in {cell_name(*texts[guess])}." if guess else "Look at its headers."
    raise DeclarationError(
        f"No cell of {_named(table)} says “{block.anchor}”.", Place(where.file, key=f"{block.key}.anchor"), hint
    )


def _empty(block: Block, table: Table, corner: tuple[int, int], where: Place) -> DeclarationError:
    size = f"{block.header_rows} header row(s) and {block.header_columns} label column(s)"
    return DeclarationError(
        f"The block at {cell_name(*corner)} of {_named(table)} has no values beside its {size}.",
        Place(where.file, key=f"{block.key}.header_rows"),
        "Correct header_rows and header_columns, or “until”.",
    )


def _named(table: Table) -> str:
    return f"the sheet “{table.sheet}” of {table.file}" if table.sheet else table.file


def _body_rows(block: Block, table: Table, top: int, left: int, where: Place) -> tuple[int, ...]:
    """The rows below the headers that belong to the block; those without any text are no rows."""
    first = top + block.header_rows
    rows: list[int] = []
    until = folded(block.until)
    for row in sorted(row for row in table.rows if row >= first):
        if not any(column >= left and text.strip() for column, text in table.rows[row].items()):
            continue
        if until and matches(table.text(row, left), until):
            return tuple(rows)
        if not (until or block.gaps) and row != first + len(rows):
            return tuple(rows)
        rows.append(row)
    if until:
        labels = {folded(table.text(row, left)): row for row in reversed(rows)}
        guess = nearest(until, [label for label in labels if label])
        hint = f"The nearest row is “{guess}”." if guess else "Correct or remove “until”."
        place = Place(where.file, key=f"{block.key}.until")
        raise DeclarationError(f"No row of {_named(table)} below its headers says “{block.until}”.", place, hint)
    return tuple(rows)


def _value_columns(
    block: Block,
    table: Table,
    corner: tuple[int, int],
    rows: tuple[int, ...],
    covered: Mapping[tuple[int, int], tuple[int, int]],
) -> tuple[int, ...]:
    """The columns right of the labels up to the first that is wholly empty, its header too; with gaps, all filled."""
    top, left = corner
    filled = {
        column
        for row in (*range(top, top + block.header_rows), *rows)
        for column, text in table.rows.get(row, {}).items()
        if text.strip()
    }
    filled |= {column for (row, column), cell in covered.items() if row < top + block.header_rows and table.text(*cell)}
    columns = []
    column = left + block.header_columns
    if block.gaps:
        return tuple(sorted(one for one in filled if one >= column))
    while column in filled:
        columns.append(column)
        column += 1
    return tuple(columns)


def _covered(block: Block, table: Table, top: int, left: int) -> dict[tuple[int, int], tuple[int, int]]:
    """For each cell of the header rows and label columns that a merged cell hides, that merged cell."""
    bottom, right = top + block.header_rows - 1, left + block.header_columns - 1
    below = sorted(row for row in table.rows if row > bottom)
    covered: dict[tuple[int, int], tuple[int, int]] = {}
    for one in table.merged:
        cell = (one.first_row, one.first_column)
        for row in range(max(one.first_row, top), min(one.last_row, bottom) + 1):
            for column in range(max(one.first_column, left), one.last_column + 1):
                covered[row, column] = cell
        columns = range(max(one.first_column, left), min(one.last_column, right) + 1)
        if columns and one.last_row > bottom:
            for row in below:
                if one.first_row <= row <= one.last_row:
                    covered.update(((row, column), cell) for column in columns)
    return covered


def _carried(
    block: Block,
    table: Table,
    corner: tuple[int, int],
    rows: tuple[int, ...],
    columns: tuple[int, ...],
    covered: Mapping[tuple[int, int], tuple[int, int]],
) -> dict[tuple[int, int], tuple[int, int]]:
    """For each empty header or label cell of a carried component, the cell before it that has a text."""
    top, left = corner
    lines: list[list[tuple[int, int]]] = []
    for one in block.components:
        kind, _, number = one.source.partition(" ")
        if one.carried and kind == "header":
            lines.append([(top + int(number) - 1, column) for column in columns])
        elif one.carried and number.isdecimal():
            lines.append([(row, left + int(number) - 1) for row in rows])
    carried: dict[tuple[int, int], tuple[int, int]] = {}
    for line in lines:
        last = None
        for cell in line:
            origin = covered.get(cell, cell)
            if folded(table.text(*origin)):
                last = origin
            elif last:
                carried[cell] = last
    return carried


def _noted(block: Block, table: Table, kind: str, labels: Mapping[int, str], where: Place) -> Iterator[tuple[str, int]]:
    """The rows or columns that components name by their label, such as ``column Source``."""
    for one in block.components:
        found, _, label = one.source.partition(" ")
        if found != kind or label.isdecimal():
            continue
        position = next((number for number, text in labels.items() if text == folded(label)), 0)
        if not position:
            guess = nearest(label, [text for text in labels.values() if text])
            hint = f"Did you mean “{kind} {guess}”?" if guess else f"Look at the {kind}s of the block."
            place = Place(where.file, key=f"{one.key}.from")
            raise DeclarationError(f"The block in {_named(table)} has no {kind} “{label}”.", place, hint)
        yield label, position


def _skipped(
    skips: Iterable[Skip], numbers: Iterable[int], text: Callable[[int, int], str]
) -> Iterator[tuple[int, str]]:
    listed = list(numbers)
    for skip in skips:
        for number in listed:
            if matches(text(number, skip.header), skip.match):
                yield number, skip.reason


def _sections(block: Block, table: Table, left: int, rows: Iterable[int]) -> tuple[dict[int, int], frozenset[int]]:
    """For each row the row of its section title, and all title rows: those whose only text is their first label."""
    if not block.sections:
        return {}, frozenset()
    sections: dict[int, int] = {}
    titles = set()
    title = 0
    for row in rows:
        filled = [column for column, text in table.rows[row].items() if column >= left and text.strip()]
        if filled == [left]:
            title = row
            titles.add(row)
        elif title:
            sections[row] = title
    return sections, frozenset(titles)
