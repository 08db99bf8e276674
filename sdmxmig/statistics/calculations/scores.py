"""Scores of modules and policy areas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from sdmxmig.sdmx.model.assessment import AreaScore, Score
from sdmxmig.sdmx.model.indicator_results import IndicatorResult, headline
from sdmxmig.sdmx.model.profile import NOT_APPLICABLE, UNKNOWN, BenchmarkItem, Scale
from sdmxmig.sdmx.model.scores import ExplainedNumber, ModuleScore

FORMULA = "formula.module"
PARTIAL, WHOLE = "partial", "whole"


def modules(scores: Sequence[Score], scales: Mapping[str, Scale]) -> tuple[ModuleScore, ...]:
    """Score each module separately."""
    by_module: dict[str, list[Score]] = {}
    for score in scores:
        by_module.setdefault(score.item.module, []).append(score)
    return tuple(module_score(module, module_scores, scales) for module, module_scores in by_module.items())


def module_score(module: str, scores: Sequence[Score], scales: Mapping[str, Scale]) -> ModuleScore:
    scored = [score for score in scores if score.points is not None]
    silent = [UNKNOWN if score.is_contradicted else scales[score.item.scale].silence(score.answer) for score in scores]
    not_applicable, unknown = silent.count(NOT_APPLICABLE), silent.count(UNKNOWN)
    gaps = [scales[score.item.scale].gap(score.answer) for score in scores if score.is_gap]
    return ModuleScore(
        module,
        len(scores),
        answered=len(scores) - not_applicable - unknown,
        not_applicable=not_applicable,
        unknown=unknown,
        gaps=gaps.count(WHOLE),
        partial=gaps.count(PARTIAL),
        score=share_of_points([(score.item.id, score.item, score.points) for score in scored], scales),
    )


def share_of_points(
    answered: Iterable[tuple[str, BenchmarkItem, Decimal | None]], scales: Mapping[str, Scale], formula: str = FORMULA
) -> ExplainedNumber:
    """Compute the weighted share of points; None without answers."""
    reached, possible = Decimal(0), Decimal(0)
    inputs: list[tuple[str, str]] = []
    for key, item, points in answered:
        maximum = scales[item.scale].most
        if points is None or item.weight is None or not maximum:
            continue
        reached += item.weight * points
        possible += item.weight * maximum
        inputs.append((key, f"{item.weight:f} × {points:f} / {maximum:f}"))
    return ExplainedNumber(reached / possible if possible else None, formula, inputs=tuple(inputs))


def areas(results: Sequence[IndicatorResult]) -> tuple[AreaScore, ...]:
    groups: dict[tuple[str, str, str], list[IndicatorResult]] = {}
    for result in results:
        indicator = result.indicator
        groups.setdefault((indicator.policy_area, indicator.part, indicator.tier), []).append(result)
    order = sorted(groups, key=lambda key: (key[0], key[1], key[2] != "core", key[2]))
    return tuple(
        AreaScore(area, part, tier=tier, counts=headline(groups[area, part, tier])) for area, part, tier in order
    )
