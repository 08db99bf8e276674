"""Dissemination section."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sdmxmig.reporting.sections.blocks import ReportCell, ReportRow, ReportTable, row
from sdmxmig.reporting.sections.columns import text_columns
from sdmxmig.reporting.sections.items import of_module, question, table
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.evidence import Readiness

MODULE = "K"
SHOWN = {"yes": "yes", "partly": "partly", "no": "no", "unknown": "no data"}


@VIEWS.add("dissemination")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    scores, caption = of_module(assessment, MODULE), wording.say("Answers on dissemination")
    answers = table("table-dissemination", caption, scores=scores, assessment=assessment, wording=wording)
    if answers is None:
        return {}
    return {
        "label": wording.say("Dissemination and exchange"),
        "heading": wording.say("Publication, metadata and reporting"),
        "table": answers,
        "readiness": readiness(assessment, wording),
    }


def readiness(assessment: Assessment, wording: Wording) -> ReportTable | None:
    if not assessment.readiness:
        return None
    names = {score.item.id: question(score, wording) for score in assessment.scores}
    columns = text_columns(("Evidence in the files", "Ready", "Answer in the profile"), wording)
    rows = tuple(_row(readiness, names, assessment, wording) for readiness in assessment.readiness)
    return ReportTable(
        "table-readiness",
        wording.say("Answers of the profile and evidence in the files"),
        columns=columns,
        rows=rows,
        stacked=True,
    )


def _row(sign: Readiness, names: Mapping[str, str], assessment: Assessment, wording: Wording) -> ReportRow:
    practice = ReportCell(wording.say("not asked"), is_absent=True)
    if sign.item:
        score = next((score for score in assessment.scores if score.item.id == sign.item), None)
        scale = assessment.scale(score.item.scale if score else "")
        rated = wording.rating(scale, sign.answer, is_described=bool(score and score.is_described))
        practice = replace(rated, note=" · ".join(filter(None, (names.get(sign.item, ""), sign.item))))
    return row(
        (
            ReportCell(wording.statement(sign.sentence, assessment)),
            ReportCell(wording.label(SHOWN, sign.shown), is_absent=sign.shown == "unknown"),
            practice,
        )
    )
