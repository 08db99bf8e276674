"""Ages, periods, months, sexes and statuses are recognised as tables of many languages write them."""

from __future__ import annotations

import pytest

from sdmxmig.recognition import Recogniser
from sdmxmig.recognition.times import moment


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("15-24 years", "Y15T24"),
        ("15–24", "Y15T24"),
        ("65+", "Y_GE65"),
        ("75 years and over", "Y_GE75"),
        ("under 1", "Y0"),
        ("In 1st year", "Y0"),
        ("Under 15 years", "Y_LT15"),
        ("<15", "Y_LT15"),
        ("de 15 à 24 ans", "Y15T24"),
        ("65 ans et plus", "Y_GE65"),
        ("15–19 Jahre", "Y15T19"),
        ("15 bis unter 20 Jahre", "Y15T19"),
        ("85 Jahre und älter", "Y_GE85"),
        ("de 15 a 19 años", "Y15T19"),
        ("65 y más", "Y_GE65"),
        ("15-19 лет", "Y15T19"),
        ("65 лет и старше", "Y_GE65"),
        ("من 15 إلى 19 سنة", "Y15T19"),
        ("65 سنة فأكثر", "Y_GE65"),
        ("15至19岁", "Y15T19"),
        ("65岁及以上", "Y_GE65"),
        ("до 15 лет", "Y_LT15"),
        ("poniżej 5 lat", "Y_LT5"),
        ("15 yaş altı", "Y_LT15"),
        ("زیر 15 سال", "Y_LT15"),
        ("ต่ำกว่า 15 ปี", "Y_LT15"),
        ("méně než 5 let", "Y_LT5"),
        ("0–4-vuotiaat", "Y0T4"),
        ("0-4 वर्ष", "Y0T4"),
        ("0-4 տարեկան", "Y0T4"),
        ("entre 0 et 4 ans", "Y0T4"),
        ("between 0 and 4 years", "Y0T4"),
        ("ab 65 Jahre", "Y_GE65"),
        ("65 ετών και άνω", "Y_GE65"),
        ("65 tuổi trở lên", "Y_GE65"),
        ("65 metų ir vyresni", "Y_GE65"),
        ("Edad no especificada", "_U"),
        ("37 years", "Y37"),
        ("0-11 months", "M0T11"),
        ("Y15-64", "Y15T64"),
        ("Total", "_T"),
        ("Not stated", "_U"),
    ],
)
def test_ages(recogniser: Recogniser, label: str, code: str) -> None:
    assert recogniser.candidates(label, "AGE")[0].code == code


@pytest.mark.parametrize("label", ["over 65", "plus de 65 ans", "0 tot 5 jaar", "65-"])
def test_ages_with_two_readings_are_asked_about(recogniser: Recogniser, label: str) -> None:
    found = recogniser.candidates(label, "AGE")
    assert found
    assert not found[0].is_applied


@pytest.mark.parametrize("label", ["2014-15", "1821-30", "Table 5", "20-15", "5 persons", "Georgia"])
def test_what_is_no_age(recogniser: Recogniser, label: str) -> None:
    assert recogniser.candidates(label, "AGE") == ()


@pytest.mark.parametrize(
    ("label", "period", "freq"),
    [
        ("2014", "2014", "A"),
        ("2014¹", "2014", "A"),
        ("1978Q2", "1978-Q2", "Q"),
        ("Q1-2019", "2019-Q1", "Q"),
        ("2014M05", "2014-05", "M"),
        ("mai 2014", "2014-05", "M"),
        ("Январь 2020", "2020-01", "M"),
        ("2020年", "2020", "A"),
        ("2014 год", "2014", "A"),
        ("Y1970 1970", "1970", "A"),
        ("31.12.2014", "2014-12-31", "D"),
        ("1821-30", "1821-01-01/P10Y", "A"),
        ("30 June 2021", "2021-06-30", "D"),
        ("1 de enero de 2022", "2022-01-01", "D"),
        ("1 января 2020 г.", "2020-01-01", "D"),
        ("June 30, 2021", "2021-06-30", "D"),
        ("2563 (2020)", "2020", "A"),
    ],
)
def test_periods(recogniser: Recogniser, label: str, period: str, freq: str) -> None:
    found = moment(label, recogniser.vocabulary)
    assert found is not None
    assert (found.period, found.freq) == (period, freq)


@pytest.mark.parametrize(
    "label", ["31.02.2014", "31 June 2021", "20140", "Table 2014 of persons by country and sex", "1015"]
)
def test_what_is_no_certain_period(recogniser: Recogniser, label: str) -> None:
    found = moment(label, recogniser.vocabulary)
    assert found is None or found.confidence < 0.9


def test_spans_of_years_are_asked_about(recogniser: Recogniser) -> None:
    found = recogniser.candidates("2014/15", "TIME_PERIOD")
    assert found
    assert not found[0].is_applied


@pytest.mark.parametrize(
    ("label", "concept", "code"),
    [
        ("Females", "SEX", "F"),
        ("Hommes", "SEX", "M"),
        ("Mujeres", "SEX", "F"),
        ("männlich", "SEX", "M"),
        ("женщины", "SEX", "F"),
        ("ذكور", "SEX", "M"),
        ("男", "SEX", "M"),
        ("ქალი", "SEX", "F"),
        ("Both sexes", "SEX", "_T"),
        ("foreign-born", "BIRTH_STATUS", "FB"),
        ("utrikes födda", "BIRTH_STATUS", "FB"),
        ("Ausländer", "CTZ_STATUS", "FC"),
        ("nationals", "CTZ_STATUS", "NC"),
        ("Zuzüge", "DIRECTION", "I"),
        ("départs", "DIRECTION", "E"),
        ("in thousands", "UNIT_MULT", "3"),
        ("тыс. чел.", "UNIT_MULT", "3"),
        ("per cent", "UNIT_MEASURE", "PT"),
        ("provisional", "OBS_STATUS", "P"),
        ("März", "MONTH", "03"),
        ("يناير", "MONTH", "01"),
        ("I квартал", "QUARTER", "Q1"),
        ("2e trimestre", "QUARTER", "Q2"),
        ("第三季度", "QUARTER", "Q3"),
        ("4. Quartal", "QUARTER", "Q4"),
        ("Women+", "SEX", "F"),
        ("γυναίκες", "SEX", "F"),
    ],
)
def test_words(recogniser: Recogniser, label: str, concept: str, code: str) -> None:
    found = recogniser.candidates(label, concept)
    assert found[0].code == code
    assert found[0].is_applied


def test_titles_are_searched_for_words(recogniser: Recogniser) -> None:
    title = "Table 3. Foreign-born population by country of birth, 1 January, in thousands"
    inside = recogniser.vocabulary.inside
    assert {one.code for one in inside("ROLE", title)} >= {"C_BIRTH"}
    assert [one.code for one in inside("UNIT_MULT", title)] == ["3"]
    assert [one.code for one in inside("REF_DATE", title)] == ["D0101"]
    assert [one.code for one in inside("BIRTH_STATUS", title)] == ["FB"]
