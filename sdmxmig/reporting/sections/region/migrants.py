"""Migrants by country."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from sdmxmig.reporting.sections.blocks import ReportCell, ReportColumn, ReportTable, row
from sdmxmig.reporting.sections.composition import GROUPS, newest_migrants, source_of
from sdmxmig.reporting.sections.net_migration import latest_flow
from sdmxmig.reporting.sections.provisional import year_in_words
from sdmxmig.reporting.sections.quantities import label_of, quantity, year_of_count
from sdmxmig.reporting.sections.region.naming import FEW, cited, comments, country_name, few, listed, rule_in_words
from sdmxmig.reporting.sections.wording import Wording, lowered
from sdmxmig.sdmx.model.region import Country, OneSourceComparison, RegionalStudy

STOCK = "MIGRANT_STOCK"
"""The common migrant stock figure."""
SHARE, FOREIGN_BORN = "MIG_SHARE", ("FB", "_T")
"""The indicator whose rule national counts follow, and the codes of whom they count."""


def heading(study: RegionalStudy, wording: Wording) -> str:
    """How many migrants the countries have together, else how many countries count them and when."""
    stock = stock_of(study)
    if stock is not None:
        areas = [value.area for value in stock.values]
        total = sum((value.value for value in stock.values), Decimal(0))
        return together(areas, total, year_of(stock, wording), study=study, wording=wording)
    counts = [newest_migrants(country.assessment) for country in study.countries]
    if are_alike(study):
        alike = [(count, codes) for count, codes in filter(None, counts)]
        total = sum((count.value(*codes) or Decimal(0) for count, codes in alike), Decimal(0))
        year = year_in_words(alike[0][0].period, [status for count, _ in alike for status in count.statuses], wording)
        return together(study.areas, total, year, study=study, wording=wording)
    years = sorted(count[0].period[:4] for count in counts if count)
    if not years:
        return wording.say("No figures on migrants in any country of the study")
    return wording.say(
        "Migrants are counted by national definitions in {n} of {total} countries ({years})",
        n=wording.number(len(years)),
        total=wording.number(len(study.countries)),
        years=years[0] if years[0] == years[-1] else f"{years[0]}–{years[-1]}",
    )


def together(areas: Sequence[str], total: Decimal, year: str, *, study: RegionalStudy, wording: Wording) -> str:
    names = listed(study, areas, wording) if len(areas) <= FEW else ""
    return wording.say(
        "{countries} had {n} international migrants in {year}",
        countries=names or wording.count("{n} country", "{n} countries", len(areas)),
        n=wording.number(total),
        year=year,
    )


def year_of(stock: OneSourceComparison, wording: Wording) -> str:
    return year_in_words(stock.period, [value.status for value in stock.values], wording)


def are_alike(study: RegionalStudy) -> bool:
    counts = [newest_migrants(country.assessment) for country in study.countries]
    exact = [(count[0].period, count[1]) for count in counts if count and count[0].value(*count[1]) is not None]
    are_foreign_born = len(exact) == len(counts) and len(set(exact)) == 1 and exact[0][1] == FOREIGN_BORN
    return are_foreign_born and any(
        (comparison.figure.indicator, comparison.figure.population) == (SHARE, FOREIGN_BORN[0])
        and comparison.is_comparable_everywhere
        for comparison in study.comparisons
    )


def stock_of(study: RegionalStudy) -> OneSourceComparison | None:
    return next((figure for figure in study.one_source if figure.id == STOCK), None)


def table(study: RegionalStudy, wording: Wording) -> ReportTable | None:
    """One row a country: its migrants, their share, its flows and their rule."""
    stock = stock_of(study)
    year = [year_of(stock, wording)] if stock else []
    shown: list[tuple[ReportColumn, Callable[[Country], ReportCell]]] = [
        (
            ReportColumn(wording.commas([wording.say("International migrants"), *year]), is_number=True),
            lambda country: of_one_source(stock, country, wording),
        ),
        (
            ReportColumn(wording.commas([wording.say("Share of the population"), *year]), is_number=True),
            lambda country: share_of_one_source(stock, country, wording),
        ),
        (
            ReportColumn(wording.say("Latest national count"), is_number=True),
            lambda country: national_count(country, wording),
        ),
        (
            ReportColumn(wording.say("Immigration"), is_number=True),
            lambda country: flow(country, "immigration", wording),
        ),
        (ReportColumn(wording.say("Emigration"), is_number=True), lambda country: flow(country, "emigration", wording)),
        (ReportColumn(wording.say("Residence rule of flows")), lambda country: rule(country, study, wording)),
    ]
    filled = [(column, [say(country) for country in study.countries]) for column, say in shown]
    columns = [(column, cells) for column, cells in filled if not all(cell.is_absent for cell in cells)]
    if not columns:
        return None
    return ReportTable(
        "table-migrants",
        wording.say("Migrants by country"),
        columns=(ReportColumn(wording.say("Country")), *(column for column, _ in columns)),
        rows=tuple(
            row((country_name(study, country.area, wording), *(cells[place] for _, cells in columns)))
            for place, country in enumerate(study.countries)
        ),
        notes=tuple(notes(stock, study, wording)),
        stacked=True,
    )


def of_one_source(stock: OneSourceComparison | None, country: Country, wording: Wording) -> ReportCell:
    for value in stock.values if stock else ():
        if value.area == country.area:
            return ReportCell(wording.number(value.value))
    return wording.absent()


def share_of_one_source(stock: OneSourceComparison | None, country: Country, wording: Wording) -> ReportCell:
    for value in stock.values if stock else ():
        if value.area == country.area and value.share is not None:
            return ReportCell(wording.percent(value.share))
    return wording.absent()


def national_count(country: Country, wording: Wording) -> ReportCell:
    latest = newest_migrants(country.assessment)
    if latest is None:
        return wording.absent()
    count, codes = latest
    known = count.known(*codes)
    share = ""
    if isinstance(known, Decimal) and count.whole:
        share = wording.say("{share} of the residents", share=wording.percent(known / count.whole))
    group = lowered(wording.say(GROUPS[codes]))
    source = "" if count.kind else lowered(source_of(count, wording))
    remarks = (group, year_of_count(count, wording, known), source, share)
    return ReportCell(quantity(known, wording), note=wording.commas(filter(None, remarks)))


def flow(country: Country, role: str, wording: Wording) -> ReportCell:
    point = latest_flow(country.assessment, role)
    if point is None:
        return wording.absent()
    return ReportCell(quantity(point.known, wording), note=wording.year(point.period, label_of([point], wording)))


def rule(country: Country, study: RegionalStudy, wording: Wording) -> ReportCell:
    definition = dict(study.rules)[country.area]
    if not definition.is_stated:
        return wording.absent("not stated")
    return ReportCell(rule_in_words(definition, wording))


def notes(stock: OneSourceComparison | None, study: RegionalStudy, wording: Wording) -> list[str]:
    sentences = []
    if stock is not None:
        source = cited(stock.source, study, wording).rstrip(".")
        sentences.append(wording.say("International migrants are people born abroad. Source: {source}.", source=source))
        sentences += comments(stock, study, wording)
    if any(newest_migrants(country.assessment) for country in study.countries) and not are_alike(study):
        sentences.append(
            wording.say(
                "National counts differ from these figures in year, source or method. Do not compare them between "
                "countries."
                if stock is not None
                else "National counts follow national definitions. Do not compare them between countries."
            )
        )
    if any(definition.is_stated for _, definition in study.rules):
        sentences.append(wording.say("Migration flows are compared only under the same stated rule."))
    silent = [
        country.area
        for country in study.countries
        if not any(latest_flow(country.assessment, role) for role in ("immigration", "emigration"))
    ]
    if silent:
        names = few(study, silent, wording)
        sentences.append(
            wording.say("No immigration or emigration figures in this study: {countries}.", countries=names)
        )
    return sentences
