"""Words beside the year in all headers: they are read as a part of the year, or asked about, and never cut away."""

from __future__ import annotations

from case_tables import as_list, as_set, cases_from, listed
from proposed import asked_text, observations, proposed

from sdmxmig.conversion.suggestion import Decisions, Proposal

TITLE = "Immigrants by country of citizenship"


def table(*heads: str, title: str = TITLE) -> str:
    """A table of three countries with these heads over its figures."""
    rows = "".join(
        f"| {label} | {' | '.join(str(100 + 10 * at + column) for column in range(len(heads)))} |\n"
        for at, label in enumerate(("Uganda", "Somalia", "India"))
    )
    return f"## Sheet S\n| {title} |\n| Country of citizenship | {' | '.join(heads)} |\n{rows}"


def of(*heads: str, decisions: Decisions | None = None) -> Proposal:
    return proposed(table(*heads), "DF_IMM", "KE", decisions)


def periods(*heads: str, decisions: Decisions | None = None) -> set[str]:
    return {key[0] for key in observations(table(*heads), of(*heads, decisions=decisions))}


@cases_from("conversion/cases/parts_of_years_are_recognised.csv", heads=listed, expected=as_set)
def test_parts_of_years_are_recognised(heads: tuple[str, ...], expected: set[str]) -> None:
    assert periods(*heads) == expected
    assert asked_text(of(*heads)) == ""


@cases_from("conversion/cases/answer_gives_the_part_of_each_year.csv", heads=listed, expected=as_set)
def test_answered_part_applies_to_each_year(heads: tuple[str, ...], part: str, answer: str, expected: set[str]) -> None:
    assert periods(*heads, decisions={("*", f"fixed {part}", ""): answer}) == expected


def test_one_answer_defines_the_start_of_all_years() -> None:
    decisions = {("*", "codes TIME_PERIOD", "FY 2019"): "2018-10-01/P1Y"}
    assert periods("FY 2019", "FY 2020", decisions=decisions) == {"2018-10-01/P1Y", "2019-10-01/P1Y"}


def test_years_of_the_solar_hijri_calendar_begin_on_21_march() -> None:
    heads = ("سال ۱۴۰۰", "سال ۱۴۰۱")
    (question,) = [question for question in of(*heads).open if question.part == "codes TIME_PERIOD"]
    assert [other.code for other in question.others] == ["2021-03-21/P1Y"]
    decisions = {("*", "codes TIME_PERIOD", heads[0]): "2021-03-21/P1Y"}
    assert periods(*heads, decisions=decisions) == {"2021-03-21/P1Y", "2022-03-21/P1Y"}


@cases_from(
    "conversion/cases/years_that_may_begin_on_another_day_are_asked_about.csv",
    heads=listed,
    offers=as_list,
    expected=as_set,
)
def test_years_that_may_begin_on_another_day_are_asked_about(
    heads: tuple[str, ...], offers: list[str], answer: str, expected: set[str]
) -> None:
    (question,) = [question for question in of(*heads).open if question.part == "codes TIME_PERIOD"]
    assert [other.code for other in question.others] == offers
    assert periods(*heads) == set()
    assert periods(*heads, decisions={("*", "codes TIME_PERIOD", question.label): answer}) == expected


def test_years_of_calendar_in_the_title_are_asked_about() -> None:
    text = table("2013", "2014", title=f"{TITLE}, በ2014 ዓ.ም")
    (question,) = [each for each in proposed(text, "DF_IMM", "KE").open if each.part == "codes TIME_PERIOD"]
    assert [other.code for other in question.others] == ["2020-09-11/P1Y", "2013"]


@cases_from("conversion/cases/redundant_words_beside_years_are_ignored.csv", heads=listed)
def test_redundant_words_beside_years_are_ignored(heads: tuple[str, ...]) -> None:
    assert asked_text(of(*heads)) == ""
    assert periods(*heads) == {"2019", "2020"}
