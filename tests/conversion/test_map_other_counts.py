"""The words of a title must fit the dataflow: a stock is not a flow, one mode of naturalisation is not the total.

Every title is tested with the same figures by year and sex.
"""

from __future__ import annotations

import pytest
from markdown_workbooks import workbook
from proposed import WORDS
from shipped import CATALOGUE

from sdmxmig.conversion.tables import read
from sdmxmig.workspace.proposals import propose

pytestmark = pytest.mark.sampled(4)

TABLE = """## Sheet {sheet}

| {title} | | |

| Year | Male | Female |
| 2018 | 1100 | 1050 |
| 2019 | 1160 | 1130 |
"""
STATUSES = """## Sheet Sheet1

| Population | | |

| Citizenship | 2018 | 2019 |
| {first} | 1100 | 1050 |
| Foreigners | 160 | 130 |
"""
ALWAYS = {"fixed RES_RULE", "fixed DUR_BASIS", "fixed REF_DATE"}
"""What no table says, and is asked of every office once."""


def asked(title: str, flow: str, area: str, sheet: str = "Sheet1") -> str:
    tables = read("t.xlsx", workbook(TABLE.format(title=title, sheet=sheet)))
    tried = propose(tables, flow, CATALOGUE, WORDS, area=area)
    return "; ".join(
        f"{question.label} {question.chosen.reason}" for question in tried.open if question.part not in ALWAYS
    )


STOCKS = [
    ("Immigrant stock by sex", "DF_IMM", "GE"),
    ("Stock of immigrants by sex", "DF_IMM", "GE"),
    ("Immigrants residing in the country by sex", "DF_IMM", "GE"),
    ("Immigrant population by sex", "DF_IMM", "GE"),
    ("Immigrés selon le sexe", "DF_IMM", "FR"),
    ("Stock d'immigrés par sexe", "DF_IMM", "FR"),
    ("Población inmigrante por sexo", "DF_IMM", "ES"),
    ("Inmigrantes residentes por sexo", "DF_IMM", "ES"),
    ("Иммигранты, проживающие в стране, по полу", "DF_IMM", "RU"),
    ("عدد المهاجرين المقيمين حسب الجنس", "DF_IMM", "JO"),
    ("移民存量按性别分", "DF_IMM", "CN"),
    ("Immigrati residenti per sesso", "DF_IMM", "IT"),
    ("Imigrantes residentes por sexo", "DF_IMM", "PT"),
    ("Im Ausland lebende Auswanderer nach Geschlecht", "DF_EMI", "DE"),
    ("Imigranci przebywający w kraju według płci", "DF_IMM", "PL"),
    ("Emigrants living abroad by sex", "DF_EMI", "GE"),
    ("Émigrés vivant à l'étranger par sexe", "DF_EMI", "FR"),
    ("Emigrantes en el extranjero por sexo", "DF_EMI", "ES"),
    ("Naturalised persons living in the country by sex", "DF_CTZ_ACQ", "GE"),
]
EVENTS = [
    ("Live births and stillbirths by sex", "DF_BIRTHS", "GE"),
    ("Naissances vivantes et mort-nés selon le sexe", "DF_BIRTHS", "FR"),
    ("Lebend- und Totgeborene nach Geschlecht", "DF_BIRTHS", "DE"),
    ("Родившиеся живыми и мертворожденные по полу", "DF_BIRTHS", "RU"),
    ("活产和死产按性别分", "DF_BIRTHS", "CN"),
    ("المواليد الأحياء والأموات حسب الجنس", "DF_BIRTHS", "JO"),
    ("Natural increase by sex", "DF_BIRTHS", "GE"),
    ("Birth rate by sex", "DF_BIRTHS", "GE"),
    ("Mortality by sex", "DF_DEATHS", "GE"),
    ("Life expectancy by sex", "DF_DEATHS", "GE"),
    ("Population by sex", "DF_DEATHS", "GE"),
    ("Births by sex", "DF_CTZ_ACQ", "GE"),
    ("Deaths and emigration by sex", "DF_DEATHS", "GE"),
    ("Décès et émigration selon le sexe", "DF_DEATHS", "FR"),
    ("Immigration et émigration par sexe", "DF_IMM", "FR"),
    ("International migration by sex", "DF_IMM", "GE"),
    ("Applications for citizenship by sex", "DF_CTZ_ACQ", "GE"),
    ("Residence permits granted to immigrants by sex", "DF_IMM", "GE"),
    ("Arrivals of pilgrims by sex", "DF_TEMPMOB", "GE"),
    ("وصول الحجاج حسب الجنس", "DF_TEMPMOB", "SA"),
    ("Overnight stays by sex", "DF_TEMPMOB", "GE"),
    ("Nuitées par sexe", "DF_TEMPMOB", "FR"),
]
CITIZENS = [
    ("Acquisitions of citizenship by naturalisation, by sex", "DF_CTZ_ACQ", "GE"),
    ("Acquisitions de la nationalité française par décret, selon le sexe", "DF_CTZ_ACQ", "FR"),
    ("Naturalisations par mariage selon le sexe", "DF_CTZ_ACQ", "FR"),
    ("Adquisiciones de nacionalidad por residencia, por sexo", "DF_CTZ_ACQ", "ES"),
    ("Erwerb der Staatsangehörigkeit durch Einbürgerung nach Geschlecht", "DF_CTZ_ACQ", "DE"),
    ("Réintégrations par sexe", "DF_CTZ_ACQ", "FR"),
    ("Acquisitions of citizenship at birth by sex", "DF_CTZ_ACQ", "GE"),
    ("Приобретение гражданства по рождению, по полу", "DF_CTZ_ACQ", "RU"),
    ("اكتساب الجنسية بالولادة حسب الجنس", "DF_CTZ_ACQ", "JO"),
    ("Acquisition of citizenship of other countries by sex", "DF_CTZ_ACQ", "GE"),
    ("Acquisition of foreign citizenship by sex", "DF_CTZ_ACQ", "GE"),
    ("Приобретение гражданства других стран по полу", "DF_CTZ_ACQ", "RU"),
    ("取得外国国籍按性别分", "DF_CTZ_ACQ", "CN"),
]
TIMES = [
    ("Average population by sex", "DF_POP", "GE"),
    ("Population moyenne par sexe", "DF_POP", "FR"),
    ("Población media por sexo", "DF_POP", "ES"),
    ("Среднегодовая численность населения по полу", "DF_POP", "RU"),
    ("متوسط عدد السكان حسب الجنس", "DF_POP", "JO"),
    ("平均人口按性别分", "DF_POP", "CN"),
    ("Mittlere Bevölkerung nach Geschlecht", "DF_POP", "DE"),
    ("Immigrants by sex, 2014 E.C.", "DF_IMM", "ET"),
    ("Immigrants by sex (E.C.)", "DF_IMM", "ET"),
    ("Immigrants by sex, 2079 B.S.", "DF_IMM", "NP"),
]


@pytest.mark.parametrize(("title", "flow", "area"), [*STOCKS, *EVENTS, *CITIZENS, *TIMES])
def test_words_that_do_not_fit_the_dataflow_are_asked_about(title: str, flow: str, area: str) -> None:
    assert asked(title, flow, area)


PLAIN = [
    ("Immigrants by sex", "DF_IMM", "GE"),
    ("Number of immigrants by sex", "DF_IMM", "GE"),
    ("Immigrants by previous place of residence and sex", "DF_IMM", "GE"),
    ("Immigration flows by sex", "DF_IMM", "GE"),
    ("International migration: immigrants by sex", "DF_IMM", "GE"),
    ("Stocks and flows of migrants. Immigrants by sex", "DF_IMM", "GE"),
    ("Immigrants by type of residence permit and sex", "DF_IMM", "GE"),
    ("Inmigrantes por sexo", "DF_IMM", "ES"),
    ("Zuwanderer nach Geschlecht", "DF_IMM", "DE"),
    ("Число иммигрантов по полу", "DF_IMM", "RU"),
    ("迁入人口按性别分", "DF_IMM", "CN"),
    ("Emigrants by sex", "DF_EMI", "GE"),
    ("Émigration selon le sexe", "DF_EMI", "FR"),
    ("Live births by sex", "DF_BIRTHS", "GE"),
    ("Natalidad: nacimientos por sexo", "DF_BIRTHS", "ES"),
    ("Lebendgeborene nach Geschlecht", "DF_BIRTHS", "DE"),
    ("Deaths by sex", "DF_DEATHS", "GE"),
    ("Mortality: deaths by sex", "DF_DEATHS", "GE"),
    ("Acquisitions of citizenship by sex", "DF_CTZ_ACQ", "GE"),
    ("Naturalisations by sex", "DF_CTZ_ACQ", "GE"),
    ("Einbürgerungen nach Geschlecht", "DF_CTZ_ACQ", "DE"),
    ("Acquisitions de la nationalité française selon le sexe", "DF_CTZ_ACQ", "FR"),
    ("Приобретение гражданства по полу", "DF_CTZ_ACQ", "RU"),
    ("Visitor arrivals by sex", "DF_TEMPMOB", "GE"),
    ("Population by sex", "DF_POP", "GE"),
    ("Mid-year population by sex", "DF_POP", "GE"),
    ("Immigrants by sex, 2014 E.C. (2021/22)", "DF_IMM", "ET"),
    ("Immigrants by sex, 1443 A.H. (2022)", "DF_IMM", "SA"),
]


@pytest.mark.parametrize(("title", "flow", "area"), PLAIN)
def test_words_that_fit_it_are_not(title: str, flow: str, area: str) -> None:
    assert not asked(title, flow, area)


def test_direction_is_not_asked_if_another_text_gives_it() -> None:
    assert asked("International migration by sex", "DF_IMM", "GE")
    assert not asked("International migration by sex", "DF_IMM", "GE", sheet="Immigration")


@pytest.mark.parametrize(
    ("label", "is_asked"),
    [
        ("Citizens by birth", True),
        ("Nationals by birth", True),
        ("Français de naissance", True),
        ("Españoles de nacimiento", True),
        ("Граждане по рождению", True),
        ("Citizens", False),
        ("Nationals", False),
    ],
)
def test_citizens_by_birth_are_not_all_citizens(label: str, is_asked: bool) -> None:
    tables = read("t.xlsx", workbook(STATUSES.format(first=label)))
    tried = propose(tables, "DF_POP", CATALOGUE, WORDS, area="GE")
    named = [question for question in tried.open if label in question.label]
    assert bool(named) is is_asked
