"""``sdmxmig map`` on headers and titles with units of their own."""

from __future__ import annotations

from case_tables import cases_from, listed, truth
from proposed import asked_labels, proposed, tried

ROWS = "| 2021 | 42000 | 32000 |\n| 2022 | 45000 | 35000 |"


def asked(title: str, *heads: str) -> dict[str, str]:
    text = f"## Sheet S\n| {title} |\n| Year | {' | '.join(heads or ('Men', 'Women'))} |\n{ROWS}\n"
    return {question.part: question.chosen.reason for question in proposed(text, "DF_IMM").open}


@cases_from("conversion/cases/contradictory_units_in_headers_are_asked_about.csv", heads=listed, is_asked=truth)
def test_contradictory_units_in_headers_are_asked_about(title: str, heads: tuple[str, str], *, is_asked: bool) -> None:
    questions = asked(title, *heads)
    assert ("fixed UNIT_MULT" in questions) is is_asked
    assert not is_asked or "the table says “person" in questions["fixed UNIT_MULT"]


@cases_from("conversion/cases/each_label_gives_the_unit_of_its_own_figures.csv", rows=listed, read=listed)
def test_each_label_gives_the_unit_of_its_own_figures(
    title: str, rows: tuple[str, ...], answer: str, read: tuple[str, ...]
) -> None:
    text = f"## Sheet S\n| {title} |\n" + "".join(f"| {row.replace('/', '|')} |\n" for row in rows)
    assert ("fixed UNIT_MULT" in asked_labels(proposed(text, "DF_IMM"))) is bool(answer), "if a label has no unit"
    proposal = tried(text, decisions={("*", "fixed UNIT_MULT", ""): answer})
    assert not {"fixed UNIT_MULT", "codes UNIT_MULT"} & {*asked_labels(proposal)}
    figures = proposal.conversion.dataset.observations.select("OBS_VALUE", "UNIT_MULT").iter_rows()
    assert sorted(map("e".join, figures)) == sorted(read)


def test_figure_in_two_units_is_asked_about() -> None:
    heads = "Year | Men (thousands) | Men (persons) | Women (persons)"
    text = f"## Sheet S\n| Immigrants by sex |\n| {heads} |\n| 2021 | 42 | 42011 | 32000 |\n"
    (question,) = [each for each in tried(text).open if each.part == "sums SEX"]
    assert [each.code for each in question.others] == ["only Men (thousands)", "only Men (persons)", "leave out"]
    decisions = {("S", question.part, question.label): "add up"}
    conversion = tried(text, decisions=decisions).conversion
    figures = conversion.dataset.observations.select("SEX", "OBS_VALUE", "OBS_STATUS").rows()
    assert sorted(figures) == [("F", "32000", "A"), ("M", None, "O")], "thousands and persons give no sum"
