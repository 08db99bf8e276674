"""Chile, Colombia, Mexico and Peru: accounts close as in the sources, contradictions are reported."""

from __future__ import annotations

import tomllib
from decimal import Decimal

import pytest
from test_examples_figures import EXAMPLES, figures, value, years

from sdmxmig.statistics.model.indicator_results import PRODUCED

COUNTRIES = ("chile", "colombia", "mexico", "peru")
SEXES = ("Ambos sexos", "Hombres", "Mujeres")
DECISIONS = ("Reconocidos", "Protección complementaria", "Rechazados", "Cerrados de otro modo")


@pytest.mark.parametrize("country", COUNTRIES)
def test_components_of_the_united_nations_give_their_change_up_to_rounding(country: str) -> None:
    for year in ("2018", "2019", "2020", "2021", "2022", "2023"):
        births, deaths, net, change = (
            value(country, "population.csv", "components", year, item)
            for item in ("Nacidos vivos", "Defunciones", "Migración neta", "Variación de la población")
        )
        assert abs(births - deaths + net - change) <= Decimal("0.012"), year  # thousands, three decimals


@pytest.mark.parametrize("country", COUNTRIES)
def test_figures_that_only_international_organisations_publish_are_no_production_of_the_country(country: str) -> None:
    profile = tomllib.loads((EXAMPLES / country / "profile.toml").read_text(encoding="utf-8"))
    answers = {**profile["items"], **{name: questions["L01"] for name, questions in profile["indicators"].items()}}
    produced = {name: answer["sources"] for name, answer in answers.items() if answer.get("answer") in PRODUCED}
    assert [name for name, sources in produced.items() if all(source.startswith("U") for source in sources)] == []


@pytest.mark.parametrize("country", COUNTRIES)
def test_men_and_women_are_all_in_stocks_and_in_protection(country: str) -> None:
    rows = [
        row for row in figures(country) if row["group"] in SEXES and row["table"] in ("migrants", "emigrants", "sex")
    ]
    keys = {(row["file"], row["table"], row["year"], row["item"]) for row in rows}
    assert len(keys) >= 13  # two revisions in four years each, emigrants in four, a group under protection
    for file, table, year, item in keys:
        both, men, women = (value(country, file, table, year, item, group=sex) for sex in SEXES)
        assert men + women == both, (table, year, item)


@pytest.mark.parametrize("country", COUNTRIES)
def test_decisions_on_asylum_are_the_sum_of_their_kinds(country: str) -> None:
    for year in years(country, "protection.csv", table="decisions", item="Todas las decisiones"):
        kinds = [value(country, "protection.csv", "decisions", year, kind) for kind in DECISIONS]
        assert sum(kinds) == value(country, "protection.csv", "decisions", year, "Todas las decisiones"), year


def test_chile_countries_of_birth_are_all_who_were_born_abroad() -> None:
    parts = [row for row in figures("chile") if row["table"] == "census birth"]
    total = value("chile", "population.csv", "census", "2024", "Nacidos en el extranjero", "Ambos sexos")
    assert sum(Decimal(row["value"]) for row in parts) == total == 1_608_650


def test_chile_sexes_are_those_of_the_first_value_and_not_of_the_later_one() -> None:
    for year, later in (("2018", 1_300_005), ("2021", 1_564_160)):
        first, men, women = (
            value("chile", "population.csv", "foreigners", year, "Primer valor", group=sex) for sex in SEXES
        )
        assert men + women == first != later
        assert value("chile", "population.csv", "foreigners", year, "Valor posterior", "Ambos sexos") == later


def test_colombia_parts_of_venezuelans_exceed_their_total_by_those_within_their_permitted_stay() -> None:
    parts = {row["item"]: int(row["value"]) for row in figures("colombia") if row["table"] == "situation"}
    total = parts.pop("Total")
    assert sum(parts.values()) - total == 59_612 == parts["Dentro del tiempo permitido"]


@pytest.mark.parametrize("year", [str(year) for year in range(2014, 2024)])
def test_mexico_categories_of_inflows_miss_their_total_in_three_years(year: str) -> None:
    categories = [
        value("mexico", "flows.csv", "permanent", year, "Entradas permanentes", group)
        for group in ("Trabajo", "Familia", "Humanitaria", "Otra")
    ]
    total = value("mexico", "flows.csv", "b11", year, "Entradas de población extranjera")
    assert total - sum(categories) == {"2017": 139, "2018": 1_675, "2021": 783}.get(year, 0)


def test_peru_enumerated_and_omitted_people_are_the_population_of_the_census() -> None:
    total, enumerated, omitted = (
        value("peru", "population.csv", "census", "2017", item, "Ambos sexos")
        for item in ("Población total", "Población censada", "Población omitida")
    )
    assert enumerated + omitted == total
