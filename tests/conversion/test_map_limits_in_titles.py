"""Limits of stay and age in titles, and title words that set no limit."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from proposed import WORDS, asked, observations, tables, tried
from shipped import CATALOGUE

from sdmxmig.conversion.suggestion import FlowKnowledge, suggest


def test_end_of_december_dates_the_count_of_a_year() -> None:
    text = "## Sheet S\n| Population by citizenship, end of December 2022 |\n| Citizenship | Persons |\n"
    text += "| Germany | 5 |\n| Poland | 7 |\n| Finland | 8 |\n"
    trial = tried(text, "DF_POP", "SE")
    assert asked(trial) == []
    assert dict(trial.proposal.mapping.blocks[0].fixed)["REF_DATE"] == "D1231"
    assert {key[0] for key in observations(text, trial.proposal)} == {"2022"}


def test_total_with_further_words_can_be_left_out() -> None:
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


def test_title_counting_something_else_is_kept_in_a_comment() -> None:
    title = "จำนวนคนต่างด้าวที่ได้รับอนุญาตทำงาน จำแนกตามเพศ"
    text = f"## Sheet S\n| {title} |\n| Sex | 2021 | 2022 |\n| Men | 9 | 10 |\n| Women | 6 | 7 |\n"
    (question,) = [each for each in tried(text, "DF_POP", "TH").open if each.part == "title"]
    kept = tried(text, "DF_POP", "TH", {(question.sheet, "title", question.label): "state it"})
    assert dict(kept.proposal.mapping.blocks[0].fixed)["COMMENT_OBS"] == title


SEXES = "| Sex | Persons |\n| Men | 10 |\n| Women | 20 |\n| Total | 30 |\n"


@cases_from("conversion/cases/least_length_of_stay_in_a_title_limits_the_figures.csv")
def test_least_length_of_stay_in_a_title_limits_the_figures(title: str, area: str) -> None:
    questions = asked(tried(f"## Sheet S\n| {title} |\n{SEXES}", "DF_POP", area))
    assert any("5" in question.label or "ten" in question.label for question in questions if question.part == "title")
    assert not any(question.part == "fixed AGE" for question in questions)


@pytest.mark.parametrize(
    ("title", "area"),
    [
        ("Resident population aged 15 years and over by sex, 2022", "GB"),
        ("15岁以上居住人口,按性别,2022年", "CN"),
        ("Población residente de 16 años o más por sexo, 2022", "ES"),
        ("Wohnbevölkerung im Alter von 15 Jahren und älter nach Geschlecht, 2022", "DE"),
    ],
)
def test_ages_of_residents_are_not_read_as_stays(title: str, area: str) -> None:
    block = tried(f"## Sheet S\n| {title} |\n{SEXES}", "DF_POP", area).proposal.mapping.blocks[0]
    assert dict(block.fixed)["AGE"].startswith("Y_GE1")


@cases_from("conversion/cases/foreign_birth_in_a_title_is_not_the_total.csv")
def test_foreign_birth_in_a_title_is_not_the_total(title: str, area: str) -> None:
    trial = tried(f"## Sheet S\n| {title} |\n{SEXES}", "DF_POP", area)
    is_read = dict(trial.proposal.mapping.blocks[0].fixed).get("BIRTH_STATUS") == "FB"
    assert is_read or any(question.part == "fixed BIRTH_STATUS" for question in trial.open)


@pytest.mark.parametrize(
    ("note", "words"),
    [
        ("Note: Emigrants are residents intending to be away for more than six months.", "six months"),
        ("Remarque : les émigrants sont les résidents qui s'absentent plus de six mois.", "six mois"),
        ("Nota: emigrantes son residentes que se ausentan más de seis meses.", "seis meses"),
    ],
)
def test_length_of_stay_in_a_note_precedes_other_mappings(note: str, words: str) -> None:
    text = f"## Sheet S\n| Emigrants by sex, 2023 |\n{SEXES}| |\n| {note} |\n"
    known = FlowKnowledge(CATALOGUE.flows["DF_EMI"], WORDS, usual={"RES_RULE": ("R12", "02_FJ.toml")})
    (question,) = [each for each in suggest(tables(text), known, "FJ").questions if each.part == "fixed RES_RULE"]
    assert question.chosen.code != "R12"
    assert words in question.chosen.reason


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("Population by sex, 1 July 2023", "R12"),
        ("De facto population by sex, 1 July 2023", "_U"),
        ("Population présente selon le sexe, 1er juillet 2023", "_U"),
        ("Población de hecho por sexo, 1 de julio de 2023", "_U"),
        ("Наличное население по полу, 1 июля 2023", "_U"),
    ],
)
def test_rule_of_other_mappings_is_not_used_for_people_present(title: str, code: str) -> None:
    usual = {"RES_RULE": ("R12", "02_FJ.toml"), "DUR_BASIS": ("INT", "02_FJ.toml")}
    known = FlowKnowledge(CATALOGUE.flows["DF_POP"], WORDS, usual=usual)
    chosen = {
        each.part: each.chosen.code
        for each in suggest(tables(f"## Sheet S\n| {title} |\n{SEXES}"), known, "FJ").questions
    }
    assert chosen["fixed RES_RULE"] == code
    assert (chosen["fixed DUR_BASIS"] == "INT") == (code == "R12")


@pytest.mark.parametrize(
    ("title", "area"),
    [
        ("Daimi yaşamaq üçün gələnlər, cinsə görə, 2022", "AZ"),
        ("Doimiy yashash uchun kelganlar, 2022", "UZ"),
        ("Тұрақты тұруға келгендер, 2022", "KZ"),
        ("Туруктуу жашоого келгендер, 2022", "KG"),
    ],
)
def test_immigration_for_permanent_residence_only_is_asked(title: str, area: str) -> None:
    questions = asked(tried(f"## Sheet S\n| {title} |\n{SEXES}", "DF_IMM", area))
    assert any(question.part == "title" for question in questions)


@pytest.mark.parametrize(
    ("title", "area", "is_asked"),
    [
        ("Ausländerinnen, 2023", "DE", True),
        ("Ausländerinnen und Ausländer, 2023", "DE", False),
        ("Иностранки, проживающие в стране, 2023", "RU", True),
    ],
)
def test_nouns_for_women_alone_are_asked_about(title: str, area: str, *, is_asked: bool) -> None:
    trial = tried(f"## Sheet S\n| {title} |\n| Age | Persons |\n| 0-14 | 10 |\n| Total | 10 |\n", "DF_POP", area)
    assert any(question.part == "fixed SEX" for question in trial.open) == is_asked


@pytest.mark.parametrize("age", ["Children aged one year or more", "Kinder im Alter von einem Jahr und älter"])
def test_age_of_one_year_raises_no_residence_question(age: str) -> None:
    trial = tried(f"## Sheet S\n| {age}, 2022 |\n{SEXES}", "DF_POP", "GB")
    (rule,) = [question for question in trial.open if question.part == "fixed RES_RULE"]
    assert rule.chosen.code == "_U"


@pytest.mark.parametrize(
    "heads", ["Insgesamt | Geburtsort im Inland | Geburtsort im Ausland", "Total | Born here | Place of birth abroad"]
)
def test_columns_of_people_born_abroad_set_birth_status(heads: str) -> None:
    rows = "| 2021 | 100 | 80 | 20 |\n| 2022 | 110 | 85 | 25 |\n"
    text = f"## Sheet S\n| Population, 1 January |\n| Year | {heads} |\n{rows}"
    codes = [
        code for each in tried(text, "DF_POP", "AT").proposal.mapping.blocks[0].components for _, code in each.codes
    ]
    assert "FB" in codes


@pytest.mark.parametrize(
    "title",
    [
        "Bevándorlók, legalább 3 hónapja az országban tartózkodók, állampolgárság szerint",
        "Einwanderer, mindestens 3 Zorblaxe im Land, nach Staatsangehörigkeit",
        "Immigrants, at least 3 zorblaxes in the country, by country of citizenship",
        "Immigranten die ten minste 4 zorblaxen verblijven, naar nationaliteit",
        "Imigranti, alespoň 3 zorblaxy v zemi, podle státního občanství",
    ],
)
def test_number_before_an_unknown_unit_is_not_read_as_age(title: str) -> None:
    text = f"## Sheet S\n| {title} | | |\n| Country | 2021 | 2022 |\n| DE | 11 | 12 |\n| RO | 21 | 22 |\n"
    trial = tried(text, "DF_IMM", "SE")
    assert dict(trial.proposal.mapping.blocks[0].fixed).get("AGE", "_T") == "_T"
    said = " ".join(f"{question.label} {question.chosen.reason}" for question in trial.open)
    assert "orblax" in said or "3 hónapja" in said


@pytest.mark.parametrize(
    ("title", "area"),
    [
        ("Aquisição da nacionalidade por residentes no estrangeiro, por nacionalidade anterior, 2022", "PT"),
        ("Acquisition of citizenship by persons residing abroad, by former citizenship, 2022", "IE"),
        ("Acquisizioni di cittadinanza da parte di residenti all'estero, 2022", "IT"),
        ("Einbürgerungen durch im Ausland lebende Personen nach früherer Staatsangehörigkeit, 2022", "DE"),
    ],
)
def test_acquisitions_by_people_who_live_abroad_are_asked_about(title: str, area: str) -> None:
    text = f"## Sheet S\n| {title} | |\n| Former citizenship | Persons |\n| Brazil | 41 |\n| Israel | 36 |\n"
    assert "title" in {question.part for question in asked(tried(text, "DF_CITIZENSHIP", area))}
