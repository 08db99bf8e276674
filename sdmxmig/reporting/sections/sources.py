"""Sections on data sources and on their potential."""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.catalogue.indicators import CAN
from sdmxmig.reporting.sections.blocks import ReportCell, ReportRow, ReportTable, row
from sdmxmig.reporting.sections.columns import text_columns
from sdmxmig.reporting.sections.indicators import code_of, place_of
from sdmxmig.reporting.sections.items import (
    has_information,
    of_module,
    sheets,
    table,
)
from sdmxmig.reporting.sections.standard import mark_of
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.indicator_results import Chance, IndicatorResult

SOURCES, SHEET = "H", "S"
"""The module of sources, and the source sheet."""


@VIEWS.add("sources")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    scores = of_module(assessment, SOURCES)
    if not any(map(has_information, scores)):
        return {}
    return {
        "label": wording.say("Data sources"),
        "heading": wording.say("Sources for statistics on migration or migrants"),
        "table": table(
            "table-sources", wording.say("Answers on sources"), scores=scores, assessment=assessment, wording=wording
        ),
        "sheets": sheets(
            "table-sheets", wording.say("Source sheets"), module=SHEET, assessment=assessment, wording=wording
        ),
        "chances": chances_table(assessment, wording),
    }


NEEDS, REASONS, TYPES = "CL_SRC_NEED", "CL_SRC_REASON", "CL_SRC_TYPE"


def chances_table(assessment: Assessment, wording: Wording) -> ReportTable | None:
    waiting = [
        result
        for result in sorted(assessment.indicators, key=place_of)
        if result.chances and not result.is_produced and result.is_applicable
    ]
    if not waiting:
        return None
    columns = text_columns(("Indicator", "Source", "Possible uses", "Next step"), wording)
    return ReportTable(
        "table-chances",
        wording.say("Further possible uses of the sources"),
        columns=columns,
        rows=tuple(chance_row(result, assessment, wording) for result in waiting),
        notes=(
            wording.say(
                "The possible uses of a type of source are proposals by sdmxmig, based on general "
                "practice. The sources and their content are as declared in the profile."
            ),
        ),
        stacked=True,
    )


def chance_row(result: IndicatorResult, assessment: Assessment, wording: Wording) -> ReportRow:
    best, *others = result.chances
    also = dict.fromkeys(wording.reference(assessment, TYPES, each.source) for each in others)
    also.pop(wording.reference(assessment, TYPES, best.source), None)
    indicator = result.indicator
    name = ReportCell(wording.of(indicator.name), note=code_of(indicator), mark=mark_of(indicator, wording))
    source = ReportCell(
        wording.reference(assessment, TYPES, best.source),
        note=wording.say("also: {sources}", sources=wording.commas(also)) if also else "",
    )
    gives = wording.say("the indicator") if best.answer == CAN else wording.say("the indicator in part")
    why = [*named(REASONS, best.why, assessment, wording), topics(best, assessment, wording)]
    return row((name, source, ReportCell(gives, note=" ".join(why).strip()), next_step(best, assessment, wording)))


def next_step(chance: Chance, assessment: Assessment, wording: Wording) -> ReportCell:
    first, *others = named(NEEDS, chance.needs, assessment, wording) or [wording.say("Compile and publish it.")]
    return ReportCell(first, note=" ".join(others))


def topics(chance: Chance, assessment: Assessment, wording: Wording) -> str:
    def names(listed: tuple[str, ...]) -> str:
        return wording.commas(wording.reference(assessment, "", topic) for topic in listed)

    phrases = [
        wording.say("by: {topics}", topics=names(chance.recorded)) if chance.recorded else "",
        wording.say("not by: {topics}", topics=names(chance.lacking)) if chance.lacking else "",
        wording.say("unanswered for: {topics}", topics=names(chance.asked)) if chance.asked else "",
    ]
    return wording.semicolons(filter(None, phrases))


def named(scheme: str, codes: tuple[str, ...], assessment: Assessment, wording: Wording) -> list[str]:
    return [wording.reference(assessment, scheme, code) for code in codes]
