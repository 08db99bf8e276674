"""Days over the figures or beside them: they say when people were counted, and are no daily figures without asking."""

from __future__ import annotations

import pytest
from case_tables import as_list, as_set, cases_from, listed, pairs
from proposed import observations, proposed

from sdmxmig.conversion.suggestion import Decisions, Proposal

STOCK, MOVES = ("DF_POP", "Population by citizenship"), ("DF_IMM", "Immigrants by citizenship")
Kind = tuple[str, str]


def across(kind: Kind, *heads: str) -> str:
    rows = "".join(
        f"| {name} | {' | '.join(str(10 * row + at) for at in range(len(heads)))} |\n"
        for row, name in enumerate(("Uganda", "India", "Total"), start=1)
    )
    return f"\n## Sheet S\n| {kind[1]} |\n| Citizenship | {' | '.join(heads)} |\n{rows}"


def about(kind: Kind, *heads: str, decisions: Decisions | None = None) -> Proposal:
    return proposed(across(kind, *heads), kind[0], "KE", decisions)


def asked(proposal: Proposal) -> list[str]:
    return [question.label for question in proposal.open if question.part == "codes TIME_PERIOD"]


def fixed(proposal: Proposal, component: str) -> str:
    return dict(proposal.mapping.blocks[0].fixed).get(component, "")


def test_stored_day_numbers_are_read_as_headers() -> None:
    assert {key[0] for key in observations(across(STOCK, "44926", "45291"), about(STOCK, "44926", "45291"))} == {
        "2022",
        "2023",
    }
    assert asked(about(MOVES, "44926", "45291")) == ["44926"]
    headed = "\n## Sheet S\n| Population on 1 January 2023 |\n| Place | Men | Women |\n| Uganda | 44926 | 45291 |\n"
    assert {*observations(headed, proposed(headed, "DF_POP", "KE")).values()} == {"44926", "45291"}


@cases_from("conversion/cases/one_day_of_each_year_is_that_on_which_people_were_counted.csv", heads=listed)
def test_yearly_day_is_the_reference_date(heads: tuple[str, ...], day: str) -> None:
    proposal = about(STOCK, *heads)
    assert (asked(proposal), fixed(proposal, "FREQ"), fixed(proposal, "REF_DATE")) == ([], "A", day)
    assert {key[0] for key in observations(across(STOCK, *heads), proposal)} == {"2020", "2021"}


@cases_from("conversion/cases/days_in_notes_are_reference_dates.csv")
def test_days_in_notes_are_reference_dates(note: str, title: str, day: str, comment: str) -> None:
    table = f"## Sheet S\n| {title} |\n| Sex | Total |\n| Male | 120 |\n| Female | 130 |\n\n| {note} |\n"
    proposal = proposed(table, "DF_POP")
    assert [question.chosen.code for question in proposal.questions if question.part == "fixed REF_DATE"] == [day]
    assert (fixed(proposal, "TIME_PERIOD"), fixed(proposal, "COMMENT_DSET")) == ("2023", comment)


@pytest.mark.parametrize(
    "title",
    [
        "Immigrants selon le sexe, situation au 15 mai 2023",
        "Inmigrantes por sexo, situación al 30 de junio de 2023",
        "Zuwanderer nach Geschlecht, Stand: 15.05.2023",
        "Иммигранты по полу по состоянию на 1 октября 2023 года",
    ],
)
def test_day_above_moves_is_not_read_as_their_month(title: str) -> None:
    table = f"## Sheet S\n| {title} |\n| Sex | Total |\n| Male | 120 |\n| Female | 130 |\n"
    of_period = [each for each in proposed(table, "DF_IMM").open if each.part == "fixed TIME_PERIOD"]
    assert [each.chosen.code for each in of_period] == [""]
    assert [other.code for other in of_period[0].others] == ["2022", "2023"]


@cases_from("conversion/cases/other_days_are_asked_about.csv", kind=listed, heads=listed, open_=as_list)
def test_other_days_are_asked_about(kind: Kind, heads: tuple[str, ...], open_: list[str]) -> None:
    proposal = about(kind, *heads)
    assert asked(proposal) == open_
    assert fixed(proposal, "FREQ") != "D"


@pytest.mark.parametrize(
    "heads", [("2020", "2021"), ("2020p", "2021p"), ("Jan 2020", "Feb 2020"), ("2020-Q1", "2020-Q2")]
)
def test_periods_of_movements_raise_no_question(heads: tuple[str, ...]) -> None:
    assert asked(about(MOVES, *heads)) == []


@cases_from(
    "conversion/cases/one_answer_applies_to_all_such_days.csv", kind=listed, heads=listed, answers=pairs, read=as_set
)
def test_one_answer_applies_to_all_unclear_days(
    kind: Kind, heads: tuple[str, ...], answers: dict[str, str], read: set[str]
) -> None:
    decisions = {("S", "codes TIME_PERIOD", text): period for text, period in answers.items()}
    proposal = about(kind, *heads, decisions=decisions)
    assert asked(proposal) == []
    assert {key[0] for key in observations(across(kind, *heads), proposal)} == read


@cases_from("conversion/cases/one_answered_day_gives_periods_of_all_days.csv", days=listed, codes=listed)
def test_answered_day_sets_periods_of_all_days(days: tuple[str, ...], answer: str, codes: tuple[str, ...]) -> None:
    rows = "".join(f"| {day} | {100 + 7 * at} |\n" for at, day in enumerate(days))
    text = f"## Sheet S\n| Immigrants |\n| Date | Persons |\n{rows}"
    asked = next(question for question in proposed(text, "DF_IMM").open if question.label == days[0])
    assert answer in {*(candidate.code for candidate in asked.others), "2001-S1"}
    block = proposed(text, "DF_IMM", decisions={("S", "codes TIME_PERIOD", days[0]): answer}).mapping.blocks[0]
    read = next(
        dict(component_map.codes) for component_map in block.components if component_map.component == "TIME_PERIOD"
    )
    assert tuple(read.get(day, day) for day in days) == codes
