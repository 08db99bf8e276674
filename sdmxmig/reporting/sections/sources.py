"""Sections on data sources and on their potential."""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.reporting.sections.items import (
    has_information,
    list_scores_of_module,
    tabulate_answers,
    tabulate_answers_by_subject,
)
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Assessment

SOURCES, SHEET = "H", "S"
"""The module of sources, and the source sheet."""


@VIEWS.add("sources")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    scores = list_scores_of_module(assessment, SOURCES)
    if not any(map(has_information, scores)):
        return {}
    return {
        "label": wording.say("Data sources"),
        "heading": wording.say("Sources for statistics on migration or migrants"),
        "table": tabulate_answers(
            "table-sources", wording.say("Answers on sources"), scores, assessment, wording, least=1
        ),
        "sheets": tabulate_answers_by_subject(
            "table-sheets", wording.say("Source sheets"), module=SHEET, assessment=assessment, wording=wording
        ),
    }
