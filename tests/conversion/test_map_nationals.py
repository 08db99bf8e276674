"""A country's citizens beside all others: “Kuwaitis”, “non-Kuwaitis” are a status, and no unknown label."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed
from proposed import codes, proposed

BODY = "| 0-14 | 120 | 30 | 150 |\n| 15-64 | 45 | 10 | 55 |\n| 65+ | 33 | 3 | 36 |\n"


def status(area: str, *heads: str) -> tuple[dict[str, str], bool]:
    """The codes of the labels over the columns as a status, and whether anything about them is open."""
    table = f"## Sheet S\n| Population by age | | | |\n| Age | {' | '.join(heads)} |\n| | 2020 | 2020 | 2020 |\n{BODY}"
    proposal = proposed(table, "DF_POP", area)
    codes = [
        dict(question.codes) for question in proposal.mapping.blocks[0].components if question.component == "CTZ_STATUS"
    ]
    asked = any(
        question.is_open and (question.component == "CTZ_STATUS" or question.part.startswith("line"))
        for question in proposal.questions
    )
    return (codes[0] if codes else {}), asked


@cases_from("conversion/cases/citizens_beside_all_others_are_a_status.csv")
def test_citizens_beside_all_others_are_read_as_a_status(area: str, own: str, others: str, total: str) -> None:
    codes, asked = status(area, own, others, total)
    assert (codes[own], codes[others]) == ("NC", "FC")
    assert not asked or total == "Both"


@cases_from("conversion/cases/countries_beside_others_are_no_status.csv", heads=listed)
def test_countries_beside_others_are_not_read_as_a_status(area: str, heads: tuple[str, ...]) -> None:
    codes, _ = status(area, *heads)
    assert "FC" not in codes.values()


@pytest.mark.parametrize("flow", ["DF_IMM", "DF_EMI"])
def test_headers_of_peoples_and_moves_are_citizenships(flow: str) -> None:
    text = """
## Sheet S
| International migration by nationality | | | | |
| Year | British immigration | British emigration | Australian immigration | Australian emigration |
| 2021 | 71 | 93 | 12 | 14 |
| 2022 | 84 | 95 | 11 | 16 |
"""
    block = proposed(text, flow, "GB").mapping.blocks[0]
    (codes,) = [dict(each.codes) for each in block.components if each.component == "C_CITIZEN"]
    noun = "immigration" if flow == "DF_IMM" else "emigration"
    assert codes == {f"British {noun}": "GB", f"Australian {noun}": "AU"}


@pytest.mark.parametrize(
    ("title", "status"),
    [("Australian immigration by sex", "_T"), ("Australian immigrants by sex", "NC"), ("Immigration by sex", "_T")],
)
def test_immigration_of_a_people_may_be_to_its_country(title: str, status: str) -> None:
    text = f"## Sheet S\n| {title} |\n| Year | Men | Women |\n| 2021 | 1 | 2 |\n| 2022 | 3 | 4 |\n"
    proposal = proposed(text, "DF_IMM", "AU")
    assert dict(proposal.mapping.blocks[0].fixed)["CTZ_STATUS"] == status
    assert ("Australian" in title) == any("Australian" in question.chosen.reason for question in proposal.open)


def test_own_citizens_are_recognised_below_citizenship() -> None:
    rows = "| Warganegara | 100 |\n| Bukan Warganegara | 5 |\n| Jumlah | 105 |\n"
    text = f"## Sheet S\n| Penduduk mengikut kewarganegaraan |\n| Kewarganegaraan | 2022 |\n{rows}"
    proposal = proposed(text, "DF_POP", "MY")
    assert codes(proposal, "CTZ_STATUS") == {"Warganegara": "NC", "Bukan Warganegara": "FC", "Jumlah": "_T"}
    assert [question.part for question in proposal.open if question.part.startswith("codes")] == []
