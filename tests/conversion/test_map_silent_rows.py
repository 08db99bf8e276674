"""Rows without figures, and totals that occur twice."""

from __future__ import annotations

import pytest
from case_tables import as_list, cases_from, listed
from proposed import asked_labels, observations, proposed, tried


def table(*rows: str) -> str:
    listed = "".join(f"| {row} |\n" if row.count("|") else f"| {row} | | |\n" for row in rows)
    return f"## Sheet S\n| Population by country of citizenship, 2020 |\n| Citizenship | Men | Women |\n{listed}"


def test_repeated_equal_total_is_used_once() -> None:
    text = table(
        "Total | 100 | 200",
        "Zambia | 60 | 120",
        "Unknown | 40 | 80",
        "COUNTRY",
        "Total | 100 | 200",
        "Ghana | 30 | 70",
        "Chad | 30 | 50",
        "Unknown | 40 | 80",
    )
    proposal = proposed(text, "DF_POP")
    assert asked_labels(proposal) == ["fixed CTZ_STATUS"]
    assert sorted(value for key, value in observations(text, proposal).items() if key[4] == "_T") == ["100", "200"]


@cases_from("conversion/cases/rows_that_may_be_others_are_asked_about.csv", rows=listed)
def test_rows_that_may_be_others_are_asked_about(rows: tuple[str, ...]) -> None:
    assert asked_labels(proposed(table(*rows), "DF_POP"))


@pytest.mark.parametrize("head", ["Men", "Total", "Males", "Hommes", "Всего"])
def test_small_figures_matching_labels_are_not_read_as_codes(head: str) -> None:
    rows = "| Ghana | 100 | 200 |\n| Other | 1 | 2 |\n| Chad | 101 | 200 |\n| Other | 1 | 2 |\n"
    text = f"## Sheet S\n| Population by country of citizenship, 2020 |\n| Citizenship | {head} | Women |\n{rows}"
    (block,) = proposed(text, "DF_POP").mapping.blocks
    assert "SEX" in {component_map.component for component_map in block.components}


@cases_from("conversion/cases/of_which_women_counts_the_row_above_title.csv", labels=as_list)
@pytest.mark.parametrize("rows", [3, 2, 1])
def test_of_which_women_counts_the_row_above(title: str, labels: list[str], women: str, area: str, rows: int) -> None:
    text = f"## Sheet S\n| {title} |\n| | 2021 | 2022 |\n"
    for at, (label, figure) in enumerate(zip(labels, (100, 60, 40), strict=True)):
        text += f"| {label} | {figure} | {figure} |\n" + (
            f"| {women} | {figure // 2} | {figure // 5} |\n" * (at < rows)
        )
    trial = tried(text, "DF_IMM", area)
    found = observations(text, trial.proposal)
    assert sorted(int(value) for key, value in found.items() if key[:2] == ("2021", "F")) == [20, 30, 50][-rows:]
    assert sorted(int(value) for key, value in found.items() if key[:2] == ("2021", "_T")) == [40, 60, 100]
    assert not any(question.part in ("keys", "totals", "rows") for question in trial.open)


def test_more_women_than_people_in_the_row_above_are_asked_about() -> None:
    text = "## Sheet S\n| Immigrants by citizenship |\n| | 2021 |\n| Poland | 60 |\n| of which women | 70 |\n"
    text += "| India | 40 |\n| of which women | 20 |\n"
    (question,) = [each for each in tried(text, "DF_IMM", "KE").open if each.part == "totals"]
    assert "70" in question.chosen.reason


def test_other_parts_of_the_row_above_are_omitted_with_reason() -> None:
    text = "## Sheet S\n| Immigrants by citizenship |\n| | 2021 |\n| Poland | 60 |\n| of which students | 7 |\n"
    text += "| India | 40 |\n| of which students | 2 |\n"
    (block,) = tried(text, "DF_IMM", "KE").proposal.mapping.blocks
    assert {skip.match for skip in block.skip_rows} == {"of which students"}
    assert any("row above" in skip.reason for skip in block.skip_rows)


@pytest.mark.parametrize(
    ("citizens", "women"),
    [("of which citizens", "of which women"), ("iš jų piliečiai", "iš jų moterys"), ("davon Inländer", "davon Frauen")],
)
def test_women_below_another_part_are_asked_about(citizens: str, women: str) -> None:
    text = "## Sheet S\n| Immigrants by citizenship |\n| | 2021 |\n| Total | 100 |\n"
    text += f"| {citizens} | 30 |\n| {women} | 45 |\n| Poland | 60 |\n| India | 40 |\n"
    trial = tried(text, "DF_IMM", "KE")
    found = observations(text, trial.proposal)
    assert sorted(int(value) for value in found.values() if value in ("60", "40")) == [40, 60]
    assert "45" not in found.values()
    asked = {question.label for question in trial.open}
    left_out = {skip.match for block in trial.proposal.mapping.blocks for skip in block.skip_rows}
    assert women in asked | left_out
    assert not any(other.code == "title above" for question in trial.open for other in question.others)
