"""Figures of one source side by side, and the heading of a study."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from sdmxmig.reporting.sections.blocks import ReportCell, ReportTable
from sdmxmig.reporting.sections.composition import find_newest_migrants
from sdmxmig.reporting.sections.key_figures import name_edition
from sdmxmig.reporting.sections.region.compared import SHARE
from sdmxmig.reporting.sections.region.matrix import tabulate_by_country
from sdmxmig.reporting.sections.region.naming import (
    MAX_NAMED,
    list_sources,
    name_country,
    write_comments,
)
from sdmxmig.reporting.sections.region.stocks import EMIGRANTS, ORIGIN, STOCK, find_figure, find_value, state_superseded
from sdmxmig.reporting.sections.series import describe_year, state_not_final
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.calculations.availability import ESTIMATES_FLOW
from sdmxmig.statistics.model.region import Country, OneSourceComparison, OneSourceValue, RegionalStudy

WITHOUT_CHANGE = ("POPULATION", "MIGRANT_WOMEN")
"""Figures beside which others are read."""


def tabulate_one_source(study: RegionalStudy, wording: Wording) -> ReportTable | None:
    """Tabulate the figures that one source counts alike in several countries."""
    compared = [comparison for comparison in study.one_source if comparison.is_comparable]
    lines = [
        (
            ReportCell(wording.of(comparison.name), note=describe_day_and_edition(comparison, wording)),
            [build_one_source_cell(comparison, country, wording) for country in study.countries],
        )
        for comparison in compared
    ]
    caption = wording.say("Figures from one source for several countries")
    notes = list_one_source_notes(compared, study, wording)
    return tabulate_by_country("table-one-source", caption, lines, study, wording, notes=notes)


def describe_day_and_edition(comparison: OneSourceComparison, wording: Wording) -> str:
    superseded = state_superseded(comparison, wording)
    return wording.join_with_semicolons((write_day_and_year(comparison, wording), superseded))


def write_day_and_year(comparison: OneSourceComparison, wording: Wording) -> str:
    remark = state_not_final([value.status for value in comparison.values], wording)
    day = wording.day(comparison.day, comparison.period)
    if day and remark:
        return wording.say("{first} ({second})", first=day, second=remark)
    return day or wording.year(comparison.period, remark)


def build_one_source_cell(comparison: OneSourceComparison, country: Country, wording: Wording) -> ReportCell:
    """Write a figure with its change in the same source, its share, and a newer estimate."""
    value = find_value(comparison, country)
    if value is None:
        return wording.absent()
    notes = (
        "" if comparison.id in WITHOUT_CHANGE else describe_change(comparison, country, value.value, wording),
        describe_share(comparison, value, wording),
        describe_newer_estimate(comparison, country, wording),
    )
    return ReportCell(wording.number(value.value, 0), note=wording.join_with_semicolons(notes))


def describe_share(comparison: OneSourceComparison, value: OneSourceValue, wording: Wording) -> str:
    if value.share is None:
        return ""
    share = wording.write_percent(value.share)
    is_beside = comparison.share_source == comparison.source
    return share if is_beside else wording.say("{share} of the population", share=share)


def describe_change(comparison: OneSourceComparison, country: Country, value: Decimal, wording: Wording) -> str:
    """State the change since an earlier year, in per cent too unless the earlier figure was small beside it."""
    earlier = next((one for one in comparison.earlier if one.area == country.area), None)
    if earlier is None or not earlier.value:
        return ""
    change = value - earlier.value
    written = wording.write_signed(change, 0)
    if abs(change) <= earlier.value:
        percent = wording.write_percent(change / earlier.value, 0)
        return wording.say("{change} ({percent}) since {year}", change=written, percent=percent, year=earlier.period)
    return wording.say("{change} since {year}", change=written, year=earlier.period)


def describe_newer_estimate(comparison: OneSourceComparison, country: Country, wording: Wording) -> str:
    """State a later estimate of migrants that the other countries of the study lack."""
    newest = find_newest_migrants(country.assessment, flows=[ESTIMATES_FLOW]) if comparison.id == STOCK else None
    number = newest.count.value(*newest.codes) if newest and newest.count.period[:4] > comparison.period else None
    if newest is None or number is None:
        return ""
    edition = wording.year(newest.count.period, name_edition(newest.count.source, wording))
    return wording.pair(edition, wording.number(number))


def list_one_source_notes(
    compared: Sequence[OneSourceComparison], study: RegionalStudy, wording: Wording
) -> Iterator[str]:
    """Yield the sources, then the remarks on each figure that are not on one before it."""
    computed = wording.say("The shares were calculated for this study; a published share can differ.")
    has_shares = any(one.share_source for one in compared)
    yield " ".join((*list_sources(compared, study, wording), *([computed] if has_shares else [])))
    known: set[str] = set()
    for comparison in compared:
        remarks = [one for one in write_comments(comparison, study, wording) if one not in known]
        known.update(remarks)
        if remarks:
            yield wording.pair(wording.of(comparison.name), " ".join(remarks))


FOREIGN_BORN = ("FB", "_T")
"""The indicator whose rule national counts follow, and the codes of whom they count."""


def state_migrants(study: RegionalStudy, wording: Wording) -> str:
    """State a figure that one source has of all countries, in an edition that is not superseded if possible."""
    found = [figure for name in (STOCK, ORIGIN, EMIGRANTS) if (figure := find_figure(name, study))]
    whole = [figure for figure in found if not figure.missing] or found
    if whole:
        comparison = min(whole, key=lambda figure: bool(figure.superseded_by))
        edition = state_superseded(comparison, wording) or name_edition(comparison.source, wording)
        year = wording.year(comparison.period, edition)
        values = {value.area: value.value for value in comparison.values}
        return describe_by_country(wording.of(comparison.name), year, values, study, wording)
    counts = [find_newest_migrants(country.assessment) for country in study.countries]
    if are_alike(study):
        alike = [one for one in counts if one]
        statuses = [status for one in alike for status in one.count.statuses]
        year = describe_year(alike[0].count.period, statuses, wording)
        numbers = (one.count.value(*one.codes) or Decimal(0) for one in alike)
        values = dict(zip(study.areas, numbers, strict=True))
        return describe_by_country(wording.say("Foreign-born"), year, values, study, wording)
    years = sorted(one.count.period[:4] for one in counts if one)
    if not years:
        return wording.say("No figures on migrants in any country of the study")
    return wording.say(
        "Migrants are counted by national definitions in {n} of {total} countries ({years})",
        n=wording.number(len(years)),
        total=wording.number(len(study.countries)),
        years=years[0] if years[0] == years[-1] else f"{years[0]}–{years[-1]}",
    )


def describe_by_country(
    name: str, year: str, values: Mapping[str, Decimal], study: RegionalStudy, wording: Wording
) -> str:
    ordered = sorted(values.items(), key=lambda value: (-value[1], value[0]))
    areas_named = [(area, values[area]) for area in study.areas if area in values]
    shown = areas_named if len(ordered) <= MAX_NAMED else [ordered[0], ordered[-1]]
    numbers = wording.join_with_semicolons(
        f"{name_country(study, area, wording)}\u00a0{wording.number(number)}" for area, number in shown
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


def are_alike(study: RegionalStudy) -> bool:
    counts = [find_newest_migrants(country.assessment) for country in study.countries]
    exact = [(one.count.period, one.codes) for one in counts if one and one.is_exact]
    are_foreign_born = len(exact) == len(counts) and len(set(exact)) == 1 and exact[0][1] == FOREIGN_BORN
    return are_foreign_born and any(
        (comparison.figure.indicator, comparison.figure.population) == (SHARE, FOREIGN_BORN[0])
        and comparison.is_comparable_everywhere
        for comparison in study.comparisons
    )
