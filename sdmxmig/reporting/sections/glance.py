"""At a glance: where practice stands, and the steps in order."""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.reporting.sections.blocks import ReportCell, ReportTable, row
from sdmxmig.reporting.sections.columns import text_columns
from sdmxmig.reporting.sections.items import has_answers
from sdmxmig.reporting.sections.production import data_in_numbers
from sdmxmig.reporting.sections.roadmap import heading as roadmap_in_numbers
from sdmxmig.reporting.sections.roadmap import numbered_action
from sdmxmig.reporting.sections.timetable import by_when
from sdmxmig.reporting.sections.unanswered import is_known, is_rated, legend, modules, silent, where_to_answer
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import DESCRIBED, Wording
from sdmxmig.statistics.model.assessment import Assessment

MOST = 5
"""How many steps the page has room for."""


@VIEWS.add("glance")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    actions = assessment.roadmap.actions
    return {
        "label": wording.say("At a glance"),
        "heading": missing(assessment, wording) if has_answers(assessment) else data_in_numbers(assessment, wording),
        "modules": modules(assessment, wording),
        "silent": silent(assessment, wording),
        "legend": legend_of(assessment, wording),
        "has_gaps": has_answers(assessment) and bool(assessment.gaps),
        "coming": coming(assessment, wording),
        "steps": steps(assessment, wording) if actions else None,
        "further": wording.count("{n} further action follows.", "{n} further actions follow.", len(actions) - MOST)
        if len(actions) > MOST
        else "",
    }


def legend_of(assessment: Assessment, wording: Wording) -> list[ReportCell]:
    """Explain the signs of the strip, and the one of answers that no rating follows from."""
    shown = {cell.sign for module in modules(assessment, wording) for _, cell in module.cells}
    explained = [cell for cell in legend(wording) if cell.sign in shown]
    if any(score.is_described and not is_known(score) for score in assessment.scores):
        explained.append(ReportCell(wording.say("described, without a rating"), sign=DESCRIBED, level="described"))
    return explained


def steps(assessment: Assessment, wording: Wording) -> ReportTable:
    return ReportTable(
        "table-steps",
        wording.say("Actions in order"),
        columns=text_columns(("Action", "Lead agency", "Timing"), wording),
        rows=tuple(
            row(
                (
                    numbered_action(action, number, wording),
                    ReportCell(wording.of(action.responsible))
                    if action.responsible
                    else wording.absent("to be decided"),
                    by_when(action, assessment.roadmap.start, wording) or wording.say("no date yet"),
                )
            )
            for number, action in enumerate(assessment.roadmap.actions[:MOST], 1)
        ),
    )


def missing(assessment: Assessment, wording: Wording) -> str:
    """Count gaps, and answers that data contradict."""
    phrases = []
    if assessment.gaps:
        known = wording.count("{n} known gap", "{n} known gaps", len(assessment.gaps))
        phrases.append(wording.say("{sentence}.", sentence=known))
    if assessment.contradictions:
        n = wording.number(len(assessment.contradictions))
        phrases.append(wording.say("Answers contradicted by the data or by other answers: {n}.", n=n))
    return " ".join(phrases) or wording.say(
        "{known} of {all} questions about the country are rated",
        known=wording.number(sum(map(is_rated, assessment.scores))),
        all=wording.number(len(assessment.scores)),
    )


def coming(assessment: Assessment, wording: Wording) -> str:
    """Count the actions that close gaps, and those under a year; empty without actions."""
    if not has_answers(assessment):
        return where_to_answer(wording)
    if not assessment.roadmap.actions:
        return ""
    return wording.say("{sentence}.", sentence=roadmap_in_numbers(assessment, wording))
