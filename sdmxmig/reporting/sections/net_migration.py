"""Net migration: published or derived, and consistency."""

from __future__ import annotations

from decimal import Decimal

from sdmxmig.reporting.sections.quantities import build_label, find_newest
from sdmxmig.reporting.sections.series import find_series, find_value, list_years
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.accounts import Account
from sdmxmig.statistics.model.assessment import Assessment, Point

UNBALANCED = "UNBALANCED"


def find_latest_flow(assessment: Assessment, role: str) -> Point | None:
    """Return the latest figure of ``immigration``, ``emigration`` or ``net``."""
    return find_newest(find_series(assessment, role))


def describe_figure(point: Point, assessment: Assessment, wording: Wording) -> str:
    """Describe a figure of a series that has published figures: the difference of the flows, or another one."""
    coming, going = (find_value(find_series(assessment, role), point.period) for role in ("immigration", "emigration"))
    is_difference = coming is not None and going is not None and coming - going == point.value
    origin = wording.say("immigration minus emigration" if is_difference else "as published")
    is_told = any(not point.is_derived for point in list_known_points(assessment))
    return wording.qualified(filter(None, (origin if is_told else "", build_label([point], wording))))


def describe_disagreement(assessment: Assessment, wording: Wording) -> list[str]:
    apart = [test for test in list_comparisons(assessment) if test.outcome == UNBALANCED]
    if not apart:
        return []
    newest = max(apart, key=lambda test: test.period)
    return [
        wording.say(
            "published net migration and the two flows disagree in {years}; in {year} it is {published} as published, "
            "{computed} by the flows",
            years=list_years([test.period for test in apart], wording),
            year=newest.period,
            published=wording.write_signed(newest.published_end or Decimal(0)),
            computed=wording.write_signed(newest.computed_end or Decimal(0)),
        )
    ]


def list_comparisons(assessment: Assessment) -> list[Account]:
    return [test for test in assessment.net_tests if test.residual is not None]


def list_known_points(assessment: Assessment) -> list[Point]:
    series = find_series(assessment, "net")
    return [point for point in (series.points if series else ()) if point.value is not None]
