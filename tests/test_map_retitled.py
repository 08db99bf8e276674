"""Tables that come back with another title, header or column: what differs is asked about or refused.

Each list of cases is a class of changes that were once read in silence, with harmless ones that look like them.
"""

from __future__ import annotations

import pytest
from markdown_workbooks import workbook
from proposed import WORDS
from shipped import CATALOGUE

from sdmxmig.mapping.meanings import taken
from sdmxmig.mapping.texts import matches
from sdmxmig.proposals import TriedProposal, propose
from sdmxmig.recognition.mentions import read_title
from sdmxmig.suggestion.periods import year_beside
from sdmxmig.suggestion.says import pattern_of
from sdmxmig.tables import read


def proposed(text: str, flow: str, area: str) -> TriedProposal:
    return propose(read("t.xlsx", workbook(text)), flow, CATALOGUE, WORDS, area=area)


@pytest.mark.parametrize(
    ("title", "later"),
    [
        ("Table 3. Immigrants by sex", "Table 3. Foreign Immigrants by sex"),
        ("Table 3: Applicants by sex", "Table 3: Refused: Applicants by sex"),
        ("Tab. 4.1 Asylbewerber nach Geschlecht", "Tab. 4.1 Abgelehnte Asylbewerber nach Geschlecht"),
        ("Tableau 2 – Immigrés par sexe", "Tableau 2 – Femmes – Immigrés par sexe"),
        ("Cuadro 8. Emigrantes por edad", "Cuadro 8. Mujeres. Emigrantes por edad"),
        ("Таблица 6. Мигранты по полу", "Таблица 6. Трудовые. Мигранты по полу"),
        ("表5-2 留学生按国籍分", "表5-2 新 留学生按国籍分"),
        ("جدول (7): تصاريح العمل", "جدول (7): رفض: تصاريح العمل"),
        ("Quadro 3 – Imigrantes por sexo", "Quadro 3 – Regressos – Imigrantes por sexo"),
        ("Tablo 2. Göç edenler", "Tablo 2. Yabancı. Göç edenler"),
        ("3.4 Прибывшие по полу", "3.4 Иностранцы Прибывшие по полу"),
        ("Table 4a. Permits by sex", "Table 4a. Expired. Permits by sex"),
    ],
)
def test_no_word_may_come_between_the_number_of_a_table_and_its_title(title: str, later: str) -> None:
    pattern = pattern_of(title, dated=False)
    assert pattern != title or "7" in title
    assert matches(title, pattern)
    assert not matches(later, pattern)


@pytest.mark.parametrize(
    ("title", "later"),
    [
        ("Table 3. Immigrants by sex", "Table 4. Immigrants by sex"),
        ("Table 3. Immigrants by sex", "Table 12. Immigrants by sex"),
        ("Table 3.1: Immigrants by sex", "Table A3.10: Immigrants by sex"),
        ("Tab. 4.1 Asylbewerber nach Geschlecht", "Tab. 5.12 Asylbewerber nach Geschlecht"),
        ("Tableau 2 – Immigrés par sexe", "Tableau 13 – Immigrés par sexe"),
        ("Таблица 6. Мигранты по полу", "Табл. 7. Мигранты по полу"),
        ("表5-2 留学生按国籍分", "表6-11 留学生按国籍分"),
        ("Table 4a. Permits by sex", "Table 5b. Permits by sex"),
        ("Table 4(b) Permits by sex", "Table 11(c) Permits by sex"),
        ("3.4 Прибывшие по полу", "3.12 Прибывшие по полу"),
        ("Cuadro 8. Emigrantes, 2021–2023", "Cuadro 9. Emigrantes, 2022–2024"),
    ],
)
def test_the_number_of_a_table_may_be_another_one(title: str, later: str) -> None:
    assert matches(later, pattern_of(title, dated=False))


@pytest.mark.parametrize(
    ("labels", "later"),
    [
        (["2022年", "2023年"], "2024年p"),
        (["2022年", "2023年"], "2024年（估计）"),
        (["2022年", "2023年"], "2024年上半年"),
        (["Año 2022", "Año 2023"], "Año 2024 (estimado)"),
        (["Año 2022", "Año 2023"], "Variación 2024"),
        (["2022 г.", "2023 г."], "2024 г. (оценка)"),
        (["2022 год", "2023 год"], "январь-июнь 2024 год"),
        (["Année 2022", "Année 2023"], "Année 2024e"),
        (["Jahr 2022", "Jahr 2023"], "Jahr 2024 (vorläufig)"),
        (["FY 2022", "FY 2023"], "Q1 FY 2024"),
        (["عام 2022", "عام 2023"], "عام 2024 (أولي)"),
        (["Immigrants 2022", "Immigrants 2023"], "Emigrants 2024"),
    ],
)
def test_a_year_beside_which_another_word_stands_is_not_read_as_last_years_were(labels: list[str], later: str) -> None:
    assert [taken(one, year_beside(labels)) for one in labels] == ["2022", "2023"]
    assert taken(later, year_beside(labels)) == later


@pytest.mark.parametrize(
    ("labels", "later"),
    [
        (["2022年", "2023年"], "2024年"),
        (["2022年", "2023年"], "2024"),
        (["Año 2022", "Año 2023"], "Año 2024"),
        (["2022 г.", "2023 г."], "2024 г."),
        (["Année 2022", "Année 2023"], "Année 2024"),
        (["2022p", "2023"], "2024p"),
        (["2565 (2022)", "2566 (2023)"], "2567 (2024)"),
        (["31.12.2022 2022", "31.12.2023 2023"], "31.12.2024 2024"),
        (["Census 2011", "2022"], "Census 2024"),
        (["FY 2022", "FY 2023"], "FY 2024"),
    ],
)
def test_a_year_written_as_last_years_were_is_read(labels: list[str], later: str) -> None:
    assert taken(later, year_beside(labels)) == "2024"


STUBS = """## Sheet S

| {title} | | |

| {head} | 2018 | 2019 |
| Germany | 1100 | 1160 |
| Canada | 1050 | 1130 |
| France | 150 | 130 |
| Norway | 250 | 330 |
"""
CONFLICTS = [
    ("Emigrants by country of destination", "Country of citizenship", "DF_EMI"),
    ("Emigrants by country of destination", "Country of birth", "DF_EMI"),
    ("Emigrants by country of citizenship", "Country of destination", "DF_EMI"),
    ("Émigrants par pays de destination", "Pays de naissance", "DF_EMI"),
    ("Emigrantes por país de destino", "País de nacionalidad", "DF_EMI"),
    ("Auswanderer nach Zielland", "Staatsangehörigkeit", "DF_EMI"),
    ("Эмигранты по стране назначения", "Страна гражданства", "DF_EMI"),
    ("المهاجرون المغادرون حسب بلد المقصد", "بلد الجنسية", "DF_EMI"),
    ("Acquisitions de nationalité par nationalité antérieure", "Pays de naissance", "DF_CITIZENSHIP"),
    ("Acquisitions of citizenship by former citizenship", "Country of birth", "DF_CITIZENSHIP"),
    ("Adquisiciones de nacionalidad por nacionalidad anterior", "País de nacimiento", "DF_CITIZENSHIP"),
    ("Einbürgerungen nach bisheriger Staatsangehörigkeit", "Geburtsland", "DF_CITIZENSHIP"),
]
SAME_COUNTRIES = [
    ("Emigrants by country of destination", "Country of destination", "DF_EMI"),
    ("Emigrants by country of citizenship", "Citizenship", "DF_EMI"),
    ("Emigrants by country of next residence", "Country of destination", "DF_EMI"),
    ("Émigrants par pays de destination", "Pays de destination", "DF_EMI"),
    ("Emigrantes por país de destino", "País de destino", "DF_EMI"),
    ("Auswanderer nach Zielland", "Zielland", "DF_EMI"),
    ("Эмигранты по стране назначения", "Страна назначения", "DF_EMI"),
    ("المهاجرون المغادرون حسب بلد المقصد", "بلد المقصد", "DF_EMI"),
    ("Immigrants by country of origin", "Country of birth", "DF_IMM"),
    ("Immigrants by country of previous residence", "Country of previous residence", "DF_IMM"),
    ("Acquisitions de nationalité par nationalité antérieure", "Nationalité antérieure", "DF_CITIZENSHIP"),
    ("Acquisitions of citizenship by former citizenship", "Former citizenship", "DF_CITIZENSHIP"),
]


@pytest.mark.parametrize(("title", "head", "flow"), CONFLICTS)
def test_countries_of_another_kind_than_the_title_says_are_asked_about(title: str, head: str, flow: str) -> None:
    tried = proposed(STUBS.format(title=title, head=head), flow, "KE")
    assert any("and the table is read by" in one.chosen.reason or one.part == "line column 1" for one in tried.open)


@pytest.mark.parametrize(("title", "head", "flow"), SAME_COUNTRIES)
def test_countries_of_the_kind_that_the_title_says_are_not(title: str, head: str, flow: str) -> None:
    tried = proposed(STUBS.format(title=title, head=head), flow, "KE")
    assert not [one for one in tried.open if "and the table is read by" in one.chosen.reason]


@pytest.mark.parametrize(
    ("title", "phrase"),
    [
        ("المهاجرون المغادرون من غير المصريين من مصر", "المصريين"),
        ("السكان من غير الأردنيين", "الأردنيين"),
        ("المقيمون من غير القطريين", "القطريين"),
        ("Personnes qui ne sont pas françaises", "françaises"),
        ("Non-Kenyan population", "Kenyan"),
    ],
)
def test_a_negation_of_several_words_negates_too(title: str, phrase: str) -> None:
    assert [one.phrase for one in read_title(title, WORDS).mentions if one.negated] == [phrase]


LONG = """## Sheet S

| Immigrants by citizenship and sex | | | | |

| {head} | Year | Citizenship | Sex | Persons |
| {a} | 2018 | Uganda | Male | 1100 |
| {b} | 2018 | Uganda | Female | 1050 |
| {c} | 2018 | Sudan | Male | 160 |
| {d} | 2018 | Sudan | Female | 130 |
| {e} | 2019 | Uganda | Male | 1160 |
| {f} | 2019 | Uganda | Female | 1130 |
| {g} | 2019 | Sudan | Male | 163 |
| {h} | 2019 | Sudan | Female | 134 |
"""


@pytest.mark.parametrize("head", ["No.", "№", "Nº", "#", "Row", "S/N", "N°", "Nr.", "رقم", "序号"])
@pytest.mark.parametrize("first", [1, 4])
def test_running_numbers_take_no_column_of_countries_away(head: str, first: int) -> None:
    numbers = dict(zip("abcdefgh", range(first, first + 8), strict=True))
    tried = proposed(LONG.format(head=head, **numbers), "DF_IMM", "KE")
    assert "C_CITIZEN" in {one.component for block in tried.proposal.mapping.blocks for one in block.components}
