"""How the questions of each module are answered, country by country; modules are never added up."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import partial

from sdmxmig.model.region import Country, RegionalStudy
from sdmxmig.model.scores import ModuleScore
from sdmxmig.reporting.blocks import ReportCell
from sdmxmig.reporting.region.matrix import Line, matrices
from sdmxmig.reporting.region.views import REGION_VIEWS
from sdmxmig.reporting.strip import legend
from sdmxmig.reporting.wording import FULLY, NOT_APPLICABLE, NOT_KNOWN, SIGNS, UNKNOWN, Wording


@REGION_VIEWS.add("modules")
def view(study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    """A matrix of modules and countries."""
    modules_by_area = {
        country.area: {module_score.module: module_score for module_score in country.assessment.modules}
        for country in study.countries
    }
    modules = sorted({module for of in modules_by_area.values() for module in of})
    lines: list[Line] = [
        (
            ReportCell(f"{module}  {wording.reference(study, 'CL_BENCH_ITEM', module)}"),
            partial(cell, {area: of[module] for area, of in modules_by_area.items() if module in of}, wording),
        )
        for module in modules
    ]
    return {
        "label": wording.say("Modules by country"),
        "heading": heading(study, wording),
        "tables": matrices(
            "table-modules", wording.say("Modules by country"), lines=lines, study=study, wording=wording
        ),
        "legend": legend(wording),
    }


def heading(study: RegionalStudy, wording: Wording) -> str:
    """How many questions the countries have answered, from the fewest to the most."""
    answered = [
        sum(score.answer not in NOT_KNOWN for score in country.assessment.scores) for country in study.countries
    ]
    return wording.say(
        "The countries have answered between {least} and {most} of {asked} questions",
        least=wording.number(min(answered)),
        most=wording.number(max(answered)),
        asked=wording.number(max(len(country.assessment.scores) for country in study.countries)),
    )


def cell(modules: Mapping[str, ModuleScore], wording: Wording, country: Country) -> ReportCell:
    """How far the answered questions of a module go in a country, and how many they are."""
    module = modules.get(country.area)
    if module is None or not module.asked:
        return ReportCell(wording.say("not asked"), is_absent=True)
    settled = module.answered + module.not_applicable
    counts = wording.say("{answered} of {asked}", answered=wording.number(settled), asked=wording.number(module.asked))
    if settled * 2 < module.asked:
        return ReportCell(wording.say("not known"), note=counts, sign=UNKNOWN, level="unknown")
    if module.score.value is None:
        return ReportCell(wording.say("not applicable"), note=counts, sign=NOT_APPLICABLE, level="na")
    reached = int((module.score.value * FULLY).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return ReportCell(wording.percent(module.score.value, 0), note=counts, sign=SIGNS[reached], level=f"l{reached}")
