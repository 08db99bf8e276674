"""Which figures are compared, and the steps and facts of each country."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sdmxmig.reporting.sections.blocks import ReportCell, ReportTable, build_row
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
    write_comments,
    write_figure_value,
)
from sdmxmig.reporting.sections.series import label_statuses, state_not_final
from sdmxmig.reporting.sections.standing import count_differing_years, describe_comparability, list_conflicting_counts
from sdmxmig.reporting.sections.views import REGION_VIEWS
from sdmxmig.reporting.sections.wording import Wording, capitalise
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.availability import Bounds
from sdmxmig.statistics.model.indicator_results import SubjectAnswer
from sdmxmig.statistics.model.region import Comparison, Country, CountryFigure, RegionalStudy

SHARE = "MIG_SHARE"
RATE_SERIES = {"IMM": "CIR", "EMI": "CER", "NET": "CNR"}
"""The rate beside each flow. It follows the rules of the flow and of the population, which have their own lines."""
CitedWords = tuple[str, ReportCell]
"""A country and its words."""


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
    return wording.say("No national figures are compared: residence rules or years differ or are not confirmed")


def tabulate_facts(study: RegionalStudy, wording: Wording) -> ReportTable | None:
    """Tabulate main countries and further facts on migrants, by country."""
    rows = [
        build_row((build_country_link(study, country.area, wording), cell))
        for country in study.countries
        for cell in (
            *(
                ReportCell(one.sentence, sources=one.sources)
                for one in state_main_countries(country.assessment, wording)
            ),
            *(cite_practice(one, wording) for one in list_sourced_comments(RESIDENTS, country.assessment)),
        )
    ]
    heads = ("Country", "Facts")
    return tabulate("table-facts", wording.say("Origins and destinations"), heads, rows, wording, stacked=True)


def tabulate_steps(study: RegionalStudy, wording: Wording) -> ReportTable | None:
    """Tabulate the steps with a source that several countries share, then one of each other country."""
    cells_by_action = index_steps(study, wording)
    shared = {action: cells for action, cells in cells_by_action.items() if len(cells) > 1}
    joined = {area for cells in shared.values() for area, _ in cells}
    alone = {cells[0][0]: cells[0] for cells in reversed(cells_by_action.values()) if cells[0][0] not in joined}
    named = {**shared, wording.say("Steps of one country"): [alone[area] for area in study.areas if area in alone]}
    rows = [
        row
        for group, cells in named.items()
        if cells
        for row in (
            build_row((group,), "group"),
            *(build_row((build_country_link(study, area, wording), cell)) for area, cell in cells),
        )
    ]
    caption = wording.say("Steps proposed by this report")
    return tabulate("table-steps", caption, ("Country", "Step"), rows, wording, stacked=True)


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


def tabulate_national(study: RegionalStudy, wording: Wording, *, is_cited: bool = True) -> ReportTable | None:
    """Tabulate the newest national figures, with the countries that can be compared or the reason why not."""
    lines, compared = [], []
    for comparison in study.comparisons:
        cells = [build_national_cell(comparison, country, study, wording) for country in study.countries]
        cells = cells if is_cited else [replace(cell, sources=()) for cell in cells]
        if comparison.figure.series not in RATE_SERIES.values() and not all(cell.is_absent for cell in cells):
            codes = find_codes(comparison)
            lines.append((ReportCell(wording.say(GROUP_NAMES[codes]) if codes else wording.of(comparison.name)), cells))
            compared.append(state_compared(comparison, cells, study, wording))
    noted = [one for one in study.one_source if not one.is_comparable]
    for one in noted:
        values = {value.area: wording.number(value.value, 0) for value in one.values}
        cells = [ReportCell(values[area]) if area in values else wording.absent() for area in study.areas]
        lines.append((ReportCell(wording.of(one.name), note=one.period), cells))
        compared.append(wording.of(one.note))
    if not lines:
        return None
    rule = (
        "Two national figures are compared only if both follow the same residence rule and count the same type of stay."
    )
    remarks = (
        wording.pair(wording.of(one.name), " ".join(comments))
        for one in noted
        if (comments := write_comments(one, study, wording))
    )
    is_one_answer = len(set(compared)) == 1
    answer = wording.say("{sentence}.", sentence=wording.pair(wording.say("Compared countries"), compared[0]))
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
        notes=(*([answer] if is_one_answer else []), wording.say(rule), *limits, *remarks),
        last=("", ()) if is_one_answer else ("Compared countries", compared),
    )


def list_limits(country: Country, study: RegionalStudy, wording: Wording) -> list[str]:
    """List residence rules of a country, areas that its figures omit, and a census that contradicts its population."""
    known = country.assessment
    censuses = (count_differing_years(one, known, wording) for one in list_conflicting_counts(known))
    return [
        *(rule.sentence for rule in describe_comparability(known, wording)),
        *(wording.say("{sentence}.", sentence=capitalise(phrase)) for phrase in censuses),
        *list_coverage_remarks(study, country, wording),
    ]


def find_codes(comparison: Comparison) -> tuple[str, str] | None:
    """Return the codes of the migrants whose share is compared."""
    population = comparison.figure.population
    is_share = comparison.figure.indicator == SHARE
    return next((codes for codes in MIGRANTS if population in codes), None) if is_share else None


def build_national_cell(comparison: Comparison, country: Country, study: RegionalStudy, wording: Wording) -> ReportCell:
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
        describe_rate(comparison, figure, study, wording),
    )
    return ReportCell(
        write_figure_value(figure, comparison, wording),
        note=wording.join_with_semicolons(remarks),
        sources=find_source_keys(figure.sources, country.assessment),
    )


def describe_rate(of: Comparison, figure: CountryFigure, study: RegionalStudy, wording: Wording) -> str:
    """Write the rate of the same country and year that belongs to a flow."""
    rates = (one for one in study.comparisons if one.figure.series == RATE_SERIES.get(of.figure.series))
    return next(
        (
            wording.pair(wording.unit(study, rate.unit), write_figure_value(value, rate, wording))
            for rate in rates
            for group in rate.groups
            for value in group.figures
            if (value.area, value.period) == (figure.area, figure.period)
        ),
        "",
    )


def state_compared(comparison: Comparison, cells: Sequence[ReportCell], study: RegionalStudy, wording: Wording) -> str:
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
    if sum(not cell.is_absent for cell in cells) == 1:
        return wording.say("none: one country only")
    if not all(group.definition.is_definite for group in comparison.groups):
        return wording.say("none: residence rules differ or are not confirmed")
    is_one_rule = len({group.definition.key for group in comparison.groups}) == 1
    return wording.say("none: years or sources differ" if is_one_rule else "none: residence rules differ")


def name_with(name: str, year: str, wording: Wording) -> str:
    return wording.say("{first} ({second})", first=name, second=year)
