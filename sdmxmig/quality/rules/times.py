"""Format and frequency of periods; gaps in series and breakdowns."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod

from sdmxmig.primitives import periods
from sdmxmig.primitives.errors import DeclarationError, check_known
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.periods import parse, shift, shift_months
from sdmxmig.quality.rules import KINDS, Check, build_untestable_error, report_not_tested, run_by_definition
from sdmxmig.quality.rules.series import (
    drop_explained,
    format_amount,
    format_number,
    list_breakdowns,
    list_missing_periods,
    read_decimal,
    read_period,
    select_series,
)
from sdmxmig.quality.rules.totals import FIGURE_COLUMNS, DimensionBreakdown, build_fault, select_total_figures
from sdmxmig.quality.rules.values import drop_excepted, open_parameters
from sdmxmig.quality.rules.words import TOTAL, build_reason, find_code_name, join_any, write_number
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.frames import list_values
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.findings import Fault, NotTestable
from sdmxmig.statistics.demography.amounts import add_columns
from sdmxmig.statistics.demography.ledger import Book
from sdmxmig.statistics.demography.time_series import parse_period

YEAR_PATTERN = r"\d{4}"
MONTH_PATTERN = r"(0[1-9]|1[0-2])"
DAY_PATTERN = r"(0[1-9]|[12]\d|3[01])"
UNSPECIFIED = "_U"
PERIOD_FORMS = {
    "A": (rf"{YEAR_PATTERN}(-A1)?", "2024"),
    "S": (rf"{YEAR_PATTERN}-S[12]", "2024-S1"),
    "H": (rf"{YEAR_PATTERN}-S[12]", "2024-S1"),
    "T": (rf"{YEAR_PATTERN}-T[123]", "2024-T1"),
    "Q": (rf"{YEAR_PATTERN}-Q[1-4]", "2024-Q1"),
    "M": (rf"{YEAR_PATTERN}-(M?{MONTH_PATTERN})", "2024-01"),
    "W": (rf"{YEAR_PATTERN}-W(0[1-9]|[1-4]\d|5[0-3])", "2024-W01"),
    "D": (
        rf"{YEAR_PATTERN}-({MONTH_PATTERN}-{DAY_PATTERN}|D(00[1-9]|0[1-9]\d|[12]\d\d|3[0-5]\d|36[0-6]))",
        "2024-01-31",
    ),
    UNSPECIFIED: (rf"{YEAR_PATTERN}-{MONTH_PATTERN}-{DAY_PATTERN}/P[0-9YMWD]+", "2024-01-01/P9M"),
}
PERIOD_LENGTHS = {"A": "1Y|12M", "S": "6M", "H": "6M", "T": "4M", "Q": "3M", "M": "1M", "W": "7D|1W", "D": "1D"}
"""Durations of frequencies (ISO 8601): years to June have the frequency A, as 2020-07-01/P1Y."""


def list_written_forms(frequency: str) -> list[str]:
    """Return patterns for periods of a frequency: calendar periods, or periods of equal length from any day."""
    from_a_day = (
        [rf"{YEAR_PATTERN}-{MONTH_PATTERN}-{DAY_PATTERN}/P({PERIOD_LENGTHS[frequency]})"]
        if frequency in PERIOD_LENGTHS
        else []
    )
    return [PERIOD_FORMS[frequency][0], *from_a_day]


@KINDS.add("PERIOD-FITS-FREQUENCY")
def periods_match_frequency(check: Check) -> Iterable[Fault | NotTestable]:
    """Every period is in SDMX notation and as long as its frequency."""
    check.parameters.close()
    if check.structure.time is None:
        raise build_untestable_error("{flow} has no time dimension", flow=check.flow.id)
    time = check.structure.time.id
    frame = add_columns(check.frame, ("FREQ",)).select("row", "FREQ", time)
    for frequency, period in list_distinct_periods(frame, time):
        if period is None or has_frequency(period, frequency):
            continue
        rows = frame.filter(pl.col("FREQ").eq_missing(pl.lit(frequency)), pl.col(time) == period)["row"]
        example = suggest_notation(period, frequency)
        parameters = {"value": period, "frequency": frequency or "none", "example": example}
        yield check.fault(rows, parameters, component=time, observed=period, expected=example)


def suggest_notation(period: str, frequency: str | None) -> str:
    """Suggest the notation of a period, or its frequency if unstated.

    >>> suggest_notation("2024-Q5", "Q"), suggest_notation("2023", "_U")
    ('2024-Q1', 'FREQ = A')
    """
    parsed = periods.parse(period) if frequency == UNSPECIFIED else None
    return f"FREQ = {parsed.freq}" if parsed else PERIOD_FORMS.get(frequency or "", ("", ""))[1]


@KINDS.add("PERIOD-IS-OVER")
def periods_are_over(check: Check) -> Iterable[Fault | NotTestable]:
    """Reported periods have ended when the data are prepared.

    Counts on a reference date need only have begun. Parameters: `day`: attribute with the reference date; `except`:
    codes of forecasts, and of counts on a day in dataflows of events, such as valid permits.
    """
    with check.parameters as parameters:
        day, excepted = parameters.text("day"), parameters.table("except").lists()
    time = check.structure.time
    if time is None:
        raise build_untestable_error("{flow} has no time dimension", flow=check.flow.id)
    if not check.prepared:
        raise build_untestable_error("the date when the data were prepared is missing")
    at_a_day = day in check.structure and check.structure[day].mandatory
    frame = drop_excepted(add_columns(check.frame, tuple(excepted)), excepted)
    for period, rows in frame.group_by(time.id, maintain_order=True).agg("row").iter_rows():
        if period is not None and is_not_over(period, check.prepared, begun=at_a_day):
            parameters_of_message = {"value": period, "prepared": check.prepared}
            expected = f"≤ {check.prepared}"
            yield check.fault(rows, parameters_of_message, component=time.id, observed=period, expected=expected)


def is_not_over(text: str, prepared: str, *, begun: bool) -> bool:
    """Check whether a period has not ended, or not `begun`; false for invalid periods.

    >>> is_not_over("2026", "2026-06-30", begun=False), is_not_over("2026", "2026-06-30", begun=True)
    (True, False)
    >>> is_not_over("2026-05", "2026-06-01", begun=False)
    False
    """
    period = periods.parse(text)
    if period is None:
        return False
    if begun:
        return period.first_day.isoformat() > prepared
    return periods.shift(period, 1).first_day.isoformat() > prepared


def list_distinct_periods(frame: pl.DataFrame, time: str) -> list[tuple[str | None, str | None]]:
    frequencies = list_values(frame, "FREQ")
    if len(frequencies) == 1:
        return [(frequencies[0], period) for period in list_values(frame, time)]
    return frame.select("FREQ", time).unique(maintain_order=True).rows()


def has_frequency(period: str, frequency: str | None) -> bool:
    """Check whether a period has this frequency; if it is unknown, check whether it is a period at all.

    >>> (has_frequency("2024", "A"), has_frequency("2024-Q1", "A"),
    ...  has_frequency("2024-Q5", "Q"), has_frequency("2024/25", None))
    (True, False, False, False)
    >>> has_frequency("2020-07-01/P1Y", "A"), has_frequency("2024-01-01/P9M", "A")
    (True, False)
    """
    forms = list_written_forms(frequency) if frequency in PERIOD_FORMS else [form for form, _ in PERIOD_FORMS.values()]
    return any(re.fullmatch(form, period, re.ASCII) for form in forms)


FREQUENCY, YEARLY, YEARS_YEAR = "FREQ", "A", "year"
PARTS_OF_A_YEAR = {"S": 2, "H": 2, "T": 3, "Q": 4, "M": 12}


@KINDS.add("YEAR-IS-SUM")
@run_by_definition
def years_are_sums(check: Check) -> Iterable[Fault | NotTestable]:
    """The figure of a year is the sum of its months, quarters or other parts, and never less than those reported.

    Parameter `except`: codes of counts at a moment, such as people under protection, whose months do not add up.
    Tolerance as for TOTAL-IS-SUM.
    """
    with check.parameters as parameters:
        parameters.table("except")
    structure = check.structure
    if structure.time is None or FREQUENCY not in structure.series_key:
        raise build_untestable_error("{flow} has no periods of several frequencies", flow=check.flow.id)
    time = structure.time.id
    frequencies = set(check.books[0].codes(FREQUENCY))
    if YEARLY not in frequencies or not frequencies & PARTS_OF_A_YEAR.keys():
        raise build_untestable_error("no year is reported together with its months or quarters")
    sums = sum_periods(check, time)
    if sums.is_empty():
        raise build_untestable_error("no year is reported together with its months or quarters")
    more = (pl.col("sum") - pl.col("amount")) * 2 > pl.col("slack")
    less = (pl.col("amount") - pl.col("sum")) * 2 > pl.col("slack")
    wrong = sums.filter(more | (less & (pl.col("known") == pl.col("needed"))))
    of = DimensionBreakdown(dimensions=(time,), total=YEARLY)
    for row in wrong.iter_rows(named=True):
        yield build_fault(check, of, row)


def sum_periods(check: Check, time: str) -> pl.DataFrame:
    others = [name for name in check.structure.series_key if name != FREQUENCY]
    frame = select_total_figures(check).with_columns(pl.col(time).str.head(4).alias(YEARS_YEAR))
    years = frame.filter(pl.col(FREQUENCY) == YEARLY, pl.col("amount").is_not_null())
    parts = frame.filter(pl.col(FREQUENCY).is_in(list(PARTS_OF_A_YEAR)), pl.col("amount").is_not_null()).sort(
        time, maintain_order=True
    )
    return (
        parts.group_by(*others, YEARS_YEAR, FREQUENCY, maintain_order=True)
        .agg(
            sum=pl.col("amount").sum(),
            known=pl.len().cast(pl.Int32),
            slack_of_parts=pl.col("slack").sum(),
            codes=pl.col(time),
            texts=pl.col("text"),
            rows=pl.col("row"),
        )
        .with_columns(needed=pl.col(FREQUENCY).replace_strict(PARTS_OF_A_YEAR, return_dtype=pl.Int32))
        .join(
            years.select(*others, YEARS_YEAR, *FIGURE_COLUMNS),
            on=[*others, YEARS_YEAR],
            how="inner",
            nulls_equal=True,
            maintain_order="right",
        )
        .with_columns(slack=pl.col("slack") + pl.col("slack_of_parts"))
    )


LAST_YEAR = 9000
"""Later years are typing errors; Python's calendar ends not much later."""


@KINDS.add("IN-TIME")
def data_are_on_time(check: Check) -> Iterable[Fault | NotTestable]:
    """The newest figures are prepared before they are due.

    Parameter `due`: `flows` and `months` after the end of the period.
    """
    with check.parameters as parameters:
        months_by_flow: dict[str, int] = {}
        for entry in parameters.tables("due"):
            months_by_flow |= dict.fromkeys(entry.strings("flows", None), entry.integer("months"))
            entry.close()
    flow, time = check.flow, check.structure.time
    if flow.id not in months_by_flow or time is None:
        raise build_untestable_error("no due date is declared for {flow}", flow=flow.id)
    if not check.prepared:
        raise build_untestable_error("the data have no date of preparation")
    texts = check.frame.get_column(time.id).unique().drop_nulls().to_list()
    periods = {text: period for text in texts if (period := parse(text)) is not None and period.year < LAST_YEAR}
    ends = {text: shift(period, 1).first_day - dt.timedelta(days=1) for text, period in periods.items()}
    if not ends:
        raise build_untestable_error("no period is a calendar period")
    newest = max(ends, key=lambda text: (ends[text], text))
    due = find_months_after(ends[newest], months_by_flow[flow.id])
    if dt.date.fromisoformat(check.prepared) > due:
        rows = check.frame.filter(pl.col(time.id) == newest).get_column("row").to_list()
        words = {"period": newest, "due": due.isoformat(), "prepared": check.prepared}
        yield check.fault(rows, words, component=time.id, observed=check.prepared, expected=f"≤ {due.isoformat()}")


def find_months_after(day: dt.date, months: int) -> dt.date:
    """Return the last day of a later month.

    >>> find_months_after(dt.date(2022, 12, 31), 2), find_months_after(dt.date(2022, 12, 31), 12)
    (datetime.date(2023, 2, 28), datetime.date(2023, 12, 31))
    """
    return shift_months(day.replace(day=1), months + 1) - dt.timedelta(1)


GROUP_COLUMNS = ["context", "period"]


@KINDS.add("SERIES-WITHOUT-GAPS")
def series_have_no_gaps(check: Check) -> Iterable[Fault | NotTestable]:
    """A series has an observation, if only a missing value, for every period between its first and last.

    Parameters: `least`: minimum adjacent figure, since small figures may be unprinted zeros; `share` of periods above
    which a series is due in each; `units`, `except`.
    """
    with open_parameters(check) as parameters:
        least, share = parameters.integer("least"), read_decimal(parameters, "share")
    series = select_series(check)
    lengths = series.group_by("series").agg(
        length=pl.len(), due=(pl.col("period").max() - pl.col("period").min()) // pl.col("step").first() + 1
    )
    several = lengths.filter(pl.col("length") > 1)
    if several.is_empty():
        raise build_untestable_error("no series has observations of two periods")
    whole = several.filter(pl.col("length") >= share * pl.col("due"))
    if sparse := several.height - whole.height:
        reason = build_reason(
            "there are too few observations between the first and the last in {count} series", count=sparse
        )
        yield NotTestable(reason, partial=not whole.is_empty())
    follows = pl.col("series").shift(1) == pl.col("series")
    missing = pl.when(follows).then((pl.col("period") - pl.col("period").shift(1)) // pl.col("step") - 1)
    gaps = series.with_columns(missing=missing, before=pl.col("value").shift(1), row_before=pl.col("row").shift(1))
    gaps = gaps.filter(pl.col("missing") > 0).join(whole, on="series", how="semi", maintain_order="left")
    matters = (pl.max_horizontal(pl.col("value").abs(), pl.col("before").abs()) >= least).fill_null(value=True)
    for row, row_before, step, missing in (
        gaps.filter(matters).select("row", "row_before", "step", "missing").iter_rows()
    ):
        lacking = ", ".join(list_missing_periods(read_period(check, row_before), step, missing))
        parameters_of_fault = {
            "periods": lacking,
            "before": read_period(check, row_before),
            "after": read_period(check, row),
        }
        yield check.fault((row,), parameters_of_fault, observed=lacking, expected="an observation")


@KINDS.add("CODES-STAY")
def codes_are_continued(check: Check) -> Iterable[Fault | NotTestable]:
    """A code with a large figure is also present in the next period if other codes of its breakdown are.

    Parameters: `dimensions`: each a breakdown; `least`: minimum figure; `units`, `except`.
    """
    with open_parameters(check) as parameters:
        listed, least = parameters.strings("dimensions", None), parameters.integer("least")
    dimensions = [name for name in listed if name in check.structure]
    series = select_series(check)
    goes_on = (pl.col("series").shift(-1) == pl.col("series")) & (
        pl.col("period").shift(-1) - pl.col("period") == pl.col("step")
    )
    series = series.with_columns(next=pl.col("period") + pl.col("step"), stays=goes_on.fill_null(value=False))
    tested = False
    for _, divided in list_breakdowns(check, series, dimensions):
        parts = divided.filter(~pl.col("code").is_in([TOTAL, "_Z"]))
        others = parts.group_by("context", "period").agg(others=pl.len())
        due = parts.join(others, left_on=["context", "next"], right_on=["context", "period"])
        if due.is_empty():
            continue
        tested = True
        missing = due.filter(~pl.col("stays"), pl.col("value") > least).with_columns(up=pl.lit(value=False))
        missing = drop_explained(check, missing).sort("row")
        for row, step, others_there in missing.select("row", "step", "others").iter_rows():
            yield build_gap_fault(check, row, step, others_there)
    if not tested:
        yield report_not_tested(
            "there are no figures by {dimensions} for two neighbouring periods",
            dimensions=join_any(dimensions or listed),
        )


def build_gap_fault(check: Check, row: int, step: int, others: int) -> Fault:
    period = "".join(list_missing_periods(read_period(check, row), step, 1))
    before = format_amount(check, row)

    def build_words(language: str) -> dict[str, str]:
        return {"before": write_number(before, language), "period": period, "others": str(others)}

    return check.fault((row,), build_words, observed="", expected=f"an observation for {period}")


@KINDS.add("BREAKDOWN-WHOLE")
def breakdowns_are_complete(check: Check) -> Iterable[Fault | NotTestable]:
    """A code in nearly all breakdowns of a period is present in all, if only as a missing value.

    It may be absent if its expected figure is so small that it may be zero. Parameters: `dimensions`: each divides all
    others; `share` of breakdowns above which a code is due; `breakdowns`: minimum number; `least`: minimum expected
    figure; `required`: cells that a profile requires; `elsewhere`, `demanded`: reasons in messages; `units`, `except`.
    """
    with open_parameters(check) as parameters:
        listed, needed = parameters.strings("dimensions", None), parameters.integer("breakdowns")
        share, least = read_decimal(parameters, "share"), parameters.integer("least")
        elsewhere, demanded = (parameters.texts(name, required=True) for name in ("elsewhere", "demanded"))
        required = read_required_tables(check, parameters)
    missing_keys = {key for table in required if table.codes for key in list_missing_keys(check, table)}
    yield from (build_missing_series_fault(check, key, demanded) for key in sorted(missing_keys))
    series = select_series(check)
    tested = any(table.codes for table in required)
    for name, divided in list_breakdowns(check, series, listed):
        parts = find_missing_codes(divided.filter(~pl.col("code").is_in([TOTAL, "_Z"])), needed, share)
        if parts.is_empty():
            continue
        tested = True
        whole = parts.group_by(GROUP_COLUMNS, maintain_order=True).agg("row", sum=pl.col("value").sum())
        whole = whole.with_columns(count=pl.len().over("period")).filter(pl.col("count") >= needed)
        due = select_codes_due(parts.join(whole.drop("row"), on=GROUP_COLUMNS), share)
        lacking = whole.join(due, on="period").join(parts, on=[*GROUP_COLUMNS, "code"], how="anti")
        odds = pl.col("part") / (1 - pl.col("part"))
        lacking = lacking.with_columns(due=pl.col("sum") * odds, rows=pl.col("row"), up=pl.col("code"))
        lacking = lacking.filter(pl.col("due") >= least).with_columns(row=pl.col("rows").list.first())
        yield from list_incomplete_breakdowns(check, name, drop_explained(check, lacking), elsewhere)
    if not tested:
        yield report_not_tested(
            "no period has {needed} breakdowns by {dimensions}", needed=needed, dimensions=join_any(listed)
        )


def find_missing_codes(parts: pl.DataFrame, needed: int, share: float) -> pl.DataFrame:
    """Find figures of periods in which a code may be missing."""
    reported = parts.select("period", "code", "context")
    count = reported.group_by("period").agg(count=pl.col("context").n_unique()).filter(pl.col("count") >= needed)
    having = reported.group_by("period", "code").agg(having=pl.len()).join(count, on="period")
    lacking = having.filter(pl.col("having") < pl.col("count"), pl.col("having") >= share * pl.col("count"))
    periods = lacking["period"].unique() if not lacking.is_empty() else count["period"].head(1)
    return parts.filter(pl.col("period").is_in(periods.implode())).sort("code", "row")


def select_codes_due(parts: pl.DataFrame, share: float) -> pl.DataFrame:
    codes = parts.group_by("period", "code").agg(
        having=pl.len(), part=pl.col("value").sum() / pl.col("sum").sum(), of=pl.col("count").first()
    )
    nearly_all = (pl.col("having") >= share * pl.col("of")) & (pl.col("having") < pl.col("of"))
    return codes.filter(nearly_all, pl.col("part") < 1).drop("of")


def list_incomplete_breakdowns(check: Check, dimension: str, lacking: pl.DataFrame, elsewhere: Text) -> Iterable[Fault]:
    columns = ["rows", "code", "having", "count", "due"]
    for rows, code, having, count, due in lacking.sort("row", "code").select(columns).iter_rows():

        def build_parameters(
            language: str, code: str = code, figures: tuple[int, int, float] = (having, count, due)
        ) -> dict[str, str]:
            names = ("having", "count", "due")
            numbers = {name: format_number(value, language, 0) for name, value in zip(names, figures, strict=True)}
            return {
                "name": find_code_name(check.flow, dimension, code, language),
                "why": elsewhere.in_language(language).format(**numbers),
            }

        yield check.fault(sorted(rows), build_parameters, observed=code, expected=f"about {due:.0f}")


def build_missing_series_fault(check: Check, key: Key, demanded: Text) -> Fault:
    flow, codes = check.flow, dict(key)
    named = [name for name in flow.structure.series_key if codes.get(name, TOTAL) != TOTAL]
    name = named[-1] if named else flow.structure.series_key[-1]

    def build_parameters(language: str) -> dict[str, str]:
        return {
            "name": find_code_name(flow, name, codes.get(name, TOTAL), language),
            "why": demanded.in_language(language),
        }

    return check.fault((), build_parameters, component=name, expected="an observation", key=key)


@KINDS.add("PERIODS-AS-SISTERS")
def related_flows_end_together(check: Check) -> Iterable[Fault | NotTestable]:
    """Flows reported together, such as immigration and emigration, reach the same last period.

    Parameters: `together`: ids of related flows, one text per group; `required`: `flows` and `periods` that a profile
    requires; `reached`, `demanded`: reasons in messages.
    """
    with check.parameters as parameters:
        sets = [ids.split() for ids in parameters.strings("together", None)]
        required = [table for table in read_required_tables(check, parameters) if table.periods]
        reached, demanded = (parameters.texts(name, required=True) for name in ("reached", "demanded"))
    yield from (
        build_missing_period_fault(check, period, demanded) for period in list_missing_required_periods(check, required)
    )
    own = check.flow.id
    related_flows = {flow for ids in sets if own in ids for flow in ids} - {own}
    reported = [book for book in check.books[1:] if book.flow in related_flows]
    if not reported and not required:
        raise build_untestable_error("no figures that belong to {flow} are reported with it", flow=own)
    ends = find_last_periods(check.books[0])
    for book in reported:
        later = ends.join(find_last_periods(book), on=["FREQ", "REF_AREA"], suffix="_related", nulls_equal=True)
        later = later.filter(pl.col("period_related") > pl.col("period")).sort("row")
        for row, row_related in later.select("row", "row_related").iter_rows():
            yield build_early_end_fault(check, row, book, row_related, reached)


def find_last_periods(book: Book) -> pl.DataFrame:
    names = ["FREQ", "REF_AREA", book.time]
    frame = book.distinct
    numbers = book.numbers.of(names)
    numbers = numbers if frame.height == numbers.len() else numbers[frame["row"]]
    reported = frame.select("row", number=numbers).filter(frame["amount"].is_not_null())
    firsts = reported.group_by("number").agg(pl.col("row").min())
    keys = book.frame.select(names)[firsts["row"]]
    periods = [parse_period(period, frequency)[0] for frequency, _, period in keys.iter_rows()]
    rows = keys.with_columns(row=firsts["row"], period=pl.Series(periods, dtype=pl.Int32)).drop_nulls("period")
    rows = rows.sort("period", "row", descending=[True, False])
    return rows.unique(["FREQ", "REF_AREA"], keep="first", maintain_order=True)


def build_missing_period_fault(check: Check, period: str, demanded: Text) -> Fault:
    time = check.structure.key[-1]
    return check.fault(
        (),
        lambda language: {"period": period, "why": demanded.in_language(language)},
        component=time,
        expected=f"figures of {period}",
        key=((time, period),),
    )


def build_early_end_fault(check: Check, row: int, book: Book, row_related: int, reached: Text) -> Fault:
    last = str(book.amounts.frame.get_column(book.time)[row_related])
    name = book.dataset.flow.dataflow.name

    def build_parameters(language: str) -> dict[str, str]:
        related_name = name.in_language(language) or book.flow
        return {"period": last, "why": reached.in_language(language).format(flow=related_name, period=last)}

    return check.fault(
        (row,), build_parameters, observed=read_period(check, row), expected=last, elsewhere=((book.flow, row_related),)
    )


MAX_CELLS = 5_000_000

Key = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RequiredTable:
    """Required figures: codes by dimension and periods (empty: all reported)."""

    periods: tuple[str, ...]
    codes: Mapping[str, tuple[str, ...]]


def read_required_tables(check: Check, parameters: Declared) -> list[RequiredTable]:
    wanted = []
    for declared in parameters.tables("required"):
        flows, periods = declared.strings("flows", None), declared.strings("periods")
        codes = declared.table("codes")
        codes_by_dimension = {name: codes.strings(name, None) for name in codes.values}
        declared.close()
        if check.flow.id not in flows:
            continue
        for name in codes_by_dimension:
            check_known("dimension", name, check.structure.series_key, declared.at("codes"))
        if prod(map(len, codes_by_dimension.values())) > MAX_CELLS:
            raise DeclarationError(f"More than {MAX_CELLS:,} cells are required.", declared.at("codes"))
        wanted.append(RequiredTable(periods, codes_by_dimension))
    return wanted


def list_missing_required_periods(check: Check, tables: Sequence[RequiredTable]) -> list[str]:
    reported = set(check.frame.get_column(check.structure.key[-1]).unique())
    return sorted({period for table in tables for period in table.periods} - reported)


def list_missing_keys(check: Check, table: RequiredTable) -> list[Key]:
    structure, frame = check.structure, check.frame
    time = structure.key[-1]
    reported = frame.get_column(time).drop_nulls().unique().sort()
    cells = pl.DataFrame({time: [text for text in reported if not table.periods or text in table.periods]})
    cells = cells.with_columns(pl.col(time).cast(pl.String))
    for name, codes in table.codes.items():
        cells = cells.join(pl.DataFrame({name: codes}, schema={name: pl.String}), how="cross")
    same = index_same_codes(check, table)
    for name in (name for name, code in same.items() if code == TOTAL):
        frame = frame.filter(pl.col(name) == TOTAL)
    named = [*table.codes, time]
    missing = cells.join(frame.select(named).unique(), on=named, how="anti").sort(time, *table.codes)
    return [
        tuple((name, {**same, **row}[name]) for name in structure.key if name in same or name in row)
        for row in missing.iter_rows(named=True)
    ]


def index_same_codes(check: Check, table: RequiredTable) -> dict[str, str]:
    """Return the codes of dimensions that a required table omits: the total, or the only code reported."""
    flow, codes = check.flow, {}
    for name in flow.structure.series_key:
        codelist = flow.codelist(name)
        if name in table.codes:
            continue
        if codelist is not None and TOTAL in codelist:
            codes[name] = TOTAL
        elif check.frame.get_column(name).n_unique() == 1 and check.frame.get_column(name)[0] is not None:
            codes[name] = str(check.frame.get_column(name)[0])
    return codes
