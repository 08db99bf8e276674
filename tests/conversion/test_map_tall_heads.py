"""A header over several columns beside a taller one names the labels below it, or distinguishes a group."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from proposed import observations, proposed

from sdmxmig.conversion.suggestion import Proposal

ALWAYS = ("fixed RES_RULE", "fixed DUR_BASIS", "fixed REF_DATE", "fixed TIME_PERIOD")
COUNTRIES = ("Total", "Ghana", "Chad", "Kenya")


def by_age_below(head: str, tall: str = "Total") -> Proposal:
    rows = "".join(
        f"| {country} | {at} | {at + 1} | {at + 2} | {3 * at + 3} |\n" for at, country in enumerate(COUNTRIES, 50)
    )
    heads = f"| Citizenship | {head} | < | < | {tall} |\n| ^ | 0-14 | 15-64 | 65+ | ^ |\n"
    return proposed(f"## Sheet S\n| Population by citizenship and age, 2020 |\n{heads}{rows}", "DF_POP", "KE")


def sources(proposal: Proposal) -> dict[str, str]:
    return {
        component_map.component: str(component_map.source)
        for block in proposal.mapping.blocks
        for component_map in block.components
    }


def asked(proposal: Proposal) -> list[str]:
    listed = [question for question in proposal.open if question.part not in ALWAYS]
    return [f"{question.part} {question.label}" for question in listed]


@pytest.mark.parametrize(
    "head",
    [
        *("Age", "Age (years)", "Age group", "of which: age", "By age group", "Years of age", "of whom", "Âge"),
        *("Edad", "Altersgruppen", "davon", "darunter nach Alter", "Возраст"),
    ],
)
def test_header_naming_the_labels_below_raises_no_question(head: str) -> None:
    proposal = by_age_below(head)
    assert asked(proposal) == []
    assert sources(proposal) == {"C_CITIZEN": "column 1", "AGE": "header 2"}


@pytest.mark.parametrize(("head", "component"), [("Foreigners", "CTZ_STATUS"), ("Men", "SEX"), ("Women", "SEX")])
def test_group_header_above_some_columns_is_used(head: str, component: str) -> None:
    assert sources(by_age_below(head))[component] == "header 1"


def test_columns_differing_only_in_the_upper_row_keep_that_row() -> None:
    rows = "".join(
        f"| {country} | {at} | {at + 1} | {at + 2} | {at + 3} |\n" for at, country in enumerate(COUNTRIES, 50)
    )
    heads = "| Citizenship | of which | < | Age | Total |\n| ^ | 0-14 | 15+ | 15+ | ^ |\n"
    table = f"## Sheet S\n| Population by citizenship and age, 2020 |\n{heads}{rows}"
    assert asked(proposed(table, "DF_POP", "KE"))


def without_merged_cells(markdown: str) -> str:
    return markdown.replace("<", " ").replace("^", " ")


TWO_ROWS = """## Sheet S
| Immigrants by citizenship and sex, 2020 |
| Citizenship | {tall} | {head} | < |
| ^ | ^ | {first} | {second} |
| Ghana | 30 | 20 | 10 |
| Chad | 50 | 30 | 20 |
| Uganda | 7 | 4 | 3 |
"""


@cases_from("conversion/cases/merged_heads_and_bare_heads_give_the_same_figures.csv")
def test_merged_and_plain_headers_yield_equal_figures(tall: str, head: str, first: str, second: str) -> None:
    merged = TWO_ROWS.format(tall=tall, head=head, first=first, second=second)
    for table in (merged, without_merged_cells(merged)):
        proposal = proposed(table, "DF_IMM", "KE")
        assert asked(proposal) == []
        assert sources(proposal) == {"C_CITIZEN": "column 1", "SEX": "header 2"}
        assert len(observations(table, proposal)) == 9


def test_tall_balance_header_keeps_adjacent_columns() -> None:
    table = """## Sheet S
| Migration by sex |
| Year | Immigrants | < | Emigrants | < | Net migration |
| ^ | Men | Women | Men | Women | ^ |
| 2020 | 600 | 400 | 300 | 200 | 500 |
| 2021 | 650 | 450 | 310 | 210 | 580 |
"""
    for text in (table, without_merged_cells(table)):
        proposal = proposed(text, "DF_IMM", "KE")
        assert sorted(observations(text, proposal).values()) == ["400", "450", "600", "650"]


def test_row_of_units_below_headers_is_read_as_units() -> None:
    table = "## Sheet S\n| Population, 2020 |\n| Citizenship | Population | Share |\n| | persons | % |\n"
    rows = "".join(f"| {country} | {at} | {at / 10} |\n" for at, country in enumerate(COUNTRIES, 50))
    proposal = proposed(table + rows, "DF_POP", "KE")
    assert sources(proposal) == {"C_CITIZEN": "column 1"}


@pytest.mark.parametrize("total", ["Total", "World", "All countries", "Всего"])
def test_total_of_countries_is_not_the_reporting_area(total: str) -> None:
    table = f"## Sheet S\n| Immigrants by country of citizenship, 2020 |\n| Citizenship | Persons |\n| {total} | 9 |\n"
    proposal = proposed(table + "| Ghana | 4 |\n| Chad | 5 |\n", "DF_IMM", "")
    assert "fixed REF_AREA" in [question.part for question in proposal.open]


def test_head_over_a_column_of_rates_raises_no_question() -> None:
    table = "## Sheet S\n| Foreign citizens, 2020 |\n| Citizenship | Foreign citizens | Change |\n| | persons | % |\n"
    rows = "".join(f"| {country} | {at}000 | {at / 10} |\n" for at, country in enumerate(COUNTRIES[1:], 50))
    proposal = proposed(table + rows, "DF_POP", "KE")
    assert [text for text in asked(proposal) if text.startswith("line")] == []
    assert sorted(observations(table + rows, proposal).values()) == ["50000", "51000", "52000"]
