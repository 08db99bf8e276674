"""Time series of a country: its population, the events that change it, and their crude rates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from operator import sub

from sdmxmig.calculations.figures import Figures
from sdmxmig.calculations.terms import (
    NET_RATE,
    RATE,
    Computed,
    Yearly,
    average,
    by_year,
    first_of,
    net_crude_rate,
)
from sdmxmig.demography import rates
from sdmxmig.model.artefacts import Text
from sdmxmig.model.assessment import Point, Selection, Series

POPULATION = Selection("DF_POP", ())
EVENTS = {
    "IMM": ("DF_IMM", "FLW_IMM"),
    "EMI": ("DF_EMI", "FLW_EMI"),
    "LBIRTH": ("DF_BIRTHS", "LBIRTH"),
    "DEATH": ("DF_DEATHS", "DEATH"),
}
"""Events by the flow of their own and by their item of the population account, which stands in where there is none."""
CRUDE_RATES = {"CBR": "LBIRTH", "CDR": "DEATH", "CIR": "IMM", "CER": "EMI"}
PERSONS, PER_1000_POP = "PS", "PER_1000_POP"
NO_NOTE = Text()
SEXES = ("F", "M")

NAMES = {
    "POP": Text.of(
        en="Resident population",
        fr="Population résidente",
        es="Población residente",
        ar="السكان المقيمون",
        ru="Постоянное население",
        zh="常住人口",
    ),
    "IMM": Text.of(
        en="Immigration", fr="Immigration", es="Inmigración", ar="الهجرة الوافدة", ru="Иммиграция", zh="迁入"
    ),
    "EMI": Text.of(en="Emigration", fr="Émigration", es="Emigración", ar="الهجرة المغادرة", ru="Эмиграция", zh="迁出"),
    "NET": Text.of(
        en="Net migration",
        fr="Solde migratoire",
        es="Migración neta",
        ar="صافي الهجرة",
        ru="Чистая миграция",
        zh="净迁移",
    ),
    "LBIRTH": Text.of(
        en="Live births",
        fr="Naissances vivantes",
        es="Nacidos vivos",
        ar="المواليد الأحياء",
        ru="Живорождения",
        zh="活产",
    ),
    "DEATH": Text.of(en="Deaths", fr="Décès", es="Defunciones", ar="الوفيات", ru="Умершие", zh="死亡"),
    "CBR": Text.of(
        en="Crude birth rate",
        fr="Taux brut de natalité",
        es="Tasa bruta de natalidad",
        ar="معدل المواليد الخام",
        ru="Общий коэффициент рождаемости",
        zh="粗出生率",
    ),
    "CDR": Text.of(
        en="Crude death rate",
        fr="Taux brut de mortalité",
        es="Tasa bruta de mortalidad",
        ar="معدل الوفيات الخام",
        ru="Общий коэффициент смертности",
        zh="粗死亡率",
    ),
    "CIR": Text.of(
        en="Crude immigration rate",
        fr="Taux brut d’immigration",
        es="Tasa bruta de inmigración",
        ar="معدل الهجرة الوافدة الخام",
        ru="Общий коэффициент иммиграции",
        zh="粗迁入率",
    ),
    "CER": Text.of(
        en="Crude emigration rate",
        fr="Taux brut d’émigration",
        es="Tasa bruta de emigración",
        ar="معدل الهجرة المغادرة الخام",
        ru="Общий коэффициент эмиграции",
        zh="粗迁出率",
    ),
    "CNR": Text.of(
        en="Crude net migration rate",
        fr="Taux brut de migration nette",
        es="Tasa bruta de migración neta",
        ar="معدل صافي الهجرة الخام",
        ru="Общий коэффициент чистой миграции",
        zh="粗净迁移率",
    ),
}


def timelines(figures: Figures) -> tuple[Series, ...]:
    """All series that the data allow: population, events, net migration and crude rates, each from its first year.

    Populations and events are in persons, rates per 1,000 of the average population; nothing is rounded. A year
    without a value inside a series is a point without value.
    """
    population = figures.yearly(POPULATION)
    mean = average(figures.on_1_january(POPULATION))
    events = {name: _event(figures, flow, item) for name, (flow, item) in EVENTS.items()}
    immigration, emigration = events["IMM"], events["EMI"]
    found = {
        "POP": _series("POP", PERSONS, population, figures.day_of(POPULATION.flow)),
        **{name: _series(name, PERSONS, event) for name, event in events.items()},
        "NET": _series("NET", PERSONS, by_year((immigration, emigration), sub, "{} − {}")),
        **{
            rate: _series(rate, PER_1000_POP, by_year((events[event], mean), rates.crude_rate, RATE))
            for rate, event in CRUDE_RATES.items()
        },
        "CNR": _series("CNR", PER_1000_POP, by_year((immigration, emigration, mean), net_crude_rate, NET_RATE)),
    }
    everybody = tuple(found[name] for name in NAMES if found[name].points)
    return (*everybody, *(series for series in _by_sex(figures) if series.points))


def _by_sex(figures: Figures) -> Iterator[Series]:
    """Population, immigration and emigration of women and of men."""
    for name, (flow, note) in {
        "POP": (POPULATION.flow, figures.day_of(POPULATION.flow)),
        **{event: (EVENTS[event][0], NO_NOTE) for event in ("IMM", "EMI")},
    }.items():
        for sex in SEXES:
            codes = (("SEX", sex),)
            found = _series(name, PERSONS, figures.yearly(Selection(flow, codes)), note)
            yield replace(found, id=f"{name}_{sex}", codes=codes)


def _event(figures: Figures, flow: str, item: str) -> Yearly:
    account = Selection("DF_ACCOUNT", (("ACC_ITEM", item), ("UNIT_MEASURE", PERSONS)))
    return first_of(figures.yearly(Selection(flow, ())), figures.yearly(account))


def _series(series_id: str, unit: str, term: Yearly | Computed, note: Text = NO_NOTE) -> Series:
    """A term as a series from its first to its last year with a value; years between them are never left out."""
    figures = term.figures
    silent = term.empty if isinstance(term, Yearly) else {}
    years = range(min(figures), max(figures) + 1) if figures else range(0)
    points = tuple(
        Point(str(year), figures[year].value, figures[year].status)
        if year in figures
        else Point(str(year), None, silent.get(year, ""))
        for year in years
    )
    sources = dict.fromkeys(source for figure in figures.values() for source in figure.sources)
    files = dict.fromkeys(place.file for figure in figures.values() for place in figure.places)
    return Series(series_id, NAMES[series_id], unit, points, "; ".join(sources or files), note)
