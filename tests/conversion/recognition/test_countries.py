"""Recognise countries in labels as tables write them; uncertain labels are never applied without a question."""

from __future__ import annotations

import random

import pytest

from sdmxmig.conversion.recognition import Recogniser
from sdmxmig.conversion.recognition.lists import recognise_list


def applied(recogniser: Recogniser, label: str) -> str:
    """The code that is applied to a label without asking, or nothing."""
    candidates = recogniser.candidates(label, "PARTNER")
    return candidates[0].code if candidates and candidates[0].is_applied else ""


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("Korea, Republic of", "KR"),
        ("Iran (Islamic Republic of)", "IR"),
        ("China 1)", "CN"),
        ("China(a)", "CN"),
        ("Sudan²", "SD"),
        ("  .. South America", "005"),
        ("of which: Poland", "PL"),
        ("darunter Polen", "PL"),
        ("в том числе Польша", "PL"),
        ("410 Republic of Korea", "KR"),
        ("Dem. Rep. of the Congo", "CD"),
        ("Congo (Rép. dém.)", "CD"),
        ("República de Eslovenia", "SI"),
        ("Republik Slowenien", "SI"),
        ("スロベニア共和国", "SI"),
        ("la República Dominicana", "DO"),
        ("Slowakische Republik", "SK"),
        ("Republika Kongo", "CG"),
        ("Demokratická republika Kongo", "CD"),
        ("Korejská lidově demokratická republika", "KP"),
        ("中华人民共和国", "CN"),
        ("Islas de Cocos y Keeling", "CC"),
        ("G e o r g i e n", "GE"),
    ],
)
def test_names_with_marks_inversions_and_solemn_words(recogniser: Recogniser, label: str, code: str) -> None:
    assert applied(recogniser, label) == code


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("Georgians", "GE"),
        ("Marocains", "MA"),
        ("marroquíes", "MA"),
        ("Türken", "TR"),
        ("грузины", "GE"),
        ("مصريون", "EG"),
        ("Gruziya", "GE"),
        ("Ukrayina", "UA"),
    ],
)
def test_demonyms_and_other_scripts_in_latin_letters(recogniser: Recogniser, label: str, code: str) -> None:
    assert applied(recogniser, label) == code


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("Total", "_T"),
        ("Insgesamt", "_T"),
        ("المجموع", "_T"),
        ("ogółem", "_T"),
        ("総数", "_T"),
        ("World", "_T"),
        ("Not stated", "_U"),
        ("Не указано", "_U"),
        ("Stateless", "STLS"),
        ("apatrides", "STLS"),
        ("Other countries", "_O"),
        ("بلدان أخرى", "_O"),
        ("Total Africa", "002"),
    ],
)
def test_totals_unknown_stateless_and_others(recogniser: Recogniser, label: str, code: str) -> None:
    assert applied(recogniser, label) == code


@pytest.mark.parametrize(
    "label",
    [
        *("Congo", "Guinea", "Korea", "Other Africa", "Rest of Europe", "Republic of China"),
        *("Virgin Islands", "Islas Vírgenes", "圣马丁"),
    ],
)
def test_ambiguous_country_label_is_not_applied(recogniser: Recogniser, label: str) -> None:
    candidates = recogniser.candidates(label, "PARTNER")
    assert candidates
    assert not any(candidate.is_applied for candidate in candidates)


@pytest.mark.parametrize(
    "label",
    [
        *("Iran/Iraq", "Sudan & South Sudan", "Poland or Germany", "China and Hong Kong", "Italia e Francia"),
        *("Germany/other", "Stateless/Unknown", "Autres et non déclarés"),
        *("Georgia (US)", "Luxembourg (Belgium)", "Bayern (Germany)", "Mexico City", "State of Georgia", "Scotland"),
        *("St. Maarten/St. Martin", "Serbia/Kosovo", "France/DOM-TOM", "Samoa/Tonga"),
        *("Doğu Almanya Cumhuriyeti", "male", "us", "É.-U.", "Romani", "non-Germans", "without Poland"),
    ],
)
def test_two_countries_or_part_of_a_country_is_not_applied(recogniser: Recogniser, label: str) -> None:
    assert not applied(recogniser, label)
    by_label = recognise_list(["Spain", "Poland", "France", "Italy", "Chile", label], "PARTNER", recogniser)[label]
    assert not any(candidate.is_applied for candidate in by_label)


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("Martinique (France)", "MQ"),
        ("Hong Kong, China", "HK"),
        ("China (Hong Kong)", "HK"),
        ("Republic of China (Taiwan)", "TW"),
        ("Hellas / Greece", "GR"),
        ("PL - Poland", "PL"),
        ("Poland: total", "PL"),
        ("Republic of Zaire", "CD"),
        ("Федерация Сент-Кристофер и Н е в и с", "KN"),
    ],
)
def test_territories_codes_totals_and_saints(recogniser: Recogniser, label: str, code: str) -> None:
    assert applied(recogniser, label) == code


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("en provenance d'Italie", "IT"),
        ("de nacionalidad colombiana", "CO"),
        ("mit türkischer Staatsangehörigkeit", "TR"),
        ("Brazilian-born", "BR"),
        ("из Узбекистана", "UZ"),
        ("občané Ukrajiny", "UA"),
        ("其中:越南", "VN"),
        ("うちベトナム", "VN"),
        ("中国籍", "CN"),
        ("unknown citizenship", "_U"),
        ("Sonstige Staaten", "_O"),
    ],
)
def test_words_around_names(recogniser: Recogniser, label: str, code: str) -> None:
    assert applied(recogniser, label) == code


def test_another_case_of_a_name_is_settled_by_its_neighbours(recogniser: Recogniser) -> None:
    assert not applied(recogniser, "Čadu")
    by_label = recognise_list(["Francie", "Itálie", "Španělsko", "Čadu"], "PARTNER", recogniser)
    assert by_label["Čadu"][0].code == "TD"
    assert by_label["Čadu"][0].is_applied


def test_a_label_without_neighbours_is_settled_by_nothing(recogniser: Recogniser) -> None:
    assert not any(
        candidate.is_applied for candidate in recognise_list(["Portugall"], "PARTNER", recogniser)["Portugall"]
    )


def test_an_unsure_name_of_the_world_stays_unsure(recogniser: Recogniser) -> None:
    assert not applied(recogniser, "Addis Ababa")


@pytest.mark.parametrize("label", ["Mari", "Коллективность Санкт-Бартельми"])
def test_rare_and_inflected_names_are_asked_about(recogniser: Recogniser, label: str) -> None:
    candidates = recogniser.candidates(label, "PARTNER")
    assert [candidate.code for candidate in candidates] in (["ML"], ["BL"])
    assert not candidates[0].is_applied


@pytest.mark.parametrize("label", ["Far North District", "Widgets", "Buenos Aires", "12", "", "Slovania", "Nigera"])
def test_label_that_is_not_a_country_is_not_applied(recogniser: Recogniser, label: str) -> None:
    assert not applied(recogniser, label)


def test_the_neighbours_in_a_list_settle_a_name_of_several_countries(recogniser: Recogniser) -> None:
    labels = ["Congo", "Democratic Republic of the Congo", "Gabon", "Guinea", "Guinea-Bissau", "Equatorial Guinea"]
    by_label = recognise_list(labels, "PARTNER", recogniser)
    assert (by_label["Congo"][0].code, by_label["Guinea"][0].code) == ("CG", "GN")
    assert all(by_label[label][0].is_applied for label in labels)


def test_misspelt_names_have_the_right_nearest_candidate(recogniser: Recogniser) -> None:
    for written, code in (("Gerogia", "GE"), ("Azerbaidjann", "AZ"), ("Kazakstan", "KZ"), ("Phillipines", "PH")):
        candidates = recogniser.candidates(written, "PARTNER") or recogniser.near(written, "PARTNER")
        assert candidates[0].code == code, written


def test_a_slip_of_the_pen_is_never_applied_to_a_wrong_country(recogniser: Recogniser) -> None:
    dice = random.Random(5)
    areas = recogniser.countries.areas
    names = sorted(name for name, code in ((title, code) for code, title in areas.titles.items()) if code.isalpha())
    for name in dice.sample(names, 12):
        at = dice.randrange(1, len(name))
        slip = name[:at] + dice.choice("aeinrst") + name[at + 1 :]
        right = set(areas.candidates(name))
        candidates = recogniser.candidates(slip, "PARTNER") or recogniser.near(slip, "PARTNER")
        assert not candidates or not candidates[0].is_applied or candidates[0].code in right | {"_T", "_U"}, slip


def test_the_neighbours_in_a_list_settle_formal_names_and_slips_of_the_pen(recogniser: Recogniser) -> None:
    labels = ["People's Republic of China", "Republic of China", "Kyperská republika", "Portugall", "Spain", "Poland"]
    by_label = recognise_list(labels, "PARTNER", recogniser)
    assert [by_label[label][0].code for label in labels] == ["CN", "TW", "CY", "PT", "ES", "PL"]
    assert all(by_label[label][0].is_applied for label in labels)


def test_a_slip_that_may_be_two_countries_is_not_settled_by_a_list(recogniser: Recogniser) -> None:
    labels = ["Slovania", "Spain", "Poland", "France", "Italy"]
    by_label = recognise_list(labels, "PARTNER", recogniser)
    assert not any(candidate.is_applied for candidate in by_label["Slovania"])


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("United Kingdom of Great Brita", "GB"),
        ("Bosnia and Herzegovin", "BA"),
        ("Democratic Republic of the Con", "CD"),
        ("Democratic People's Republic o", "KP"),
        ("Lao People's Democratic Republ", "LA"),
        ("Micronesia (Federated States o", "FM"),
        ("Bolivia (Plurinational State o", "BO"),
        ("United States Minor Outlying I", "UM"),
        ("Former Yugoslav Republic of Ma", "MK"),
        ("Dominican Republ", "DO"),
        ("United Republic of", "TZ"),
        ("República Centroafri", "CF"),
        ("Vereinigte Arabische Em", "AE"),
        ("Соединенные Штаты Америк", "US"),
    ],
)
def test_names_that_a_column_cut_off_are_settled_by_their_neighbours(
    recogniser: Recogniser, label: str, code: str
) -> None:
    assert not applied(recogniser, label)
    by_label = recognise_list(["Spain", "Poland", "France", "Italy", "Chile", label], "PARTNER", recogniser)[label]
    assert (by_label[0].code, by_label[0].is_applied) == (code, True)


@pytest.mark.parametrize(
    "label",
    [
        *("British India", "Democratic Repub", "Islamic Republic", "República Democrática", "People's Republic"),
        *("Federal Republic", "Pacific Islands", "New South Wales", "Central American", "Republic of"),
    ],
)
def test_beginnings_of_several_names_and_other_names_are_not_names_that_were_cut_off(
    recogniser: Recogniser, label: str
) -> None:
    by_label = recognise_list(["Spain", "Poland", "France", "Italy", "Chile", label], "PARTNER", recogniser)[label]
    assert not any(candidate.is_applied for candidate in by_label)


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("República de Sudán", "SD"),
        ("Dominikanische Rep.", "DO"),
        ("Georgia 1/", "GE"),
        ("Georgia /1", "GE"),
        ("Georgia a)", "GE"),
        ("Georgia (ii)", "GE"),
        ("Georgia†", "GE"),
        ("Georgia #1", "GE"),
        ("格鲁吉亚①", "GE"),
        ("格鲁吉亚 注1", "GE"),
        ("ジョージア※1", "GE"),
        ("جورجيا (١)", "GE"),
        ("ሳዑዲ ዓረቢያ", "SA"),
        ("ግብፅ", "EG"),
        ("ሕንድ", "IN"),
        ("ሱማሌ", "SO"),
        ("ኢጣሊያ", "IT"),
        ("ታላቋ ብሪታኒያ", "GB"),
        ("ጠቅላላ ድምር", "_T"),
        ("ሌሎች ሀገሮች", "_O"),
        ("Mỹ", "US"),
        ("Guinée", "GN"),
        ("Guinée Conakry", "GN"),
        ("Emirats arabes", "AE"),
    ],
)
def test_names_with_note_signs_and_in_other_spellings(recogniser: Recogniser, label: str, code: str) -> None:
    assert applied(recogniser, label) == code


@pytest.mark.parametrize(
    ("label", "whole"),
    [
        ("Scotland", "GB"),
        ("Inglaterra", "GB"),
        ("Écosse", "GB"),
        ("Zanzibar", "TZ"),
        ("Northern Cyprus", "CY"),
        ("KKTC", "CY"),
        ("Крым", "UA"),
        ("Abkhazia", "GE"),
        ("Приднестровье", "MD"),
        ("Somaliland", "SO"),
        ("DOM-TOM", "FR"),
        ("中国大陆", "CN"),
        ("Gaza Strip", "PS"),
        ("Tanzania (Zanzibar)", "TZ"),
        ("Spain - Catalonia", "ES"),
    ],
)
def test_parts_of_countries_are_asked_about_with_the_whole(recogniser: Recogniser, label: str, whole: str) -> None:
    by_label = recognise_list(["Poland", "Italy", "Chile", "Egypt", "Kenya", label], "PARTNER", recogniser)[label]
    assert by_label[-1].code == whole
    assert not any(candidate.is_applied for candidate in by_label)


@pytest.mark.parametrize(
    ("label", "code"),
    [("Kosovo", "412"), ("Taiwan", "TW"), ("Hong Kong", "HK"), ("Macao", "MO"), ("Puerto Rico", "PR"), ("Åland", "AX")],
)
def test_parts_with_a_code_of_their_own_in_lists_of_partners_are_certain(
    recogniser: Recogniser, label: str, code: str
) -> None:
    assert applied(recogniser, label) == code
