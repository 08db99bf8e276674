"""The only year of a table is in its title: certain beside a counted item, otherwise asked about."""

from __future__ import annotations

import pytest
from proposed import proposed

BODY = "| Sex | Total |\n| Male | 120 |\n| Female | 130 |\n\n| {note} |\n"


def asked(title: str, note: str = "") -> bool:
    table = f"## Sheet S\n| {title} |\n{BODY.format(note=note)}"
    return any(
        question.component == "TIME_PERIOD" and question.is_open for question in proposed(table, "DF_POP").questions
    )


def test_another_year_in_a_note_is_asked_about() -> None:
    assert asked("Population by sex, 2023", "Figures are those of 2022")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Foreigners by sex (31.12.2023)", ""),
        ("Foreigners by sex", "As at 31 December 2023"),
        ("População estrangeira por sexo", "Situação em 31 de dezembro de 2023"),
        ("Population étrangère par sexe", "(date de référence : 31 décembre 2023)"),
        ("Foreigners by zorblax and sex, 2023", ""),
        ("Foreigners by sex", "2023-yil"),
        ("Cudzoziemcy według płci", "Stan w dniu 31 XII 2023 r."),
        ("Población extranjera por sexo a 31-XII-2023", ""),
        ("Cizinci podle pohlaví k 31. XII. 2023", ""),
        ("Страни држављани по полу, 31. XII 2023.", ""),
    ],
)
def test_year_beside_a_title_with_a_counted_item_is_not_asked(first: str, second: str) -> None:
    assert not asked(f"{first} |\n| {second}" if second else first)


def years_asked(title: str, heads: str, flow: str = "DF_IMM") -> list[str]:
    """The years of a title that are asked about over columns with these heads."""
    years = heads.split(", ")
    rows = "".join(
        f"| {sex} | {' | '.join(str(first + 17 * at) for at, _ in enumerate(years))} |\n"
        for sex, first in (("Total", 1000), ("Men", 600), ("Women", 400))
    )
    text = f"## Sheet S\n| {title} |{' |' * len(years)}\n| Sex | {' | '.join(years)} |\n{rows}"
    return [question.label for question in proposed(text, flow).open if "in the heads?" in question.chosen.reason]


@pytest.mark.parametrize(
    ("title", "heads", "asked_year"),
    [
        ("Immigrants by sex, 2022", "2021, 2023", "2022"),
        ("Immigrants by sex, 2019–2020", "2021, 2022, 2023", "2019–2020"),
        ("Immigrants by sex, 2018 to 2020", "2020, 2021", "2018 to 2020"),
        ("Immigrants by sex, 2019 and 2020", "2020, 2021", "2019"),
        ("Prisťahovalí zo zahraničia podľa pohlavia v roku 2022", "2021, 2023", "2022"),
        ("Zuzüge nach Geschlecht im Jahr 2020", "2021, 2022", "2020"),
        ("Imigranci według płci w latach 2015–2018", "2019, 2020", "2015–2018"),
        ("Прибывшие по полу в 2020 году", "2021, 2022", "2020"),
        ("男女別入国者数 2020年", "2021年, 2022年", "2020"),
        ("المهاجرون القادمون حسب الجنس لسنة 2018", "2020, 2021", "2018"),
        ("Immigrants by sex, 2022", "2023 Q1, 2023 Q2", "2022"),
    ],
)
def test_years_of_a_title_over_other_years_are_asked_about(title: str, heads: str, asked_year: str) -> None:
    assert years_asked(title, heads) == [asked_year]


@pytest.mark.parametrize(
    ("title", "heads"),
    [
        ("Immigrants by sex, 2010–2023", "2019, 2020, 2021"),
        ("Immigrants by sex, 2021 and 2023", "2021, 2023"),
        ("Immigrants by sex since 2010", "2011, 2012"),
        ("Прибывшие по полу с 2010 года", "2011, 2012"),
        ("Immigrants by sex up to 2023", "2021, 2022"),
        ("Immigrants by sex (published 2024)", "2021, 2022"),
        ("Immigrants by sex. Updated: 15 March 2024", "2021, 2022"),
        ("Immigrants by sex (as of January 2024)", "2021, 2022"),
        ("Immigrants by sex, revised 2024", "2021, 2022"),
        ("Immigrants by sex under the Immigration Act 2004", "2021, 2022"),
        ("Immigrants by sex (ISCO 2008)", "2021, 2022"),
        ("Statistical Yearbook 2024. Immigrants by sex", "2021, 2022"),
        ("Immigrants by sex, 2020-21 to 2022-23", "2020-21, 2021-22, 2022-23"),
    ],
)
def test_other_years_of_a_title_are_no_doubt(title: str, heads: str) -> None:
    assert not years_asked(title, heads)


@pytest.mark.parametrize(
    ("title", "heads", "asked_year"),
    [
        ("Residents by sex, census 2010", "2005, 2010, 2015", "2010"),
        ("Población por sexo, Censo 2010", "2011, 2012", "2010"),
        ("Население по полу, перепись 2010 года", "2002, 2010", "2010"),
        ("Stanovništvo prema spolu, Popis 2011.", "2001, 2011", "2011"),
        ("人口普查2010年 按性别", "2000年, 2010年", "2010"),
        ("Foreign residents by sex, end of 2020", "2019, 2020", "2020"),
    ],
)
def test_the_year_of_a_count_on_a_day_over_further_years_is_asked_about(
    title: str, heads: str, asked_year: str
) -> None:
    assert years_asked(title, heads, "DF_POP") == [asked_year]


@pytest.mark.parametrize(
    ("title", "heads"),
    [
        ("Residents by sex, 2010 census", "2010"),
        ("Residents by sex, censuses of 2001 and 2011", "2001, 2011"),
        ("Residents by sex, estimates based on the 2011 census", "2012, 2013"),
        ("Bevölkerung nach Geschlecht, Fortschreibung auf Basis des Zensus 2011", "2012, 2013"),
        ("Residents by sex since the 2011 census", "2012, 2013"),
        ("Population by sex, end of 2010 to end of 2012", "2010, 2011, 2012"),
    ],
)
def test_censuses_of_these_years_or_behind_estimates_are_no_doubt(title: str, heads: str) -> None:
    assert not years_asked(title, heads, "DF_POP")
