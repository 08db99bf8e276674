"""What has changed since an earlier assessment: gaps that are closed, new ones, and how much is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass

from sdmxmig.model.artefacts import Text
from sdmxmig.model.assessment import Assessment
from sdmxmig.model.progress import Change, Progress

NOT_KNOWN = frozenset({"", "DK", "_U"})


@dataclass(frozen=True, slots=True)
class EarlierAssessment:
    """What an earlier assessment is remembered by: when it was, how many questions had an answer, and its gaps."""

    area: str
    since: str
    _: KW_ONLY
    answers: int
    gaps: Mapping[str, Text]


def progress(before: EarlierAssessment, now: Assessment) -> Progress:
    """Compare the gaps of two assessments; a gap of which nothing is known any more is not closed."""
    still_open = {subject for gap in now.gaps for subject in gap.subjects}
    silent = {score.item.id for score in now.scores if score.answer in NOT_KNOWN}
    silent |= {result.indicator.id for result in now.indicators if result.declared in NOT_KNOWN}
    gone = [Change(subject, name) for subject, name in before.gaps.items() if subject not in still_open]
    return Progress(
        before.since,
        before.answers,
        closed=tuple(change for change in gone if change.subject not in silent),
        opened=tuple(Change(gap.id, gap.statement) for gap in now.gaps if before.gaps.keys().isdisjoint(gap.subjects)),
        lost=tuple(change for change in gone if change.subject in silent),
    )
