"""Figures of one source side by side, and the heading of a study."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from sdmxmig.reporting.sections.blocks import ReportCell, ReportTable
from sdmxmig.reporting.sections.composition import STOCK_FLOWS, find_newest_migrants
from sdmxmig.reporting.sections.key_figures import find_source_keys, name_edition
from sdmxmig.reporting.sections.movements import find_latest_breakdown
from sdmxmig.reporting.sections.quantities import write_share
from sdmxmig.reporting.sections.region.matrix import tabulate_by_country
from sdmxmig.reporting.sections.region.naming import (
    MAX_NAMED,
    list_sources,
    name_country,
    translate_source,
    write_comments,
    write_date,
)
from sdmxmig.reporting.sections.region.net_migration import NET, find_net_migration, find_one_source, state_sums
from sdmxmig.reporting.sections.series import label_statuses, state_not_final
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.availability import Breakdown
from sdmxmig.statistics.model.region import Country, OneSourceComparison, RegionalStudy

POPULATION, STOCK, EMIGRANTS, ORIGIN = "POPULATION", "MIGRANT_STOCK", "EMIGRANTS", "ORIGIN"
PARTS = {ORIGIN: STOCK, "DESTINATION": EMIGRANTS}
"""Figures that are parts of another."""
MAX_DIFFERENCE = Decimal("0.2")
"""Share of an estimate up to which a national count supports it: our choice."""


def tabulate_one_source(study: RegionalStudy, wording: Wording) -> ReportTable | None:
    """Tabulate the figures that one source counts alike in several countries."""
    compared = list_tabulated(study)
    lines = [
        (
            ReportCell(
                wording.of(comparison.name),
                note=write_date(
                    comparison.day,
                    comparison.period,
                    state_not_final([value.status for value in comparison.values], wording),
                    wording,
                ),
            ),
            [build_one_source_cell(comparison, country, wording) for country in study.countries],
        )
        for comparison in compared
    ]
    caption = wording.say("Figures from one source for several countries")
    notes = list_one_source_notes(compared, study, wording)
    return tabulate_by_country("table-one-source", caption, lines, study, wording, notes=notes)


def list_tabulated(study: RegionalStudy) -> list[OneSourceComparison]:
    """Leave out parts of another edition; if net migration is drawn, leave out it and the population too."""
    periods = {one.id: one.period for one in study.one_source}
    of_edition = [one for one in study.one_source if periods.get(PARTS.get(one.id, ""), one.period) == one.period]
    if find_net_migration(study) is None:
        return of_edition
    return [one for one in of_edition if one.id not in (NET, POPULATION)]


def build_one_source_cell(comparison: OneSourceComparison, country: Country, wording: Wording) -> ReportCell:
    """Write a figure with its share."""
    value = next((value for value in comparison.values if value.area == country.area), None)
    if value is None:
        return wording.absent()
    share = write_share(value.value, value.whole, wording) if value.whole else ""
    return ReportCell(write_value(comparison, value.value, wording), note=share)


def write_value(comparison: OneSourceComparison, value: Decimal, wording: Wording) -> str:
    return wording.write_signed(value, 0) if comparison.id == NET else wording.number(value, 0)


def list_one_source_notes(
    compared: Sequence[OneSourceComparison], study: RegionalStudy, wording: Wording
) -> Iterator[str]:
    """Yield the sources, then the remarks on each figure, each remark once."""
    yield from list_sources(compared, study, wording)
    for whole in dict.fromkeys(one.share_source for one in compared if one.share_source):
        source = translate_source(whole, study, wording).rstrip(".")
        yield wording.say("Percentages are of the population ({source}).", source=source)
    if superseded := {wording.of(one.name): one.superseded_by for one in compared if one.superseded_by}:
        yield wording.say(
            "The United Nations have since published an edition of {year}, which was not available for all countries: "
            "{figures}.",
            year=max(superseded.values()),
            figures=wording.join_with_semicolons(superseded),
        )
    known: set[str] = set()
    for comparison in compared:
        remarks = [one for one in write_comments(comparison, study, wording) if one not in known]
        known.update(remarks)
        if remarks:
            yield wording.pair(wording.of(comparison.name), " ".join(remarks))


def state_migrants(study: RegionalStudy, wording: Wording) -> str:
    """State which countries gain and lose by migration, or else the migrants in all countries by one source."""
    if net := find_net_migration(study):
        return state_sums(net, study, wording)
    if found := [figure for name in (NET, STOCK, EMIGRANTS) if (figure := find_one_source(name, study))]:
        best = min(found, key=lambda figure: (bool(figure.missing), bool(figure.superseded_by)))
        return state_one_source(best, study, wording)
    counts = [find_newest_migrants(country.assessment) for country in study.countries]
    years = sorted(one.count.period[:4] for one in counts if one)
    if not years:
        return wording.say("No figures on migrants in any country of the study")
    return wording.say(
        "Migrants are counted by national definitions in {n} of {total} countries ({years})",
        n=wording.number(len(years)),
        total=wording.number(len(study.countries)),
        years=years[0] if years[0] == years[-1] else f"{years[0]}–{years[-1]}",
    )


def list_leads(study: RegionalStudy, wording: Wording) -> list[ReportCell]:
    """State the commonest origin of migrants, and how far national net migration can be compared."""
    net, origin = find_net_migration(study), find_one_source(ORIGIN, study)
    is_alike = any(one.figure.series == "NET" and one.is_comparable_everywhere for one in study.comparisons)
    limit = "The national residence rules differ or are not confirmed, so only large differences can be interpreted."
    return [
        *([state_origin(origin, study, wording)] if origin and not origin.superseded_by else []),
        *([ReportCell(wording.say(limit))] if net and not net.source and not is_alike else []),
    ]


def state_origin(origin: OneSourceComparison, study: RegionalStudy, wording: Wording) -> ReportCell:
    """State the persons born in a country by country of residence, then national counts that differ.

    If figures are rounded to thousands, all are: the precision of one would mislead beside the others.
    """
    numbers, counts = [], []
    keys: list[str] = []
    digits = -3 if any(value.value % 1000 == 0 for value in origin.values) else 0
    for value in sorted(origin.values, key=lambda value: -value.value):
        name, assessment = name_country(study, value.area, wording), study.country(value.area).assessment
        numbers.append(f"{name}\u00a0{wording.number(round(value.value, digits))}")
        keys += [key for key, source in assessment.sources.items() if source.startswith(value.source)]
        count = find_count_by_birth(origin, assessment)
        counted = count.value(origin.partner) if count else None
        if count is None or counted is None or abs(counted - value.value) <= MAX_DIFFERENCE * value.value:
            continue
        label = wording.qualified((label_statuses(count.kind, count.statuses, wording), count.period))
        counts.append(wording.say("{first} ({second})", first=f"{name}\u00a0{wording.number(counted)}", second=label))
        keys += find_source_keys(count.list_breakdown_sources((origin.partner,)), assessment)
    said = wording.say(
        "{name} in {year}: {numbers}",
        name=wording.of(origin.name),
        year=wording.year(origin.period, name_edition(origin.source, wording)),
        numbers=wording.join_with_semicolons(numbers),
    )
    sentences = [wording.say("{sentence}.", sentence=said)]
    if counts:
        share = wording.write_percent(MAX_DIFFERENCE, 0)
        phrase = "National counts that differ from the estimate by more than {share}: {numbers}."
        sentences.append(wording.say(phrase, share=share, numbers=wording.join_with_semicolons(counts)))
    return ReportCell(" ".join(sentences), sources=tuple(dict.fromkeys(keys)))


def find_count_by_birth(origin: OneSourceComparison, assessment: Assessment) -> Breakdown | None:
    """Return a national count of the persons born in a country that is not older than the estimate."""
    found = (find_latest_breakdown(assessment, flow, "C_BIRTH") for flow in STOCK_FLOWS)
    return next((one for one in found if one and one.period >= origin.period and one.value(origin.partner)), None)


def state_one_source(comparison: OneSourceComparison, study: RegionalStudy, wording: Wording) -> str:
    name = wording.say("Net migration") if comparison.id == NET else wording.of(comparison.name)
    year = wording.year(comparison.period, name_edition(comparison.source, wording))
    ordered = sorted(comparison.values, key=lambda value: (-value.value, value.area))
    shown = comparison.values if len(ordered) <= MAX_NAMED else (ordered[0], ordered[-1])
    numbers = wording.join_with_semicolons(
        f"{name_country(study, one.area, wording)}\u00a0{write_value(comparison, one.value, wording)}" for one in shown
    )
    if len(shown) == len(ordered):
        return wording.say("{name} in {year}: {numbers}", name=name, year=year, numbers=numbers)
    return wording.say(
        "{name} in {year}, most and fewest of {n} countries: {numbers}",
        name=name,
        year=year,
        n=wording.number(len(ordered)),
        numbers=numbers,
    )
