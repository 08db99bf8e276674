"""Gaps, each counted once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sdmxmig.sdmx.model import indicator_results
from sdmxmig.sdmx.model.alignment import LATER_YEARS
from sdmxmig.sdmx.model.assessment import Score
from sdmxmig.sdmx.model.evidence import FOUND, QualityIssue
from sdmxmig.sdmx.model.gaps import Difference, Gap, GapReason, SameGap
from sdmxmig.sdmx.model.indicator_results import IndicatorResult
from sdmxmig.sdmx.model.profile import Scale
from sdmxmig.sdmx.model.scores import Statement

AVAILABILITY, TOPICS = "AVAIL", "DIS"
AVAILABILITY_ITEM, TOPICS_ITEM = indicator_results.AVAILABILITY, indicator_results.TOPICS
CORE, PARTIAL = "core", "partial"


def item_gaps(scores: Iterable[Score], scales: Mapping[str, Scale]) -> Iterator[Gap]:
    """List items answered with a gap, with actions."""
    for score in scores:
        if score.is_gap:
            action = score.item.action or score.item.recommendation or score.item.name
            partial = scales[score.item.scale].gap(score.answer) == PARTIAL
            reason = GapReason(
                score.item.id,
                score.label,
                evidence=score.evidence,
                practice=score.practice,
                sources=score.sources,
            )
            yield Gap(score.item.id, score.item.name, action=action, reasons=(reason,), is_partial=partial)


def indicator_gaps(results: Iterable[IndicatorResult], scales: Mapping[str, Scale]) -> Iterator[Gap]:
    availability, topics = scales.get(AVAILABILITY), scales.get(TOPICS)
    for result in results:
        if result.indicator.tier != CORE or {AVAILABILITY_ITEM, TOPICS_ITEM}.intersection(result.contradicted):
            continue
        if not result.is_produced and availability and availability.gap(result.declared):
            yield indicator_gap(result, AVAILABILITY_ITEM, availability)
        elif result.is_produced and topics and topics.gap(result.answer_to(TOPICS_ITEM)):
            yield indicator_gap(result, TOPICS_ITEM, topics)


def indicator_gap(result: IndicatorResult, item: str, scale: Scale) -> Gap:
    indicator, answered = result.indicator, result.answers.get(item)
    answer = answered.answer if answered else result.declared
    partial = scale.id == TOPICS or scale.gap(answer) == PARTIAL
    action = scale.action(answer) or indicator.name
    stated = answered or result
    reason = GapReason(
        indicator.id,
        scale.label(answer),
        evidence=stated.evidence,
        practice=stated.practice,
        sources=stated.sources,
    )
    return Gap(indicator.id, indicator.name, action=action, reasons=(reason,), is_partial=partial)


def difference_gaps(issues: Iterable[QualityIssue], differences: Sequence[Difference]) -> Iterator[Gap]:
    seen = {issue.issue: issue for issue in issues if issue.state == FOUND}
    for difference in differences:
        signs = seen[difference.issue].signs if difference.issue in seen else ()
        shown = tuple(sign for sign in signs if is_lasting(sign, difference))
        if shown:
            reason = GapReason(difference.id, shown=shown)
            yield Gap(difference.id, difference.name, action=difference.action, reasons=(reason,), is_partial=True)


def is_lasting(sign: Statement, difference: Difference) -> bool:
    """Whether yearly figures still differ from a count after the years that a revision takes."""
    later_years = dict(sign.numbers).get(LATER_YEARS)
    return later_years is None or later_years > difference.revision_years


def counted_once(gaps: Iterable[Gap], same_gaps: Iterable[SameGap]) -> tuple[Gap, ...]:
    """Merge gaps that ask for the same."""
    single = {gap.id: gap for gap in gaps}
    joint: dict[str, Gap] = {}
    taken: set[str] = set()
    for same in same_gaps:
        parts = [single[name] for name in same.subjects if name in single and name not in taken]
        if len(parts) > 1 or (parts and same.name):
            taken.update(part.id for part in parts)
            joint |= {part.id: joined(same, parts) for part in parts}
    return tuple({gap.id: gap for gap in (joint.get(name, alone) for name, alone in single.items())}.values())


def joined(same: SameGap, parts: Sequence[Gap]) -> Gap:
    first = parts[0]
    return Gap(
        same.id,
        same.name or first.statement,
        action=same.action or first.action,
        reasons=tuple(reason for part in parts for reason in part.reasons),
        is_partial=any(part.is_partial for part in parts),
    )
