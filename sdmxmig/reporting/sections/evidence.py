"""Evidence section, and the claims of a report with their evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sdmxmig.catalogue.benchmarking import COMMENTED_FLOWS, COUNTRY_CODE
from sdmxmig.reporting.sections.blocks import ReportCell, ReportRow, ReportTable, build_row
from sdmxmig.reporting.sections.columns import build_table, tabulate
from sdmxmig.reporting.sections.gaps import name_action
from sdmxmig.reporting.sections.items import find_given_answer, has_answers, name_subject, write_question
from sdmxmig.reporting.sections.office import list_sourced_comments, list_sourced_steps
from sdmxmig.reporting.sections.plain_words import phrase_gap
from sdmxmig.reporting.sections.summary import (
    choose_gaps,
    describe_main_figure,
    list_headline_sources,
    state_main_figures,
)
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording, lower_first_letter
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.assessment import Assessment, GapReason, Score
from sdmxmig.statistics.model.evidence import Contradiction, Evidence
from sdmxmig.statistics.model.indicator_results import SubjectAnswer

CODED_EVIDENCE = frozenset({"same", "attribute"})
"""Kinds of evidence that are codes of the mapping: these follow from the answers and prove none."""


@VIEWS.add("evidence")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    if not has_answers(assessment):
        return {}
    scores = {score.item.id: score for score in assessment.scores}
    heads = ("Question", "Answer in the profile", "Evidence in the data")
    rows = dict.fromkeys(  # evidence of two groups of migrants often reads the same
        _build_evidence_row(evidence, scores[evidence.item], assessment, wording)
        for evidence in assessment.evidence
        if evidence.item in scores and (evidence.kind not in CODED_EVIDENCE or evidence.contradicts)
    )
    table = build_table("table-evidence", wording.say("Data on the answers"), heads, rows, wording, stacked=True)
    return {
        "label": wording.say("Answers and evidence"),
        "heading": count_evidence(len(assessment.contradictions), len({line.cells[0] for line in table.rows}), wording),
        "contradictions": tabulate_contradictions(assessment, wording),
        "table": table if table.rows else None,
    }


def count_evidence(against: int, evidenced: int, wording: Wording) -> str:
    if against:
        return wording.count(
            "{n} answer of the profile is contradicted by the data or by another answer",
            "{n} answers of the profile are contradicted by the data or by another answer",
            against,
        )
    return wording.count(
        "The data hold figures on {n} question of the profile",
        "The data hold figures on {n} questions of the profile",
        evidenced,
    )


def tabulate_contradictions(assessment: Assessment, wording: Wording) -> ReportTable | None:
    heads = ("Question", "Answer in the profile", "Contradicting evidence")
    rows = (_build_contradiction_row(contradiction, assessment, wording) for contradiction in assessment.contradictions)
    return tabulate("table-contradictions", wording.say("Contradictions"), heads, rows, wording, stacked=True)


def _build_contradiction_row(contradiction: Contradiction, assessment: Assessment, wording: Wording) -> ReportRow:
    answers = list_answers_about(contradiction.subject, assessment)
    contradicted = next((answer for answer in answers if find_item(answer) == contradiction.item), None)
    where = wording.join_with_commas(map(str, contradiction.places)) or wording.join_with_commas(contradiction.evidence)
    name = name_subject(contradiction.item, assessment, wording)
    return build_row(
        (
            ReportCell(
                name,
                note=" · ".join(
                    filter(None, (contradiction.item, format_subject(contradiction.subject, assessment, wording)))
                ),
            ),
            build_cell(contradicted, contradiction.answer, assessment, wording),
            ReportCell(wording.statement(contradiction.sentence, assessment), note=where),
        )
    )


def build_cell(answer: Score | SubjectAnswer | None, code: str, assessment: Assessment, wording: Wording) -> ReportCell:
    if isinstance(answer, Score):
        return find_given_answer(answer, assessment, wording)
    label = wording.of(answer.label) if answer else ""
    return ReportCell(label or code) if label or code else wording.absent("unanswered")


def list_answers_about(subject: str, assessment: Assessment) -> Sequence[Score | SubjectAnswer]:
    if subject == COUNTRY_CODE:
        return assessment.scores
    results = {result.indicator.id: tuple(result.answers.values()) for result in assessment.indicators}
    return results.get(subject) or assessment.about.get(subject, ())


def find_item(answer: Score | SubjectAnswer) -> str:
    return answer.item.id if isinstance(answer, Score) else answer.item


def format_subject(subject: str, assessment: Assessment, wording: Wording) -> str:
    return "" if subject == COUNTRY_CODE else name_subject(subject, assessment, wording)


def _build_evidence_row(evidence: Evidence, score: Score, assessment: Assessment, wording: Wording) -> ReportRow:
    answer = find_given_answer(score, assessment, wording)
    mark = wording.say("contradiction") if evidence.contradicts else ""
    return build_row(
        (
            ReportCell(write_question(score, wording), note=evidence.item),
            answer,
            ReportCell(describe_evidence(evidence, wording), note=evidence.last, mark=mark),
        )
    )


def describe_evidence(evidence: Evidence, wording: Wording) -> str:
    flows = wording.series([_name_or_code(code, name, wording) for code, name in evidence.flows])
    topics = wording.series([lower_first_letter(_name_or_code(code, name, wording)) for code, name in evidence.found])
    if evidence.kind == "shown":
        by = {"flows": flows, "topics": topics}
        return wording.say("{flows} by {topics}", **by) if topics else flows
    return wording.say("{flows}: {found}", flows=flows, found=topics)


def _name_or_code(code: str, name: Text, wording: Wording) -> str:
    return wording.of(name) or code


@dataclass(frozen=True, slots=True)
class Claim:
    kind: str
    subject: str
    statement: str
    support: tuple[str, ...]


def list_claims(assessment: Assessment, language: str = "en") -> Iterator[Claim]:
    """Return the claims in reading order; actions are supported by their gaps, facts and steps by their sources."""
    wording = Wording(language)
    gaps = {subject: gap for gap in assessment.gaps for subject in gap.subjects}
    leading = ", ".join(gap.id for group in choose_gaps(assessment) for gap in group)
    subject = "figures" if describe_main_figure(assessment, wording) else leading
    keys = dict.fromkeys(list_headline_sources(assessment, wording))
    cited = tuple(f"{key}: {assessment.sources.get(key, key)}" for key in keys)
    yield Claim("headline", subject, state_main_figures(assessment, wording), cited)
    facts = ((flow, answer) for flow in COMMENTED_FLOWS for answer in list_sourced_comments(flow, assessment))
    for kind, answers in (("fact", facts), ("step", list_sourced_steps(assessment))):
        for subject, answer in answers:
            reason = GapReason(subject, evidence=answer.evidence, sources=answer.sources)
            yield Claim(kind, subject, wording.of(answer.practice), (describe_support(reason, assessment, wording),))
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
