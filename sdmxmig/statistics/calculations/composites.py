"""One number for an indicator or a policy area, and how far it hangs on the weights: our proposal, for the annex."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sdmxmig.sdmx.model.indicator_results import IndicatorResult
from sdmxmig.sdmx.model.scores import Composite, ExplainedNumber
from sdmxmig.statistics.calculations.claims import Claims

FORMULA, MEAN = "formula.composite", "formula.mean"
INDICATOR, AREA = "indicator", "area"
HALF = Decimal("0.5")

Weights = Mapping[str, Decimal]
"""How much each part counts, by item."""
Parts = Mapping[str, tuple[str, Decimal, Decimal]]
"""What is answered of an indicator: by item, under which key, with which points of how many."""


def weighed(claims: Claims) -> dict[str, Decimal]:
    """The parts of a composite number: the questions about indicators and sources that have a weight."""
    return {
        name: benchmark_item.weight
        for name, benchmark_item in claims.items.items()
        if benchmark_item.of and benchmark_item.weight is not None
    }


def variations(weights: Weights) -> tuple[Weights, ...]:
    """Other weights to try: all equal, then each halved and each raised by half while the others stay."""
    changed = [{**weights, name: weights[name] * factor} for name in weights for factor in (1 - HALF, 1 + HALF)]
    return (dict.fromkeys(weights, Decimal(1)), *changed)


def value(parts: Parts, weights: Weights) -> Decimal | None:
    """The number of one indicator: a share of one, None if nothing of it is answered.

    Each part counts by its points as a share of the most that its scale gives, and by its weight. What is not answered
    or not applicable is left out and the other weights are scaled up: not known is no zero.
    """
    total = sum((weights[name] for name in parts), Decimal(0))
    weighted_points = sum(
        (weights[name] * points / maximum for name, (_, points, maximum) in parts.items()), Decimal(0)
    )
    return weighted_points / total if total else None


def composites(results: Sequence[IndicatorResult], claims: Claims) -> tuple[Composite, ...]:
    """The numbers of all indicators and of their policy areas, with their sensitivity to the weights.

    Indicators are ranked among those of their part and tier, policy areas likewise; those without a number are left
    out. The quality of an indicator is that of the first source which could carry it and says so.
    """
    weights = weighed(claims)
    parts = {result.indicator.id: parts_of(result, claims, weights) for result in results}
    computed: list[Composite] = []
    for part, tier in sorted({(result.indicator.part, result.indicator.tier) for result in results}, key=core_first):
        indicators = [
            result.indicator for result in results if (result.indicator.part, result.indicator.tier) == (part, tier)
        ]
        single = {indicator.id: [parts[indicator.id]] for indicator in indicators}
        areas: dict[str, list[Parts]] = {}
        for indicator in indicators:
            areas.setdefault(indicator.policy_area, []).append(parts[indicator.id])
        for kind, groups in ((INDICATOR, single), (AREA, areas)):
            computed += ranked(groups, weights, (kind, part, tier))
    return tuple(computed)


def core_first(key: tuple[str, str]) -> tuple[str, bool, str]:
    """Part A before B, core before additional."""
    return key[0], key[1] != "core", key[1]


def parts_of(result: IndicatorResult, claims: Claims, weights: Weights) -> Parts:
    """What is answered of one indicator, each part with its points and the most that they could be.

    Nothing counts where the heaviest part, the availability, is not answered: a good source is no indicator.
    """
    answered: dict[str, tuple[str, Decimal, Decimal]] = {}
    for name in weights:
        of_source = claims.items[name].of == "source"
        subjects = [carrier.source for carrier in result.feasibility.carriers] if of_source else [result.indicator.id]
        maximum = claims.scale(name).most
        for subject in subjects:
            points = claims.points(name, claims.answer(name, subject))
            if points is not None and maximum:
                answered[name] = (f"{subject}.{name}", points, maximum)
                break
    heaviest = max(weights, key=lambda name: weights[name], default="")
    return answered if heaviest in answered else {}


def ranked(
    groups: Mapping[str, Sequence[Parts]], weights: Weights, peer_group: tuple[str, str, str]
) -> list[Composite]:
    """The numbers of some subjects with their ranks, under our weights and under the others that are tried."""
    our_numbers = numbers(groups, weights)
    trials = [numbers(groups, varied_weights) for varied_weights in variations(weights)]
    places = [ranks(numbers_by_subject) for numbers_by_subject in (our_numbers, *trials)]
    ranked_composites = []
    for subject, number in our_numbers.items():
        varied_numbers = [trial[subject] for trial in trials]
        subject_ranks = [place[subject] for place in places]
        scored = ExplainedNumber(
            number, MEAN if peer_group[0] == AREA else FORMULA, inputs=inputs_of(groups[subject], weights)
        )
        kind, part, tier = peer_group
        equal, least, most = varied_numbers[0], min(varied_numbers[1:]), max(varied_numbers[1:])
        ranked_composites.append(
            Composite(
                subject,
                kind,
                part=part,
                tier=tier,
                score=scored,
                equal=equal,
                least=least,
                most=most,
                rank=subject_ranks[0],
                best=min(subject_ranks),
                worst=max(subject_ranks),
            )
        )
    return ranked_composites


def numbers(groups: Mapping[str, Sequence[Parts]], weights: Weights) -> dict[str, Decimal]:
    """The mean number of each subject; those without any are left out."""
    means = {}
    for subject, subject_parts in groups.items():
        values = [number for parts in subject_parts if (number := value(parts, weights)) is not None]
        if values:
            means[subject] = sum(values, Decimal(0)) / len(values)
    return means


def ranks(numbers_by_subject: Mapping[str, Decimal]) -> dict[str, int]:
    """The rank of each subject: one more than there are better ones."""
    return {
        subject: 1 + sum(other_number > number for other_number in numbers_by_subject.values())
        for subject, number in numbers_by_subject.items()
    }


def inputs_of(subject_parts: Sequence[Parts], weights: Weights) -> tuple[tuple[str, str], ...]:
    """The answers that went into a number, each with its weight and points."""
    return tuple(
        (key, f"{weights[name]:f} × {points:f} / {most:f}")
        for parts in subject_parts
        for name, (key, points, most) in parts.items()
    )
