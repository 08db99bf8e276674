"""Figures and words of a table that ``sdmxmig map`` would lose: a column taken for codes, a title, half a label."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed
from markdown_workbooks import workbook
from proposed import ALWAYS, WORDS, observations, proposed, tried

from sdmxmig.conversion.suggestion.region_splitting import find_regions
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.conversion.tables import read


def sheet(*rows: str, title: str = "Immigrants by citizenship") -> str:
    """A workbook of one sheet with a title over its rows, cells apart by a slash."""
    return f"\n## Sheet 2021\n| {title} |\n" + "".join(f"| {' | '.join(row.split('/'))} |\n" for row in rows)


def asked(text: str, flow: str = "DF_IMM") -> str:
    listed = [question for question in tried(text, flow).open if question.part not in ALWAYS]
    return "; ".join(f"{question.part}: {question.label} {question.chosen.reason}" for question in listed)


def region(text: str) -> Region:
    return find_regions(read("t.xlsx", workbook(text))[0], WORDS.vocabulary)[0]


EQUAL_TWICE = ("Africa/60/66", "Uganda/40/44", "Other/20/22", "Asia/90/99", "India/70/77", "Other/20/22")
LIKE_YEARS = ("2015/1987/1990", "2016/1992/2001", "2017/2003/2010", "2018/2015/2020")


@pytest.mark.parametrize(
    ("head", "rows"),
    [
        ("Citizenship/Male/Female", EQUAL_TWICE),
        ("Citizenship/Men/Women", ("Uganda/40/44", "Other/20/22", "India/70/77", "Other/20/22", "Total/150/165")),
        ("Citizenship/Immigrants/Emigrants", EQUAL_TWICE),
        ("Citizenship/Arrivals of the year/Departures of the year", EQUAL_TWICE),
        ("Year/Male/Female", LIKE_YEARS),
        ("Year/Immigrants/Emigrants", LIKE_YEARS),
        ("Citizenship/2021/2022", ("Uganda/2003/2001", "India/2009/1999", "Chad/2011/1987")),
        ("Citizenship/Men/Women", ("Uganda/1/4", "India/2/3", "Other/3/9", "Total/6/16")),
    ],
)
def test_columns_of_figures_are_not_read_as_labels(head: str, rows: tuple[str, ...]) -> None:
    assert region(sheet(head, *rows)).values == (2, 3)


@pytest.mark.parametrize(
    ("head", "rows", "values"),
    [
        ("Code/Citizenship/Sex/Number", ("800/Uganda/M/4", "800/Uganda/F/44", "356/India/M/7", "356/India/F/9"), (4,)),
        ("Citizenship/M49/Sex/Number", ("Uganda/800/M/40", "Uganda/800/F/44", "India/356/M/7", "India/356/F/7"), (4,)),
        ("No./Citizenship/Male/Female", ("1/Uganda/40/44", "2/India/70/77", "3/Chad/7/9"), (3, 4)),
        ("/Citizenship/Male/Female", ("1/Uganda/40/44", "2/India/70/77", "3/Chad/7/9"), (3, 4)),
        ("Citizenship/Year/Number", ("Uganda/2020/44", "Uganda/2021/45", "India/2020/77", "India/2021/4"), (3,)),
        ("Year/Citizenship/Number", ("2020/Uganda/44", "2020/India/45", "2021/Uganda/77", "2021/India/4"), (3,)),
        ("Year/Month/Number", ("2020/1/44", "2020/2/45", "2021/1/77", "2021/2/4"), (3,)),
        ("Citizenship/Age/Male/Female", ("Uganda/10/44/4", "Uganda/20/45/5", "India/10/7/7", "India/20/5/4"), (3, 4)),
        ("Year/Male/Female", ("2015/87/90", "2016/92/201"), (2, 3)),
        ("Citizenship/Male/Female", ("Uganda/40/44", "India/70/77", "Other/20/22"), (2, 3)),
    ],
)
def test_codes_years_and_row_numbers_stay_labels(head: str, rows: tuple[str, ...], values: tuple[int, ...]) -> None:
    assert region(sheet(head, *rows)).values == values


HEAD = "Citizenship/Male/Female"
BODY = ("Uganda/41/45", "India/64/70", "Total/105/115")


def test_sex_below_the_headers_applies_to_all_figures() -> None:
    text = sheet("Citizenship/2019/2020", "Women", *BODY)
    values = observations(text, proposed(text, "DF_IMM", "KE"))
    assert {key[1] for key in values} == {"F"}
    assert len(values) == 6


def test_unit_below_the_headers_applies_to_all_figures() -> None:
    fixed = proposed(sheet(HEAD, "(thousands)", *BODY), "DF_IMM", "KE").mapping.blocks[0].fixed
    assert dict(fixed)["UNIT_MULT"] == "3"


def test_name_of_labels_below_the_years_is_their_header() -> None:
    text = sheet("/2019/2020", "Country of birth", *BODY, title="Immigrants")
    values = observations(text, proposed(text, "DF_IMM", "KE"))
    assert values["2019", "_T", "_T", "UG", "_T"] == "41"


@cases_from("conversion/cases/half_a_label_is_no_country.csv")
@pytest.mark.parametrize("first", [(), ("Ghana/5/6",)], ids=["first", "later"])
def test_half_of_a_split_label_names_no_country(upper: str, lower: str, whole: str, first: tuple[str, ...]) -> None:
    text = sheet(HEAD, *first, upper, f"{lower}/10/12", "Uganda/41/45", "Chad/64/70")
    proposal = proposed(text, "DF_IMM", "KE")
    questions = [question for question in proposal.open if question.label == lower]
    read_as = dict(
        next(question for question in proposal.mapping.blocks[0].components if question.component == "C_CITIZEN").codes
    )
    assert read_as.get(lower, whole) == whole
    assert (lower in read_as) or [each.code for candidate in questions for each in candidate.others] == [
        whole,
        "leave out",
    ]


def test_whole_name_beside_half_of_another_is_recognised() -> None:
    halves = ("Democratic Republic", "of the Congo/10/12", "United Republic", "of Tanzania/20/22", "Congo/5/6")
    text = sheet(HEAD, *halves, "Total/35/40")
    values = observations(text, proposed(text, "DF_IMM", "KE"))
    assert values["2021", "M", "_T", "_T", "CG"] == "5"
    assert values["2021", "M", "_T", "_T", "TZ"] == "20"
    assert "CD" not in {key[4] for key in values}
    decisions = {("2021", "codes C_CITIZEN", "of the Congo"): "CD"}
    assert observations(text, proposed(text, "DF_IMM", "KE", decisions))["2021", "F", "_T", "_T", "CD"] == "12"


@cases_from("conversion/cases/a_title_above_a_whole_label_changes_no_code.csv", rows=listed)
def test_title_above_a_whole_label_does_not_change_its_code(rows: tuple[str, ...]) -> None:
    proposal = proposed(sheet(HEAD, *rows), "DF_IMM", "KE")
    assert not [question for question in proposal.open if question.part == "codes C_CITIZEN"]


NUMBERED = ("812/Uganda/40/44", "97/India/70/77", "1230/Chad/7/9")


@pytest.mark.parametrize(
    ("head", "rows"),
    [
        ("Code", NUMBERED),
        ("", NUMBERED),
        ("ISO", ("800/Uganda/40/44", "356/India/70/77", "148/Chad/7/9")),
        ("Quux", ("1/Uganda/40/44", "2/India/70/77", "3/Chad/7/9")),
        ("Quux", ("'010/Uganda/40/44", "12/India/70/77", "9/Chad/7/9")),
    ],
)
def test_codes_and_row_numbers_raise_no_question(head: str, rows: tuple[str, ...]) -> None:
    assert asked(sheet(f"{head}/Citizenship/Male/Female", *rows)) == ""


@cases_from("conversion/cases/a_text_alone_in_its_row_heads_a_column_only_without_another.csv")
def test_single_text_in_a_row_is_a_header_only_without_others(heads: str, first: str) -> None:
    rows = "| Uganda | 60 | 66 |\n| India | 70 | 77 |\n| Kenya | 20 | 22 |\n"
    found = region(f"\n## Sheet 2021\n| Immigrants |  |  |\n{heads}\n{rows}")
    assert [found.head(column) for column in (1, 2, 3)] == [first, "Men", "Women"]


def test_header_without_counts_is_quoted_in_120_characters() -> None:
    long = "Share of citizens of one country among all residents, as published by single country, " * 2
    (question,) = tried(sheet(f"Citizenship/{long}/{long} b", "Uganda/1.5/2.5", "India/2.5/3.5", "Chad/3.5/4.5")).open
    assert (question.part, question.label) == ("sheet", long[:120])
