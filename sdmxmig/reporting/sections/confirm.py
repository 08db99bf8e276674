"""Questions to confirm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

from sdmxmig.catalogue.benchmarking import COUNTRY_CODE
from sdmxmig.reporting.sections.blocks import ReportCell, ReportRow, ReportTable, build_row
from sdmxmig.reporting.sections.columns import tabulate
from sdmxmig.reporting.sections.composition import warn_of_unusual_children
from sdmxmig.reporting.sections.items import YES_NO, has_answers, has_information, name_subject, write_question
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Assessment

ASKED_FIRST = ("J01", "B07", "B06", "B05", "C01", "C02", "D01", "D06", "J07", "J06", "B02", "B01", "C11", "I01")
"""Benchmark items that decide what the main figures mean: coverage, rules of flows and of residents, newest figures."""
MAX_FIRST_QUESTIONS = 3


@VIEWS.add("confirm")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
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
    """Return at most three questions to the office: about the figures, then one of each module in a fixed order."""
    of_figures = [sentence for _, _, sentence in list_questions_of_figures(assessment, wording)]
    scores = {score.item.id: score for score in assessment.scores}
    of_modules: dict[str, str] = {}
    for score in (scores[item] for item in ASKED_FIRST if item in scores):
        if score.question:
            of_modules.setdefault(score.item.module, wording.of(score.question))
        elif score.item.scale == YES_NO and not has_information(score):
            of_modules.setdefault(score.item.module, write_question(score, wording))
    return [*of_figures, *of_modules.values()][:MAX_FIRST_QUESTIONS]


def open_questions(assessment: Assessment, wording: Wording) -> Iterator[tuple[str, str, str]]:
    yield from list_questions_of_figures(assessment, wording)
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


def list_questions_of_figures(assessment: Assessment, wording: Wording) -> Iterator[tuple[str, str, str]]:
    for contradiction in assessment.contradictions:
        subject = "" if contradiction.subject == COUNTRY_CODE else contradiction.subject
        sentence = wording.statement(contradiction.sentence, assessment)
        yield wording.say("Contradictions"), f"{subject} {contradiction.item}".strip(), sentence
    for sentence in warn_of_unusual_children(assessment, wording):
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
