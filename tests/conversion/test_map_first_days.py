"""``sdmxmig map`` on years that may begin on another day than the first of January: asked once, about one of them."""

from __future__ import annotations

import pytest
from proposed import observations, proposed

from sdmxmig.conversion.suggestion import Decisions, Question

ASKED = "on which day do the years begin?"


def moves(
    title: str = "Immigrants by citizenship", head: str = "Year", note: str = "", years: str = "2021 2022"
) -> str:
    first, *others = years.split(" ")
    rows = "\n".join(f"| {year} | 20 | 22 |" for year in others)
    below = f"| {note} | | |" if note else ""
    return f"""
## Sheet A
| {title} | | |
| {head} | Fiji | Tonga |
| {first} | 10 | 11 |
{rows}
{below}
"""


def asked(text: str, flow: str = "DF_IMM", decisions: Decisions | None = None) -> list[Question]:
    about = ("codes TIME_PERIOD", "fixed TIME_PERIOD", "title", "line column 1")
    return [question for question in proposed(text, flow, decisions=decisions).open if question.part in about]


IN_OTHER_YEARS = [
    moves("Immigrants by citizenship, fiscal years"),
    moves("Immigrants by citizenship, school years"),
    moves(head="Fiscal year"),
    moves("Immigrants by citizenship, fiscal years", head="Fiscal year"),
    moves("Immigrants by citizenship, fiscal years", years="2021 2022p"),
    moves("Immigrants by citizenship, year ended June and year ended December"),
]


@pytest.mark.parametrize("text", IN_OTHER_YEARS)
def test_first_day_of_the_years_is_asked_once(text: str) -> None:
    (question,) = asked(text)
    assert (question.part, ASKED in question.chosen.reason) == ("codes TIME_PERIOD", True)
    assert question.label in [other.code for other in question.others], "the years may be those of the calendar"


@pytest.mark.parametrize("text", IN_OTHER_YEARS)
def test_answer_for_the_first_year_applies_to_all_years(text: str) -> None:
    (question,) = asked(text)
    year = int(question.label)
    decisions = {("A", question.part, question.label): f"{year - 1}-07-01/P1Y"}
    values = observations(text, proposed(text, "DF_IMM", decisions=decisions))
    assert not asked(text, decisions=decisions)
    count = len({key[0] for key in values})
    assert {key[0] for key in values} == {f"{at}-07-01/P1Y" for at in range(year - 1, year - 1 + count)}


ENDING = {
    "2020-07-01/P1Y": [
        moves("Immigrants by citizenship, years ended 30 June"),
        moves("Immigrants by citizenship, years ending 30 June (fiscal years)"),
        moves("Immigrants by citizenship, fiscal years", note="Years ended 30 June."),
        moves(
            "Immigrants by citizenship", note="Figures relate to the twelve months ending in June of the year shown."
        ),
        moves("Immigrants by citizenship (Annual-Jun)"),
        moves("Immigrants by citizenship, Annual – June years"),
        moves("Immigrants by citizenship, June years"),
        moves(head="Year ending June", years="2021 2022*"),
        moves("Immigrants by citizenship, year ended 30 June", years="2020-21 2021-22"),
        moves(head="Year ending June", years="2020/2021 2021/2022"),
        moves(years="YE_Jun_2021 YE_Jun_2022"),
        moves(years="YE_Jun_21 YE_Jun_22"),
        moves(years="Year_ending_June_2021 Year_ending_June_2022"),
        moves(years="12_months_to_June_2021 12_months_to_June_2022"),
        moves(years="Jul_2020_–_Jun_2021 Jul_2021_–_Jun_2022"),
        moves("Immigrations par nationalité, année se terminant en juin", head="Année"),
        moves("Zuwanderer nach Staatsangehörigkeit", years="Juli_2020_bis_Juni_2021 Juli_2021_bis_Juni_2022"),
        moves("Иммигранты по гражданству", years="июль_2020_–_июнь_2021 июль_2021_–_июнь_2022"),
    ],
    "2020-05-01/P1Y": [moves(head="Year ending April"), moves(head="Year (ending April)")],
    "2020-04-06/P1Y": [
        moves(years="Year_ending_5_April_2021 Year_ending_5_April_2022"),
        moves("Inmigraciones por nacionalidad, año que termina el 5 de abril", head="Año"),
    ],
    "2021": [
        moves(head="Year ended December"),
        moves("Immigrants by citizenship, year ended December", head="Year ended December"),
    ],
}


@pytest.mark.parametrize(("first", "text"), [(first, text) for first, texts in ENDING.items() for text in texts])
def test_years_end_in_the_month_that_a_text_names(first: str, text: str) -> None:
    text = text.replace("_", " ")
    assert not asked(text)
    periods = {key[0] for key in observations(text, proposed(text, "DF_IMM"))}
    assert periods == {first, first.replace("2021", "2022").replace("2020", "2021")}


@pytest.mark.parametrize(
    "text",
    [
        moves("Immigrants by citizenship, year to date, March"),
        moves(years="Year_to_date_March_2021 Year_to_date_March_2022"),
        moves("Immigrants by citizenship, year ending in the week of 30 June"),
        moves("Immigrants by citizenship, 12 months to 1 July"),
    ],
)
def test_possibly_partial_year_is_asked_about(text: str) -> None:
    assert asked(text.replace("_", " ")) != []


def test_note_on_one_year_does_not_answer_for_every_year() -> None:
    assert [question.part for question in asked(moves(note="Year ended 30 June 2021: revised."))] != []


def test_marks_of_years_keep_their_meaning() -> None:
    text = moves(head="Year ending June", note="p = provisional", years="2020 2021p")
    proposal = proposed(text, "DF_IMM", decisions={("A", "codes TIME_PERIOD", "2020"): "2019-07-01/P1Y"})
    assert ("p", (("OBS_STATUS", "P"),)) in proposal.mapping.blocks[0].values.marks
    assert sorted({key[0] for key in observations(text, proposal)}) == ["2019-07-01/P1Y", "2020-07-01/P1Y"]


def test_years_may_be_answered_as_calendar_years() -> None:
    text = moves("Immigrants by citizenship, fiscal years")
    decisions = {("A", "codes TIME_PERIOD", "2021"): "2021"}
    assert not asked(text, decisions=decisions)
    values = observations(text, proposed(text, "DF_IMM", decisions=decisions))
    assert sorted({key[0] for key in values}) == ["2021", "2022"]


@pytest.mark.parametrize("label", ["2020/21 2021/22", "2020-21 2021-22", "FY2020 FY2021"])
def test_questioned_years_raise_no_second_question(label: str) -> None:
    (question,) = asked(moves("Immigrants by citizenship, fiscal years", years=label))
    assert (question.part, question.chosen.reason) == ("codes TIME_PERIOD", "when does this year begin?")


@pytest.mark.parametrize("title", ["fiscal year 2022", "year ended 30 June 2022", "financial year 2022"])
def test_period_of_a_title_is_asked_about_with_its_words(title: str) -> None:
    text = f"""
## Sheet A
| Immigrants by citizenship, {title} | |
| Country of citizenship | Immigrants |
| Fiji | 10 |
| Tonga | 20 |
| Samoa | 30 |
"""
    (question,) = asked(text)
    assert question.part == "fixed TIME_PERIOD"
    assert not asked(text, decisions={("A", "fixed TIME_PERIOD", ""): "2021-07-01/P1Y"})


@pytest.mark.parametrize(
    "title",
    [
        "المهاجرون حسب الجنسية خلال العام المالي 2022",
        "تعداد مهاجران بر اساس ملیت، سال مالی 2022",
        "تارکین وطن بلحاظ شہریت، مالی سال 2022",
    ],
)
def test_words_for_a_financial_year_do_not_name_mali(title: str) -> None:
    text = f"## Sheet A\n| {title} | |\n| Country of citizenship | Immigrants |\n| Fiji | 10 |\n| Tonga | 20 |\n"
    assert not any(
        "ML" in (question.chosen.code, question.chosen.reason) for question in proposed(text, "DF_IMM", "").open
    )


STAYS = [
    (moves(head="Year of arrival"), "line column 1"),
    (moves(head="Survey year ending April"), "line column 1"),
    (moves(head="Year (July-June)"), "line column 1"),
    (moves(head="Year ending April (estimates)"), "line column 1"),
    (moves("Immigrants by citizenship, fiscal years", years="2021 2021/22"), "title"),
    (moves("Immigrants by citizenship, years ended 30 June, zorblax"), "title"),
]


@pytest.mark.parametrize(("text", "part"), STAYS)
def test_years_of_something_else_are_asked_about_as_before(text: str, part: str) -> None:
    assert part in [question.part for question in asked(text)]


@pytest.mark.parametrize("answer", ["2021", "2021-01", "leave out"])
def test_answer_for_one_year_leaves_other_years_unchanged(answer: str) -> None:
    text = moves("Immigrants by citizenship, fiscal years")
    proposal = proposed(text, "DF_IMM", decisions={("A", "codes TIME_PERIOD", "2021"): answer})
    assert "2022" in {key[0] for key in observations(text, proposal)}
