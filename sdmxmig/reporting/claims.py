"""Claims of a report with evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sdmxmig.reporting.sections.gaps import name_action
from sdmxmig.reporting.sections.plain_words import gap_words, strength_words
from sdmxmig.reporting.sections.summary import best_scores, describe_main_figure, foremost, heading
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Assessment, GapReason


@dataclass(frozen=True, slots=True)
class Claim:
    kind: str
    subject: str
    statement: str
    support: tuple[str, ...]


def list_claims(assessment: Assessment, language: str = "en") -> Iterator[Claim]:
    """Return the claims in reading order.

    Actions are supported by their gaps.
    """
    wording = Wording(language)
    gaps = {subject: gap for gap in assessment.gaps for subject in gap.subjects}
    strengths = best_scores(assessment)
    leading = [gap for group in foremost(assessment) for gap in group]
    named = (*(score.item.id for score in strengths), *(gap.id for gap in leading))
    subject = "figures" if describe_main_figure(assessment, wording) else ", ".join(named)
    yield Claim("headline", subject, heading(assessment, wording), ())
    for score in strengths:
        reason = GapReason(score.item.id, evidence=score.evidence, practice=score.practice, sources=score.sources)
        statement = strength_words(score, assessment, wording)
        yield Claim("strength", score.item.id, statement, (support(reason, assessment, wording),))
    for gap in assessment.gaps:
        lines = tuple(support(reason, assessment, wording) for reason in gap.reasons)
        yield Claim("gap", gap.id, gap_words((gap,), assessment, wording), lines)
    for action in assessment.roadmap.actions:
        closed = dict.fromkeys(gaps[subject] for subject in action.closes if subject in gaps)
        lines = tuple(support(reason, assessment, wording) for gap in closed for reason in gap.reasons)
        yield Claim("action", action.id, name_action(action, assessment, wording), lines)


def support(reason: GapReason, assessment: Assessment, wording: Wording) -> str:
    if reason.shown:
        said = "; ".join(wording.statement(sign, assessment) for sign in reason.shown)
        return f"{reason.subject}: {wording.say('shown by the data')}: {said}"
    evidence = wording.reference(assessment, "CL_EVIDENCE", reason.evidence) if reason.evidence else ""
    cited = [f"{key}: {assessment.sources.get(key, key)}" for key in reason.sources]
    answer = wording.of(reason.answer)
    parts = (f"{answer}." if answer else "", wording.of(reason.practice), reason.quoted)
    said = " ".join(filter(None, parts))
    return f"{reason.subject} [{evidence}] {said} ({'; '.join(cited)})"
