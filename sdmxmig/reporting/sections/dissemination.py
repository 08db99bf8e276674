"""Dissemination section."""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.reporting.sections.items import answers_table, scores_of_module
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Assessment

MODULE = "K"


@VIEWS.add("dissemination")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    scores, caption = scores_of_module(assessment, MODULE), wording.say("Answers on dissemination")
    answers = answers_table("table-dissemination", caption, scores=scores, assessment=assessment, wording=wording)
    if answers is None:
        return {}
    return {
        "label": wording.say("Dissemination and exchange"),
        "heading": wording.say("Publication, metadata and reporting"),
        "table": answers,
    }
