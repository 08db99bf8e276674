"""Harmless changes: the table keeps its meaning, and no new question is needed."""

from __future__ import annotations

import random
import re

from benchmarks.retitled_tables.kinds_cells import rewrite_sex
from benchmarks.retitled_tables.model import Cell, Sheet, Table, number_of
from benchmarks.retitled_tables.tools import (
    YEAR,
    code_of,
    columns,
    figures,
    head_row,
    heads,
    is_cross,
    kind,
    label_rows,
    need,
    note,
    table_column,
    total_row,
    word,
    words_of,
)


def note_kind(name: str, key: str) -> None:
    """A kind with a further line below the table, or under its title."""

    @kind(name)
    def damage(table: Table, rng: random.Random) -> None:
        text = word(table, key, rng)
        if name == "plain_source" and rng.random() < 0.5:
            next(table.main.cells("note"))[2].text = text
        elif name == "plain_updated" and rng.random() < 0.4:
            table.main.insert_row(head_row(table), [Cell(text, "note")])
        else:
            note(table, text)


for one in ("updated", "source", "rounding", "contact", "copyright", "see_also"):
    note_kind(f"plain_{one}", f"h_{one}")


@kind("plain_office_line")
def plain_office_line(table: Table, rng: random.Random) -> None:
    """The name of the office or the publication above the title."""
    table.main.insert_row(0, [Cell(word(table, "h_office", rng))])


@kind("plain_blank_column")
def plain_blank_column(table: Table, _rng: random.Random) -> None:
    """An empty first column."""
    table.main.insert_column(0, {r: Cell() for r in range(len(table.main.rows))})


@kind("plain_blank_rows")
def plain_blank_rows(table: Table, rng: random.Random) -> None:
    """Empty rows between title and table, or before the title."""
    at = rng.choice((0, head_row(table)))
    for _ in range(rng.randint(1, 3)):
        table.main.insert_row(at, [])


@kind("plain_capitals")
def plain_capitals(table: Table, rng: random.Random) -> None:
    """Title, or title and labels, in capitals."""
    need(table.base.language not in ("ar", "zh"))
    wanted = rng.choice((("title",), ("title", "stub", "head", "label", "section")))
    for _, _, cell in table.main.cells():
        if cell.role in wanted:
            text = cell.text.replace("i", "İ").replace("ı", "I") if table.base.language == "tr" else cell.text
            cell.text = text.upper()


@kind("plain_spaces")
def plain_spaces(table: Table, rng: random.Random) -> None:
    """Doubled, hard and trailing spaces in title and labels; the words stay."""
    for _, _, cell in table.main.cells():
        if cell.role in ("title", "label", "head") and rng.random() < 0.6:
            if rng.random() < 0.6:
                cell.text = cell.text.replace(" ", rng.choice(("\u00a0", "  ")), 1)
            else:
                cell.text += rng.choice((" ", "\u00a0"))


@kind("plain_indent")
def plain_indent(table: Table, rng: random.Random) -> None:
    """Labels of countries are indented by blanks, the total is not."""
    is_cross(table)
    dim, blanks = table.base.labels[0], rng.choice(("  ", "   ", "\u2003", "\u00a0\u00a0"))
    for r in label_rows(table):
        if code_of(table, r, dim) != "_T":
            table.main.rows[r][0].text = blanks + table.main.rows[r][0].text


@kind("plain_sheet_name")
def plain_sheet_name(table: Table, rng: random.Random) -> None:
    """Another, meaningless name of the sheet."""
    need(table.part["sheet"])
    table.say(sheet=word(table, "h_sheet", rng))


@kind("plain_cover")
def plain_cover(table: Table, rng: random.Random) -> None:
    """A sheet of contents before the table."""
    need(table.part["sheet"])
    name, title, number, text = words_of(table, "h_cover")
    rows = [[Cell(title)], [], [Cell(table.main.rows[0][0].text)], [Cell(text)]]
    if rng.random() < 0.5:
        rows[2].insert(0, Cell(f"{number}."))
    table.sheets.insert(0, Sheet(name, rows))


@kind("plain_spaced_numbers")
def plain_spaced_numbers(table: Table, rng: random.Random) -> None:
    """Numbers as text, with blanks between the thousands."""
    blank = rng.choice((" ", "\u00a0", "\u202f"))
    for cell in figures(table):
        cell.text = f"{int(cell.text):,}".replace(",", blank)


@kind("plain_comma_numbers")
def plain_comma_numbers(table: Table, _rng: random.Random) -> None:
    """Numbers as text, with commas between the thousands, where the language writes so."""
    need(table.base.language in ("en", "zh", "ar") and not table.base.long)
    for cell in figures(table):
        cell.text = f"{int(cell.text):,}"


@kind("plain_arabic_digits")
def plain_arabic_digits(table: Table, rng: random.Random) -> None:
    """Arabic-Indic digits in title and heads, or everywhere."""
    need(table.base.language == "ar")
    every = rng.random() < 0.5
    for _, _, cell in table.main.cells():
        if cell.role in ("title", "head") or (every and cell.facts is not None):
            cell.text = cell.text.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))


@kind("plain_label_mark")
def plain_label_mark(table: Table, rng: random.Random) -> None:
    """A raised number on a label, whose note is about the name only."""
    is_cross(table)
    need(table.base.partner)
    rows = [r for r in label_rows(table) if re.fullmatch("[A-Z]{2}", code_of(table, r, table.base.partner))]
    cell = table.main.rows[rng.choice(rows)][0]
    cell.text += rng.choice((" 1)", "¹", " ¹"))
    note(table, word(table, "h_name_note", rng))


@kind("plain_total_word")
def plain_total_word(table: Table, rng: random.Random) -> None:
    """Another word for the total."""
    row = table.main.rows[total_row(table)]
    text = word(table, "h_total", rng)
    need(text != row[0].text)
    row[0].text = text


@kind("plain_year_word")
def plain_year_word(table: Table, rng: random.Random) -> None:
    """The word year beside the years."""
    is_cross(table)
    need(heads(table))
    form = word(table, "h_year", rng)
    for cell in heads(table):
        cell.text = form.format(y=YEAR.findall(cell.text)[0])


@kind("plain_sex_words")
def plain_sex_words(table: Table, rng: random.Random) -> None:
    """Other words for the sexes."""
    male, female = word(table, "h_sex", rng)
    rewrite_sex(table, male, female)


@kind("plain_formal_names")
def plain_formal_names(table: Table, rng: random.Random) -> None:
    """Formal names of countries."""
    dim, done = table.base.partner, 0
    need(dim)
    names = dict(rng.sample(words_of(table, "h_formal"), 2))
    for r in label_rows(table):
        for cell in table.main.rows[r]:
            if cell.role == "label" and cell.dim == dim and code_of(table, r, dim) in names:
                cell.text, done = names[code_of(table, r, dim)], done + 1
    need(done)


@kind("plain_line_breaks")
def plain_line_breaks(table: Table, rng: random.Random) -> None:
    """Line breaks inside heads and title."""
    done = 0
    for _, _, cell in table.main.cells():
        if cell.role in ("head", "stub", "value", "title") and " " in cell.text.strip():
            places = [m.start() for m in re.finditer(r"(?<=\S) (?=\S)", cell.text)]
            at = rng.choice(places) if cell.role != "title" else places[len(places) // 2]
            cell.text, done = cell.text[:at] + "\n" + cell.text[at + 1 :], done + 1
    need(done)


@kind("plain_rows_sorted")
def plain_rows_sorted(table: Table, rng: random.Random) -> None:
    """The countries come in another order: by size, or by name."""
    is_cross(table)
    dim = table.base.partner
    need(dim and not table.base.sections)
    rows = [r for r in label_rows(table) if len(code_of(table, r, dim)) == 2 and code_of(table, r, dim)[0] != "_"]
    at = columns(table)[-1]
    by_size = rng.random() < 0.5
    found = [table.main.rows[r] for r in rows]
    found.sort(key=(lambda row: -(number_of(row[at].text) or 0)) if by_size else (lambda row: row[0].text))
    for r, row in zip(rows, found, strict=True):
        table.main.rows[r] = row


@kind("plain_gap_rows")
def plain_gap_rows(table: Table, rng: random.Random) -> None:
    """Empty rows between heads and figures, or around the total."""
    is_cross(table)
    at = total_row(table) if not table.base.sections else label_rows(table)[0]
    rows = label_rows(table)
    table.main.insert_row(at + 1 if at == rows[0] and not table.base.sections else at, [])
    if rng.random() < 0.5:
        table.main.insert_row(head_row(table) + len(table.base.heads), [])


@kind("plain_spacer_columns")
def plain_spacer_columns(table: Table, rng: random.Random) -> None:
    """An empty column between labels and figures, or between two years."""
    is_cross(table, 1)
    found = columns(table)
    table_column(table, found[0] if rng.random() < 0.5 else rng.choice(found[1:]), {})


@kind("plain_title_merged")
def plain_title_merged(table: Table, rng: random.Random) -> None:
    """The title is merged over the table's width, or over two of its rows."""
    need(table.part["sheet"])
    width = columns(table)[-1]
    cell = next(table.main.cells("title"))[2]
    table.main.rows[0] = [cell] + [Cell("<") for _ in range(width)]
    if rng.random() < 0.5 and not table.base.unit_line:
        table.main.insert_row(1, [Cell("^")] + [Cell("<") for _ in range(width)])
