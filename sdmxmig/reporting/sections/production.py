"""Production section."""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.reporting.sections import ages, composition, coverage, movements, trends
from sdmxmig.reporting.sections.blocks import ReportCell, ReportColumn, ReportTable, row
from sdmxmig.reporting.sections.columns import text_columns
from sdmxmig.reporting.sections.items import has_information, of_module, silent, table
from sdmxmig.reporting.sections.net_migration import origin
from sdmxmig.reporting.sections.residence import ToldOnce
from sdmxmig.reporting.sections.series import of_role, rates
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import NOT_KNOWN, Wording, lowered
from sdmxmig.sdmx.model.assessment import Assessment
from sdmxmig.sdmx.model.indicator_results import PRODUCED

MODULES = ("C", "D", "E", "F")
"""Stocks, flows, temporary mobility, special groups."""
COUNTED = {"C": "{n} of {all} kinds of stocks", "D": "{n} of {all} kinds of flows"}


@VIEWS.add("production")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    """Figures where data exist, one sentence on missing ones, and the coverage."""
    years = trends.flow_years(assessment)
    net = [year for year in years if year.net is not None]
    population = of_role(assessment, "population")
    has_flows = any(year.immigration is not None or year.emigration is not None for year in years)
    groups, pyramid = composition.groups(assessment, wording), ages.pyramid(assessment, wording)
    places, streams = movements.origin_map(assessment, wording), movements.streams(assessment, wording)
    once = ToldOnce(assessment, wording)  # the blocks are in the order in which the section shows them
    return {
        "label": wording.say("Production today"),
        "heading": heading(assessment, wording),
        "net": " ".join(
            filter(None, (wording.say("{sentence}.", sentence=trends.span(net, wording)), origin(assessment, wording)))
        )
        if net
        else "",
        "flows": once(trends.flows(assessment, years, wording)) if has_flows else None,
        "population": once(trends.population_figure(population, assessment, wording))
        if population and population.points
        else None,
        "rates": trends.rates_table(rates(assessment), of_role(assessment, "net rate"), assessment, wording),
        "migrants": once(composition.migrants(assessment, wording)),
        "groups": once(groups),
        "pyramid": once(pyramid),
        "women": " ".join(composition.women(assessment, wording)),
        "children": " ".join(composition.children(assessment, wording)),
        "parts": trends.parts_table(assessment, wording),
        "countries": movements.heading(assessment, wording),
        "places": once(places),
        "streams": once(streams),
        "lacking": lacking(
            {
                "groups": groups is None,
                "pyramid": pyramid is None,
                "places": not movements.names_countries(assessment),
                "streams": streams is None,
            },
            wording,
        ),
        "held": data_availability(assessment, wording),
        "coverage": coverage.statistics_figure(MODULES, assessment, wording)
        if any(known_questions(assessment))
        else None,
        "modules": modules(assessment, wording),
    }


def known_questions(assessment: Assessment) -> list[bool]:
    return [has_information(score) for module in MODULES for score in of_module(assessment, module)]


def heading(assessment: Assessment, wording: Wording) -> str:
    scores_by_module = {module: of_module(assessment, module) for module in COUNTED}
    answers = [score.answer for scores in scores_by_module.values() for score in scores]
    if all(answer in NOT_KNOWN for answer in answers):
        return data_in_numbers(assessment, wording)
    phrases = [
        wording.say(
            COUNTED[module],
            n=wording.number(sum(score.answer in PRODUCED for score in scores)),
            all=wording.number(len(scores)),
        )
        for module, scores in scores_by_module.items()
        if scores
    ]
    unknown = sum(answer in NOT_KNOWN for answer in answers)
    return wording.say(
        "{phrases} are published regularly; unanswered: {unknown}" if unknown else "{phrases} are published regularly",
        phrases=wording.series(phrases),
        unknown=wording.number(unknown),
    )


def data_in_numbers(assessment: Assessment, wording: Wording) -> str:
    """How many values of how many statistics the data have, and of which years."""
    holdings = assessment.holdings
    if not holdings:
        return wording.say("No data on migration")
    return wording.say(
        "{values} values in {n} statistics, {first} to {last}",
        values=wording.number(sum(holding.values for holding in holdings)),
        n=wording.number(len(holdings)),
        first=min(holding.first for holding in holdings)[: len("2026")],
        last=max(holding.last for holding in holdings)[: len("2026")],
    )


NEEDED = {
    "groups": "residents by birth and citizenship status together",
    "pyramid": "the foreign-born or foreign citizens by age and sex",
    "places": "residents or migrants by country of birth, citizenship or residence",
    "streams": "immigration and emigration by country in the same year",
}


def lacking(is_lacking: Mapping[str, bool], wording: Wording) -> str:
    missing = [wording.say(NEEDED[name]) for name, lacks in is_lacking.items() if lacks]
    if not missing:
        return ""
    return wording.say(
        "No data for: {missing}.",
        missing=wording.semicolons(missing),
    )


def data_availability(assessment: Assessment, wording: Wording) -> ReportTable | None:
    if not assessment.holdings:
        return None
    columns = (
        *text_columns(("Statistics", "Years"), wording),
        ReportColumn(wording.say("Values"), is_number=True),
        ReportColumn(wording.say("Divided by")),
    )
    rows = tuple(
        row(
            (
                ReportCell(wording.of(availability.name), note=availability.flow),
                availability.first
                if availability.first == availability.last
                else f"{availability.first}–{availability.last}",
                wording.number(availability.values),
                ReportCell(wording.commas(lowered(wording.of(name) or topic) for topic, name in availability.topics))
                if availability.topics
                else ReportCell(wording.say("totals only"), is_absent=True),
            )
        )
        for availability in assessment.holdings
    )
    return ReportTable("table-held", wording.say("Data availability"), columns=columns, rows=rows)


def modules(assessment: Assessment, wording: Wording) -> list[tuple[str, ReportTable | None, str]]:
    """Each module with its name, the table of what is known, and the sentence on what is not."""
    modules_shown = []
    for module in MODULES:
        scores = of_module(assessment, module)
        name = wording.reference(assessment, "CL_BENCH_ITEM", module)
        if scores:
            answered_table = table(
                f"table-module-{module.lower()}", name, scores=scores, assessment=assessment, wording=wording
            )
            modules_shown.append((name, answered_table, silent(scores, wording)))
    return modules_shown
