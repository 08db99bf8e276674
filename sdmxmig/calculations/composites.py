"""One number for an indicator or a policy area, and how far it hangs on the weights: our proposal, for the annex."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sdmxmig.calculations.claims import Claims
from sdmxmig.model.indicator_results import IndicatorResult
from sdmxmig.model.scores import Composite, ExplainedNumber

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
    reached = sum((weights[name] * points / most for name, (_, points, most) in parts.items()), Decimal(0))
    return reached / total if total else None


def composites(results: Sequence[IndicatorResult], claims: Claims) -> tuple[Composite, ...]:
    """The numbers of all indicators and of their policy areas, with their sensitivity to the weights.

    Indicators are ranked among those of their part and tier, policy areas likewise; those without a number are left
    out. The quality of an indicator is that of the first source which could carry it and says so.
    """
    weights = weighed(claims)
    parts = {result.indicator.id: parts_of(result, claims, weights) for result in results}
    found: list[Composite] = []
    for part, tier in sorted({(result.indicator.part, result.indicator.tier) for result in results}, key=core_first):
        own = [result.indicator for result in results if (result.indicator.part, result.indicator.tier) == (part, tier)]
        single = {indicator.id: [parts[indicator.id]] for indicator in own}
        areas: dict[str, list[Parts]] = {}
        for indicator in own:
            areas.setdefault(indicator.policy_area, []).append(parts[indicator.id])
        for kind, groups in ((INDICATOR, single), (AREA, areas)):
            found += ranked(groups, weights, (kind, part, tier))
    return tuple(found)


def core_first(key: tuple[str, str]) -> tuple[str, bool, str]:
    """Part A before B, core before additional."""
    return key[0], key[1] != "core", key[1]


def parts_of(result: IndicatorResult, claims: Claims, weights: Weights) -> Parts:
    """What is answered of one indicator, each part with its points and the most that they could be.

    Nothing counts where the heaviest part, the availability, is not answered: a good source is no indicator.
    """
    found: dict[str, tuple[str, Decimal, Decimal]] = {}
    for name in weights:
        of_source = claims.items[name].of == "source"
        subjects = [carrier.source for carrier in result.feasibility.carriers] if of_source else [result.indicator.id]
        most = claims.scale(name).most
        for subject in subjects:
            points = claims.points(name, claims.answer(name, subject))
            if points is not None and most:
                found[name] = (f"{subject}.{name}", points, most)
                break
    heaviest = max(weights, key=lambda name: weights[name], default="")
    return found if heaviest in found else {}


def ranked(groups: Mapping[str, Sequence[Parts]], weights: Weights, among: tuple[str, str, str]) -> list[Composite]:
    """The numbers of some subjects with their ranks, under our weights and under the others that are tried."""
    ours = numbers(groups, weights)
    tried = [numbers(groups, other) for other in variations(weights)]
    places = [ranks(found) for found in (ours, *tried)]
    listed = []
    for subject, number in ours.items():
        others = [found[subject] for found in tried]
        own = [place[subject] for place in places]
        scored = ExplainedNumber(
            number, MEAN if among[0] == AREA else FORMULA, inputs=inputs_of(groups[subject], weights)
        )
        kind, part, tier = among
        equal, least, most = others[0], min(others[1:]), max(others[1:])
        listed.append(
            Composite(
                subject,
                kind,
                part=part,
                tier=tier,
                score=scored,
                equal=equal,
                least=least,
                most=most,
                rank=own[0],
                best=min(own),
                worst=max(own),
            )
        )
    return listed


def numbers(groups: Mapping[str, Sequence[Parts]], weights: Weights) -> dict[str, Decimal]:
    """The mean number of each subject; those without any are left out."""
    found = {}
    for subject, listed in groups.items():
        given = [number for parts in listed if (number := value(parts, weights)) is not None]
        if given:
            found[subject] = sum(given, Decimal(0)) / len(given)
    return found


def ranks(found: Mapping[str, Decimal]) -> dict[str, int]:
    """The rank of each subject: one more than there are better ones."""
    return {subject: 1 + sum(other > number for other in found.values()) for subject, number in found.items()}


def inputs_of(listed: Sequence[Parts], weights: Weights) -> tuple[tuple[str, str], ...]:
    """The answers that went into a number, each with its weight and points."""
    return tuple(
        (key, f"{weights[name]:f} × {points:f} / {most:f}")
        for parts in listed
        for name, (key, points, most) in parts.items()
    )
