"""A title that says in plain words who or what is counted is taken at its word; any other is asked about."""

from __future__ import annotations

import pytest
from case_tables import cases_from_csv
from proposed import proposed

ROWS = "| Uganda | 110 | 120 |\n| Somalia | 230 | 240 |\n"


def read_as(title: str, flow: str, area: str, *, head: str = "Country", rows: str = ROWS) -> tuple[dict[str, str], set]:
    """The codes that hold for the whole table, and the components that are asked about."""
    proposal = proposed(f"## Sheet S\n| {title} |\n| {head} | 2019 | 2020 |\n{rows}", flow, area)
    asked = {question.part.removeprefix("fixed ") for question in proposal.open if question.part.startswith("fixed ")}
    return dict(proposal.mapping.blocks[0].fixed), asked


@cases_from_csv
def test_a_plain_title_is_taken_at_its_word(title: str, flow: str, area: str, component: str, code: str) -> None:
    fixed, asked = read_as(title, flow, area)
    assert (fixed[component], component in asked) == (code, False)


@cases_from_csv
def test_any_other_title_is_asked_about(title: str, flow: str, component: str) -> None:
    assert component in read_as(title, flow, "KE")[1]


@pytest.mark.parametrize(
    ("title", "area"),
    [
        ("Salidas de ecuatorianos por país de destino", "EC"),
        ("Departures of Kenyan citizens", "KE"),
        ("Entradas de extranjeros por país", "ES"),
        ("外国人入国者数", "JP"),
        ("국민출국자", "KR"),
        ("Kedatangan WNA", "ID"),
    ],
)
def test_ambiguous_travellers_in_a_title_are_asked_about(title: str, area: str) -> None:
    proposal = proposed(f"## Sheet S\n| {title} |\n| Country of residence | 2019 | 2020 |\n{ROWS}", "DF_TEMPMOB", area)
    assert {"title", "fixed TMP_ITEM", "fixed C_CITIZEN"} & {question.part for question in proposal.open}


def test_foreigners_are_none_where_the_reporting_country_is_listed() -> None:
    rows = ROWS + "| Kenya | 990 | 995 |\n"
    assert (
        "CTZ_STATUS" in read_as("Foreign population by citizenship", "DF_POP", "KE", head="Citizenship", rows=rows)[1]
    )


def test_the_name_of_a_sheet_alone_is_no_title() -> None:
    proposal = proposed(f"## Sheet Foreigners 2020\n| Citizenship | 2019 | 2020 |\n{ROWS}", "DF_POP", "KE")
    assert "fixed CTZ_STATUS" in {question.part for question in proposal.open}
