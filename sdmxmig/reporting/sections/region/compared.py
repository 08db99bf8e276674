"""Which figures are compared, and the steps and facts of each country."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sdmxmig.reporting.sections.blocks import ReportCell, ReportRow, ReportTable, build_row
from sdmxmig.reporting.sections.columns import tabulate
from sdmxmig.reporting.sections.composition import GROUP_NAMES, MIGRANTS, find_newest_migrants
from sdmxmig.reporting.sections.key_figures import (
    find_source_keys,
    format_on_one_line,
    list_count_sources,
    state_main_countries,
)
from sdmxmig.reporting.sections.office import RESIDENTS, list_sourced_comments, list_sourced_steps
from sdmxmig.reporting.sections.quantities import state_share
from sdmxmig.reporting.sections.region.comparability import MAX_COLUMNS, list_coverage_remarks
from sdmxmig.reporting.sections.region.courses import draw_courses
from sdmxmig.reporting.sections.region.matrix import tabulate_by_country
from sdmxmig.reporting.sections.region.naming import (
    build_country_link,
    describe_practice,
    join_country_names,
    name_country,
    write_figure_value,
)
from sdmxmig.reporting.sections.series import label_statuses, state_not_final
from sdmxmig.reporting.sections.standing import count_differing_years, describe_comparability, list_conflicting_counts
from sdmxmig.reporting.sections.views import REGION_VIEWS
from sdmxmig.reporting.sections.wording import Wording, capitalise
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.availability import Bounds
from sdmxmig.statistics.model.indicator_results import SubjectAnswer
from sdmxmig.statistics.model.region import Comparison, Country, RegionalStudy

SHARE = "MIG_SHARE"
MAX_STEPS = 2
RATE_SERIES = ("CIR", "CER", "CNR")
"""Rates of flows, which invite a comparison: they are shown only if it is possible."""


@REGION_VIEWS.add("compared")
def view(study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    drawn = draw_courses(study, wording)
    makers = [tabulate_national, *((tabulate_steps, tabulate_facts) if len(study.countries) <= MAX_COLUMNS else ())]
    tables = [make(study, wording) for make in makers]
    return {
        "label": wording.say("Comparison by country"),
        "heading": state_comparison(study, wording),
        "tables": list(filter(None, (*tables, drawn and drawn.data))),
    }


def state_comparison(study: RegionalStudy, wording: Wording) -> str:
    if any(comparison.is_comparable for comparison in study.comparisons):
        return wording.say("National figures are compared where residence rule, type of stay and year agree")
    return wording.say("National figures follow residence rules or years that differ or are not confirmed")


def tabulate_facts(study: RegionalStudy, wording: Wording) -> ReportTable | None:
    """Tabulate the main countries of origin and destination, or else newer facts, by country."""
    rows: list[ReportRow] = []
    for country in study.countries:
        main = [
            ReportCell(one.sentence, sources=one.sources) for one in state_main_countries(country.assessment, wording)
        ]
        comments = list_sourced_comments(RESIDENTS, country.assessment)
        cited = main or [cite_practice(one, wording) for one in comments]
        if cited:
            keys = tuple(dict.fromkeys(key for cell in cited for key in cell.sources))
            facts = ReportCell(" ".join(cell.text for cell in cited), sources=keys)
            rows.append(build_row((build_country_link(study, country.area, wording), facts)))
    heads = ("Country", "Facts")
    return tabulate("table-facts", wording.say("Further facts by country"), heads, rows, wording, stacked=True)


def tabulate_steps(study: RegionalStudy, wording: Wording) -> ReportTable | None:
    """Tabulate the first steps of each country that cite a source."""
    rows = [
        build_row((build_country_link(study, country.area, wording), cite_practice(answer, wording)))
        for country in study.countries
        for _, answer in list_sourced_steps(country.assessment)[:MAX_STEPS]
    ]
    caption = wording.say("Steps proposed by this report")
    return tabulate("table-steps", caption, ("Country", "Step"), rows, wording, stacked=True)


def cite_practice(answer: SubjectAnswer, wording: Wording) -> ReportCell:
    return ReportCell(describe_practice(answer.practice, wording), sources=answer.sources)


def tabulate_national(study: RegionalStudy, wording: Wording, *, is_cited: bool = True) -> ReportTable | None:
    """Tabulate the newest national figures, with the countries that can be compared or the reason why not."""
    lines, compared = [], []
    for comparison in study.comparisons:
        cells = [build_national_cell(comparison, country, wording) for country in study.countries]
        cells = cells if is_cited else [replace(cell, sources=()) for cell in cells]
        is_shown = comparison.figure.series not in RATE_SERIES or comparison.is_comparable
        if is_shown and sum(not cell.is_absent for cell in cells) > 1:
            codes = find_codes(comparison)
            lines.append((ReportCell(wording.say(GROUP_NAMES[codes]) if codes else wording.of(comparison.name)), cells))
            compared.append(state_compared(comparison, study, wording))
    if not lines:
        return None
    rule = (
        "Two national figures are compared only if both follow the same residence rule and count the same type of stay."
    )
    is_one_answer = len(set(compared)) == 1
    words = capitalise(compared[0])
    if any(comparison.is_comparable for comparison in study.comparisons):
        words = wording.pair(wording.say("Comparability"), compared[0])
    answer = wording.say("{sentence}.", sentence=words)
    limits = (
        wording.pair(name_country(study, country.area, wording), " ".join(sentences))
        for country in study.countries
        if (sentences := list_limits(country, study, wording))
    )
    caption = wording.say("National figures, newest year")
    return tabulate_by_country(
        "table-national",
        caption,
        lines,
        study,
        wording,
        notes=(*([answer] if is_one_answer else []), wording.say(rule), *limits),
        last=("", ()) if is_one_answer else ("Comparability", compared),
    )


def list_census_conflicts(country: Country, wording: Wording) -> list[str]:
    known = country.assessment
    phrases = (count_differing_years(one, known, wording) for one in list_conflicting_counts(known))
    return [wording.say("{sentence}.", sentence=capitalise(phrase)) for phrase in phrases]


def list_limits(country: Country, study: RegionalStudy, wording: Wording) -> list[str]:
    """List residence rules of a country, areas that its figures omit, and a census that contradicts its population."""
    return [
        *(rule.sentence for rule in describe_comparability(country.assessment, wording)),
        *list_census_conflicts(country, wording),
        *list_coverage_remarks(study, country, wording),
    ]


def find_codes(comparison: Comparison) -> tuple[str, str] | None:
    """Return the codes of the migrants whose share is compared."""
    population = comparison.figure.population
    is_share = comparison.figure.indicator == SHARE
    return next((codes for codes in MIGRANTS if population in codes), None) if is_share else None


def build_national_cell(comparison: Comparison, country: Country, wording: Wording) -> ReportCell:
    """Write a compared figure, or else the newest: of migrants the count with its share."""
    figures = ((group, figure) for group in comparison.groups for figure in group.figures)
    group, figure = next(((of, one) for of, one in figures if one.area == country.area), (None, None))
    codes = find_codes(comparison)
    migrants = find_newest_migrants(country.assessment, groups=[codes]) if codes else None
    if migrants and not (group and group.is_comparable and migrants.is_exact):
        count, known = migrants.count, migrants.known
        label = label_statuses(count.kind, (known.status,) if isinstance(known, Bounds) else count.statuses, wording)
        share = state_share(known, count.whole, wording) if known is not None and count.whole else ""
        note = wording.join_with_semicolons((wording.year(count.period, label), share))
        keys = list_count_sources(migrants, country.assessment)
        return ReportCell(format_on_one_line(known, wording), note=note, sources=keys)
    if figure is None:
        return wording.absent()
    remarks = (
        wording.year(figure.period, state_not_final([figure.status], wording)),
        wording.of(next((one.note for one in country.assessment.series if one.id == comparison.figure.series), Text())),
        wording.of(figure.basis),
    )
    return ReportCell(
        write_figure_value(figure, comparison, wording),
        note=wording.join_with_semicolons(remarks),
        sources=find_source_keys(figure.sources, country.assessment),
    )


def state_compared(comparison: Comparison, study: RegionalStudy, wording: Wording) -> str:
    """Name the countries whose figures are compared, or the reason why none are."""
    compared = [group for group in comparison.groups if group.is_comparable]
    if compared:
        return wording.join_with_semicolons(
            name_with(
                join_country_names(study, [figure.area for figure in group.figures], wording),
                group.figures[0].period,
                wording,
            )
            for group in compared
        )
    if not all(group.definition.is_definite for group in comparison.groups):
        return wording.say("not comparable: residence rules differ or are not confirmed")
    if len({group.definition.key for group in comparison.groups}) > 1:
        return wording.say("not comparable: residence rules differ")
    return wording.say("not comparable: years or sources differ")


def name_with(name: str, year: str, wording: Wording) -> str:
    return wording.say("{first} ({second})", first=name, second=year)
