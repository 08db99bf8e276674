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
