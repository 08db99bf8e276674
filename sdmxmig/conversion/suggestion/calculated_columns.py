"""Columns calculated from other columns, as their figures prove: ratios, shares of a total, and changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import permutations, repeat

from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.conversion.suggestion.sums_of_parts import parse_number

MIN_ROWS, MIN_DIGITS = 3, 7
"""Minimum number of different results, and of their digits together, beyond chance."""
MAX_COLUMNS, MAX_ROWS = 40, 40
"""Wider tables are not searched; later rows of long tables are not compared."""
FACTORS = (1, 100, 1000)
ROUNDED = 0.6
"""Largest error of a rounded result, in units of its last digit."""

NEVER = 1e-9
"""A divisor in place of zero, whose results fit no figure."""

Figures = Mapping[int, Mapping[int, float]]
"""Numbers by column and row."""


@lru_cache(maxsize=16)
def calculated_columns(region: Region, *, with_differences: bool) -> frozenset[int]:
    """Return the columns that are ratios, shares or changes of others in every row.

    Differences count if some are negative: without, they may be people, as women are the total less men.
    """
    rows = frozenset(sorted(region.counted)[:MAX_ROWS])
    figures: dict[int, dict[int, float]] = {}
    decimals: dict[int, int] = {}
    for row, column, text in region.figures:
        number = parse_number(text, is_stored=(row, column) in region.table.numeric) if row in rows else None
        if number is not None:
            figures.setdefault(column, {})[row] = float(number)
            decimals[column] = max(decimals.get(column, 0), -int(number.as_tuple().exponent))
    if len(figures) > MAX_COLUMNS:
        return frozenset()
    return frozenset(
        column
        for column in figures
        if is_beyond_chance(figures[column])
        and any(
            all(map(is_rounded, way, figures[column].values(), repeat(ROUNDED / 10 ** decimals[column])))
            for way in ways_to(column, figures, with_differences=with_differences)
        )
    )


def is_rounded(exact: float, result: float, tolerance: float) -> bool:
    return abs(exact - result) <= tolerance


def is_beyond_chance(results: Mapping[int, float]) -> bool:
    digits = [len(f"{abs(result):g}".replace(".", "").strip("0")) for result in {*results.values()}]
    return len(digits) >= MIN_ROWS and sum(digits) >= MIN_DIGITS


def ways_to(column: int, figures: Figures, *, with_differences: bool) -> Iterator[Iterator[float]]:
    """Yield the results of calculations from other columns with figures in all rows of a column."""
    rows = figures[column]
    largest_result = max(map(abs, rows.values()))  # women are men by their ratio, too
    others = [
        values
        for other, values in figures.items()
        if other != column and rows.keys() <= values.keys() and max(values.values()) > largest_result
    ]
    has_negative = any(result < 0 for result in rows.values())
    for whole in others:
        share = 100 / max(whole.values())
        yield (whole[row] * share for row in rows)
    counts = [values for values in others if min(values[row] for row in rows) >= 0]
    for first, second in permutations(counts, 2):
        if with_differences and has_negative:
            yield (first[row] - second[row] for row in rows)
        divisor = {row: second[row] or NEVER for row in rows}
        yield (100 * (first[row] - divisor[row]) / divisor[row] for row in rows)
        yield (100 * first[row] / (first[row] + divisor[row]) for row in rows)
        for factor in FACTORS:
            yield (factor * first[row] / divisor[row] for row in rows)
