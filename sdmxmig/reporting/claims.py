"""Claims of a report with evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sdmxmig.reporting.sections.gaps import name_action
from sdmxmig.reporting.sections.plain_words import phrase_gap, phrase_strength
from sdmxmig.reporting.sections.summary import choose_gaps, describe_main_figure, list_best_scores, state_main_figures
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Assessment, GapReason


@dataclass(frozen=True, slots=True)
class Claim:
    kind: str
    subject: str
    statement: str
    support: tuple[str, ...]


def list_claims(assessment: Assessment, language: str = "en") -> Iterator[Claim]:
    """Return the claims in reading order; actions are supported by their gaps."""
    wording = Wording(language)
    gaps = {subject: gap for gap in assessment.gaps for subject in gap.subjects}
    strengths = list_best_scores(assessment)
    leading = [gap for group in choose_gaps(assessment) for gap in group]
    named = (*(score.item.id for score in strengths), *(gap.id for gap in leading))
    subject = "figures" if describe_main_figure(assessment, wording) else ", ".join(named)
    yield Claim("headline", subject, state_main_figures(assessment, wording), ())
    for score in strengths:
        reason = GapReason(score.item.id, evidence=score.evidence, practice=score.practice, sources=score.sources)
        statement = phrase_strength(score, assessment, wording)
        yield Claim("strength", score.item.id, statement, (describe_support(reason, assessment, wording),))
    for gap in assessment.gaps:
        lines = tuple(describe_support(reason, assessment, wording) for reason in gap.reasons)
        yield Claim("gap", gap.id, phrase_gap((gap,), assessment, wording), lines)
    for action in assessment.roadmap.actions:
        closed = dict.fromkeys(gaps[subject] for subject in action.closes if subject in gaps)
        lines = tuple(describe_support(reason, assessment, wording) for gap in closed for reason in gap.reasons)
        yield Claim("action", action.id, name_action(action, assessment, wording), lines)


def describe_support(reason: GapReason, assessment: Assessment, wording: Wording) -> str:
    if reason.shown:
        said = "; ".join(wording.statement(sign, assessment) for sign in reason.shown)
        return f"{reason.subject}: {wording.say('shown by the data')}: {said}"
    evidence = wording.reference(assessment, "CL_EVIDENCE", reason.evidence) if reason.evidence else ""
    cited = [f"{key}: {assessment.sources.get(key, key)}" for key in reason.sources]
    answer = wording.of(reason.answer)
    parts = (f"{answer}." if answer else "", wording.of(reason.practice), reason.quoted)
    said = " ".join(filter(None, parts))
    return f"{reason.subject} [{evidence}] {said} ({'; '.join(cited)})"
