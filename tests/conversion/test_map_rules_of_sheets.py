"""Sheets of one dataflow may follow different definitions if no series has two of them."""

from __future__ import annotations

import pytest
from proposed import proposed

PEOPLE = ("Population on 1 January by sex", "Foreign citizens on 1 January by sex")
SAME = ("Population on 1 January by sex", "Population on 1 January by sex")


def workbook(titles: tuple[str, str]) -> str:
    """Two sheets of years by sex."""
    sheets = ""
    for name, title, year in zip("AB", titles, (2020, 2022), strict=True):
        rows = f"| {year} | 9 | 4 | 5 |\n| {year + 1} | 8 | 4 | 4 |\n"
        sheets += f"## Sheet {name}\n| {title} |\n| Year | Total | Men | Women |\n{rows}\n"
    return sheets


def stated(decisions: dict[tuple[str, str, str], str], name: str, titles: tuple[str, str]) -> list[str]:
    proposal = proposed(workbook(titles), "DF_POP", "GE", decisions)
    return [dict(block.fixed).get(name, "") for block in proposal.mapping.blocks]


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [("RES_RULE", "R12", "PERMIT"), ("DUR_BASIS", "ACT", "GRT"), ("REF_DATE", "D0101", "D0701")],
)
def test_sheets_of_different_people_keep_their_definitions(name: str, first: str, second: str) -> None:
    decisions = {("A", f"fixed {name}", ""): first, ("B", f"fixed {name}", ""): second}
    assert stated(decisions, name, PEOPLE) == [first, second]


def test_common_residence_rule_is_asked_about_once() -> None:
    asked = [question for question in proposed(workbook(PEOPLE), "DF_POP").open if question.part == "fixed RES_RULE"]
    assert [question.sheet for question in asked] == ["*"]
    assert stated({("*", "fixed RES_RULE", ""): "R12"}, "RES_RULE", PEOPLE) == ["R12", "R12"]


def test_rule_of_one_sheet_is_proposed_for_all() -> None:
    decisions = {("A", "fixed RES_RULE", ""): "R12"}
    asked = [one for one in proposed(workbook(PEOPLE), "DF_POP", "GE", decisions).questions if "RES_RULE" in one.part]
    assert [(one.sheet, one.chosen.code) for one in asked] == [("*", "R12")]


def test_sheets_of_equal_populations_share_one_rule() -> None:
    decisions = {("A", "fixed RES_RULE", ""): "R12", ("B", "fixed RES_RULE", ""): "PERMIT"}
    asked = [one for one in proposed(workbook(SAME), "DF_POP", "GE", decisions).open if "RES_RULE" in one.part]
    assert [one.sheet for one in asked] == ["*"]


def by_rule(*rules: str) -> str:
    rows = "".join(f"| {2020 + number} | {rule} | {1000 + number} |\n" for number, rule in enumerate(rules))
    return f"## Sheet A\n| Foreign citizens, 1 January |\n| Year | Residence rule | Total |\n{rows}\n"


def test_column_of_codes_of_residence_rules_is_parsed() -> None:
    (block,) = proposed(by_rule("R12", "R6", "R6"), "DF_POP", "KE").mapping.blocks
    assert [(str(one.source), one.component) for one in block.components if one.component == "RES_RULE"] == [
        ("column 2", "RES_RULE")
    ]


def test_column_of_lengths_of_stay_may_set_the_residence_rule() -> None:
    text = by_rule("12 months", "6 months", "6 months")
    (question,) = (one for one in proposed(text, "DF_POP", "KE").open if one.part == "line column 2")
    assert question.others[0].code == "RES_RULE"
    answered = proposed(text, "DF_POP", "KE", {(question.sheet, question.part, question.label): "RES_RULE"})
    asked = {one.label: one.others[0].code for one in answered.open if one.part == "codes RES_RULE"}
    assert asked.keys() == {"12 months", "6 months"}
    assert asked["12 months"] == "R12"


@pytest.mark.parametrize(
    "note",
    [
        "Est résidente la personne qui vit ici depuis au moins six mois ou qui a l'intention d'y rester six mois.",
        "Es residente quien vive aquí desde hace al menos seis meses o tiene la intención de quedarse seis meses.",
        "São residentes as pessoas que vivem aqui há pelo menos seis meses ou que têm a intenção de ficar seis meses.",
        "Residents are persons who have lived here for at least six months or intend to stay for six months.",
    ],
)
def test_rule_without_a_code_is_kept_in_the_words_of_the_note(note: str) -> None:
    table = f"## Sheet S\n| Population by sex, 2023 |\n| Sex | Total |\n| Male | 9 |\n| Female | 8 |\n\n| {note} |\n"
    (rule,) = (each for each in proposed(table, "DF_POP").open if each.part == "fixed RES_RULE")
    assert [other.code for other in rule.others[:3]] == ["R6", "REU28", "OTH"]
    answered = proposed(table, "DF_POP", decisions={("*", "fixed RES_RULE", ""): "OTH"})
    assert dict(answered.mapping.blocks[0].fixed)["COMMENT_DSET"] == f"Residence rule: {note}"


@pytest.mark.parametrize("name", ["DF_IMM", "DF_IMM_TOPIC"])
@pytest.mark.parametrize(
    "note",
    [
        "Türkiye'de en az 12 ay ikamet etmiş veya etme niyetinde olanlar göç etmiş sayılır.",
        "Imigran adalah orang yang sudah tinggal paling sedikit 12 bulan atau berniat tinggal di sini.",
        "Za imigranta uważa się osobę, która przebywała co najmniej 12 miesięcy lub zamierza przebywać w kraju.",
        "Ως μετανάστες θεωρούνται όσοι διέμειναν τουλάχιστον 12 μήνες ή προτίθενται να διαμείνουν.",
    ],
)
def test_stay_in_a_note_is_the_rule_of_every_dataflow(name: str, note: str) -> None:
    table = f"## Sheet S\n| Immigrants by sex, 2023 |\n| Sex | Total |\n| Male | 9 |\n| Female | 8 |\n\n| {note} |\n"
    fixed = dict(proposed(table, name).mapping.blocks[0].fixed)
    assert (fixed["RES_RULE"], fixed["DUR_BASIS"]) == ("R12", "MIX")
