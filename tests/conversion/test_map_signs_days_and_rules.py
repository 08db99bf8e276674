"""``sdmxmig map`` reads signs in numbers from all figures, days in numbers, and rules by their lengths."""

from __future__ import annotations

import pytest
from shipped import CATALOGUE
from test_map_titles import TABLE, WORDS, asked, propose, read, workbook

from sdmxmig.conversion.recognition.ages import age
from sdmxmig.conversion.suggestion.figures import SIGNS, signs_of
from sdmxmig.conversion.suggestion.questions import Question

pytestmark = pytest.mark.sampled(4)


@pytest.mark.parametrize(
    ("texts", "signs"),
    [
        (["48,900", "24,1"], ("", ",")),
        (["0,900", "24,100"], ("", ",")),
        (["1048,900", "24,100"], ("", ",")),
        (["48,900", "123456"], ("", ",")),
        (["48.900", "1234567"], ("", ".")),
        (["48,900", "1,234,567"], (",", ".")),
        (["48.900", "24.100,5"], (".", ",")),
    ],
)
def test_all_figures_of_a_column_decide_which_sign_is_decimal(texts: list[str], signs: tuple[str, str]) -> None:
    assert signs_of(texts, {}) == (*signs, None)


TEXTS = {
    ";": "Población por sexo{};;\nAño;Hombres;Mujeres\n2021;24,100;24,800\n2022;24,200;24,900\n",
    ",": 'Population by sex{},,\nYear,Men,Women\n2021,"24,100","24,800"\n2022,"24,200","24,900"\n',
    "\t": "Bevölkerung nach Geschlecht{}\t\t\nJahr\tMänner\tFrauen\n2021\t24.100\t24.800\n2022\t24.200\t24.900\n",
}


def about_signs(delimiter: str, unit: str) -> list[Question]:
    tables = read("t.csv", TEXTS[delimiter].format(unit).encode())
    return [
        question for question in propose(tables, "DF_POP", CATALOGUE, WORDS, area="ES").open if question.label == SIGNS
    ]


@pytest.mark.parametrize(
    ("delimiter", "unit"), [(";", " (miles)"), (";", ""), (",", " (thousands)"), ("\t", " (in Tausend)")]
)
def test_sign_that_may_be_both_is_asked_without_a_proposal(delimiter: str, unit: str) -> None:
    (question,) = about_signs(delimiter, unit)
    assert question.chosen.code == ""
    assert {candidate.code for candidate in question.others} == {",", "."}


@pytest.mark.parametrize(("delimiter", "unit"), [(";", " (personas)"), (",", " (persons)")])
def test_figures_in_persons_have_no_decimals(delimiter: str, unit: str) -> None:
    assert not about_signs(delimiter, unit)


DAYS = {
    "Population by sex on 31-12-2022": "D1231",
    "Bevölkerung nach Geschlecht am 31-12-2022": "D1231",
    "Población por sexo a 01-01-2022": "D0101",
    "Population by sex, 1-7-2022": "D0701",
    "2020年11月1日零时按性别分的人口": "OTH",
    "2020年11月1日按性别分的人口": "OTH",
    "2022年12月31日零時性別人口": "D1231",
    "2020年11月1日零时外籍人口按性别分": "OTH",
    "Ludność według płci, stan w dniu 31-12-2022": "D1231",
}
ONE_YEAR = "## Sheet S\n| {} |\n| Sex | Total |\n| Male | 120 |\n| Female | 130 |\n"


@pytest.mark.parametrize(("title", "day"), DAYS.items(), ids=DAYS)
def test_day_in_a_title_is_the_reference_day_of_its_year(title: str, day: str) -> None:
    tried = propose(read("t.xlsx", workbook(ONE_YEAR.format(title))), "DF_POP", CATALOGUE, WORDS, area="KE")
    fixed = dict(tried.proposal.mapping.blocks[0].fixed)
    assert (fixed.get("REF_DATE"), fixed.get("TIME_PERIOD", "")[:2]) == (day, "20")
    assert not [question for question in tried.open if question.part in {"title", "fixed TIME_PERIOD"}]


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("满16周岁", "Y_GE16"),
        ("年满16周岁", "Y_GE16"),
        ("满16周岁及以上", "Y_GE16"),
        ("未满18周岁", "Y_LT18"),
        ("不满18周岁", "Y_LT18"),
        ("滿20歲", "Y_GE20"),
        ("満20歳", "Y20"),
    ],
)
def test_age_in_completed_years_has_its_code(label: str, code: str) -> None:
    assert age(label, WORDS.vocabulary)[0].code == code


RULES = {
    "A person is an immigrant who stays 12 of 16 months.": "R12_16",
    "Migrants are identified by the 12/16 rule.": "R12_16",
    "Règle 12/16 : 12 mois au cours de 16 mois.": "R12_16",
    "Se aplica la regla 12/16.": "R12_16",
    "Применяется правило 12/16.": "R12_16",
    "12 месяцев из 16 месяцев": "R12_16",
    "تطبق قاعدة 12/16.": "R12_16",
    "在16个月内累计居住12个月者": "R12_16",
    "采用12/16规则。": "R12_16",
    "Residents are persons present for 9 of the last 12 months.": "R9_12",
    "The 12/12 rule applies.": "R12_12",
}


def rule(note: str) -> str:
    tried = propose(
        read("t.xlsx", workbook(TABLE.format(title="Immigrants by sex", sheet="S", note=note))),
        "DF_IMM",
        CATALOGUE,
        WORDS,
        area="NZ",
    )
    return dict(tried.proposal.mapping.blocks[0].fixed)["RES_RULE"]


@pytest.mark.parametrize(("note", "code"), RULES.items(), ids=RULES)
def test_rule_named_in_a_note_is_proposed(note: str, code: str) -> None:
    assert rule(note) == code


@pytest.mark.parametrize(
    "note",
    [
        "Updated 12/16.",
        "Table 12/16",
        "Figures for 12 months are published after 16 weeks in 2020.",
        "Source: survey 12/16",
    ],
)
def test_numbers_that_name_no_rule_propose_none(note: str) -> None:
    assert rule(note) == "_U"


@pytest.mark.parametrize(
    ("title", "flow"),
    [
        ("Overseas migrant arrivals by sex", "DF_IMM"),
        ("Fortzüge ins Ausland nach Geschlecht", "DF_EMI"),
        ("Число прибывших из-за границы по полу", "DF_IMM"),
        ("Emigraciones con destino al extranjero por sexo", "DF_EMI"),
    ],
)
def test_moves_from_and_to_abroad_are_of_everybody(title: str, flow: str) -> None:
    assert not [each for each in asked(title, flow) if each.part in {"title", "fixed CTZ_STATUS"}]


def test_men_and_women_are_no_country() -> None:
    for title in (
        "Population of men and women",
        "Men and women of Kenya",
        "Población de 16 y mayores",
        "Población de mayores",
    ):
        assert not [question for question in asked(title) if question.part.startswith("fixed C_")]


TITLE_AND_COLUMN = """Population by sex on 1 January (usual residence: at least 12 months),,,
Year,Residence rule,Men,Women
2021,{column},24100,24800
2022,{column},24200,24900
"""


@pytest.mark.parametrize(
    ("column", "code", "offered"),
    [
        ("at least 12 months", "R12", []),
        ("Most of the last 12 months", "", ["R12", "R6"]),
        ("Срок действия разрешения", "", ["R12", "PERMIT"]),
        ("at least 6 months", "", ["R12"]),
        ("Provisional", "R12", []),
    ],
)
def test_rule_of_a_title_is_not_proposed_against_a_column(column: str, code: str, offered: list[str]) -> None:
    tables = read("t.csv", TITLE_AND_COLUMN.format(column=column).encode())
    (question,) = (
        question
        for question in propose(tables, "DF_POP", CATALOGUE, WORDS, area="NZ").open
        if question.part == "fixed RES_RULE"
    )
    assert question.chosen.code == code
    assert [candidate.code for candidate in question.others][: len(offered)] == offered
