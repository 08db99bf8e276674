"""Availability by country."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import groupby

from sdmxmig.reporting.sections.blocks import ReportCell, ReportTable
from sdmxmig.reporting.sections.indicators import build_indicator_sort_key, name_indicator
from sdmxmig.reporting.sections.region.matrix import (
    MIN_ROWS,
    Line,
    build_matrices,
    drop_empty_lines,
    explain_signs,
)
from sdmxmig.reporting.sections.views import REGION_VIEWS
from sdmxmig.reporting.sections.wording import DESCRIBED, Wording
from sdmxmig.statistics.model.indicator_results import IndicatorResult
from sdmxmig.statistics.model.region import Country, RegionalStudy

RATING_SCALE = "AVAIL"
CAPTIONS = {
    ("A", "core"): "Core migration indicators by country",
    ("B", "core"): "Core indicators on migrants in other fields by country",
    ("A", "additional"): "Additional migration indicators by country",
    ("B", "additional"): "Additional indicators on migrants in other fields by country",
}


@REGION_VIEWS.add("availability")
def view(study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    tables = [table for part_and_tier in CAPTIONS for table in tabulate_tiers(part_and_tier, study, wording)]
    if sum(len(table.rows) for table in tables) < MIN_ROWS:
        return {}
    shown = sum(row.kind != "group" for table in tables for row in table.rows)
    listed = {result.indicator.id for country in study.countries for result in country.assessment.indicators}
    return {
        "label": wording.say("Indicators by country"),
        "heading": wording.say("Indicators rated in at least one country"),
        "selection": wording.say(
            "{shown} of {all} indicators are rated in at least one country; the tables show only these.",
            shown=wording.number(shown),
            all=wording.number(len(listed)),
        ),
        "tables": tables,
        "legend": explain_signs(tables, wording),
    }


def tabulate_tiers(part_and_tier: tuple[str, str], study: RegionalStudy, wording: Wording) -> list[ReportTable]:
    part, name = part_and_tier
    lines = drop_empty_lines(build_lines(part_and_tier, study, wording), study)
    if not lines:
        return []
    table_id, caption = f"table-{name}-{part.lower()}", wording.say(CAPTIONS[part_and_tier])
    return build_matrices(table_id, caption, lines=lines, study=study, wording=wording, head="Indicator")


def build_lines(part_and_tier: tuple[str, str], study: RegionalStudy, wording: Wording) -> list[Line]:
    results_by_area = {country.area: country.assessment.of(*part_and_tier) for country in study.countries}
    listed = {result.indicator.id: result for results in results_by_area.values() for result in results}
    lines: list[Line] = []
    for area, members in groupby(
        sorted(listed.values(), key=build_indicator_sort_key), key=lambda result: result.indicator.policy_area
    ):
        words = wording.reference(study, "CL_POLICY_AREA", area)
        lines.append((ReportCell(words), None))
        for member in members:
            name = member.indicator.id
            result_by_area = {
                code: result
                for code, results in results_by_area.items()
                for result in results
                if result.indicator.id == name
            }
            cell = name_indicator(member.indicator, wording)
            lines.append((cell, partial(build_rating_cell, result_by_area, wording)))
    return lines


def build_rating_cell(results: Mapping[str, IndicatorResult], wording: Wording, country: Country) -> ReportCell:
    result = results.get(country.area)
    declared = result.declared if result else ""
    if result is not None and result.is_shown and not declared and not result.indicator.is_proxy:
        return ReportCell(wording.say("values, not rated in the profile"), sign=DESCRIBED, level="described")
    return wording.rating(
        country.assessment.scale(RATING_SCALE),
        result.standing if result else "",
        is_described=bool(result and result.practice),
    )
