"""Figures of one source side by side, and the heading of a study."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from sdmxmig.reporting.sections.blocks import ReportCell, ReportTable
from sdmxmig.reporting.sections.composition import find_newest_migrants
from sdmxmig.reporting.sections.key_figures import name_edition
from sdmxmig.reporting.sections.quantities import state_share
from sdmxmig.reporting.sections.region.compared import list_census_conflicts
from sdmxmig.reporting.sections.region.matrix import tabulate_by_country
from sdmxmig.reporting.sections.region.naming import (
    MAX_NAMED,
    list_sources,
    name_country,
    write_comments,
    write_figure_value,
)
from sdmxmig.reporting.sections.region.stocks import EMIGRANTS, STOCK, find_figure, find_value
from sdmxmig.reporting.sections.series import state_not_final
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.region import Comparison, Country, OneSourceComparison, OneSourceValue, RegionalStudy

NET = "NET_MIGRATION"
POPULATION = "POPULATION"
PARTS = {"ORIGIN": STOCK, "DESTINATION": EMIGRANTS}
"""Figures that are parts of another."""


def tabulate_one_source(study: RegionalStudy, wording: Wording) -> ReportTable | None:
    """Tabulate the figures that one source counts alike in several countries."""
    periods = {one.id: one.period for one in study.one_source}
    compared = [one for one in study.one_source if periods.get(PARTS.get(one.id, ""), one.period) == one.period]
    lines = [
        (
            ReportCell(wording.of(comparison.name), note=write_day_and_year(comparison, wording)),
            [build_one_source_cell(comparison, country, wording) for country in study.countries],
        )
        for comparison in compared
    ]
    caption = wording.say("Figures from one source for several countries")
    notes = list_one_source_notes(compared, study, wording)
    return tabulate_by_country("table-one-source", caption, lines, study, wording, notes=notes)


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
        "" if comparison.id == POPULATION else describe_change(comparison, country, value.value, wording),
        describe_share(value, wording),
        describe_newer_estimate(comparison, country, wording),
    )
    return ReportCell(write_value(comparison, value.value, wording), note=wording.join_with_semicolons(notes))


def write_value(comparison: OneSourceComparison, value: Decimal, wording: Wording) -> str:
    return wording.write_signed(value, 0) if comparison.id == NET else wording.number(value, 0)


def describe_share(value: OneSourceValue, wording: Wording) -> str:
    return state_share(value.value, value.whole, wording) if value.whole else ""


def describe_change(comparison: OneSourceComparison, country: Country, value: Decimal, wording: Wording) -> str:
    """State the change since an earlier year, in per cent too unless the earlier figure was small beside it."""
    earlier = next((one for one in comparison.earlier if one.area == country.area), None)
    if earlier is None or not earlier.value:
        return ""
    if comparison.id == NET:
        return wording.pair(earlier.period, write_value(comparison, earlier.value, wording))
    change = value - earlier.value
    written = wording.write_signed(change, 0)
    if abs(change) <= earlier.value:
        percent = wording.write_percent(change / earlier.value, 0)
        return wording.say("{change} ({percent}) since {year}", change=written, percent=percent, year=earlier.period)
    return wording.say("{change} since {year}", change=written, year=earlier.period)


def describe_newer_estimate(comparison: OneSourceComparison, country: Country, wording: Wording) -> str:
    """State the figure of a later edition that the other countries of the study lack."""
    later = next((value for value in reversed(comparison.later) if value.area == country.area), None)
    if later is None:
        return ""
    edition = wording.year(later.period, name_edition(later.source, wording))
    return wording.pair(edition, wording.number(later.value, 0))


def list_one_source_notes(
    compared: Sequence[OneSourceComparison], study: RegionalStudy, wording: Wording
) -> Iterator[str]:
    """Yield the sources, then the remarks on each figure that are not on one before it."""
    yield from list_sources(compared, study, wording)
    if superseded := {wording.of(one.name): one.superseded_by for one in compared if one.superseded_by}:
        yield wording.say(
            "Superseded by the edition of {year}, which these data do not have for all countries: {figures}.",
            year=max(superseded.values()),
            figures=wording.join_with_semicolons(superseded),
        )
    if any(0 < len(one.earlier) < len(one.values) for one in compared):
        yield wording.say("A change is shown where one edition has both years.")
    known: set[str] = set()
    for comparison in compared:
        remarks = [one for one in write_comments(comparison, study, wording) if one not in known]
        known.update(remarks)
        if remarks:
            yield wording.pair(wording.of(comparison.name), " ".join(remarks))


def state_migrants(study: RegionalStudy, wording: Wording) -> str:
    """State who gains and loses by migration, or else the migrants that one source has of all countries."""
    if balance := find_balance(study):
        return state_national_balance(balance, study, wording)
    if found := [figure for name in (NET, STOCK, EMIGRANTS) if (figure := find_figure(name, study))]:
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


def find_balance(study: RegionalStudy) -> Comparison | None:
    """Return national net migration if a few countries all have it and one source does not."""
    common = find_figure(NET, study)
    if (common and not common.missing) or len(study.countries) > MAX_NAMED:
        return None
    return next((one for one in study.comparisons if one.figure.series == "NET" and not one.missing), None)


def state_national_balance(balance: Comparison, study: RegionalStudy, wording: Wording) -> str:
    figures = {figure.area: figure for group in balance.groups for figure in group.figures}
    numbers = (
        wording.say(
            "{first} ({second})",
            first=f"{name_country(study, area, wording)}\u00a0{write_figure_value(figures[area], balance, wording)}",
            second=wording.qualified((figures[area].period, state_not_final([figures[area].status], wording))),
        )
        for area in study.areas
    )
    return wording.pair(wording.say("Net migration by national figures"), wording.join_with_semicolons(numbers))


def limit_comparison(study: RegionalStudy, wording: Wording) -> str:
    """State how far the national figures of the heading can be compared."""
    balance = find_balance(study)
    if balance is None or balance.is_comparable_everywhere:
        return ""
    doubts = (
        wording.pair(name_country(study, country.area, wording), " ".join(conflicts))
        for country in study.countries
        if (conflicts := list_census_conflicts(country, wording))
    )
    limit = "Residence rules or years of these national figures differ or are not confirmed: do not compare the sizes."
    return " ".join((wording.say(limit), *doubts))


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
