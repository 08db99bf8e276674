"""Words of a title that the proposal does not use are asked about; redundant words are not.

Every title is tested with the same figures: a population, or movements, by year and sex.
"""

from __future__ import annotations

import pytest
from markdown_workbooks import workbook
from proposed import WORDS
from shipped import CATALOGUE

from sdmxmig.conversion.suggestion import Question
from sdmxmig.conversion.tables import read
from sdmxmig.workspace.proposals import TriedProposal, propose

pytestmark = pytest.mark.sampled(4)

TABLE = """## Sheet {sheet}

| {title} | | |

| Year | Male | Female |
| 2018 | 1100 | 1050 |
| 2019 | 1160 | 1130 |

| {note} | | |
"""
ALWAYS = {"fixed RES_RULE", "fixed DUR_BASIS", "fixed REF_DATE"}
"""What no table says, and is asked of every office once."""


def asked(
    title: str, flow: str = "DF_POP", area: str = "KE", sheet: str = "Sheet1", note: str = "Source: register"
) -> list[Question]:
    text = TABLE.format(title=title, sheet=sheet, note=note)
    tried = propose(read("t.xlsx", workbook(text)), flow, CATALOGUE, WORDS, area=area)
    return [question for question in tried.open if question.part not in ALWAYS]


def about(questions: list[Question]) -> str:
    return " ".join(
        f"{question.part} {question.label} {question.chosen.code} {question.chosen.reason}" for question in questions
    ).casefold()


GROUPS = [
    ("Foreigners and stateless persons by sex", "KE", "stateless"),
    ("Population, including foreigners, by sex", "KE", "foreigners"),
    ("Foreign workers by sex", "KE", "workers"),
    ("Refugees by sex", "KE", "refugees"),
    ("Urban population by sex", "KE", "urban"),
    ("Households of foreigners by sex of the head", "KE", "household"),
    ("Students from abroad by sex", "KE", "students"),
    ("Travailleurs étrangers par sexe", "FR", "travailleurs"),
    ("Trabajadores migrantes por sexo", "ES", "trabajadores"),
    ("Трудовые мигранты по полу", "RU", "трудовые"),
    ("العمالة الوافدة حسب الجنس", "JO", "العمالة"),
    ("Population of Kenyan citizenship by sex", "KE", "kenyan"),
    ("Kenyan emigrants by sex", "KE", "kenyan"),
    ("REGISTERED FILIPINO EMIGRANTS BY SEX", "PH", "filipino"),
    ("Población de nacionalidad colombiana por sexo", "CO", "colombiana"),
    ("Población no uruguaya por sexo", "UY", "uruguaya"),
    ("Population de nationalité française par sexe", "FR", "française"),
    ("Population of Belgium by sex", "LU", "belgium"),
    ("Population de la Belgique par sexe", "LU", "belgique"),
    ("Bevölkerung der Schweiz nach Geschlecht", "AT", "schweiz"),
    ("香港按性别分的人口", "MO", "香港"),
    ("German citizens living in Austria by sex", "AT", "german"),
    ("Migration from Belgium by sex", "FR", "belgium"),
]
PLACES = [
    ("Population in the municipality of Nakuru by sex", "KE", "nakuru"),
    ("Population of Nairobi by sex", "KE", "nairobi"),
    ("Mombasa County: population by sex", "KE", "county"),
    ("Population du département du Rhône selon le sexe", "FR", "departement"),
    ("Population de Lyon selon le sexe", "FR", "lyon"),
    ("Población de la provincia de Sevilla por sexo", "ES", "provincia"),
    ("Численность населения Московской области по полу", "RU", "области"),
    ("Население города Казань по полу", "RU", "города"),
    ("عدد السكان في محافظة إربد حسب الجنس", "JO", "محافظة"),
    ("广东省按性别分人口", "CN", "省"),
    ("Bevölkerung in Bayern nach Geschlecht", "DE", "bayern"),
    ("População do distrito de Lisboa por sexo", "PT", "distrito"),
    ("Населення Львівської області за статтю", "UA", "області"),
    ("İstanbul ilinde cinsiyete göre nüfus", "TR", "ilinde"),
]
UNITS = [
    ("Population by sex, per cent", "KE", "shares"),
    ("Population by sex per 1,000 inhabitants", "KE", "rates"),
    ("Annual growth of the population by sex", "KE", "growth"),
    ("Average age of the population by sex", "KE", "average"),
]
STATUSES = [
    ("Population by sex, provisional figures", "KE", "provisional"),
    ("Population by sex (preliminary)", "KE", "preliminary"),
    ("Population selon le sexe, données provisoires", "FR", "provisoires"),
    ("Población por sexo (datos provisionales)", "ES", "provisionales"),
    ("Численность населения по полу (предварительные данные)", "RU", "предварительные"),
    ("عدد السكان حسب الجنس (بيانات أولية)", "JO", "اولية"),
    ("按性别分人口（初步数据）", "CN", "初步"),
    ("Bevölkerung nach Geschlecht, vorläufige Ergebnisse", "DE", "vorlaufige"),
    ("Population projections by sex", "KE", "projections"),
    ("Population by sex, revised estimates", "KE", "revised"),
]
MEASURES = [
    ("Immigrants by sex", "KE", "immigrants"),
    ("Emigrants by sex", "KE", "emigrants"),
    ("Live births by sex", "KE", "births"),
    ("Residence permits by sex", "KE", "permits"),
    ("Asylum applications by sex", "KE", "asylum"),
    ("Décès selon le sexe", "FR", "deces"),
    ("Immigrés arrivés selon le sexe", "FR", "immigres"),
    ("Emigrantes por sexo", "ES", "emigrantes"),
    ("Число выбывших по полу", "RU", "выбывших"),
    ("عدد الوفيات حسب الجنس", "JO", "الوفيات"),
    ("按性别分的出境人数", "CN", "出境"),
    ("Geborene nach Geschlecht", "DE", "geborene"),
]
HARMLESS = [
    ("Population by sex, final", "KE"),
    ("Bevölkerung nach Geschlecht, endgültige Ergebnisse", "DE"),
    ("Population of Kenya by sex", "KE"),
    ("Kenya: population by sex", "KE"),
    ("Population of the Republic of Kenya by sex", "KE"),
    ("Population de la France par sexe", "FR"),
    ("Población de Colombia por sexo", "CO"),
    ("Population by sex", "KE"),
    ("Table 3.1: Population by sex, 2018–2019", "KE"),
    ("Table 4. Resident population by sex and year", "KE"),
    ("POPULATION BY SEX", "KE"),
    ("Population of Kenya by sex, 2018-2019 (number of persons)", "KE"),
    ("Usually resident population of Kenya, by sex and year", "KE"),
    ("Annual statistics: total population by gender", "KE"),
    ("2.4 Population by sex (persons)", "KE"),
    ("Population résidente selon le sexe, 2018-2019", "FR"),
    ("Tableau 2 : population totale par sexe et par année", "FR"),
    ("Nombre d’habitants de la France par sexe", "FR"),
    ("Población residente por sexo y año", "ES"),
    ("Cuadro 5. Población total según sexo. España, 2018-2019", "ES"),
    ("Численность постоянного населения по полу", "RU"),
    ("Таблица 7. Численность населения Российской Федерации по полу, человек", "RU"),
    ("عدد السكان حسب الجنس والسنة", "JO"),
    ("جدول 3: السكان في الأردن حسب الجنس 2018-2019", "JO"),
    ("按性别分的常住人口", "CN"),
    ("表3 按性别和年份分的人口数", "CN"),
    ("Bevölkerung nach Geschlecht und Jahr", "DE"),
    ("Tabelle 12: Bevölkerung Deutschlands nach Geschlecht", "DE"),
    ("População residente por sexo e ano", "PT"),
    ("Cinsiyete göre nüfus, 2018-2019", "TR"),
    ("Чисельність населення за статтю", "UA"),
]


@pytest.mark.parametrize(("title", "area", "word"), [*GROUPS, *PLACES, *UNITS, *STATUSES, *MEASURES])
@pytest.mark.sampled(6)
def test_a_title_that_limits_its_figures_is_asked_about(title: str, area: str, word: str) -> None:
    from sdmxmig.conversion.recognition.labels import plain

    assert plain(word) in plain(about(asked(title, area=area)))


@pytest.mark.parametrize(("title", "area"), HARMLESS)
def test_a_title_that_limits_nothing_raises_no_question(title: str, area: str) -> None:
    assert about(asked(title, area=area)) == ""


@pytest.mark.parametrize(
    ("sheet", "word"),
    [("Nakuru", "nakuru"), ("Foreign workers", "workers"), ("Kisumu County", "county")],
)
def test_the_name_of_a_sheet_is_read_as_a_title(sheet: str, word: str) -> None:
    assert word in about(asked("Population by sex", sheet=sheet))


@pytest.mark.parametrize(
    ("title", "area"),
    [
        ("Population by sex (thousands)", "KE"),
        ("Population by sex, in '000", "KE"),
        ("Population selon le sexe (en milliers)", "FR"),
        ("Población por sexo (Miles de personas)", "ES"),
        ("Bevölkerung nach Geschlecht in Tausend", "DE"),
    ],
)
def test_thousands_in_a_title_set_unit_mult_without_a_question(title: str, area: str) -> None:
    text = TABLE.format(title=title, sheet="Sheet1", note="Source: register")
    proposal = propose(read("t.xlsx", workbook(text)), "DF_POP", CATALOGUE, WORDS, area=area).proposal
    assert dict(proposal.mapping.blocks[0].fixed)["UNIT_MULT"] == "3"
    assert about(asked(title, area=area)) == ""


@pytest.mark.parametrize(
    ("sheet", "component", "code"),
    [
        ("Foreigners", "CTZ_STATUS", "FC"),
        ("Thousands", "UNIT_MULT", "3"),
        ("in thousands", "UNIT_MULT", "3"),
        ("Foreign-born", "BIRTH_STATUS", "FB"),
    ],
)
def test_a_sheet_that_is_called_as_a_group_or_unit_holds_it(sheet: str, component: str, code: str) -> None:
    text = TABLE.format(title="Population by sex", sheet=sheet, note="Source: register")
    proposal = propose(read("t.xlsx", workbook(text)), "DF_POP", CATALOGUE, WORDS, area="KE").proposal
    assert dict(proposal.mapping.blocks[0].fixed)[component] == code


@pytest.mark.parametrize("sheet", ["Sheet1", "T3", "Table 3.1", "2019", "Tab_2", "Data", "3a"])
def test_numbered_sheet_name_raises_no_question(sheet: str) -> None:
    assert about(asked("Population by sex", sheet=sheet)) == ""


@pytest.mark.parametrize(
    ("note", "word"),
    [
        ("Note: figures are in thousands.", "thousands"),
        ("Figures for 2019 are provisional.", "provisional"),
        ("Excluding Mandera county.", "excluding"),
        ("En milliers de personnes", "milliers"),
        ("Datos provisionales", "provisionales"),
        ("Данные предварительные", "предварительные"),
    ],
)
def test_a_note_about_units_status_or_coverage_is_asked_about(note: str, word: str) -> None:
    assert word in about(asked("Population by sex", note=note))


@pytest.mark.parametrize(
    "title",
    ["Arrivals (cases)", "Border crossings by sex, number of events", "Grenzübertritte, Fälle", "入境 (件)"],
)
def test_a_title_that_counts_cases_and_not_persons_is_asked_about(title: str) -> None:
    units = [question for question in asked(title, flow="DF_BORDER") if question.part == "fixed UNIT_MEASURE"]
    assert units, title
    assert {candidate.code for unit in units for candidate in (unit.chosen, *unit.others)} & {"CASE", "EVENT", "NUMBER"}


@pytest.mark.parametrize(
    "title", ["Population by sex, persons", "Population, number of persons", "Bevölkerung, Personen"]
)
def test_a_title_that_counts_persons_is_not(title: str) -> None:
    assert about(asked(title)) == ""


@pytest.mark.parametrize(
    "note",
    [
        "Source: National Bureau of Statistics, population register.",
        "Note: totals may not add up due to rounding.",
        "Data accessed on 12 March 2020.",
        "See also table 3.2.",
        "Fuente: Registro de población.",
        "Quelle: Statistisches Amt",
        "Источник: регистр населения",
    ],
)
def test_source_and_rounding_notes_raise_no_question(note: str) -> None:
    assert about(asked("Population by sex", note=note)) == ""


@pytest.mark.parametrize(
    ("title", "note", "says"),
    [
        ("Table 3: Inhabitants, 2018-2019", "Source: register", ("*[0-9]: Inhabitants, ????-????",)),
        (
            "Inhabitants of the land",
            "Figures for 2019 are provisional",
            ("Inhabitants of the land", "Figures for ???? are provisional"),
        ),
        ("Inhabitants", "Excluding Mandera county", ("Inhabitants", "Excluding Mandera county")),
        ("Inhabitants", "Totals may not add up", ("Inhabitants",)),
    ],
)
def test_deciding_title_and_notes_become_required_texts(title: str, note: str, says: tuple[str, ...]) -> None:
    text = TABLE.format(title=title, sheet="S", note=note)
    mapping = propose(read("t.xlsx", workbook(text)), "DF_POP", CATALOGUE, WORDS, area="KE").proposal.mapping
    assert mapping.blocks[0].required_texts == says


def test_deciding_title_is_required_with_years_as_wildcards() -> None:
    text = TABLE.format(title="Table 3: Population by sex, 2018-2019 (thousands)", sheet="S", note="Source: x")
    mapping = propose(read("t.xlsx", workbook(text)), "DF_POP", CATALOGUE, WORDS, area="KE").proposal.mapping
    assert mapping.blocks[0].required_texts == ("*[0-9]: Population by sex, ????-???? (thousands)",)


STUBS = """## Sheet S

| {title} | | |

| Year | {head} | Persons |
| 2018 | Uganda | 1100 |
| 2018 | Sudan | 1050 |
| 2019 | Uganda | 1160 |
| 2019 | Sudan | 1130 |
"""


def headed(title: str, head: str) -> TriedProposal:
    """The proposal for a population with this title and this head over its countries."""
    text = STUBS.format(title=title, head=head)
    return propose(read("t.xlsx", workbook(text)), "DF_POP", CATALOGUE, WORDS, area="KE")


@pytest.mark.parametrize(
    ("title", "head"),
    [
        ("Population by citizenship", "Country of birth"),
        ("Population by country of birth", "Citizenship"),
        ("Population par nationalité", "Pays de naissance"),
        ("Население по стране гражданства", "Страна рождения"),
        ("Población por nacionalidad", "País de nacimiento"),
        ("Bevölkerung nach Staatsangehörigkeit", "Geburtsland"),
    ],
)
def test_a_title_and_a_header_of_different_origins_are_asked_about(title: str, head: str) -> None:
    tried = headed(title, head)
    assert {"title", "line column 2"} & {question.part for question in tried.open}


@pytest.mark.parametrize(
    ("title", "head"),
    [
        ("Population by citizenship", "Citizenship"),
        ("Population by country of birth", "Country of birth"),
        ("Население по стране рождения", "Страна рождения"),
        ("Bevölkerung nach Geburtsland", "Geburtsland"),
    ],
)
def test_a_title_and_a_header_of_one_origin_are_not_and_the_header_must_stay(title: str, head: str) -> None:
    tried = headed(title, head)
    assert not {"title", "line column 2"} & {question.part for question in tried.open}
    assert head in tried.proposal.mapping.blocks[0].required_texts


def test_a_sheet_of_another_year_than_its_title_is_asked_about() -> None:
    def periods(sheet: str, title: str) -> list[str]:
        text = TABLE.format(title=title, sheet=sheet, note="Source: register").replace("| Year |", "| Age |")
        text = text.replace("| 2018 |", "| 0-14 |").replace("| 2019 |", "| 15-64 |")
        tried = propose(read("t.xlsx", workbook(text)), "DF_POP", CATALOGUE, WORDS, area="KE")
        return [question.part for question in tried.open if question.part == "fixed TIME_PERIOD"]

    assert periods("2022", "Population by age, 1 January 2023") == ["fixed TIME_PERIOD"]
    assert periods("2022", "Population by age, 2020-2023") == []
    assert periods("2022", "Population by age, 2022") == []


@pytest.mark.parametrize(("head", "is_asked"), [("Status 2019", True), ("Status", False)])
def test_a_column_of_statuses_of_one_year_is_asked_about(head: str, is_asked: bool) -> None:
    text = "## Sheet S\n\n| Population by sex | | | |\n\n| Sex | 2018 | 2019 | {} |\n| Male | 10 | 11 | provisional |\n"
    text = text.format(head) + "| Female | 12 | 13 | final |\n"
    tried = propose(read("t.xlsx", workbook(text)), "DF_POP", CATALOGUE, WORDS, area="KE")
    assert (
        "OBS_STATUS" in {question.component for question in tried.open if question.part.startswith("line")}
    ) == is_asked


SIGNED = """## Sheet S

| Population by sex | | |

| Year | Male | Female |
| 2018 | 1100 | {sign} |
| 2019 | 1160 | 1130 |

| {note} | | |
"""


@pytest.mark.parametrize(
    ("sign", "note", "code"),
    [
        ("x", "x Not published for reasons of confidentiality.", "Q"),
        ("x", "x = données confidentielles", "Q"),
        ("x", "x : datos confidenciales", "Q"),
        ("..", ".. confidential", "Q"),
        ("…", "… = not applicable", "M"),
        ("c", "c = not available", "O"),
        ("x", "x = see the notes", ""),
        ("س", "س = انظر الملاحظات", ""),
        ("zz", "Source: register", ""),
        ("к", "Источник: регистр", ""),
    ],
)
def test_a_sign_that_a_note_explains_otherwise_or_nothing_does_is_asked_about(sign: str, note: str, code: str) -> None:
    tried = propose(
        read("t.xlsx", workbook(SIGNED.format(sign=sign, note=note))), "DF_POP", CATALOGUE, WORDS, area="KE"
    )
    assert [(question.label, question.chosen.code) for question in tried.open if question.part == "values"] == [
        (f"the sign “{sign}”", code)
    ]


@pytest.mark.parametrize(
    ("sign", "note"),
    [
        ("..", ".. not available"),
        ("x", "x = not applicable"),
        ("c", "c: confidential"),
        ("…", "… no data"),
        (":", ": not available"),
        ("n.a.", "Source: register"),
        ("..", "Source: register"),
    ],
)
def test_a_sign_that_means_what_it_usually_means_is_not(sign: str, note: str) -> None:
    tried = propose(
        read("t.xlsx", workbook(SIGNED.format(sign=sign, note=note))), "DF_POP", CATALOGUE, WORDS, area="KE"
    )
    assert [question.label for question in tried.open if question.part == "values"] == []


@pytest.mark.parametrize("years", [("’18", "’19"), ("'18", "'19"), ("‘18", "‘19")])
def test_years_of_two_digits_are_no_ages(years: tuple[str, str]) -> None:
    text = "## Sheet S\n\n| Population by sex | | |\n\n| Sex | {} | {} |\n| Male | 10 | 11 |\n| Female | 12 | 13 |\n"
    tried = propose(read("t.xlsx", workbook(text.format(*years))), "DF_POP", CATALOGUE, WORDS, area="KE")
    assert "AGE" not in {
        component_map.component for block in tried.proposal.mapping.blocks for component_map in block.components
    }
    assert tried.open
