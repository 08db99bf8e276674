"""Immigrants and emigrants of the countries from one source: chart and change."""

from __future__ import annotations

from decimal import Decimal

from sdmxmig.reporting.charts.bars import StatusGroup, draw_groups
from sdmxmig.reporting.sections.blocks import ReportCell, ReportColumn, ReportFigure, build_figure
from sdmxmig.reporting.sections.columns import build_table
from sdmxmig.reporting.sections.key_figures import name_edition
from sdmxmig.reporting.sections.region.naming import (
    name_areas,
    name_country,
)
from sdmxmig.reporting.sections.series import build_labels
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.region import Country, OneSourceComparison, OneSourceValue, RegionalStudy

STOCK, EMIGRANTS = "MIGRANT_STOCK", "EMIGRANTS"
"""Common figures of page one: migrants, and persons born in the country who live abroad."""
MAX_DRAWN = 8
BAR_STEP = 26


def find_figure(name: str, study: RegionalStudy) -> OneSourceComparison | None:
    return next((figure for figure in study.one_source if figure.id == name), None)


def find_value(comparison: OneSourceComparison | None, country: Country) -> OneSourceValue | None:
    values = comparison.values if comparison else ()
    return next((value for value in values if value.area == country.area), None)


def draw_stocks(study: RegionalStudy, wording: Wording) -> ReportFigure | None:
    """Draw immigrants and emigrants by country; None unless the newest edition has both for two."""
    stock, abroad = find_figure(STOCK, study), find_figure(EMIGRANTS, study)
    if stock is None or abroad is None or stock.period != abroad.period or stock.superseded_by:
        return None
    both = [
        (country.area, here.value, away.value)
        for country in study.countries
        if (here := find_value(stock, country)) and (away := find_value(abroad, country))
    ]
    title = state_direction(both, stock.period, study, wording)
    if not 1 < len(both) <= MAX_DRAWN or not title:
        return None
    heads = [wording.say("Foreign-born"), wording.say("Natives abroad")]
    bars = [
        StatusGroup(
            code,
            "" if place else name_country(study, area, wording),
            value=value,
            written=wording.pair(head, wording.number(value)),
        )
        for area, *values in both
        for place, (code, head, value) in enumerate(zip(("IMMIGRANTS", "EMIGRANTS"), heads, values, strict=True))
    ]
    description = wording.say(
        "Bar chart from zero: {groups}.",
        groups=wording.join_with_semicolons(" ".join(filter(None, (bar.name, bar.written))) for bar in bars),
    )
    labels = build_labels("figure-stocks", title, description=description, words={}, wording=wording)
    data = build_table(
        "data-stocks",
        wording.say("Data for this figure: {title}", title=title),
        ("Country", *(ReportColumn(head, is_number=True) for head in heads)),
        ((name_country(study, area, wording), *map(ReportCell, map(wording.number, values))) for area, *values in both),
        wording,
    )
    drawn = draw_groups(bars, labels, step=BAR_STEP)
    return build_figure(
        labels,
        drawn,
        data=data,
        source=wording.say("{sentence}.", sentence=wording.year(stock.period, name_edition(stock.source, wording))),
    )


def state_direction(both: list[tuple[str, Decimal, Decimal]], year: str, study: RegionalStudy, wording: Wording) -> str:
    """State where more natives live abroad than foreign-born people live in the country, and where fewer."""
    more = [area for area, here, away in both if away > here]
    fewer = [area for area, here, away in both if away < here]
    sentences = {
        "{countries}: more natives abroad than foreign-born residents in {year}": more,
        "{countries}: more foreign-born residents than natives abroad in {year}": fewer,
    }
    return wording.join_with_semicolons(
        wording.say(sentence, countries=name_areas(study, areas, wording), year=year)
        for sentence, areas in sentences.items()
        if areas
    )
