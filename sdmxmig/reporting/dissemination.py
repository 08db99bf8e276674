"""Dissemination and exchange: what is published and reported, and how ready the figures are for SDMX."""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.model.assessment import Assessment
from sdmxmig.model.evidence import Readiness
from sdmxmig.reporting import VIEWS
from sdmxmig.reporting.blocks import Cell, Column, Row, Table, row
from sdmxmig.reporting.items import of_module, sentence, silent, table
from sdmxmig.reporting.wording import Wording

MODULE = "K"
SHOWN = {"yes": "yes", "partly": "partly", "no": "no", "unknown": "not known"}


@VIEWS.add("dissemination")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    """The questions on publication, metadata and reporting, and what the workspace itself shows."""
    scores = of_module(assessment, MODULE)
    caption = wording.say("Publication, metadata and reporting")
    return {
        "label": wording.say("Dissemination and exchange"),
        "heading": sentence(caption, scores, assessment, wording),
        "table": table("table-dissemination", wording.say("Answers on dissemination"), scores, assessment, wording),
        "silent": silent(scores, wording),
        "readiness": readiness(assessment, wording),
    }


def readiness(assessment: Assessment, wording: Wording) -> Table | None:
    """One row a sign of readiness: what the profile says, and what the files here show."""
    if not assessment.readiness:
        return None
    names = {score.item.id: wording.of(score.item.name) for score in assessment.scores}
    columns = tuple(Column(wording.say(head)) for head in ("Question", "The profile says", "The files here show"))
    rows = tuple(_row(one, names, assessment, wording) for one in assessment.readiness)
    return Table(
        "table-readiness",
        wording.say("What the profile says and what the files here show"),
        columns,
        rows,
        stacked=True,
    )


def _row(one: Readiness, names: Mapping[str, str], assessment: Assessment, wording: Wording) -> Row:
    said = Cell(wording.say("not asked"), is_absent=True)
    if one.item:
        item = next((score.item for score in assessment.scores if score.item.id == one.item), None)
        said = wording.rating(assessment.scale(item.scale if item else ""), one.answer)
    shown = wording.told(one.sentence, assessment)
    return row(
        (
            Cell(names.get(one.item, "") or wording.reference(assessment, "READINESS", one.id), note=one.item),
            said,
            Cell(wording.label(SHOWN, one.shown), note=shown, is_absent=one.shown == "unknown"),
        )
    )
