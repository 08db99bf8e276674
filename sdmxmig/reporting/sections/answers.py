"""Answers section."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from sdmxmig.reporting.sections.blocks import ReportCell, ReportRow, ReportTable, build_row
from sdmxmig.reporting.sections.columns import tabulate
from sdmxmig.reporting.sections.indicators import build_indicator_sort_key, format_code
from sdmxmig.reporting.sections.items import (
    find_given_answer,
    has_answers,
    has_information,
    list_evidence,
    tabulate_practice,
    write_question,
)
from sdmxmig.reporting.sections.standard import format_status_mark
from sdmxmig.reporting.sections.unanswered import is_rated
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import UNKNOWN_ANSWERS, Wording
from sdmxmig.statistics.model.assessment import Assessment, Score
from sdmxmig.statistics.model.indicator_results import SubjectAnswer


@VIEWS.add("answers")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    if not has_answers(assessment):
        return {}
    return {
        "label": wording.say("Answers in the country profile"),
        "heading": wording.say(
            "{known} of {all} questions about the country are rated",
            known=wording.number(sum(map(is_rated, assessment.scores))),
            all=wording.number(len(assessment.scores)),
        ),
        "answers": tabulate_country(assessment, wording),
        "indicators": tabulate_indicators(assessment, wording),
    }


def tabulate_country(assessment: Assessment, wording: Wording) -> ReportTable | None:
    rows: list[ReportRow] = []
    for module, members in groupby(filter(has_information, assessment.scores), key=lambda score: score.item.module):
        rows.append(build_row((wording.reference(assessment, "CL_BENCH_ITEM", module),), "group"))
        rows.extend(_score_row(score, assessment, wording) for score in members)
    heads = ("Question", "Answer", "Practice", "Evidence")
    return tabulate("table-answers", wording.say("Answers about the country"), heads, rows, wording, stacked=True)


def _score_row(score: Score, assessment: Assessment, wording: Wording) -> ReportRow:
    rated = find_given_answer(score, assessment, wording)
    name = ReportCell(write_question(score, wording), note=score.item.id)
    return build_row((name, rated, tabulate_practice(score, wording), list_evidence(score, assessment, wording)))


def tabulate_indicators(assessment: Assessment, wording: Wording) -> ReportTable | None:
    rows: list[ReportRow] = []
    for result in sorted(assessment.indicators, key=build_indicator_sort_key):
        if result.answers:
            name, code = wording.of(result.indicator.name), format_code(result.indicator)
            rows.append(
                build_row((ReportCell(name, note=code, mark=format_status_mark(result.indicator, wording)),), "group")
            )
            rows.extend(_build_answer_row(answered, assessment, wording) for answered in result.answers.values())
    heads = ("Question", "Answer", "Practice", "Evidence")

    caption = wording.say("Answers about indicators")
    return tabulate("table-answers-indicators", caption, heads, rows, wording, stacked=True)


def _build_answer_row(answered: SubjectAnswer, assessment: Assessment, wording: Wording) -> ReportRow:
    name = ReportCell(wording.reference(assessment, "CL_BENCH_ITEM", answered.item), note=answered.item)
    if answered.answer not in UNKNOWN_ANSWERS:
        answer = ReportCell(wording.of(answered.label) or answered.answer)
    elif answered.is_words and answered.is_described:
        answer = ReportCell("")
    else:
        answer = wording.rating(assessment.scale(""), "", is_described=answered.is_described)
    return build_row((name, answer, tabulate_practice(answered, wording), list_evidence(answered, assessment, wording)))
