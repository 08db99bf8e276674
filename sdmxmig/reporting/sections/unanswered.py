"""Unanswered questions section."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sdmxmig.reporting.sections.blocks import ReportCell, ReportColumn, ReportTable, row
from sdmxmig.reporting.sections.items import has_information
from sdmxmig.reporting.sections.strip import by_module
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import NOT_KNOWN, Wording
from sdmxmig.sdmx.model.assessment import Assessment

INDICATORS = "L"
"""The module whose questions are asked about each indicator."""
OF_AN_INDICATOR = re.compile(r"CL_BENCH_ITEM\.L\d+")
RESULTS = {
    "A": "Mandate, resources and data exchange, with gaps and actions",
    "B": "National definitions compared with the reference documents",
    "C": "Published stocks by topic",
    "D": "Published flows by topic",
    "E": "Published statistics on temporary mobility",
    "F": "Published statistics on irregular crossings and overstays",
    "G": "Statistics that record country of birth or citizenship",
    "H": "Sources in use, and the indicators that each can supply",
    "I": "Methods of linkage and modelling",
    "J": "Quality management",
    "K": "Publication, metadata and international reporting",
    INDICATORS: "Availability, feasibility and obstacles of each indicator",
}
"""The results that the answers of a module add to the report."""


@VIEWS.add("unanswered")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    """One row a module with unanswered questions; empty if all are answered."""
    modules = [(module, unknown, total) for module, unknown, total in counts(assessment) if unknown]
    if not modules:
        return {}
    rows = tuple(
        row(
            (
                wording.say("Indicators")
                if module == INDICATORS
                else wording.reference(assessment, "CL_BENCH_ITEM", module),
                wording.say("{shown} of {asked}", shown=wording.number(unknown), asked=wording.number(total)),
                ReportCell(wording.say(RESULTS[module]) if module in RESULTS else ""),
            )
        )
        for module, unknown, total in modules
    )
    columns = (
        ReportColumn(wording.say("Subject")),
        ReportColumn(wording.say("Unanswered questions"), is_number=True),
        ReportColumn(wording.say("Results that answers add")),
    )
    return {
        "label": wording.say("Unanswered questions"),
        "heading": wording.say(
            "Unanswered questions: {n}", n=wording.number(sum(unknown for _, unknown, _ in modules))
        ),
        "where": where_to_answer(wording),
        "table": ReportTable(
            "table-unanswered",
            wording.say("Unanswered questions by subject"),
            columns=columns,
            rows=rows,
            stacked=True,
        ),
    }


def where_to_answer(wording: Wording) -> str:
    return wording.say(
        "Answer the questions in the workbench, under Profile. Or run “sdmxmig profile form” in the "
        "workspace and fill in the workbook."
    )


def counts(assessment: Assessment) -> Iterator[tuple[str, int, int]]:
    """Each module with its unanswered questions, and with all its questions."""
    for module, scores in by_module(assessment):
        yield module, sum(not has_information(score) for score in scores), len(scores)
    asked = sum(bool(OF_AN_INDICATOR.fullmatch(label)) for label in assessment.labels) * len(assessment.indicators)
    answered = sum(
        item.startswith(INDICATORS) and answer.answer not in NOT_KNOWN
        for result in assessment.indicators
        for item, answer in result.answers.items()
    )
    yield INDICATORS, asked - answered, asked
