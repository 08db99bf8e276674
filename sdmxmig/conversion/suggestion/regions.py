"""Location of figures in a sheet."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from itertools import combinations, pairwise, takewhile
from statistics import median

from sdmxmig.conversion.mapping.extent import map_covered
from sdmxmig.conversion.recognition.calendars import is_numbered_part
from sdmxmig.conversion.recognition.labels import bare, plain
from sdmxmig.conversion.recognition.times import moment, strip_mark
from sdmxmig.conversion.recognition.words import Vocabulary
from sdmxmig.conversion.suggestion.figures import (
    MIN_MOST_SHARE,
    Rows,
    counts_up,
    find_code_columns,
    find_counting_columns,
    is_count_head,
    is_figure,
    is_value_head,
    is_year,
)
from sdmxmig.conversion.suggestion.periods import split_years_from_marks
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import format_cell
from sdmxmig.sdmx.model.tables import Cell, Table

MAX_HEADER_LENGTH = 120
"""Maximum number of letters in a header; longer texts are titles or notes."""
MAX_HEADER_ROWS = 8
MAX_NOTES = 60
NOTE_MARK = r"(?:\([1-9]\)|[¹²³⁴-⁹])\s?(?=[^\W\d_])"
NEXT_NOTE = re.compile(rf"({NOTE_MARK}.*?);?\s(?={NOTE_MARK})")
"""A note before another in its cell: “(1) Including X; (2) Including Y”."""
MAX_GAP = 2
"""Maximum number of empty rows between header rows."""
MAX_DIGITS_BY_CHANCE = 2
NON_DIMENSION_ROLES = frozenset({"CODE", "COMMENT", "OBS_STATUS", "UNIT_MULT", "UNIT_MEASURE"})
LABEL_ROLES = NON_DIMENSION_ROLES | {
    "AGE",
    "TIME_PERIOD",
    "MONTH",
    "SEX",
    "AREA",
    "REGION",
    "C_BIRTH",
    "C_CITIZEN",
    "ORIGIN",
}
MIN_AGES, MAX_AGE_DIGITS, MAX_AGE = 8, 3, 100
PUBLICATION_CONCEPTS = ("PUBLISHED", "ADDED")
GROUPED_FIGURE = re.compile(r"^\D?\d{1,3}(?:[ .,'’\u00a0\u202f]\d{3})+(?!\d)")
OF_PEOPLE = ("SEX", "TOTAL")
GROUPS = (*OF_PEOPLE, "CTZ_STATUS", "BIRTH_STATUS", "GROUP")
"""Concepts of heads of figures: beside each other, “Citizen” and “Non-citizen” are two groups, not one label."""


@dataclass(frozen=True, eq=False)
class Region:
    """A rectangle of figures: headers from `top` to `first` - 1, figures to `last`.

    `titles` are above, `below` is the first text after; `is_part`: `sheet` has others. `cut` are split labels; `rates`
    are rows of rates.
    """

    table: Table
    top: int
    _: KW_ONLY
    first: int
    last: int
    labels: tuple[int, ...]
    values: tuple[int, ...]
    titles: tuple[str, ...]
    below: str
    flags: tuple[int, ...] = ()
    """Columns of statuses, each beside the column of figures on its left."""
    is_part: bool = False
    sheet: Table | None = None
    cut: tuple[tuple[int, str, int], ...] = ()
    rates: frozenset[int] = frozenset()
    headings: tuple[str, ...] = ()
    """Labels of moves of different directions, each the whole of the labels below it."""
    lower: tuple[str, ...] = ()
    """Labels of one sex of the people in the row above: “of which women”."""
    announcing: tuple[str, ...] = ()
    """Texts alone in their rows that only announce the labels below: “of which:”."""
    has_head_below: bool = False
    """Check whether the last header row has only the head of the labels, below the heads of figures."""
    filled_heads: frozenset[int] = frozenset()
    """Header rows whose empty cells a person said to take the head on their left."""

    @cached_property
    def notes(self) -> tuple[str, ...]:
        below = [list(cells.values()) for row, cells in sorted(self.table.rows.items()) if row > self.last]
        joined = (" ".join(text.split()) for texts in below for text in join_note(texts) if text.strip())
        return tuple(note for text in joined for note in NEXT_NOTE.sub(r"\1\n", text).split("\n"))[:MAX_NOTES]

    @property
    def labels_right(self) -> bool:
        return bool(self.labels) and min(self.labels) > max(self.values)

    @property
    def side(self) -> int:
        return max(self.labels) if self.labels_right else min((*self.labels, *self.values))

    @property
    def name(self) -> str:
        corner = format_cell(self.table.row_number(self.top), self.side)
        return f"{self.table.sheet} {corner}".strip() if self.is_part else self.table.sheet

    @cached_property
    def covered(self) -> Mapping[Cell, Cell]:
        rows = pl.Series([row for row in self.inside if row not in self.alone], dtype=pl.UInt32)
        return map_covered(self.table, range(self.top, self.first), self.labels, rows)

    def header(self, row: int, column: int) -> str:
        return " ".join(self.table.text(*self.covered.get((row, column), (row, column))).split())

    def has(self, row: int, column: int) -> bool:
        used = (*self.labels, *self.values)
        return self.top <= row <= self.last and min(used) <= column <= max(used)

    def head(self, column: int) -> str:
        texts = ((row, self.table.text(row, column).strip()) for row in range(self.first - 1, self.top - 1, -1))
        filled = [(row, text) for row, text in texts if text]
        return next((text for row, text in filled if row not in self.lone_rows), filled[0][1] if filled else "")

    @cached_property
    def lone_rows(self) -> frozenset[int]:
        rows, lone_rows = self.table.rows, set[int]()
        headed = False
        for row in range(self.top, self.first - self.has_head_below):
            cells = rows.get(row, {})
            if headed and len(cells) == 1 and min(cells) in self.labels:
                lone_rows.add(row)
            headed = headed or any(column in cells for column in self.values)
        return frozenset(lone_rows)

    @cached_property
    def begun(self) -> frozenset[int]:
        return frozenset(row - back for row, _, rows in self.cut for back in range(1, rows + 1))

    @cached_property
    def inside(self) -> Rows:
        rows = self.table.rows
        return {row: rows[row] for row in sorted(rows) if self.first <= row <= self.last}

    @cached_property
    def figures(self) -> tuple[tuple[int, int, str], ...]:
        columns = set(self.values)
        return tuple(
            (row, column, text)
            for row, cells in self.inside.items()
            if row not in self.rates
            for column, text in cells.items()
            if column in columns and text.strip()
        )

    @cached_property
    def commented(self) -> frozenset[Cell]:
        return frozenset(cell for cell in self.table.notes if self.first <= cell[0] and cell[1] in self.values)

    @cached_property
    def counted(self) -> frozenset[int]:
        return frozenset(row for row, _, _ in self.figures)

    def over(self, column: int) -> tuple[str, ...]:
        return tuple(self.header(row, column) for row in range(self.top, self.first))

    @cached_property
    def unnamed_heads(self) -> Mapping[int, tuple[int, ...]]:
        """The columns of each header row that an empty cell, or a head that may be shifted, leaves without a name."""
        rows = range(self.top, self.first)
        return {row: columns for row in rows if row not in self.filled_heads and (columns := self._find_unnamed(row))}

    def _find_unnamed(self, row: int) -> tuple[int, ...]:
        heads = {column: self.header(row, column) for column in self.values}
        empty = [column for column, head in heads.items() if not head]
        if len(empty) in (0, len(heads)):
            return ()
        above, below = range(self.top, row), range(row + 1, self.first)
        leading = list(takewhile(empty.__contains__, heads))
        groups: list[list[tuple[str, ...]]] = [[]]
        unsure: list[int] = []
        last, may_span = "", False
        for column, head in heads.items():
            groups += [[]] if head and head != last else []
            last = head or last
            labels = tuple(strip_mark(self.header(lower, column)) for lower in below)
            has_own = any(self.table.text(upper, column).strip() for upper in above)
            may_span = any(labels) and (bool(head) or (may_span and not has_own and row not in self.merged_rows))
            unsure += [] if head or may_span else [column]
            upper_labels = zip(labels[:-1], groups[-1][-1] if groups[-1] else labels, strict=False)
            groups[-1].append((*(label or before for label, before in upper_labels), *labels[-1:]))
        filled = [group for group in groups if group]
        is_begun = filled[-1] == filled[0][: len(filled[-1])]  # the last year has no other months yet
        labels_by_group = [frozenset(filter(any, group)) for group in (filled[:-1] if is_begun else filled)]
        alike = all(first == second or not first & second for first, second in combinations(labels_by_group, 2))
        once = all(len(set(group)) == len(group) for group in groups)
        if below and not (alike and once):
            return self.values  # the row may be shifted against the figures
        return tuple(unsure if unsure in ([], leading) else empty)

    @cached_property
    def merged_rows(self) -> frozenset[int]:
        first, last = min(self.values), max(self.values)
        wide = (part for part in self.table.merged if part.first_column < part.last_column)
        inside = (part for part in wide if part.first_column <= last and part.last_column >= first)
        return frozenset(row for part in inside for row in range(part.first_row, part.last_row + 1))

    @property
    def corner(self) -> tuple[str, ...]:
        texts = (
            (row, column, self.table.text(row, column).strip())
            for row in range(self.top, self.first)
            for column in self.labels
            if row not in self.begun
        )
        return tuple(
            text for row, column, text in texts if text and (text != self.head(column) or row in self.lone_rows)
        )

    @cached_property
    def alone(self) -> Mapping[int, str]:
        rows = self.table.rows
        inside = [row for row in sorted(rows) if self.first <= row <= self.last and list(rows[row]) == [self.side]]
        return {row: " ".join(rows[row][self.side].split()) for row in inside if row not in self.begun}

    @property
    def section_titles(self) -> Mapping[int, str]:
        titles = {row: text for row, text in self.alone.items() if text not in self.announcing}
        return titles if len(titles) > 1 else {}

    @cached_property
    def repeated(self) -> frozenset[str]:
        beside = [column for column in self.labels if self.is_beside(column)]
        apart = self.alone.keys() | self.begun | self.rates | self.again
        texts = [text for row, text in self.fold_column(beside[0]) if row not in apart] if len(beside) == 1 else []
        return frozenset(text for text, times in Counter(texts).items() if times > 1)

    @cached_property
    def again(self) -> frozenset[int]:
        """Find rows that repeat the label and figures of an earlier row: main countries first, or a second total.

        Figures of one digit may be equal by chance. A section in which every row repeats another one is a part of the
        country.
        """
        figures: dict[int, list[str]] = {}
        for row, _, text in self.figures:
            figures.setdefault(row, []).append(text.strip())
        rows = {row: (text, *figures[row]) for row, text in self.fold_column(self.side) if row in figures}
        first = {content: row for row, content in reversed(rows.items())}
        again = {row: content for row, content in rows.items() if first[content] != row}
        size = sum(len(text) for text in {text for content in again.values() for text in content[1:]} if len(text) > 1)
        has_others = bool(set(rows.values()) - set(again.values()))
        is_sure = size > MAX_DIGITS_BY_CHANCE and has_others and sum(map(self.is_beside, self.labels)) == 1
        return frozenset(again) if is_sure else frozenset()

    def is_beside(self, column: int) -> bool:
        return self.labels_right or column < min(self.values)

    def indented(self, column: int) -> frozenset[str]:
        rows = self.table.rows
        texts = [rows[row][column] for row in rows if self.first <= row <= self.last and column in rows[row]]
        return frozenset(" ".join(text.split()) for text in texts if text[:1].isspace())

    def fold_column(self, column: int) -> tuple[tuple[int, str], ...]:
        return tuple((row, text) for row in self.inside if (text := self.header(row, column)))


YEARS = re.compile(r"(?:1[89]|20)\d\d\s?[-–—/]\s?(?:1[89]|20)?\d\d")
"""A span of years, such as “1990-1999”, or a year that ends in the next one."""
EXPLANATION = re.compile(r"[^\W_]{1,8}\s*=\s*\S.*")
"""An abbreviation and its meaning, in a legend between the title and the heads: “WV = Work visa”."""
CAPTION = re.compile(r"[(（\[].*[)）\]]|[^:：]+[:：].+")


def find_region(table: Table, vocabulary: Vocabulary) -> Region | None:
    rows = table.rows
    counted = find_counting_columns(rows, vocabulary)
    busy = [len(columns) for columns in counted.values() if columns]
    if not busy:
        return None
    enough = max(1.0, median(busy) / 2)
    body = [row for row in sorted(rows) if len(counted[row]) >= enough]
    body = body[1:] if len(body) > 1 and is_row_of_ages(rows[body[0]]) else body
    first = _skip_codes(rows, counted, _skip_headers(counted, body[0], body), body)
    figures = [row for row in rows if counted[row] and not is_numbered_note(rows[row], counted[row], counted[first])]
    last = max(row for row in figures if row <= first or not explains_sign(rows[row], vocabulary))
    top = _find_top(rows, first)
    labels, values = _find_columns(table, (top, first, last), vocabulary)
    letters = find_letter_columns(table, (first, last), values)
    top = _lower_top(rows, top, first, [column for column in values if column not in letters])
    flags = find_flags(table, letters, (top, first), vocabulary)
    labels = tuple(column for column in labels if column not in flags)
    values = _drop_headless_columns(
        rows, (top, first), tuple(column for column in values if column not in flags), labels
    )
    if not values:
        return None
    top = _lower_top(rows, top, first, values)
    first = _include_first_section(rows, (top, first, last), min((*labels, *values)), vocabulary)
    titles = tuple(text for row in sorted(rows) if row < top for text in list_row_titles(rows[row], vocabulary))
    below = next(
        (text.strip() for row in sorted(rows) if row > last for text in rows[row].values() if text.strip()), ""
    )
    return Region(
        table=table,
        top=top,
        first=first,
        last=last,
        labels=labels,
        values=values,
        titles=titles,
        below=below,
        flags=flags,
        has_head_below=first - 1 > top and names_labels(rows.get(first - 1, {}), min((*labels, *values)), vocabulary),
    )


def list_row_titles(cells: Mapping[int, str], vocabulary: Vocabulary) -> list[str]:
    """Return the texts of a row: one for a setting such as “Sex” and “Total”, no day of a publication."""
    texts = join_note([text.strip() for text in cells.values() if text.strip()])
    first = plain(bare(texts[0])) if texts else ""
    if any(vocabulary.codes(concept, first) for concept in PUBLICATION_CONCEPTS):
        return texts[:1]
    return [f"{texts[0]}: {texts[1]}"] if len(texts) == 2 and vocabulary.codes("ROLE", first) else texts


STATUS_SIGN = re.compile(r"[^\W\d_]{1,2}|[^\w\s]{1,3}")
FLAG_SIGN = re.compile(r"[^\W\d_]{1,2}|[*†‡§]{1,3}")
"""A letter or sign for a status or a missing figure, and those that have a column of their own."""


def join_note(texts: Sequence[str]) -> list[str]:
    """Join the cells of a numbered note, or of a sign and its meaning.

    >>> join_note(["1", "Provisional."]), join_note([":", "not available"]), join_note(["Source", "Register"])
    (['1 Provisional.'], [': = not available'], ['Source', 'Register'])
    """
    first = texts[0].strip() if texts else ""
    if len(texts) == 2 and STATUS_SIGN.fullmatch(first):
        return [f"{first} = {texts[1]}"]
    return [" ".join(texts)] if first.isdecimal() else list(texts)


def explains_sign(cells: Mapping[int, str], vocabulary: Vocabulary) -> bool:
    """Check whether a row has only a sign and its meaning, as in legends: “:” and “not available”."""
    texts = [cells[column].strip() for column in sorted(cells) if cells[column].strip()]
    if len(texts) != 2 or not STATUS_SIGN.fullmatch(texts[0]) or STATUS_SIGN.fullmatch(texts[1]):
        return False
    return texts[1].casefold() in vocabulary.signs or bool(vocabulary.inside("OBS_STATUS", texts[1]))


def find_letter_columns(table: Table, rows: tuple[int, int], values: Sequence[int]) -> tuple[int, ...]:
    """Find columns next to figures whose cells have one or two letters, or a star."""
    first, last = rows
    texts: dict[int, list[str]] = {}
    for row, cells in table.rows.items():
        for column, text in cells.items():
            if first <= row <= last and text.strip():
                texts.setdefault(column, []).append(text.strip())
    letters = {column for column, listed in texts.items() if all(FLAG_SIGN.fullmatch(text) for text in listed)}
    return tuple(column for column in sorted(letters) if column - 1 in values and column - 1 not in letters)


def find_flags(table: Table, letters: Sequence[int], heads: tuple[int, int], vocabulary: Vocabulary) -> tuple[int, ...]:
    """Return the columns of letters that have statuses: all without a head, or with one head such as “Flag”."""
    names = {_find_head(table, column, *heads) for column in letters}
    is_status = len(letters) > 1 and all("OBS_STATUS" in vocabulary.codes("ROLE", plain(bare(name))) for name in names)
    has_heads = all(_find_head(table, column - 1, *heads) for column in letters)
    return tuple(letters) if has_heads and (names == {""} or (len(names) == 1 and is_status)) else ()


def is_numbered_note(cells: Mapping[int, str], counted: frozenset[int], of_body: frozenset[int]) -> bool:
    """Check whether a row has a number in a label column and a text in a column of figures.

    >>> is_numbered_note({1: "2", 2: "Includes refugees."}, frozenset({1}), frozenset({2, 3}))
    True
    """
    return counted.isdisjoint(of_body) and not of_body.isdisjoint(cells)


def is_row_of_ages(cells: Mapping[int, str]) -> bool:
    """Check whether most cells are ages rising by one; column numbers begin at 1.

    >>> is_row_of_ages(dict(enumerate(["Year", "All ages", *map(str, range(15, 30)), "30+"])))
    True
    >>> is_row_of_ages(dict(enumerate(map(str, range(1, 20)))))
    False
    """
    texts = [cells[column].strip() for column in sorted(cells)]
    numbers = [int(text) for text in texts if text.isdecimal() and len(text) <= MAX_AGE_DIGITS]
    runs_on = all(after == before + 1 for before, after in pairwise(numbers))
    return (
        len(numbers) >= MIN_AGES
        and len(numbers) * 2 > len(texts)
        and numbers[0] != 1
        and numbers[0] < MAX_AGE
        and runs_on
    )


def _skip_headers(counted: Mapping[int, frozenset[int]], first: int, body: Sequence[int]) -> int:
    for row in body[:MAX_HEADER_ROWS]:
        below = next((later_row for later_row in body if later_row > row), row)
        if len(counted[row] & counted[below]) * 2 >= len(counted[below]):
            return row
    return first


def _skip_codes(rows: Rows, counted: Mapping[int, frozenset[int]], first: int, body: Sequence[int]) -> int:
    def has_own_texts(row: int) -> bool:
        texts = [at for at in counted[first] if rows[row].get(at, "").strip() and at not in counted[row]]
        return len(texts) * 2 > len(counted[first])

    near = [row for row in sorted(rows) if abs(row - first) <= MAX_HEADER_ROWS]
    if len(counted[first]) < 2 or any(has_own_texts(row) for row in near if row < first):
        return first
    heads = [row for row in near if row > first and has_own_texts(row)]
    return next((row for row in body if heads and row > heads[0]), first)


def _find_top(rows: Rows, first: int) -> int:
    top, row, gap = first, first - 1, 0
    while row >= 1 and first - row <= MAX_HEADER_ROWS:
        filled = {column: text.strip() for column, text in rows.get(row, {}).items() if text.strip()}
        if not filled:
            gap += 1
            if gap > MAX_GAP:
                break
        elif all(map(EXPLANATION.fullmatch, filled.values())) or (
            len(filled) == 1
            and (
                max(map(len, filled.values())) > MAX_HEADER_LENGTH
                or (gap and top < first)
                or is_caption(filled, rows[top])
            )
        ):
            break
        else:
            top = row
        row -= 1
    return top


def is_caption(filled: Mapping[int, str], below: Mapping[int, str]) -> bool:
    """Check whether a row has one text, a unit or a day in the last column, above the heads: “(Unit: persons)”."""
    ((column, text),) = filled.items()
    return len(below) > 1 and column == max(below) and bool(CAPTION.fullmatch(text))


def _find_columns(
    table: Table, extent: tuple[int, int, int], vocabulary: Vocabulary
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    top, first, last = extent
    rows = {row: cells for row, cells in table.rows.items() if first <= row <= last}
    several = any(len(cells) > 1 for cells in rows.values())
    titles = {row for row, cells in rows.items() if several and len(cells) == 1}  # alone between the rows
    by_column: dict[int, list[str]] = {}
    for row, cells in rows.items():
        for column, text in cells.items():
            if text.strip() and (len(cells) > 1 or row not in titles):
                by_column.setdefault(column, []).append(text)
    figures = {column: sum(is_figure(text, vocabulary) for text in texts) for column, texts in by_column.items()}
    heads = {column: _find_head(table, column, top, first) for column in by_column}
    times = Counter(heads.values())  # a head shared by several columns, such as “no.”, names none of them
    truths = {head: vocabulary.codes("TRUTH", plain(head)) for head in times}
    are_truths = len({codes for codes in truths.values() if codes}) > 1  # “No” beside “Yes” is not a number
    roles = {
        column: set(vocabulary.codes("ROLE", plain(bare(head))))
        if times[head] == 1
        and not is_numbered_part(head, vocabulary)
        and not (are_truths and truths[head])
        and not vocabulary.codes("TOTAL", plain(bare(head)))  # “spolu” is Slovak for total, and a form of “sex”
        and not vocabulary.list_short_codes("SEX", head)  # “Nő” is not a number
        else set[str]()
        for column, head in heads.items()
    }
    groups = {
        column
        for column, texts in by_column.items()
        if figures[column] * 2 >= len(texts) and vocabulary.names_any(GROUPS, heads[column])
    }
    labels = {
        column
        for column, texts in by_column.items()
        if figures[column] * 2 < len(texts)
        or (
            sum(is_year(text) or bool(YEARS.fullmatch(text.strip())) for text in remove_joined_marks(texts))
            >= MIN_MOST_SHARE * len(texts)
            and (roles[column] & LABEL_ROLES or column <= min(by_column))
        )
        or (
            roles[column] & LABEL_ROLES
            and "OBS_VALUE" not in roles[column]
            and not are_amounts(texts)
            and not {column} < groups
        )
    }
    side, *others = sorted(heads)
    has_heads = others and all(table.text(first - 1, column).strip() for column in others)
    if has_heads and not table.text(first - 1, side).strip() and counts_up(by_column[side]):
        labels.add(side)  # years such as 21 and 22, or numbers of rows
    labels -= {column for column in labels if is_damaged(column, by_column, heads, labels, vocabulary)}
    counted = {column for column, head in heads.items() if moment(head, vocabulary) or is_count_head(head, vocabulary)}
    of_people = {column for column, head in heads.items() if vocabulary.names_any(OF_PEOPLE, head)}
    labels |= find_code_columns(rows, by_column, labels) - counted - of_people
    values = [column for column in sorted(by_column) if column not in labels]
    only = [column for column in values if is_value_head(heads[column], vocabulary)]
    if len(only) == 1 and first - top == 1 and len(labels) > 1:
        labels |= {*values} - {*only}
    return tuple(sorted(labels)), tuple(column for column in values if column not in labels)


SPOILT_FIGURE = re.compile(r"\D{0,12}\d[\dOoIl\s.,'’]{2,}\D{0,12}|=.*[A-Z]\d.*")
"""A number with other letters or a remark, or a formula kept as text: “80O00”, “74 000 approx”, “=B3+C3”."""


def is_damaged(
    column: int,
    by_column: Mapping[int, Sequence[str]],
    heads: Mapping[int, str],
    labels: Collection[int],
    vocabulary: Vocabulary,
) -> bool:
    """Check whether a column behind figures and under a head like theirs holds figures, most of which are spoilt."""
    is_behind = any(other < column for other in by_column if other not in labels)
    is_counted = any(vocabulary.codes(concept, plain(bare(heads[column]))) for concept in ("TOTAL", "SEX"))
    numbers = [
        text for text in by_column[column] if is_figure(text, vocabulary) or SPOILT_FIGURE.fullmatch(text.strip())
    ]
    is_counted |= bool(moment(heads[column], vocabulary))
    return is_behind and is_counted and len(numbers) * 2 >= len(by_column[column])


def remove_joined_marks(texts: Sequence[str]) -> Iterator[str]:
    joined = split_years_from_marks(texts)
    return (joined.get(text, text) for text in texts)


def are_amounts(texts: Sequence[str]) -> bool:
    """Check whether most cells have thousands separators, unlike codes and years.

    >>> are_amounts(["1,656,177", "1 451 722", "980"]), are_amounts(["004", "1990", "12"])
    (True, False)
    """
    return sum(bool(GROUPED_FIGURE.search(text)) for text in texts) > len(texts) / 2


def _find_head(table: Table, column: int, top: int, first: int) -> str:
    return next((text for row in range(first - 1, top - 1, -1) if (text := table.text(row, column).strip())), "")


def _drop_headless_columns(
    rows: Rows, heads: tuple[int, int], values: tuple[int, ...], labels: tuple[int, ...]
) -> tuple[int, ...]:
    """Leave out columns without a head, unless they directly follow labels or other figures."""
    top, first = heads
    headed = [
        column for column in values if any(rows.get(row, {}).get(column, "").strip() for row in range(top, first))
    ]
    kept = {*headed}
    for column in values if headed else ():
        kept |= {column} if min(labels, default=column) < column and column - 1 in kept.union(labels) else set()
    return tuple(sorted(kept)) if headed else values


def _lower_top(rows: Rows, top: int, first: int, values: Sequence[int]) -> int:
    for row in range(top, first):
        if any(column in rows.get(row, {}) and rows[row][column].strip() for column in values):
            return row
    return first - 1 if first > 1 and rows.get(first - 1) else first


def _include_first_section(rows: Rows, extent: tuple[int, int, int], side_column: int, vocabulary: Vocabulary) -> int:
    """Return the first row, including a section title if more follow.

    “Country” is not a section title; “Total” and “2021 год” are, and “Persons” directly above figures.
    """
    top, figures, last = extent
    first = figures
    alone = [row for row in rows if first < row <= last and list(rows[row]) == [side_column]]
    while alone and first - 1 > top and list(rows.get(first - 1, {})) == [side_column]:
        cells = rows[first - 1]
        if names_labels(cells, side_column, vocabulary) or (
            first < figures and is_head(cells, side_column, vocabulary)
        ):
            break
        first -= 1
    return first


def names_labels(cells: Mapping[int, str], side_column: int, vocabulary: Vocabulary) -> bool:
    """Check whether a row has only the name of a dimension: “Country”, not “Persons”."""
    roles = {*vocabulary.codes("ROLE", plain(bare(cells.get(side_column, ""))))} - NON_DIMENSION_ROLES - {"OBS_VALUE"}
    return bool(roles) and is_head(cells, side_column, vocabulary)


def is_head(cells: Mapping[int, str], side_column: int, vocabulary: Vocabulary) -> bool:
    """Check whether a row has only the head of the labels: “Country”, not “Total” or “2021 год”."""
    text = cells.get(side_column, "")
    roles, totals = (vocabulary.codes(concept, plain(bare(text))) for concept in ("ROLE", "TOTAL"))
    return list(cells) == [side_column] and bool(roles) and not totals and not moment(text, vocabulary)
