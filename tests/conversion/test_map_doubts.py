"""Missing information is asked about: the meaning of a country column, marks, totals that do not add up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from case_tables import cases_from, listed, text_from
from click.testing import CliRunner
from markdown_workbooks import workbook
from proposed import ALWAYS, tried
from shipped import CATALOGUE

from sdmxmig.cli import cli
from sdmxmig.conversion.suggestion import Question
from sdmxmig.conversion.tables import read

pytestmark = pytest.mark.sampled(4)


def asked(text: str, flow: str = "DF_IMM", area: str = "KE") -> list[Question]:
    return [question for question in tried(text, flow, area).open if question.part not in ALWAYS]


def parts(questions: list[Question]) -> set[str]:
    return {question.part for question in questions}


@cases_from("conversion/cases/faults_of_cells_are_named_as_what_they_are.csv", rows=listed)
def test_faults_of_cells_are_named_by_kind(rows: tuple[str, ...], says: str, says_not: str) -> None:
    table = "".join(f"| {row.replace('/', '|')} |\n" for row in rows)
    questions = asked(f"## Sheet S\n| Immigrants by sex; persons |\n{table}")
    text = " ".join(f"{question.label}: {question.chosen.reason}" for question in questions)
    assert says in text
    assert not says_not or says_not not in text
    assert not [question for question in questions if question.part == "rows" and not question.others]


def test_number_with_a_letter_for_a_digit_is_corrected() -> None:
    rows = "| Year | Men | Women |\n| 2021 | 3200O | 41l00 |\n| 2022 | 33000 | 120o |\n| 2023 | 34000 | 130o |\n"
    questions = asked(f"## Sheet S\n| Immigrants by sex; persons |\n{rows}")
    proposed = {question.label: question.chosen.code for question in questions if question.part == "values"}
    assert proposed == {"the sign “3200O”": "32000", "the sign “41l00”": "41100", "the mark “o”": ""}


def test_no_multiple_is_proposed_for_figures_with_decimals() -> None:
    questions = asked(
        "## Sheet S\n| Immigrants by sex |\n| Year | Men | Women |\n| 2021 | 42,5 | 3,1 |\n| 2022 | 4,2 | 3,7 |\n"
    )
    (question,) = [question for question in questions if question.part == "fixed UNIT_MULT"]
    assert [question.chosen.code, *(other.code for other in question.others)] == ["", "0", "3", "6"]


def test_column_of_formulas_in_a_text_file_is_asked_about(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text(
        "Immigrants by sex; persons\nYear,Men,Women\n2021,42000,=B3*2\n2022,52000,=B4*2\n", encoding="utf-8"
    )
    told = CliRunner().invoke(cli, ["map", str(table), "DF_IMM", "--area", "GE"])
    assert "“=B3*2” is not a number" in told.output


COUNTRIES = text_from("conversion/cases/map_doubts_countries.md")


def countries(head: str, title: str = "year", years: str = "2018 | 2019", extra: str = "") -> str:
    return COUNTRIES.format(title=title, head=head, years=years, extra=extra)


@cases_from("conversion/cases/country_column_is_certain_if_its_kind_is_stated.csv")
def test_country_column_is_certain_if_its_kind_is_stated(head: str, title: str, component: str) -> None:
    trial = tried(countries(head, title))
    assert "line column 1" not in parts(list(trial.open))
    assert next(iter(trial.proposal.mapping.blocks[0].components)).component == component


GROUPED = text_from("conversion/cases/map_doubts_grouped.md")


@cases_from("conversion/cases/grouping_columns_are_not_read_as_countries.csv")
def test_grouping_columns_are_not_read_as_countries(first: str, second: str) -> None:
    trial = tried(GROUPED.format(first=first, second=second))
    read_lines = {question.component: str(question.source) for question in trial.proposal.mapping.blocks[0].components}
    assert read_lines["C_CITIZEN"] == "column 3"
    assert not {"C_BIRTH", "C_RESIDENCE"} & read_lines.keys()
    assert [question.part for question in trial.questions if question.part.startswith("unread")] == [
        "unread column 1",
        "unread column 2",
    ]


@cases_from("conversion/cases/marks_after_years_are_explained_or_asked_about.csv")
def test_marks_after_years_are_explained_or_asked_about(years: str, note: str, status: str) -> None:
    text = countries("Nationality", years=years) + (f"\n| {note} | | |\n" if note else "")
    trial = tried(text)
    open_marks = [question for question in trial.open if question.part == "values"]
    assert bool(open_marks) == status.startswith("?")
    marks = {code for _, pairs in trial.proposal.mapping.blocks[0].values.marks for _, code in pairs}
    assert marks == ({status.strip("?")} - {""})


@pytest.mark.parametrize("years", ["2018 | 2019", "2018 г. | 2019 г.", "Year 2018 | Year 2019", "2018年 | 2019年"])
def test_sign_at_every_year_is_not_read_as_a_mark(years: str) -> None:
    assert "values" not in parts(asked(countries("Nationality", years=years)))


LONG = text_from("conversion/cases/map_doubts_long.md")


@cases_from("conversion/cases/status_column_is_recognised.csv", codes=listed)
def test_status_column_is_recognised(head: str, first: str, second: str, codes: tuple[str, str]) -> None:
    trial = tried(LONG.format(head=head, first=first, second=second))
    (component_map,) = [
        component_map
        for component_map in trial.proposal.mapping.blocks[0].components
        if component_map.component == "OBS_STATUS"
    ]
    assert tuple(dict(component_map.codes).get(text, text) for text in (first, second)) == codes


@cases_from("conversion/cases/unknown_column_that_separates_rows_is_asked_about.csv")
def test_unknown_column_that_separates_rows_is_asked_about(head: str, first: str, second: str) -> None:
    assert asked(LONG.format(head=head, first=first, second=second))


BY_SEX = """## Sheet T
| Immigrants by sex, persons | | | |

| Year | Total | Male | Female |
| 2018 | {total} | {male} | 40 |
| 2019 | 90 | 50 | 40 |
"""


@pytest.mark.parametrize(
    ("total", "male"), [("100", "70"), ("101", "60"), ("1000", "60"), ("60", "60"), ("39", "60"), ("100", "6")]
)
def test_proposal_with_wrong_totals_is_uncertain(total: str, male: str) -> None:
    questions = asked(BY_SEX.format(total=total, male=male))
    assert "totals" in parts(questions)
    reason = next(question.chosen.reason for question in questions if question.part == "totals")
    assert "T!" in reason


def test_question_names_every_wrong_total() -> None:
    questions = asked(BY_SEX.format(total="101", male="60").replace("| 90 |", "| 91 |"))
    reason = next(question.chosen.reason for question in questions if question.part == "totals")
    assert re.findall(r"T!(\w+)", reason) == ["B4", "B5"]


def test_totals_that_fit_raise_no_question() -> None:
    assert asked(BY_SEX.format(total="100", male="60")) == []


YEARS = [(2017, 70), (2018, 100), (2019, 90), (2020, 80), (2021, 75)]


@pytest.mark.parametrize(
    ("wrong", "is_asked"),
    [({2019}, False), ({2017, 2021}, False), ({2017, 2018, 2019}, True), ({*range(2017, 2022)}, True)],
)
@pytest.mark.parametrize("in_columns", [False, True])
def test_wrong_totals_among_right_ones_go_to_validation(wrong: set[int], is_asked: bool, in_columns: bool) -> None:
    lines = [("Year", "Total", "Male", "Female")]
    lines += [(str(year), str(total + 9 * (year in wrong)), str(total - 40), "40") for year, total in YEARS]
    rows = zip(*lines, strict=True) if in_columns else lines
    table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    questions = asked(f"## Sheet T\n| Immigrants by sex, persons | | | |\n\n{table}")
    assert ("totals" in parts(questions)) == is_asked


def test_total_beside_omitted_remainder_raises_no_question() -> None:
    text = countries("Nationality") + "| Atlantis | 7 | 8 |\n| Total | 217 | 113 |\n"
    assert "codes C_CITIZEN" in parts(asked(text))
    assert "totals" not in parts(asked(text))
    questions = tried(text, decisions={("T", "codes C_CITIZEN", "Atlantis"): "leave out"}).open
    assert not {"codes C_CITIZEN", "totals"} & {*parts(questions)}


def test_two_figures_with_equal_keys_are_asked_about() -> None:
    text = countries("Nationality") + "| Nigerian | 7 | 8 |\n"
    questions = asked(text)
    assert questions


SHEETS = "\n".join(
    f"""## Sheet {year}
| Immigrants by country of citizenship, {year} | | |

| Nationality | Male | Female |
| Uganda | {year % 7}0 | 5 |
| Ethiopia | 30 | 15 |
| Norway | 9 | 8 |
| Atlantis | 4 | 2 |
"""
    for year in range(2007, 2020)
)


def test_ten_observations_are_shown_in_words_with_their_cells() -> None:
    trial = tried(SHEETS)
    assert len(trial.examples) == 10
    sentences = [example.sentence for example in trial.examples]
    figure = "Kenya, Immigration, Female, Uganda (country of citizenship), 2008: 5"
    assert f"{figure} (residence rule: Unknown?) ← 2008!C4" in sentences


@pytest.mark.parametrize("extra", ["", "\n| Source: register | | |\n"])
def test_next_years_rows_are_read_by_last_years_mapping(extra: str) -> None:
    from sdmxmig.conversion.convert import convert
    from sdmxmig.conversion.mapping import load
    from sdmxmig.conversion.mapping.writing import write

    table = countries("Nationality")
    written = write(tried(table + extra).proposal.mapping)
    grown = table + "| Uganda | 7 | 8 |\n".replace("Uganda", "India (BR)") + extra
    mapping = load("t.toml", written.encode(), CATALOGUE.flows)
    before = convert(read("t.xlsx", workbook(table + extra)), mapping, CATALOGUE.flows["DF_IMM"], CATALOGUE.rules)
    after = convert(read("t.xlsx", workbook(grown)), mapping, CATALOGUE.flows["DF_IMM"], CATALOGUE.rules)
    assert after.dataset.observations.height == before.dataset.observations.height + 2


STATES = "\n".join(
    f"""## Sheet {name}
| Population by sex | | |

| Year | Male | Female |
| 2018 | {number}0 | 5 |
| 2019 | {number}1 | 6 |
"""
    for number, name in enumerate(("Nakuru", "Kisumu", "Mombasa"), start=1)
)


def test_indistinct_sheets_are_asked_about_once() -> None:
    (question,) = [question for question in tried(STATES, "DF_POP_TOPIC").open if question.part == "sheet"]
    assert question.sheets == ("Kisumu", "Mombasa")
    assert "REGION" in {candidate.code for candidate in question.others}
    trial = tried(STATES, "DF_POP_TOPIC", decisions={("*", "sheet", ""): "REGION"})
    assert len(trial.proposal.mapping.blocks) == 3
    assert not {"sheet", "title", "keys"} & {question.part for question in trial.open}
    (sentence,) = [each.sentence for each in trial.examples if "← Kisumu!B4" in each.sentence]
    assert sentence.startswith("Kenya, Resident population, Male, Kisumu, 2018: 20")


@cases_from("conversion/cases/months_are_read_by_a_pattern_so_that_next_years_are_too.csv")
def test_months_of_next_year_are_read_by_the_pattern(first: str, second: str, pattern: str) -> None:
    block = tried(countries("Nationality", years=f"{first} | {second}")).proposal.mapping.blocks[0]
    (time,) = [component_map for component_map in block.components if component_map.component == "TIME_PERIOD"]
    assert time.periods.patterns == (pattern,)
    assert time.codes == ()


def test_note_on_included_people_is_asked_about_once() -> None:
    text = countries("Nationality") + "\n| Persons with subsidiary protection are included. |\n"
    (question,) = (question for question in asked(text) if question.part == "title")
    assert question.label == "Persons with subsidiary protection are included"
