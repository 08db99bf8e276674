"""Days in titles are reference days only where words tie the figures to them, unlike days of laws or prints."""

from __future__ import annotations

import pytest
from proposed import proposed

from sdmxmig.conversion.suggestion import Question

OTHER_DAYS = [
    "Printed 3 May 2024",
    "Printed on 1 January 2024",
    "Downloaded 31 December 2023",
    "Downloaded: 31.12.2023",
    "Last updated 1 January 2024",
    "Last updated: 01.01.2024",
    "Law of 12 June 2019",
    "Law of 1 January 2019 on Foreigners",
    "Act No. 12 of 31 December 2018",
    "Imprimé le 1er janvier 2024",
    "Téléchargé le 31 décembre 2023",
    "Loi du 1er janvier 2019",
    "Impreso el 1 de enero de 2024",
    "Ley de 31 de diciembre de 2018",
    "Gedruckt am 31. Dezember 2023",
    "Gesetz vom 1. Januar 2019",
    "Распечатано 1 января 2024",
    "Закон от 31 декабря 2018 года",
    "Скачано 31.12.2023",
    "2023年12月31日打印",
    "Stampato il 31 dicembre 2023",
    "Date: 31.12.2023",
    "Nairobi, 31 December 2023",
    "In force since 1 January 2020",
    "Next release: 31 December 2024",
    "Population by sex under the Law of 1 January 2019",
    "Population by sex (printed 31 December 2023)",
    "Exported 2023-12-31 10:22",
    "Census boundaries of 1 July 2020",
    "Registered from 1 July 2020",
    "Approved by the Board on 1 July 2024",
    "Exported 01/01/2024",
    "Data available from 1 January 2024",
    "Foreigners registered since 1 January 2020",
    "Decreto del 1 luglio 2020",
    "Uitgegeven 31 december 2023",
    "Wydrukowano 31 grudnia 2023",
    "Utskriven den 31 december 2023",
    "Dated 31 December 2023 and signed",
    "Decree of the Government dated 1 July 2021",
    "Foreigners under the Aliens Act of 31 December 2018",
]
REFERENCE_DAYS = [
    ("As at 31 December 2023", "D1231"),
    ("On 1 January 2023", "D0101"),
    ("Stichtag 31.12.2023", "D1231"),
    ("Stand: 31.12.2023", "D1231"),
    ("au 31 décembre 2023", "D1231"),
    ("date de référence : 31 décembre 2023", "D1231"),
    ("a 31 de diciembre de 2023", "D1231"),
    ("на 1 января 2024 года", "D0101"),
    ("по состоянию на 01.01.2024", "D0101"),
    ("Situação em 31 de dezembro de 2023", "D1231"),
    ("al 31 dicembre 2023", "D1231"),
    ("截至2023年12月31日", "D1231"),
    ("2023年12月31日現在", "D1231"),
    ("31 Aralık 2023 itibarıyla", "D1231"),
    ("Census night 9 August 2021", "OTH"),
    ("Foreigners by sex (31.12.2023)", "D1231"),
    ("Population, December 31, 2023", "D1231"),
    ("Population by sex, 1 January 2023", "D0101"),
    ("Population on 1 January 2023", "D0101"),
    ("Population aged 15 and over at 1 January 2023", "D0101"),
    ("Népesség 2023. január 1-jén", "D0101"),
    ("Численность населения на 1 января 2024 года", "D0101"),
    ("Wohnbevölkerung am 31.12.2023", "D1231"),
    ("Foreign citizens by sex 31.12.2023", "D1231"),
    ("Población extranjera a 1 de enero de 2023", "D0101"),
    ("as at 01/01/2024", "D0101"),
    ("Foreign citizens by sex 31.12.2023", "D1231"),
    ("Population 31-12-2023", "D1231"),
    ("Population by sex, census of 14 November 2021", "OTH"),
    ("Stand am 1. Januar 2024", "D0101"),
    ("situation au 1er janvier 2024", "D0101"),
]


def question(line: str, component: str) -> Question:
    table = f"## Sheet S\n| Population by sex |\n| {line} |\n| Sex | Total |\n| Male | 120 |\n| Female | 130 |\n"
    (asked,) = (asked for asked in proposed(table, "DF_POP").questions if asked.part == f"fixed {component}")
    return asked


@pytest.mark.parametrize("line", OTHER_DAYS)
def test_other_day_gives_no_reference_day_and_no_year(line: str) -> None:
    assert question(line, "REF_DATE").chosen.code == ""
    assert question(line, "TIME_PERIOD").chosen.code == ""


@pytest.mark.parametrize(("line", "day"), REFERENCE_DAYS)
def test_day_tied_to_figures_is_proposed_with_its_year(line: str, day: str) -> None:
    assert question(line, "REF_DATE").chosen.code == day
    assert not question(line, "TIME_PERIOD").is_open


@pytest.mark.parametrize("line", ["31.12.2023", "(31.12.2023)", "1 January 2024", "2023-12-31"])
def test_bare_day_is_no_reference_day_and_its_year_is_asked_about(line: str) -> None:
    assert question(line, "REF_DATE").chosen.code == ""
    assert question(line, "TIME_PERIOD").is_open
