"""Words beside the year in all headers: they are read as a part of the year, or asked about, and never cut away."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed
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


@pytest.mark.parametrize(
    ("heads", "expected"),
    [
        (("2019 (Q1)", "2020 (Q1)"), {"2019-Q1", "2020-Q1"}),
        (("2019 (1st quarter)", "2020 (1st quarter)"), {"2019-Q1", "2020-Q1"}),
        (("3e trimestre 2019", "3e trimestre 2020"), {"2019-Q3", "2020-Q3"}),
        (("2019年第一季度", "2020年第一季度"), {"2019-Q1", "2020-Q1"}),
        (("H1 2019", "H2 2019"), {"2019-S1", "2019-S2"}),
        (("2019 (H2)", "2020 (H2)"), {"2019-S2", "2020-S2"}),
        (("2019 first half", "2020 first half"), {"2019-S1", "2020-S1"}),
        (("2019年上半年", "2020年上半年"), {"2019-S1", "2020-S1"}),
        (("I полугодие 2019", "II полугодие 2019"), {"2019-S1", "2019-S2"}),
        (("1er semestre 2019", "2e semestre 2019"), {"2019-S1", "2019-S2"}),
        (("Primer semestre de 2019", "Primer semestre de 2020"), {"2019-S1", "2020-S1"}),
        (("1. Halbjahr 2019", "1. Halbjahr 2020"), {"2019-S1", "2020-S1"}),
        (("النصف الأول 2019", "النصف الأول 2020"), {"2019-S1", "2020-S1"}),
        (("2019 (Jan-Jun)", "2020 (Jan-Jun)"), {"2019-S1", "2020-S1"}),
        (("2019 (Jul-Sep)", "2020 (Jul-Sep)"), {"2019-Q3", "2020-Q3"}),
        (("январь–сентябрь 2019 г.", "январь–сентябрь 2020 г."), {"2019-01-01/P9M", "2020-01-01/P9M"}),
        (("janvier à novembre 2019", "janvier à novembre 2020"), {"2019-01-01/P11M", "2020-01-01/P11M"}),
        (("2019年1-10月", "2020年1-10月"), {"2019-01-01/P10M", "2020-01-01/P10M"}),
        (("2019 (9 months)", "2020 (9 months)"), {"2019-01-01/P9M", "2020-01-01/P9M"}),
        (("2019 (11 mois)", "2020 (11 mois)"), {"2019-01-01/P11M", "2020-01-01/P11M"}),
        (("6 месяцев 2019", "6 месяцев 2020"), {"2019-S1", "2020-S1"}),
        (("2019年前9个月", "2020年前9个月"), {"2019-01-01/P9M", "2020-01-01/P9M"}),
        (("令和3年末", "令和4年末"), {"2021", "2022"}),
    ],
)
def test_parts_of_years_are_recognised(heads: tuple[str, ...], expected: set[str]) -> None:
    assert periods(*heads) == expected
    assert asked_text(of(*heads)) == ""


@pytest.mark.parametrize(
    ("heads", "part", "answer", "expected"),
    [
        (("to September 2019", "to September 2020"), "FREQ", "_U", {"2019-01-01/P9M", "2020-01-01/P9M"}),
        (("to September 2019", "to September 2020"), "FREQ", "A", {"2019", "2020"}),
    ],
)
def test_answer_gives_the_part_of_each_year(heads: tuple[str, ...], part: str, answer: str, expected: set[str]) -> None:
    assert periods(*heads, decisions={("*", f"fixed {part}", ""): answer}) == expected


def test_one_answer_says_when_all_such_years_begin() -> None:
    decisions = {("*", "codes TIME_PERIOD", "FY 2019"): "2018-10-01/P1Y"}
    assert periods("FY 2019", "FY 2020", decisions=decisions) == {"2018-10-01/P1Y", "2019-10-01/P1Y"}


def test_years_of_the_solar_hijri_calendar_begin_on_21_march() -> None:
    heads = ("سال ۱۴۰۰", "سال ۱۴۰۱")
    (question,) = [question for question in of(*heads).open if question.part == "codes TIME_PERIOD"]
    assert [other.code for other in question.others] == ["2021-03-21/P1Y"]
    decisions = {("*", "codes TIME_PERIOD", heads[0]): "2021-03-21/P1Y"}
    assert periods(*heads, decisions=decisions) == {"2021-03-21/P1Y", "2022-03-21/P1Y"}


@cases_from("conversion/cases/redundant_words_beside_years_are_ignored.csv", heads=listed)
def test_redundant_words_beside_years_are_ignored(heads: tuple[str, ...]) -> None:
    assert asked_text(of(*heads)) == ""
    assert periods(*heads) == {"2019", "2020"}
