"""``sdmxmig map`` on days written with slashes, on lines of words below a text table, and on asylum applicants."""

from __future__ import annotations

import pytest
from case_tables import as_list, cases_from, listed
from shipped import CATALOGUE, words

from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import InputError
from sdmxmig.workspace.proposals import TriedProposal, propose

WORDS = words()
ENDS = ("31/03", "30/06", "30/09", "31/12")


def tried(text: str, flow: str) -> TriedProposal:
    return propose(read("t.csv", text.encode()), flow, CATALOGUE, WORDS, area="GB")


def by_days(days: list[str], head: str = "Date") -> str:
    rows = [f"{day},{1070 + 13 * at},{2480 + 17 * at}" for at, day in enumerate(days)]
    return "\n".join([f"{head},Men,Women", *rows]) + "\n"


def about_days(trial: TriedProposal) -> list[str]:
    return [question.label for question in trial.open if question.part == "codes TIME_PERIOD"]


@pytest.mark.parametrize(
    "days",
    [
        [f"{end}/{year}" for year in (2001, 2002) for end in ENDS],
        [f"01/{month:02}/2001" for month in (1, 4, 7, 10)] + ["31/12/2001"],
        ["31/01/2001", "28/02/2001", "31/03/2001"],
        ["13/01/2001", "14/01/2001", "15/01/2001"],
        ["03/31/2001", "06/30/2001", "09/30/2001", "12/31/2001"],
        ["1/1/2001", "2/1/2001", "13/1/2001"],
        ["01/02/2001", "01/03/2001", "01/04/2001"],
        ["03-01-2001", "03-02-2001", "03-03-2001"],
    ],
)
def test_days_with_slashes_are_asked_about_once(days: list[str]) -> None:
    trial = tried(by_days(days), "DF_IMM")
    assert about_days(trial) == [days[0]]
    assert any(
        component_map.component == "TIME_PERIOD"
        for block in trial.proposal.mapping.blocks
        for component_map in block.components
    )


@cases_from("conversion/cases/answered_day_gives_the_order_of_day_and_month.csv", periods=as_list)
def test_answered_day_defines_the_order_of_day_and_month(answer: str, periods: list[str]) -> None:
    text = by_days(["03/01/2022", "03/02/2022"])
    decisions = {("", "codes TIME_PERIOD", "03/01/2022"): answer}
    trial = propose(read("t.csv", text.encode()), "DF_IMM", CATALOGUE, WORDS, area="GB", decisions=decisions)
    (read_as,) = (item for item in trial.proposal.mapping.blocks[0].components if item.component == "TIME_PERIOD")
    assert [code for _, code in read_as.codes] == periods
    assert not about_days(trial)


def test_day_of_either_order_among_days_of_both_is_asked_about() -> None:
    assert about_days(tried(by_days(["31/01/2022", "02/28/2022", "03/04/2022"]), "DF_IMM")) == [
        "03/04/2022",
        "31/01/2022",
    ]


@cases_from("conversion/cases/other_numbers_with_slashes_are_no_days.csv", days=listed)
def test_other_numbers_with_slashes_are_not_read_as_days(days: tuple[str, ...]) -> None:
    trial = tried(by_days(days), "DF_IMM")
    read_as = [
        code
        for block in trial.proposal.mapping.blocks
        for component_map in block.components
        for _, code in component_map.codes
    ]
    patterns = [
        pattern
        for block in trial.proposal.mapping.blocks
        for component_map in block.components
        for pattern in component_map.periods.patterns
    ]
    assert not [code for code in read_as if code.startswith("2001-")]
    assert not patterns


TABLE = '"Año";"Mes";"Turistas"\n"2001";"Agosto";"34,4"\n"2002";"Agosto";"35,6"\n"2003";"Agosto";"36,1"\n'
TABBED = TABLE.replace(";", "\t")


@pytest.mark.parametrize("table", [TABLE, TABBED])
@pytest.mark.parametrize(
    "line", ['"Escala":"Millones"', '"Unit":"Persons"', '"Source" "INE"', '"Title": "Tourists" ("August")', '"a"b"c"']
)
def test_line_of_words_below_a_table_is_one_field(table: str, line: str) -> None:
    (found,) = read("t.csv", f"{table}{line}\n".encode())
    assert found.rows[5] == {1: line}
    assert found.rows[4][3] == "36,1"


@cases_from("conversion/cases/a_field_that_is_badly_quoted_in_a_row_is_refused.csv")
def test_badly_quoted_field_is_refused(line: str) -> None:
    with pytest.raises(InputError):
        read("t.csv", f"{TABLE}{line}\n".encode())


def status_asked(title: str) -> bool:
    text = f'"{title}",,\nCitizenship,2019,2020\nSyria,100,110\nIraq,120,130\nIran,12,13\n'
    return any(question.part == "fixed PROT_STATUS" for question in tried(text, "DF_PROTECTION").open)


@cases_from("conversion/cases/applicants_have_applied_and_no_more.csv")
def test_applicants_raise_no_question_on_status(title: str) -> None:
    assert not status_asked(title)


@cases_from("conversion/cases/other_words_for_people_are_asked_about.csv")
def test_other_words_for_people_are_asked_about(title: str) -> None:
    assert status_asked(title)


@pytest.mark.parametrize("head", ["Statsborgerskap", "statsborgerskap", "國籍", "國籍別", "Medborgarskap"])
def test_headers_that_name_citizenship_raise_no_question(head: str) -> None:
    trial = tried(f"{head},2019,2020\nSverige,100,110\nPolen,120,130\nIrak,12,13\n", "DF_POP")
    assert [question.chosen.code for question in trial.questions if question.part == "line column 1"] == ["C_CITIZEN"]
    assert not [question for question in trial.open if question.part == "line column 1"]
