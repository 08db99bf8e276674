"""Sentences of notes that may concern all figures are asked about; unrelated ones are ignored."""

from __future__ import annotations

import pytest
from proposed import proposed
from test_map_notes_that_limit import asked, of

POPULATION = ("DF_POP", "Foreign citizens by country of citizenship")


@pytest.mark.parametrize(
    "note",
    [
        "The table shows holders of permanent residence permits.",
        "Data are for the working-age population.",
        "Counts are of heads of household.",
        "Coverage: Nairobi and Mombasa.",
        "Scope: employed persons",
        "Those with dual nationality have been left out.",
        "Seasonal workers are counted as well.",
        "Nakuru did not report.",
        "Women.",
        "Registered unemployed foreigners",
        "Students enrolled at universities",
        "The citizenship is that of the mother.",
        "Nationality at birth.",
        "Country of previous citizenship is shown for those naturalised.",
        "Only persons who arrived in the last five years.",
        "Family members of diplomats are missing.",
        "Sponsors are included as well.",
        "Data refer to au pairs.",
        "Champ : ménages ordinaires.",
        "Titulaires d'un titre de séjour valide",
        "Ámbito: población ocupada",
        "Bevölkerung in Privathaushalten",
        "Schutzsuchende sind enthalten.",
        "Данные приведены по трудоспособному населению.",
        "População empregada",
        "Dati riferiti ai soli residenti da almeno 5 anni",
        "Pracownicy najemni",
        "Werknemers met een vergunning",
        "Öğrenciler",
        "Työntekijät",
        "اللاجئون المسجلون",
        "仅含劳工",
        "Not counting those living in collective accommodation.",
        "People with a second home in the country are counted too.",
        "Households, not persons.",
    ],
)
def test_sentences_that_may_be_about_all_figures_are_asked_about(note: str) -> None:
    assert asked(of(note, *POPULATION))


@pytest.mark.parametrize(
    ("note", "word"),
    [
        ("Returning nationals are counted among the immigrants.", "returning nationals"),
        ("The figures are net of departures.", "“net of”"),
        ("Moves within the country are contained.", "moves"),
        ("Work permits issued in the year", "permits"),
        ("January–September", "a part of the year"),
        ("Data for April to June.", "a part of the year"),
        ("Naturalisations are added.", "naturalisations"),
        ("Border crossings", "border crossings"),
        ("Demandeurs d'asile", "demandeurs"),
        ("Ausgestellte Arbeitserlaubnisse", "arbeitserlaubnisse"),
    ],
)
def test_another_thing_that_a_short_note_counts_is_asked_about(note: str, word: str) -> None:
    assert word in asked(of(note))


@pytest.mark.parametrize(
    "note",
    [
        "Data as provided by the Ministry on 3 May 2022.",
        "Table compiled by the Department of Statistics.",
        "The register of foreigners was introduced in 2003.",
        "Foreign citizens are persons who do not hold the citizenship of the country.",
        "Next release: June 2023",
        "Next release in June",
        "Statistics on emigration are presented in chapter 3.",
        "The population register is maintained by the municipalities.",
        "Est étrangère toute personne qui n'a pas la nationalité du pays.",
        "Countries are listed by size.",
        "© Statistics Office 2022. Reproduction is authorised provided the source is acknowledged.",
        "Contact: migration@statistics.example, tel. +254 20 11 28",
        "Students and workers: www.statistics.example/migration",
        "Figures are based on the population register.",
        "The concept of citizenship follows the law of 2010.",
        "The definition of refugees was changed in 2015.",
        "Refugees and asylum seekers: see table 12.",
        "Women and men separately: siehe Tabelle 4.",
        "Pour les étudiants, voir le tableau 7.",
        "Los estudiantes figuran en otro cuadro; véase el anexo.",
        "По беженцам см. таблицу 5.",
        "Foreign citizens: persons without the citizenship of the country.",
        "For further information on workers see the methodological notes.",
        "Note: Totals may not add up due to rounding.",
        "Lecture : en 2020, 200 Ougandais résidaient dans le pays.",
        "Rundungsdifferenzen möglich.",
        "Elaborazione su dati Istat",
        "Dane mogą się nie sumować ze względu na zaokrąglenia.",
        "数据来源：国家统计局",
        "由于四舍五入，分项之和可能不等于总计。",
    ],
)
def test_unrelated_sentences_of_a_note_raise_no_question(note: str) -> None:
    assert not asked(of(note, *POPULATION))


def test_one_sentence_of_a_note_raises_one_question() -> None:
    note = "Dual nationals are counted once, under their first citizenship."
    questions = [question.label for question in of(note, *POPULATION).open if question.part == "title"]
    assert questions == ["Dual nationals"]


def test_a_sentence_about_one_label_is_not_asked_about() -> None:
    assert "not understood" not in asked(of("Uganda and others: registered pensioners.", *POPULATION))


@pytest.mark.parametrize(
    ("note", "is_asked"),
    [
        ("¹ Children of mothers who stayed.", False),
        ("1) By vote of the municipality of Nakuru.", False),
        ("¹ Students and their families.", False),
        ("² Children of mothers who stayed.", True),
        ("Children of mothers who stayed.", True),
        ("¹ Only children.", True),
    ],
)
def test_a_note_with_the_mark_of_a_label_is_about_that_label(note: str, is_asked: bool) -> None:
    rows = "| Uganda¹ | 100 | 200 |\n| Somalia | 101 | 201 |\n| India | 102 | 202 |\n"
    title = "Foreign citizens by country of citizenship"
    text = f"## Sheet S\n| {title} |\n| Country of citizenship | 2019 | 2020 |\n{rows}\n| {note} |\n"
    assert bool(asked(proposed(text, "DF_POP", "KE"))) == is_asked


@pytest.mark.parametrize(
    "note",
    [
        "Die Angaben für 2020 beziehen sich auf den 30. Juni.",
        "Pour 2020, situation au 15 octobre.",
        "2020: as at the end of March.",
        "The column for 2020 relates to census night, 21 November.",
        "Rok 2020: pouze 1. pololetí.",
        "2020 – dane za I–III kwartał.",
    ],
)
def test_another_day_or_part_of_one_year_is_asked_about(note: str) -> None:
    assert asked(of(note, *POPULATION))


@pytest.mark.parametrize(
    "note",
    [
        "En person som invandrat flera gånger under samma år räknas en gång för varje tillfälle.",
        "Opgørelsen omfatter udelukkende personer, der er fyldt 18 år.",
        "Luvut on ilmoitettu sadoissa henkilöissä.",
        "Δεν περιλαμβάνονται οι αρνήσεις εισόδου στους αερολιμένες.",
        "მონაცემები არ მოიცავს აფხაზეთსა და სამხრეთ ოსეთს.",
        "მონაცემები მოიცავს მხოლოდ თბილისს.",
        "Uppgifterna avser endast personer som fyllt 18 år.",
        "Luvut koskevat vain 18 vuotta täyttäneitä.",
        "Angaben in Hundert.",
        "Uppgifterna anges i hundratal personer.",
        "Andmed ei hõlma Ukraina sõjapõgenikke.",
        "Без података за Косово и Метохију.",
        "Die Zahlen beziehen sich auf Wanderungsfälle, nicht auf Personen.",
        "Se contabilizan movimientos, por lo que una persona puede figurar varias veces.",
    ],
)
def test_notes_in_many_languages_are_asked_about(note: str) -> None:
    assert asked(of(note, *POPULATION))


@pytest.mark.parametrize(
    "note",
    [
        "Figures have been rounded to the nearest 10.",
        "Figures may be subject to future revision.",
        "1) The name is used for statistical purposes only",
        "1) 该名称仅用于统计目的。",
        "1) تستخدم التسمية لأغراض إحصائية فقط",
        "© Національна служба статистики України, 2023",
        "© National Statistics Office",
        "Next release: 12 June 2023",
        "Data extracted on 3 May 2022",
        "Erstellt am 15.05.2024",
    ],
)
def test_dates_and_rounding_of_the_publication_are_not(note: str) -> None:
    assert not asked(of(note, *POPULATION))
