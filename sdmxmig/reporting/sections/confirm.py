"""Questions to confirm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

from sdmxmig.catalogue.benchmarking import COUNTRY_CODE
from sdmxmig.reporting.sections.blocks import ReportCell, ReportRow, ReportTable, build_row
from sdmxmig.reporting.sections.columns import tabulate
from sdmxmig.reporting.sections.composition import warn_of_unusual_children
from sdmxmig.reporting.sections.items import has_answers, has_information, name_subject, write_question
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Assessment


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


def open_questions(assessment: Assessment, wording: Wording) -> Iterator[tuple[str, str, str]]:
    for contradiction in assessment.contradictions:
        subject = "" if contradiction.subject == COUNTRY_CODE else contradiction.subject
        sentence = wording.statement(contradiction.sentence, assessment)
        yield wording.say("Contradictions"), f"{subject} {contradiction.item}".strip(), sentence
    for sentence in warn_of_unusual_children(assessment, wording):
        yield wording.say("Figures"), "", f"{sentence} {wording.say('This share is unusually high. Is it correct?')}"
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
