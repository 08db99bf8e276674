"""A note behind a label may limit its figures to other people than the label names: then `map` asks."""

from __future__ import annotations

import polars as pl
import pytest
from case_tables import cases_from
from proposed import proposed, tried
from shipped import CATALOGUE

from sdmxmig.conversion.suggestion.wording import describe_question_in_full, open_question

BY_SEX = "## Sheet S\n| Immigrants by sex |\n| Country of citizenship | {men} | Women |\n"
BODY = "| Kenya | 120 | 130 |\n| {china} | 45 | 47 |\n| Senegal | 33 | 31 |\n\n| {note} |\n"


def asked(men: str, china: str, note: str) -> list[str]:
    questions = proposed((BY_SEX + BODY).format(men=men, china=china, note=note), "DF_IMM").questions
    return [
        question.chosen.reason for question in questions if question.is_open and "the note on" in question.chosen.reason
    ]


@cases_from("conversion/cases/a_note_that_says_other_people_than_its_label_is_asked_about.csv")
def test_note_contradicting_its_label_is_asked_about(men: str, china: str, note: str) -> None:
    label = china if men == "Men" else men
    assert asked(men, china, note) != []
    assert all(f"“{label}”" in question for question in asked(men, china, note))


@cases_from("conversion/cases/note_on_the_same_people_raises_no_question.csv")
def test_note_on_people_named_by_the_label_raises_no_question(men: str, china: str, note: str) -> None:
    assert asked(men, china, note) == []


def test_age_in_one_label_note_is_not_proposed_for_all_figures() -> None:
    text = (BY_SEX + BODY).format(men="Men", china="China (1)", note="(1) Persons aged 18 and over.")
    assert {dict(block.fixed)["AGE"] for block in proposed(text, "DF_IMM").mapping.blocks} == {"_T"}


@pytest.mark.parametrize(
    ("title", "label", "note", "said"),
    [
        (
            "Foreign-born population in the province of Limpopo",
            "China (a)",
            "(a) Includes Taiwan and Hong Kong.",
            "Limpopo",
        ),
        ("Immigrants to Scotland", "Serbia 1)", "1) Includes Kosovo.", "Scotland"),
        ("Inmigrantes en la provincia de Chiriquí", "China (a)", "(a) Incluye Taiwán y Hong Kong.", "Chiriquí"),
        ("Zuwanderung in städtische Gebiete", "China ¹", "¹ Einschließlich Taiwan.", "städtische"),
    ],
)
def test_note_of_a_label_does_not_hide_a_title_question(title: str, label: str, note: str, said: str) -> None:
    table = f"## Sheet S\n| {title} |\n| Country of citizenship | Men | Women |\n"
    table += BODY.format(china=label, note=note)
    reasons = [question.chosen.reason for question in proposed(table, "DF_IMM").open]
    assert any(said in reason for reason in reasons)
    assert any("the note on" in reason for reason in reasons)


GROUPS = """## Sheet S
| Immigrants by sex |
| Country of citizenship | Men | Women |
| EUROPE | 9 | 9 |
| Kenya | 120 | 130 |
| China (a) | 45 | 47 |
| Rest of the EU | 5 | 6 |
| Other African countries | 2 | 3 |
| ASIA | 8 | 8 |

| (a) Includes Taiwan and Hong Kong. |
"""


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("Are these regions defined as in", "Which codes do these groups", "The note on “China (a)” says")),
        ("fr", ("Ces régions sont-elles définies", "Quels codes ont ces groupes", "La note sur « China (a) » dit")),
        ("ru", ("Определены ли эти регионы", "Какие коды у этих групп", "В примечании к «China (a)» указано")),
    ],
)
def test_questions_about_groups_and_notes_are_in_the_language(language: str, said: tuple[str, ...]) -> None:
    flow = CATALOGUE.flow("DF_IMM")
    questions = proposed(GROUPS, "DF_IMM").open
    texts = " ".join(describe_question_in_full(question, flow, language) for question in questions)
    assert [phrase for phrase in said if phrase not in texts] == []


def test_proposed_answer_is_listed_once() -> None:
    note = (
        "## Sheet S\n| Immigrants by sex |\n| Year | Men | Women |\n| 2020 | 3 | 4 |\n\n| Excluding Mandera county. |\n"
    )
    questions = [question for question in proposed(note, "DF_IMM").open if question.chosen.code]
    texts = [open_question(question, CATALOGUE.flow("DF_IMM")) for question in questions]
    (about,) = [text for text in texts if "Mandera" in text]
    assert about.count("state it in a comment") == 1


COMMENTED = [
    ("Imigrantes por nacionalidade", "Nacionalidade", "Bolívia (1)", "(1) Inclui residentes temporários.", "A"),
    (
        "Zuwanderung nach Staatsangehörigkeit",
        "Staatsangehörigkeit",
        "Bolivien 1)",
        "1) Einschließlich Studierende.",
        "A",
    ),
    ("Иммигранты по гражданству", "Гражданство", "Боливия*", "* Без учета студентов.", "A"),
    ("Inmigrantes por país de nacionalidad", "País de nacionalidad", "Bolivia 2/", "2/ Cifras preliminares.", "P"),
    ("Imigran menurut kewarganegaraan", "Kewarganegaraan", "Bolivia¹", "Catatan/Note:\u00a0¹ Termasuk pelajar", "A"),
    ("Immigrés par nationalité", "Nationalité", "Bolivie (1)", "(1) Y compris étudiants (2) Y compris visiteurs", "A"),
    ("국적별 이민자", "국적", "볼리비아¹ Bolivia", "1) 유학생 포함.", "A"),
]


@pytest.mark.parametrize(("title", "head", "label", "note", "status"), COMMENTED)
def test_country_note_becomes_comment_on_its_figures(title: str, head: str, label: str, note: str, status: str) -> None:
    rows = f"| Chile | 731 | 842 |\n| {label} | 655 | 702 |\n|  |\n| {note} |\n"
    text = f"## Sheet S\n| {title} |\n| {head} | 2022 | 2023 |\n{rows}"
    mapped = tried(text)
    read = mapped.conversion.dataset.observations.select("C_CITIZEN", "OBS_STATUS", "COMMENT_OBS").unique()
    comment = note.partition(" (2)")[0].partition(" ")[2]
    assert {*read.iter_rows()} == {("CL", "A", None), ("BO", status, comment)}
    assert not mapped.notes


@pytest.mark.parametrize(
    ("heads", "note"),
    [
        ("Männer | Frauen", "¹ Frauen: vorläufige Werte."),
        ("Мужчины | Женщины", "¹ Женщины: оценка."),
        ("男 | 女", "¹ 女は速報値。"),
        ("2022 | 2023", "¹ Data for 2023 are provisional."),
    ],
)
def test_status_in_a_note_on_some_figures_of_its_label_is_asked_about(heads: str, note: str) -> None:
    rows = f"| Citizenship | {heads} |\n| Chile | 7 | 8 |\n| Bolivia¹ | 6 | 5 |\n|  |\n| {note} |\n"
    mapped = tried(f"## Sheet S\n| Immigration by citizenship |\n{rows}")
    assert ("note OBS_STATUS", "C_CITIZEN=BO") in {(question.part, question.label) for question in mapped.open}
    first = mapped.conversion.dataset.observations.filter(pl.col("OBS_VALUE") == "6")
    assert first["OBS_STATUS"].to_list() == ["A"]


def test_mark_without_a_note_is_listed() -> None:
    text = "## Sheet S\n| Immigration by citizenship |\n| Citizenship | 2022 |\n| Chile | 731 |\n| Bolivia² | 655 |\n"
    assert tried(text).notes == ("Bolivia²",)


@pytest.mark.parametrize(
    ("mark", "note", "status", "comment"),
    [
        (" (e)", "(e) Estimated: some camps were not enumerated.", "E", "Estimated: some camps were not enumerated."),
        ("*", "* předběžný údaj", "P", "předběžný údaj"),
        ("¹)", "1) Vorläufiges Ergebnis.", "P", "Vorläufiges Ergebnis."),
        (" (b)", "(b) Compresi i comuni passati nel 2022.", "A", "Compresi i comuni passati nel 2022."),
        (" ᵃ", "a Dane szacunkowe.", "E", "Dane szacunkowe."),
    ],
)
def test_mark_of_a_region_is_no_part_of_its_name(mark: str, note: str, status: str, comment: str) -> None:
    table = (
        "## Sheet S\n| Foreign citizens by county, 2019 |\n| County | Total | Men | Women |\n| Kenya | 30 | 16 | 14 |\n"
    )
    table += f"| Garissa{mark} | 12 | 6 | 6 |\n| Turkana | 18 | 10 | 8 |\n\n| {note} |\n"
    dataset = tried(table, "DF_POP_TOPIC").conversion.dataset
    rows = dataset.observations.select("REGION", "OBS_STATUS", "COMMENT_OBS").unique().rows()
    assert {row for row in rows if row[0] == "Garissa"} == {("Garissa", status, comment)}
    assert {row[1:] for row in rows if row[0] == "Turkana"} == {("A", None)}


def test_unused_notes_are_whole_sources_without_labels_left_out() -> None:
    table = """## Sheet S
| Population by citizenship, 1 January 2023 |
| Citizenship | Total |
| Mali | 120 |
| Atlantis² | 30 |
| Total | 150 |
| Source: ANSD; RGPH-5, 2023 |
"""
    assert tried(table, "DF_POP").notes == ("Source: ANSD; RGPH-5, 2023",)
