"""Reading the series of an assessment: which one shows what, its latest value, its gaps and breaks."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from sdmxmig.model.assessment import Assessment, Point, Series

ROLES = {
    "population": ("POP", "DF_POP", "POPULATION"),
    "immigration": ("IMM", "DF_IMM", "FLW_IMM", "IMMIGRATION"),
    "emigration": ("EMI", "DF_EMI", "FLW_EMI", "EMIGRATION"),
    "net": ("NET", "NET_MIG", "NET_MIGRATION"),
}
RATE = "PER_1000_POP"


def of_role(assessment: Assessment, role: str) -> Series | None:
    """The series that shows population, immigration, emigration or net migration, if the assessment has it."""
    known = {series.id: series for series in assessment.series}
    return next((known[name] for name in ROLES[role] if name in known), None)


def rates(assessment: Assessment) -> list[Series]:
    """The series that are rates per 1,000 population."""
    return [series for series in assessment.series if series.unit == RATE]


def by_period(series: Series | None) -> dict[str, Point]:
    """Points by period; empty without a series."""
    return {point.period: point for point in series.points} if series else {}


def latest(series: Series | None) -> Point | None:
    """The latest point that has a value."""
    known = [point for point in (series.points if series else ()) if point.value is not None]
    return max(known, key=lambda point: point.period, default=None)


def value_in(series: Series | None, period: str) -> Decimal | None:
    """The value of a period, None if it is not known."""
    point = by_period(series).get(period)
    return point.value if point else None


def is_break(point: Point | None) -> bool:
    """Whether values before this point are not comparable with it (observation status B)."""
    return point is not None and point.status == "B"


def periods(several: Iterable[Series | None]) -> list[str]:
    """All periods from the first to the last; a year that nobody reports is there too, so that it shows as a gap."""
    found = sorted({point.period for series in several if series for point in series.points})
    if found and all(len(period) == 4 and period.isdigit() for period in found):
        return [str(year) for year in range(int(found[0]), int(found[-1]) + 1)]
    return found
