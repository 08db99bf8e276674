"""Names of countries are recognised in any language and spelling; ambiguous ones are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from case_tables import cases_from, listed
from folders import write_files
from shipped import CATALOGUE

from sdmxmig.catalogue.areas import Areas, fold_name, read_areas
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.model.artefacts import Annotation, Item, ItemScheme, Text
from sdmxmig.sdmx.model.references import Ref


@pytest.fixture(scope="module")
def areas() -> Areas:
    return read_areas(CATALOGUE.item_scheme("SDMX:CL_AREA(2.0)"))


@cases_from("catalogue/cases/names_are_known_in_many_languages.csv")
def test_names_are_recognised_in_many_languages(areas: Areas, name: str, code: str) -> None:
    assert areas.code(name) == code


@cases_from("catalogue/cases/old_names_are_known.csv")
def test_former_names_are_recognised(areas: Areas, name: str, code: str) -> None:
    assert areas.code(name) == code


@pytest.mark.parametrize("name", ["Côte d’Ivoire", "COTE D'IVOIRE", "cote d’ivoire", "Cote-d'Ivoire ", "Ivory Coast"])
def test_case_accents_and_punctuation_do_not_matter(areas: Areas, name: str) -> None:
    assert areas.code(name) == "CI"


@pytest.mark.parametrize("name", ["Korea, Republic of", "Republic of Korea", "South Korea", "KOR", "410", "KR", "kr"])
def test_inverted_names_and_other_codes_are_recognised(areas: Areas, name: str) -> None:
    assert areas.code(name) == "KR"


@pytest.mark.parametrize(("number", "code"), [("004", "AF"), ("4", "AF"), ("28", "AG"), ("002", "002"), ("2", "002")])
def test_numeric_codes_are_recognised_without_leading_zeros(areas: Areas, number: str, code: str) -> None:
    assert areas.code(number) == code


@cases_from("catalogue/cases/ambiguous_names_are_refused_with_their_candidates.csv", codes=listed)
def test_ambiguous_names_are_refused_with_their_candidates(areas: Areas, name: str, codes: tuple[str, ...]) -> None:
    assert areas.candidates(name) == areas.candidates(name, "en") == codes
    with pytest.raises(DeclarationError, match="could mean") as caught:
        areas.code(name)
    assert all(code in caught.value.message for code in codes)


@pytest.mark.parametrize(("name", "code"), [("Sudan", "SD"), ("Yemen", "YE"), ("Ethiopia", "ET"), ("Panama", "PA")])
def test_present_and_former_countries_are_distinguished(areas: Areas, name: str, code: str) -> None:
    assert areas.code(name) == code


def test_language_decides_between_similar_names(areas: Areas) -> None:
    assert areas.candidates("Nigeri") == ("NE", "NG")
    assert areas.candidates("Nigeri", "sq") == ("NG",)


@cases_from("catalogue/cases/meaningful_text_in_brackets_is_kept.csv")
def test_meaningful_text_in_brackets_is_kept(areas: Areas, label: str) -> None:
    assert areas.candidates(label) == ()


@cases_from("catalogue/cases/redundant_text_in_brackets_is_ignored.csv")
def test_redundant_text_in_brackets_is_ignored(areas: Areas, label: str, code: str) -> None:
    assert areas.code(label) == code


def test_nearest_name_is_suggested_for_unknown_name(areas: Areas) -> None:
    with pytest.raises(DeclarationError, match="no country or area “Gerogia”") as caught:
        areas.code("Gerogia")
    assert caught.value.hint == "Did you mean GE (Georgia)?"
    assert areas.candidates("") == ()


def test_every_name_of_the_codelist_finds_its_country(areas: Areas) -> None:
    scheme = CATALOGUE.item_scheme("SDMX:CL_AREA(2.0)")
    for item in scheme:
        for _, name in item.name:
            assert areas.codes[item.id] in areas.candidates(name), (item.id, name)


def test_vowel_signs_of_indic_scripts_are_kept() -> None:
    assert fold_name("माली") != fold_name("मलावी")


SMALL = ItemScheme(
    Ref("Codelist", "SDMX", id="CL_AREA", version="2.0"),
    Text.of(en="Areas"),
    items=(
        Item("268", Text.of(en="Georgia")),
        Item("GE", Text.of(en="Georgia", fr="Géorgie"), annotations=(Annotation("M49", Text.of(en="268")),)),
    ),
)


def own(folder: Path, *lines: str) -> Path:
    return write_files(folder, {"codelists/aliases/CL_AREA.tsv": "\n".join(lines) + "\n"})


HEAD = "code\talias\tlanguages\tsource"


def test_workspace_can_add_names(tmp_path: Path) -> None:
    scheme = CATALOGUE.item_scheme("SDMX:CL_AREA(2.0)")
    areas = read_areas(scheme, own(tmp_path, HEAD, "GE\tColchis\ten\tour old tables"))
    assert (areas.code("Colchis"), areas.code("Georgia")) == ("GE", "GE")


@pytest.mark.parametrize(
    ("lines", "said", "line"),
    [
        (("code\tname", "GE\tColchis"), "The columns of this file are wrong", 1),
        ((HEAD, "GE\tColchis"), "needs 4 cells", 2),
        ((HEAD, "QQ\tColchis\t\tours"), "“QQ” is not a code", 2),
    ],
)
def test_mistake_is_reported_with_its_line(tmp_path: Path, lines: tuple[str, ...], said: str, line: int) -> None:
    with pytest.raises(DeclarationError, match=said) as caught:
        read_areas(SMALL, own(tmp_path, *lines))
    assert caught.value.place.line == line
