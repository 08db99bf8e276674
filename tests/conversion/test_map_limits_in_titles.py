"""Limits of stay and age in titles, and words of titles that limit nothing."""

from __future__ import annotations

import pytest
from proposed import asked, observations, tried


def test_end_of_december_dates_the_count_of_a_year() -> None:
    text = "## Sheet S\n| Population by citizenship, end of December 2022 |\n| Citizenship | Persons |\n"
    text += "| Germany | 5 |\n| Poland | 7 |\n| Finland | 8 |\n"
    trial = tried(text, "DF_POP", "SE")
    assert asked(trial) == []
    assert dict(trial.proposal.mapping.blocks[0].fixed)["REF_DATE"] == "D1231"
    assert {key[0] for key in observations(text, trial.proposal)} == {"2022"}


def test_label_that_is_a_total_and_more_offers_to_leave_its_figures_out() -> None:
    text = "## Sheet S\n| Immigration |\n| Sex | 2021 | 2022 |\n"
    text += "| Total (excl. students) | 15 | 17 |\n| Men | 9 | 10 |\n| Women | 6 | 7 |\n"
    (question,) = asked(tried(text, "DF_IMM", "SE"))
    assert [offer.code for offer in question.others] == ["_T", "leave out"]


@pytest.mark.parametrize("label", ["stariji od 65", "старији од 65", "mayores de 65", "older than 65", "älter als 65"])
def test_label_of_those_older_than_an_age_is_an_age(label: str) -> None:
    text = f"## Sheet S\n| Population by age |\n| Age | 2021 |\n| 0-14 | 10 |\n| 15-64 | 20 |\n| {label} | 30 |\n"
    codes = {
        code
        for block in tried(text, "DF_POP", "RS").proposal.mapping.blocks
        for c in block.components
        for _, code in c.codes
    }
    assert "Y_GE65" in codes


def test_title_that_counts_something_else_is_kept_in_a_comment_if_chosen() -> None:
    title = "จำนวนคนต่างด้าวที่ได้รับอนุญาตทำงาน จำแนกตามเพศ"
    text = f"## Sheet S\n| {title} |\n| Sex | 2021 | 2022 |\n| Men | 9 | 10 |\n| Women | 6 | 7 |\n"
    (question,) = [each for each in tried(text, "DF_POP", "TH").open if each.part == "title"]
    kept = tried(text, "DF_POP", "TH", {(question.sheet, "title", question.label): "state it"})
    assert dict(kept.proposal.mapping.blocks[0].fixed)["COMMENT_OBS"] == title
