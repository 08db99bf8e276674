"""Questions by state; empty sections are reduced to a sentence and the open questions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sdmxmig.catalogue.benchmarking import Scale
from sdmxmig.reporting.sections.blocks import ReportCell, ReportRow, ReportTable, build_row
from sdmxmig.reporting.sections.columns import build_table, tabulate
from sdmxmig.reporting.sections.wording import UNKNOWN_ANSWERS, Wording
from sdmxmig.statistics.model.assessment import Assessment, Score
from sdmxmig.statistics.model.indicator_results import SubjectAnswer

YES_NO, YES = "YNP", "Y"
MEANING_ITEM = "W01"
CODES_IN_BRACKETS = re.compile(r"\s*\[[A-Z][A-Z0-9_, …]*\](?=\u2069?$)")


def list_module_scores(assessment: Assessment, module: str) -> list[Score]:
    return [score for score in assessment.scores if score.item.module == module]


def has_information(answered: Score | SubjectAnswer) -> bool:
    return answered.answer not in UNKNOWN_ANSWERS or answered.is_described


def has_answers(assessment: Assessment) -> bool:
    of_indicators = (answer for result in assessment.indicators for answer in result.answers.values())
    return any(map(has_information, assessment.scores)) or bool(assessment.about) or any(of_indicators)


def write_question(score: Score, wording: Wording) -> str:
    name = wording.of(score.item.name)
    return wording.say("{question}?", question=name) if score.item.scale == YES_NO else name


def name_annexed(scores: Iterable[Score], wording: Wording) -> list[str]:
    names = wording.join_with_semicolons(wording.of(score.item.name) for score in scores)
    return [wording.say("Also described, in the annexes: {names}.", names=names)] if names else []


def tabulate_answers(
    table_id: str, caption: str, scores: Sequence[Score], assessment: Assessment, wording: Wording, *, least: int = 2
) -> ReportTable | None:
    """Tabulate the rated answers, without a column of answers if all are yes; fewer than `least` go to annexes."""
    rated = [score for score in scores if score.answer not in UNKNOWN_ANSWERS]
    if len(rated) < least:
        return None
    has_answers = not all(score.item.scale == YES_NO and score.standing == YES for score in rated)
    heads = ("Question", "Answer", "Practice") if has_answers else ("Subject", "Practice")
    return build_table(
        table_id,
        caption,
        heads,
        (_score_row(score, assessment, wording, has_answers=has_answers) for score in rated),
        wording,
        notes=name_annexed((score for score in scores if score.is_described and score not in rated), wording),
        stacked=True,
    )


def tabulate_practice(score: Score | SubjectAnswer, wording: Wording) -> ReportCell:
    words = describe_answer(score, wording)
    if not words:
        return ReportCell(wording.say("no description"), sources=score.sources, is_absent=True)
    return ReportCell(words, sources=score.sources)


def list_evidence(score: Score | SubjectAnswer, assessment: Assessment, wording: Wording) -> ReportCell:
    if not score.evidence:
        return ReportCell("")
    return ReportCell(wording.reference(assessment, "CL_EVIDENCE", score.evidence))


def describe_answer(score: Score | SubjectAnswer, wording: Wording) -> str:
    return CODES_IN_BRACKETS.sub("", " ".join(filter(None, (wording.of(score.practice), score.quoted))))


def name_subject(subject: str, assessment: Assessment, wording: Wording) -> str:
    names = {result.indicator.id: result.indicator.name for result in assessment.indicators}
    names |= {score.item.id: score.item.name for score in assessment.scores}
    if subject in names:
        return wording.of(names[subject])
    meanings = (
        describe_answer(answer, wording) for answer in assessment.about.get(subject, ()) if answer.item == MEANING_ITEM
    )
    return next(meanings, "") or wording.reference(assessment, "CL_BENCH_ITEM", subject)


def _score_row(score: Score, assessment: Assessment, wording: Wording, *, has_answers: bool) -> ReportRow:
    name = write_question(score, wording) if has_answers else wording.of(score.item.name)
    answers = (build_rating_cell(score, assessment.scale(score.item.scale), wording),) if has_answers else ()
    return build_row((ReportCell(name, note=score.item.id), *answers, tabulate_practice(score, wording)))


def build_rating_cell(score: Score, scale: Scale, wording: Wording) -> ReportCell:
    return wording.rating(scale, score.standing, is_described=score.is_described)


def find_given_answer(score: Score, assessment: Assessment, wording: Wording) -> ReportCell:
    return wording.rating(assessment.scale(score.item.scale), score.answer, is_described=score.is_described)


def tabulate_answers_by_subject(
    table_id: str, caption: str, module: str, assessment: Assessment, wording: Wording
) -> ReportTable | None:
    """Tabulate the answers on each source or product; products have keys of the profile instead of codes."""
    rows: list[ReportRow] = []
    for subject, answers in assessment.about.items():
        filled = [answered for answered in answers if answered.item.startswith(module)]
        if filled:
            code = subject if f"CL_BENCH_ITEM.{subject}" in assessment.labels else ""
            rows.append(build_row((ReportCell(name_subject(subject, assessment, wording), note=code),), "group"))
            rows.extend(_build_sheet_row(answered, assessment, wording) for answered in filled)
    heads = ("Question", "Practice")
    return tabulate(table_id, caption, heads, rows, wording, stacked=True)


def _build_sheet_row(answered: SubjectAnswer, assessment: Assessment, wording: Wording) -> ReportRow:
    name = ReportCell(wording.reference(assessment, "CL_BENCH_ITEM", answered.item), note=answered.item)
    label, words = wording.of(answered.label) or answered.answer, describe_answer(answered, wording)
    return build_row(
        (name, ReportCell(f"{label}. {words}" if label and words else label or words, sources=answered.sources))
    )
