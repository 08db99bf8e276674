"""The only year of a table is in its title: certain beside a counted item, otherwise asked about."""

from __future__ import annotations

from dataclasses import replace

import pytest
from case_tables import cases_from, truth
from proposed import WORDS, proposed, tables
from shipped import CATALOGUE

from sdmxmig.conversion.suggestion import FlowKnowledge, suggest

BODY = "| Sex | Total |\n| Male | 120 |\n| Female | 130 |\n\n| {note} |\n"


def asked(title: str, note: str = "") -> bool:
    table = f"## Sheet S\n| {title} |\n{BODY.format(note=note)}"
    return any(
        question.component == "TIME_PERIOD" and question.is_open for question in proposed(table, "DF_POP").questions
    )


def test_another_year_in_a_note_is_asked_about() -> None:
    assert asked("Population by sex, 2023", "Figures are those of 2022")


@cases_from("conversion/cases/year_beside_a_title_with_a_counted_item_is_not_asked.csv")
def test_year_beside_a_title_with_a_counted_item_is_not_asked(first: str, second: str) -> None:
    assert not asked(f"{first} |\n| {second}" if second else first)


def years_asked(title: str, heads: str, flow: str = "DF_IMM") -> list[str]:
    """The years of a title that are asked about over columns with these heads."""
    years = heads.split(", ")
    rows = "".join(
        f"| {sex} | {' | '.join(str(first + 17 * at) for at, _ in enumerate(years))} |\n"
        for sex, first in (("Total", 1000), ("Men", 600), ("Women", 400))
    )
    text = f"## Sheet S\n| {title} |{' |' * len(years)}\n| Sex | {' | '.join(years)} |\n{rows}"
    return [question.label for question in proposed(text, flow).open if "in the headers?" in question.chosen.reason]


@cases_from("conversion/cases/years_of_a_title_over_other_years_are_asked_about.csv")
def test_years_of_a_title_over_other_years_are_asked_about(title: str, heads: str, asked_year: str) -> None:
    assert years_asked(title, heads) == [asked_year]


@cases_from("conversion/cases/other_years_of_a_title_are_no_doubt.csv")
def test_other_years_in_a_title_raise_no_question(title: str, heads: str) -> None:
    assert not years_asked(title, heads)


@cases_from("conversion/cases/count_day_above_other_years_is_asked_about.csv")
def test_count_day_above_other_years_is_asked_about(title: str, heads: str, asked_year: str) -> None:
    assert years_asked(title, heads, "DF_POP") == [asked_year]


@cases_from("conversion/cases/censuses_of_these_years_or_behind_estimates_are_no_doubt.csv")
def test_census_years_in_a_title_raise_no_question(title: str, heads: str) -> None:
    assert not years_asked(title, heads, "DF_POP")


@cases_from("conversion/cases/first_and_last_day_of_a_title_are_the_period.csv", is_asked=truth)
def test_first_and_last_day_of_a_title_are_the_period(title: str, period: str, is_asked: bool) -> None:
    proposal = proposed(f"## Sheet S\n| {title} |\n{BODY.format(note='')}", "DF_IMM")
    asked = [question.chosen.code for question in proposal.open if question.part == "fixed TIME_PERIOD"]
    assert asked == ([period] if is_asked else [])
    assert dict(proposal.mapping.blocks[0].fixed).get("TIME_PERIOD", "") == period


@pytest.mark.parametrize("title", ["Saudi Census 2022", "تعداد السعودية 2022", "Censo de Población y Vivienda 2022"])
def test_census_in_a_title_dates_its_figures(title: str) -> None:
    rows = "| Sex | Persons |\n| Men | 10 |\n| Women | 20 |\n"
    text = f"## Sheet S\n| {title} | |\n| Population by sex | |\n{rows}"
    assert [each for each in proposed(text, "DF_POP", "SA").open if each.part == "fixed TIME_PERIOD"] == []


@pytest.mark.parametrize(("title", "code"), [("（2023年12月末現在）", "D1231"), ("Al 15 de marzo de 2020", "OTH")])
def test_day_over_the_table_is_its_reference_date(title: str, code: str) -> None:
    rows = "| Sex | Persons |\n| Men | 10 |\n| Women | 20 |\n"
    text = f"## Sheet S\n| Foreign population by sex | |\n| {title} | |\n{rows}"
    proposal = proposed(text, "DF_POP", "JP")
    asked = [each.part for each in proposal.open if each.part in ("fixed TIME_PERIOD", "fixed REF_DATE")]
    assert (asked, dict(proposal.mapping.blocks[0].fixed)["REF_DATE"]) == ([], code)


@pytest.mark.parametrize(
    ("names", "title", "periods"),
    [
        (("2022", "2023"), "Población extranjera por sexo a 1 de enero de {name}", ["2022", "2023"]),
        (("2022", "2023"), "Population by sex", ["2022", "2023"]),
    ],
)
def test_sheet_name_precedes_the_year_of_the_file(names: tuple[str, ...], title: str, periods: list[str]) -> None:
    sheets = "\n".join(f"## Sheet {name}\n| {title.format(name=name)} |\n{BODY.format(note='')}" for name in names)
    of_file = [replace(table, file="population_2024.xlsx") for table in tables(sheets)]
    proposal = suggest(of_file, FlowKnowledge(CATALOGUE.flows["DF_POP"], WORDS), "ES")
    assert [dict(block.fixed)["TIME_PERIOD"] for block in proposal.mapping.blocks] == periods
    assert not [question for question in proposal.open if question.component == "TIME_PERIOD"]
