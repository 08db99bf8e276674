"""Citizens of another country than the reporter are foreign citizens, with their country as citizenship."""

from __future__ import annotations

import pytest
from proposed import asked, tried

TABLE = "## Sheet S\n| {title} |\n| Year | Men | Women |\n| 2021 | 1100 | 1050 |\n| 2022 | 1160 | 1130 |\n"


def fixed(title: str, area: str, flow: str) -> dict[str, str]:
    return dict(tried(TABLE.format(title=title), flow, area).proposal.mapping.blocks[0].fixed)


@pytest.mark.parametrize(
    ("title", "area", "country"),
    [
        ("Polish citizens in Germany by sex", "DE", "PL"),
        ("Ciudadanos venezolanos en Chile por sexo", "CL", "VE"),
        ("Syrische Staatsangehörige in Österreich nach Geschlecht", "AT", "SY"),
        ("Граждане Киргизии в Казахстане по полу", "KZ", "KG"),
        ("Magyar állampolgárok Ausztriában nem szerint", "AT", "HU"),
        ("Brasileiros em Portugal por sexo", "PT", "BR"),
    ],
)
def test_citizens_of_another_country_are_foreign_citizens(title: str, area: str, country: str) -> None:
    codes = fixed(title, area, "DF_POP")
    assert (codes["CTZ_STATUS"], codes["C_CITIZEN"], codes["C_BIRTH"]) == ("FC", country, "_T")
    parts = [question.part for question in asked(tried(TABLE.format(title=title), "DF_POP", area))]
    assert sorted(parts) == ["fixed CTZ_STATUS", "fixed C_CITIZEN"]


def test_people_born_in_another_country_are_asked_about_by_birth_alone() -> None:
    trial = tried(TABLE.format(title="Persons born in Poland living in Germany by sex"), "DF_POP", "DE")
    assert [(question.part, question.chosen.code) for question in asked(trial)] == [("fixed C_BIRTH", "PL")]


@pytest.mark.parametrize(
    ("title", "area", "flow"),
    [
        ("Imigranci do Polski według płci", "PL", "DF_IMM"),
        ("Emigranci z Polski", "PL", "DF_EMI"),
        ("Imigranti do Česka", "CZ", "DF_IMM"),
    ],
)
def test_country_behind_a_preposition_is_no_people(title: str, area: str, flow: str) -> None:
    assert fixed(title, area, flow)["CTZ_STATUS"] == "_T"


@pytest.mark.parametrize(("title", "area"), [("Kenyan emigrants", "KE"), ("Obywatele polscy według płci", "PL")])
def test_own_citizens_stay_citizens_of_the_country(title: str, area: str) -> None:
    assert fixed(title, area, "DF_EMI")["CTZ_STATUS"] == "NC"
