"""Places and groups in file names are asked about; reference numbers of offices are ignored."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from markdown_workbooks import workbook
from proposed import WORDS, asked_text
from shipped import CATALOGUE

from sdmxmig.conversion.suggestion import FlowKnowledge, Proposal, suggest
from sdmxmig.conversion.tables import read

TABLE = """
## Sheet Data
| Resident population by country of citizenship |
| Country of citizenship | 2019 | 2020 |
| Uganda | 100 | 200 |
| Somalia | 110 | 210 |
| India | 120 | 220 |
"""


NUMBERS = ["Table 000", "000", "1 000", "1000", "table 1,000", "t_000_b", "2020 000", "01.01", "31.12", "1.1", "T 1-1"]


def of(name: str, text: str = TABLE) -> Proposal:
    return suggest(read(name, workbook(text)), FlowKnowledge(CATALOGUE.flows["DF_POP"], WORDS), "KE", None)


@cases_from("conversion/cases/a_place_or_group_in_the_name_of_the_file_is_asked_about.csv")
def test_place_or_group_in_the_file_name_is_asked_about(name: str, word: str) -> None:
    assert word in asked_text(of(name))


@pytest.mark.parametrize("letter", ["b01", "e01", "p01", "q3x", "f1", "E2", "p", "x6", "d3", "r01", "u1", "p_01"])
def test_letter_and_number_are_not_read_as_a_status(letter: str) -> None:
    proposal = of(f"{letter}.xlsx")
    assert "OBS_STATUS" not in dict(proposal.mapping.blocks[0].fixed)
    assert asked_text(proposal) == ""


@cases_from("conversion/cases/other_file_names_raise_no_question.csv")
def test_other_file_names_raise_no_question(name: str) -> None:
    assert asked_text(of(name)) == ""


@pytest.mark.parametrize(("title", "code"), [("Provisional figures", "P"), ("Estimates", "E")])
def test_status_in_words_is_recognised_in_a_file_name(title: str, code: str) -> None:
    text = TABLE.replace("| Resident", f"| {title} |\n| Resident")
    assert dict(of("p01.xlsx", text).mapping.blocks[0].fixed)["OBS_STATUS"] == code


def in_sheet(name: str, text: str = TABLE) -> Proposal:
    return of("t.xlsx", text.replace("## Sheet Data", f"## Sheet {name}"))


@pytest.mark.parametrize("number", NUMBERS)
def test_bare_number_in_a_name_means_no_multiplier_or_day(number: str) -> None:
    for proposal in (of(f"{number}.xlsx"), in_sheet(number)):
        given = dict(proposal.mapping.blocks[0].fixed)
        assert given["UNIT_MULT"] == "0"
        assert "REF_DATE" not in given
        assert asked_text(proposal) == ""


@pytest.mark.parametrize("title", ["Table 1.1", "Table 01.01.", "Tableau 1-1", "1.1", "Table 31.12"])
def test_table_number_in_a_title_is_not_read_as_a_day(title: str) -> None:
    text = TABLE.replace("| Resident", f"| {title} Resident")
    assert "REF_DATE" not in dict(of("t.xlsx", text).mapping.blocks[0].fixed)


@cases_from("conversion/cases/a_unit_day_or_status_that_only_a_name_states_is_asked.csv")
def test_unit_or_status_only_in_a_name_is_asked_about(name: str, component: str, code: str) -> None:
    for proposal in (of(f"{name}.xlsx"), in_sheet(name)):
        (question,) = (q for q in proposal.open if q.part == f"fixed {component}")
        assert code in {candidate.code for candidate in (question.chosen, *question.others)}


@pytest.mark.parametrize(("name", "component"), [("Tsd", "UNIT_MULT"), ("1 July", "REF_DATE"), ("male", "SEX")])
def test_value_in_the_file_name_is_offered_but_not_proposed(name: str, component: str) -> None:
    (question,) = (q for q in of(f"{name}.xlsx").open if q.part == f"fixed {component}")
    assert not question.chosen.code


def test_status_of_a_file_name_yields_to_the_title() -> None:
    assert statuses_proposed(TABLE) == {"fixed OBS_STATUS": "P"}
    assert statuses_proposed(TABLE.replace("| Resident", "| Provisional figures |\n| Resident")) == {}


def test_status_of_a_file_name_yields_to_a_note_on_the_year() -> None:
    text = f"{TABLE}\n| Figures for 2020 are provisional. |\n"
    assert statuses_proposed(text) == {"note OBS_STATUS": "P", "fixed OBS_STATUS": ""}


def statuses_proposed(text: str) -> dict[str, str]:
    return {q.part: q.chosen.code for q in of("provisional.xlsx", text).open if q.part.endswith(" OBS_STATUS")}


@pytest.mark.parametrize("name", ["2023", "immigrants 2023", "r 2023", "2023-06", "male"])
def test_file_name_alone_does_not_set_period_or_sex(name: str) -> None:
    text = TABLE.replace("| 2019 | 2020 |", "| 15-64 | 65+ |")
    parts = {question.part for question in of(f"{name}.xlsx", text).open}
    assert parts & {"fixed TIME_PERIOD", "fixed SEX"}


def test_period_is_read_from_the_sheet_name() -> None:
    proposal = in_sheet("2023", TABLE.replace("| 2019 | 2020 |", "| 15-64 | 65+ |"))
    assert dict(proposal.mapping.blocks[0].fixed)["TIME_PERIOD"] == "2023"
    assert "fixed TIME_PERIOD" not in {question.part for question in proposal.open}


@pytest.mark.parametrize(("name", "is_asked"), [("moves 2021-2023", False), ("moves 2021-2022", True)])
def test_years_in_file_name_may_include_those_of_title(name: str, is_asked: bool) -> None:
    text = TABLE.replace("| 2019 | 2020 |", "| 15-64 | 65+ |").replace("citizenship |", "citizenship, 2023 |", 1)
    assert ("fixed TIME_PERIOD" in {question.part for question in of(f"{name}.xlsx", text).open}) == is_asked


def test_country_code_in_a_file_name_is_not_read_as_a_unit() -> None:
    tables = read("population_us.xlsx", workbook(TABLE))
    assert "unit" not in asked_text(suggest(tables, FlowKnowledge(CATALOGUE.flows["DF_POP"], WORDS), "US", None))
