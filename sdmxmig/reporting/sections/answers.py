"""Annexes with answers, unanswered questions, and answers to confirm."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import groupby

from sdmxmig.catalogue.benchmarking import COUNTRY_CODE
from sdmxmig.catalogue.folders import read_code_words
from sdmxmig.reporting.sections.blocks import ReportCell, ReportRow, ReportTable, build_row
from sdmxmig.reporting.sections.columns import build_table, tabulate
from sdmxmig.reporting.sections.composition import warn_about_unusual_children
from sdmxmig.reporting.sections.indicators import build_indicator_sort_key, format_code
from sdmxmig.reporting.sections.items import (
    YES_NO,
    find_given_answer,
    has_answers,
    has_information,
    list_evidence,
    name_subject,
    tabulate_practice,
    write_question,
)
from sdmxmig.reporting.sections.standard import format_status_mark
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import EXCLUDED_ANSWERS, NOT_APPLICABLE, RATING_SIGNS, UNKNOWN_ANSWERS, Wording
from sdmxmig.statistics.model.assessment import Assessment, Score
from sdmxmig.statistics.model.indicator_results import SubjectAnswer


@VIEWS.add("answers")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    return {
        "label": wording.say("Answers in the country profile"),
        "heading": wording.say(
            "Rated questions about the country: {known} of {all}",
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


INDICATOR_MODULE = "L"
INDICATOR_ITEM = re.compile(r"CL_BENCH_ITEM\.L0[1-7]")  # L08 is a comment


@VIEWS.add("unanswered")
def view_unanswered(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    """List the results that answers would add, unless a question about practice has been answered."""
    if any(map(has_information, assessment.scores)):
        return {}
    of_each = sum(bool(INDICATOR_ITEM.fullmatch(label)) for label in assessment.labels)
    modules = [
        (wording.reference(assessment, "CL_BENCH_ITEM", module), len(list(scores)), module)
        for module, scores in groupby(assessment.scores, key=lambda score: score.item.module)
    ]
    number = wording.number(len(assessment.indicators))
    on_indicators = wording.say("Questions on {n} indicators (not in the total above)", n=number)
    modules.append((on_indicators, of_each * len(assessment.indicators), INDICATOR_MODULE))
    uses = read_code_words("report", "module")
    label, total = wording.say("Questions without an answer or description"), wording.number(len(assessment.scores))
    return {
        "label": label,
        "heading": wording.say("Questions about practice without an answer or description: {n}", n=total),
        "table": build_table(
            "table-unanswered",
            wording.say("Questions without an answer or description, by subject"),
            (wording.say("Subject"), label, wording.say("Use of the answers")),
            (
                (name, wording.number(asked), wording.say_code("module", module) if module in uses else "")
                for name, asked, module in modules
            ),
            wording,
            numbers=(1,),
            stacked=True,
        ),
    }


def state_no_gap(assessment: Assessment, wording: Wording) -> str:
    """State that the rated questions show no gap, and how many they are."""
    if not is_mostly_rated(assessment):
        return wording.say("Too few questions are rated to show gaps")
    return wording.say(
        "No gap in the rated questions ({n} of {all})",
        n=wording.number(sum(map(is_rated, assessment.scores))),
        all=wording.number(len(assessment.scores)),
    )


def is_mostly_rated(assessment: Assessment) -> bool:
    return 2 * sum(map(is_known, assessment.scores)) >= len(assessment.scores)


def is_known(score: Score) -> bool:
    return score.answer not in UNKNOWN_ANSWERS


def is_rated(score: Score) -> bool:
    return is_known(score) and score.answer not in EXCLUDED_ANSWERS


def list_legend(wording: Wording) -> list[ReportCell]:
    return [
        ReportCell(wording.say("not in place"), sign=RATING_SIGNS[0], level="l0"),
        ReportCell(wording.say("begun"), sign=RATING_SIGNS[1], level="l1"),
        ReportCell(wording.say("partly"), sign=RATING_SIGNS[2], level="l2"),
        ReportCell(wording.say("mostly"), sign=RATING_SIGNS[3], level="l3"),
        ReportCell(wording.say("yes or fully"), sign=RATING_SIGNS[4], level="l4"),
        ReportCell(wording.say("not applicable"), sign=NOT_APPLICABLE, level="na"),
    ]


ASKED_FIRST = ("J01", "B07", "B06", "B05", "C01", "C02", "D01", "D06", "J07", "J06", "B02", "B01", "C11", "I01")
"""Benchmark items that decide what the main figures mean: coverage, rules of flows and of residents, newest figures."""
MAX_FIRST_QUESTIONS = 3


@VIEWS.add("confirm")
def view_confirm(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    asked = list(open_questions(assessment, wording))
    others = list(list_unanswered_items(assessment, wording)) if has_answers(assessment) else []
    if not asked and not others:
        return {}
    return {
        "label": wording.say("To confirm with the office"),
        "heading": wording.count("{n} question for the office", "{n} questions for the office", len(asked)),
        "table": tabulate_questions("table-confirm", wording.say("Questions for the office"), asked, wording),
        "others": tabulate_questions(
            "table-unanswered-items", wording.say("Other questions without an answer or description"), others, wording
        ),
    }


def list_first_questions(assessment: Assessment, wording: Wording) -> list[str]:
    """Return at most three questions to the office: about the figures, then one per module in a fixed order."""
    of_figures = [sentence for _, _, sentence in list_questions_about_figures(assessment, wording)]
    scores = {score.item.id: score for score in assessment.scores}
    of_modules: dict[str, str] = {}
    for score in (scores[item] for item in ASKED_FIRST if item in scores):
        if score.question:
            of_modules.setdefault(score.item.module, wording.of(score.question))
        elif score.item.scale == YES_NO and not has_information(score):
            of_modules.setdefault(score.item.module, write_question(score, wording))
    return [*of_figures, *of_modules.values()][:MAX_FIRST_QUESTIONS]


def open_questions(assessment: Assessment, wording: Wording) -> Iterator[tuple[str, str, str]]:
    yield from list_questions_about_figures(assessment, wording)
    for score in assessment.scores:
        if score.question:
            module = wording.reference(assessment, "CL_BENCH_ITEM", score.item.module)
            yield module, score.item.id, wording.of(score.question)
    indicators = {result.indicator.id: result.answers.values() for result in assessment.indicators}
    for subject, answers in {**indicators, **assessment.about}.items():
        for answered in answers:
            if answered.question:
                heading = name_subject(subject, assessment, wording)
                yield heading, f"{subject} {answered.item}", wording.of(answered.question)


def list_questions_about_figures(assessment: Assessment, wording: Wording) -> Iterator[tuple[str, str, str]]:
    for contradiction in assessment.contradictions:
        subject = "" if contradiction.subject == COUNTRY_CODE else contradiction.subject
        sentence = wording.statement(contradiction.sentence, assessment)
        yield wording.say("Contradictions"), f"{subject} {contradiction.item}".strip(), sentence
    for sentence in warn_about_unusual_children(assessment, wording):
        yield wording.say("Figures"), "", f"{sentence} {wording.say('This share is unusually high. Is it correct?')}"


def list_unanswered_items(assessment: Assessment, wording: Wording) -> Iterator[tuple[str, str, str]]:
    for score in assessment.scores:
        if not score.question and not has_information(score):
            module = wording.reference(assessment, "CL_BENCH_ITEM", score.item.module)
            yield module, score.item.id, write_question(score, wording)


def tabulate_questions(
    table_id: str, caption: str, asked: list[tuple[str, str, str]], wording: Wording
) -> ReportTable | None:
    rows: list[ReportRow] = []
    for heading, members in groupby(asked, key=lambda each: each[0]):
        rows.append(build_row((heading,), "group"))
        rows.extend(build_row((ReportCell(words, note=item),)) for _, item, words in members)
    heads = ("Question",)
    return tabulate(table_id, caption, heads, rows, wording, stacked=True)
