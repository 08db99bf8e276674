"""Institutions section."""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.reporting.sections.context import NEEDS
from sdmxmig.reporting.sections.items import answers_on, of_module
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Assessment

MODULE = "A"


@VIEWS.add("institutions")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    scores = [score for score in of_module(assessment, MODULE) if score.item.id not in NEEDS]
    subject = wording.say("Mandates, resources and data exchange")
    captioned = ("table-institutions", wording.say("Answers on law and institutions"))
    answers = answers_on(subject, scores, assessment, wording, captioned=captioned)
    return {"label": wording.reference(assessment, "CL_BENCH_ITEM", MODULE), **answers} if answers else {}
