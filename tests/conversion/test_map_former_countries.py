"""Countries in years before they were divided: a table may mean the former country, where its codelist has it."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed
from proposed import proposed


def asked(labels: tuple[str, ...], years: tuple[str, ...], flow: str = "DF_POP") -> str:
    head = " | ".join(years)
    rows = "".join(
        f"| {question} | {' | '.join(str(100 + 10 * at + year) for year in range(len(years)))} |\n"
        for at, question in enumerate((*labels, "Fiji"))
    )
    text = f"## Sheet S\n| Population by country of citizenship |\n| Country of citizenship | {head} |\n{rows}"
    questions = [question.chosen.reason for question in proposed(text, flow, "KE").open if question.part == "title"]
    return " ".join(questions)


@cases_from("conversion/cases/countries_before_division_are_one_question.csv", labels=listed, years=listed)
def test_former_countries_are_asked_about_once(labels: tuple[str, ...], years: tuple[str, ...], code: str) -> None:
    assert asked(labels, years).count(code) == 1


@cases_from("conversion/cases/countries_in_other_years_raise_no_question.csv", labels=listed, years=listed)
def test_countries_in_other_years_raise_no_question(labels: tuple[str, ...], years: tuple[str, ...]) -> None:
    assert asked(labels, years) == ""


@pytest.mark.parametrize(
    "label",
    [
        "Nekdanja Jugoslavija",
        "前南斯拉夫",
        "يوغوسلافيا السابقة",
        "Yugoslavia (former)",
    ],
)
def test_both_codes_of_former_yugoslavia_are_offered(label: str) -> None:
    rows = f"| India | 10 |\n| Ghana | 20 |\n| {label} | 30 |\n"
    text = f"## Sheet S\n| Population by country of birth, 2022 |\n| Country of birth | Total |\n{rows}"
    proposal = proposed(text, "DF_POP", "KE")
    offered = {other.code for question in proposal.open if question.label == label for other in question.others}
    read = {code for part in proposal.mapping.blocks[0].components for text, code in part.codes if text == label}
    assert {"890", "YU"} <= offered or read == {"890"}


def test_existing_state_called_former_is_asked_about() -> None:
    text = "## Sheet S\n| Population by country of birth, 2022 |\n| Country of birth | Total |\n| India | 10 |\n"
    proposal = proposed(f"{text}| Former Serbia | 20 |\n", "DF_POP", "KE")
    assert "Former Serbia" in [question.label for question in proposal.open]
