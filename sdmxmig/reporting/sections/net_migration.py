"""Net migration: how it was had, as published or from the two flows, and how far both agree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal

from sdmxmig.reporting.sections.provisional import not_final
from sdmxmig.reporting.sections.series import latest, of_role, value_in, years_listed
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.accounts import Account
from sdmxmig.sdmx.model.assessment import Assessment, Point

UNBALANCED = "UNBALANCED"


@dataclass(frozen=True, slots=True)
class LatestFlow:
    """The latest figure of a flow or of its balance: its year, how many persons, and its observation status.

    `is_derived` says that net migration is not published for that year but is immigration less emigration.
    """

    year: str
    value: Decimal
    _: KW_ONLY
    status: str = ""
    is_derived: bool = False


def latest_flow(assessment: Assessment, role: str) -> LatestFlow | None:
    """The latest figure of ``immigration``, ``emigration`` or ``net``; None if there is none.

    Net migration is that which is published; a series that has none for a year in which both flows are known is
    completed by their difference.
    """
    series = of_role(assessment, role)
    point = latest(series)
    if role == "net" and series is None:
        return difference(assessment)
    if point is None or point.value is None:
        return None
    return LatestFlow(point.period, point.value, status=point.status, is_derived=point.is_derived)


def difference(assessment: Assessment) -> LatestFlow | None:
    """Immigration less emigration in the latest year that has both; None if there is none."""
    coming, going = of_role(assessment, "immigration"), of_role(assessment, "emigration")
    for point in sorted(coming.points if coming else (), key=lambda point: point.period, reverse=True):
        outflow = value_in(going, point.period)
        if point.value is not None and outflow is not None:
            return LatestFlow(point.period, point.value - outflow, status=point.status, is_derived=True)
    return None


def how(flow: LatestFlow, assessment: Assessment, wording: Wording) -> str:
    """How net migration of a year was had, where years differ in that, and whether it is final; empty if so."""
    points = known_points(assessment)
    phrases = [wording.say("immigration minus emigration")] if flow.is_derived and is_published(points) else []
    phrases += [wording.say("as published")] if is_published(points) and not flow.is_derived else []
    return wording.commas(filter(None, (*phrases, not_final([flow.status], wording))))


def origin(assessment: Assessment, wording: Wording) -> str:
    """For which years net migration is published, and for which it is what the flows leave; empty where none is."""
    points = known_points(assessment)
    if not is_published(points):
        return ""
    published = [point.period for point in points if not point.is_derived]
    derived = [point.period for point in points if point.is_derived]
    sentences = [wording.say("Net migration is as published in {years}.", years=years_listed(published, wording))]
    if derived:
        sentences.append(
            wording.say("In {years} it is immigration minus emigration.", years=years_listed(derived, wording)),
        )
    return " ".join((*sentences, agreement(assessment, wording)))


def agreement(assessment: Assessment, wording: Wording) -> str:
    """How published net migration compares with the two flows, in the years that have all three."""
    tests = comparisons(assessment)
    if not tests:
        return wording.say("Published net migration cannot be compared with the flows: no year has both.")
    apart = disagreeing(tests)
    if not apart:
        years = years_listed([test.period for test in tests], wording)
        return wording.say("It agrees with the flows in the years that have both ({years}).", years=years)
    largest = max(apart, key=lambda test: abs(test.residual or Decimal(0)))
    return wording.say(
        "It differs from the flows in {years}. The largest difference is in {year}: {published} as "
        "published, {computed} from the flows.",
        years=years_listed([test.period for test in apart], wording),
        year=largest.period,
        published=wording.signed(largest.published_end or Decimal(0)),
        computed=wording.signed(largest.computed_end or Decimal(0)),
    )


def disagreement(assessment: Assessment, wording: Wording) -> list[str]:
    """That published net migration does not agree with the flows beside which it is drawn; nothing where it does."""
    apart = disagreeing(comparisons(assessment))
    if not apart:
        return []
    newest = max(apart, key=lambda test: test.period)
    return [
        wording.say(
            "published net migration and the two flows disagree in {years}; in {year} it is {published} as published, "
            "{computed} by the flows",
            years=years_listed([test.period for test in apart], wording),
            year=newest.period,
            published=wording.signed(newest.published_end or Decimal(0)),
            computed=wording.signed(newest.computed_end or Decimal(0)),
        )
    ]


def comparisons(assessment: Assessment) -> list[Account]:
    """The years that have net migration as published and both flows."""
    return [test for test in assessment.net_tests if test.residual is not None]


def disagreeing(tests: Iterable[Account]) -> list[Account]:
    """Those in which the published figure is not the difference of the flows."""
    return [test for test in tests if test.outcome == UNBALANCED]


def known_points(assessment: Assessment) -> list[Point]:
    """The points of net migration that have a value."""
    series = of_role(assessment, "net")
    return [point for point in (series.points if series else ()) if point.value is not None]


def is_published(points: list[Point]) -> bool:
    """Whether some of these points are as the office publishes them."""
    return any(not point.is_derived for point in points)
