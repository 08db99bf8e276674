"""Format and frequency of periods.

Years as sums of months or quarters. Deadlines of agencies.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterable

from sdmxmig.primitives import periods
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.periods import parse, shift
from sdmxmig.quality.rules import KINDS, Check
from sdmxmig.quality.rules.figures import FIGURE, figures
from sdmxmig.quality.rules.parts import DimensionBreakdown
from sdmxmig.quality.rules.totals import fault
from sdmxmig.quality.rules.values import exceptions, without
from sdmxmig.quality.rules.words import because
from sdmxmig.sdmx.frames import values_of
from sdmxmig.sdmx.model.findings import Fault, NotTestable
from sdmxmig.statistics.demography.amounts import with_columns

YEAR = r"\d{4}"
MONTH = r"(0[1-9]|1[0-2])"
DAY = r"(0[1-9]|[12]\d|3[01])"
UNSPECIFIED = "_U"
FORMS = {
    "A": (rf"{YEAR}(-A1)?", "2024"),
    "S": (rf"{YEAR}-S[12]", "2024-S1"),
    "H": (rf"{YEAR}-S[12]", "2024-S1"),
    "T": (rf"{YEAR}-T[123]", "2024-T1"),
    "Q": (rf"{YEAR}-Q[1-4]", "2024-Q1"),
    "M": (rf"{YEAR}-(M?{MONTH})", "2024-01"),
    "W": (rf"{YEAR}-W(0[1-9]|[1-4]\d|5[0-3])", "2024-W01"),
    "D": (rf"{YEAR}-({MONTH}-{DAY}|D(00[1-9]|0[1-9]\d|[12]\d\d|3[0-5]\d|36[0-6]))", "2024-01-31"),
    UNSPECIFIED: (rf"{YEAR}-{MONTH}-{DAY}/P[0-9YMWD]+", "2024-01-01/P9M"),
}


@KINDS.add("PERIOD-FITS-FREQUENCY")
def period_fits_frequency(check: Check) -> Iterable[Fault | NotTestable]:
    """Every period is written as SDMX wants it and is as long as the frequency says."""
    check.parameters.close()
    structure = check.dataset.flow.structure
    if structure.time is None:
        yield NotTestable(because("{flow} has no time dimension", flow=check.dataset.flow.id))
        return
    time = structure.time.id
    frame = with_columns(check.frame, ("FREQ",)).select("row", "FREQ", time)
    for frequency, period in different(frame, time):
        if period is None or fits(period, frequency):
            continue
        rows = frame.filter(pl.col("FREQ").eq_missing(pl.lit(frequency)), pl.col(time) == period)["row"]
        example = example_of(period, frequency)
        parameters = {"value": period, "frequency": frequency or "none", "example": example}
        yield Fault(tuple(rows), time, parameters=parameters, observed=period, expected=example)


def example_of(period: str, frequency: str | None) -> str:
    """How a period should be written, or which frequency it has if it tells one and none is specified.

    >>> example_of("2024-Q5", "Q"), example_of("2023", "_U")
    ('2024-Q1', 'FREQ = A')
    """
    parsed = periods.parse(period) if frequency == UNSPECIFIED else None
    return f"FREQ = {parsed.freq}" if parsed else FORMS.get(frequency or "", ("", ""))[1]


@KINDS.add("PERIOD-IS-OVER")
def period_is_over(check: Check) -> Iterable[Fault | NotTestable]:
    """Reported periods have ended when the data are prepared.

    Counts on a reference date need only have begun. Parameters: `day`, the attribute with the reference date; `except`,
    codes of what looks ahead, as forecasts do, and of what is counted on a day beside events of whole periods, as valid
    permits are.
    """
    parameters = check.parameters
    day, excepted = parameters.text("day"), exceptions(check)
    parameters.table("except")
    parameters.close()
    time = check.dataset.flow.structure.time
    if time is None:
        yield NotTestable(because("{flow} has no time dimension", flow=check.dataset.flow.id))
        return
    if not check.prepared:
        yield NotTestable(because("it is not known when the data were prepared"))
        return
    structure = check.dataset.flow.structure
    at_a_day = day in structure and structure[day].mandatory
    frame = without(with_columns(check.frame, tuple(excepted)), excepted)
    for period, rows in frame.group_by(time.id, maintain_order=True).agg("row").iter_rows():
        if period is not None and is_ahead(period, check.prepared, begun=at_a_day):
            parameters_of_message = {"value": period, "prepared": check.prepared}
            expected = f"≤ {check.prepared}"
            yield Fault(tuple(rows), time.id, parameters=parameters_of_message, observed=period, expected=expected)


def is_ahead(text: str, prepared: str, *, begun: bool) -> bool:
    """Whether a period is not over on a day, or has not begun; what is no period is not judged here.

    >>> is_ahead("2026", "2026-06-30", begun=False), is_ahead("2026", "2026-06-30", begun=True)
    (True, False)
    >>> is_ahead("2026-05", "2026-06-01", begun=False)
    False
    """
    period = periods.parse(text)
    if period is None:
        return False
    if begun:
        return period.first_day.isoformat() > prepared
    return periods.shift(period, 1).first_day.isoformat() > prepared


def different(frame: pl.DataFrame, time: str) -> list[tuple[str | None, str | None]]:
    frequencies = values_of(frame, "FREQ")
    if len(frequencies) == 1:
        return [(frequencies[0], period) for period in values_of(frame, time)]
    return frame.select("FREQ", time).unique(maintain_order=True).rows()


def fits(period: str, frequency: str | None) -> bool:
    """Whether a period is one of this frequency; of an unknown frequency, whether it is a period at all.

    >>> fits("2024", "A"), fits("2024-Q1", "A"), fits("2024-Q5", "Q"), fits("2024/25", None)
    (True, False, False, False)
    """
    forms = [FORMS[frequency][0]] if frequency in FORMS else [form for form, _ in FORMS.values()]
    return any(re.fullmatch(form, period, re.ASCII) for form in forms)


FREQUENCY, YEARLY, YEARS_YEAR = "FREQ", "A", "year"
PARTS_OF_A_YEAR = {"S": 2, "H": 2, "T": 3, "Q": 4, "M": 12}


@KINDS.add("YEAR-IS-SUM")
def year_is_sum(check: Check) -> Iterable[Fault | NotTestable]:
    """The figure of a year is the sum of its months, quarters or other parts, and nowhere less than those reported.

    Parameter `except`: codes by dimension of what is counted at a moment, such as people under protection, whose
    months do not add up. Tolerance as for TOTAL-IS-SUM.
    """
    parameters = check.parameters
    parameters.table("except")
    parameters.close()
    structure = check.dataset.flow.structure
    if structure.time is None or FREQUENCY not in structure.series_key:
        yield NotTestable(because("{flow} has no periods of several frequencies", flow=check.dataset.flow.id))
        return
    time = structure.time.id
    frequencies = set(check.books[0].codes(FREQUENCY))
    if YEARLY not in frequencies or not frequencies & PARTS_OF_A_YEAR.keys():
        yield NotTestable(because("no year is reported together with its months or quarters"))
        return
    sums = added_up(check, time)
    if sums.is_empty():
        yield NotTestable(because("no year is reported together with its months or quarters"))
    more = (pl.col("sum") - pl.col("amount")) * 2 > pl.col("slack")
    less = (pl.col("amount") - pl.col("sum")) * 2 > pl.col("slack")
    wrong = sums.filter(more | (less & (pl.col("known") == pl.col("needed"))))
    of = DimensionBreakdown((time,), YEARLY)
    for row in wrong.iter_rows(named=True):
        yield fault(check, of, structure.measure.id, row)


def added_up(check: Check, time: str) -> pl.DataFrame:
    """Each year with the sum of its parts of each frequency."""
    others = [name for name in check.dataset.flow.structure.series_key if name != FREQUENCY]
    frame = figures(check).with_columns(pl.col(time).str.head(4).alias(YEARS_YEAR))
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
            years.select(*others, YEARS_YEAR, *FIGURE),
            on=[*others, YEARS_YEAR],
            how="inner",
            nulls_equal=True,
            maintain_order="right",
        )
        .with_columns(slack=pl.col("slack") + pl.col("slack_of_parts"))
    )


MONTHS_OF_YEAR = 12
LAST_YEAR = 9000
"""Later ones are slips; the calendar ends not much later."""


@KINDS.add("IN-TIME")
def in_time(check: Check) -> Iterable[Fault | NotTestable]:
    """The newest figures are prepared before they are due.

    Parameter `due`: each with `flows` and how many `months` after the end of the period their figures are due.
    """
    parameters = check.parameters
    months_by_flow: dict[str, int] = {}
    for entry in parameters.tables("due"):
        months_by_flow |= dict.fromkeys(entry.strings("flows", None), entry.integer("months"))
        entry.close()
    parameters.close()
    flow, time = check.dataset.flow, check.dataset.flow.structure.time
    if flow.id not in months_by_flow or time is None:
        yield NotTestable(because("it is not known when {flow} is due", flow=flow.id))
        return
    if not check.prepared:
        yield NotTestable(because("it is not known when the data are prepared"))
        return
    texts = check.frame.get_column(time.id).unique().drop_nulls().to_list()
    periods = {text: period for text in texts if (period := parse(text)) is not None and period.year < LAST_YEAR}
    ends = {text: shift(period, 1).first_day - dt.timedelta(days=1) for text, period in periods.items()}
    if not ends:
        yield NotTestable(because("no period is one that the calendar knows"))
        return
    newest = max(ends, key=lambda text: (ends[text], text))
    due = months_after(ends[newest], months_by_flow[flow.id])
    if dt.date.fromisoformat(check.prepared) > due:
        rows = check.frame.filter(pl.col(time.id) == newest).get_column("row").to_list()
        words = {"period": newest, "due": due.isoformat(), "prepared": check.prepared}
        yield Fault(tuple(rows), time.id, parameters=words, observed=check.prepared, expected=f"≤ {due.isoformat()}")


def months_after(day: dt.date, months: int) -> dt.date:
    """The last day of the month so many months after the month of a day.

    >>> months_after(dt.date(2022, 12, 31), 2), months_after(dt.date(2022, 12, 31), 12)
    (datetime.date(2023, 2, 28), datetime.date(2023, 12, 31))
    """
    year, month = divmod(day.year * MONTHS_OF_YEAR + day.month - 1 + months, MONTHS_OF_YEAR)
    return dt.date(year, month + 1, calendar.monthrange(year, month + 1)[1])
