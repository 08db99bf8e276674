"""``sdmxmig map`` proposes a correct mapping for layouts of many offices, or asks."""

from __future__ import annotations

import pytest
from markdown_workbooks import workbook
from proposed import WORDS, observations, proposed
from shipped import CATALOGUE

from sdmxmig.conversion.suggestion.fixed import nearest_names
from sdmxmig.conversion.suggestion.regions import find_region
from sdmxmig.conversion.tables import read
from sdmxmig.workspace.proposals import propose

YEARS_DOWN = """
## Sheet Hoja1
| Población extranjera según país de nacimiento | | | |

| Año | Total | Colombia | Otros países |
| 2021 | 300 | 200 | 100 |
| 2022 | 330 | 220 | 110 |
"""
SEXES_OVER_YEARS = """
## Sheet Лист1
| Численность населения по странам рождения | | | | |
| Страна рождения | Мужчины | < | Женщины | < |
| ^ | 2020 | 2021 | 2020 | 2021 |
| Всего | 30 | 33 | 40 | 44 |
| Армения | 10 | 11 | 20 | 22 |
| Украина | 20 | 22 | 20 | 22 |
"""
SIDE_BY_SIDE = """
## Sheet 1
| Population by country of birth, 2022 | | | | | |
| Males | | | Females | | |
| Country of birth | Persons | | Country of birth | Persons | |
| Armenia | 10 | | Armenia | 11 | |
| Turkey | 20 | | Turkey | 22 | |
"""
FRENCH_AGES = """
## Sheet A
| Population par âge et sexe, 2023 | | |
| Âge | Hommes | Femmes |
| Ensemble | 35 | 37 |
| Moins de 15 ans | 10 | 11 |
| De 15 à 64 ans | 20 | 21 |
| 65 ans et plus | 5 | 5 |
"""
RUSSIAN_AGES = """
## Sheet A
| Население по возрасту, 2023 год | | |
| Возраст | Мужчины | Женщины |
| моложе 15 лет | 10 | 11 |
| 15–64 года | 20 | 21 |
| 65 лет и старше | 5 | 5 |
"""
ARABIC_LABELS_RIGHT = """
## Sheet A
| | | السكان حسب العمر والجنس، 2023 |
| إناث | ذكور | العمر |
| 11 | 10 | أقل من 15 سنة |
| 21 | 20 | من 15 إلى 64 سنة |
| 5 | 4 | 65 سنة فأكثر |
"""
BILINGUAL = """
## Sheet A
| Country of birth | 2021 | 2022 | بلد الميلاد |
| Iraq | 200 | 220 | العراق |
| Syria | 100 | 110 | سوريا |
"""
TOTAL_FIRST_WITH_NOTES = """
## Sheet Tabelle 1
| Zuzüge nach Staatsangehörigkeit | | |

| Staatsangehörigkeit | 2021 | 2022 |
| Insgesamt | '1 234 567 | '1 334 567 |

| Polen 1) | '1 000 | '2 000 |
| Rumänien | '900 | '1 100 |
| Türkei | - | '12 |

| 1) Ohne Saisonarbeit. | | |
| Quelle: Amt | | |
"""
YEARS_AND_MONTHS = """
## Sheet 1
| Immigration by month | | | | |
| Month | 2021 | < | 2022 | < |
| ^ | Males | Females | Males | Females |
| January | 10 | 11 | 12 | 13 |
| February | 20 | 21 | 22 | 23 |
| March | 30 | 31 | 32 | 33 |
"""
STACKED = """
## Sheet 1
| Population by country of birth | | |

| Males | | |
| Country of birth | 2021 | 2022 |
| Armenia | 10 | 11 |
| Turkey | 20 | 21 |

| Females | | |
| Country of birth | 2021 | 2022 |
| Armenia | 30 | 31 |
| Turkey | 40 | 41 |
"""
STACKED_BY_YEAR = """
## Sheet 1
| Population par pays de naissance et sexe | | |
| 2021 | | |
| Pays de naissance | Hommes | Femmes |
| Arménie | 10 | 11 |
| Turquie | 20 | 21 |
| 2022 | | |
| Pays de naissance | Hommes | Femmes |
| Arménie | 30 | 31 |
| Turquie | 40 | 41 |
"""
STACKED_UNKNOWN = """
## Sheet 1
| Population by country of birth | | |

| Panel A | | |
| Country of birth | 2021 | 2022 |
| Armenia | 10 | 11 |
| Turkey | 20 | 21 |

| Panel B | | |
| Country of birth | 2021 | 2022 |
| Armenia | 30 | 31 |
| Turkey | 40 | 41 |
"""
SECTIONS = """
## Sheet 1
| Population selon l'âge | | |
| Âge | 2021 | 2022 |
| Hommes | | |
| 0-14 ans | 10 | 11 |
| 15 ans et plus | 20 | 21 |
| Femmes | | |
| 0-14 ans | 30 | 31 |
| 15 ans et plus | 40 | 41 |
"""
SECTIONS_UNKNOWN = """
## Sheet 1
| Population by age | | |
| Age | 2021 | 2022 |
| Upper valley | | |
| 0-14 years | 10 | 11 |
| 15 years and over | 20 | 21 |
| Lower valley | | |
| 0-14 years | 30 | 31 |
| 15 years and over | 40 | 41 |
"""
CONTINENTS = """
## Sheet 1
| Country of citizenship | 2021 | 2022 |
| Asia | | |
| Armenia | 10 | 11 |
| Turkey | 20 | 21 |
| Europe | | |
| Ukraine | 30 | 31 |
| Poland | 40 | 41 |
"""
INDENTED = """
## Sheet 1
| Country of birth and sex | 2021 | 2022 |
| Total | 70 | 74 |
| '   Males | 30 | 32 |
| '   Females | 40 | 42 |
| Armenia | 30 | 32 |
| '   Males | 10 | 11 |
| '   Females | 20 | 21 |
| Turkey | 40 | 42 |
| '   Males | 20 | 21 |
| '   Females | 20 | 21 |
"""
SHEET_PER_YEAR = """
## Sheet 2021
| Country of birth | Males | Females |
| Armenia | 10 | 11 |
| Turkey | 20 | 21 |
## Sheet 2022
| Country of birth | Males | Females |
| Armenia | 30 | 31 |
| Turkey | 40 | 41 |
"""
BORN_HERE_AND_ABROAD = """
## Sheet 1
| Population by age and sex, 1 January 2023 | | | | | |
| Age | Males | < | Females | < | Total |
| ^ | Born in country | Born abroad | Born in country | Born abroad | ^ |
| 0-14 | 4 | 1 | 5 | 2 | 12 |
| 15+ | 6 | 3 | 7 | 4 | 20 |
"""
BOTH_DIRECTIONS = """
## Sheet 1
| Country of citizenship | Immigrants 2021 | Emigrants 2021 | Net 2021 | Immigrants 2022 | Emigrants 2022 | Net 2022 |
| Total | 10 | 4 | 6 | 12 | 5 | 7 |
| Poland | 6 | 2 | 4 | 7 | 3 | 4 |
"""
SUMS_AMONG_YEARS = """
## Sheet 1
| Country of citizenship | 2020 | 2021p | 2020-2021 | Change (%) |
| Poland | 6 | 8 | 14 | 33.3 |
| India | 4 | 6 | 10 | 50.0 |
"""
TWICE_THE_SAME_LABELS = """
## Sheet 1
| Country of birth | 2021 | 2022 |
| Poland | 6 | 8 |
| India | 4 | 6 |
| Poland | 60 | 80 |
| Nepal | 3 | 5 |
"""
OTHERS_OF_A_REGION = """
## Sheet 1
| Country of birth | 2021 | 2022 |
| Europe | 60 | 66 |
| Germany | 40 | 44 |
| Other countries | 20 | 22 |
| Asia | 40 | 44 |
| China | 30 | 33 |
"""
OTHERS_BY_INDENT = """
## Sheet 1
| Country of birth | 2021 | 2022 |
| Europe | 60 | 66 |
| '  Germany | 40 | 44 |
| '  France | 10 | 11 |
| '  Other countries | 10 | 11 |
"""


def two_by_two(values: list[str], years: tuple[str, str] = ("2021", "2022")) -> dict[tuple[str, ...], str]:
    """The observations of males and females born in Armenia and Turkey: by sex, country, then year."""
    keys = [(year, sex, "_T", country, "_T") for sex in ("M", "F") for country in ("AM", "TR") for year in years]
    return dict(zip(keys, values, strict=True))


def test_years_down_and_countries_across() -> None:
    values = observations(YEARS_DOWN, proposed(YEARS_DOWN, "DF_POP"))
    assert values == {
        (year, "_T", "_T", country, "_T"): value
        for (year, country), value in {
            ("2021", "_T"): "300",
            ("2021", "CO"): "200",
            ("2021", "_O"): "100",
            ("2022", "_T"): "330",
            ("2022", "CO"): "220",
            ("2022", "_O"): "110",
        }.items()
    }


def test_sexes_over_years_in_russian() -> None:
    values = observations(SEXES_OVER_YEARS, proposed(SEXES_OVER_YEARS, "DF_POP"))
    assert len(values) == 12
    assert values["2021", "F", "_T", "UA", "_T"] == "22"
    assert values["2020", "M", "_T", "AM", "_T"] == "10"
    assert values["2020", "F", "_T", "_T", "_T"] == "40"


def test_two_tables_side_by_side() -> None:
    values = observations(SIDE_BY_SIDE, proposed(SIDE_BY_SIDE, "DF_POP"))
    assert values == {
        ("2022", "M", "_T", "AM", "_T"): "10",
        ("2022", "M", "_T", "TR", "_T"): "20",
        ("2022", "F", "_T", "AM", "_T"): "11",
        ("2022", "F", "_T", "TR", "_T"): "22",
    }


@pytest.mark.parametrize(("text", "total"), [(FRENCH_AGES, 2), (RUSSIAN_AGES, 0)], ids=["French", "Russian"])
def test_age_bands_in_words(text: str, total: int) -> None:
    values = observations(text, proposed(text, "DF_POP"))
    assert len(values) == 6 + total
    assert values["2023", "M", "Y0T14", "_T", "_T"] == "10"
    assert values["2023", "F", "Y15T64", "_T", "_T"] == "21"
    assert values["2023", "M", "Y_GE65", "_T", "_T"] == "5"


def test_labels_to_the_right_of_figures() -> None:
    proposal = proposed(ARABIC_LABELS_RIGHT, "DF_POP")
    assert proposal.mapping.blocks[0].labels_right
    assert observations(ARABIC_LABELS_RIGHT, proposal) == {
        ("2023", "M", "Y0T14", "_T", "_T"): "10",
        ("2023", "F", "Y0T14", "_T", "_T"): "11",
        ("2023", "M", "Y15T64", "_T", "_T"): "20",
        ("2023", "F", "Y15T64", "_T", "_T"): "21",
        ("2023", "M", "Y_GE65", "_T", "_T"): "4",
        ("2023", "F", "Y_GE65", "_T", "_T"): "5",
    }


def test_labels_in_two_languages_on_both_sides() -> None:
    proposal = proposed(BILINGUAL, "DF_POP")
    values = observations(BILINGUAL, proposal)
    assert values["2021", "_T", "_T", "IQ", "_T"] == "200"
    assert values["2022", "_T", "_T", "SY", "_T"] == "110"
    assert not [question for question in proposal.open if question.part.startswith("line column")]


def test_a_total_first_thousands_with_blanks_and_notes_below() -> None:
    values = observations(TOTAL_FIRST_WITH_NOTES, proposed(TOTAL_FIRST_WITH_NOTES, "DF_IMM", "DE"))
    assert values["2021", "_T", "_T", "_T", "_T"] == "1234567"
    assert values["2022", "_T", "_T", "_T", "PL"] == "2000"
    assert values["2022", "_T", "_T", "_T", "TR"] == "12"
    assert len(values) == 8


def test_years_over_months_beside_tell_the_period_together() -> None:
    values = observations(YEARS_AND_MONTHS, proposed(YEARS_AND_MONTHS, "DF_IMM"))
    assert {key[:2]: value for key, value in values.items()} == {
        (f"{year}-{month:02d}", sex): f"{month}{number}"
        for month in (1, 2, 3)
        for number, (year, sex) in enumerate((year, sex) for year in (2021, 2022) for sex in "MF")
    }


@pytest.mark.parametrize(
    ("titles", "top"),
    [
        ("| Population | | |\n", 2),
        ("| Population | | |\n\n", 3),
        ("| Population | | |\n| by sex | | |\n\n", 4),
        ("| Population | | |\n\n| in persons | | |\n", 4),
        ("", 1),
    ],
)
def test_a_title_is_no_header_be_it_apart_from_the_table_or_not(titles: str, top: int) -> None:
    text = f"\n## Sheet 1\n{titles}| Year | Men | Women |\n| 2021 | 1 | 2 |\n| 2022 | 3 | 4 |\n"
    (table,) = read("t.xlsx", workbook(text))
    region = find_region(table, WORDS.vocabulary)
    assert region
    assert (region.top, region.first, region.last, len(region.titles)) == (top, top + 1, top + 2, titles.count("| | |"))


@pytest.mark.parametrize(("empty", "top"), [(1, 1), (2, 1), (3, 5), (5, 7)])
def test_texts_far_above_a_table_are_not_its_header(empty: int, top: int) -> None:
    rows = "| Year | Men | Women |\n| 2021 | 1 | 2 |\n| 2022 | 3 | 4 |\n"
    text = "\n## Sheet 1\n| Office | Department | Unit |\n" + "\n" * empty + rows
    (table,) = read("t.xlsx", workbook(text))
    region = find_region(table, WORDS.vocabulary)
    assert region
    assert region.top == top


@pytest.mark.parametrize("titles", [(), ("",), ("???",)])
def test_no_titles_give_no_nearest_names(titles: tuple[str, ...]) -> None:
    assert nearest_names("SEX", CATALOGUE.flows["DF_POP"], titles) == ()


def test_at_most_three_codes_are_near_to_a_title_the_nearest_first() -> None:
    near = nearest_names("SEX", CATALOGUE.flows["DF_POP"], ("Population, females",))
    assert near[0].code == "F"
    assert len(near) <= 3
    assert all(0 < candidate.confidence <= 0.5 for candidate in near)


def test_stacked_tables_by_sex() -> None:
    proposal = proposed(STACKED, "DF_POP")
    assert observations(STACKED, proposal) == two_by_two(["10", "11", "20", "21", "30", "31", "40", "41"])


def test_stacked_tables_by_year() -> None:
    values = observations(STACKED_BY_YEAR, proposed(STACKED_BY_YEAR, "DF_POP"))
    assert values == two_by_two(["10", "30", "20", "40", "11", "31", "21", "41"])


@pytest.mark.parametrize("above", ["| 2022 | | |\n", "\n| 2022 | | |\n"], ids=["title alone", "empty row and title"])
def test_a_stacked_table_may_have_its_columns_in_another_order(above: str) -> None:
    first, _, second = STACKED_BY_YEAR.partition("| 2022 | | |\n")
    turned = second.replace("Hommes | Femmes", "Femmes | Hommes")
    for before, after in (("10 | 11", ""), ("30 | 31", "31 | 30"), ("40 | 41", "41 | 40")):
        turned = turned.replace(before, after or before)
    text = first + above + turned
    assert "| Femmes | Hommes |\n| Arménie | 31 | 30 |" in text
    assert observations(text, proposed(text, "DF_POP")) == two_by_two(["10", "30", "20", "40", "11", "31", "21", "41"])


def test_stacked_tables_with_unknown_titles_are_asked_about() -> None:
    proposal = proposed(STACKED_UNKNOWN, "DF_POP")
    asked = [question for question in proposal.open if question.part == "sheet"]
    assert "Panel B" in " ".join(question.label for question in asked)
    assert len(observations(STACKED_UNKNOWN, proposal)) <= 4


def test_answers_distinguish_stacked_tables() -> None:
    asked = {
        question.sheet for question in proposed(STACKED_UNKNOWN, "DF_POP").questions if question.part == "fixed SEX"
    }
    assert asked == {"1 A4", "1 A9"}
    decisions = {("1 A4", "fixed SEX", ""): "M", ("1 A9", "fixed SEX", ""): "F"}
    proposal = proposed(STACKED_UNKNOWN, "DF_POP", decisions=decisions)
    assert observations(STACKED_UNKNOWN, proposal) == two_by_two(["10", "11", "20", "21", "30", "31", "40", "41"])
    assert not [question for question in proposal.open if question.part == "sheet"]


def test_section_titles_between_rows() -> None:
    values = observations(SECTIONS, proposed(SECTIONS, "DF_POP"))
    assert values == {
        (year, sex, age, "_T", "_T"): value
        for (sex, age, year), value in {
            ("M", "Y0T14", "2021"): "10",
            ("M", "Y0T14", "2022"): "11",
            ("M", "Y_GE15", "2021"): "20",
            ("M", "Y_GE15", "2022"): "21",
            ("F", "Y0T14", "2021"): "30",
            ("F", "Y0T14", "2022"): "31",
            ("F", "Y_GE15", "2021"): "40",
            ("F", "Y_GE15", "2022"): "41",
        }.items()
    }


def test_unknown_section_titles_are_asked_about_and_their_rows_skipped() -> None:
    proposal = proposed(SECTIONS_UNKNOWN, "DF_POP")
    asked = [question for question in proposal.open if question.part == "line section"]
    assert "Upper valley" in asked[0].label
    skipped = {skip.match for skip in proposal.mapping.blocks[0].skip_rows}
    assert skipped == {"0-14 years", "15 years and over"}


def test_titles_of_continents_change_nothing() -> None:
    values = observations(CONTINENTS, proposed(CONTINENTS, "DF_POP"))
    assert len(values) == 8
    assert values["2022", "_T", "_T", "_T", "UA"] == "31"


def test_labels_below_labels_by_indent() -> None:
    values = observations(INDENTED, proposed(INDENTED, "DF_POP"))
    assert len(values) == 18
    assert values["2021", "_T", "_T", "AM", "_T"] == "30"
    assert values["2022", "F", "_T", "AM", "_T"] == "21"
    assert values["2021", "M", "_T", "TR", "_T"] == "20"
    assert values["2022", "M", "_T", "_T", "_T"] == "32"


def test_a_sheet_for_each_year() -> None:
    values = observations(SHEET_PER_YEAR, proposed(SHEET_PER_YEAR, "DF_POP"))
    assert values == two_by_two(["10", "30", "20", "40", "11", "31", "21", "41"])


STACKED_SEXES = """
## Sheet A
| Population by country of birth, {years} | | |

| Country of birth | 2020 | 2021 |
| {first} | | |
| Armenia | 30 | 33 |
| Turkey | 40 | 44 |
| Men | | |
| Armenia | 10 | 11 |
| Turkey | 20 | 22 |
"""


@pytest.mark.parametrize("first", ["Total", "All", "Both sexes", "Totals"])
def test_the_first_of_stacked_parts_may_be_called_total(first: str) -> None:
    text = STACKED_SEXES.format(first=first, years="2020-2021")
    values = observations(text, proposed(text, "DF_POP"))
    assert {key[1] for key in values} == {"_T", "M"}
    assert len(values) == 8


def test_figures_over_the_first_title_of_a_part_are_asked_about() -> None:
    text = STACKED_SEXES.format(first="", years="2020-2021").replace(
        "| Men", "| Women | | |\n| Armenia | 20 | 22 |\n| Men"
    )
    tried = propose(read("t.xlsx", workbook(text)), "DF_POP", CATALOGUE, WORDS, area="GE")
    assert ("keys", "SEX") in {(question.part, question.label) for question in tried.open}


def test_three_dimensions_in_two_header_rows_with_merged_cells() -> None:
    proposal = proposed(BORN_HERE_AND_ABROAD, "DF_POP")
    codes = {
        component_map.component: dict(component_map.codes) for component_map in proposal.mapping.blocks[0].components
    }
    assert codes["BIRTH_STATUS"] == {"Born in country": "NB", "Born abroad": "FB", "Total": "_T"}
    assert codes["SEX"] == {"Males": "M", "Females": "F", "Total": "_T"}
    values = observations(BORN_HERE_AND_ABROAD, proposal)
    assert values["2023", "_T", "Y0T14", "_T", "_T"] == "12"


def test_columns_of_the_other_direction_and_of_the_balance_stay_out() -> None:
    values = observations(BOTH_DIRECTIONS, proposed(BOTH_DIRECTIONS, "DF_IMM"))
    assert values == {
        ("2021", "_T", "_T", "_T", "_T"): "10",
        ("2022", "_T", "_T", "_T", "_T"): "12",
        ("2021", "_T", "_T", "_T", "PL"): "6",
        ("2022", "_T", "_T", "_T", "PL"): "7",
    }


def test_sums_of_years_and_shares_are_not_taken_for_years() -> None:
    proposal = proposed(SUMS_AMONG_YEARS, "DF_IMM")
    values = observations(SUMS_AMONG_YEARS, proposal)
    assert sorted({key[0] for key in values}) == ["2020", "2021"]
    assert [question.label for question in proposal.open if question.part == "codes TIME_PERIOD"] == ["2020-2021"]


def test_rows_with_one_label_are_asked_about_and_left_out() -> None:
    proposal = proposed(TWICE_THE_SAME_LABELS, "DF_POP")
    assert [question.label for question in proposal.open if question.part == "rows"] == ["Poland"]
    assert {key[3] for key in observations(TWICE_THE_SAME_LABELS, proposal)} == {"IN", "NP"}


@pytest.mark.parametrize("text", [OTHERS_OF_A_REGION, OTHERS_BY_INDENT], ids=["between regions", "by indent"])
def test_other_countries_below_a_region_are_not_those_of_the_world(text: str) -> None:
    proposal = proposed(text, "DF_POP")
    assert "Other countries" in [question.label for question in proposal.open]
    assert "_O" not in {key[3] for key in observations(text, proposal)}


def test_sexes_below_each_country_are_no_groups_of_countries() -> None:
    """“Totalt” and “män”, the Isle of Man, may be areas; the cells below each country are empty."""
    countries = ("Samtliga", "Sverige", "Syrien", "Indien", "Polen", "Övriga länder")
    rows = [(country, 100 + at, 60 + at) for at, country in enumerate(countries)]
    text = "## Sheet A\n| Invandringar efter födelseland och kön | | | |\n| Födelseland | Kön | 2022 | 2023 |\n"
    for country, total, men in rows:
        text += f"| {country} | totalt | {total} | {total} |\n| | män | {men} | {men} |\n| | kvinnor | 40 | 40 |\n"
    components = {component.component for component in proposed(text, "DF_IMM", "SE").mapping.blocks[0].components}
    assert components == {"C_BIRTH", "SEX", "TIME_PERIOD"}
