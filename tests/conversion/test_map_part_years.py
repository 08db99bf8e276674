"""``sdmxmig map`` on years that stand for a part of them: the file, sheet or title names it, or a label in the row."""

from __future__ import annotations

import pytest
from case_tables import as_list, as_set, cases_from, listed
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
def test_month_in_the_name_of_the_file_is_asked_about(name: str) -> None:
    assert is_asked(proposal(arrivals(), name))


@cases_from("conversion/cases/a_number_of_months_in_a_title_is_asked_about.csv")
def test_number_of_months_in_a_title_is_asked_about(title: str) -> None:
    assert is_asked(proposal(arrivals(title)))


@cases_from("conversion/cases/whole_years_dates_and_other_words_are_not_asked_about.csv")
def test_whole_years_dates_and_other_words_are_not_asked_about(title: str, sheet: str, file: str) -> None:
    assert not is_asked(proposal(arrivals(title, sheet), file))


def test_month_of_a_stock_defines_its_reference_date() -> None:
    assert not is_asked(proposal(arrivals("Population by country of citizenship, January"), flow="DF_POP"))


@cases_from("conversion/cases/the_answer_says_of_what_part_the_figures_are.csv", expected=as_set)
def test_answer_defines_the_part_of_the_year(sheet: str, freq: str, expected: set[str]) -> None:
    text = arrivals(sheet=sheet)
    decided = proposed(
        text, "DF_TEMPMOB", decisions={("*", "fixed FREQ", ""): freq, ("*", "fixed TMP_ITEM", ""): "ARR"}
    )
    assert {key[0] for key in observations(text, decided)} == expected


def by_term(terms: list[str], head: str = "Term") -> str:
    rows = "\n".join(f"| {2020 + at} | {900 - at} | {term} |" for at, term in enumerate(terms))
    return f"\n## Sheet A\n| Year | Visitor arrivals | {head} |\n{rows}\n"


YEAR = "Jan. - Dec."


@cases_from("conversion/cases/parts_of_a_year_beside_whole_years_are_asked_about.csv", terms=as_list)
def test_parts_of_a_year_beside_whole_years_are_asked_about(terms: list[str], head: str) -> None:
    (asked,) = (question for question in proposal(by_term(terms, head)).open if question.part == f"line column {head}")
    assert not [
        candidate for candidate in asked.others if candidate.code.startswith("only ")
    ]  # rows have no such choice


@pytest.mark.parametrize("terms", [[YEAR, YEAR, YEAR], ["final", "final", "revised"], ["ISTAT", "ISTAT", "ISTAT"]])
def test_other_labels_beside_years_raise_no_question(terms: list[str]) -> None:
    assert not [
        question
        for question in proposal(by_term(terms)).open
        if "TIME_PERIOD" in question.part or "line" in question.part
    ]


def periods(title: str, *heads: str, area: str = "RU") -> set[str]:
    """The periods of a table of immigrants if they are not asked about."""
    cells, figures = " | ".join(heads), " | ".join(str(10 + at) for at in range(len(heads)))
    text = f"## Sheet S\n| {title} | |\n| Country of birth | {cells} |\n| Fiji | {figures} |\n| Tonga | {figures} |\n"
    draft = suggest(read("t.xlsx", workbook(text)), FlowKnowledge(CATALOGUE.flows["DF_IMM"], WORDS), area, None)
    is_open = any(question.part.endswith(("PERIOD", "FREQ")) for question in draft.open)
    return set() if is_open else {key[0] for key in observations(text, draft)}


@cases_from("conversion/cases/counted_months_are_the_first_of_their_year.csv", heads=listed, expected=as_set)
def test_counted_months_are_the_first_of_their_year(heads: tuple[str, ...], expected: set[str]) -> None:
    assert periods("Число прибывших по странам", *heads) == expected


@cases_from("conversion/cases/labels_to_a_month_are_years_if_the_title_says_so.csv", expected=as_set)
def test_labels_to_a_month_are_years_if_the_title_states_so(title: str, expected: set[str]) -> None:
    assert periods(title, "to June 2021", "to June 2022", area="AU") == expected


@pytest.mark.parametrize(
    ("head", "period"),
    [("110年", "2021"), ("110年底", "2021"), ("110年上半年", "2021-S1"), ("110年度", ""), ("110年以上", "")],
)
def test_three_digit_years_follow_the_minguo_calendar(head: str, period: str) -> None:
    expected = {period, period.replace("2021", "2022")} if period else set()
    assert periods("Immigration", head, head.replace("110", "111"), area="TW") == expected


@pytest.mark.parametrize(
    ("title", "area"),
    [
        ("Bevándorló külföldi állampolgárok, 2023. 1–6. hó", "HU"),
        ("Maahanmuutto 2023, 1.–6. kk", "FI"),
        ("Имигранти, I–VI месец 2023", "BG"),
        ("Imigrantai, 2023 m. I–VI mėn.", "LT"),
        ("이민자, 2023년 1~6월", "KR"),
    ],
)
def test_numbered_months_of_a_title_are_asked_about(title: str, area: str) -> None:
    assert periods(title, "2023", area=area) == set()


@pytest.mark.parametrize("title", ["Immigrants, stay of 3–6 months", "1.–6. tábla: Bevándorlók", "Imigranti I–II dio"])
def test_other_numbered_spans_do_not_shorten_years(title: str) -> None:
    assert periods(title, "2023", area="HR") == {"2023"}
