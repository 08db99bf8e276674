"""Standard section: documents used and verified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass

from sdmxmig.catalogue.indicators import Indicator
from sdmxmig.catalogue.standard import Standard
from sdmxmig.reporting.sections.definitions import RATING_SCALE, list_compared_scores
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.indicator_results import count_by_status


@dataclass(frozen=True, slots=True)
class CheckedTexts:
    indicators: int
    definitions: int
    _: KW_ONLY
    checked_indicators: int
    checked_definitions: int


@VIEWS.add("standard")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    return {
        "label": wording.say("Benchmarks"),
        "heading": write_heading(assessment.standard, count_checked_texts(assessment), wording),
        "statement": [
            *describe_standard(assessment, count_checked_texts(assessment), wording),
            *describe_outdated_answers(assessment, wording),
        ],
        "example": next((score.item.id for score in list_compared_scores(assessment)), "B01"),
    }


def count_checked_texts(assessment: Assessment) -> CheckedTexts:
    counted = count_by_status(assessment.indicators)
    definitions = [score.item for score in assessment.scores if score.item.scale == RATING_SCALE]
    return CheckedTexts(
        counted.total,
        len(definitions),
        checked_indicators=counted.total - counted.candidates,
        checked_definitions=sum(bool(item.checked) for item in definitions),
    )


def write_heading(standard: Standard, texts: CheckedTexts, wording: Wording) -> str:
    if not standard.is_published:
        return wording.say("Documents of the United Nations")
    return wording.say(
        "{indicators} of {all_indicators} indicators and {definitions} of {all_definitions} definitions have been "
        "checked against the published Recommendations",
        **_format_numbers(texts, wording),
    )


def _format_numbers(texts: CheckedTexts, wording: Wording) -> dict[str, str]:
    return {
        "indicators": wording.number(texts.checked_indicators),
        "all_indicators": wording.number(texts.indicators),
        "definitions": wording.number(texts.checked_definitions),
        "all_definitions": wording.number(texts.definitions),
    }


def describe_standard(assessment: Assessment, texts: CheckedTexts, wording: Wording) -> list[str]:
    standard = assessment.standard
    if not standard.name:
        return []
    return (
        describe_published_standard(standard, texts, wording)
        if standard.is_published
        else describe_proposed_standard(assessment, wording)
    )


def describe_outdated_answers(assessment: Assessment, wording: Wording) -> list[str]:
    if not assessment.outdated:
        return []
    return [
        wording.say(
            ("Answers to an earlier wording of the question: {items}. They are not counted until they are reviewed."),
            items=wording.join_with_commas(assessment.outdated),
        )
    ]


def describe_proposed_standard(assessment: Assessment, wording: Wording) -> list[str]:
    definitions = [
        score.item for score in assessment.scores if score.item.scale == RATING_SCALE and score.item.recommendation
    ]
    documents = dict.fromkeys(wording.split_citation(item.source)[0] for item in definitions)
    compared = wording.say("Reference documents: {documents}.", documents=wording.join_with_semicolons(documents))
    awaited = wording.say(
        "Not included yet: the expert group’s final report on concepts (April 2021), the UN indicator set of 2023 "
        "and the revised Recommendations of {year}.",
        year=assessment.standard.awaited_date,
    )
    return [compared, awaited] if documents else [awaited]


def describe_published_standard(standard: Standard, texts: CheckedTexts, wording: Wording) -> list[str]:
    sentences = [
        wording.say(
            "Practice is compared with “{document}” ({year}).",
            document=wording.of(standard.name),
            year=standard.date[:4],
        ),
        wording.say(
            "Checked against this document, with the passage cited: {indicators} of {all_indicators} "
            "indicators, {definitions} of {all_definitions} definitions.",
            **_format_numbers(texts, wording),
        ),
    ]
    if texts.checked_indicators < texts.indicators:
        sentences.append(
            wording.say(
                "Unchecked indicators are marked “sdmxmig proposal”, or “UN proposal” if they come from an earlier "
                "document of the United Nations."
            )
        )
    if standard.removed:
        n = wording.number(len(standard.removed))
        sentences.append(wording.say("Indicators of earlier proposals that this document does not contain: {n}.", n=n))
    return sentences


VERIFIED = "verified"
"""The status of an indicator that a document of the United Nations contains."""


def format_status_mark(indicator: Indicator, wording: Wording) -> str:
    if indicator.checked:
        return ""
    return wording.say("UN proposal" if indicator.status == VERIFIED else "sdmxmig proposal")
