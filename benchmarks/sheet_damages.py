"""Damages to the sheets of an office: rows and columns come, go and move; and all damages by name."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from benchmarks.damaged_sheets import At, Body, Book, Sheet, sheets_of
from benchmarks.text_damages import (
    decimal_changed,
    footnote_added,
    header_renamed,
    headers_swapped,
    headers_unmerged,
    label_renamed,
    sheet_names_swapped,
    sheet_renamed,
    sheets_swapped,
    thousands_changed,
    unit_changed,
)
from sdmxmig.sdmx.model.tables import Table

NEW_COLUMN, NEW_ROW = "Change, %", "Nowhere Land"
Damage = Callable[[Book], bool]
"""Damages a book; false if it has nothing that could be damaged in this way."""


def rows_above(book: Book) -> bool:
    """Lines come in above the table."""
    sheet, _ = book.any_sheet()
    count = book.rng.randint(1, 3)
    sheet.insert(row=1, count=count)
    if book.rng.random() < 0.5:
        sheet.write((1, 1), "Revised edition")
    return True


def row_lost_above(book: Book) -> bool:
    """A line above the table goes."""
    sheet, body = book.any_sheet()
    top = min([row for row, _ in body.heads] or body.rows)
    if top < 2:
        return False
    sheet.insert(row=book.rng.randint(1, top - 1), count=-1)
    return True


def row_inside(book: Book) -> bool:
    """A line without figures comes in between the rows."""
    sheet, body = book.any_sheet()
    row = book.rng.choice(body.rows)
    sheet.insert(row=row)
    if book.rng.random() < 0.5:
        sheet.write((row, left_of(sheet)), "of which:")
    return True


def figures_shifted(book: Book) -> bool:
    """The figures slip one row down beside their labels."""
    sheet, body = book.any_sheet()
    columns, rows = set(body.columns), body.rows
    first, last = rows[0], rows[-1]
    moved = {at: sheet.cells.pop(at) for at in list(sheet.cells) if at[1] in columns and first <= at[0] <= last}
    sheet.cells |= {(row + 1, column): cell for (row, column), cell in moved.items()}
    return True


def column_put(book: Book, column: int, sheet: Sheet, body: Body) -> bool:
    """A column of other figures with a header comes in before a column."""
    sheet.insert(column=column)
    heads = [row for row, _ in body.heads]
    top = max(heads) if heads else body.rows[0] - 1
    like = sheet.cells[next(at for at in sheet.cells if sheet.cells[at].old in olds(sheet, body))]
    if top > 0 and book.rng.random() < 0.8:
        sheet.write((top, column), NEW_COLUMN)
    for row in body.rows:
        sheet.write((row, column), str(book.rng.randint(100_000, 999_999)), like)
    return True


def olds(sheet: Sheet, body: Body) -> set[At]:
    """Where the values stood before."""
    return {(sheet.table.sheet, *at) for at in body.values}


def left_of(sheet: Sheet) -> int:
    """The first column with any text."""
    return min(column for _, column in sheet.cells)


def column_left(book: Book) -> bool:
    """A column comes in before all others."""
    sheet, body = book.any_sheet()
    return column_put(book, left_of(sheet), sheet, body)


def column_middle(book: Book) -> bool:
    """A column comes in between the columns of values, or before the first."""
    sheet, body = book.any_sheet()
    return column_put(book, book.rng.choice(body.columns), sheet, body)


def column_right(book: Book) -> bool:
    """A column comes in behind the last column of values."""
    sheet, body = book.any_sheet()
    return column_put(book, body.columns[-1] + 1, sheet, body)


def column_removed(book: Book) -> bool:
    """A column of values goes."""
    sheet, body = book.any_sheet()
    sheet.insert(column=book.rng.choice(body.columns), count=-1)
    return True


def label_column_removed(book: Book) -> bool:
    """A column before the values goes."""
    sheet, body = book.any_sheet()
    before = list(range(left_of(sheet), body.columns[0]))
    if not before:
        return False
    sheet.insert(column=book.rng.choice(before), count=-1)
    return True


def exchange(sheet: Sheet, one: int, other: int, first: int) -> None:
    """Two columns change places from a row on."""
    places = {one: other, other: one}
    sheet.cells = {(r, places.get(c, c) if r >= first else c): cell for (r, c), cell in sheet.cells.items()}


def columns_swapped(book: Book) -> bool:
    """Two columns of values change places with their headers.

    Where columns share a header, none can leave it: the table itself would tell something else.
    """
    sheet, body = book.any_sheet()
    rows = {row for row, _ in body.heads}
    shared = any((row, column) not in sheet.cells for row in rows for column in body.columns)
    if len(body.columns) < 2 or shared or sheet.merged:
        return False
    one, other = book.rng.sample(body.columns, 2)
    exchange(sheet, one, other, min(rows or {1}))
    return True


def label_columns_swapped(book: Book) -> bool:
    """Two columns of labels change places with their headers."""
    sheet, body = book.any_sheet()
    columns = sorted({column for _, column in body.labels})
    if len(columns) < 2 or sheet.merged:
        return False
    one, other = book.rng.sample(columns, 2)
    exchange(sheet, one, other, max(1, body.rows[0] - 1))
    return True


def row_added(book: Book) -> bool:
    """A row of a country comes in that was not there."""
    sheet, body = book.any_sheet()
    row = book.rng.choice(body.rows)
    copied = {at[1]: cell for at, cell in sheet.cells.items() if at[0] == row}
    labels = [at for at in body.labels if at[0] == row]
    if not labels:
        return False
    sheet.insert(row=row)
    for column, cell in copied.items():
        figure = column in body.columns
        sheet.write((row, column), str(book.rng.randint(100_000, 999_999)) if figure else cell.text, cell)
    sheet.write(book.rng.choice(sorted(labels)), NEW_ROW)
    return True


def country_removed(book: Book) -> bool:
    """The rows of a label go."""
    sheet, body = book.any_sheet()
    if not body.labels:
        return False
    at = book.rng.choice(sorted(body.labels))
    text = sheet.cells[at].text
    rows = sorted({row for row, column in body.labels if column == at[1] and sheet.cells[row, column].text == text})
    if len(rows) == len(body.rows):
        return False
    for row in reversed(rows):
        sheet.insert(row=row, count=-1)
    return True


def year_added(book: Book) -> bool:
    """The next year comes in: a column behind the last, or a row below the last."""
    sheet, body = book.any_sheet()
    heads = sorted((at for at, name in body.heads.items() if name == "TIME_PERIOD"), key=lambda at: at[1])
    labels = sorted(at for at, name in body.labels.items() if name == "TIME_PERIOD")
    at = (heads or labels or [(0, 0)])[-1]
    years = re.findall(r"\d{4}", sheet.cells[at].text) if at in sheet.cells else []
    if not years:
        return False
    text = sheet.cells[at].text.replace(years[-1], str(int(years[-1]) + 1))
    line = at[1] if heads else body.rows[-1]
    number = body.columns[-1] if heads else line
    copied = {place: cell for place, cell in sheet.cells.items() if place[1 if heads else 0] == number}
    sheet.insert(**({"column": number + 1} if heads else {"row": number + 1}))
    for (row, column), cell in copied.items():
        place = (row, number + 1) if heads else (number + 1, column)
        figure = (row in body.rows) if heads else (column in body.columns)
        sheet.write(place, str(book.rng.randint(100_000, 999_999)) if figure else cell.text, cell)
    sheet.write((at[0], number + 1) if heads else (number + 1, at[1]), text)
    return True


DAMAGES: dict[str, Damage] = {
    one.__name__: one
    for one in (
        *(rows_above, row_lost_above, row_inside, figures_shifted, column_left, column_middle, column_right),
        *(column_removed, label_column_removed, header_renamed, label_renamed, headers_swapped, columns_swapped),
        *(label_columns_swapped, footnote_added, decimal_changed, thousands_changed, row_added, country_removed),
        *(year_added, sheet_renamed, sheets_swapped, sheet_names_swapped, headers_unmerged, unit_changed),
    )
}


def damaged(tables: Sequence[Table], bodies: dict[str, Body], damage: str, seed: int) -> list[Sheet] | None:
    """The sheets after a damage, None if these tables have nothing that could be damaged so."""
    book = Book(sheets_of(tables), bodies, rng=random.Random(seed))  # noqa: S311 - a campaign that anyone can repeat
    return book.sheets if DAMAGES[damage](book) else None
