"""Ratings of modules by country; those of several modules are never added."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import partial

from sdmxmig.reporting.sections.answers import list_legend
from sdmxmig.reporting.sections.blocks import ReportCell
from sdmxmig.reporting.sections.region.matrix import (
    MIN_ROWS,
    Line,
    build_matrices,
    drop_empty_lines,
    list_occurring_signs,
)
from sdmxmig.reporting.sections.views import REGION_VIEWS
from sdmxmig.reporting.sections.wording import FULL_RATING, NOT_APPLICABLE, RATING_SIGNS, UNKNOWN, Wording
from sdmxmig.statistics.model.evidence import ModuleScore
from sdmxmig.statistics.model.region import Country, RegionalStudy


@REGION_VIEWS.add("modules")
def view(study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    lines = drop_empty_lines(build_lines(study, wording), study)
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


def build_lines(study: RegionalStudy, wording: Wording) -> list[Line]:
    modules_by_area = {
        country.area: {module_score.module: module_score for module_score in country.assessment.modules}
        for country in study.countries
    }
    modules = sorted({module for of in modules_by_area.values() for module in of})
    return [
        (
            ReportCell(wording.reference(study, "CL_BENCH_ITEM", module)),
            partial(score_cell, {area: of[module] for area, of in modules_by_area.items() if module in of}, wording),
        )
        for module in modules
    ]


def score_cell(modules: Mapping[str, ModuleScore], wording: Wording, country: Country) -> ReportCell:
    """Return the score of a module in a country, with the share of its questions that are answered."""
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
