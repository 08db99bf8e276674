"""Ages, periods, months, sexes and statuses are recognised as tables of many languages write them."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed, truth

from sdmxmig.conversion.recognition import Recogniser
from sdmxmig.conversion.recognition.lists import recognise_list
from sdmxmig.conversion.recognition.times import moment


@cases_from("conversion/recognition/cases/periods.csv")
def test_periods_in_labels_are_recognised(recogniser: Recogniser, label: str, period: str, freq: str) -> None:
    found = moment(label, recogniser.vocabulary)
    assert (found.period, found.freq) == (period, freq)


@pytest.mark.parametrize(
    "label", ["31.02.2014", "31 June 2021", "20140", "Table 2014 of persons by country and sex", "1015"]
)
def test_uncertain_period_scores_below_90_percent(recogniser: Recogniser, label: str) -> None:
    found = moment(label, recogniser.vocabulary)
    assert found is None or found.confidence < 0.9


def test_spans_of_years_are_asked_about(recogniser: Recogniser) -> None:
    candidates = recogniser.candidates("2014/15", "TIME_PERIOD")
    assert candidates
    assert not candidates[0].is_applied


def test_titles_are_searched_for_words(recogniser: Recogniser) -> None:
    title = "Table 3. Foreign-born population by country of birth, 1 January, in thousands"
    inside = recogniser.vocabulary.inside
    assert {one.code for one in inside("ROLE", title)} >= {"C_BIRTH"}
    assert [one.code for one in inside("UNIT_MULT", title)] == ["3"]
    assert [one.code for one in inside("REF_DATE", title)] == ["D0101"]
    assert [one.code for one in inside("BIRTH_STATUS", title)] == ["FB"]


@cases_from(
    "conversion/recognition/cases/letters_and_short_words_beside_their_counterparts_are_sexes.csv",
    labels=listed,
    codes=listed,
)
def test_letters_beside_counterparts_are_read_as_sexes(
    recogniser: Recogniser, labels: tuple[str, ...], codes: tuple[str, ...]
) -> None:
    by_label = recognise_list(labels, "SEX", recogniser)
    assert tuple(by_label[label][0].code for label in labels) == codes
    assert all(by_label[label][0].is_applied for label in labels)


@pytest.mark.parametrize(
    "labels",
    [
        *(("M",), ("F",), ("H",), ("W",), ("T",), ("Men",), ("Nő",), ("жен",), ("Total", "M"), ("M", "V"), ("V", "M")),
        *(("J", "F", "M", "A"), ("M", "F", "X", "Y"), ("H", "F", "M"), ("A", "B", "F"), ("W", "%")),
    ],
)
def test_single_or_contradictory_letters_are_not_sexes(recogniser: Recogniser, labels: tuple[str, ...]) -> None:
    by_label = recognise_list(labels, "SEX", recogniser)
    assert not any(candidate.confidence >= 0.5 for label in labels if len(label) < 4 for candidate in by_label[label])


@pytest.mark.parametrize("concept", ["SEX", "MONTH", "AGE", "TIME_PERIOD"])
@pytest.mark.parametrize("label", ["No.", "No", "Nº", "N°", "Nr.", "№", "#", "n", "Num.", "%", "km²", "T%", "бр."])
def test_number_words_are_not_read_as_sex_month_or_age(recogniser: Recogniser, label: str, concept: str) -> None:
    assert recogniser.candidates(label, concept) == ()
    assert recognise_list([label, "%", "Male", "Female"], concept, recogniser)[label] == ()


def test_short_words_are_not_looked_for_inside_longer_labels(recogniser: Recogniser) -> None:
    inside = recogniser.vocabulary.inside
    labels = ("No. of cases", "Cases (No.)", "n of cases", "W. area")
    assert [one.code for label in labels for one in inside("SEX", label)] == []
    assert [one.code for one in inside("SEX", "Foreign-born men")] == ["M"]


@pytest.mark.parametrize(
    "label", ["No. 2019", "Se 2014", "La 2019", "De 2019", "Me 2019", "Sa 2020", "Her 2019", "Num 2020"]
)
def test_short_words_beside_a_year_are_not_months(recogniser: Recogniser, label: str) -> None:
    found = moment(label, recogniser.vocabulary)
    assert found is None or found.freq == "A"


@cases_from("conversion/recognition/cases/bare_numbers_are_ages_in_context_only.csv", labels=listed, read=truth)
def test_bare_numbers_are_ages_only_in_context(
    recogniser: Recogniser, labels: tuple[str, ...], head: str, *, read: bool
) -> None:
    by_label = recognise_list(labels, "AGE", recogniser, head=head)
    assert all((many[0].confidence >= 0.5) is read for many in by_label.values())


@pytest.mark.parametrize(
    ("head", "letters", "sure"),
    [
        *(("Flag", "A E", False), ("Status", "B F", False), ("Country", "M F", False), ("Age", "H M", False)),
        *(("Sex", "A E", True), ("", "B F", True), ("Gender", "M F", True), ("Sexo", "H M", True)),
    ],
)
def test_letters_under_other_headers_are_kept(recogniser: Recogniser, head: str, letters: str, *, sure: bool) -> None:
    by_label = recognise_list(letters.split(), "SEX", recogniser, head=head)
    assert all(bool(many) and many[0].is_applied for many in by_label.values()) is sure
    assert any(bool(many) and many[0].is_applied for many in by_label.values()) is sure
