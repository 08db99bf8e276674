"""Data sources section."""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.reporting.sections.chances import chances_table
from sdmxmig.reporting.sections.items import (
    QuestionCounts,
    has_information,
    left_open,
    of_module,
    sentence,
    sheets,
    silent,
    table,
)
from sdmxmig.reporting.sections.matrices import sources_figures
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.assessment import Assessment

SOURCES, STATUS, SHEET = "H", "G", "S"
"""Modules of sources and statuses, and the source sheet."""


def used(counts: QuestionCounts, wording: Wording) -> list[str]:
    """How many sources are used fully, partly, not at all, and do not apply."""
    phrases = (
        wording.count("{n} used", "{n} used", counts.fully) if counts.fully else "",
        wording.count("{n} partly used", "{n} partly used", counts.partly) if counts.partly else "",
        wording.count("{n} not used", "{n} not used", counts.absent) if counts.absent else "",
    )
    return [*filter(None, phrases), *left_open(counts, wording)]


@VIEWS.add("sources")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    """The sources, their sheets and potential, and records of birth and citizenship."""
    scores, status = of_module(assessment, SOURCES), of_module(assessment, STATUS)
    caption = wording.say("Sources of migration statistics")
    recorded = wording.say("Migratory status in other statistics")
    if not any(map(has_information, (*scores, *status))):
        return {}
    return {
        "label": wording.say("Data sources"),
        "heading": sentence(caption, scores, assessment, wording, words=used),
        "table": table(
            "table-sources", wording.say("Answers on sources"), scores=scores, assessment=assessment, wording=wording
        ),
        "silent": silent(scores, wording),
        "figures": sources_figures(assessment, wording),
        "sheets": sheets(
            "table-sheets", wording.say("Source sheets"), module=SHEET, assessment=assessment, wording=wording
        ),
        "chances": chances_table(assessment, wording),
        "recorded": recorded,
        "status_sentence": sentence(recorded, status, assessment, wording) if any(map(has_information, status)) else "",
        "status": table(
            "table-status",
            wording.say("Answers on country of birth and citizenship"),
            scores=status,
            assessment=assessment,
            wording=wording,
        ),
        "status_silent": silent(status, wording),
    }
