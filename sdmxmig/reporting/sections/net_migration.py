"""Net migration: published or derived, and consistency."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from sdmxmig.reporting.sections.quantities import label_of, newest
from sdmxmig.reporting.sections.series import of_role, years_listed
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.accounts import Account
from sdmxmig.statistics.model.assessment import Assessment, Point

UNBALANCED = "UNBALANCED"


def latest_flow(assessment: Assessment, role: str) -> Point | None:
    """Return the latest figure of ``immigration``, ``emigration`` or ``net``."""
    return newest(of_role(assessment, role))


def how(point: Point, assessment: Assessment, wording: Wording) -> str:
    points = known_points(assessment)
    phrases = [wording.say("immigration minus emigration")] if point.is_derived and is_published(points) else []
    phrases += [wording.say("as published")] if is_published(points) and not point.is_derived else []
    return wording.qualified(filter(None, (*phrases, label_of([point], wording))))


def origin(assessment: Assessment, wording: Wording) -> str:
    """State the years of published and of derived net migration; empty without any."""
    points = known_points(assessment)
    if not is_published(points):
        return ""
    published = [point.period for point in points if not point.is_derived]
    derived = [point.period for point in points if point.is_derived]
    sentences = [
        wording.say("Net migration is as published in {years}.", years=years_listed(published, wording)),
        agreement(assessment, wording),
    ]
    if derived:
        sentences.append(
            wording.say("In {years} it is immigration minus emigration.", years=years_listed(derived, wording)),
        )
    return " ".join(filter(None, sentences))


def agreement(assessment: Assessment, wording: Wording) -> str:
    """Compare published net migration with the flows, in years with all three."""
    tests = comparisons(assessment)
    if not tests:
        return ""
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
    """Warn if published net migration contradicts the flows in the same figure."""
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
    return [test for test in assessment.net_tests if test.residual is not None]


def disagreeing(tests: Iterable[Account]) -> list[Account]:
    return [test for test in tests if test.outcome == UNBALANCED]


def known_points(assessment: Assessment) -> list[Point]:
    series = of_role(assessment, "net")
    return [point for point in (series.points if series else ()) if point.value is not None]


def is_published(points: list[Point]) -> bool:
    return any(not point.is_derived for point in points)
