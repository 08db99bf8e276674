"""Labels that contain those of the next column, such as continents beside their countries."""

from __future__ import annotations

import pytest
from proposed import asked, observations, proposed, tried

from sdmxmig.conversion.suggestion.questions import AS_IT_IS, EVERYWHERE, LEAVE_OUT

TITLE = "Immigrants by country of previous residence, 2021"
INDENTED = """
| Continent | Country | 2021 |
| Europe | | 60 |
| | France | 10 |
| | Germany | 50 |
| Asia | | 5 |
| | China | 2 |
| | India | 3 |
| Total | | 65 |
"""
TOTAL_IN_SECOND_COLUMN = """
| Continent | Country | 2021 |
| | Total | 65 |
| Europe | Total | 60 |
| | France | 10 |
| | Germany | 50 |
| Asia | Total | 5 |
| | China | 2 |
| | India | 3 |
"""
TOTAL_BELOW = """
| Continent / country | | 2021 |
| Europe | France | 10 |
| | Germany | 50 |
| | Subtotal | 60 |
| Asia | China | 2 |
| | India | 3 |
| | Subtotal | 5 |
| Grand total | | 65 |
"""
REPEATED = """
| Continent | Country | 2021 |
| Europe | France | 10 |
| Europe | Germany | 50 |
| Europe | Total | 60 |
| Asia | China | 2 |
| Asia | India | 3 |
| Asia | Total | 5 |
| Total | Total | 65 |
"""
MERGED = """
| Continent | Country | 2021 |
| Europe | < | 60 |
| | France | 10 |
| | Germany | 50 |
| Asia | < | 5 |
| | China | 2 |
| | India | 3 |
| Total | < | 65 |
"""
THREE_COLUMNS = """
| Region | Sub-region | Country | 2021 |
| World | | | 65 |
| Europe | | | 60 |
| | Western Europe | | 60 |
| | | France | 10 |
| | | Germany | 50 |
| Asia | | | 5 |
| | Eastern Asia | | 2 |
| | | China | 2 |
| | Southern Asia | | 3 |
| | | India | 3 |
"""
COUNTRIES = {"FR": "10", "DE": "50", "CN": "2", "IN": "3", "_T": "65"}
CONTINENTS = {"150": "60", "142": "5"}
SUB_REGIONS = {"155": "60", "030": "2", "034": "3"}


def by_residence(rows: str, answer: str = "") -> dict[str, str]:
    """The figures by code; `answer` is about the composition of all regions."""
    text = f"## Sheet S\n| {TITLE} |\n{rows}".replace("\n\n", "\n")
    decisions = {}
    if answer:
        (question,) = asked(tried(text))
        decisions[EVERYWHERE, question.part, question.label] = answer
    proposal = tried(text, decisions=decisions)
    assert bool(asked(proposal)) is not bool(answer)
    frame = proposal.conversion.dataset.observations
    return dict(frame.select("C_RESIDENCE", "OBS_VALUE").iter_rows())


LAYOUTS = {
    "indented": INDENTED,
    "total in second column": TOTAL_IN_SECOND_COLUMN,
    "total below": TOTAL_BELOW,
    "repeated": REPEATED,
    "merged": MERGED,
    "three columns": THREE_COLUMNS,
}


@pytest.mark.parametrize("rows", LAYOUTS.values(), ids=LAYOUTS)
def test_continents_and_countries_form_one_characteristic(rows: str) -> None:
    others = SUB_REGIONS if rows is THREE_COLUMNS else {}
    assert by_residence(rows) == COUNTRIES
    assert by_residence(rows, AS_IT_IS) == COUNTRIES | CONTINENTS | others
    assert by_residence(rows, LEAVE_OUT) == COUNTRIES


AGES = """
| Broad age group | Age group | 2021 |
| 0-14 | | 300 |
| | 0-4 | 100 |
| | 5-14 | 200 |
| 15-24 | | 210 |
| | 15-19 | 110 |
| | 20-24 | 100 |
"""


@pytest.mark.parametrize(
    ("rows", "sources"),
    [
        (AGES, {"column 1 + column 2"}),
        (AGES.replace("| 110 |", "| 111 |"), {"column 1"}),
        (
            INDENTED.replace("Continent", "Continent of birth").replace("Country", "Citizenship"),
            {"column 1", "column 2"},
        ),
    ],
    ids=["sums", "no sums", "two characteristics"],
)
def test_columns_are_joined_only_if_sums_agree(rows: str, sources: set[str]) -> None:
    proposal = proposed(f"## Sheet S\n| Population, 1 January |\n{rows}".replace("\n\n", "\n"), "DF_POP")
    components = proposal.mapping.blocks[0].components
    assert {str(each.source) for each in components if each.component != "TIME_PERIOD"} == sources


def test_labels_left_out_take_along_the_columns_below_them() -> None:
    heads = "| | Total | | Urban | |\n| Year | Boys | Girls | Boys | Girls |"
    text = f"## Sheet A\n| Live births by area and sex |\n{heads}\n| 2021 | 9 | 8 | 5 | 4 |\n"
    assert set(observations(text, proposed(text, "DF_BIRTHS")).values()) == {"9", "8"}
