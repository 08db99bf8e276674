"""Words that can be units are asked about in notes on figures, and ignored in other sentences."""

from __future__ import annotations

import pytest
from proposed import asked_text
from test_map_notes_that_limit import of


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
    assert "in what unit" not in asked_text(of(note)) + asked_text(of(note, title="Immigrants"))
    assert "fixed unit_measure" not in asked_text(of(note))
    assert "standard error" not in asked_text(of(note))


@pytest.mark.parametrize("note", ["Standard errors", "Figures are standard errors of the estimates of the survey."])
def test_figures_that_are_errors_are_asked_about(note: str) -> None:
    assert "standard errors" in asked_text(of(note))
