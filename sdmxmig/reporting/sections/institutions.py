"""Institutions section."""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.reporting.sections.items import list_scores_of_module, tabulate_answers
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Assessment

MODULE = "A"


@VIEWS.add("institutions")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    scores, caption = list_scores_of_module(assessment, MODULE), wording.say("Answers on law and institutions")
    answers = tabulate_answers("table-institutions", caption, scores=scores, assessment=assessment, wording=wording)
    if answers is None:
        return {}
    return {
        "label": wording.reference(assessment, "CL_BENCH_ITEM", MODULE),
        "heading": caption,
        "table": answers,
    }
