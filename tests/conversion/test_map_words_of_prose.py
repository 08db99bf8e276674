"""Words that can be units are asked about in notes on figures, and ignored in other sentences."""

from __future__ import annotations

import pytest
from test_map_notes_that_limit import asked, of


@pytest.mark.parametrize(
    "note",
    [
        "Migrants are people who change their country of residence, as measured by the 12/16-month rule.",
        "The visa type is that held on arrival. People may change their visa type while still in the country.",
        "Данните се отнасят за лицата, декларирали пред административните власти промяна на настоящия си адрес.",
        "Alates sellest ajast on rände arvestuse aluseks residentsuse indeks ja selle muutused.",
        "The standard error of an estimate tells how much it would differ from one sample to another sample.",
        "For example, the 95 percent confidence interval is 1.96 standard errors around an estimate of this kind.",
        "Persons who move to another municipality and report an increase of their household are registered there too.",
        "Les personnes qui ont signalé une augmentation de leur loyer au service communal sont aussi inscrites.",
        "Personen, bei denen eine Veränderung des Familienstandes gemeldet wurde, sind hier ebenfalls erfasst.",
        "Las personas que comunican una variación de domicilio a su ayuntamiento figuran en el registro municipal.",
        "A person may change the place of usual residence more than once while the register is being renewed.",
        "Лица, сообщившие об изменении места жительства в паспортный стол, учтены по новому адресу в стране.",
    ],
)
def test_words_of_other_sentences_are_no_units(note: str) -> None:
    assert "in what unit" not in asked(of(note)) + asked(of(note, title="Immigrants"))
    assert "fixed unit_measure" not in asked(of(note))
    assert "standard error" not in asked(of(note))


@pytest.mark.parametrize(
    "note",
    [
        "in percent",
        "Figures are in percent of the population of each country of the world.",
        "In percent of the population of the country of citizenship at the beginning.",
        "Figures are in thousands.",
        "per 1,000 population",
        "Change on the previous year",
        "Annual change",
        "Figures show the difference from the average of the countries of the same region.",
        "Difference between arrivals and departures of the citizens of each of these countries.",
        "The differences from the mean of all regions are presented for each country of citizenship.",
        "Values are an index with the first year of the series as its base.",
        "Index: the number in the first of the years of the series = 100",
        "Die Zahlen zeigen die Veränderung gegenüber dem Durchschnitt der übrigen Länder der Region.",
        "Les chiffres représentent la différence avec la moyenne des autres pays de la même région.",
        "Los datos muestran la variación respecto de la media de los demás países de la región.",
        "Данные показывают изменение к среднему уровню остальных стран этого же региона мира.",
        "Figures come from a 5 percent sample of the households of the census of the country.",
        "Change since 2010 of the persons with citizenship of the country of origin in the register.",
    ],
)
def test_units_of_the_figures_are_asked_about(note: str) -> None:
    assert "unit" in asked(of(note))


@pytest.mark.parametrize("note", ["Standard errors", "Figures are standard errors of the estimates of the survey."])
def test_figures_that_are_errors_are_asked_about(note: str) -> None:
    assert "standard errors" in asked(of(note))
