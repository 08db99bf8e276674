"""Exact figures and bounds in words."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from sdmxmig.reporting.sections.provisional import labelled
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.assessment import Point, Series
from sdmxmig.sdmx.model.bounds import Bounds
from sdmxmig.sdmx.model.breakdowns import Breakdown

THOUSAND = 1000


def quantity(known: Decimal | Bounds | None, wording: Wording, *, signed: bool = False) -> str:
    if isinstance(known, Bounds):
        return between(known, wording, signed=signed)
    if known is None:
        return ""
    return wording.signed(known) if signed else wording.number(known)


def between(bounds: Bounds, wording: Wording, *, signed: bool) -> str:
    ends = [rounded(end, wording, signed=signed) for end in (bounds.lower, bounds.upper) if end is not None]
    if len(ends) == 2:
        return wording.say("{lower} to {upper}", lower=ends[0], upper=ends[1])
    return wording.say("at most {n}" if bounds.lower is None else "at least {n}", n=ends[0])


def rounded(end: Decimal, wording: Wording, *, signed: bool) -> str:
    is_thousands = end and end % THOUSAND == 0
    number = end / THOUSAND if is_thousands else end
    written = wording.signed(number) if signed else wording.number(number)
    return wording.say("{n} thousand", n=written) if is_thousands else written


def year_of_count(count: Breakdown, wording: Wording, known: Decimal | Bounds | None = None) -> str:
    statuses = (known.status,) if isinstance(known, Bounds) else count.statuses
    return wording.year(count.period, labelled(count.kind, statuses, wording))


def newest(series: Series | None) -> Point | None:
    points = [point for point in (series.points if series else ()) if point.known is not None]
    return max(points, key=lambda point: point.period, default=None)


def label_of(points: Iterable[Point | None], wording: Wording) -> str:
    present = [point for point in points if point is not None and point.known is not None]
    kinds = {point.kind for point in present}
    statuses = [point.bounds.status if point.value is None and point.bounds else point.status for point in present]
    return labelled(kinds.pop() if len(kinds) == 1 else "", statuses, wording)
