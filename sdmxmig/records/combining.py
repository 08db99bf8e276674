"""Steps that combine sources: which source wins, counts, tables fitted to margins, weights, surveys, months.

Each step takes tables and gives a table. A table of figures has columns of codes and `value`; one of records has a row
a person and never leaves the program.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from sdmxmig.demography.calibration import WeightChange, calibrated
from sdmxmig.demography.disaggregation import chow_lin, denton, whole_numbers
from sdmxmig.demography.fitting import Fitted, Margin, fitted
from sdmxmig.demography.surveys import LEAST_PERSONS, Sample, ratio_of, total_of
from sdmxmig.disclosure.relations import relations_of
from sdmxmig.disclosure.rounding import NONE, rounded
from sdmxmig.errors import SdmxmigError
from sdmxmig.lazily import np, pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

VALUE, PERSONS, YEAR, PERIOD = "value", "persons", "year", "period"
MONTHS = 12
MOST_CELLS = 1_000_000
DENTON, CHOW_LIN = "denton", "chow-lin"
TOTAL, SHARE = "total", "share"


@dataclass(frozen=True, slots=True)
class Result:
    """A table that a step made, and what is to be said of how: in words, for reports and metadata."""

    table: pl.DataFrame
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Design:
    """The columns of a survey file that tell its design; empty where there are no strata or clusters."""

    weight: str
    _: KW_ONLY
    stratum: str = ""
    cluster: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a survey: a total or share of the persons for whom `of` is true, by groups."""

    of: str
    _: KW_ONLY
    measure: str
    by: tuple[str, ...] = ()
    least: int = LEAST_PERSONS


def preferred(tables: Mapping[str, pl.DataFrame], key: str, order: Mapping[str, Sequence[str]]) -> Result:
    """One record a person from several sources: for each variable the first source that knows it wins.

    `order` has for each variable the sources in their order. Raises `SdmxmigError` for a source that has a person
    twice, or has no such column.
    """
    for name, table in tables.items():
        check_columns(name, table, [key])
        if table[key].is_duplicated().any() or table[key].null_count():
            raise SdmxmigError(f"{name} has a person twice, or one without {key}.", hint="Link its records first.")
    everybody = pl.concat([table.select(key) for table in tables.values()])
    number = everybody.group_by(key).len()
    result, notes = number.select(key).sort(key), [match_words(number, tables)]
    for variable, sources in order.items():
        if not sources or variable == key:
            raise SdmxmigError(
                f"No source is named for {variable}.", hint="Name sources of a variable, in their order."
            )
        columns = []
        for source in sources:
            if source not in tables:
                raise SdmxmigError(f"“{source}” is no source of this step.", hint=f"There are: {', '.join(tables)}.")
            check_columns(source, tables[source], [variable])
            values = tables[source].select(key, pl.col(variable).cast(pl.String).alias(f"#{source}"))
            result = result.join(values, on=key, how="left", maintain_order="left")
            columns.append(f"#{source}")
        differs = pl.concat_list(columns).list.drop_nulls().list.n_unique() > 1
        conflicts = int(result.select(differs.sum()).item())
        result = result.with_columns(pl.coalesce(columns).alias(variable)).drop(columns)
        notes.append(f"{variable} from {', else '.join(sources)}; sources differ for {conflicts:,} persons")
    return Result(result, tuple(notes))


def match_words(number: pl.DataFrame, tables: Mapping[str, pl.DataFrame]) -> str:
    """Which share of persons several sources have, in words."""
    several = int((number["len"] > 1).sum())
    rate = several / max(number.height, 1)
    return f"{', '.join(tables)} joined by key; {rate:.1%} of persons are in several sources"


def check_columns(name: str, table: pl.DataFrame, columns: Sequence[str]) -> None:
    """Refuse a table that lacks a column."""
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise SdmxmigError(f"{name} has no column {', '.join(missing)}.", hint="Name a column that it has.")


def counted_by(name: str, table: pl.DataFrame, by: Sequence[str], weight: str = "") -> Result:
    """How many records there are by some columns, or the sum of their weights; what is not known is ``_U``.

    Columns: those of the groups, value, and with weights persons, on how many records each sum rests.
    """
    check_columns(name, table, [*by, *([weight] if weight else [])])
    if {VALUE, PERSONS} & set(by) or len(set(by)) < len(by):
        raise SdmxmigError(f"Nothing is counted by {VALUE} or {PERSONS}, or twice by one column.", hint="Leave it out.")
    if table.is_empty():
        raise SdmxmigError(f"{name} has no rows.", hint="Give a table with rows.")
    codes = table.with_columns(pl.col(column).cast(pl.String).fill_null("_U") for column in by)
    sums = [pl.len().cast(pl.Float64).alias(VALUE)]
    if weight:
        sums = [pl.col(weight).cast(pl.Float64).sum().alias(VALUE), pl.len().alias(PERSONS)]
    counts = codes.group_by(by).agg(sums) if by else codes.select(sums)
    words = f"{name} counted by {', '.join(by)}" if by else f"{name} counted"
    return Result(counts.sort(by) if by else counts, (words + (f", weighted by {weight}" if weight else ""),))


def fitted_to(
    start: pl.DataFrame, margins: Mapping[str, pl.DataFrame], fixed: pl.DataFrame | None, base: int
) -> Result:
    """A table of figures fitted to margins, and rounded to a base so that it adds up; 0: not rounded.

    `fixed` has the cells that keep their value. Raises `SdmxmigError` where there is no such table, or no rounding.
    """
    start, fixed = as_texts(start), None if fixed is None else as_texts(fixed)
    margins = {name: as_texts(margin) for name, margin in margins.items()}
    dimensions = dimensions_of("the table", start)
    codes = [sorted(start[name].unique().to_list()) for name in dimensions]
    shape = tuple(map(len, codes))
    if int(np.prod(shape)) > MOST_CELLS:
        raise SdmxmigError(f"A table of {shape} cells is too large to be fitted.", hint="Take fewer dimensions.")
    cells = placed("the table", start, (dimensions, codes))
    known = []
    for name, margin in margins.items():
        axes = tuple(sorted(dimensions.index(column) for column in dimensions_of(name, margin, dimensions)))
        some = ([dimensions[axis] for axis in axes], [codes[axis] for axis in axes])
        known.append(Margin(axes, placed(name, margin, some, whole=True)))
    held = None
    if fixed is not None:
        check_columns("fixed", fixed, [*dimensions, VALUE])
        held = placed("fixed", fixed.with_columns(pl.lit(1.0).alias(VALUE)), (dimensions, codes)) > 0
        cells = np.where(held, placed("fixed", fixed, (dimensions, codes)), cells)
    result = fitted(cells, known, held)
    notes = [f"fitted proportionally to {', '.join(margins)}; {fit_words(result)}"]
    values = result.table
    if base:
        values = rounded_table(result.table, known, base)
        notes.append(f"rounded to {base} so that it adds up")
    grid = np.meshgrid(*[np.arange(size) for size in shape], indexing="ij")
    columns = {
        name: pl.Series(codes[axis], dtype=pl.String).gather(grid[axis].ravel()) for axis, name in enumerate(dimensions)
    }
    table = pl.DataFrame({**columns, VALUE: values.ravel()})
    return Result(table.filter((pl.col(VALUE) != 0) | pl.Series((cells > 0).ravel())), tuple(notes))


def fit_words(result: Fitted) -> str:
    """What certifies a fit, in words."""
    return f"largest error {result.error:.1g} of the largest total after {result.rounds} rounds"


def as_texts(table: pl.DataFrame) -> pl.DataFrame:
    """A table of figures with its codes as texts."""
    return table.with_columns(pl.all().exclude(VALUE, PERSONS).cast(pl.String))


def dimensions_of(name: str, table: pl.DataFrame, allowed: Sequence[str] | None = None) -> list[str]:
    """The columns of codes of a table of figures; raises `SdmxmigError` if it has none, or others than are allowed."""
    check_columns(name, table, [VALUE])
    dimensions = [column for column in table.columns if column not in (VALUE, PERSONS)]
    if not dimensions or (allowed is not None and set(dimensions) - set(allowed)):
        raise SdmxmigError(
            f"{name} has not the columns of the table.", hint="A margin has some of its columns, and value."
        )
    if table.is_empty() or table.select(pl.col(dimensions).is_null().any()).transpose().to_series().any():
        raise SdmxmigError(
            f"{name} has no rows, or a row without a code.", hint="Give each row its codes; _U is unknown."
        )
    return dimensions


def placed(
    name: str, table: pl.DataFrame, axes: tuple[Sequence[str], Sequence[Sequence[str]]], *, whole: bool = False
) -> NDArray[np.float64]:
    """A table of figures as an array; cells that it has not are 0, or missing where all are needed.

    Raises `SdmxmigError` for a code that the table has not, a cell twice, one without a value, and one that is needed.
    """
    dimensions, codes = axes
    array = np.full(tuple(map(len, codes)), np.nan)
    places = [{code: place for place, code in enumerate(known)} for known in codes]
    for row in table.select(*dimensions, pl.col(VALUE).cast(pl.Float64)).rows():
        try:
            cell = tuple(place[code] for place, code in zip(places, row[:-1], strict=True))
        except KeyError:
            raise SdmxmigError(
                f"{name} has a code that the table has not.", hint="Use the same codes in both."
            ) from None
        if row[-1] is None or not np.isfinite(row[-1]) or not np.isnan(array[cell]):
            raise SdmxmigError(f"{name} has a cell twice, or without a value.", hint="Give each cell one value.")
        array[cell] = row[-1]
    if whole and np.isnan(array).any():
        raise SdmxmigError(
            f"{name} lacks a code of the table.", hint="Give a total for each code, 0 where it is nothing."
        )
    return np.asarray(np.nan_to_num(array))


def rounded_table(table: NDArray[np.float64], margins: Sequence[Margin], base: int) -> NDArray[np.float64]:
    """A table rounded to a base so that all margins are sums of rounded cells; raises `SdmxmigError` if none is."""
    numbers = np.arange(table.size).reshape(table.shape)
    sums, values, cell = [], [table.ravel()], table.size
    for margin in margins:
        moved = np.moveaxis(numbers, margin.axes, range(len(margin.axes))).reshape(margin.totals.size, -1)
        for members in moved:
            sums.append(([*((int(member), 1.0) for member in members), (cell, -1.0)], 0.0, 0.0))
            cell += 1
        values.append(margin.totals.ravel())
    result = rounded(relations_of(cell, sums), exact_wholes(np.concatenate(values)), base)
    if result.kind == NONE or not np.isfinite(result.values).all():
        raise SdmxmigError(f"No rounding to {base} keeps all sums.", hint="Take another base, or round = 0.")
    return np.asarray(result.values[: table.size].reshape(table.shape))


def exact_wholes(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values with what arithmetic left over taken off those that are whole but for a millionth."""
    nearest = np.rint(values)
    return np.asarray(np.where(np.abs(values - nearest) < 1e-6, nearest, values))


def weighted(survey: pl.DataFrame, weight: str, margins: Mapping[str, pl.DataFrame], change: WeightChange) -> Result:
    """A survey file with weights calibrated to tables of totals, in place of its own."""
    check_columns("the survey", survey, [weight])
    columns, totals = [], []
    for name, margin in margins.items():
        dimensions = dimensions_of(name, margin, survey.columns)
        for row in margin.rows(named=True):
            member = pl.all_horizontal(pl.col(column).cast(pl.String) == row[column] for column in dimensions)
            columns.append(survey.select(member.fill_null(value=False)).to_series().to_numpy().astype(np.float64))
            totals.append(float(row[VALUE]))
    weights = survey[weight].cast(pl.Float64).fill_null(0.0).to_numpy()
    result = calibrated(weights, np.column_stack(columns), np.array(totals), change)
    note = (
        f"weights calibrated ({change.method}) to {', '.join(margins)}; they change by factors of "
        f"{result.factors.min():.3f} to {result.factors.max():.3f}, largest error {result.error:.1g} of the largest"
        " total"
    )
    return Result(survey.with_columns(pl.Series(weight, result.weights)), (note,))


def surveyed(survey: pl.DataFrame, design: Design, question: Question) -> Result:
    """Estimates of a survey by groups with standard error and 95 % interval.

    Columns: those of the groups, value, error, low, high, persons. A group that tells too little is left out, and why
    is said. `of` is 1 or 0, true or false; persons of whom it is empty are out of the share and of its denominator.
    """
    if survey.is_empty():
        raise SdmxmigError("The survey has no rows.", hint="Give a file with persons.")
    used = [name for name in (design.weight, design.stratum, design.cluster, question.of, *question.by) if name]
    check_columns("the survey", survey, used)
    sample = sample_of(survey, design)
    quality = survey[question.of].cast(pl.String).str.to_lowercase()
    known = quality.is_in(["1", "0", "true", "false", "1.0", "0.0"]).fill_null(value=False).to_numpy()
    if int(quality.is_not_null().sum()) != int(known.sum()):
        raise SdmxmigError(f"{question.of} is not 1 or 0 everywhere.", hint="Recode it, and leave unknown cells empty.")
    has = quality.is_in(["1", "true", "1.0"]).fill_null(value=False).to_numpy().astype(np.float64)
    groups = survey.select(pl.col(column).cast(pl.String).fill_null("_U") for column in question.by)
    rows, notes = [], [f"{question.measure} of {question.of} from survey weights, variances by strata and clusters"]
    for codes in sorted(groups.unique().rows()) if question.by else [()]:
        member = np.ones(survey.height, dtype=bool)
        for column, code in zip(question.by, codes, strict=True):
            member &= (groups[column] == code).to_numpy()
        cell = member & known
        try:
            estimate = (
                total_of(sample, has, cell, question.least)
                if question.measure == TOTAL
                else ratio_of(sample, (has, np.ones(len(has))), cell, question.least)
            )
        except SdmxmigError as error:
            notes.append(f"no figure for {', '.join(codes) or 'all'}: {error.message}")
            continue
        figures = (estimate.value, estimate.error, estimate.low, estimate.high, estimate.persons)
        rows.append((*codes, *figures, estimate.is_unreliable))
    names = (*question.by, VALUE, "error", "low", "high", PERSONS, "unreliable")
    if not rows:
        raise SdmxmigError("No group of the survey has a figure.", hint=notes[-1])
    return Result(pl.DataFrame(rows, schema=list(names), orient="row"), tuple(notes))


def sample_of(survey: pl.DataFrame, design: Design) -> Sample:
    """The design of a survey file as numbers; each person is a cluster where there are none."""
    weights = survey[design.weight].cast(pl.Float64).fill_null(0.0).to_numpy()
    everybody = pl.Series([""] * survey.height)
    stratum = survey[design.stratum].cast(pl.String).fill_null("") if design.stratum else everybody
    strata = stratum.rank("dense").to_numpy().astype(np.int64) - 1
    if not design.cluster:
        return Sample(weights, strata, clusters=np.arange(survey.height))
    both = pl.DataFrame({"stratum": stratum, "cluster": survey[design.cluster].cast(pl.String).fill_null("")})
    cluster = both.select(pl.concat_str("stratum", "cluster", separator="\x1f").rank("dense")).to_series()
    return Sample(weights, strata, clusters=cluster.to_numpy().astype(np.int64) - 1)


def monthly(years: pl.DataFrame, indicator: pl.DataFrame | None, *, method: str, is_whole: bool) -> Result:
    """Figures of months from those of years, with the same sums; columns: those of the groups, period, value.

    `years` has columns year and value, and those of groups; `indicator` period (such as 2024-01) and value, for all
    groups alike. Without one the course is the smoothest.
    """
    check_columns("the table of years", years, [YEAR, VALUE])
    if method not in (DENTON, CHOW_LIN):
        raise SdmxmigError(f"“{method}” is no way to find months.", hint=f"There are: {DENTON}, {CHOW_LIN}.")
    groups = [column for column in years.columns if column not in (YEAR, VALUE, PERSONS)]
    if years.is_empty():
        raise SdmxmigError("There are no years.", hint="Give a row for each year.")
    parts = []
    for codes, frame in years.partition_by(groups, as_dict=True).items() if groups else [((), years)]:
        ordered = frame.with_columns(pl.col(YEAR).cast(pl.Int64)).sort(YEAR)
        numbers = ordered[YEAR].to_list()
        if None in numbers or numbers != list(range(numbers[0], numbers[0] + len(numbers))):
            raise SdmxmigError("Years are missing or stand twice.", hint="Give every year of each group once.")
        totals = ordered[VALUE].cast(pl.Float64).to_numpy()
        periods = [f"{year}-{month:02}" for year in numbers for month in range(1, MONTHS + 1)]
        course = course_of(indicator, periods)
        values = denton(totals, course) if method == DENTON else chow_lin(totals, with_constant(course))
        if is_whole:
            values = whole_months(values, totals)
        constants = [pl.lit(code).alias(name) for name, code in zip(groups, codes, strict=True)]
        parts.append(pl.DataFrame({PERIOD: periods, VALUE: values}).select(*constants, PERIOD, VALUE))
    names = {DENTON: "Denton’s proportional first differences", CHOW_LIN: "the method of Chow and Lin"}
    with_ = "with an indicator" if indicator is not None else "without an indicator"
    return Result(
        pl.concat(parts).sort(*groups, PERIOD), (f"months by {names[method]} {with_}; sums of years are kept",)
    )


def course_of(indicator: pl.DataFrame | None, periods: Sequence[str]) -> NDArray[np.float64]:
    """The indicator in each period, 1 where there is none."""
    if indicator is None:
        return np.ones(len(periods))
    check_columns("the indicator", indicator, [PERIOD, VALUE])
    values = dict(indicator.select(pl.col(PERIOD).cast(pl.String), pl.col(VALUE).cast(pl.Float64)).rows())
    if len(values) != indicator.height or any(values.get(period) is None for period in periods):
        raise SdmxmigError(
            "The indicator lacks a month, or has one twice.", hint="Give each month once, written as 2024-01."
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
