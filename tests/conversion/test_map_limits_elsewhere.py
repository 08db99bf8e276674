"""Limits outside titles: short notes, cell comments, headers, second measures."""

from __future__ import annotations

from io import BytesIO

import pytest
from case_tables import cases_from
from markdown_workbooks import workbook
from openpyxl import load_workbook
from openpyxl.comments import Comment
from proposed import ALWAYS, CATALOGUE, WORDS, proposed

from sdmxmig.conversion.suggestion import FlowKnowledge, Proposal, suggest
from sdmxmig.conversion.tables import read

ROWS = "| Uganda | 110 | 120 |\n| Somalia | 230 | 240 |\n"


def asked(proposal: Proposal) -> set[str]:
    return {question.part for question in proposal.open if question.part not in ALWAYS}


def of(title: str, flow: str = "DF_POP", head: str = "Citizenship", note: str = "") -> Proposal:
    return proposed(f"## Sheet S\n| {title} | | |\n| {head} | 2019 | 2020 |\n{ROWS}\n| {note} |\n", flow, "GE")


LIMITS = [
    *("Adults only.", "Nur Erwachsene.", "Nur volljährige Personen.", "Uniquement les personnes majeures."),
    *("Только взрослые.", "仅包括18岁及以上人口。", "البالغون فقط.", "Unit: households.", "Including refugees."),
    *("Einschließlich Asylsuchende.", "Y compris les travailleurs saisonniers.", "包括难民。", "Включая беженцев."),
]
HARMLESS = [
    *("Source: Statistics Office", "Totals include unknown.", "Data as of 31 December", "Figures are rounded."),
    *("Source: register, only in Georgian", "Quelle: Statistisches Amt", "Source : Office de la statistique"),
    *("For further information only by phone", "Updated in 2021", "© Statistics Office"),
]


@pytest.mark.parametrize("note", LIMITS)
def test_a_short_note_that_limits_or_adds_is_asked_about(note: str) -> None:
    assert asked(of("Population by citizenship", note=note)) & {"title", "fixed AGE"}


@pytest.mark.parametrize("note", HARMLESS)
def test_a_note_that_does_neither_is_not(note: str) -> None:
    assert not asked(of("Population by citizenship", note=note))


@pytest.mark.parametrize(
    "head",
    [
        *("Citizenship of father", "Second citizenship", "Staatsangehörigkeit des Vaters", "Geburtsland der Mutter"),
        *("Nationalité du conjoint", "Гражданство отца", "Страна рождения матери", "Obywatelstwo matki"),
        *("Nacionalidad del padre", "Citizenship of the spouse"),
    ],
)
def test_the_country_of_somebody_else_is_asked_about(head: str) -> None:
    assert "line column 1" in asked(of("Population", head=head))


@pytest.mark.parametrize(
    "head",
    [
        *("Country of citizenship", "Country of birth", "Pays de naissance", "Land der Staatsangehörigkeit"),
        *("Гражданство", "Kraj obywatelstwa", "Citizenship (country)", "Citizenship / Nationalité"),
        *("País de nacionalidad", "Страна рождения"),
    ],
)
def test_the_country_of_the_persons_themselves_is_not(head: str) -> None:
    assert "line column 1" not in asked(of("Population", head=head))


@cases_from("conversion/cases/a_second_or_another_measure_is_asked_about.csv")
def test_a_second_or_another_measure_is_asked_about(title: str, flow: str) -> None:
    assert asked(of(title, flow)) & {"title", "fixed BIRTH_STATUS", "fixed ADM_ITEM"}


@pytest.mark.parametrize(
    ("title", "flow"),
    [
        ("Immigrants by citizenship", "DF_IMM"),
        ("Emigration by citizenship", "DF_EMI"),
        ("Migration: immigrants by citizenship", "DF_IMM"),
        ("Foreign population by citizenship", "DF_POP"),
        ("Live births by citizenship of mother", "DF_BIRTHS"),
    ],
)
def test_the_measure_of_the_dataflow_alone_is_not(title: str, flow: str) -> None:
    assert not [question for question in of(title, flow).open if "what the dataset counts" in question.chosen.reason]


def with_comment(text: str, cell: str) -> Proposal:
    book = load_workbook(BytesIO(workbook(f"## Sheet S\n| Population | | |\n| Citizenship | 2019 | 2020 |\n{ROWS}")))
    book.active[cell].comment = Comment(text, "office")
    stored = BytesIO()
    book.save(stored)
    return suggest(read("t.xlsx", stored.getvalue()), FlowKnowledge(CATALOGUE.flows["DF_POP"], WORDS), "GE")


@pytest.mark.parametrize(("text", "cell"), [("provisional", "C3"), ("Women only", "B2"), ("excluding refugees", "C2")])
def test_a_comment_on_a_cell_of_the_table_is_a_note(text: str, cell: str) -> None:
    assert asked(with_comment(text, cell)) & {"title", "fixed OBS_STATUS"}


@pytest.mark.parametrize("text", ["January to October only", "Provisional", "Excludes students", "vorläufig"])
@pytest.mark.parametrize("cell", ["A2", "B2", "A3", "B3"])
def test_a_table_with_a_comment_is_proposed(text: str, cell: str) -> None:
    assert not with_comment(text, cell).mapping.blocks[0].required_texts[1:]


@pytest.mark.parametrize(("text", "cell"), [("checked by the office", "C3"), ("provisional", "H9")])
def test_unrelated_or_distant_comment_raises_no_question(text: str, cell: str) -> None:
    assert not asked(with_comment(text, cell))


@pytest.mark.parametrize("year", ["2021/22", "2021-22", "2021–22", "1999/00"])
def test_a_year_of_a_title_that_ends_in_the_next_is_asked_about(year: str) -> None:
    table = f"## Sheet S\n| Immigrants by sex, {year} |\n| Sex | Persons |\n| Men | 10 |\n| Women | 12 |\n"
    assert "fixed TIME_PERIOD" in asked(proposed(table, "DF_IMM", "GE"))


@pytest.mark.parametrize("year", ["2021", "2021, 22 pages", "2021 (22)"])
def test_a_plain_year_of_a_title_is_not(year: str) -> None:
    table = f"## Sheet S\n| Immigrants by sex, {year} |\n| Sex | Persons |\n| Men | 10 |\n| Women | 12 |\n"
    assert dict(proposed(table, "DF_IMM", "GE").mapping.blocks[0].fixed)["TIME_PERIOD"] == "2021"


@pytest.mark.parametrize(
    ("title", "flow", "component", "code"),
    [
        ("Forced returns by citizenship", "DF_RETURN", "RETURN_TYPE", "FORCED"),
        ("Assisted voluntary returns by citizenship", "DF_RETURN", "ASSISTANCE", "ASSISTED"),
        ("Abschiebungen nach Staatsangehörigkeit", "DF_RETURN", "RETURN_TYPE", "FORCED"),
        ("Entries at land borders by citizenship", "DF_BORDER", "BORDER_TYPE", "LAND"),
        ("Entries at airports by citizenship", "DF_BORDER", "BORDER_TYPE", "AIR"),
        ("Seasonal workers by citizenship", "DF_TEMPMOB", "TMP_LAB", "SEASONAL"),
    ],
)
def test_a_value_that_a_title_names_and_no_line_gives_is_asked_about(
    title: str, flow: str, component: str, code: str
) -> None:
    questions = [question for question in of(title, flow).open if question.part == f"fixed {component}"]
    assert [question.chosen.code for question in questions] == [code]


@pytest.mark.parametrize(
    ("title", "flow", "component"),
    [
        ("Returned persons by citizenship and type of return", "DF_RETURN", "RETURN_TYPE"),
        ("Orders to leave by citizenship", "DF_RETURN", "ASSISTANCE"),
        ("Entries at the border by citizenship and type of border", "DF_BORDER", "BORDER_TYPE"),
        ("Border crossings by citizenship, land and air", "DF_BORDER", "BORDER_TYPE"),
        ("International arrivals by citizenship", "DF_TEMPMOB", "MOB_TYPE"),
        ("Visitor arrivals by citizenship", "DF_TEMPMOB", "TMP_LAB"),
    ],
)
def test_a_breakdown_and_what_names_no_value_are_not(title: str, flow: str, component: str) -> None:
    assert f"fixed {component}" not in asked(of(title, flow))


OTHER_YEARS = [
    *("Financial year", "Year of arrival", "School year", "Fiscal Year"),
    *("Rok szkolny", "Year of birth", "Jahr der Einreise", "Año fiscal", "Année scolaire"),
]
YEARS = [
    *(
        "Year ending April",
        "Year to June",
        "Year ended 30 June",
        "Year",
        "Année",
        "Год",
        "年份",
        "Reference year",
        "Year / Année",
        "Calendar year",
        "Yıl - Year",
    ),
    *("Year of reference", "Anno di riferimento", "Periodo de referencia", "Time period"),
]


def by_year(head: str) -> Proposal:
    rows = "| 2019 | 110 | 120 |\n| 2020 | 230 | 240 |\n"
    return proposed(f"## Sheet S\n| Immigrants | | |\n| {head} | Men | Women |\n{rows}", "DF_IMM", "GE")


@pytest.mark.parametrize("head", OTHER_YEARS)
def test_years_whose_head_says_that_they_are_others_are_asked_about(head: str) -> None:
    assert asked(by_year(head)) & {"line column 1", "codes TIME_PERIOD"}


@pytest.mark.parametrize("head", YEARS)
def test_years_of_the_calendar_are_not(head: str) -> None:
    assert not asked(by_year(head))


@pytest.mark.parametrize(
    "title",
    [
        "Average annual number of foreign citizens by citizenship",
        "Ausländische Bevölkerung im Jahresdurchschnitt nach Staatsangehörigkeit",
        "年平均人口，按国籍分",
    ],
)
def test_an_average_over_a_year_is_no_count_on_a_day(title: str) -> None:
    assert "title" in asked(of(title))


def test_stays_of_which_no_title_says_anything_may_be_of_one_kind() -> None:
    proposal = proposed(
        "## Sheet S\n| Year | Quarter 1 | Quarter 2 |\n| 2022 | 14 | 25 |\n| 2023 | 12 | 23 |\n", "DF_TEMPMOB"
    )
    assert "fixed MOB_TYPE" in {question.part for question in proposal.open}
