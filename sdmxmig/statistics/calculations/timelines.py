"""Time series of population, events and crude rates."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from sdmxmig.catalogue.indicators import TermSelection
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.calculations.figures import (
    ANOTHER_DAY,
    RATE_FORMULA,
    CalculationResult,
    Figures,
    YearlyTerm,
    add_fallback_years,
    average_population,
    combine_by_year,
    compute_crude_rate,
    find_net_migration,
)
from sdmxmig.statistics.model.assessment import Point, Series

POPULATION_SELECTION = TermSelection("DF_POP", ())
EVENT_ITEMS = {
    "IMM": ("DF_IMM", "FLW_IMM"),
    "EMI": ("DF_EMI", "FLW_EMI"),
    "LBIRTH": ("DF_BIRTHS", "LBIRTH"),
    "DEATH": ("DF_DEATHS", "DEATH"),
}
CRUDE_RATES = {"CBR": "LBIRTH", "CDR": "DEATH", "CIR": "IMM", "CER": "EMI"}
PERSONS, PER_1000_POP = "PS", "PER_1000_POP"
NET_MIGRATION = TermSelection("DF_ACCOUNT", (("ACC_ITEM", "NET_MIG"), ("UNIT_MEASURE", "PS")))
CENSUS_SELECTIONS = (
    TermSelection("DF_POP", (("FREQ", "A10"),)),
    TermSelection("DF_POP_TOPIC", (("FREQ", "A10"), ("POP_BASE", "RES"))),
)
NO_NOTE = Text()
SEXES = ("F", "M")
TIMELINE_ORDER = ("POP", "CENSUS", "IMM", "EMI", "NET", "LBIRTH", "DEATH", *CRUDE_RATES, "CNR")
"""All series in reading order; ``CL_SERIES`` gives their names."""


def build_timelines(figures: Figures, names: Mapping[str, Text], language: str = "en") -> tuple[Series, ...]:
    """Build all series, in persons or per 1,000 of the average population, without rounding."""
    population = select_yearly_population(figures).yearly(POPULATION_SELECTION)
    mean = average_population(figures.on_1_january(POPULATION_SELECTION))
    events = {name: _find_yearly_events(figures, flow, item) for name, (flow, item) in EVENT_ITEMS.items()}
    published = figures.yearly(NET_MIGRATION)
    net = find_net_migration(published, events["IMM"], events["EMI"])
    derived = set(net.figures) - set(published.figures)
    series_by_id = {
        "POP": _build_series("POP", PERSONS, population, figures.find_day(POPULATION_SELECTION.flow), language),
        "CENSUS": _drop_gaps(
            _build_series(
                "CENSUS", PERSONS, add_fallback_years(*map(figures.yearly, CENSUS_SELECTIONS)), language=language
            )
        ),
        **{name: _build_series(name, PERSONS, event) for name, event in events.items()},
        "NET": _mark_derived(_build_series("NET", PERSONS, net, language=language), derived),
        **{
            rate: _build_series(
                rate, PER_1000_POP, combine_by_year((events[event], mean), compute_crude_rate, RATE_FORMULA)
            )
            for rate, event in CRUDE_RATES.items()
        },
        "CNR": _mark_derived(
            _build_series("CNR", PER_1000_POP, combine_by_year((net, mean), compute_crude_rate, RATE_FORMULA)),
            derived,
        ),
    }
    all_series = (*(series_by_id[series_id] for series_id in TIMELINE_ORDER), *_build_series_by_sex(figures))
    return tuple(
        replace(series, name=names.get(series.id.partition("_")[0], series.name))
        for series in all_series
        if series.points
    )


def find_newest_year(figures: Figures) -> str:
    flows = [TermSelection(flow, ()) for flow in ("DF_IMM", "DF_EMI")]
    for terms in ([*flows, NET_MIGRATION], [POPULATION_SELECTION]):
        years = [year for term in terms for year in figures.yearly(term).figures]
        if years:
            return str(max(years))
    return ""


def select_yearly_population(figures: Figures) -> Figures:
    """Return annual populations, excluding counts on other days, such as censuses, unless there are only those."""
    populations = [dataset for dataset in figures.datasets if dataset.flow.id == POPULATION_SELECTION.flow]
    kept = [dataset for dataset in populations if dataset.attributes.get("REF_DATE", "") != ANOTHER_DAY]
    return Figures(kept, figures.area, figures.names) if 0 < len(kept) < len(populations) else figures


def _drop_gaps(series: Series) -> Series:
    return replace(series, points=tuple(point for point in series.points if point.known is not None))


def _mark_derived(series: Series, derived: Collection[int]) -> Series:
    return replace(
        series, points=tuple(replace(point, is_derived=int(point.period) in derived) for point in series.points)
    )


def _build_series_by_sex(figures: Figures) -> Iterator[Series]:
    for name, (flow, note) in {
        "POP": (POPULATION_SELECTION.flow, figures.find_day(POPULATION_SELECTION.flow)),
        **{event: (EVENT_ITEMS[event][0], NO_NOTE) for event in ("IMM", "EMI")},
    }.items():
        for sex in SEXES:
            codes = (("SEX", sex),)
            series = _build_series(name, PERSONS, figures.yearly(TermSelection(flow, codes)), note)
            yield replace(series, id=f"{name}_{sex}", codes=codes)


def _find_yearly_events(figures: Figures, flow: str, item: str) -> YearlyTerm:
    account = TermSelection("DF_ACCOUNT", (("ACC_ITEM", item), ("UNIT_MEASURE", PERSONS)))
    return add_fallback_years(figures.yearly(TermSelection(flow, ())), figures.yearly(account))


def _build_series(
    series_id: str, unit: str, term: YearlyTerm | CalculationResult, note: Text = NO_NOTE, language: str = "en"
) -> Series:
    """Convert a term to a series of all years between its first and last value or bounds."""
    figures = term.figures
    silent, bounds = (term.empty, term.bounds) if isinstance(term, YearlyTerm) else ({}, {})
    known = (*figures, *bounds)
    years = range(min(known), max(known) + 1) if known else range(0)
    points = tuple(
        Point(
            str(year),
            figures[year].value,
            status=figures[year].status,
            kind=figures[year].kind,
            sources=figures[year].sources,
            comment=Text.of({language: figures[year].comment}) if figures[year].comment else Text(),
        )
        if year in figures
        else Point(
            str(year),
            None,
            status=silent.get(year, ""),
            bounds=bounds.get(year),
            sources=tuple(filter(None, [bounds[year].source])) if year in bounds else (),
        )
        for year in years
    )
    sources = dict.fromkeys(source for figure in figures.values() for source in figure.sources)
    files = dict.fromkeys(place.file for figure in figures.values() for place in figure.places)
    return Series(
        series_id, Text.of(en=series_id), unit=unit, points=points, source="; ".join(sources or files), note=note
    )
