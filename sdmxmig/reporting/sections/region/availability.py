"""Availability of indicators, answers by module, and data sources, by country."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from itertools import groupby

from sdmxmig.reporting.sections.answers import list_legend
from sdmxmig.reporting.sections.blocks import ReportCell, ReportTable
from sdmxmig.reporting.sections.indicators import build_indicator_sort_key, name_indicator
from sdmxmig.reporting.sections.module_answers import SOURCES
from sdmxmig.reporting.sections.region.comparability import build_item_cell, index_scores
from sdmxmig.reporting.sections.region.matrix import (
    MIN_ROWS,
    Line,
    build_matrices,
    drop_unrated_lines,
    explain_signs,
    is_rated,
    list_occurring_signs,
)
from sdmxmig.reporting.sections.views import REGION_VIEWS
from sdmxmig.reporting.sections.wording import DESCRIBED, FULL_RATING, NOT_APPLICABLE, RATING_SIGNS, UNKNOWN, Wording
from sdmxmig.statistics.model.evidence import ModuleScore
from sdmxmig.statistics.model.indicator_results import IndicatorResult
from sdmxmig.statistics.model.region import Country, RegionalStudy

RATING_SCALE = "AVAIL"
MIN_SHARE = 0.1
"""Share of the indicators below which a table of their ratings says too little."""
CAPTIONS = {
    ("A", "core"): "Core migration indicators by country",
    ("B", "core"): "Core indicators on migrants in other fields by country",
    ("A", "additional"): "Additional migration indicators by country",
    ("B", "additional"): "Additional indicators on migrants in other fields by country",
}


@REGION_VIEWS.add("availability")
def view_availability(study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    tables = [table for part_and_tier in CAPTIONS for table in tabulate_tiers(part_and_tier, study, wording)]
    shown = sum(row.kind != "group" for table in tables for row in table.rows)
    listed = {result.indicator.id for country in study.countries for result in country.assessment.indicators}
    if shown < MIN_SHARE * len(listed) or sum(len(table.rows) for table in tables) < MIN_ROWS:
        return {}
    return {
        "label": wording.say("Indicators by country"),
        "heading": wording.say("{shown} indicators are rated in at least two countries", shown=wording.number(shown)),
        "tables": tables,
        "legend": explain_signs(tables, wording),
    }


def tabulate_tiers(part_and_tier: tuple[str, str], study: RegionalStudy, wording: Wording) -> list[ReportTable]:
    part, name = part_and_tier
    lines = drop_unrated_lines(list_indicator_lines(part_and_tier, study, wording), study, least=2)
    if not lines:
        return []
    table_id, caption = f"table-{name}-{part.lower()}", wording.say(CAPTIONS[part_and_tier])
    return build_matrices(table_id, caption, lines=lines, study=study, wording=wording, head="Indicator")


def list_indicator_lines(part_and_tier: tuple[str, str], study: RegionalStudy, wording: Wording) -> list[Line]:
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


@REGION_VIEWS.add("modules")
def view_modules(study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    lines = drop_unrated_lines(list_module_lines(study, wording), study)
    if len(lines) < MIN_ROWS:
        return {}
    caption = wording.say("Modules by country")
    tables = build_matrices("table-modules", caption, lines=lines, study=study, wording=wording)
    explained = [*list_legend(wording), ReportCell(wording.say("too few answers"), sign=UNKNOWN, level="unknown")]
    return {
        "label": caption,
        "heading": wording.say("Answers by module"),
        "tables": tables,
        "legend": list_occurring_signs(explained, tables),
    }


def list_module_lines(study: RegionalStudy, wording: Wording) -> list[Line]:
    modules_by_area = {
        country.area: {module_score.module: module_score for module_score in country.assessment.modules}
        for country in study.countries
    }
    modules = sorted({module for of in modules_by_area.values() for module in of})
    return [
        (
            ReportCell(wording.reference(study, "CL_BENCH_ITEM", module)),
            partial(score_module, {area: of[module] for area, of in modules_by_area.items() if module in of}, wording),
        )
        for module in modules
    ]


def score_module(modules: Mapping[str, ModuleScore], wording: Wording, country: Country) -> ReportCell:
    """Return the score of a module in a country, with the share of answered questions."""
    module = modules.get(country.area)
    if module is None or not module.asked:
        return ReportCell(wording.say("not asked"), is_absent=True)
    applicable = module.asked - module.not_applicable
    if not applicable:
        return ReportCell(wording.say("not applicable"), sign=NOT_APPLICABLE, level="na")
    counts = wording.say("{n} of {total}", n=wording.number(module.answered), total=wording.number(applicable))
    if module.score.value is None or module.answered * 2 < applicable:
        return ReportCell(wording.say("too few answers"), note=counts, sign=UNKNOWN, level="unknown", is_absent=True)
    reached = int((module.score.value * FULL_RATING).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return ReportCell(
        wording.write_percent(module.score.value, 0), note=counts, sign=RATING_SIGNS[reached], level=f"l{reached}"
    )


@REGION_VIEWS.add("sources")
def view_sources(study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    lines = list_source_lines_by_country(study, wording)
    shown = drop_unrated_lines(lines, study)
    answers = [is_rated(say(country)) for _, say in shown if say for country in study.countries]
    if not shown or sum(answers) * 2 < len(answers):  # mostly gaps of what was read, not of what countries use
        return {}
    caption = wording.say("Data sources used for migration statistics, by country")
    tables = build_matrices("table-sources", caption, shown, study, wording, head="Source")
    unrated = [line[0].text for line in lines if line not in shown]
    omitted = (
        wording.say("Not rated in any country: {sources}.", sources=wording.join_with_semicolons(unrated))
        if unrated
        else ""
    )
    return {
        "label": wording.say("Data sources"),
        "heading": caption,
        "tables": tables,
        "legend": explain_signs(tables, wording),
        "omitted": omitted,
    }


def list_source_lines_by_country(study: RegionalStudy, wording: Wording) -> list[Line]:
    names = {
        item: score.item.name
        for country in study.countries
        for item, score in index_scores(country).items()
        if item.startswith(SOURCES)
    }
    return [(ReportCell(wording.of(names[item])), partial(build_item_cell, item, wording)) for item in sorted(names)]
