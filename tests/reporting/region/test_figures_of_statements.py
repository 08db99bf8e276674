"""Figures in the hand-written statements of the example studies follow from the declared figures of the countries."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Callable
from decimal import Decimal
from functools import cache

import pytest
from assessed_examples import EXAMPLES

NUMBER = re.compile(r"([−+]?\d+(?:,\d{3})*(?:\.\d+)?)( million|%)?")
WITHOUT_DATA = re.compile(r"\b(?:19|20)\d\d\b|per 1,000|\d+ (?:days|months)|\b\d[\d.]*%, 20\d\d")
"""Years, the base of a rate, residence rules, and omissions of censuses, which no workbook declares."""
DECADE, MODEL = range(2015, 2025), range(2018, 2024)


@cache
def figure(country: str, file: str, table: str, item: str, group: str, year: int) -> Decimal:
    with (EXAMPLES / country / "figures" / f"{file}.csv").open(encoding="utf-8") as lines:
        (value,) = [
            row["value"]
            for row in csv.DictReader(lines)
            if [row["table"], row["item"], row["group"], row["year"]] == [table, item, group, str(year)]
        ]
    return Decimal(value)


def net_of_georgia(year: int) -> Decimal:
    if year == 2015:
        return 1000 * figure("georgia", "migration", "net", "Net migration", "", year)
    coming, going = (figure("georgia", "migration", "1", item, "", year) for item in ("Immigrants", "Emigrants"))
    return coming - going


def net_of_moldova(year: int, state: str = "") -> Decimal:
    item = f"Net migration, {state or ('final' if year < 2023 else 'first')} value"
    return 1000 * figure("moldova", "migration", "2", item, "", year)


def net_of_sweden(year: int) -> Decimal:
    tables = ("immigrations", "emigrations")
    coming, going = (figure("sweden", "migration", table, "All", "Both sexes", year) for table in tables)
    return coming - going


def modelled(country: str, *years: int) -> Decimal:
    values = [figure(country, "population", "components", "Migración neta", "", year) for year in years]
    return 1000 * sum(values, Decimal(0))


def modelled_rate(country: str) -> Decimal:
    people = sum(figure(country, "population", "mid-year", "Población", "Ambos sexos", year) for year in MODEL)
    return 1000 * modelled(country, *MODEL) / people


def gain_of_georgia() -> Decimal:
    before = figure("georgia", "census", "census", "Residents", "All residents", 2014)
    births = [figure("georgia", "vital", "Births", "Live births", "Total", year) for year in DECADE]
    deaths = [figure("georgia", "vital", "Deaths", "Deaths", "", year) for year in DECADE]
    after = figure("georgia", "census", "final", "Residents", "All residents", 2024)
    return after - before - sum(births) + sum(deaths)


def list_figures_of_region() -> list[Decimal]:
    sums = [sum(map(net, DECADE), Decimal(0)) for net in (net_of_georgia, net_of_moldova, net_of_sweden)]
    ends = (
        [figure("georgia", "population", "persons", "Population", "Both sexes", year) for year in (2015, 2025)],
        [
            1000 * figure("moldova", "population", "1", item, "", year)
            for item, year in (("Final value", 2015), ("First value", 2025))
        ],
        [figure("sweden", "population", "totals", "Population", "Both sexes", year) for year in (2014, 2024)],
    )
    rates = [
        1000 * total / len(DECADE) / (sum(people, Decimal(0)) / 2) for total, people in zip(sums, ends, strict=True)
    ]
    born_abroad = figure("sweden", "population", "four groups", "Foreign-born, all", "Both sexes", 2024)
    counted = [
        figure("moldova", "census", "census", "Residents", group, 2024) for group in ("Born abroad", "All residents")
    ]
    shares = [100 * part / whole for part, whole in (counted, (born_abroad, ends[2][1]))]
    moldova = [net_of_moldova(2024), net_of_moldova(2022, "first"), net_of_moldova(2022)]
    return [*sums, *rates, *shares, *moldova, gain_of_georgia()]


def list_figures_of_latin_america() -> list[Decimal]:
    countries = ("chile", "colombia", "mexico", "peru")
    before, after = (
        figure("chile", "population", "census", "Nacidos en el extranjero", "Ambos sexos", year)
        for year in (2017, 2024)
    )
    counted = [
        figure(one, "population", "census", "Nacidos en el extranjero", "Ambos sexos", year)
        for one, year in (("colombia", 2018), ("mexico", 2020))
    ]
    of_year = {year: [modelled(country, year) for country in countries] for year in (MODEL[0], MODEL[-1])}
    gained = [sum((value for value in of if value > 0), Decimal(0)) for of in of_year.values()]
    peru = modelled("peru", *MODEL)
    share = 100 * modelled("peru", MODEL[0]) / peru
    sums = [peru, *gained, after - before, after, *counted]
    return [*map(modelled_rate, countries), *sums, share, *(value for of in of_year.values() for value in of)]


def is_rounded(text: str, unit: str, value: Decimal) -> bool:
    """Check that a figure is a value, rounded to its last digit that is not a zero of a whole number."""
    size = 1_000_000 if unit == " million" else 1
    digits = text.lstrip("−+").replace(",", "")
    step = Decimal(1).scaleb(-len(digits.partition(".")[2]))
    if "." not in digits:
        step = Decimal(10) ** (len(digits) - len(digits.rstrip("0")))
    written = Decimal(digits) * size
    signed = -written if text.startswith("−") else written if text.startswith("+") else written.copy_sign(value)
    return abs(signed - value) <= step * size / 2


@pytest.mark.parametrize(
    ("study", "list_figures"),
    [("region", list_figures_of_region), ("latin-america", list_figures_of_latin_america)],
)
def test_each_figure_of_a_statement_follows_from_declared_figures(
    study: str, list_figures: Callable[[], list[Decimal]]
) -> None:
    declared = tomllib.loads((EXAMPLES / study / "region.toml").read_text(encoding="utf-8"))
    texts = [one["name"]["en"] for kind in ("finding", "step", "heading") for one in declared[kind]]
    known = list_figures()
    found = [number.groups("") for text in texts for number in NUMBER.finditer(WITHOUT_DATA.sub("", text))]
    assert found
    assert [(text, unit) for text, unit in found if not any(is_rounded(text, unit, value) for value in known)] == []
