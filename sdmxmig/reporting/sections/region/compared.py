"""Which figures are compared, and the steps and facts of each country."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sdmxmig.reporting.sections.blocks import CitedSentence, ReportCell, ReportTable, build_row
from sdmxmig.reporting.sections.columns import tabulate
from sdmxmig.reporting.sections.composition import GROUP_NAMES, MIGRANTS, find_newest_migrants
from sdmxmig.reporting.sections.consistency import (
    list_conflicting_counts,
    list_sources_of_conflict,
)
from sdmxmig.reporting.sections.key_figures import (
    find_source_keys,
    format_on_one_line,
    list_count_sources,
)
from sdmxmig.reporting.sections.office import list_sourced_steps
from sdmxmig.reporting.sections.quantities import find_latest_flow, state_share
from sdmxmig.reporting.sections.region.comparability import MAX_COLUMNS, list_coverage_remarks
from sdmxmig.reporting.sections.region.comparable_series import draw_comparable_series
from sdmxmig.reporting.sections.region.matrix import tabulate_by_country
from sdmxmig.reporting.sections.region.naming import (
    build_country_link,
    describe_practice,
    join_country_names,
    name_areas,
    name_country,
    write_date,
    write_figure_value,
)
from sdmxmig.reporting.sections.region.net_migration import draw_net_migration, find_net_migration
from sdmxmig.reporting.sections.series import label_statuses, state_not_final
from sdmxmig.reporting.sections.views import REGION_VIEWS
from sdmxmig.reporting.sections.wording import Wording, capitalise
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.availability import Bounds
from sdmxmig.statistics.model.indicator_results import SubjectAnswer
from sdmxmig.statistics.model.region import Comparison, Country, RegionalStudy

SHARE = "MIG_SHARE"
MAX_JOINT_STEPS = 2
"""Number of joint steps from which a country adds no step of its own."""
FLOW_SERIES = ("IMM", "EMI")
RATE_SERIES = ("CIR", "CER", "CNR")
"""Rates of flows, which invite a comparison: they are shown only if it is possible."""


@REGION_VIEWS.add("compared")
def view(study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    net, courses = find_net_migration(study), draw_comparable_series(study, wording)
    drawn = draw_net_migration(net, study, wording) if net else courses
    return {
        "label": wording.say("Comparison by country"),
        "heading": state_comparison(study, wording),
        "tables": list(filter(None, (tabulate_national(study, wording), drawn and drawn.data))),
    }


def state_comparison(study: RegionalStudy, wording: Wording) -> str:
    """State whether national figures are compared."""
    if any(comparison.is_comparable for comparison in study.comparisons):
        return wording.say("National figures are compared where residence rule, type of stay and year agree")
    return wording.say("National figures are not comparable: residence rules or years differ or are not confirmed")


def list_findings(study: RegionalStudy, wording: Wording) -> list[tuple[ReportCell, ReportCell]]:
    """List the findings of the study on each country, which is linked to its page."""
    return [
        (build_country_link(study, area, wording), ReportCell(wording.of(finding.name), sources=finding.sources))
        for finding in study.findings
        for area in finding.areas
    ]


def tabulate_steps(study: RegionalStudy, wording: Wording) -> ReportTable | None:
    """Tabulate the joint steps of the study, and the first other step of each country that cites a source."""
    if len(study.countries) > MAX_COLUMNS:
        return None
    rows = []
    for step in study.steps:
        is_of_all = set(step.areas) == set(study.areas) and len(study.areas) > 2
        names = wording.say("All countries of the study") if is_of_all else name_areas(study, step.areas, wording)
        rows.append(build_row((names, ReportCell(wording.of(step.name), sources=step.sources))))
    joint = {(action, area) for step in study.steps for action in step.actions for area in step.areas}
    for country in study.countries:
        if sum(country.area in step.areas for step in study.steps) >= MAX_JOINT_STEPS:
            continue
        steps = [of for action, of in list_sourced_steps(country.assessment) if (action, country.area) not in joint]
        rows += [
            build_row((build_country_link(study, country.area, wording), cite_practice(answer, wording)))
            for answer in steps[:1]
        ]
    caption = wording.say("Steps proposed by this report")
    return tabulate("table-steps", caption, ("Country", "Step"), rows, wording, stacked=True)


def cite_practice(answer: SubjectAnswer, wording: Wording) -> ReportCell:
    return ReportCell(describe_practice(answer.practice, wording), sources=answer.sources)


def tabulate_national(study: RegionalStudy, wording: Wording, *, is_cited: bool = True) -> ReportTable | None:
    """Tabulate the newest national figures, with the countries that can be compared or the reason why not."""
    lines, compared = [], []
    is_folded = any(map(has_older_flows, study.countries))
    for comparison in study.comparisons:
        if is_folded and comparison.figure.series in FLOW_SERIES and not comparison.is_comparable:
            continue
        cells = [build_national_cell(comparison, country, wording, is_folded=is_folded) for country in study.countries]
        cells = cells if is_cited else [replace(cell, sources=()) for cell in cells]
        is_shown = comparison.figure.series not in RATE_SERIES or comparison.is_comparable
        if is_shown and sum(not cell.is_absent for cell in cells) > 1:
            codes = find_codes(comparison)
            lines.append((ReportCell(wording.say(GROUP_NAMES[codes]) if codes else wording.of(comparison.name)), cells))
            compared.append(state_compared(comparison, study, wording))
    if not lines:
        return None
    is_one_answer = len(set(compared)) == 1
    words = capitalise(compared[0])
    if any(comparison.is_comparable for comparison in study.comparisons):
        words = wording.pair(wording.say("Comparability"), compared[0])
    answer = wording.say("{sentence}.", sentence=words)
    limits = (
        wording.pair(name_country(study, country.area, wording), " ".join(sentences))
        for country in study.countries
        if (sentences := list_coverage_remarks(study, country, wording))
    )
    caption = wording.say("National figures, newest year")
    return tabulate_by_country(
        "table-national",
        caption,
        lines,
        study,
        wording,
        notes=(*([answer] if is_one_answer else []), *limits),
        last=("", ()) if is_one_answer else ("Comparability", compared),
    )


def has_older_flows(country: Country) -> bool:
    """Check whether the newest flows are older than net migration, so that they do not explain it."""
    net, *flows = (find_latest_flow(country.assessment, role) for role in ("net", "immigration", "emigration"))
    return net is not None and any(flow is not None and flow.period < net.period for flow in flows)


def find_codes(comparison: Comparison) -> tuple[str, str] | None:
    """Return the codes of the migrants whose share is compared."""
    population = comparison.figure.population
    is_share = comparison.figure.indicator == SHARE
    return next((codes for codes in MIGRANTS if population in codes), None) if is_share else None


def build_national_cell(
    comparison: Comparison, country: Country, wording: Wording, *, is_folded: bool = False
) -> ReportCell:
    """Write the compared figure, or else the newest one; for migrants, the count with its share."""
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
    day = next((one.note for one in country.assessment.series if one.id == comparison.figure.series), Text())
    details: list[CitedSentence] = []
    if comparison.figure.series == "NET" and is_folded:
        details += describe_flows(country, figure.period, wording)
    if comparison.figure.series == "POP":
        details += list_census_counts(country, wording)
    remarks = (
        write_date(day, figure.period, state_not_final([figure.status], wording), wording),
        wording.of(figure.basis),
        *(detail.sentence for detail in details),
    )
    keys = (*find_source_keys(figure.sources, country.assessment), *(key for of in details for key in of.sources))
    return ReportCell(
        write_figure_value(figure, comparison, wording),
        note=wording.join_with_semicolons(remarks),
        sources=tuple(dict.fromkeys(keys)),
    )


def describe_flows(country: Country, year: str, wording: Wording) -> Iterator[CitedSentence]:
    """State the flows of the year of net migration."""
    for role in ("immigration", "emigration"):
        flow, name = find_latest_flow(country.assessment, role), wording.say(role)
        if flow is not None and flow.value is not None and flow.period == year:
            keys = find_source_keys(flow.sources, country.assessment)
            yield CitedSentence(wording.pair(name, wording.number(flow.value)), keys)


def list_census_counts(country: Country, wording: Wording) -> Iterator[CitedSentence]:
    """State each census count that contradicts the yearly population."""
    for effect in list_conflicting_counts(country.assessment):
        if effect.first.value is not None:
            name = wording.year(effect.period, wording.say("census"))
            keys = find_source_keys(list_sources_of_conflict(effect, country.assessment), country.assessment)
            yield CitedSentence(wording.pair(name, wording.number(effect.first.value)), keys)


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
