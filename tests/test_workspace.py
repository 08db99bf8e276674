"""A workspace is read with every key checked; a mistake is named where it stands, with what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdmxmig.errors import DeclarationError, SdmxmigError
from sdmxmig.model.artefacts import Text
from sdmxmig.model.profile import Answer, BenchmarkItem, Profile, Scale
from sdmxmig.workspace import open_workspace, read_profile

COUNTRY = """
[country]
area = "GE"
name.en = "Georgia"
office.en = "National Statistics Office of Georgia (Geostat)"
office.fr = "Office national de la statistique de Géorgie"
language = "en"

[message]
sender = "GE1"
receiver = "UNSD"
test = true
"""
PROFILE = """
area = "GE"
year = "2024"
signed_off = ""

[sources]
G1 = "Geostat, page “Population”"
G45 = "FactCheck.ge, 2022"

[items.B01]
answer = "3"
practice.en = "183 days in the 12 months before"
sources = ["G45"]
mark = "B"

[items.A01]
answer = "Y"
sources = ["G1", "G45"]
mark = "A"

[items.B02]

[indicators.IMM_RATE]
answer = "3"
practice.en = "Published every April"
"""
ITEMS = {
    one: BenchmarkItem(one, one[0], Text.of(en=one), Text(), scale)
    for one, scale in (("A01", "YNP"), ("B01", "ALIGN"), ("B02", "ALIGN"))
}
SCALES = {
    name: Scale(name, tuple((code, Text.of(en=code)) for code in codes), ())
    for name, codes in {"YNP": "YPN", "ALIGN": "0123", "AVAIL": "01234"}.items()
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    written = {
        "country.toml": COUNTRY,
        "profile.toml": PROFILE,
        "tables/population.xlsx": "",
        "tables/migration.xlsx": "",
        "tables/~$migration.xlsx": "",
        "tables/.~lock.population.xlsx#": "",
        "mappings/population.toml": "",
        "mappings/notes.txt": "",
    }
    for name, content in written.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, "utf-8")
    return tmp_path


def profile_of(content: str) -> Profile:
    return read_profile("profile.toml", content.encode(), ITEMS, {"IMM_RATE", "EMI_RATE"}, SCALES)


def test_a_workspace_says_who_it_is_and_which_files_it_has(folder: Path) -> None:
    found = open_workspace(folder)
    assert (found.area, str(found.name), found.language) == ("GE", "Georgia", "en")
    assert found.office.in_language("fr") == "Office national de la statistique de Géorgie"
    assert (found.sender, found.receiver, found.test) == ("GE1", "UNSD", True)
    assert [path.name for path in found.tables] == ["migration.xlsx", "population.xlsx"]
    assert [path.name for path in found.mappings] == ["population.toml"]
    assert found.profile == folder / "profile.toml"
    assert found.out == folder / "out"


def test_a_workspace_may_have_no_files_yet(tmp_path: Path) -> None:
    (tmp_path / "country.toml").write_text(COUNTRY, "utf-8")
    found = open_workspace(tmp_path)
    assert (found.tables, found.mappings, found.profile) == ((), (), None)


def test_messages_are_tests_unless_the_workspace_says_otherwise(folder: Path) -> None:
    (folder / "country.toml").write_text(COUNTRY.replace("test = true\n", ""), "utf-8")
    assert open_workspace(folder).test is True


@pytest.mark.parametrize("name", ["nowhere", "tables"])
def test_a_folder_that_is_no_workspace_tells_how_to_make_one(folder: Path, name: str) -> None:
    with pytest.raises(SdmxmigError) as caught:
        open_workspace(folder / name)
    assert caught.value.hint == f"Make a workspace with: sdmxmig init {folder / name}"


@pytest.mark.parametrize(
    ("old", "new", "key", "said"),
    [
        ('area = "GE"', 'area = "Georgia"', "country.area", "“Georgia” cannot be the area"),
        ('area = "GE"', "", "country", "“area” is missing"),
        ('area = "GE"', 'area = "GE\\n"', "country.area", "cannot be the area"),
        ('language = "en"', 'langauge = "en"', "country", "“language” is missing"),
        ('language = "en"', 'language = "en"\ncurrency = "GEL"', "country.currency", "“currency” is not known here"),
        ('language = "en"', 'language = "English"', "country.language", "“English” cannot be the language"),
        ('sender = "GE1"', 'sender = "1 GE"', "message.sender", "“1 GE” cannot be the sender"),
        ("test = true", 'test = "yes"', "message.test", "should be true or false"),
        ("test = true", "tset = true", "message.tset", "Did you mean “test”?"),
        ("[message]", "[massage]", "", "“message” is missing"),
        ("[message]", "[extra]\n[message]", "extra", "“extra” is not known here"),
    ],
)
def test_a_mistake_in_country_toml_is_named_by_its_key(folder: Path, old: str, new: str, key: str, said: str) -> None:
    (folder / "country.toml").write_text(COUNTRY.replace(old, new), "utf-8")
    with pytest.raises(DeclarationError) as caught:
        open_workspace(folder)
    assert caught.value.place is not None
    assert (Path(caught.value.place.file).name, caught.value.place.key) == ("country.toml", key)
    assert said in str(caught.value)


def test_a_profile_has_answers_with_their_evidence_in_the_order_of_the_items() -> None:
    found = profile_of(PROFILE)
    assert (found.area, found.year, found.signed_off) == ("GE", "2024", "")
    assert list(found.answers) == ["A01", "B01", "B02"]
    practice = Text.of(en="183 days in the 12 months before")
    assert found.answers["B01"] == Answer("B01", "3", practice, sources=("G45",), mark="B")
    assert found.answers["B02"].answer == ""
    assert found.indicators["IMM_RATE"].answer == "3"
    assert found.sources["G45"] == "FactCheck.ge, 2022"


@pytest.mark.parametrize(
    ("old", "new", "key", "said"),
    [
        ("[items.B01]", "[items.B1]", "items.B1", "There is no benchmarking item “B1”. Did you mean “B01”?"),
        ("IMM_RATE]", "IM_RATE]", "indicators.IM_RATE", "There is no indicator “IM_RATE”. Did you mean “IMM_RATE”?"),
        ('"Y"', '"yes"', "items.A01.answer", "“yes” is not an answer of the scale YNP. Its codes are: Y, P, N."),
        (
            'answer = "3"\npractice.en = "18',
            'answer = "4"\npractice.en = "18',
            "items.B01.answer",
            "of the scale ALIGN",
        ),
        ('["G1", "G45"]', '["G1", "G46"]', "items.A01.sources", "There is no source “G46”. Did you mean “G45”?"),
        ('mark = "A"', 'mark = "C"', "items.A01.mark", "“C” is not a mark"),
        ('mark = "A"', 'marks = "A"', "items.A01.marks", "Did you mean “mark”?"),
        ('year = "2024"', 'year = "last"', "year", "“last” cannot be the year"),
        ('year = "2024"', "year = 2024", "year", "should be a text in quotes"),
        ('area = "GE"', 'area = "GEO"', "area", "“GEO” cannot be the area"),
        ('signed_off = ""', 'signed = ""', "signed", "Did you mean “signed_off”?"),
    ],
)
def test_a_mistake_in_a_profile_is_named_with_what_was_meant(old: str, new: str, key: str, said: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        profile_of(PROFILE.replace(old, new, 1))
    assert caught.value.place is not None
    assert (caught.value.place.file, caught.value.place.key) == ("profile.toml", key)
    assert said in str(caught.value)


def test_a_profile_that_is_no_toml_is_refused_with_the_line() -> None:
    with pytest.raises(DeclarationError, match=r"profile\.toml:1:"):
        profile_of("area = GE")
