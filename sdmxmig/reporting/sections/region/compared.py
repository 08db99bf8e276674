"""Which figures are compared, and the steps and facts of each country."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sdmxmig.reporting.sections.blocks import ReportCell, ReportTable, build_row
from sdmxmig.reporting.sections.columns import tabulate
from sdmxmig.reporting.sections.composition import MIGRANTS, find_newest_migrants
from sdmxmig.reporting.sections.key_figures import state_main_countries
from sdmxmig.reporting.sections.office import RESIDENTS, list_sourced_comments, list_sourced_steps
from sdmxmig.reporting.sections.region.comparability import MAX_COLUMNS
from sdmxmig.reporting.sections.region.naming import (
    build_country_link,
    describe_practice,
    describe_rule,
    join_country_names,
    name_country,
)
from sdmxmig.reporting.sections.views import REGION_VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.indicator_results import SubjectAnswer
from sdmxmig.statistics.model.region import Comparison, Definition, RegionalStudy

SHARE = "MIG_SHARE"
RATE_SERIES = ("CIR", "CER", "CNR")
"""Rates follow the rules of the flows and of the population, which have their own lines."""
CitedWords = tuple[str, ReportCell]
"""A country and its words."""


@REGION_VIEWS.add("compared")
def view(study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    if len(study.countries) > MAX_COLUMNS:
        return {}
    tables = (make(study, wording) for make in (tabulate_compared, tabulate_steps, tabulate_facts))
    return {
        "label": wording.say("Comparison by country"),
        "heading": state_comparison(study, wording),
        "tables": list(filter(None, tables)),
    }


def state_comparison(study: RegionalStudy, wording: Wording) -> str:
    if any(comparison.is_comparable for comparison in study.comparisons):
        return wording.say("National figures are compared where residence rule, type of stay and year agree")
    return wording.say("National figures are not compared: residence rules or years differ or are not stated")


def tabulate_facts(study: RegionalStudy, wording: Wording) -> ReportTable | None:
    """Tabulate main countries and further facts on migrants, by country."""
    partners: list[CitedWords] = []
    facts: list[CitedWords] = []
    for country in study.countries:
        known, area = country.assessment, country.area
        main = state_main_countries(known, wording)
        partners += [(area, ReportCell(one.sentence, sources=one.sources)) for one in main]
        facts += [(area, cite_practice(answer, wording)) for answer in list_sourced_comments(RESIDENTS, known)]
    named = {wording.say("Origins and destinations"): partners, wording.say("Further facts on migrants"): facts}
    return tabulate_by_group("table-facts", "Facts by country", "Facts", named, study, wording)


def tabulate_steps(study: RegionalStudy, wording: Wording) -> ReportTable | None:
    """Tabulate the steps with a source that several countries share, then one of each other country."""
    cells_by_action = index_steps(study, wording)
    shared = {action: cells for action, cells in cells_by_action.items() if len(cells) > 1}
    joined = {area for cells in shared.values() for area, _ in cells}
    alone = {cells[0][0]: cells[0] for cells in reversed(cells_by_action.values()) if cells[0][0] not in joined}
    named = {**shared, wording.say("Steps of one country"): [alone[area] for area in study.areas if area in alone]}
    return tabulate_by_group("table-steps", "Steps proposed by this report", "Step", named, study, wording)


def index_steps(study: RegionalStudy, wording: Wording) -> dict[str, list[CitedWords]]:
    """Index the steps that cite a source by action, those of most countries first."""
    cells_by_action: dict[str, list[CitedWords]] = {}
    for country in study.countries:
        for subject, answer in list_sourced_steps(country.assessment):
            action = wording.of(country.assessment.labels[f"CL_ROADMAP_ACTION.{subject}"])
            cells_by_action.setdefault(action, []).append((country.area, cite_practice(answer, wording)))
    return dict(sorted(cells_by_action.items(), key=lambda step: -len(step[1])))


def cite_practice(answer: SubjectAnswer, wording: Wording) -> ReportCell:
    return ReportCell(describe_practice(answer.practice, wording), sources=answer.sources)


def tabulate_by_group(
    name: str,
    caption: str,
    head: str,
    cells_by_group: Mapping[str, Sequence[CitedWords]],
    study: RegionalStudy,
    wording: Wording,
) -> ReportTable | None:
    rows = [
        row
        for group, cells in cells_by_group.items()
        if cells
        for row in (
            build_row((group,), "group"),
            *(build_row((build_country_link(study, area, wording), cell)) for area, cell in cells),
        )
    ]
    return tabulate(name, wording.say(caption), ("Country", head), rows, wording, stacked=True)


def tabulate_compared(study: RegionalStudy, wording: Wording) -> ReportTable | None:
    """Tabulate which countries are compared in which figures, and why others are not."""
    names_by_cells: dict[tuple[str, str], list[str]] = {}
    for one in study.one_source:
        countries = join_country_names(study, [value.area for value in one.values], wording)
        apart = [state_missing(one.missing, study, wording), wording.of(one.note)]
        cells = countries if one.is_comparable else "", wording.join_with_semicolons(filter(None, apart))
        names_by_cells.setdefault(cells, []).append(name_with(wording.of(one.name), one.period, wording))
    for comparison in (one for one in study.comparisons if one.figure.series not in RATE_SERIES):
        compared = [
            wording.pair(
                name_with(
                    join_country_names(study, [figure.area for figure in group.figures], wording),
                    group.figures[0].period,
                    wording,
                ),
                describe_rule(group.definition, wording),
            )
            for group in comparison.groups
            if group.is_comparable
        ]
        apart = list_uncompared(comparison, study, wording)
        cells = wording.join_with_semicolons(compared), wording.join_with_semicolons(apart)
        names_by_cells.setdefault(cells, []).append(wording.of(comparison.name))
    rows = [(wording.join_with_semicolons(names), *cells) for cells, names in names_by_cells.items() if any(cells)]
    heads = ("Figure", "Compared countries", "Not compared: residence rule and year, or another reason")
    rule = (
        "Two national figures are compared only if both follow the same residence rule and count the same type of stay."
    )
    caption = wording.say("Comparable figures")
    return tabulate("table-comparable", caption, heads, rows, wording, notes=(wording.say(rule),), stacked=True)


def name_with(name: str, year: str, wording: Wording) -> str:
    return wording.say("{first} ({second})", first=name, second=year)


def state_missing(areas: Sequence[str], study: RegionalStudy, wording: Wording) -> str:
    names = join_country_names(study, areas, wording)
    return wording.say("not in the data of this study: {countries}", countries=names) if areas else ""


def list_uncompared(comparison: Comparison, study: RegionalStudy, wording: Wording) -> list[str]:
    """List the countries whose figure is compared with none, with its year and residence rule."""
    groups = [group for group in comparison.groups if not group.is_comparable]
    rules = {figure.area: describe_rule(group.definition, wording) for group in groups for figure in group.figures}
    years = {figure.area: figure.period for group in groups for figure in group.figures}
    if comparison.figure.indicator == SHARE:  # a newer count may have no exact share
        codes = [codes for codes in MIGRANTS if comparison.figure.population in codes]
        for area in sorted({*years, *comparison.missing}):
            if count := find_newest_migrants(study.country(area).assessment, groups=codes):
                years[area] = count.count.period
    names_by_rule: dict[str, list[str]] = {}
    for area, year in sorted(years.items()):
        rule = rules.get(area) or describe_rule(Definition(), wording)
        names_by_rule.setdefault(rule, []).append(name_with(name_country(study, area, wording), year, wording))
    reasons = [wording.pair(wording.series(names), rule) for rule, names in names_by_rule.items()]
    missing = [area for area in comparison.missing if area not in years]
    return [*reasons, *filter(None, [state_missing(missing, study, wording)])]
