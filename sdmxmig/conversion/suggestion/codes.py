"""Columns of numbers other than figures: sort orders, codes, years."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from sdmxmig.conversion.recognition.labels import bare, plain
from sdmxmig.conversion.recognition.words import Vocabulary
from sdmxmig.conversion.suggestion.figures import Rows, is_year, year_columns

REPEATED_SHARE = 1.5
SHORT = 3
WORDS_OF_WIDE_TABLES = ("TOTAL", "SEX", "UNIT_MEASURE")


def codes_beside(rows: Rows, by_column: Mapping[int, Sequence[str]], labels: set[int]) -> set[int]:
    """Return number columns that are codes or years of the rows; `labels` are the text columns."""
    if not labels:
        return set()
    columns = [column for column in sorted(by_column) if column not in labels]
    coded_columns = {
        column
        for column in columns
        if column < min(labels) and any(later_column > min(labels) for later_column in columns)
    }
    coded_columns |= {column for column in columns if column < max(labels) and counts_up(by_column[column])}
    years = year_columns({row: {at: cells[at] for at in columns if at in cells} for row, cells in rows.items()})
    coded_columns |= {column for column in years if len(set(by_column[column])) < len(by_column[column])}
    coded_columns |= {column for column in columns if has_names(rows, column, labels | coded_columns)}
    return coded_columns if len(coded_columns) < len(columns) else set()


def has_names(rows: Rows, column: int, labels: Collection[int]) -> bool:
    return any(is_code_column(rows, column, neighbour) for neighbour in (column - 1, column + 1) if neighbour in labels)


def counts_up(texts: Sequence[str]) -> bool:
    """Check whether a column numbers its rows as a sort order; figures may rise too.

    >>> counts_up(["4", "8", "12"]), counts_up(["1001", "1002"]), counts_up(["5036000", "5063000", "5100000"])
    (True, True, False)
    """
    if not all(text.isdecimal() for text in texts):
        return False
    numbers = [int(text) for text in texts]
    steps = {after - before for before, after in pairwise(numbers)}
    return numbers == sorted(set(numbers)) and (len(steps) < 2 or len(str(numbers[-1])) <= SHORT)


def is_code_column(rows: Rows, column: int, label_column: int) -> bool:
    pairs = [(cells.get(column, "").strip(), cells.get(label_column, "").strip()) for cells in rows.values()]
    filled_pairs = {pair for pair in pairs if all(pair)}
    numbers, names = {number for number, _ in filled_pairs}, {name for _, name in filled_pairs}
    again = sum(all(pair) for pair in pairs) >= REPEATED_SHARE * len(filled_pairs)
    lengths = set(map(len, numbers))
    shaped = all(map(str.isdecimal, numbers)) and (len(lengths) == 1 or all(length <= SHORT for length in lengths))
    coded = shaped and not any(map(is_year, numbers))
    return again and coded and len(filled_pairs) == len(numbers) == len(names) > 1


def is_value(head: str, vocabulary: Vocabulary) -> bool:
    spelt = plain(bare(head))
    if any(vocabulary.codes(concept, spelt) for concept in WORDS_OF_WIDE_TABLES):
        return False
    return "OBS_VALUE" in vocabulary.codes("ROLE", spelt)
