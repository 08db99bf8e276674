"""``sdmxmig map`` on years in any words, digits and calendars that are ours by arithmetic."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from proposed import observations, proposed

from sdmxmig.conversion.suggestion import Proposal

YEARS = (2021, 2022, 2023)


def across(labels: list[str]) -> str:
    """A table of immigrants with these labels over three columns."""
    return (
        "## Sheet S\n| Immigrants by sex | | | |\n"
        f"| Sex | {' | '.join(labels)} |\n| Male | 11 | 12 | 13 |\n| Female | 21 | 22 | 23 |\n"
    )


def periods(proposal: Proposal, text: str) -> dict[str, str]:
    """The value for men of each period."""
    return {key[0]: value for key, value in observations(text, proposal).items() if key[1] == "M"}


def asked(proposal: Proposal) -> list[str]:
    parts = ("codes TIME_PERIOD", "fixed TIME_PERIOD", "fixed FREQ", "line header 1")
    return [question.part for question in proposal.open if question.part in parts]


@cases_from("conversion/cases/year_inside_words_for_year_is_recognised.csv")
@pytest.mark.sampled(4)
def test_year_inside_words_for_year_is_recognised(written: str) -> None:
    labels = [written.replace("{0}", "{}").replace("{}", str(year)) for year in YEARS]
    text = across(labels)
    proposal = proposed(text, "DF_IMM")
    assert asked(proposal) == []
    assert periods(proposal, text) == {"2021": "11", "2022": "12", "2023": "13"}


@pytest.mark.parametrize(
    "labels",
    [
        ["ឆ្នាំ២០២១", "ឆ្នាំ២០២២", "ឆ្នាំ២០២៣"],
        ["عام ٢٠٢١", "عام ٢٠٢٢", "عام ٢٠٢٣"],
        ["سال ۲۰۲۱", "سال ۲۰۲۲", "سال ۲۰۲۳"],
        ["সাল ২০২১", "সাল ২০২২", "সাল ২০২৩"],
        ["वर्ष २०२१", "वर्ष २०२२", "वर्ष २०२३"],
        ["ปี ๒๐๒๑", "ปี ๒๐๒๒", "ปี ๒๐๒๓"],
        ["110年 2021", "111年 2022", "112年 2023"],
        ["110年(2021)", "111年(2022)", "112年(2023)"],
        ["2021年(110年)", "2022年(111年)", "2023年(112年)"],
        ["民國110年", "民國111年", "民國112年"],
        ["民國110年(2021年)", "民國111年(2022年)", "民國112年(2023年)"],
        ["令和3年", "令和4年", "令和５年"],
        ["令和3年（2021年）", "令和4年（2022年）", "令和5年（2023年）"],
        ["2021（令和3年）", "2022（令和4年）", "2023（令和5年）"],
        ["พ.ศ. 2564", "พ.ศ. 2565", "พ.ศ. 2566"],
        ["พ.ศ. 2564 (2021)", "พ.ศ. 2565 (2022)", "พ.ศ. 2566 (2023)"],
        ["พ.ศ. ๒๕๖๔", "พ.ศ. ๒๕๖๕", "พ.ศ. ๒๕๖๖"],
        ["110年", "111年", "112年"],
        ["2564/2021", "2565/2022", "2566/2023"],
        ["2021 (2564)", "2022 (2565)", "2023 (2566)"],
    ],
)
def test_years_of_calendars_with_a_fixed_offset_are_converted(labels: list[str]) -> None:
    text = across(labels)
    proposal = proposed(text, "DF_IMM")
    assert asked(proposal) == []
    assert periods(proposal, text) == {"2021": "11", "2022": "12", "2023": "13"}


@pytest.mark.parametrize(
    "labels",
    [
        ["1400/2021", "1401/2022", "1402/2023"],
        ["سال ۱۴۰۰", "سال ۱۴۰۱", "سال ۱۴۰۲"],
        ["1442 (2021)", "1443 (2022)", "1444 (2023)"],
        ["110年 2022", "111年 2023", "112年 2024"],
        ["2564 (2020)", "2565 (2021)", "2566 (2022)"],
        ["令和3年度", "令和4年度", "令和5年度"],
        ["民國110學年度", "民國111學年度", "民國112學年度"],
        ["2013 E.C.", "2014 E.C.", "2015 E.C."],
        ["2013 ዓ.ም", "2014 ዓ.ም", "2015 ዓ.ም"],
        ["2078 B.S.", "2079 B.S.", "2080 B.S."],
        ["वर्ष २०७८", "वर्ष २०७९", "वर्ष २०८०"],
        ["वि.सं. 2078", "वि.सं. 2079", "वि.सं. 2080"],
        ["2564", "2565", "2566"],
        ["2021年度", "2022年度", "2023年度"],
        ["FY 2021", "FY 2022", "FY 2023"],
        ["School year 2021", "School year 2022", "School year 2023"],
        ["2021/22", "2022/23", "2023/24"],
    ],
)
def test_years_that_begin_on_other_days_or_do_not_agree_are_asked_about(labels: list[str]) -> None:
    assert asked(proposed(across(labels), "DF_IMM"))


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("Immigrants, ឆ្នាំ២០២៣", "2023"),
        ("Immigrants, ٢٠٢٣", "2023"),
        ("Immigrants, 民國112年", "2023"),
        ("Immigrants, 令和5年", "2023"),
        ("Immigrants, 民國110年至112年", ""),
        ("Immigrants, 令和元年～令和5年", ""),
    ],
)
def test_year_of_a_title_with_words_for_year_is_recognised(title: str, year: str) -> None:
    text = f"## Sheet S\n| {title} | |\n| Sex | Persons |\n| Male | 11 |\n| Female | 21 |\n"
    read = next(
        question.chosen.code for question in proposed(text, "DF_IMM").questions if question.part == "fixed TIME_PERIOD"
    )
    assert read == year
