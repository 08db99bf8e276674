"""Net migration of the countries by year: sums, extremes, doubts and a chart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import takewhile

from sdmxmig.reporting.charts import line_charts
from sdmxmig.reporting.charts.line_charts import SeriesLine, SeriesPlot, SeriesPoint
from sdmxmig.reporting.sections.blocks import ReportCell, ReportColumn, ReportFigure, build_figure
from sdmxmig.reporting.sections.columns import build_table
from sdmxmig.reporting.sections.composition import MOVE_FLOWS, list_doubtful_years
from sdmxmig.reporting.sections.consistency import list_conflicting_counts
from sdmxmig.reporting.sections.key_figures import name_edition
from sdmxmig.reporting.sections.region.naming import (
    MAX_NAMED,
    name_country,
    translate_source,
)
from sdmxmig.reporting.sections.series import (
    build_labels,
    choose_marks,
    find_series,
    index_by_period,
    state_not_final,
)
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Point
from sdmxmig.statistics.model.region import Country, OneSourceComparison, RegionalStudy

NET = "NET_MIGRATION"
MIN_YEARS, MAX_YEARS = 3, 10


@dataclass(frozen=True, slots=True)
class NetMigration:
    """Net migration of all countries in the same years, by area and year; `source` is empty for national figures."""

    points: Mapping[str, Mapping[str, Point]]
    years: tuple[str, ...]
    source: str = ""

    def value(self, area: str, year: str) -> Decimal:
        return self.points[area][year].value or Decimal(0)

    @property
    def period(self) -> str:
        return f"{self.years[0]}–{self.years[-1]}"


def find_one_source(name: str, study: RegionalStudy) -> OneSourceComparison | None:
    return next((figure for figure in study.one_source if figure.id == name), None)


def find_net_migration(study: RegionalStudy) -> NetMigration | None:
    """Return the last years that all of a few countries share, from one source or else by national figures."""
    if len(study.countries) > MAX_NAMED:
        return None
    common = find_one_source(NET, study)
    source = common.source if common is not None and not common.missing else ""
    if common is not None and source:
        points = {
            area: {
                value.period: Point(value.period, value.value, status=value.status)
                for value in (*common.earlier, *common.values)
                if value.area == area
            }
            for area in study.areas
        }
    else:
        points = {
            country.area: {
                year: point
                for year, point in index_by_period(find_series(country.assessment, "net")).items()
                if point.value is not None and year.isdigit()
            }
            for country in study.countries
        }
    shared = sorted(set.intersection(*(set(of) for of in points.values())))
    counted_back = (str(int(shared[-1]) - back) for back in range(MAX_YEARS)) if shared else ()
    years = tuple(reversed(list(takewhile(shared.__contains__, counted_back))))
    return NetMigration(points, years, source) if len(years) >= MIN_YEARS else None


def state_sums(net: NetMigration, study: RegionalStudy, wording: Wording) -> str:
    """State which countries gained and lost by migration over the years, to the nearest hundred."""
    sums = {area: sum((net.value(area, year) for year in net.years), Decimal(0)) for area in study.areas}
    numbers = []
    for area in sorted(sums, key=lambda area: -sums[area]):
        named = f"{name_country(study, area, wording)}\u00a0{wording.write_signed(round(sums[area], -2))}"
        remark = "" if net.source else wording.join_with_commas(list_reservations(net, study.country(area), wording))
        numbers.append(wording.say("{first} ({second})", first=named, second=remark) if remark else named)
    return wording.say(
        "{name} in {year}: {numbers}",
        name=wording.say("Net migration"),
        year=wording.year(net.period, name_edition(net.source, wording) if net.source else ""),
        numbers=wording.join_with_semicolons(numbers),
    )


def list_reservations(net: NetMigration, country: Country, wording: Wording) -> Iterator[str]:
    for effect in list_conflicting_counts(country.assessment):
        yield wording.say("in question since the census of {year}", year=effect.period)
    yield from (wording.pair(year, remark) for year, remark in list_remarks(net, country, wording).items() if remark)


def list_remarks(net: NetMigration, country: Country, wording: Wording) -> Mapping[str, str]:
    """State for each year that its national figure is not final, or is in doubt."""
    doubtful = list_doubtful_years(country.assessment, *MOVE_FLOWS)
    return {
        year: ""
        if net.source
        else wording.say("in doubt")
        if year in doubtful
        else state_not_final([net.points[country.area][year].status], wording)
        for year in net.years
    }


def draw_net_migration(net: NetMigration, study: RegionalStudy, wording: Wording) -> ReportFigure:
    """Draw net migration by year with a panel for each country on one scale."""
    marks, decimals = choose_marks([net.value(area, year) for area in study.areas for year in net.years])
    ticks = tuple((float(mark), wording.write_signed(mark, decimals)) for mark in marks)
    names = {area: name_country(study, area, wording) for area in study.areas}
    remarks = {country.area: list_remarks(net, country, wording) for country in study.countries}
    plots = []
    for area, name in names.items():
        course = (
            SeriesPoint(int(year), float(net.value(area, year)), is_final=not remarks[area][year]) for year in net.years
        )
        plots.append(SeriesPlot((SeriesLine(name, tuple(course)),), ticks))
    edition = name_edition(net.source, wording) if net.source else ""
    title = wording.qualified((wording.say("Net migration"), wording.year(net.period, edition)))
    rows: list[tuple[ReportCell | str, ...]] = [
        (
            year,
            *(
                ReportCell(wording.write_signed(net.value(area, year)), note=remarks[area][year])
                for area in study.areas
            ),
        )
        for year in net.years
    ]
    courses = (
        wording.pair(
            name,
            wording.join_with_commas(f"{year} {wording.write_signed(net.value(area, year))}" for year in net.years),
        )
        for area, name in names.items()
    )
    labels = build_labels(
        "figure-net",
        title,
        description=wording.say("Lines by year: {countries}.", countries=wording.join_with_semicolons(courses)),
        words={"provisional": wording.say("provisional, estimated, inferred or in doubt")},
        wording=wording,
    )
    source = wording.say("Source: the reports on the countries, which name the sources of each figure.")
    if net.source:
        source = wording.say("Source: {sources}.", sources=translate_source(net.source, study, wording).rstrip("."))
    heads: tuple[ReportColumn | str, ...] = ("Year", *(ReportColumn(name, is_number=True) for name in names.values()))
    data = build_table("data-net", title, heads, rows, wording)
    return build_figure(labels, line_charts.draw(plots, labels), data=data, source=source)
