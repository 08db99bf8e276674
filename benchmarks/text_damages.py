"""Damages to the texts of an office's sheets: headers, labels, figures, titles and names of sheets change."""

from __future__ import annotations

import random
import re

from benchmarks.damaged_sheets import Book

UNIT = ", in thousands"
UNITS = re.compile(r"\b(thousands?|persons|millions?|per ?cent)\b|%")
MARKS = ("*", " 1)", "(b)", "³", "p")


def other_text(text: str, rng: random.Random) -> str:
    """What a label is called next year."""
    return rng.choice([text + "x", text[:-1] or "x", "Total", text.upper() + "."])


def renamed(book: Book, *, heads: bool) -> bool:
    """A header or label has another text."""
    sheet, body = book.any_sheet()
    cells = sorted(body.heads if heads else body.labels)
    if cells:
        at = book.rng.choice(cells)
        sheet.rewrite(at, other_text(sheet.cells[at].text, book.rng))
    return bool(cells)


def header_renamed(book: Book) -> bool:
    """A header has another text."""
    return renamed(book, heads=True)


def label_renamed(book: Book) -> bool:
    """A label of a row has another text."""
    return renamed(book, heads=False)


def headers_swapped(book: Book) -> bool:
    """The texts of two headers of a row change places, the figures stay."""
    sheet, body = book.any_sheet()
    row = book.rng.choice([row for row, _ in body.heads] or [0])
    heads = sorted(at for at in body.heads if at[0] == row)
    if len(heads) < 2:
        return False
    one, other = book.rng.sample(heads, 2)
    texts = sheet.cells[one].text, sheet.cells[other].text
    sheet.rewrite(one, texts[1])
    sheet.rewrite(other, texts[0])
    return True


def footnote_added(book: Book) -> bool:
    """A mark that the mapping does not know is glued to a figure, label or header."""
    sheet, body = book.any_sheet()
    pools = [sorted(pool) for pool in (body.values & set(sheet.cells), body.labels, body.heads) if pool]
    at = book.rng.choice(book.rng.choice(pools))
    sheet.rewrite(at, sheet.cells[at].text + book.rng.choice(MARKS))
    return True


def signs_changed(book: Book, signs: dict[str, str]) -> bool:
    """All figures are written with other signs, as text."""
    sheet, body = book.any_sheet()
    table = str.maketrans(signs)
    done = False
    for at in body.values & set(sheet.cells):
        text = sheet.cells[at].text
        if text.translate(table) != text and re.search(r"\d", text):
            sheet.rewrite(at, text.translate(table))
            done = True
    return done


def decimal_changed(book: Book) -> bool:
    """Decimals are written with the other sign."""
    return signs_changed(book, {".": ",", ",": "."})


def thousands_changed(book: Book) -> bool:
    """Thousands are set apart by another sign than before."""
    sheet, body = book.any_sheet()
    sign = book.rng.choice([",", ".", " ", "'"])
    done = False
    for at in body.values & set(sheet.cells):
        text = sheet.cells[at].text
        whole, rest = re.match(r"-?[\d.,'\s]*", text)[0], ""  # type: ignore[index]
        digits = re.sub(r"\D", "", whole)
        if not (sheet.cells[at].kind == "text" and "." in whole) and len(digits) > 3 and digits == whole.strip():
            rest = f"{int(digits):,}".replace(",", sign)
            sheet.rewrite(at, rest + text[len(whole) :])
            done = True
    return done


def sheet_renamed(book: Book) -> bool:
    """A sheet is called otherwise."""
    sheet, _ = book.any_sheet()
    if not sheet.name:
        return False
    sheet.name = book.rng.choice([f"{sheet.name} (2)", sheet.name[:3], "Data new"])
    return True


def sheets_swapped(book: Book) -> bool:
    """The sheets stand in another order."""
    if len(book.sheets) < 2:
        return False
    book.sheets.reverse()
    return True


def sheet_names_swapped(book: Book) -> bool:
    """Two sheets have each other's name."""
    named = [sheet for sheet in book.sheets if sheet.name in book.bodies]
    if len(named) < 2:
        return False
    sheet, other = book.rng.sample(named, 2)
    sheet.name, other.name = other.name, sheet.name
    return True


def headers_unmerged(book: Book) -> bool:
    """Merged cells are merged no more."""
    merged = [sheet for sheet in book.sheets if sheet.merged and sheet.name in book.bodies]
    if not merged:
        return False
    book.rng.choice(merged).merged.clear()
    return True


def unit_changed(book: Book) -> bool:
    """The title above the table tells another unit, or the head of its only column of figures.

    Of several titles those change that name a unit, else all.
    """
    sheet, body = book.any_sheet()
    if not body.heads:
        titles = [at for at in sheet.cells if at[0] < body.rows[0] and at[1] == body.columns[0]][-1:]
    else:
        top = min(row for row, _ in body.heads)
        titles = [at for at, cell in sheet.cells.items() if at[0] < top and cell.kind == "text"]
    for at in [at for at in titles if UNITS.search(sheet.cells[at].text)] or titles:
        sheet.rewrite(at, sheet.cells[at].text + UNIT)
    return bool(titles)
