"""Sheets that give other observations are proposed side by side; heads of groups are figures, not labels."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from proposed import proposed

from sdmxmig.sdmx.model.data import Block

YEARS = "| 2020 | 100 | 20 |\n| 2021 | 110 | 21 |\n| 2022 | 120 | 22 |\n"
AFRICA = "| Uganda | 1 | 2 |\n| Somalia | 3 | 4 |\n"
ASIA = "| India | 1 | 2 |\n| China | 3 | 4 |\n"
AGES = "| Age | 2020 | 2021 |\n| 0-14 | 1 | 2 |\n| 15-64 | 3 | 4 |\n"
OLD = "| Age | 2020 | 2021 |\n| 65-74 | 1 | 2 |\n| 75+ | 3 | 4 |\n"
TITLE = "| Population by citizenship | | |\n| Country of citizenship | 2020 | 2021 |\n"


def sheets(*texts: str) -> str:
    return "\n".join(f"## Sheet S{at}\n{text}" for at, text in enumerate(texts))


def titled(title: str, table: str = AGES) -> str:
    return f"| {title} | | |\n{table}"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (TITLE + AFRICA, TITLE + ASIA),
        (titled("Population by age"), titled("Population by age", OLD)),
        (titled("Population by age"), titled("Foreign citizens by age")),
        (titled("Population by age, men"), titled("Population by age, women")),
        (titled("Population of Nakuru by age"), titled("Population of Mombasa by age")),
        (titled("Native-born by age"), titled("Foreign-born by age")),
    ],
)
def test_sheets_of_other_observations_are_both_proposed(first: str, second: str) -> None:
    proposal = proposed(sheets(first, second), "DF_POP", "KE")
    assert [block.sheet for block in proposal.mapping.blocks] == ["S0", "S1"]
    assert "sheet" not in {question.part for question in proposal.questions}


@pytest.mark.parametrize(
    "second",
    [
        TITLE + AFRICA,
        TITLE.replace("Population by citizenship", "Population by citizenship, in thousands") + AFRICA,
        "| Population par nationalité | | |\n| Nationalité | 2020 | 2021 |\n| Ouganda | 1 | 2 |\n| Somalie | 3 | 4 |\n",
        TITLE + "| Uganda | 7 | 8 |\n| India | 3 | 4 |\n",
    ],
)
def test_sheets_of_equal_observations_are_asked_about(second: str) -> None:
    proposal = proposed(sheets(TITLE + AFRICA, second), "DF_POP", "KE")
    assert len(proposal.mapping.blocks) == 1
    assert "sheet" in {question.part for question in proposal.open}


@cases_from("conversion/cases/no_column_of_a_group_is_lost.csv")
def test_all_columns_of_a_group_are_parsed(heads: str) -> None:
    text = f"## Sheet A\n| Population | | |\n| {heads} |\n{YEARS}"
    proposal = proposed(text, "DF_POP", "KE")
    (block,) = proposal.mapping.blocks
    assert block.header_columns == 1
    asked = any(question.part.startswith("line") for question in proposal.open)
    assert asked or dict(codes_of(block)).keys() == set(heads.split(" | ")[1:])


def codes_of(block: Block) -> list[tuple[str, str]]:
    return [pair for component_map in block.components for pair in component_map.codes]
