"""Detection of figures, as opposed to years in headers and labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

from sdmxmig.conversion.recognition.labels import bare, plain
from sdmxmig.conversion.recognition.words import Vocabulary
from sdmxmig.conversion.suggestion.figures import is_figure, year_of

Rows = Mapping[int, Mapping[int, str]]
WIDEST_STEP = 25
MOSTLY = 0.9
"""The part of a column that must be years."""
COUNTED = ("SEX", "TOTAL", "MEASURE", "DIRECTION", "CTZ_STATUS", "BIRTH_STATUS", "GROUP")


def counting(rows: Rows, vocabulary: Vocabulary) -> Mapping[int, frozenset[int]]:
    """Find the columns with figures in each row, including missing values.

    Rows of years are headers, unless they have their own year.
    """
    figures = {
        row: {at: text for at, text in cells.items() if is_figure(text, vocabulary)} for row, cells in rows.items()
    }
    beside = years_beside(rows, figures, vocabulary)
    counted_columns: dict[int, frozenset[int]] = {}
    heads: set[tuple[str, ...]] = set()
    begun = False
    lettered = sum(len(next(iter(cells.values())).strip()) == 1 for cells in rows.values() if cells)
    for row in sorted(rows):
        row_figures = {column: text for column, text in figures[row].items() if column not in beside}
        labels = tuple(text for column, text in rows[row].items() if text.strip() and column not in figures[row])
        dated = any(year_of(text) for column, text in figures[row].items() if column in beside)
        again = not labels or bool({labels, tuple(row_figures.values())} & heads)
        if not begun and is_numbering(rows[row]) and lettered == 1 and is_of_labels(min(rows[row]), row, figures, rows):
            row_figures = {}
        elif not dated and is_header(row_figures.values()) and (again or not (heads or begun)):
            heads |= {labels, tuple(row_figures.values())}
            row_figures = {}
        begun = begun or bool(row_figures)
        counted_columns[row] = frozenset(row_figures)
    return counted_columns


def years_beside(rows: Rows, figures: Rows, vocabulary: Vocabulary) -> frozenset[int]:
    years = {column for column in year_columns(figures) if not is_headed(rows, figures, column, vocabulary)}
    other_columns = {column for cells in figures.values() for column in cells} - years
    return frozenset(years if other_columns or not years else {min(years)})


def is_headed(rows: Rows, figures: Rows, column: int, vocabulary: Vocabulary) -> bool:
    first = min(row for row, cells in figures.items() if column in cells)
    above = (rows.get(row, {}).get(column, "").strip() for row in range(first - 1, 0, -1))
    head = next(filter(None, above), "")
    has_label = any(at not in figures[first] and text.strip() for at, text in rows[first].items())
    return counts(head, vocabulary) or (not head and has_label and is_header(figures[first].values()))


def counts(head: str, vocabulary: Vocabulary) -> bool:
    spelt = plain(bare(head))
    if set(vocabulary.codes("ROLE", spelt)) - {"OBS_VALUE"}:
        return False
    return bool(spelt) and any(vocabulary.codes(concept, spelt) for concept in COUNTED)


def is_numbering(cells: Mapping[int, str]) -> bool:
    """Whether a row numbers the columns below their heads: “A, 1, 2, 3”, or “1, 2, 3” with the column of labels.

    >>> is_numbering({1: "А", 2: "1", 3: "2"}), is_numbering({1: "1", 2: "2", 3: "3"}), is_numbering({1: "Age", 2: "1"})
    (True, True, False)
    """
    listed = [cells[at].strip() for at in sorted(cells) if cells[at].strip()]
    numbers = [text for text in listed if text.isdecimal()]
    letters = [text for text in listed if not text.isdecimal()]
    follow = len(numbers) > 1 and numbers == [str(at) for at in range(1, len(numbers) + 1)]
    return follow and (not letters or (len(letters) == 1 and len(letters[0]) == 1 and letters[0].isalpha()))


def is_of_labels(column: int, besides: int, figures: Rows, rows: Rows) -> bool:
    filled = [row for row, cells in rows.items() if row != besides and cells.get(column, "").strip()]
    return sum(column not in figures[row] for row in filled) * 2 > len(filled)


def is_header(texts: Iterable[str]) -> bool:
    years = [year_of(text) for text in texts]
    return bool(years) and all(years) and is_series(years)


def year_columns(figures: Rows) -> frozenset[int]:
    """The columns that say for each row which year it is of."""
    by_column: dict[int, list[int]] = {}
    for cells in figures.values():
        for column, text in cells.items():
            by_column.setdefault(column, []).append(year_of(text))
    return frozenset(
        column
        for column, years in by_column.items()
        if len(years) > 1 and sum(map(bool, years)) >= MOSTLY * len(years) and is_series(filter(None, years))
    )


def is_series(years: Iterable[int]) -> bool:
    """Whether numbers follow each other as the years of a table do.

    >>> is_series([2020, 2020, 2021]), is_series([1960, 1980, 2000]), is_series([1510, 2030])
    (True, True, False)
    """
    listed = sorted(set(years))
    return all(after - before <= WIDEST_STEP for before, after in pairwise(listed))
