"""Where the figures of a sheet lie: its header rows, label columns and value columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median

from sdmxmig.model.tables import Table
from sdmxmig.places import cell_name
from sdmxmig.recognition.labels import bare, plain
from sdmxmig.recognition.words import Vocabulary
from sdmxmig.suggestion.figures import counts, is_figure, is_year

Rows = Mapping[int, Mapping[int, str]]
LONGEST_HEADER = 120
"""A text with more letters is a title or a note, no header."""
DEEPEST = 8
WIDEST_GAP = 2
"""How many empty rows may stand between header rows."""
NO_DIMENSION = frozenset({"CODE", "COMMENT", "OBS_STATUS", "UNIT_MULT", "UNIT_MEASURE"})
"""What a label column may be about that is no dimension."""
LABEL_ROLES = NO_DIMENSION | {"AGE", "TIME_PERIOD", "MONTH", "SEX", "AREA", "REGION", "C_BIRTH", "C_CITIZEN", "ORIGIN"}


@dataclass(frozen=True, eq=False)
class Region:
    """A rectangle of figures with its headers: rows `top` to `first` - 1 are headers, `first` to `last` hold figures.

    `labels` and `values` are columns; `titles` are the texts above, `below` the first text under the last figures;
    `is_part` says that the sheet has others.
    """

    table: Table
    top: int
    first: int
    last: int
    labels: tuple[int, ...]
    values: tuple[int, ...]
    titles: tuple[str, ...]
    below: str
    is_part: bool = False

    @property
    def labels_right(self) -> bool:
        """Whether all labels stand on the right of the figures, as in tables that are read from there."""
        return bool(self.labels) and min(self.labels) > max(self.values)

    @property
    def side(self) -> int:
        """The outermost column of labels, from which label columns are counted."""
        return max(self.labels) if self.labels_right else min((*self.labels, *self.values))

    @property
    def name(self) -> str:
        """How a person finds it: the sheet, and the first cell if the sheet has other tables."""
        return f"{self.table.sheet} {cell_name(self.top, self.side)}".strip() if self.is_part else self.table.sheet

    @cached_property
    def covered(self) -> Mapping[tuple[int, int], str]:
        """The texts of merged header cells, at all the header cells that they cover."""
        heads = [one for one in self.table.merged if self.top <= one.first_row < self.first]
        return {
            (row, column): self.table.text(one.first_row, one.first_column)
            for one in heads
            for row in range(one.first_row, min(one.last_row, self.first - 1) + 1)
            for column in range(one.first_column, min(one.last_column, max(self.values)) + 1)
        }

    def header(self, row: int, column: int) -> str:
        """The text over a column in one header row, with single blanks; empty if nothing stands there."""
        return " ".join(self.covered.get((row, column), self.table.text(row, column)).split())

    def has(self, row: int, column: int) -> bool:
        """Whether a cell lies in the region, headers included."""
        used = (*self.labels, *self.values)
        return self.top <= row <= self.last and min(used) <= column <= max(used)

    def head(self, column: int) -> str:
        """The lowest header text of a column."""
        for row in range(self.first - 1, self.top - 1, -1):
            text = self.table.text(row, column).strip()
            if text:
                return text
        return ""

    @cached_property
    def alone(self) -> Mapping[int, str]:
        """The titles between the rows, by row: texts in the outermost label column with nothing beside them."""
        rows = self.table.rows
        inside = [row for row in sorted(rows) if self.first <= row <= self.last and list(rows[row]) == [self.side]]
        return {row: " ".join(rows[row][self.side].split()) for row in inside}

    @cached_property
    def repeated(self) -> frozenset[str]:
        """The labels that stand in several rows of the one label column, so that titles must tell them apart."""
        beside = [column for column in self.labels if self.is_beside(column)]
        texts = [text for row, text in self.folded(beside[0]) if row not in self.alone] if len(beside) == 1 else []
        return frozenset(text for text, times in Counter(texts).items() if times > 1)

    def is_beside(self, column: int) -> bool:
        """Whether a label column stands on the side from which labels are counted."""
        return self.labels_right or column < min(self.values)

    def indented(self, column: int) -> frozenset[str]:
        """The labels of a column that begin with blanks."""
        rows = self.table.rows
        texts = [rows[row][column] for row in rows if self.first <= row <= self.last and column in rows[row]]
        return frozenset(" ".join(text.split()) for text in texts if text[:1].isspace())

    def folded(self, column: int) -> tuple[tuple[int, str], ...]:
        """The filled texts of a column beside the figures, with their rows and single blanks."""
        rows = self.table.rows
        inside = ((row, rows[row].get(column, "")) for row in sorted(rows) if self.first <= row <= self.last)
        return tuple((row, " ".join(text.split())) for row, text in inside if text.strip())


def find_region(table: Table, vocabulary: Vocabulary) -> Region | None:
    """The rectangle of figures of a sheet; None if there is none."""
    rows = table.rows
    counted = {row: sum(counts(text, vocabulary) for text in cells.values()) for row, cells in rows.items()}
    busy = [count for count in counted.values() if count]
    if not busy:
        return None
    enough = max(1.0, median(busy) / 2)
    body = [row for row in sorted(rows) if counted[row] >= enough]
    first, last = body[0], max(row for row in rows if counted[row])
    first = _after_headers(rows, first, body, vocabulary)
    top = _top(rows, first)
    labels, values = _columns(table, (top, first, last), vocabulary)
    values = _headed(rows, (top, first), values)
    if not values:
        return None
    top = _lowered(rows, top, first, values)
    first = _with_first_section(rows, (top, first, last), min((*labels, *values)), vocabulary)
    titles = tuple(text.strip() for row in sorted(rows) if row < top for text in rows[row].values() if text.strip())
    below = next(
        (text.strip() for row in sorted(rows) if row > last for text in rows[row].values() if text.strip()), ""
    )
    return Region(table, top, first, last, labels, values, titles, below)


def _after_headers(rows: Rows, first: int, body: Sequence[int], vocabulary: Vocabulary) -> int:
    """The first row of figures: one whose columns go on with figures below."""
    for row in body[:DEEPEST]:
        below = next((one for one in body if one > row), row)
        here = {column for column, text in rows[row].items() if counts(text, vocabulary)}
        there = {column for column, text in rows[below].items() if counts(text, vocabulary)}
        if len(here & there) * 2 >= len(there):
            return row
    return first


def _top(rows: Rows, first: int) -> int:
    """The highest row that may be a header; above a gap a row of several texts is one, since titles stand alone."""
    top, row, gap = first, first - 1, 0
    while row >= 1 and first - row <= DEEPEST:
        filled = [text for text in rows.get(row, {}).values() if text.strip()]
        if not filled:
            gap += 1
            if gap > WIDEST_GAP:
                break
        elif len(filled) == 1 and (max(map(len, filled)) > LONGEST_HEADER or (gap and top < first)):
            break
        else:
            top = row
        row -= 1
    return top


def _columns(
    table: Table, extent: tuple[int, int, int], vocabulary: Vocabulary
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The label columns and the value columns."""
    top, first, last = extent
    rows = table.rows
    filled: dict[int, int] = {}
    figures: dict[int, int] = {}
    years: dict[int, int] = {}
    for row, cells in rows.items():
        if first <= row <= last:
            for column, text in cells.items():
                if text.strip():
                    filled[column] = filled.get(column, 0) + 1
                    figures[column] = figures.get(column, 0) + is_figure(text, vocabulary)
                    years[column] = years.get(column, 0) + is_year(text)
    widest = max((column for column in filled if figures[column] * 2 < filled[column]), default=0)
    labels: list[int] = []
    values: list[int] = []
    for column in sorted(filled):
        head = next((t for row in range(first - 1, top - 1, -1) if (t := table.text(row, column).strip())), "")
        roles = set(vocabulary.codes("ROLE", plain(bare(head))))
        is_label = (
            figures[column] * 2 < filled[column]
            or (years[column] >= 0.9 * filled[column] and (bool(roles & LABEL_ROLES) or column <= min(filled)))
            or (bool(roles & LABEL_ROLES) and "OBS_VALUE" not in roles)
            or (column < widest and _counts_up(rows, column, first, last))
        )
        (labels if is_label else values).append(column)
    return tuple(labels), tuple(values)


def _headed(rows: Rows, heads: tuple[int, int], values: tuple[int, ...]) -> tuple[int, ...]:
    """The value columns with a text over them: a stray figure beside a table belongs to none of its headers.

    Where the headers have no text over any column of figures, there is nothing to go by.
    """
    top, first = heads
    headed = tuple(one for one in values if any(rows.get(row, {}).get(one, "").strip() for row in range(top, first)))
    return headed or values


def _counts_up(rows: Rows, column: int, first: int, last: int) -> bool:
    """Whether a column numbers its rows: a sort order, no figures."""
    found = [rows[row][column] for row in sorted(rows) if first <= row <= last and column in rows[row]]
    return all(one.isdecimal() for one in found) and [int(one) for one in found] == sorted({int(one) for one in found})


def _lowered(rows: Rows, top: int, first: int, values: Sequence[int]) -> int:
    """The first header row: titles above, with nothing over the values, are none."""
    for row in range(top, first):
        if any(column in rows.get(row, {}) and rows[row][column].strip() for column in values):
            return row
    return first - 1 if first > 1 and rows.get(first - 1) else first


def _with_first_section(rows: Rows, extent: tuple[int, int, int], left: int, vocabulary: Vocabulary) -> int:
    """The first row of figures, or the section title above it if there are further ones below.

    The name of a dimension above the labels, such as “Country”, is no title of a section.
    """
    top, first, last = extent
    alone = [row for row in rows if first < row <= last and list(rows[row]) == [left]]
    while alone and first - 1 > top and list(rows.get(first - 1, {})) == [left]:
        if vocabulary.codes("ROLE", plain(bare(rows[first - 1][left]))):
            break
        first -= 1
    return first
