"""Method section."""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.reporting.sections.blocks import ReportTable, build_row
from sdmxmig.reporting.sections.columns import choose_text_columns
from sdmxmig.reporting.sections.indicators import describe_origin
from sdmxmig.reporting.sections.items import has_answers
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Assessment

PROVENANCE_LABELS = {"prepared": "prepared", "command": "command"}


@VIEWS.add("method")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    return {
        "label": wording.say("Method"),
        "heading": wording.say("Every number links to its source"),
        "provenance": describe_provenance(assessment, wording),
        "has_answers": has_answers(assessment),
        "indicators": describe_origin(assessment, wording),
        "reviewed": describe_review(assessment, wording),
        "translated": describe_translation(assessment, wording),
    }


def describe_provenance(assessment: Assessment, wording: Wording) -> ReportTable | None:
    if not assessment.provenance:
        return None
    return ReportTable(
        "table-provenance",
        wording.say("Programs; the checksums of the files are in assessment.json"),
        columns=choose_text_columns(("Item", "Value"), wording),
        rows=tuple(
            build_row((wording.label(PROVENANCE_LABELS, name), value))
            for name, value in assessment.provenance
            if not value.startswith("SHA-256")
        ),
    )


def describe_review(assessment: Assessment, wording: Wording) -> str:
    if assessment.is_draft:
        return wording.say(
            "The office has not reviewed the answers. They were compiled from the sources listed below, "
            "and each answer names its source."
        )
    return wording.say("The office has reviewed the answers: {signed_off}.", signed_off=assessment.signed_off)


def describe_translation(assessment: Assessment, wording: Wording) -> str:
    texts = [score.practice for score in assessment.scores]
    for result in assessment.indicators:
        texts += [result.practice, *(answer.practice for answer in result.answers.values())]
    texts += [answer.practice for about in assessment.about.values() for answer in about]
    if not any(map(wording.is_unseen, texts)):
        return ""
    return wording.say(
        "Texts of the country profile were translated by sdmxmig; the office has not seen the translations."
    )
