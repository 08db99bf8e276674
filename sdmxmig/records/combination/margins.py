"""Fit and round tables to margins, and split annual figures into months."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import SdmxmigError, write_count
from sdmxmig.primitives.lazily import Floats, np, pl
from sdmxmig.quality.disclosure.problem import build_relations
from sdmxmig.quality.disclosure.suppression import NONE, round_figures
from sdmxmig.records.combination.tables import (
    MAX_SHOWN,
    PERIOD,
    PERSONS,
    RESIDUAL,
    TOTAL_CODE,
    VALUE,
    YEAR,
    NamedTable,
    Note,
    Result,
    check_columns,
    check_rows,
    convert_to_array,
    convert_to_text,
    list_dimensions,
    parse_numbers,
)
from sdmxmig.statistics.demography.disaggregation import distribute_by_chow_lin, distribute_by_denton, round_to_integers
from sdmxmig.statistics.demography.surveys import FittedTable, Margin, compute_distance, fit_table
from sdmxmig.statistics.model.integration import TargetDeviation

if TYPE_CHECKING:
    Codes = tuple[str, ...]
    Years = dict[int, dict[Codes, float]]
    Months = dict[int, dict[Codes, Floats]]


MAX_CELLS = 1_000_000
WHOLE_TOLERANCE = 1e-6


def fit_to_margins(start: NamedTable, margins: Sequence[NamedTable], fixed: NamedTable | None, base: int) -> Result:
    """Fit a table to margins and round it to a base (0: no rounding); raise `SdmxmigError` if impossible."""
    if base < 0:
        raise SdmxmigError(
            f"{base} is not a rounding base.", hint="Set round to a base such as 5, or to 0 for no rounding."
        )
    start = convert_to_text(start)
    dimensions = list_dimensions(start)
    codes = [sorted(start.frame[name].unique().to_list()) for name in dimensions]
    shape = tuple(map(len, codes))
    if int(np.prod(shape)) > MAX_CELLS:
        raise SdmxmigError(f"A table of {shape} cells is too large to fit.", hint="Use fewer dimensions.")
    cells = convert_to_array(start, dimensions, codes)
    check_not_negative(start)
    known = [find_known_margin(convert_to_text(margin), dimensions, codes) for margin in margins]
    held = None
    if fixed is not None:
        fixed = convert_to_text(fixed)
        check_columns(fixed, [*dimensions, VALUE])
        check_not_negative(fixed)
        marks = replace(fixed, frame=fixed.frame.with_columns(pl.lit(1.0).alias(VALUE)))
        held = convert_to_array(marks, dimensions, codes) > 0
        cells = np.where(held, convert_to_array(fixed, dimensions, codes), cells)
    result = fit_table(cells, known, held)
    names = ", ".join(margin.name for margin in margins)
    totals = tuple(margin.name for margin in margins)
    reached = TargetDeviation("", totals, error=Decimal(f"{result.error:.1g}"), kind="fit")
    words = f"fitted proportionally to {names}; {describe_fit(result, cells, known)}"
    notes = [Note(words, topic=RESIDUAL, reached=reached)]
    values = result.table
    if base:
        values = round_table(result.table, known, base)
        if result.table.any() and not values.any():
            raise SdmxmigError(
                f"After rounding to {base}, every cell of the table is 0.", hint="Set round to a smaller base."
            )
        notes.append(Note(f"rounded to {base} so that it adds up"))
        moved = 0 if held is None else int((np.abs(values - result.table)[held] > WHOLE_TOLERANCE).sum())
        if moved:
            notes.append(Note(f"{write_count(moved, 'fixed cell')} rounded with the others"))
    grid = np.meshgrid(*[np.arange(size) for size in shape], indexing="ij")
    columns = {
        name: pl.Series(codes[axis], dtype=pl.String).gather(grid[axis].ravel()) for axis, name in enumerate(dimensions)
    }
    table = pl.DataFrame({**columns, VALUE: values.ravel()})
    return Result(table.filter((pl.col(VALUE) != 0) | pl.Series((cells > 0).ravel())), tuple(notes))


def find_known_margin(table: NamedTable, dimensions: list[str], codes: list[list[str]]) -> Margin:
    axes = tuple(sorted(dimensions.index(column) for column in list_dimensions(table, dimensions)))
    check_not_negative(table)
    totals = convert_to_array(table, [dimensions[axis] for axis in axes], [codes[axis] for axis in axes], whole=True)
    return Margin(axes, totals, name=table.name)


def check_not_negative(table: NamedTable) -> None:
    negative = pl.Series(parse_numbers(table, VALUE) < 0)
    check_rows(table, negative, f"{VALUE} is negative", "Enter 0 or more in cells and totals.")


def describe_fit(result: FittedTable, start: Floats, margins: Sequence[Margin]) -> str:
    factor = float(margins[0].totals.sum()) / (float(start.sum()) or 1.0)
    gap = max(compute_distance(start * factor, margin) for margin in margins)
    return (
        f"scaled to the total by a factor of {factor:.4g}, which leaves margin residuals of up to {gap:.1%} of the "
        f"largest total; largest error after {result.rounds} rounds {result.error:.1g}"
    )


def round_table(table: Floats, margins: Sequence[Margin], base: int) -> Floats:
    """Round a table so that margins are sums of cells; raise `SdmxmigError` if impossible."""
    numbers = np.arange(table.size).reshape(table.shape)
    sums, values, cell = [], [table.ravel()], table.size
    for margin in margins:
        moved = np.moveaxis(numbers, margin.axes, range(len(margin.axes))).reshape(margin.totals.size, -1)
        for members in moved:
            sums.append(([*((int(member), 1.0) for member in members), (cell, -1.0)], 0.0, 0.0))
            cell += 1
        values.append(margin.totals.ravel())
    rounded, kind = round_figures(build_relations(cell, sums), find_exact_wholes(np.concatenate(values)), base)
    if kind == NONE or not np.isfinite(rounded).all():
        raise SdmxmigError(f"No rounding to {base} keeps all sums.", hint="Use another base, or round = 0.")
    return np.asarray(rounded[: table.size].reshape(table.shape))


def find_exact_wholes(values: Floats) -> Floats:
    nearest = np.rint(values)
    return np.asarray(np.where(np.abs(values - nearest) < WHOLE_TOLERANCE, nearest, values))


MONTHS_PER_YEAR = 12
MAX_LISTED_SPAN = 1000
"""Missing years are not listed if the years span more than this."""
FIRST_YEAR, LAST_YEAR = 1000, 9999
"""Years that SDMX can write."""
TOLERANCE = 1e-9
DENTON, CHOW_LIN = "denton", "chow-lin"


def split_into_months(years: NamedTable, indicator: NamedTable | None, *, method: str, is_whole: bool) -> Result:
    """Split annual figures into months that sum to them: groups, period, value.

    Months follow `indicator` (columns period, such as 2024-01, and value), or the smoothest curve. Raises
    `SdmxmigError` for gaps and for negative years or months.
    """
    check_columns(years, [YEAR, VALUE])
    if method not in (DENTON, CHOW_LIN):
        raise SdmxmigError(
            f"“{method}” is not a method for monthly figures.", hint=f"Possible values: {DENTON}, {CHOW_LIN}."
        )
    groups = [column for column in years.frame.columns if column not in (YEAR, VALUE, PERSONS)]
    for column in groups:
        check_rows(
            years, years.frame[column].is_null(), f"{column} has no code", "Give each row its codes; _U is unknown."
        )
    by_year: Years = {}
    months: Months = {}
    for codes, frame in split_by_groups(select_typed_years(years), groups):
        ordered = frame.sort(YEAR)
        check_years(years.name, ordered[YEAR].to_list())
        totals = ordered[VALUE].to_numpy()
        if is_whole and (totals != np.rint(totals)).any():
            raise SdmxmigError("A year is not a whole number.", hint="Write whole = false, or round the years.")
        values = compute_months(ordered, indicator, method)
        for year, total, row in zip(ordered[YEAR], totals, values.reshape(-1, MONTHS_PER_YEAR), strict=True):
            by_year.setdefault(year, {})[codes] = float(total)
            months.setdefault(year, {})[codes] = row
    check_same_years(years.name, by_year)
    notes = []
    for year, totals_of in by_year.items():
        apart = reconcile_months(months[year], totals_of, is_whole=is_whole)
        notes += [f"parts of {', '.join(codes)} do not sum to it in {year}" for codes in apart]
    rows = [
        (*codes, f"{year}-{month:02}", float(value))
        for year, by_codes in months.items()
        for codes, row in by_codes.items()
        for month, value in enumerate(row, 1)
    ]
    table = pl.DataFrame(rows, schema={**dict.fromkeys([*groups, PERIOD], pl.String), VALUE: pl.Float64}, orient="row")
    names = {DENTON: "Denton’s proportional first differences", CHOW_LIN: "the method of Chow and Lin"}
    with_ = f"with the indicator {indicator.name}" if indicator is not None else "without an indicator"
    words = f"months by {names[method]} {with_}; sums of years are kept"
    return Result(table.sort(*groups, PERIOD), (Note(words), *map(Note, notes)))


def compute_months(years: pl.DataFrame, indicator: NamedTable | None, method: str) -> Floats:
    periods = [f"{year}-{month:02}" for year in years[YEAR] for month in range(1, MONTHS_PER_YEAR + 1)]
    course, totals = compute_course(indicator, periods), years[VALUE].to_numpy()
    values = (
        distribute_by_denton(totals, course)
        if method == DENTON
        else distribute_by_chow_lin(totals, add_constant(course))
    )
    if (values < -TOLERANCE).any():
        raise SdmxmigError(
            "A monthly figure would be negative.", hint="Use another indicator, no indicator, or Denton’s method."
        )
    return np.maximum(values, 0.0)


def reconcile_months(months: dict[Codes, Floats], totals: Mapping[Codes, float], *, is_whole: bool) -> list[Codes]:
    """Make the months of parts add up to their total (``_T``), in place; round to whole numbers if `is_whole`.

    Returns totals that stay unchanged because their annual parts do not add up.
    """
    parting = {axis for codes in months for axis, code in enumerate(codes) if code != TOTAL_CODE}
    parts = [codes for codes in months if all(codes[axis] != TOTAL_CODE for axis in parting)]
    if is_whole and parts:
        whole = round_together(
            np.array([months[codes] for codes in parts]), np.array([totals[codes] for codes in parts])
        )
        months.update(zip(parts, whole, strict=True))
    apart = []
    for codes in months.keys() - {*parts}:
        inside = [part for part in parts if has_part(codes, part)]
        if inside and abs(sum(totals[part] for part in inside) - totals[codes]) <= TOLERANCE * max(totals[codes], 1.0):
            months[codes] = np.sum([months[part] for part in inside], axis=0)
            continue
        apart += [codes] if inside or any(has_part(codes, other) for other in months) else []
        if is_whole:
            months[codes] = round_to_integers(months[codes], int(totals[codes])).astype(float)
    return sorted(apart)


def has_part(total: Codes, part: Codes) -> bool:
    """Check whether a total (``_T``) includes another key.

    >>> has_part(("_T", "_T"), ("F", "_T")), has_part(("F", "_T"), ("_T", "_T"))
    (True, False)
    """
    return total != part and all(code in (TOTAL_CODE, own) for code, own in zip(total, part, strict=True))


def round_together(months: Floats, totals: Floats) -> Floats:
    """Round months of groups (groups, 12) to whole numbers that sum to the years of each group."""
    together = months.sum(axis=0)
    sums = round_to_integers(together, int(totals.sum())).astype(float)
    if len(totals) == 1:
        return sums[None, :]
    of_years = Margin((0,), totals, name="years")
    try:
        margins = [of_years, Margin((1,), sums, name="months")]
        table = fit_table(months, margins).table
    except SdmxmigError:
        margins, table = [of_years, Margin((1,), together, name="months")], months
    return round_table(table, margins, 1)


def select_typed_years(years: NamedTable) -> pl.DataFrame:
    if years.frame.is_empty():
        raise SdmxmigError("The table has no years.", hint="Add a row for each year.")
    values = parse_numbers(years, VALUE)
    check_rows(
        years,
        pl.Series(values < 0),
        f"{VALUE} is negative",
        "Only counts can be divided into months. Use inflows and outflows separately.",
    )
    numbered = parse_numbers(years, YEAR)
    wrong = (numbered != np.rint(numbered)) | (numbered < FIRST_YEAR) | (numbered > LAST_YEAR)
    check_rows(years, pl.Series(wrong), f"{YEAR} is not a year", "Write a year with four digits, such as 2024.")
    return years.frame.with_columns(pl.Series(YEAR, numbered.astype(np.int64)), pl.Series(VALUE, values))


def split_by_groups(years: pl.DataFrame, groups: list[str]) -> Iterable[tuple[Codes, pl.DataFrame]]:
    if not groups:
        return [((), years)]
    parts = years.partition_by(groups, as_dict=True, maintain_order=True)
    return [(tuple(map(str, codes)), frame) for codes, frame in parts.items()]


def check_years(name: str, years: list[int]) -> None:
    doubled = sorted({year for year in years if years.count(year) > 1})
    span = range(years[0], years[-1] + 1)
    missing = sorted(set(span) - set(years)) if len(span) <= MAX_LISTED_SPAN else [years[-1]]
    if doubled or missing:
        what = (
            f"{', '.join(map(str, doubled))} occurs twice" if doubled else f"{', '.join(map(str, missing))} is missing"
        )
        raise SdmxmigError(f"{name}: the year {what}.", hint="List each year of each group once.")


def check_same_years(name: str, by_year: Years) -> None:
    everybody = {codes for by_codes in by_year.values() for codes in by_codes}
    for codes in sorted(everybody):
        missing = sorted(year for year, by_codes in by_year.items() if codes not in by_codes)
        if missing:
            raise SdmxmigError(
                f"{name}: {', '.join(codes)} lacks {', '.join(map(str, missing))}, which other groups have.",
                hint="Give all groups the same years (0 for no persons), or use these groups in another step.",
            )


def compute_course(indicator: NamedTable | None, periods: Sequence[str]) -> Floats:
    if indicator is None:
        return np.ones(len(periods))
    check_columns(indicator, [PERIOD, VALUE])
    others = [name for name in indicator.frame.columns if name not in (PERIOD, VALUE, PERSONS)]
    if others:
        raise SdmxmigError(
            f"{indicator.name} has columns besides {PERIOD} and {VALUE}: {', '.join(others)}.",
            hint="An indicator applies to all groups: sum it, or remove the columns.",
        )
    months = indicator.frame[PERIOD].cast(pl.String)
    check_rows(indicator, ~months.is_first_distinct(), "a month is listed again", "Give each month once.")
    values = dict(zip(months, parse_numbers(indicator, VALUE), strict=True))
    missing = [period for period in periods if period not in values]
    if missing:
        listed = ", ".join(missing[:MAX_SHOWN]) + (" …" if len(missing) > MAX_SHOWN else "")
        raise SdmxmigError(
            f"{indicator.name} lacks a month: {listed}.", hint="Give each month once, written as 2024-01."
        )
    return np.array([values[period] for period in periods])


def add_constant(course: Floats) -> Floats:
    ones = np.ones(len(course))
    return ones[:, None] if (course == course[0]).all() else np.column_stack([ones, course])
