"""Figures of months from those of years, with or without an indicator of the months."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sdmxmig.demography.disaggregation import chow_lin, denton, whole_numbers
from sdmxmig.errors import SdmxmigError
from sdmxmig.lazily import np, pl
from sdmxmig.records.combination.tables import (
    PERIOD,
    PERSONS,
    SHOWN,
    VALUE,
    YEAR,
    NamedTable,
    Note,
    Result,
    check_columns,
    check_rows,
    numbers,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

MONTHS, MOST_YEARS = 12, 1000
NEARLY = 1e-9
"""What arithmetic may leave below nothing."""
DENTON, CHOW_LIN = "denton", "chow-lin"


def monthly(years: NamedTable, indicator: NamedTable | None, *, method: str, is_whole: bool) -> Result:
    """Figures of months from those of years, with the same sums; columns: those of the groups, period, value.

    `years` has columns year and value, and those of groups; `indicator` period (such as 2024-01) and value, for all
    groups alike. Without one the course is the smoothest. Raises `SdmxmigError` for years that are not one after the
    other, or negative, and for months that would be negative.
    """
    check_columns(years, [YEAR, VALUE])
    if method not in (DENTON, CHOW_LIN):
        raise SdmxmigError(f"“{method}” is no way to find months.", hint=f"There are: {DENTON}, {CHOW_LIN}.")
    groups = [column for column in years.frame.columns if column not in (YEAR, VALUE, PERSONS)]
    parts = []
    for codes, frame in in_groups(typed_years(years), groups):
        ordered = frame.sort(YEAR)
        check_years(years.name, ordered[YEAR].to_list())
        totals = ordered[VALUE].to_numpy()
        periods = [f"{year}-{month:02}" for year in ordered[YEAR] for month in range(1, MONTHS + 1)]
        course = course_of(indicator, periods)
        values = denton(totals, course) if method == DENTON else chow_lin(totals, with_constant(course))
        if (values < -NEARLY).any():
            raise SdmxmigError("A month would be negative.", hint="Take another indicator, none, or Denton’s method.")
        if is_whole:
            values = whole_months(np.maximum(values, 0.0), totals)
        constants = [pl.lit(code).alias(name) for name, code in zip(groups, codes, strict=True)]
        parts.append(pl.DataFrame({PERIOD: periods, VALUE: values}).select(*constants, PERIOD, VALUE))
    names = {DENTON: "Denton’s proportional first differences", CHOW_LIN: "the method of Chow and Lin"}
    with_ = f"with the indicator {indicator.name}" if indicator is not None else "without an indicator"
    return Result(
        pl.concat(parts).sort(*groups, PERIOD), (Note(f"months by {names[method]} {with_}; sums of years are kept"),)
    )


def typed_years(years: NamedTable) -> pl.DataFrame:
    """The table of years with years and figures as numbers, no figure below nothing."""
    if years.frame.is_empty():
        raise SdmxmigError("There are no years.", hint="Give a row for each year.")
    values = numbers(years, VALUE)
    check_rows(
        years,
        pl.Series(values < 0),
        f"{VALUE} is negative",
        "Months are found of counts: take inflows and outflows apart.",
    )
    numbered = numbers(years, YEAR)
    check_rows(years, pl.Series(numbered != np.rint(numbered)), f"{YEAR} is no year", "Write a year such as 2024.")
    return years.frame.with_columns(pl.Series(YEAR, numbered.astype(np.int64)), pl.Series(VALUE, values))


def in_groups(years: pl.DataFrame, groups: list[str]) -> Iterable[tuple[tuple[object, ...], pl.DataFrame]]:
    """The years of each group with its codes."""
    return years.partition_by(groups, as_dict=True, maintain_order=True).items() if groups else [((), years)]


def check_years(name: str, years: list[int]) -> None:
    """Refuse years that stand twice, or of which one is missing between others."""
    doubled = sorted({year for year in years if years.count(year) > 1})
    missing = (
        sorted(set(range(years[0], years[-1] + 1)) - set(years)) if years[-1] - years[0] < MOST_YEARS else [years[-1]]
    )
    if doubled or missing:
        what = (
            f"{', '.join(map(str, doubled))} stands twice" if doubled else f"{', '.join(map(str, missing))} is missing"
        )
        raise SdmxmigError(f"{name}: the year {what}.", hint="Give every year of each group once.")


def course_of(indicator: NamedTable | None, periods: Sequence[str]) -> NDArray[np.float64]:
    """The indicator in each period, 1 where there is none."""
    if indicator is None:
        return np.ones(len(periods))
    check_columns(indicator, [PERIOD, VALUE])
    others = [name for name in indicator.frame.columns if name not in (PERIOD, VALUE, PERSONS)]
    if others:
        raise SdmxmigError(
            f"{indicator.name} has columns besides {PERIOD} and {VALUE}: {', '.join(others)}.",
            hint="An indicator is the same for all groups: sum it, or leave the columns out.",
        )
    months = indicator.frame[PERIOD].cast(pl.String)
    check_rows(indicator, ~months.is_first_distinct(), "a month stands again", "Give each month once.")
    values = dict(zip(months, numbers(indicator, VALUE), strict=True))
    missing = [period for period in periods if period not in values]
    if missing:
        listed = ", ".join(missing[:SHOWN]) + (" …" if len(missing) > SHOWN else "")
        raise SdmxmigError(
            f"{indicator.name} lacks a month: {listed}.", hint="Give each month once, written as 2024-01."
        )
    return np.array([values[period] for period in periods])


def with_constant(course: NDArray[np.float64]) -> NDArray[np.float64]:
    """An indicator with a column of ones; the ones alone where it is constant."""
    ones = np.ones(len(course))
    return ones[:, None] if (course == course[0]).all() else np.column_stack([ones, course])


def whole_months(values: NDArray[np.float64], totals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Months in whole numbers that sum to whole years; raises `SdmxmigError` if a year is not whole."""
    if (totals != np.rint(totals)).any():
        raise SdmxmigError("A year is no whole number.", hint="Write whole = false, or round the years.")
    table = values.reshape(len(totals), -1)
    return np.concatenate([whole_numbers(row, int(total)) for row, total in zip(table, totals, strict=True)]).astype(
        float
    )
