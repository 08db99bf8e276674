"""Format and frequency of periods."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sdmxmig.primitives import periods
from sdmxmig.primitives.lazily import pl
from sdmxmig.quality.rules import KINDS, Check
from sdmxmig.quality.rules.reasons import because
from sdmxmig.quality.rules.values import exceptions, without
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
