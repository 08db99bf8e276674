"""Deadlines of agencies."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable

from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.periods import parse, shift
from sdmxmig.quality.rules import KINDS, Check
from sdmxmig.quality.rules.reasons import because
from sdmxmig.sdmx.model.findings import Fault, NotTestable

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
