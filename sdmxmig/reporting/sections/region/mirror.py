"""Mirror flows, including unreported pairs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import partial

from sdmxmig.reporting.sections.blocks import ReportCell, ReportRow, ReportTable, build_row
from sdmxmig.reporting.sections.columns import build_table
from sdmxmig.reporting.sections.region.matrix import Line, build_matrices
from sdmxmig.reporting.sections.region.naming import join_country_names, name_country, name_definition
from sdmxmig.reporting.sections.views import REGION_VIEWS
from sdmxmig.reporting.sections.wording import NOT_APPLICABLE, RATING_SIGNS, UNKNOWN, Wording
from sdmxmig.statistics.model.region import Corridor, Country, RegionalStudy, ReportedFlow

MAX_CORRIDORS = 100
BOTH_LEVEL, ONE_LEVEL = 4, 2
"""The levels of a pair that both countries report, or one of them."""


@REGION_VIEWS.add("mirror")
def view(study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    silent = [country.area for country in study.countries if not country.has_data]
    if not study.corridors and not silent:
        return {}
    return {
        "label": wording.say("Flows between the countries"),
        "heading": count_pairs(study, wording),
        "matrix": build_corridor_matrices(study, wording) if study.corridors else [],
        "legend": list_legend(wording),
        "table": tabulate_corridors(study, wording) if study.corridors else None,
        "silent": wording.say(
            "No datasets were provided for {countries}, so the flows that they report are missing.",
            countries=join_country_names(study, silent, wording),
        )
        if silent
        else "",
    }


def count_pairs(study: RegionalStudy, wording: Wording) -> str:
    pairs = len(study.countries) * (len(study.countries) - 1)
    both = sum(corridor.is_mirrored for corridor in study.corridors)
    if not study.corridors:
        return wording.say(
            "These data hold none of the {pairs} flows between the countries", pairs=wording.number(pairs)
        )
    return wording.say(
        "Of {pairs} flows between the countries: {both} reported by both, {one} by one, {none} by none",
        pairs=wording.number(pairs),
        both=wording.number(both),
        one=wording.number(len(study.corridors) - both),
        none=wording.number(pairs - len(study.corridors)),
    )


def list_legend(wording: Wording) -> list[ReportCell]:
    return [
        ReportCell(wording.say("reported by both countries"), sign=RATING_SIGNS[BOTH_LEVEL], level=f"l{BOTH_LEVEL}"),
        ReportCell(wording.say("reported by one of them"), sign=RATING_SIGNS[ONE_LEVEL], level=f"l{ONE_LEVEL}"),
        ReportCell(wording.say("not found"), sign=UNKNOWN, level="unknown"),
    ]


def build_corridor_matrices(study: RegionalStudy, wording: Wording) -> list[ReportTable]:
    corridors = {(corridor.origin, corridor.destination): corridor for corridor in study.corridors}
    lines: list[Line] = [
        (
            ReportCell(wording.say("from {country}", country=name_country(study, origin.area, wording))),
            partial(build_corridor_cell, origin.area, corridors, wording),
        )
        for origin in study.countries
    ]
    caption = wording.say("Reported flows from a country (row) to another (column)")
    return build_matrices("table-mirror", caption, lines=lines, study=study, wording=wording)


def build_corridor_cell(
    origin: str, corridors: Mapping[tuple[str, str], Corridor], wording: Wording, country: Country
) -> ReportCell:
    if origin == country.area:
        return ReportCell(wording.say("the same country"), sign=NOT_APPLICABLE, level="na")
    corridor = corridors.get((origin, country.area))
    if corridor is None:
        return ReportCell(wording.say("not found"), sign=UNKNOWN, level="unknown")
    if corridor.ratio is not None:
        words = wording.say("both, ratio {ratio}", ratio=wording.number(corridor.ratio, 2))
        return ReportCell(words, sign=RATING_SIGNS[BOTH_LEVEL], level=f"l{BOTH_LEVEL}")
    if corridor.is_mirrored:
        return ReportCell(wording.say("both"), sign=RATING_SIGNS[BOTH_LEVEL], level=f"l{BOTH_LEVEL}")
    by = "reported by the origin" if corridor.emigration else "reported by the destination"
    return ReportCell(wording.say(by), sign=RATING_SIGNS[ONE_LEVEL], level=f"l{ONE_LEVEL}")


def tabulate_corridors(study: RegionalStudy, wording: Wording) -> ReportTable:
    heads = (
        "Origin and destination",
        "Year",
        "Emigration reported by the origin",
        "Immigration reported by the destination",
        "Emigrants per immigrant",
        "Definitions",
    )
    corridors = sorted(study.corridors, key=build_corridor_sort_key)[:MAX_CORRIDORS]
    rows = (build_corridor_row(corridor, study, wording) for corridor in corridors)
    notes = [
        wording.say(
            "A ratio of one means that both countries report the same flow. If their definitions "
            "differ, the ratio reflects definitions as well as coverage."
        )
    ]
    omitted = len(study.corridors) - len(corridors)
    if omitted:
        notes.append(
            wording.count(
                "{n} more flow is not listed. Flows reported by both countries come first, by size.",
                "{n} more flows are not listed. Flows reported by both countries come first, by size.",
                omitted,
            )
        )
    caption = wording.say("Flows between the countries as each of the two reports them, in persons")
    return build_table("table-corridors", caption, heads, rows, wording, numbers=(2, 3, 4), notes=notes, stacked=True)


def build_corridor_sort_key(corridor: Corridor) -> tuple[bool, Decimal, str, str]:
    sides = [report.value for report in (corridor.emigration, corridor.immigration) if report is not None]
    return len(sides) < 2, -max(sides), corridor.origin, corridor.destination


def build_corridor_row(corridor: Corridor, study: RegionalStudy, wording: Wording) -> ReportRow:
    names = [name_country(study, area, wording) for area in (corridor.origin, corridor.destination)]
    ratio = ReportCell(wording.number(corridor.ratio, 2)) if corridor.ratio is not None else wording.absent()
    return build_row(
        (
            wording.say("{origin} to {destination}", origin=names[0], destination=names[1]),
            corridor.period,
            build_number(corridor.emigration, wording),
            build_number(corridor.immigration, wording),
            ratio,
            build_definitions(corridor, wording),
        )
    )


def build_number(report: ReportedFlow | None, wording: Wording) -> ReportCell:
    return wording.absent() if report is None else ReportCell(wording.number(report.value))


def build_definitions(corridor: Corridor, wording: Wording) -> ReportCell:
    sides = [report for report in (corridor.emigration, corridor.immigration) if report is not None]
    names = list(dict.fromkeys(name_definition(report.definition, wording) for report in sides))
    if len(sides) < 2:
        return ReportCell(wording.say("one side only"), note=names[0])
    if corridor.is_comparable:
        return ReportCell(wording.say("the same"), note=names[0])
    return ReportCell(wording.say("not comparable"), note=" | ".join(names))
