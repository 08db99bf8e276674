"""How far the figures of a country hold together: its population account, and a census that lies apart from it."""

from __future__ import annotations

from sdmxmig.model.accounts import Account
from sdmxmig.model.assessment import Assessment
from sdmxmig.reporting.wording import OUTCOMES, Wording, raised

TESTED = ("BALANCED", "ROUNDING", "TOLERATED", "UNBALANCED")
CLOSED = ("BALANCED", "ROUNDING", "TOLERATED")
TWO_COUNTS = "counts"
"""The kind of effect that sets a count beside the yearly figures."""


def standing(assessment: Assessment, wording: Wording) -> str:
    """How far the figures hold together: the population account, and a count that lies apart from it."""
    phrases = [closing(assessment, wording), *other_counts(assessment, wording)]
    return wording.say("{sentence}.", sentence=raised(wording.semicolons(phrases)))


def whole_population(assessment: Assessment) -> list[Account]:
    """The accounts of the whole population, by the first identity that has any."""
    accounts = [account for account in assessment.accounts if all(code == "_T" for _, code in account.population)]
    return [account for account in accounts if account.identity == accounts[0].identity]


def closing(assessment: Assessment, wording: Wording) -> str:
    """In how many of the testable years the population account closes."""
    tested = [account for account in whole_population(assessment) if account.outcome in TESTED]
    closed = [account for account in tested if account.outcome in CLOSED]
    if not tested:
        return wording.say("the population account cannot be tested yet")
    if len(closed) < len(tested):
        return wording.say(
            "the population account closes in {closed} of the {tested} years that can be tested",
            closed=wording.number(len(closed)),
            tested=wording.number(len(tested)),
        )
    loosest = max((account.outcome for account in closed), key=CLOSED.index)
    return wording.count(
        "the population account {closes} in the one year that can be tested",
        "the population account {closes} in all {n} years that can be tested",
        len(tested),
        closes=wording.label(OUTCOMES, loosest),
    )


def other_counts(assessment: Assessment, wording: Wording) -> list[str]:
    """By how much a count such as a census lies apart from the yearly figures, where that is an issue of quality."""
    issues = {sign for issue in assessment.quality for sign in issue.signs}
    effects = dict.fromkeys(effect for alignment in assessment.alignment for effect in alignment.effects)
    return [
        wording.say(
            "the census of {year} counted {n} persons more than the yearly population figures"
            if effect.difference < 0
            else "the census of {year} counted {n} persons fewer than the yearly population figures",
            year=effect.period,
            n=wording.number(abs(effect.difference)),
        )
        for effect in effects
        if effect.kind == TWO_COUNTS and effect.sentence in issues
    ]
