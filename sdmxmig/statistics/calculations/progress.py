"""Progress since an earlier assessment."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import KW_ONLY, dataclass

from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.assessment import Assessment
from sdmxmig.sdmx.model.evidence import FOUND, NOT_FOUND
from sdmxmig.sdmx.model.gaps import Difference, Gap
from sdmxmig.sdmx.model.indicator_results import IndicatorResult
from sdmxmig.sdmx.model.progress import Change, Progress

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
