"""``sdmxmig map`` on years that stand for a part of them: the file, sheet or title names it, or a label in the row."""

from __future__ import annotations

import pytest
from markdown_workbooks import workbook
from proposed import WORDS, observations, proposed
from shipped import CATALOGUE

from sdmxmig.conversion.suggestion import FlowKnowledge, Proposal, suggest
from sdmxmig.conversion.tables import read


def arrivals(title: str = "Arrivals by country of citizenship", sheet: str = "A") -> str:
    return f"""
## Sheet {sheet}
| {title} | | |
| Country of citizenship | 2013 | 2014 |
| Fiji | 10 | 11 |
| Tonga | 20 | 22 |
"""


def proposal(text: str, file: str = "t.xlsx", flow: str = "DF_TEMPMOB") -> Proposal:
    return suggest(read(file, workbook(text)), FlowKnowledge(CATALOGUE.flows[flow], WORDS), "TH", None)


def is_asked(proposal: Proposal) -> bool:
    return any(
        question.part == "fixed FREQ" and "part of the year" in question.chosen.reason for question in proposal.open
    )


@pytest.mark.parametrize("name", ["January.xlsx", "arrivals_january.xlsx", "2013-2014 Sep.xlsx", "enero 2014.xlsx"])
def test_a_month_in_the_name_of_the_file_is_asked_about(name: str) -> None:
    assert is_asked(proposal(arrivals(), name))


@pytest.mark.parametrize("sheet", ["March", "Mar", "Q1 2014", "Jan-Nov", "août", "Январь", "1. Quartal"])
def test_a_part_of_the_year_in_the_name_of_the_sheet_is_asked_about(sheet: str) -> None:
    assert is_asked(proposal(arrivals(sheet=sheet)))


@pytest.mark.parametrize(
    "title",
    [
        "Arrivals in January by country of citizenship",
        "Arrivals by country of citizenship, January–November 2014",
        "Llegadas por nacionalidad, enero a junio de 2014",
        "Arrivals by country of citizenship, first quarter 2014",
        "Прибытия по гражданству, январь-сентябрь",
        "Arrivals by citizenship (Jan - Jun 2014)",
        "Arrivées par nationalité, premier trimestre",
    ],
)
def test_a_part_of_the_year_in_a_title_is_asked_about(title: str) -> None:
    assert is_asked(proposal(arrivals(title)))


@pytest.mark.parametrize(
    ("title", "sheet", "file"),
    [
        ("Arrivals by country of citizenship", "Table 1", "T1.xlsx"),
        ("Arrivals by country of citizenship, January–December", "A", "t.xlsx"),
        ("Arrivals from January 2013 to December 2014", "A", "t.xlsx"),
        ("Arrivals by citizenship, Q1–Q4", "A", "t.xlsx"),
        ("Arrivals by citizenship; figures may not add up", "A", "these_may_differ.xlsx"),
        ("Arrivals by citizenship, territory of 1 January 2014", "A", "t.xlsx"),
        ("Arrivals by country of citizenship", "Data set", "arrivals 2014.xlsx"),
        ("Arrivals in all quarters of the city", "A", "t.xlsx"),
    ],
)
def test_whole_years_dates_and_other_words_are_not_asked_about(title: str, sheet: str, file: str) -> None:
    assert not is_asked(proposal(arrivals(title, sheet), file))


def test_a_month_says_on_which_day_people_were_counted() -> None:
    assert not is_asked(proposal(arrivals("Population by country of citizenship, January"), flow="DF_POP"))


@pytest.mark.parametrize(
    ("sheet", "freq", "expected"),
    [
        ("March", "M", {"2013-03", "2014-03"}),
        ("March", "A", {"2013", "2014"}),
        ("1. Quartal", "Q", {"2013-Q1", "2014-Q1"}),
    ],
)
def test_the_answer_says_of_what_part_the_figures_are(sheet: str, freq: str, expected: set[str]) -> None:
    text = arrivals(sheet=sheet)
    decided = proposed(
        text, "DF_TEMPMOB", decisions={("*", "fixed FREQ", ""): freq, ("*", "fixed TMP_ITEM", ""): "ARR"}
    )
    assert {key[0] for key in observations(text, decided)} == expected


def by_term(terms: list[str], head: str = "Term") -> str:
    rows = "\n".join(f"| {2020 + at} | {900 - at} | {term} |" for at, term in enumerate(terms))
    return f"\n## Sheet A\n| Year | Visitor arrivals | {head} |\n{rows}\n"


YEAR = "Jan. - Dec."


@pytest.mark.parametrize(
    ("terms", "head", "period"),
    [
        ([YEAR, YEAR, "Jan. - Nov."], "Term", "2022-01-01/P11M"),
        ([YEAR, YEAR, "January–June"], "Period covered", "2022-01-01/P6M"),
        ([YEAR, YEAR, "January to March"], "Months", "2022-01-01/P3M"),
        (["enero-diciembre", "enero-diciembre", "enero-mayo"], "Meses", "2022-01-01/P5M"),
        (["янв-дек", "янв-дек", "янв-сен"], "Охват", "2022-01-01/P9M"),
        ([YEAR, YEAR, "Jul - Sep"], "Term", "2022-07-01/P3M"),
    ],
)
def test_year_beside_its_own_part_is_asked_about(terms: list[str], head: str, period: str) -> None:
    found = proposal(by_term(terms, head))
    asked = {question.label: question.others[0].code for question in found.open if question.part == "codes TIME_PERIOD"}
    assert asked == {"2022": period}


@pytest.mark.parametrize("terms", [[YEAR, YEAR, YEAR], ["final", "final", "revised"], ["ISTAT", "ISTAT", "ISTAT"]])
def test_other_labels_beside_years_raise_no_question(terms: list[str]) -> None:
    assert not [question for question in proposal(by_term(terms)).open if question.part == "codes TIME_PERIOD"]
