"""Countries in years before they were divided: a table may mean the former country, where its codelist has it."""

from __future__ import annotations

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


@cases_from("conversion/cases/countries_in_years_of_a_former_one_are_asked_about_once.csv", labels=listed, years=listed)
def test_countries_in_years_of_a_former_one_are_asked_about_once(
    labels: tuple[str, ...], years: tuple[str, ...], code: str
) -> None:
    assert asked(labels, years).count(code) == 1


@cases_from("conversion/cases/countries_in_other_years_are_not.csv", labels=listed, years=listed)
def test_countries_in_other_years_are_not(labels: tuple[str, ...], years: tuple[str, ...]) -> None:
    assert asked(labels, years) == ""
