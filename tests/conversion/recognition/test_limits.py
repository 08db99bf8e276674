"""Labels that mean less or more than the area they name are asked about, with that area as a low candidate."""

from __future__ import annotations

import pytest

from sdmxmig.conversion.recognition import Recogniser
from sdmxmig.conversion.recognition.lists import recognise_list
from sdmxmig.conversion.recognition.mentions import read_title

COUNTRIES = ("Spain", "Poland", "France", "Italy", "Chile")


@pytest.mark.parametrize(
    ("label", "area"),
    [
        ("Europe (non-EU)", "150"),
        ("Asie (hors Chine)", "142"),
        ("Afrique (hors Maghreb)", "002"),
        ("China (excl. Hong Kong)", "CN"),
        ("EU-27 (ohne Deutschland)", "097"),
        ("бывший СССР (кроме Прибалтики)", "SU"),
        ("亚洲（不含中国）", "142"),
        ("Asya (Çin hariç)", "142"),
        ("Avrupa (AB dışı)", "150"),
        ("アジア（中国を除く）", "142"),
        ("아시아(중국 제외)", "142"),
        ("Ázsia (Kína nélkül)", "142"),
        ("Європа (без України)", "150"),
        ("Evropa (mimo EU)", "150"),
        ("एशिया (चीन को छोड़कर)", "142"),
        ("เอเชีย (ยกเว้นจีน)", "142"),
        ("Châu Á (trừ Trung Quốc)", "142"),
        ("აზია (ჩინეთის გარდა)", "142"),
        ("Francia (salvo Córcega)", "FR"),
        ("Ex-USSR without Baltics", "SU"),
        ("América Latina sin Brasil", "419"),
        ("أفريقيا عدا مصر", "002"),
        ("آسیا به جز چین", "142"),
        ("Asia*excl.", "142"),
        ("Asia - excl. China", "142"),
        ("Asia w/o China", "142"),
        ("Asia ex Japan", "142"),
        ("Europa, poza UE", "150"),
        ("Italia esclusa", "IT"),
        ("中国を除くアジア", "142"),
        ("Serbien ohne Kosovo", "RS"),
    ],
)
def test_area_without_a_part_is_not_the_whole_area(recogniser: Recogniser, label: str, area: str) -> None:
    by_label = recognise_list([*COUNTRIES, label], "PARTNER", recogniser)[label]
    assert [one.code for one in by_label] == [area]
    assert by_label[0].confidence < 0.3
    assert by_label[0].reason.startswith("less than ")


@pytest.mark.parametrize(
    ("label", "area"),
    [
        ("China (incl. Hong Kong)", "CN"),
        ("Китай (включая Гонконг)", "CN"),
        ("中国（含香港）", "CN"),
        ("Finland (incl. Åland)", "FI"),
        ("France (incl. overseas departments)", "FR"),
        ("Denmark including Greenland", "DK"),
        ("Dänemark einschl. Grönland", "DK"),
        ("Danmark inkl. Færøerne", "DK"),
        ("France y compris DOM", "FR"),
        ("Serbia with Kosovo", "RS"),
        ("Serbien mit Kosovo", "RS"),
        ("Marruecos con Sahara Occidental", "MA"),
        ("المغرب بما في ذلك الصحراء الغربية", "MA"),
    ],
)
def test_area_with_an_addition_is_not_the_area_alone(recogniser: Recogniser, label: str, area: str) -> None:
    by_label = recognise_list([*COUNTRIES, label], "PARTNER", recogniser)[label]
    assert [one.code for one in by_label] == [area]
    assert by_label[0].confidence < 0.3
    assert by_label[0].reason.startswith("more than ")


@pytest.mark.parametrize(
    "label",
    [
        *("extra-EU", "Non-EU", "non-Germans", "Not Polish", "não brasileiros", "Kína nélkül", "AB dışı"),
        *("hors France", "вне ЕС", "other than Poland", "outside Europe", "EU以外", "Non-Kenyans", "nicht Deutsche"),
    ],
)
def test_everything_except_an_area_maps_to_other(recogniser: Recogniser, label: str) -> None:
    by_label = recognise_list([*COUNTRIES, label], "PARTNER", recogniser)[label]
    assert [one.code for one in by_label] == ["_O"]
    assert by_label[0].reason.startswith("all but ")
    assert not by_label[0].is_applied


@pytest.mark.parametrize(
    "label",
    [
        *("Other Europe", "Africa, other", "Africa others", "Afrique, autres", "Africa n.e.s.", "Other Asia n.e.s."),
        *("亚洲其他国家", "アジア（その他）", "その他アジア", "기타 아시아", "Азия, прочие", "آسيا (أخرى)"),
        *("Resto de América del Sur", "Reste de l'Europe", "Übriges Afrika", "Asia (rest)"),
    ],
)
def test_rest_of_a_region_is_not_applied(recogniser: Recogniser, label: str) -> None:
    by_label = recognise_list([*COUNTRIES, label], "PARTNER", recogniser)[label]
    assert by_label[0].code == "_O"
    assert by_label[0].reason.startswith("what remains of ")
    assert not any(candidate.is_applied for candidate in by_label)


@pytest.mark.parametrize(
    "label",
    ["Various", "Mixed", "Several", "Diverses", "Разные", "متنوعة", "Çeşitli", "各種", "n.e.s.", "Varios países"],
)
def test_words_of_no_country_are_others_or_unknown(recogniser: Recogniser, label: str) -> None:
    by_label = recognise_list([*COUNTRIES, "Other", label], "PARTNER", recogniser)[label]
    assert [candidate.code for candidate in by_label] == ["_O", "_U"]
    assert len({candidate.confidence for candidate in by_label}) == 1
    assert not by_label[0].is_applied


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("Guinea-Bissau", "GW"),
        ("Bolivia (Plurinational State of)", "BO"),
        ("Iran (Islamic Republic of)", "IR"),
        ("Japan (exc. Okinawa)", "393"),
        ("Trinidad and Tobago", "TT"),
        ("Sint Maarten", "SX"),
        ("including: Poland", "PL"),
        ("incl. Poland", "PL"),
        ("dont Maroc", "MA"),
        ("w tym: Ukraina", "UA"),
        ("v tom Slovensko", "SK"),
        ("mit türkischer Staatsangehörigkeit", "TR"),
        ("without citizenship", "STLS"),
        ("sans nationalité", "STLS"),
        ("Non-specified", "_U"),
        ("No especificado", "_U"),
        ("Ohne Angabe", "_U"),
        ("Non déclaré", "_U"),
        ("Países no especificados", "_U"),
        ("PA - Panama", "PA"),
        ("Saint Helena SH", "SH"),
        ("né en Algérie", "DZ"),
        ("Ex-URSS", "SU"),
    ],
)
def test_names_and_words_that_look_alike_are_still_read(recogniser: Recogniser, label: str, code: str) -> None:
    candidates = recogniser.candidates(label, "PARTNER")
    assert (candidates[0].code, candidates[0].is_applied) == (code, True)


@pytest.mark.parametrize(
    ("title", "concept"),
    [
        ("Immigrants from Asia excluding China", "EXCLUDING"),
        ("Serbia (without Kosovo)", "EXCLUDING"),
        ("Bevölkerung ohne Berlin", "EXCLUDING"),
        ("Foreigners incl. refugees", "INCLUDING"),
        ("Population of Scotland by age", "PLACE"),
        ("Inmigrantes en Cataluña", "PLACE"),
    ],
)
def test_title_with_an_excluded_included_or_named_part_mentions_it(
    recogniser: Recogniser, title: str, concept: str
) -> None:
    assert read_title(title, recogniser).of(concept)


@pytest.mark.parametrize(
    "title",
    [
        *("Number of immigrants by sex, 2010-2020", "Population, not adjusted", "Persons with disability by sex"),
        *("Non-nationals by age", "Población con estudios superiores", "Bevölkerung mit Migrationshintergrund"),
        *("Population by country of birth", "Población sin nacionalidad", "Emigrants by country, 2020"),
        "Foreign residents by region",
    ],
)
def test_title_without_an_area_limit_has_no_such_mention(recogniser: Recogniser, title: str) -> None:
    assert not read_title(title, recogniser).of("EXCLUDING", "INCLUDING")
