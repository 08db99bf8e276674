"""Unanswered modules: which results the answers to their questions would add."""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.reporting.sections.blocks import ReportCell, ReportColumn, ReportTable, row
from sdmxmig.reporting.sections.items import has_information
from sdmxmig.reporting.sections.strip import by_module
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.assessment import Assessment

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
}
"""The results that the answers of a module add to the report."""


@VIEWS.add("unanswered")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    """One row a module without any answer; empty if each module has one."""
    open_modules = {
        module: len(scores) for module, scores in by_module(assessment) if not any(map(has_information, scores))
    }
    if not open_modules:
        return {}
    columns = (
        ReportColumn(wording.say("Subject")),
        ReportColumn(wording.say("Questions"), is_number=True),
        ReportColumn(wording.say("Results that answers add")),
    )
    rows = tuple(
        row(
            (
                wording.reference(assessment, "CL_BENCH_ITEM", module),
                wording.number(questions),
                ReportCell(wording.say(RESULTS[module]) if module in RESULTS else ""),
            )
        )
        for module, questions in open_modules.items()
    )
    return {
        "label": wording.say("Unanswered subjects"),
        "heading": wording.say(
            "Unanswered questions that would add results: {n}", n=wording.number(sum(open_modules.values()))
        ),
        "table": ReportTable(
            "table-unanswered", wording.say("Subjects without an answer"), columns=columns, rows=rows, stacked=True
        ),
    }
