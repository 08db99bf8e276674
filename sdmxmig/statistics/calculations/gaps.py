"""Gaps, each counted once.

Progress since an earlier assessment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import KW_ONLY, dataclass

from sdmxmig.sdmx.model import indicator_results
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.assessment import Assessment, Change, Difference, Gap, GapReason, Progress, SameGap, Score
from sdmxmig.sdmx.model.definitions import LATER_YEARS
from sdmxmig.sdmx.model.evidence import FOUND, NOT_FOUND, QualityIssue
from sdmxmig.sdmx.model.indicator_results import IndicatorResult
from sdmxmig.sdmx.model.profile import Scale
from sdmxmig.sdmx.model.scores import Statement

AVAILABILITY, TOPICS = "AVAIL", "DIS"
AVAILABILITY_ITEM, GAPS_TOPICS_ITEM = indicator_results.AVAILABILITY, indicator_results.TOPICS
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
        if result.indicator.tier != CORE or {AVAILABILITY_ITEM, GAPS_TOPICS_ITEM}.intersection(result.contradicted):
            continue
        if not result.is_produced and availability and availability.gap(result.declared):
            yield indicator_gap(result, AVAILABILITY_ITEM, availability)
        elif result.is_produced and topics and topics.gap(result.answer_to(GAPS_TOPICS_ITEM)):
            yield indicator_gap(result, GAPS_TOPICS_ITEM, topics)


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


NOT_KNOWN = frozenset({"", "DK", "_U"})
LOOKED_FOR = frozenset({FOUND, NOT_FOUND})
TOPICS_ITEM = "L02"


@dataclass(frozen=True, slots=True)
class EarlierGap:
    """An earlier gap."""

    subjects: tuple[str, ...]
    name: Text


@dataclass(frozen=True, slots=True)
class EarlierAssessment:
    """An earlier assessment; `known` subjects, with `.L02` for topics, or None."""

    area: str
    since: str
    _: KW_ONLY
    answers: int
    gaps: tuple[EarlierGap, ...]
    known: frozenset[str] | None = None


def progress(before: EarlierAssessment, now: Assessment, differences: Sequence[Difference] = ()) -> Progress:
    """Classify earlier gaps as closed, open or lost.

    Closed: all answered and no gap; lost: unknown.
    """
    issues = {difference.id: difference.issue for difference in differences}
    still_open = {subject for gap in now.gaps for subject in gap.subjects}
    known_now = known_subjects(now)
    asked_then = {subject for gap in before.gaps for subject in gap.subjects}
    known_then = before.known or frozenset()

    def is_answered(subject: str) -> bool:
        topics = topics_of(subject)
        return issues.get(subject, subject) in known_now and (topics not in known_then or topics in known_now)

    def is_learned(gap: Gap) -> bool:
        return before.known is not None and not any(issues.get(name, name) in known_then for name in gap.subjects)

    gone = [gap for gap in before.gaps if still_open.isdisjoint(gap.subjects)]
    closed = [gap for gap in gone if all(map(is_answered, gap.subjects))]
    other = [gap for gap in now.gaps if asked_then.isdisjoint(gap.subjects)]
    return Progress(
        before.since,
        before.answers,
        closed=tuple(Change(gap.subjects[0], gap.name) for gap in closed),
        opened=tuple(Change(gap.id, gap.statement) for gap in other if not is_learned(gap)),
        learned=tuple(Change(gap.id, gap.statement) for gap in other if is_learned(gap)),
        lost=tuple(Change(gap.subjects[0], gap.name) for gap in gone if gap not in closed),
    )


def known_subjects(now: Assessment) -> Set[str]:
    items = {score.item.id for score in now.scores if score.answer not in NOT_KNOWN}
    indicators = {
        result.indicator.id for result in now.indicators if result.declared not in NOT_KNOWN or result.is_produced
    }
    topics = {topics_of(result.indicator.id) for result in now.indicators if has_no_open_topics(result)}
    return items | indicators | topics | {issue.issue for issue in now.quality if issue.state in LOOKED_FOR}


def has_no_open_topics(result: IndicatorResult) -> bool:
    return not result.is_produced or result.is_complete or result.answer_to(TOPICS_ITEM) not in NOT_KNOWN


def topics_of(indicator: str) -> str:
    return f"{indicator}.{TOPICS_ITEM}"
